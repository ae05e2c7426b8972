/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of all kinds and sizes in structures of all kinds and sizes. */
#ifndef RANDOM_CASE_H
#define RANDOM_CASE_H

#include "common/sample.h"
#include "common/synthetic.h"

struct random_case {
    struct synthetic options;
    struct sample sample; /* owned: sample_destroy */
    char name[400];
};

/* The i-th of a sequence that goes through all kinds of models; every other one is as large as
 * models in use are, or larger. */
void random_case_draw(struct random_case *random, int i, struct dice *dice);

#endif
