/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../unit/balance.h"

#include "near_case.h"

#include <string.h>

#include "base/memory.h"

void near_case_create(struct near_case *near_case, const struct sample *sample,
                      const double *charges, double reach)
{
    sample_domain(sample, MPI_COMM_NULL, reach, &near_case->domain);
    const struct vt_atoms *atoms = &near_case->domain.atoms;
    assert_int_equal(
        vt_alloc(&near_case->charge, (size_t)atoms->n_all, sizeof(double), "charges", NULL), VT_OK);
    for (int32_t i = 0; i < atoms->n_all; i++)
        near_case->charge[i] = charges[atoms->id[i]];
}

void near_case_destroy(struct near_case *near_case)
{
    vt_domain_destroy(&near_case->domain);
    vt_free(near_case->charge);
}

double *near_case_charges(size_t n_atoms, struct dice *dice)
{
    double *charges = NULL, sum = 0;
    assert_int_equal(vt_alloc(&charges, n_atoms, sizeof *charges, "charges", NULL), VT_OK);
    for (size_t i = 0; i < n_atoms; i++)
        sum += charges[i] = dice_real(dice, -1.5, 1.5);
    for (size_t i = 0; i < n_atoms; i++)
        charges[i] -= sum / (double)n_atoms;
    return charges;
}

void near_outcome_create(struct near_outcome *outcome, size_t n)
{
    double *storage = NULL;
    assert_int_equal(vt_alloc(&storage, 5 * n, sizeof *storage, "sums", NULL), VT_OK);
    *outcome = (struct near_outcome){.storage = storage,
                                     .sums = {.forces = (double(*)[3])storage,
                                              .energies = storage + 3 * n,
                                              .potentials = storage + 4 * n}};
}

void near_outcome_destroy(struct near_outcome *outcome)
{
    vt_free(outcome->storage);
}
