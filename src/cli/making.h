/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of `vitrion build` have in common: a structure in, a structure out, and a table
 * that says what was made. */
#ifndef VT_MAKING_H
#define VT_MAKING_H

#include <stdbool.h>

#include "base/error.h"
#include "io/file.h"
#include "io/frame.h"
#include "structure/charges.h"

/* The first structure of a file, which must have atoms and a cell. Messages name the file. */
enum vt_code vt_making_read(struct vt_frame *frame, const char *path, struct vt_error *error);

/* Start the output, before any work. */
enum vt_code vt_making_create(struct vt_file **file, const char *path, bool replace,
                              struct vt_error *error);

/* Write the frame in the format that the path names, with the keys "vitrion" (version) and "build"
 * (how: what was asked for) where the format has keys, and finish the file: *file is given back and
 * NULL afterwards. */
enum vt_code vt_making_write(struct vt_file **file, const char *path, struct vt_frame *frame,
                             const char *how, struct vt_error *error);

/* Refuse what has a charge, with the options that help in the hint; allowed: print a note instead.
 */
enum vt_code vt_making_check_charge(const struct vt_charges *charges,
                                    const struct vt_formula *formula, bool is_allowed,
                                    struct vt_error *error);

/* Rows of the table on standard output: atoms, composition (the formula of the frame), charge (not
 * with NULL), cell, density. */
void vt_making_report(const struct vt_frame *frame, const struct vt_formula *formula,
                      const struct vt_charges *charges);

#endif
