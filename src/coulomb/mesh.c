/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rank spreads its charges over a box of its own: its brick and as many points around it as
 * window and stray atoms need. One exchange carries the boxes, overlaps added, straight to the
 * pencils of the transforms, and one back brings the potential. A separate exchange of halos would
 * double the number of messages. */
#include "coulomb/mesh.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/units.h"
#include "coulomb/fft.h"
#include "coulomb/influence.h"

enum part { LOCATE, SPREAD, EXCHANGE, TRANSFORM, INFLUENCE, GATHER, FINISH, PARTS };

struct vt_mesh {
    struct vt_mesh_settings settings;
    struct vt_window window;
    const struct vt_stencil *stencil;
    MPI_Comm comm;          /* borrowed */
    int count[3], brick[3]; /* of the grid */
    int stray;              /* points by which the box is larger than brick and window */
    struct vt_box box;      /* of the charges of this rank */
    void *charges;          /* owned: the box, then the potential in it */
    struct vt_fft *fft;     /* owned */
    struct vt_remap *remap; /* owned: between the box and the pencils */
    struct vt_influence influence;
    struct vt_cell cell; /* that the influence function was made for */
    struct vt_own own;   /* of all ranks' waves */
    void *kept;          /* owned: waves, for virials of atoms */
    double (*place)[3];  /* owned */
    double (*value)[4];  /* owned */
    size_t place_capacity, value_capacity;
    struct vt_timers timers;
};

static size_t number_size(const struct vt_mesh *mesh)
{
    return mesh->settings.single ? sizeof(float) : sizeof(double);
}

void vt_mesh_destroy(struct vt_mesh *mesh)
{
    if (!mesh)
        return;
    vt_free(mesh->charges);
    vt_fft_destroy(mesh->fft);
    vt_remap_destroy(mesh->remap);
    vt_influence_destroy(&mesh->influence);
    vt_free(mesh->kept);
    vt_free(mesh->place);
    vt_free(mesh->value);
    vt_free(mesh);
}

/* ---- the box of a rank ---- */

/* Points that atoms of the brick can touch, and `stray` more where the grid is divided. */
static void set_box(struct vt_mesh *mesh)
{
    const int width = mesh->settings.width, before = (width - 1) / 2;
    struct vt_box *box = &mesh->box;
    for (int d = 0; d < 3; d++) {
        const int n = mesh->settings.size[d], parts = mesh->count[d], brick = mesh->brick[d];
        const int stray = parts > 1 ? mesh->stray : 0;
        box->from[d] = (int)((long long)n * brick / parts) - before - stray;
        box->to[d] =
            (int)(((long long)n * (brick + 1) + parts - 1) / parts) + width - before + stray;
    }
    box->pitch = box->to[2] - box->from[2];
}

/* The box, its array and exchange, for a given number of stray points. Collective. */
static enum vt_code make_box(struct vt_mesh *mesh, int stray, struct vt_error *error)
{
    assert(stray >= 0);
    mesh->stray = stray;
    set_box(mesh);
    vt_free(mesh->charges);
    vt_remap_destroy(mesh->remap);
    mesh->charges = NULL;
    mesh->remap = NULL;
    enum vt_code code = vt_alloc(&mesh->charges, vt_box_numbers(&mesh->box) + VT_STENCIL_SLACK,
                                 number_size(mesh), "mesh", error);
    code = vt_agree(mesh->comm, code, 0, error);
    if (code)
        return code;
    const int *size = mesh->settings.size;
    const struct vt_remap_layout layout = {.comm = mesh->comm,
                                           .size = {size[0], size[1], size[2]},
                                           .source = mesh->box,
                                           .target = *vt_fft_real_box(mesh->fft),
                                           .single = mesh->settings.single};
    return vt_remap_create(&mesh->remap, &layout, error);
}

static void add_timers(struct vt_mesh *mesh)
{
    static const char *const name[PARTS] = {"locate",    "spread", "exchange", "transform",
                                            "influence", "gather", "finish"};
    for (int p = 0; p < PARTS; p++)
        vt_timers_add(&mesh->timers, name[p]);
}

enum vt_code vt_mesh_create(struct vt_mesh **mesh, const struct vt_mesh_settings *settings,
                            const struct vt_grid *grid, struct vt_error *error)
{
    assert(mesh && settings);
    assert(settings->width >= VT_WINDOW_LEAST && settings->width <= VT_WINDOW_MOST);
    assert(settings->split.k_max > 0);
    const MPI_Comm comm = grid ? grid->comm : MPI_COMM_NULL;
    enum vt_code code = vt_alloc(mesh, 1, sizeof **mesh, "mesh", error);
    code = vt_agree(comm, code, 0, error);
    if (code)
        goto fail;
    struct vt_mesh *m = *mesh;
    m->settings = *settings;
    m->comm = comm;
    m->stencil = settings->stencil ? settings->stencil : vt_stencil_best();
    m->window = vt_window_make(settings->window, settings->width, settings->shape);
    add_timers(m);
    for (int d = 0; d < 3; d++) {
        assert(settings->size[d] >= settings->width);
        m->count[d] = grid ? grid->count[d] : 1;
        m->brick[d] = grid ? grid->brick[d] : 0;
    }
    const int *size = settings->size;
    const struct vt_fft_layout layout = {.comm = comm,
                                         .size = {size[0], size[1], size[2]},
                                         .parts = {settings->parts[0], settings->parts[1]},
                                         .single = settings->single};
    code = vt_fft_create(&m->fft, &layout, error);
    if (code)
        goto fail;
    code = vt_influence_create(&m->influence, &m->settings.split, &m->window, size,
                               vt_fft_wave_box(m->fft), error);
    code = vt_agree(comm, code, 0, error);
    if (!code)
        code = make_box(m, 0, error);
    if (!code)
        return VT_OK;
fail:
    vt_mesh_destroy(*mesh);
    *mesh = NULL;
    return code;
}

/* ---- one evaluation ---- */

/* Where the atoms are on the mesh. */
static void locate(struct vt_mesh *mesh, const struct vt_cell *cell, struct vt_stencil_job *job)
{
    for (int d = 0; d < 3; d++) {
        const double n = mesh->settings.size[d];
        for (int a = 0; a < 3; a++)
            job->to_mesh[a][d] = n * cell->inverse[a][d];
        const double middle = n * (mesh->brick[d] + 0.5) / mesh->count[d];
        job->period[d] = n;
        job->from[d] = middle - 0.5 * n;
        job->origin[d] = mesh->box.from[d];
    }
    mesh->stencil->locate(job);
}

/* Points that the atoms need beyond the box. */
static int points_missing(const struct vt_mesh *mesh, const struct vt_stencil_job *job)
{
    const int width = mesh->settings.width;
    double most = 0;
    for (int d = 0; d < 3 && job->n > 0; d++) {
        const int length = mesh->box.to[d] - mesh->box.from[d];
        const double first = floor(job->least[d] + mesh->window.shift) - (width - 1) / 2;
        const double last = floor(job->most[d] + mesh->window.shift) - (width - 1) / 2 + width - 1;
        most = fmax(most, fmax(-first, last - (length - 1)));
    }
    return (int)most;
}

/* Positions on the mesh, the box grown to hold them on all ranks. */
static enum vt_code place_atoms(struct vt_mesh *mesh, const struct vt_cell *cell,
                                struct vt_stencil_job *job, struct vt_error *error)
{
    enum { SPARE = 1 }; /* so that the box does not grow again right away */
    for (;;) {
        locate(mesh, cell, job);
        int missing = points_missing(mesh, job);
        if (mesh->comm != MPI_COMM_NULL)
            MPI_Allreduce(MPI_IN_PLACE, &missing, 1, MPI_INT, MPI_MAX, mesh->comm);
        if (missing <= 0)
            return VT_OK;
        const enum vt_code code = make_box(mesh, mesh->stray + missing + SPARE, error);
        if (code)
            return code;
    }
}

static enum vt_code prepare(struct vt_mesh *mesh, const struct vt_cell *cell,
                            const struct vt_point_charges *charges, struct vt_error *error)
{
    enum vt_code code = vt_reserve(&mesh->place, &mesh->place_capacity, charges->n,
                                   sizeof *mesh->place, "mesh", error);
    if (!code)
        code = vt_reserve(&mesh->value, &mesh->value_capacity, charges->n, sizeof *mesh->value,
                          "mesh", error);
    code = vt_agree(mesh->comm, code, 0, error);
    if (code)
        return code;
    if (memcmp(&mesh->cell, cell, sizeof *cell) != 0) {
        mesh->cell = *cell;
        vt_influence_set(&mesh->influence, cell);
        mesh->own = mesh->influence.own;
        vt_sum_over_ranks(mesh->comm, &mesh->own.turn[0][0], sizeof mesh->own / sizeof(double));
    }
    return VT_OK;
}

static void charges_to_waves(struct vt_mesh *mesh, const struct vt_stencil_job *job)
{
    struct vt_timers *timers = &mesh->timers;
    int outer = vt_timers_enter(timers, SPREAD);
    memset(mesh->charges, 0, vt_box_numbers(&mesh->box) * number_size(mesh));
    mesh->stencil->spread[mesh->settings.single](job);
    vt_timers_leave(timers, outer);
    outer = vt_timers_enter(timers, EXCHANGE);
    vt_remap_sum(mesh->remap, mesh->charges, vt_fft_real(mesh->fft));
    vt_timers_leave(timers, outer);
    outer = vt_timers_enter(timers, TRANSFORM);
    vt_fft_forward(mesh->fft);
    vt_timers_leave(timers, outer);
}

static void waves_to_values(struct vt_mesh *mesh, struct vt_stencil_job *job)
{
    struct vt_timers *timers = &mesh->timers;
    int outer = vt_timers_enter(timers, TRANSFORM);
    vt_fft_backward(mesh->fft);
    vt_timers_leave(timers, outer);
    outer = vt_timers_enter(timers, EXCHANGE);
    vt_remap_back(mesh->remap, vt_fft_real(mesh->fft), mesh->charges);
    vt_timers_leave(timers, outer);
    outer = vt_timers_enter(timers, GATHER);
    mesh->stencil->gather[mesh->settings.single](job);
    vt_timers_leave(timers, outer);
}

/* ---- what the atoms get ---- */

static double mass_of(const struct vt_point_charges *charges, size_t i)
{
    return charges->mass ? charges->mass[i] : 1;
}

/* What the charges have from themselves is not counted. squares: sum of q^2. */
static void take_off_own(const struct vt_mesh *mesh, double squares,
                         const struct vt_stencil_job *job, struct vt_coulomb_sums *sums)
{
    const struct vt_own *own = &mesh->own;
    sums->energy -= 0.5 * VT_COULOMB * squares * own->mean;
    for (int c = 0; c < 9; c++)
        sums->virial[c] -= 0.5 * VT_COULOMB * squares * own->strain[c];
    for (int d = 0; d < 3; d++)
        for (int h = 0; h < VT_SELF_WAVES; h++) {
            sums->energy -= 0.5 * VT_COULOMB * job->turns[d][h] * own->turn[d][h];
            for (int c = 0; c < 9; c++)
                sums->virial[c] -= 0.5 * VT_COULOMB * job->turns[d][h] * own->turn_strain[d][h][c];
        }
}

/* Everything but the mean force; this rank's sums of forces and of masses go to `total`. Returns
 * the sum of q^2. */
static double add_atoms(const struct vt_mesh *mesh, const struct vt_point_charges *charges,
                        struct vt_coulomb_sums *sums, double total[4])
{
    double slope[3][3], squares = 0;
    for (int d = 0; d < 3; d++)
        for (int a = 0; a < 3; a++)
            slope[d][a] = mesh->settings.size[d] * mesh->cell.inverse[a][d];
    for (size_t i = 0; i < charges->n; i++) {
        const double charge = charges->charge[i], *value = mesh->value[i];
        double gradient[3];
        vt_row_times_mat3(value + 1, (const double(*)[3])slope, gradient);
        squares += charge * charge;
        sums->potentials[i] += VT_COULOMB * value[0];
        sums->energies[i] += 0.5 * VT_COULOMB * charge * value[0];
        for (int a = 0; a < 3; a++) {
            const double force = -VT_COULOMB * charge * gradient[a];
            sums->forces[i][a] += force;
            total[a] += force;
        }
        total[3] += mass_of(charges, i);
    }
    return squares;
}

/* By mass, so that it does no work on a system whose centre of mass is at rest. */
static void take_off_mean_force(const struct vt_mesh *mesh, const struct vt_point_charges *charges,
                                double total[4], struct vt_coulomb_sums *sums)
{
    vt_sum_over_ranks(mesh->comm, total, 4);
    for (int a = 0; a < 3; a++)
        total[a] /= total[3];
    for (size_t i = 0; i < charges->n; i++)
        for (int a = 0; a < 3; a++)
            sums->forces[i][a] -= mass_of(charges, i) * total[a];
}

static enum vt_code keep_waves(struct vt_mesh *mesh, struct vt_error *error)
{
    const size_t numbers = 2 * vt_box_numbers(vt_fft_wave_box(mesh->fft));
    enum vt_code code = VT_OK;
    if (!mesh->kept)
        code = vt_alloc(&mesh->kept, numbers, number_size(mesh), "mesh", error);
    code = vt_agree(mesh->comm, code, 0, error);
    if (!code && numbers)
        memcpy(mesh->kept, vt_fft_waves(mesh->fft), numbers * number_size(mesh));
    return code;
}

/* One component after the other, through the potential that it makes of the kept waves. */
static void add_atom_virials(struct vt_mesh *mesh, struct vt_stencil_job *job,
                             struct vt_coulomb_sums *sums)
{
    const struct vt_own *own = &mesh->own;
    for (int a = 0; a < 3; a++)
        for (int b = a; b < 3; b++) {
            vt_influence_strain(&mesh->influence, mesh->kept, vt_fft_waves(mesh->fft),
                                mesh->settings.single, (const int[2]){a, b});
            job->self_mean = own->strain[3 * a + b];
            for (int h = 0; h < 3 * VT_SELF_WAVES; h++)
                job->self[h / VT_SELF_WAVES][h % VT_SELF_WAVES] =
                    own->turn_strain[h / VT_SELF_WAVES][h % VT_SELF_WAVES][3 * a + b];
            waves_to_values(mesh, job);
            for (size_t i = 0; i < job->n; i++) {
                const double part = 0.5 * VT_COULOMB * job->charge[i] * job->value[i][0];
                sums->virials[i][3 * a + b] += part;
                if (a != b)
                    sums->virials[i][3 * b + a] += part;
            }
        }
}

static void add_waves(const struct vt_wave_sums *waves, struct vt_coulomb_sums *sums)
{
    sums->energy += VT_COULOMB * waves->energy;
    for (int c = 0; c < 9; c++)
        sums->virial[c] += VT_COULOMB * waves->virial[c];
}

enum vt_code vt_mesh_add(struct vt_mesh *mesh, const struct vt_cell *cell,
                         const struct vt_point_charges *charges, struct vt_coulomb_sums *sums,
                         struct vt_error *error)
{
    assert(mesh && cell && charges && sums);
    assert(sums->energies && sums->potentials && sums->forces);
    struct vt_timers *timers = &mesh->timers;
    struct vt_wave_sums waves = {0};
    double total[4] = {0};
    int outer = vt_timers_enter(timers, LOCATE);
    enum vt_code code = prepare(mesh, cell, charges, error);
    struct vt_stencil_job job = {.window = &mesh->window,
                                 .n = charges->n,
                                 .position = charges->position,
                                 .charge = charges->charge,
                                 .place = mesh->place,
                                 .value = mesh->value};
    if (!code)
        code = place_atoms(mesh, cell, &job, error);
    vt_timers_leave(timers, outer);
    if (code)
        return code;
    job.mesh = mesh->charges;
    job.stride[1] = (size_t)mesh->box.pitch;
    job.stride[0] = job.stride[1] * (size_t)(mesh->box.to[1] - mesh->box.from[1]);
    charges_to_waves(mesh, &job);
    outer = vt_timers_enter(timers, INFLUENCE);
    vt_influence_apply(&mesh->influence, vt_fft_waves(mesh->fft), mesh->settings.single, &waves);
    vt_timers_leave(timers, outer);
    if (sums->virials) {
        code = keep_waves(mesh, error);
        if (code)
            return code;
    }
    memcpy(job.self, mesh->own.turn, sizeof job.self);
    job.self_mean = mesh->own.mean;
    waves_to_values(mesh, &job);
    outer = vt_timers_enter(timers, FINISH);
    add_waves(&waves, sums);
    take_off_own(mesh, add_atoms(mesh, charges, sums, total), &job, sums);
    take_off_mean_force(mesh, charges, total, sums);
    vt_timers_leave(timers, outer);
    if (sums->virials)
        add_atom_virials(mesh, &job, sums);
    return VT_OK;
}

const struct vt_timers *vt_mesh_timers(const struct vt_mesh *mesh)
{
    return &mesh->timers;
}
