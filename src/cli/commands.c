/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "cli/command.h"

const struct vt_command *const vt_commands[] = {&vt_command_run,
                                                &vt_command_predict,
                                                &vt_command_model_show,
                                                &vt_command_model_check,
                                                &vt_command_model_active,
                                                &vt_command_build_supercell,
                                                &vt_command_build_substitute,
                                                &vt_command_build_amorphous,
                                                &vt_command_build_import,
                                                &vt_command_train,
                                                &vt_command_select,
                                                &vt_command_analyze_msd,
                                                &vt_command_analyze_conductivity,
                                                &vt_command_analyze_arrhenius,
                                                &vt_command_analyze_rdf,
                                                &vt_command_analyze_density,
                                                &vt_command_analyze_polyhedra,
                                                &vt_command_analyze_doas,
                                                &vt_command_bench,
                                                &vt_command_info,
                                                NULL};
