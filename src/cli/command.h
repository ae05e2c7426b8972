/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A subcommand: what it may be told, what its help says, and the function that runs it. */
#ifndef VT_COMMAND_H
#define VT_COMMAND_H

#include <mpi.h>

#include "base/error.h"
#include "io/schema.h"

/* What a subcommand may use of the outside world. */
struct vt_session {
    MPI_Comm comm;
    int rank, size; /* of comm; only rank 0 prints */
};

/* How help shows the value of an option: "NEP.txt". */
struct vt_placeholder {
    const char *option;
    const char *shown;
};

struct vt_command {
    const struct vt_table *table; /* its name ("model show"), a line of help, its options */
    const char *const *operands;  /* entries that are given by position instead; ends with NULL */
    const struct vt_placeholder *placeholders; /* ends with {0}; NULL: none */
    const char *about;                         /* paragraphs for its help, may be NULL */

    /* Collective; config is the struct of the table. The same code on every rank, and the error
     * filled alike (base/agree.h), unless it is VT_OK. */
    enum vt_code (*run)(const struct vt_session *session, const void *config,
                        struct vt_error *error);
};

/* All subcommands, in the order of the help; ends with NULL. */
extern const struct vt_command *const vt_commands[];

extern const struct vt_command vt_command_run;
extern const struct vt_command vt_command_predict;
extern const struct vt_command vt_command_model_show;
extern const struct vt_command vt_command_model_check;
extern const struct vt_command vt_command_model_active;
extern const struct vt_command vt_command_build_supercell;
extern const struct vt_command vt_command_build_substitute;
extern const struct vt_command vt_command_build_amorphous;
extern const struct vt_command vt_command_build_import;
extern const struct vt_command vt_command_train;
extern const struct vt_command vt_command_select;
extern const struct vt_command vt_command_analyze_msd;
extern const struct vt_command vt_command_analyze_polyhedra;
extern const struct vt_command vt_command_analyze_doas;
extern const struct vt_command vt_command_analyze_density;
extern const struct vt_command vt_command_analyze_rdf;
extern const struct vt_command vt_command_analyze_conductivity;
extern const struct vt_command vt_command_analyze_arrhenius;
extern const struct vt_command vt_command_bench;
extern const struct vt_command vt_command_info;

#endif
