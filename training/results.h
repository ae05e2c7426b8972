/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trained model predicts of its frames: the files that GPUMD's users plot, and root mean
 * squares for each config_type.
 *
 *     energy_PART.out   predicted and reference energy, eV/atom
 *     force_PART.out    3 + 3 numbers an atom, eV/A
 *     virial_PART.out   6 + 6 numbers a frame (xx yy zz xy yz zx), eV/atom; reference -1e6: unknown
 *     stress_PART.out   likewise in GPa, positive = compressed
 *     charge_PART.out   raw charge of each atom, e        (models with charges)
 *     bec_PART.out      9 + 9 numbers an atom, e; reference 0: unknown    (where a frame has some)
 *     labels_PART.out   number of atoms and config_type of each frame
 *
 * PART is train or test; rows are in the order of the frames. Energies are as the model has them:
 * what the elements were relieved of is off both columns. */
#ifndef VT_RESULTS_H
#define VT_RESULTS_H

#include <mpi.h>

#include "io/file.h"
#include "training/gradient.h"
#include "training/labels.h"

enum vt_result_kind {
    VT_RESULT_ENERGY, /* eV/atom */
    VT_RESULT_FORCE,  /* eV/A */
    VT_RESULT_VIRIAL, /* eV/atom */
    VT_RESULT_STRESS, /* GPa */
    VT_RESULT_CHARGE, /* e/atom: of the whole frame */
    VT_RESULT_BORN,   /* e */
    VT_RESULT_KINDS
};

enum { VT_RESULT_FILES = 7 };

struct vt_result_row {
    char *config_type; /* owned; NULL: all frames */
    size_t n_frames, n_atoms;
    double square[VT_RESULT_KINDS], count[VT_RESULT_KINDS];
};

/* Start with `= {0}`. */
struct vt_results_table {
    size_t n_rows, capacity;
    struct vt_result_row *row;            /* owned; the first: all */
    double worst_square;                  /* of the frame whose forces are worst, (eV/A)^2 */
    const struct vt_dataset_frame *worst; /* borrowed from the set */
};

double vt_result_rmse(const struct vt_result_row *row, enum vt_result_kind kind);
void vt_results_table_destroy(struct vt_results_table *table);

struct vt_results_job {
    MPI_Comm comm;
    struct vt_gradient *gradient; /* of the labels */
    const double *parameters;
    const struct vt_labels *labels;
    const struct vt_dataset *data;
    const struct vt_energy_shift *shift; /* NULL: none */
    bool has_charges;
    const char *folder, *part;
    bool replace;
};

/* Collective. Rank 0 gets the table, and the files, still to be committed: *n of them. On failure
 * there is nothing to commit. */
enum vt_code vt_results_write(const struct vt_results_job *job, struct vt_results_table *table,
                              struct vt_file *file[VT_RESULT_FILES], size_t *n,
                              struct vt_error *error);

#endif
