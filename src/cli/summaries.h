/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates at temperatures, gathered from the JSON summaries that analyses leave. */
#ifndef VT_SUMMARIES_H
#define VT_SUMMARIES_H

#include "analysis/arrhenius.h"

enum vt_quantity {
    VT_QUANTITY_D,          /* diffusion coefficient, cm2/s, of `analyze msd` */
    VT_QUANTITY_NE,         /* Nernst-Einstein conductivity, S/cm, of `analyze conductivity` */
    VT_QUANTITY_COLLECTIVE, /* collective conductivity, likewise */
    VT_QUANTITIES
};

/* Start with `= {0}`. */
struct vt_summaries {
    enum vt_quantity quantity;
    const char *species; /* of D: NULL: that of the first value; borrowed */
    struct vt_rate *rate;
    size_t n_rates, capacity;
    size_t n_files, n_passed_over; /* summaries with values; values that say they are none */
    char found[3];                 /* the species */
};

/* Add what a summary or all summaries of a folder (*.json, and in folders within) hold. In folders,
 * other JSON files are passed over. Refused (VT_INPUT): a file named itself that is no such
 * summary; values without a temperature or an error; another species than before. */
enum vt_code vt_summaries_add(struct vt_summaries *summaries, const char *path,
                              struct vt_error *error);
void vt_summaries_destroy(struct vt_summaries *summaries);

#endif
