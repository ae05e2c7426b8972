/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job.h"

#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"

enum { GUARD = 128, GUARD_BYTE = 0xa5 }; /* bytes: whole vectors, so that arrays stay aligned */
static const double full_scale = 0x1p30, out_of_reach = 0x1p28;

static void *take(size_t n, size_t size)
{
    unsigned char *memory = NULL;
    assert_int_equal(vt_alloc(&memory, n * size, 1, "job", NULL), VT_OK);
    return memory;
}

static void *guarded(struct job *job, enum job_array which, size_t size)
{
    unsigned char *memory = take(size + 2 * GUARD, 1);
    memset(memory, GUARD_BYTE, size + 2 * GUARD);
    memset(memory + GUARD, 0, size);
    job->array[which].memory = memory;
    job->array[which].size = size;
    return memory + GUARD;
}

/* Any unit will do in which the atoms are within full_scale and the dummy is out of reach. */
static void set_positions(struct job *job, const struct short_range *range)
{
    const struct vt_atoms *atoms = &range->domain.atoms;
    double most = 8 * range->plan.largest_cutoff;
    for (int32_t row = 0; row < atoms->n_all; row++)
        for (int d = 0; d < 3; d++)
            most = fmax(most, fabs(atoms->position[row][d]));
    const double unit = exp2(ceil(log2(most / full_scale)) + 1);
    job->position = take((size_t)atoms->n_all + 1, sizeof *job->position);
    for (int32_t place = 0; place < atoms->n_all; place++)
        for (int d = 0; d < 3; d++)
            job->position[place][d] =
                (int32_t)lrint(atoms->position[range->list.order[place]][d] / unit);
    for (int d = 0; d < 3; d++)
        job->position[atoms->n_all][d] = (int32_t)(full_scale - out_of_reach);
    job->call.unit = (float)unit;
    job->call.position = (const int32_t(*)[4])job->position;
}

static void add_close(void *user, int32_t centre, int32_t place)
{
    struct job *job = user;
    const struct short_range *range = job->range;
    const struct vt_atoms *atoms = &range->domain.atoms;
    const int32_t neighbour = range->list.order[place];
    const int types = atoms->type[centre] * range->plan.n_types + atoms->type[neighbour];
    double d[3], slope;
    for (int c = 0; c < 3; c++)
        d[c] = atoms->position[neighbour][c] - atoms->position[centre][c];
    if (vt_norm(d) < range->plan.cutoff_angular[types])
        job->zbl += vt_zbl_energy(&range->plan.zbl[types], vt_norm(d), &slope);
}

double job_zbl_expected(const struct job *job)
{
    const struct short_range *range = job->range;
    const struct vt_pairs *pairs = &range->pairs;
    const struct vt_plan *plan = &range->plan;
    double sum = 0, slope;
    for (int32_t i = 0; i < pairs->n_centres && plan->model->zbl != VT_ZBL_NONE; i++)
        for (int t = 0; t < plan->n_types; t++) {
            const size_t g = (size_t)i * (size_t)plan->n_types + (size_t)t;
            const int types = range->domain.atoms.type[i] * plan->n_types + t;
            for (size_t p = pairs->first[g]; p < pairs->last[g]; p++)
                if (pairs->pair[p].r < plan->cutoff_angular[types])
                    sum += vt_zbl_energy(&plan->zbl[types], pairs->pair[p].r, &slope);
        }
    return sum;
}

void job_create(struct job *job, struct short_range *range, unsigned char dirt)
{
    const size_t n_local = (size_t)range->domain.atoms.n_local;
    const size_t n_all = (size_t)range->domain.atoms.n_all;
    *job = (struct job){.n_all = n_all, .range = range};
    struct vt_kernel_job *call = &job->call;
    call->tables = &range->tables;
    call->list = &range->list;
    call->rows = vt_kernel_rows(&range->list);
    const size_t kept = vt_kernel_kept(&range->tables, &range->list);
    const size_t scratch = vt_kernel_scratch(&range->tables, call->rows);
    call->force = guarded(job, JOB_FORCE, (n_all + 1) * sizeof *call->force);
    call->energy = guarded(job, JOB_ENERGY, n_local * sizeof(double));
    call->close = add_close;
    call->user = job;
    call->charge = guarded(job, JOB_CHARGE, n_local * sizeof(double));
    if (!range->model.charge_mode)
        call->charge = NULL;
    call->kept = guarded(job, JOB_KEPT, kept * sizeof(float));
    call->scratch = guarded(job, JOB_SCRATCH, scratch * sizeof(float));
    memset(call->kept, dirt, kept * sizeof(float));
    memset(call->scratch, dirt, scratch * sizeof(float));
    job->potential = take(n_local, sizeof(double));
    call->potential = job->potential;
    set_positions(job, range);
}

void job_destroy(struct job *job)
{
    for (enum job_array a = 0; a < JOB_ARRAYS; a++)
        vt_free(job->array[a].memory);
    vt_free(job->position);
    vt_free(job->potential);
}

static bool intact(const unsigned char *guard)
{
    for (int k = 0; k < GUARD; k++)
        if (guard[k] != GUARD_BYTE)
            return false;
    return true;
}

enum job_array job_broken(const struct job *job)
{
    enum job_array a = 0;
    while (a < JOB_ARRAYS && intact(job->array[a].memory) &&
           intact(job->array[a].memory + GUARD + job->array[a].size))
        a++;
    return a;
}

static uint64_t mix(uint64_t sum, const void *memory, size_t size)
{
    const unsigned char *byte = memory;
    for (size_t k = 0; k < size; k++)
        sum = (sum ^ byte[k]) * UINT64_C(0x100000001b3);
    return sum;
}

uint64_t job_inputs(const struct job *job)
{
    const struct vt_kernel_tables *t = job->call.tables;
    const struct vt_neighbours *list = job->call.list;
    const struct vt_plan *plan = t->plan;
    const size_t types = (size_t)plan->n_types, pairs = types * types;
    const size_t groups = list->n_slices * types, neurons = types * (size_t)plan->neurons;
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    sum = mix(sum, job->position, (job->n_all + 1) * sizeof *job->position);
    sum = mix(sum, list->centre, list->n_slices * sizeof *list->centre);
    sum = mix(sum, list->place, list->n_slices * sizeof *list->place);
    sum = mix(sum, list->row, (groups + 1) * sizeof *list->row);
    sum = mix(sum, list->count, groups * sizeof *list->count);
    sum = mix(sum, list->entry, list->row[groups] * sizeof *list->entry);
    sum = mix(sum, t->cutoff, pairs * sizeof(float));
    sum = mix(sum, t->radial, pairs * (size_t)(plan->n_radial * plan->k_radial) * sizeof(float));
    sum = mix(sum, t->radial_slope, pairs * (size_t)(plan->n_radial * t->n_slope) * sizeof(float));
    sum = mix(sum, t->angular, pairs * (size_t)(plan->n_angular * plan->k_angular) * sizeof(float));
    sum = mix(sum, t->w0, neurons * (size_t)plan->dimension * sizeof(float));
    sum = mix(sum, t->w0_transposed, neurons * (size_t)plan->dimension * sizeof(float));
    sum = mix(sum, t->w1, neurons * sizeof(float));
    sum = mix(sum, t->polynomial, sizeof t->polynomial);
    return mix(sum, job->potential, job->array[JOB_ENERGY].size);
}
