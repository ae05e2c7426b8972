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

/* The same from a file. */
enum vt_code vt_nep_in_read(struct vt_train_settings *settings, const char *path,
                            struct vt_error_list *errors);

#endif
