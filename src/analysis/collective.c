/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walkers are handed to vt_tracks as atoms of as many elements, so that the machinery for the
 * ways of atoms serves them: an MSD of one way, whose error is that of Gaussian increments. That
 * they are, by the number of ions in each. */
#include "analysis/collective.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"

enum { WALKERS_MOST = 1 + VT_CARRIERS_MOST + VT_CARRIERS_MOST * (VT_CARRIERS_MOST - 1) / 2 };

/* e^2 A^2/fs / (A^3 eV) in S/cm: the elementary charge (C) once, 1e-5 m^2/s, 1e30/m^3, m in cm */
#define S_PER_CM 1.602176634e4

struct vt_collective {
    size_t n_carriers, n_walkers;
    struct vt_carrier carrier[VT_CARRIERS_MOST];
    double factor[WALKERS_MOST][VT_CARRIERS_MOST]; /* of each carrier's sum in each walker */
    struct vt_tracks *tracks;
};

/* Which walker is the pair a < b. */
static size_t pair_of(const struct vt_collective *collective, size_t a, size_t b)
{
    size_t walker = 1 + collective->n_carriers;
    for (size_t i = 0; i < a; i++)
        walker += collective->n_carriers - 1 - i;
    return walker + (b - a - 1);
}

static void set_walkers(struct vt_collective *collective)
{
    const size_t n = collective->n_carriers;
    for (size_t c = 0; c < n; c++)
        collective->factor[0][c] = collective->carrier[c].charge;
    collective->n_walkers = 1;
    if (n == 1)
        return;
    for (size_t a = 0; a < n; a++) {
        collective->factor[1 + a][a] = 1;
        for (size_t b = a + 1; b < n; b++) {
            collective->factor[pair_of(collective, a, b)][a] = 1;
            collective->factor[pair_of(collective, a, b)][b] = 1;
        }
    }
    collective->n_walkers += n + n * (n - 1) / 2;
}

enum vt_code vt_collective_create(struct vt_collective **collective,
                                  const struct vt_carrier *carrier, size_t n_carriers,
                                  struct vt_error *error)
{
    assert(n_carriers >= 1 && n_carriers <= VT_CARRIERS_MOST);
    enum vt_code code = vt_alloc(collective, 1, sizeof **collective, "walkers", error);
    if (code)
        return code;
    bool wanted[VT_ELEMENTS + 1] = {false};
    memcpy((*collective)->carrier, carrier, n_carriers * sizeof *carrier);
    (*collective)->n_carriers = n_carriers;
    set_walkers(*collective);
    for (size_t w = 0; w < (*collective)->n_walkers; w++)
        wanted[1 + w] = true;
    code = vt_tracks_create(&(*collective)->tracks, MPI_COMM_NULL, wanted, error);
    if (code) {
        vt_collective_destroy(*collective);
        *collective = NULL;
    }
    return code;
}

void vt_collective_destroy(struct vt_collective *collective)
{
    if (!collective)
        return;
    vt_tracks_destroy(collective->tracks);
    vt_free(collective);
}

enum vt_code vt_collective_add(struct vt_collective *collective, const struct vt_snapshot *snapshot,
                               struct vt_error *error)
{
    double sum[VT_CARRIERS_MOST][3] = {{0}}, position[WALKERS_MOST][3] = {{0}};
    uint8_t element[WALKERS_MOST];
    for (size_t i = 0; i < snapshot->n; i++)
        for (size_t c = 0; c < collective->n_carriers; c++)
            if (snapshot->element[i] == collective->carrier[c].element)
                for (int d = 0; d < 3; d++)
                    sum[c][d] += snapshot->position[i][d];
    for (size_t w = 0; w < collective->n_walkers; w++) {
        element[w] = (uint8_t)(1 + w);
        for (size_t c = 0; c < collective->n_carriers; c++)
            for (int d = 0; d < 3; d++)
                position[w][d] += collective->factor[w][c] * sum[c][d];
    }
    const struct vt_snapshot walkers = {.n = collective->n_walkers,
                                        .element = element,
                                        .position = (const double(*)[3])position,
                                        .index = snapshot->index,
                                        .time = snapshot->time,
                                        .place = snapshot->place};
    return vt_tracks_add(collective->tracks, &walkers, error);
}

static enum vt_code follow(const struct vt_collective *collective, size_t walker,
                           struct vt_walk *walk, const struct vt_diffusion_options *options,
                           struct vt_error *error)
{
    enum vt_code code =
        vt_msd_compute(&walk->msd, collective->tracks, walker, MPI_COMM_NULL, error);
    if (!code)
        code = vt_diffusion_compute(&walk->diffusion, &walk->msd, options, error);
    return code;
}

enum vt_code vt_collective_charge(const struct vt_collective *collective, struct vt_walk *walk,
                                  const struct vt_diffusion_options *options,
                                  struct vt_error *error)
{
    return follow(collective, 0, walk, options, error);
}

static enum vt_code slope_of(const struct vt_collective *collective, size_t walker,
                             const struct vt_diffusion_options *options, struct vt_onsager *onsager,
                             struct vt_error *error)
{
    struct vt_walk walk = {0};
    const enum vt_code code = follow(collective, walker, &walk, options, error);
    *onsager = (struct vt_onsager){walk.diffusion.d, walk.diffusion.sigma};
    vt_msd_destroy(&walk.msd);
    return code;
}

enum vt_code vt_collective_onsager(const struct vt_collective *collective, size_t a, size_t b,
                                   const struct vt_diffusion_options *options,
                                   struct vt_onsager *onsager, struct vt_error *error)
{
    assert(collective->n_carriers > 1 && a <= b && b < collective->n_carriers);
    struct vt_onsager both, of_a, of_b;
    if (a == b)
        return slope_of(collective, 1 + a, options, onsager, error);
    enum vt_code code = slope_of(collective, pair_of(collective, a, b), options, &both, error);
    if (!code)
        code = slope_of(collective, 1 + a, options, &of_a, error);
    if (!code)
        code = slope_of(collective, 1 + b, options, &of_b, error);
    if (code)
        return code;
    /* 2 <dP_a . dP_b> = <|dP_a + dP_b|^2> - <|dP_a|^2> - <|dP_b|^2>; the error of a covariance of
     * two Gaussian ways, whose variances have those of both */
    onsager->value = (both.value - of_a.value - of_b.value) / 2;
    const double relative = hypot(of_a.sigma / of_a.value, of_b.sigma / of_b.value) / sqrt(2);
    onsager->sigma =
        relative * sqrt((of_a.value * of_b.value + onsager->value * onsager->value) / 2);
    return VT_OK;
}

double vt_conductivity(double charge_diffusion, double volume, double temperature)
{
    return charge_diffusion / (volume * VT_BOLTZMANN * temperature) * S_PER_CM;
}
