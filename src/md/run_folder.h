/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that a run writes to. Of rank 0 alone: nothing here is collective. */
#ifndef VT_RUN_FOLDER_H
#define VT_RUN_FOLDER_H

#include <stdbool.h>

#include "md/run_config.h"

/* "DIRECTORY/NAME"; VT_INPUT if that is too long. */
enum { VT_RUN_PATH_SIZE = 4096 };
enum vt_code vt_run_path(const struct vt_run_config *config, const char *name,
                         char path[VT_RUN_PATH_SIZE], struct vt_error *error);

/* VT_INPUT if the folder holds files that a run of this configuration would write. */
enum vt_code vt_run_folder_check(const struct vt_run_config *config, struct vt_error *error);

/* VT_INPUT if the folder is not there, or no files can be made in it. */
enum vt_code vt_run_folder_check_writable(const struct vt_run_config *config,
                                          struct vt_error *error);

/* Make the folder, if it is not there; without the files of another run, which are removed. */
enum vt_code vt_run_folder_clear(const struct vt_run_config *config, struct vt_error *error);

/* Write config.yaml: every value, and what makes the run. about: lines of comment. */
enum vt_code vt_run_folder_echo(const struct vt_run_config *config, const char *about,
                                struct vt_error *error);

#endif
