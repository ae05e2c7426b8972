/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nep.in, the settings of GPUMD's trainer: one keyword a line, '#' begins a comment.
 *
 * All keywords of GPUMD are known; those of models that are not trained here (dipole, van der
 * Waals,
 * ...) say so where they ask for one. A keyword that is there twice is an error, as is one that
 * GPUMD does not know. */
#ifndef VT_NEP_IN_H
#define VT_NEP_IN_H

#include <stddef.h>

#include "base/error_list.h"
#include "training/settings.h"

/* Read the text of a nep.in; *settings starts from the defaults. All mistakes are collected. name
 * is borrowed for the call. */
enum vt_code vt_nep_in_parse(struct vt_train_settings *settings, const char *name, const char *text,
                             size_t size, struct vt_error_list *errors);

/* The same from a file. If ZBL is on and a file zbl.in stands beside it, ZBL is flexible. */
enum vt_code vt_nep_in_read(struct vt_train_settings *settings, const char *path,
                            struct vt_error_list *errors);

/* Read a zbl.in: for each pair of types t1 <= t2, in this order, the VT_ZBL_ROW numbers that
 * nep.txt has. rows: room for n_types (n_types + 1) / 2 of them. */
enum vt_code vt_zbl_in_parse(double (*rows)[VT_ZBL_ROW], int n_types, const char *name,
                             const char *text, size_t size, struct vt_error *error);

/* The same from the file beside a nep.in. */
enum vt_code vt_zbl_in_read(double (*rows)[VT_ZBL_ROW], int n_types, const char *nep_in_path,
                            struct vt_error *error);

#endif
