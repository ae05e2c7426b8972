/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `vitrion bench` has found out: for people, as JSON, and next to an earlier one. */
#ifndef VT_BENCH_REPORT_H
#define VT_BENCH_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/cost.h"
#include "cli/machine.h"
#include "force/force.h"

/* Those of the forces, and */
enum { VT_BENCH_INTEGRATION = VT_FORCE_PARTS, VT_BENCH_CHECKS, VT_BENCH_PARTS };

/* "lists", ...: as tables and JSON name the parts. */
extern const char *const vt_bench_parts[VT_BENCH_PARTS];

struct vt_bench_result {
    const char *model; /* borrowed, like isa */
    char hash[17];
    const char *isa; /* of the kernels */
    bool mixed;
    struct vt_machine machine;
    int ranks;
    int64_t n_atoms;
    int64_t n_warm_up, n_blocks, n_steps; /* n_steps: of a block */
    double timestep;                      /* fs */
    double temperature;                   /* K, at the end */
    struct vt_surroundings around;
    struct vt_cost cost;
    /* Of the median block, and the fastest and slowest one: us/atom/step by the clock. */
    double step, fastest, slowest;
    double part[VT_BENCH_PARTS]; /* us/atom/step, mean over the ranks */
    double n_rebuilds;           /* of the lists */
    double processor;            /* us/atom/step of rank 0's processor, median of its own */
};

/* An earlier result, from its JSON: us/atom/step. NAN: not there. */
struct vt_bench_before {
    double step, peak;
    double part[VT_BENCH_PARTS];
};

enum vt_code vt_bench_read(struct vt_bench_before *before, const char *path,
                           struct vt_error *error);

/* before may be NULL. */
void vt_bench_print(const struct vt_bench_result *result, const struct vt_bench_before *before,
                    FILE *file);
void vt_bench_write_json(const struct vt_bench_result *result, FILE *file);

#endif
