/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call of a kernel by itself: positions as it wants them, and memory for all it writes, each
 * array between guard words. */
#ifndef JOB_H
#define JOB_H

#include "short_range.h"

enum job_array { JOB_FORCE, JOB_ENERGY, JOB_CHARGE, JOB_KEPT, JOB_SCRATCH, JOB_ARRAYS };

struct job {
    struct vt_kernel_job call;
    struct {
        unsigned char *memory; /* owned */
        size_t size;           /* bytes between the guards */
    } array[JOB_ARRAYS];
    size_t n_all;
    struct short_range *range; /* borrowed */
    double zbl;                /* eV: of the pairs that were reported as close */
    int32_t (*position)[4];    /* owned */
    double *potential;         /* owned; [row] V: what `push` gets */
};

/* range is borrowed. `dirt`: what kept and scratch are filled with; the rest is zero. */
void job_create(struct job *job, struct short_range *range, unsigned char dirt);
void job_destroy(struct job *job);

/* What job.zbl is after one pass that computes forces, from all pairs. */
double job_zbl_expected(const struct job *job);

/* The first array whose guards are not as they were; JOB_ARRAYS: all are. */
enum job_array job_broken(const struct job *job);

/* A number that changes with any bit of what a kernel reads. */
uint64_t job_inputs(const struct job *job);

#endif
