/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A NEP or qNEP model as nep.txt holds it: header, and the numbers in the order of the file.
 *
 * The numbers stay one flat array in file order (training wants them so); accessors say where each
 * block lies. The evaluator re-arranges them for its loops (potential/plan.h). */
#ifndef VT_NEP_H
#define VT_NEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum {
    VT_NEP_MAX_TYPES = 94, /* H ... Pu */
    VT_NEP_MAX_L = 8,
    VT_NEP_TERMS = 6,          /* 222 1111 112 123 233 134 */
    VT_NEP_MAX_N = 30,         /* largest n_radial, n_angular, */
    VT_NEP_MAX_K = 30,         /* k_radial, k_angular */
    VT_NEP_MAX_NEURONS = 1000, /* and neurons: twice and more what the published programs allow */
    VT_ZBL_ROW = 10            /* inner, outer, a1, b1 ... a4, b4 */
};

enum vt_nep_term { VT_Q222, VT_Q1111, VT_Q112, VT_Q123, VT_Q233, VT_Q134 };

enum vt_zbl_kind { VT_ZBL_NONE, VT_ZBL_UNIVERSAL, VT_ZBL_TYPEWISE, VT_ZBL_FLEXIBLE };

struct vt_nep {
    int version;     /* 3, 4, 5 */
    int charge_mode; /* 0 none, 1, 2, 3 */
    int n_types;
    int atomic_number[VT_NEP_MAX_TYPES];

    enum vt_zbl_kind zbl;
    double zbl_inner, zbl_outer; /* A; universal and typewise */
    double zbl_factor; /* typewise: r2 = min(outer, factor (R_i + R_j)); flexible: unused */

    double cutoff_radial[VT_NEP_MAX_TYPES]; /* A; of a pair: the mean of the two */
    double cutoff_angular[VT_NEP_MAX_TYPES];
    double factor_radial, factor_angular, factor_zbl; /* 8-token cutoff line of 2024-25, else 0 */
    bool has_max_neighbours; /* the file states MN_R and MN_A (no effect on results) */
    int max_neighbours_radial, max_neighbours_angular;

    int n_radial, n_angular; /* n = 0..n_radial: the file's numbers, one less than the counts */
    int k_radial, k_angular;
    int l_max;
    bool term[VT_NEP_TERMS];
    int neurons;

    int n_blocks;       /* l_max + number of terms that are on */
    int dimension;      /* of the descriptor */
    size_t n_trainable; /* numbers before q_scaler */
    size_t n_numbers;   /* all numbers of the file */
    double *numbers;    /* owned, in file order */
    char hash[17];      /* of the file's bytes (64-bit FNV-1a), hex; empty if made in memory */
};

/* Network of one type (NEP3: the same for all). Borrowed from the model. */
struct vt_nep_network {
    const double *w0; /* [neurons][dimension] */
    const double *b0; /* [neurons] */
    const double *w1; /* [neurons] */
    const double *wq; /* [neurons], NULL without charges */
    double bias;      /* NEP5, else 0 */
};

/* Read and check; *model starts as `= {0}` and is given back by vt_nep_destroy, also after an
 * error. Errors carry file, line and column. name and text are borrowed for the call. */
enum vt_code vt_nep_read(struct vt_nep *model, const char *path, struct vt_error *error);
enum vt_code vt_nep_parse(struct vt_nep *model, const char *name, const char *text, size_t size,
                          struct vt_error *error);
void vt_nep_destroy(struct vt_nep *model);

/* Write as GPUMD does (numbers %15.7e), or with 17 digits if `exact`; `replace` allows an existing
 * file. The file appears whole or not at all. */
enum vt_code vt_nep_write(const struct vt_nep *model, const char *path, bool exact, bool replace,
                          struct vt_error *error);

/* The same to a stream, which stays open. */
enum vt_code vt_nep_print(const struct vt_nep *model, FILE *stream, bool exact,
                          struct vt_error *error);

/* Check the header fields, set n_blocks, dimension, n_trainable and n_numbers from them, and make
 * room for the numbers (zeroed; the model holds none yet). For models made in memory: fill the
 * header, then call this. */
enum vt_code vt_nep_finish_header(struct vt_nep *model, struct vt_error *error);

/* What number `index` of the file is, for messages: "w0 of Ti, number 3 of 480". Returns text. */
char *vt_nep_describe(const struct vt_nep *model, size_t index, char *text, size_t size);

struct vt_nep_network vt_nep_network(const struct vt_nep *model, int type);
double vt_nep_sqrt_epsilon(const struct vt_nep *model);   /* 1 without charges */
double vt_nep_common_bias(const struct vt_nep *model);    /* b1 */
const double *vt_nep_radial(const struct vt_nep *model);  /* [n][k][t1][t2] */
const double *vt_nep_angular(const struct vt_nep *model); /* [n][k][t1][t2] */
const double *vt_nep_scaler(const struct vt_nep *model);  /* [dimension] */
/* Flexible ZBL: the VT_ZBL_ROW numbers of a pair of types. */
const double *vt_nep_zbl_row(const struct vt_nep *model, int t1, int t2);

/* Type of an element in the model, -1 if it has none. */
int vt_nep_type(const struct vt_nep *model, int atomic_number);

/* All types have the same two cutoffs (factors on covalent radii apart). */
bool vt_nep_has_uniform_cutoffs(const struct vt_nep *model);

/* Cutoffs of a pair of types, A; and the largest over all pairs. */
double vt_nep_pair_cutoff_radial(const struct vt_nep *model, int t1, int t2);
double vt_nep_pair_cutoff_angular(const struct vt_nep *model, int t1, int t2);
double vt_nep_largest_cutoff(const struct vt_nep *model);

/* "nep4_zbl_charge1" and so on; empty if there is no such model. */
void vt_nep_token(const struct vt_nep *model, char token[32]);

#endif
