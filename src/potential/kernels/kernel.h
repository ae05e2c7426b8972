/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short-ranged part of a model in vector code: float arithmetic, one lane an atom.
 *
 * A kernel works through the slices of a neighbour view: geometry of the rows, descriptors,
 * network, pair forces, all of one slice while it is in the first-level cache. Sums over neighbours
 * are vertical; coefficients depend on the types of slice and row group alone and are broadcast.
 * With charges the work splits in two, since the electrostatics of all charges lies in between.
 *
 * One body (slice_tmpl.c) is compiled for each instruction set; vt_kernel_best chooses at run time.
 * Positions come as whole numbers of `unit`, so that differences are exact wherever the atoms are;
 * energies, charges and what is summed over atoms are double.
 */
#ifndef VT_KERNEL_H
#define VT_KERNEL_H

#include <stdint.h>

#include "base/error.h"
#include "domain/neighbours.h"
#include "potential/plan.h"

/* The inverse of a cutoff, 1/A, in two floats: the rounding of one would move all pairs of two
 * types the same way, which no sum averages out. */
struct vt_inverse_cutoff {
    float high, low;
};

/* A model in float, in the order of the kernels' loops. */
struct vt_kernel_tables {
    const struct vt_plan *plan; /* borrowed: sizes, ZBL, invariants */
    int n_slope;                /* terms of the series of radial forces, odd */
    int stride;                 /* vt_stride of the model */
    /* of a pair of types, [t1][t2] */
    float *cutoff;         /* A: the larger of the two */
    float *cutoff_angular; /* A */
    struct vt_inverse_cutoff *inverse_radial, *inverse_angular;
    float *zbl_outer;    /* A; 0: no ZBL */
    float *radial;       /* [t1][t2][k][n]: q_n = sum_k c_kn sum_j fc T_k */
    float *radial_slope; /* [t1][t2][n][m]: dq_n/dr_ij = u sum_m c_nm T_m(x), u = r/rc - 1 */
    float *angular;      /* [t1][t2][k][n]: g_n = sum_k c_kn fc T_k */
    /* of a type */
    float *w0;                   /* [type][descriptor][neuron], q_scaler folded in */
    float *w0_transposed;        /* [type][neuron][descriptor] */
    float *b0, *w1, *wq;         /* [type][neuron] */
    double *w1_exact, *wq_exact; /* likewise: where they are summed */
    double *bias;                /* [type], eV */
    float polynomial[VT_NEP_MAX_L + 1][VT_NEP_MAX_L + 1][VT_ZPOLY_TERMS]; /* of z: [l][m][term] */
    float weight[VT_MAX_HARMONICS]; /* of S^2 in the three-body descriptors */
};

/* plan is borrowed and must outlive the tables. Start with `= {0}`. */
enum vt_code vt_kernel_tables_create(struct vt_kernel_tables *tables, const struct vt_plan *plan,
                                     struct vt_error *error);
void vt_kernel_tables_destroy(struct vt_kernel_tables *tables);

/* Harmonics of one n, rounded up: the stride of the angular sums. */
enum { VT_HARMONICS_STEP = 4 };
static inline int vt_stride(int l_max)
{
    return ((l_max + 1) * (l_max + 1) - 1 + VT_HARMONICS_STEP - 1) / VT_HARMONICS_STEP *
           VT_HARMONICS_STEP;
}

/* One evaluation. All borrowed. Places: as in the neighbour view. */
struct vt_kernel_job {
    const struct vt_kernel_tables *tables;
    const struct vt_neighbours *list;
    const int32_t (*position)[4]; /* [place]: x, y, z in units; the fourth is padding */
    float unit;                   /* A */
    float (*force)[4];            /* [place]: eV/A; added to */
    double *energy;               /* [row], eV: of the network */
    /* Called for each centre (row) and neighbour (place) that may be within the range of ZBL. */
    void (*close)(void *user, int32_t centre, int32_t place);
    void *user;
    double *charge;          /* [row], e: raw; NULL without charges */
    double *radial_sums;     /* [row][type][k], as vt_radial_sums; NULL: not wanted */
    const double *potential; /* [row], V: dE/dq; for `push` */
    double mean_potential;   /* V, to be taken off */
    float *kept;             /* from `describe` to `push`: vt_kernel_kept floats */
    float *scratch;          /* vt_kernel_scratch floats */
    size_t rows;             /* vt_kernel_rows of the list */
    float nearest;           /* result: smallest distance of a pair, A */
};

/* Most rows of a slice, with room to fill up blocks; and floats of the arrays of a job, which are
 * aligned to 64 bytes. */
enum { VT_BLOCK = 4 }; /* rows that radial loops take at a time */
size_t vt_kernel_rows(const struct vt_neighbours *list);
size_t vt_kernel_scratch(const struct vt_kernel_tables *tables, size_t rows);
size_t vt_kernel_kept(const struct vt_kernel_tables *tables, const struct vt_neighbours *list);

/* evaluate: all at once, for models without charges. describe: energies and raw charges; push:
 * forces, once the potentials are known. Nothing here allocates. */
struct vt_kernel {
    const char *name;
    int width; /* lanes at a time */
    void (*evaluate)(struct vt_kernel_job *job);
    void (*describe)(struct vt_kernel_job *job);
    void (*push)(struct vt_kernel_job *job);
};

/* Those that this program was built with, the fastest first; NULL at the end. */
extern const struct vt_kernel *const vt_kernels[];

/* Can this processor run it? */
bool vt_kernel_runs(const struct vt_kernel *kernel);

/* The fastest that runs here; there is always one. */
const struct vt_kernel *vt_kernel_best(void);

/* By name; NULL if there is none of that name. */
const struct vt_kernel *vt_kernel_named(const char *name);

#endif
