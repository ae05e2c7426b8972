/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first word of a model file: which kind of model it is. Private to this folder. */
#ifndef VT_NEP_TOKEN_H
#define VT_NEP_TOKEN_H

#include <stdbool.h>

#include "base/error.h"
#include "io/scan.h"

struct vt_nep_kind {
    const char *token;
    int version;
    bool zbl;
    int charge_mode;
};

/* The kind that the word names. Refuses, naming the word, what is no model or none that we run. */
enum vt_code vt_nep_kind_of(const struct vt_word *word, const struct vt_nep_kind **kind,
                            struct vt_error *error);

#endif
