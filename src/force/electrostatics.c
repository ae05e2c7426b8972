/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "force/electrostatics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "coulomb/ewald.h"
#include "coulomb/near.h"
#include "coulomb/real_space.h"

struct vt_electric {
    struct vt_electric_settings settings;
    enum vt_electrostatics method;   /* at work: not VT_FASTEST; once there is a plan */
    struct vt_real_space real_space; /* of Ewald sums in mode 1, and all there is in mode 3 */
    struct vt_ewald *ewald;
    struct vt_near *near; /* of VT_PPPM */
    double near_cutoff;
    double (*unwrapped)[3]; /* [n_local], for the published sums */
    size_t unwrapped_capacity;
};

static double model_alpha(const struct vt_electric *electric)
{
    return VT_PI / electric->settings.cutoff;
}

/* Mode 1 sums up to the energy of point charges whatever alpha is, so alpha may follow the
 * accuracy; in mode 2 the Gaussians belong to the model. */
static struct vt_ewald_settings ewald_settings(const struct vt_electric *electric)
{
    const struct vt_electric_settings *s = &electric->settings;
    if (electric->method == VT_EWALD_GPUMD)
        return vt_ewald_gpumd(s->cutoff);
    const double alpha =
        s->charge_mode == 1 ? vt_ewald_alpha(s->cutoff, s->accuracy) : model_alpha(electric);
    return vt_ewald_converged(alpha, s->accuracy);
}

static enum vt_code make_ewald(struct vt_electric *electric, struct vt_error *error)
{
    const struct vt_electric_settings *s = &electric->settings;
    const struct vt_ewald_settings waves = ewald_settings(electric);
    if (s->charge_mode == 1)
        electric->real_space = vt_real_space_truncated(waves.alpha, s->cutoff);
    return vt_ewald_create(&electric->ewald, waves, error);
}

static enum vt_code make_pppm(struct vt_electric *electric, struct vt_error *error)
{
    const struct vt_electric_settings *s = &electric->settings;
    electric->near_cutoff = 9;
    const struct vt_split split = vt_split_for(VT_SPLIT_GAUSS, electric->near_cutoff, s->accuracy);
    const struct vt_near_settings near = {.split = &split,
                                          .target_alpha =
                                              s->charge_mode == 2 ? model_alpha(electric) : 0,
                                          .accuracy = s->accuracy,
                                          .kernel = s->kernel};
    const enum vt_code code = vt_near_create(&electric->near, &near, error);
    return code ? code
                : vt_ewald_create(&electric->ewald, vt_ewald_converged(split.alpha, s->accuracy),
                                  error);
}

enum vt_code vt_electric_create(struct vt_electric **electric,
                                const struct vt_electric_settings *settings, struct vt_error *error)
{
    assert(electric && settings && settings->cutoff > 0);
    assert(settings->charge_mode >= 1 && settings->charge_mode <= 3);
    assert(settings->method == VT_EWALD_GPUMD ||
           (settings->accuracy > 0 && settings->accuracy < 1));
    enum vt_code code = vt_alloc(electric, 1, sizeof **electric, "electrostatics", error);
    if (code)
        return code;
    struct vt_electric *e = *electric;
    e->settings = *settings;
    if (e->settings.atom_virials && e->settings.method != VT_EWALD_GPUMD)
        e->settings.method = VT_EWALD_CONVERGED;
    e->method = e->settings.method;
    if (settings->charge_mode == 3)
        e->real_space = vt_real_space_smooth(model_alpha(e), settings->cutoff);
    else if (e->method == VT_EWALD_GPUMD || e->method == VT_EWALD_CONVERGED)
        code = make_ewald(e, error);
    if (code) {
        vt_electric_destroy(e);
        *electric = NULL;
    }
    return code;
}

void vt_electric_destroy(struct vt_electric *electric)
{
    if (!electric)
        return;
    vt_ewald_destroy(electric->ewald);
    vt_near_destroy(electric->near);
    vt_free(electric->unwrapped);
    vt_free(electric);
}

enum vt_code vt_electric_plan(struct vt_electric *electric, int64_t n_atoms,
                              const struct vt_cell *cell, struct vt_error *error)
{
    (void)n_atoms;
    (void)cell;
    if (electric->settings.charge_mode == 3 || electric->settings.method < VT_PPPM)
        return VT_OK;
    electric->method = VT_PPPM;
    return electric->near ? VT_OK : make_pppm(electric, error);
}

double vt_electric_reach(const struct vt_electric *electric)
{
    return electric->near ? electric->near_cutoff : 0;
}

bool vt_electric_wants_pairs(const struct vt_electric *electric)
{
    return electric->real_space.cutoff > 0;
}

enum vt_code vt_electric_rebuild(struct vt_electric *electric, const struct vt_domain *domain,
                                 double skin, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (electric->near)
        code = vt_near_build(electric->near, domain, skin, error);
    if (!code)
        code = vt_reserve(&electric->unwrapped, &electric->unwrapped_capacity,
                          (size_t)domain->atoms.n_local, sizeof *electric->unwrapped, "positions",
                          error);
    return code;
}

/* The published k-space sums are not quite periodic (their 2 pi is truncated), so that they want
 * positions as the user gave them. */
static void unwrap(struct vt_electric *electric, const struct vt_domain *domain)
{
    const struct vt_atoms *atoms = &domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double image[3] = {atoms->image[i][0], atoms->image[i][1], atoms->image[i][2]};
        double *x = electric->unwrapped[i];
        vt_cell_cartesian(&domain->cell, image, x);
        for (int d = 0; d < 3; d++)
            x[d] += atoms->position[i][d];
    }
}

static enum vt_code add_waves(struct vt_electric *electric, const struct vt_domain *domain,
                              const double *charges, struct vt_coulomb_sums *sums,
                              struct vt_error *error)
{
    unwrap(electric, domain);
    const struct vt_point_charges points = {domain->grid.comm, (size_t)domain->atoms.n_local,
                                            (const double(*)[3])electric->unwrapped, charges};
    return vt_ewald_add(electric->ewald, &domain->cell, &points, sums, error);
}

enum vt_code vt_electric_add(struct vt_electric *electric, const struct vt_domain *domain,
                             const struct vt_pairs *pairs, const double *charges,
                             struct vt_coulomb_sums *sums, struct vt_error *error)
{
    assert(electric && domain && charges && sums);
    assert(pairs || !vt_electric_wants_pairs(electric));
    if (vt_electric_wants_pairs(electric))
        vt_real_space_add(&electric->real_space, pairs, charges, sums);
    if (vt_electric_wants_pairs(electric) && electric->settings.charge_mode == 1)
        vt_self_energy_add(electric->real_space.alpha, (size_t)domain->atoms.n_local, charges,
                           sums);
    if (electric->near)
        vt_near_add(electric->near, domain, charges, sums);
    return electric->ewald ? add_waves(electric, domain, charges, sums, error) : VT_OK;
}
