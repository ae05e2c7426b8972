/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Model files in memory that a test can damage line by line. */
#ifndef NEP_TEXT_H
#define NEP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "potential/nep.h"

struct nep_text {
    char *bytes; /* owned: nep_text_destroy */
    size_t size;
};

/* Lines of the small model. */
enum {
    NEP_TEXT_ELEMENTS = 1,
    NEP_TEXT_CUTOFF,
    NEP_TEXT_N_MAX,
    NEP_TEXT_BASIS_SIZE,
    NEP_TEXT_L_MAX,
    NEP_TEXT_ANN,
    NEP_TEXT_NUMBERS
};

/* NEP4 of Te and Pb, n_max 1 1, basis_size 2 2, l_max 4 with 222, 2 neurons: dimension 12. Owned by
 * the caller. */
struct vt_nep nep_text_small(void);

/* The file of a model. */
struct nep_text nep_text_of(const struct vt_nep *model, bool exact);
void nep_text_destroy(struct nep_text *text);

/* Parse it under the name "nep.txt". */
enum vt_code nep_text_parse(const struct nep_text *text, struct vt_nep *model,
                            struct vt_error *error);

/* Line `number` (from 1) without its end; borrowed. */
const char *nep_text_line(const struct nep_text *text, size_t number, size_t *length);
size_t nep_text_lines(const struct nep_text *text);

/* Put other text in the place of a line; NULL takes the line away. */
void nep_text_replace_line(struct nep_text *text, size_t number, const char *line);

#endif
