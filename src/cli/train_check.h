/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion train --check: audit a set and print what it has and what is wrong with it. */
#ifndef VT_TRAIN_CHECK_H
#define VT_TRAIN_CHECK_H

#include <stddef.h>

#include "base/error.h"

struct vt_train_check {
    char *const *files;
    size_t n_files;
    char *test;           /* file of test frames, NULL: none */
    char *const *element; /* symbols of the model; none: any element */
    size_t n_elements;
    double max_force; /* eV/A */
};

/* On one rank. Mistakes in the frames and findings go to standard output; if there are errors among
 * them, VT_INPUT with a summary. */
enum vt_code vt_train_check(const struct vt_train_check *check, struct vt_error *error);

#endif
