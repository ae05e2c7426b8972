/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random_case.h"

#include <stdio.h>
#include <string.h>

#include "physics/evaluate.h"

static void enlarge(struct synthetic *options, struct dice *dice)
{
    static const int elements[SYNTHETIC_TYPES] = {3, 40, 13, 17, 8, 9, 1, 56};
    options->n_types = dice_int(dice, 6, SYNTHETIC_TYPES);
    memcpy(options->atomic_number, elements, sizeof elements);
    options->n_radial = dice_int(dice, 0, 14);
    options->n_angular = dice_int(dice, 0, 14);
    options->k_radial = dice_int(dice, 0, 16);
    options->k_angular = dice_int(dice, 0, 16);
    options->neurons = dice_int(dice, 1, 64);
}

/* All atoms of one type, but for a few: slices with one lane or two. */
static void make_rare(struct sample *sample, int n_types, struct dice *dice)
{
    for (size_t i = 0; i < sample->n_atoms; i++)
        sample->type[i] = i % 16 == 7 ? dice_int(dice, 0, n_types - 1) : 0;
}

void random_case_draw(struct random_case *random, int i, struct dice *dice)
{
    const enum sample_kind kind = (enum sample_kind)dice_int(dice, 0, SAMPLE_KINDS - 1);
    *random = (struct random_case){.options = flavour_draw(i % FLAVOUR_FAMILIES, dice)};
    struct synthetic *options = &random->options;
    if (i % 2)
        enlarge(options, dice);
    sample_draw(&random->sample, kind, (size_t)dice_int(dice, 1, 80), options->n_types, dice);
    if (dice_int(dice, 0, 2) == 0)
        make_rare(&random->sample, options->n_types, dice);
    snprintf(random->name, sizeof random->name, "%s, %d neurons, %s, %zu atoms",
             flavour_text(options), options->neurons, sample_kind_name(kind),
             random->sample.n_atoms);
}
