/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Positions go to the kernels as whole numbers, 2^30 over the extended brick: the difference of two
 * of them is exact, so that the error of a distance (1e-7 A in a brick of 100 A) does not grow with
 * the distance from the origin, as it would with floats.
 *
 * The virial is sum x F over local atoms and ghosts, before the ghosts' forces go home: the same as
 * the sum over pairs, for a ninth of an atom's work instead of a pair's. */
#include "force/mixed.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "domain/pairs.h"
#include "potential/zbl.h"

static const double full_scale = 0x1p30, middle = 0x1p29;

struct vt_mixed {
    const struct vt_kernel *kernel;
    struct vt_kernel_tables tables;
    const struct vt_domain *domain; /* of this evaluation, like the list */
    const struct vt_neighbours *list;
    double origin[3], unit; /* A */
    int32_t (*position)[4]; /* [place] */
    float (*force)[4];      /* [place] */
    float *scratch, *kept;
    size_t rows;
    size_t position_capacity, force_capacity, scratch_capacity, kept_capacity;
};

enum vt_code vt_mixed_create(struct vt_mixed **mixed, const struct vt_plan *plan,
                             const struct vt_kernel *kernel, struct vt_error *error)
{
    assert(mixed && plan && kernel && vt_kernel_runs(kernel));
    enum vt_code code = vt_alloc(mixed, 1, sizeof **mixed, "kernels", error);
    if (code)
        return code;
    (*mixed)->kernel = kernel;
    code = vt_kernel_tables_create(&(*mixed)->tables, plan, error);
    if (code) {
        vt_mixed_destroy(*mixed);
        *mixed = NULL;
    }
    return code;
}

void vt_mixed_destroy(struct vt_mixed *mixed)
{
    if (!mixed)
        return;
    vt_kernel_tables_destroy(&mixed->tables);
    vt_free(mixed->position);
    vt_free(mixed->force);
    vt_free(mixed->scratch);
    vt_free(mixed->kept);
    vt_free(mixed);
}

const struct vt_kernel *vt_mixed_kernel(const struct vt_mixed *mixed)
{
    return mixed->kernel;
}

static enum vt_code make_room(struct vt_mixed *mixed, struct vt_error *error)
{
    const size_t n = (size_t)mixed->domain->atoms.n_all + 1;
    const bool charges = mixed->tables.plan->model->charge_mode != 0;
    mixed->rows = vt_kernel_rows(mixed->list);
    const size_t scratch = vt_kernel_scratch(&mixed->tables, mixed->rows);
    const size_t kept = charges ? vt_kernel_kept(&mixed->tables, mixed->list) : 0;
    enum vt_code code = vt_reserve(&mixed->position, &mixed->position_capacity, n,
                                   sizeof *mixed->position, "positions", error);
    if (!code)
        code = vt_reserve(&mixed->force, &mixed->force_capacity, n, sizeof *mixed->force, "forces",
                          error);
    if (!code)
        code = vt_reserve(&mixed->scratch, &mixed->scratch_capacity, scratch, sizeof(float),
                          "pairs", error);
    if (!code)
        code = vt_reserve(&mixed->kept, &mixed->kept_capacity, kept, sizeof(float), "descriptors",
                          error);
    return code;
}

/* The box around the extended brick, and the unit that makes it fit. */
static void set_scale(struct vt_mixed *mixed)
{
    const struct vt_halo_region *region = vt_halo_region(mixed->domain->halo);
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int corner = 0; corner < 8; corner++) {
        double f[3], x[3];
        for (int d = 0; d < 3; d++)
            f[d] = corner >> d & 1 ? region->high[d] + region->margin[d]
                                   : region->low[d] - region->margin[d];
        vt_cell_cartesian(&mixed->domain->cell, f, x);
        for (int d = 0; d < 3; d++) {
            low[d] = fmin(low[d], x[d]);
            high[d] = fmax(high[d], x[d]);
        }
    }
    double span = 0;
    for (int d = 0; d < 3; d++) {
        mixed->origin[d] = low[d];
        span = fmax(span, high[d] - low[d]);
    }
    mixed->unit = exp2(ceil(log2(span / full_scale)));
}

/* Positions in the order of places; a quarter of the full scale beyond either end is allowed. */
static enum vt_code set_positions(struct vt_mixed *mixed, struct vt_error *error)
{
    const struct vt_atoms *atoms = &mixed->domain->atoms;
    const double scale = 1 / mixed->unit, low = -0.25 * full_scale, high = 1.25 * full_scale;
    for (int32_t place = 0; place < atoms->n_all; place++) {
        const int32_t row = mixed->list->order[place];
        for (int d = 0; d < 3; d++) {
            const double x = (atoms->position[row][d] - mixed->origin[d]) * scale;
            if (!(x > low && x < high))
                return vt_fail(error, VT_FAILED, "atom %lld is not where it can be",
                               (long long)atoms->id[row] + 1);
            mixed->position[place][d] = (int32_t)lrint(x);
        }
    }
    for (int d = 0; d < 3; d++) /* the dummy: further away than any cutoff */
        mixed->position[atoms->n_all][d] = (int32_t)(-0.5 * full_scale);
    return VT_OK;
}

enum vt_code vt_mixed_start(struct vt_mixed *mixed, const struct vt_domain *domain,
                            const struct vt_neighbours *list, struct vt_error *error)
{
    assert(mixed && domain && list);
    mixed->domain = domain;
    mixed->list = list;
    const enum vt_code code = make_room(mixed, error);
    if (code)
        return code;
    set_scale(mixed);
    memset(mixed->force, 0, ((size_t)domain->atoms.n_all + 1) * sizeof *mixed->force);
    return set_positions(mixed, error);
}

/* What the kernels are given of this evaluation for add_zbl. */
struct close {
    const struct vt_mixed *mixed;
    const struct vt_mixed_output *out;
};

/* In double, as forces of hundreds of eV/A want it. Half of the pair, since it comes twice. */
static void add_zbl(void *user, int32_t centre, int32_t place)
{
    const struct close *close = user;
    const struct vt_plan *plan = close->mixed->tables.plan;
    const struct vt_atoms *atoms = &close->mixed->domain->atoms;
    const int32_t neighbour = close->mixed->list->order[place];
    const int pair = atoms->type[centre] * plan->n_types + atoms->type[neighbour];
    double minus_d[3], f[3], slope;
    for (int c = 0; c < 3; c++)
        minus_d[c] = atoms->position[centre][c] - atoms->position[neighbour][c];
    const double r = sqrt(vt_dot(minus_d, minus_d));
    if (!(r > 0 && r < plan->cutoff_angular[pair])) /* at one place: found out afterwards */
        return;
    close->out->zbl[centre] += 0.5 * vt_zbl_energy(&plan->zbl[pair], r, &slope);
    for (int c = 0; c < 3; c++) {
        f[c] = -0.5 * slope * minus_d[c] / r;
        close->out->force[centre][c] += f[c];
        close->out->force[neighbour][c] -= f[c];
    }
    vt_add_outer(close->out->virial, minus_d, f);
}

static struct vt_kernel_job make_job(const struct vt_mixed *mixed,
                                     const struct vt_mixed_output *out, struct close *user)
{
    *user = (struct close){mixed, out};
    return (struct vt_kernel_job){.tables = &mixed->tables,
                                  .list = mixed->list,
                                  .position = (const int32_t(*)[4])mixed->position,
                                  .unit = (float)mixed->unit,
                                  .force = mixed->force,
                                  .energy = out->network,
                                  .charge = out->charge,
                                  .radial_sums = out->radial_sums,
                                  .close = add_zbl,
                                  .user = user,
                                  .kept = mixed->kept,
                                  .scratch = mixed->scratch,
                                  .rows = mixed->rows};
}

/* The kernels tell only that it happened; the plain way of looking at pairs names the atoms. */
static enum vt_code check_places(const struct vt_mixed *mixed, float nearest,
                                 struct vt_error *error)
{
    if (nearest > (float)VT_SAME_PLACE)
        return VT_OK;
    struct vt_pairs pairs = {0};
    const struct vt_view view = {&mixed->domain->atoms, mixed->list, mixed->tables.plan->cutoff};
    enum vt_code code = vt_pairs_update(&pairs, &view, error);
    if (!code)
        code = vt_fail(error, VT_INPUT, "two atoms are at the same place");
    vt_pairs_destroy(&pairs);
    return code;
}

enum vt_code vt_mixed_evaluate(struct vt_mixed *mixed, const struct vt_mixed_output *out,
                               struct vt_error *error)
{
    struct close user;
    struct vt_kernel_job job = make_job(mixed, out, &user);
    mixed->kernel->evaluate(&job);
    return check_places(mixed, job.nearest, error);
}

enum vt_code vt_mixed_describe(struct vt_mixed *mixed, const struct vt_mixed_output *out,
                               struct vt_error *error)
{
    struct close user;
    struct vt_kernel_job job = make_job(mixed, out, &user);
    mixed->kernel->describe(&job);
    return check_places(mixed, job.nearest, error);
}

void vt_mixed_push(struct vt_mixed *mixed, const double *potential, double mean,
                   const struct vt_mixed_output *out)
{
    struct close user;
    struct vt_kernel_job job = make_job(mixed, out, &user);
    job.potential = potential;
    job.mean_potential = mean;
    mixed->kernel->push(&job);
}

void vt_mixed_collect(const struct vt_mixed *mixed, const struct vt_mixed_output *out)
{
    const bool has_zbl = mixed->tables.plan->model->zbl != VT_ZBL_NONE;
    double sums[9] = {0};
    for (int32_t place = 0; place < mixed->domain->atoms.n_all; place++) {
        const double f[3] = {(double)mixed->force[place][0], (double)mixed->force[place][1],
                             (double)mixed->force[place][2]};
        const double x[3] = {mixed->position[place][0] - middle, mixed->position[place][1] - middle,
                             mixed->position[place][2] - middle};
        double *force = out->force[mixed->list->order[place]];
        for (int d = 0; d < 3; d++)
            force[d] = has_zbl ? force[d] + f[d] : f[d];
        vt_add_outer(sums, x, f);
    }
    for (int c = 0; c < 9; c++)
        out->virial[c] += mixed->unit * sums[c];
}
