/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/run_system.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/elements.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "coulomb/slab.h"
#include "force/arithmetic.h"
#include "io/structure.h"
#include "md/members.h"

enum { PIECE = 4096, TAG_PIECE = 51 };

/* Atoms on their way from rank 0. Travels as bytes: the ranks of a run are of one kind. */
struct piece {
    size_t n;
    double position[PIECE][3], velocity[PIECE][3];
    int type[PIECE];
    uint32_t groups[PIECE];
};

/* Of the whole run: a stage begins with the forces of the one before. */
static bool wants_born(const struct vt_run_config *config)
{
    bool wanted = false;
    for (size_t s = 0; s < config->n_stages; s++)
        wanted = wanted || (config->stages[s].has_electric_field &&
                            config->stages[s].electric_field.coupling == VT_FIELD_ON_BORN);
    for (size_t d = 0; d < config->output.n_trajectory; d++)
        wanted = wanted || vt_run_dump_holds(&config->output.trajectory[d], VT_DUMP_BORN);
    return wanted;
}

struct vt_force_options vt_run_force_options(const struct vt_run_config *config)
{
    assert(config);
    return (struct vt_force_options){.precision = config->precision,
                                     .kernel = vt_isa_kernel(config->isa),
                                     .electrostatics = config->electrostatics.method,
                                     .accuracy = config->electrostatics.accuracy,
                                     .born_charges = wants_born(config),
                                     .radial_sums = config->has_extrapolation};
}

/* ---- reading ---- */

static enum vt_code check_frame(const struct vt_run_system *system, const struct vt_frame *frame,
                                struct vt_error *error)
{
    const struct vt_place place = {frame->file, frame->line, 0};
    if (frame->n_atoms == 0)
        return vt_fail_at(error, place, VT_INPUT, "the structure has no atoms");
    if (!frame->has_cell) {
        vt_fail_at(error, place, VT_INPUT, "the structure has no cell");
        vt_hint(error, "all directions are periodic: a molecule needs a cell wider than itself and "
                       "the cutoff together");
        return VT_INPUT;
    }
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (vt_nep_type(&system->model, frame->element[i]) < 0) {
            vt_fail_at(error, place, VT_INPUT, "atom %zu is %s, which the model does not know",
                       i + 1, vt_element_symbol(frame->element[i]));
            vt_hint(error, "'vitrion model show' lists the elements of a model");
            return VT_INPUT;
        }
    return VT_OK;
}

/* Along direction d: from the last atom to the image of the first, straight across the face. */
static double find_gap(const struct vt_frame *frame, const struct vt_cell *cell, int d)
{
    assert(d >= 0 && d < 3);
    double least = 0, most = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double fractional[3];
        vt_cell_fractional(cell, frame->position[i], fractional);
        least = i > 0 ? fmin(least, fractional[d]) : fractional[d];
        most = i > 0 ? fmax(most, fractional[d]) : fractional[d];
    }
    return (1 - (most - least)) * cell->thickness[d];
}

/* Whether a stage with a driven cell takes cell vector d of the structure somewhere else. */
static bool drives(const struct vt_run_config *config, size_t stage, const double vector[3], int d)
{
    const struct vt_cell_ramp ramp = vt_run_stage_ensemble(config, stage, 0).ramp;
    double moved[3];
    if (ramp.kind == VT_RAMP_LENGTHS)
        return ramp.lengths[d] != 1;
    vt_row_times_mat3(vector, (const double(*)[3])ramp.strain_rate, moved);
    return ramp.kind != VT_RAMP_STRAIN_RATE || vt_norm(moved) > 0;
}

/* A barostat would press the vacuum out, and so would a minimisation of the cell; a driven cell
 * would bring images together. */
static enum vt_code check_cell_stays(const struct vt_run_config *config,
                                     const struct vt_frame *frame, int d, struct vt_error *error)
{
    assert(d >= 0 && d < 3);
    const struct vt_place place = {frame->file, frame->line, 0};
    for (size_t s = 0; s < config->n_stages; s++) {
        const struct vt_run_stage *stage = &config->stages[s];
        if (!vt_run_stage_moves_cell(stage) ||
            (stage->has_deform && !drives(config, s, frame->cell[d], d)))
            continue;
        const char *what = "holds a pressure", *hint = "ensemble: nvt or nve where there is vacuum";
        if (stage->has_minimise) {
            what = "changes the cell";
            hint = "cell: fixed where there is vacuum";
        } else if (stage->has_deform) {
            what = "drives the cell there";
            hint = "deform: lengths or strain_rate in the other directions";
        }
        vt_fail_at(error, place, VT_INPUT,
                   "the structure is not periodic along %c, and stage %zu %s", "abc"[d], s, what);
        vt_hint(error, "%s, or pbc=\"T T T\"", hint);
        return VT_INPUT;
    }
    return VT_OK;
}

/* Long-ranged electrostatics of a slab is corrected for its images, those of clusters are not. */
static enum vt_code check_slab(struct vt_run_system *system, const struct vt_run_config *config,
                               struct vt_error *error)
{
    const struct vt_frame *frame = system->frame;
    const struct vt_place place = {frame->file, frame->line, 0};
    const int axis = system->open - 1;
    double cell[3][3], n_atoms = (double)frame->n_atoms;
    for (int d = 0; d < 3; d++) {
        n_atoms *= (double)config->replicate[d];
        for (int c = 0; c < 3; c++)
            cell[d][c] = (double)(d == axis ? 1 : config->replicate[d]) * frame->cell[d][c];
    }
    struct vt_cell whole;
    enum vt_code code = vt_cell_init(&whole, (const double(*)[3])cell, error);
    if (code)
        return code;
    if (config->electrostatics.method == VT_EWALD_GPUMD) {
        vt_fail_at(
            error, place, VT_INPUT,
            "the structure is a slab, open along %c, which the published sums know nothing of",
            "abc"[axis]);
        vt_hint(error, "electrostatics: {method: auto}, or pbc=\"T T T\"");
        return VT_INPUT;
    }
    const struct vt_slab slab = {axis, system->gap, n_atoms};
    struct vt_error cause = {0};
    code = vt_slab_check(&whole, &slab, config->electrostatics.accuracy, &cause);
    if (code) {
        vt_fail_at(error, place, code, "%s", cause.message);
        vt_hint(error, "%s", cause.hint);
    }
    return code;
}

/* The run is periodic in all directions. In those of which the structure says otherwise, images
 * must not see each other: then forces are those of the one, but for charges. */
static enum vt_code check_open(struct vt_run_system *system, const struct vt_run_config *config,
                               struct vt_error *error)
{
    const struct vt_frame *frame = system->frame;
    const struct vt_place place = {frame->file, frame->line, 0};
    const double cutoff = vt_nep_largest_cutoff(&system->model);
    struct vt_cell cell = {0};
    enum vt_code code = VT_OK;
    system->gap = -1;
    for (int d = 0; d < 3 && !code; d++) {
        if (frame->periodic[d])
            continue;
        code = vt_cell_init(&cell, (const double(*)[3])frame->cell, error);
        if (code)
            return code;
        const double gap = find_gap(frame, &cell, d);
        system->gap = system->gap < 0 ? gap : fmin(system->gap, gap);
        code = check_cell_stays(config, frame, d, error);
        if (code || gap >= cutoff)
            continue;
        code = vt_fail_at(error, place, VT_INPUT,
                          "the structure is not periodic along %c, and its images there are %.3g A "
                          "apart, which is within the cutoff of %.3g A",
                          "abc"[d], gap, cutoff);
        vt_hint(error, "a cell of at least %.4g A between its faces along %c, or pbc=\"T T T\"",
                cell.thickness[d] - gap + cutoff, "abc"[d]);
    }
    if (system->model.charge_mode == 1 || system->model.charge_mode == 2)
        system->open = vt_frame_slab(frame->periodic);
    return code || !system->open ? code : check_slab(system, config, error);
}

/* Rank 0. */
static enum vt_code read_frame(struct vt_run_system *system, const struct vt_run_config *config,
                               struct vt_error *error)
{
    const char *path = config->structure;
    struct vt_structure_reader *reader = NULL;
    bool end = false;
    enum vt_code code = vt_alloc(&system->frame, 1, sizeof *system->frame, "structure", error);
    if (!code)
        code = vt_structure_open(&reader, path, error);
    if (!code)
        code = vt_structure_read(reader, system->frame, &end, error);
    if (!code && end)
        code = vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT, "the file has no frames");
    if (!code)
        code = check_frame(system, system->frame, error);
    if (!code)
        code = check_open(system, config, error);
    vt_structure_close(reader);
    if (!code)
        system->frame->file = path; /* the reader's copy is gone */
    return code;
}

/* What there is nothing for in a model without charges. */
static enum vt_code check_charges(const struct vt_run_config *config, const struct vt_nep *model,
                                  struct vt_error *error)
{
    const struct vt_place place = {config->model, 0, 0};
    for (size_t t = 0; t < config->output.n_trajectory && !model->charge_mode; t++) {
        const struct vt_run_dump *dump = &config->output.trajectory[t];
        const bool charge = vt_run_dump_holds(dump, VT_DUMP_CHARGE);
        if (!charge && !vt_run_dump_holds(dump, VT_DUMP_BORN))
            continue;
        vt_fail_at(error, place, VT_INPUT,
                   "the model has no charges, which the trajectory '%.80s' is to hold", dump->name);
        vt_hint(error, "leave %s out of its fields", charge ? "charge" : "born");
        return VT_INPUT;
    }
    for (size_t s = 0; s < config->n_stages && !model->charge_mode; s++)
        if (config->stages[s].has_electric_field)
            return vt_fail_at(error, place, VT_INPUT,
                              "the model has no charges for the electric field of stage %zu", s);
    return VT_OK;
}

/* What all ranks must know of the structure. */
struct summary {
    int64_t n_atoms, elements;
    double cell[3][3];
    int has_velocities;
};

/* 64-bit FNV-1a over elements and replication. */
static int64_t hash_elements(const struct vt_frame *frame, const int64_t replicate[3])
{
    assert(replicate[0] > 0 && replicate[1] > 0 && replicate[2] > 0);
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < frame->n_atoms; i++)
        hash = (hash ^ frame->element[i]) * 1099511628211u;
    for (int d = 0; d < 3; d++)
        hash = (hash ^ (uint64_t)replicate[d]) * 1099511628211u;
    return (int64_t)(hash >> 1);
}

static struct summary summarise(const struct vt_frame *frame, const int64_t replicate[3])
{
    const struct vt_column *velocity = vt_frame_column(frame, "vel");
    struct summary summary = {.n_atoms = (int64_t)frame->n_atoms,
                              .elements = hash_elements(frame, replicate),
                              .has_velocities =
                                  velocity && velocity->type == VT_REAL && velocity->width == 3};
    for (int d = 0; d < 3; d++) {
        summary.n_atoms *= replicate[d];
        for (int c = 0; c < 3; c++)
            summary.cell[d][c] = (double)replicate[d] * frame->cell[d][c];
    }
    return summary;
}

static enum vt_code read_structure(struct vt_run_system *system, const struct vt_run_config *config,
                                   struct vt_error *error)
{
    struct summary summary = {0};
    enum vt_code code = VT_OK;
    if (vt_rank(system->comm) == 0) {
        if (!system->frame)
            code = read_frame(system, config, error);
        if (!code)
            summary = summarise(system->frame, config->replicate);
        if (!code && summary.n_atoms > INT32_MAX)
            code = vt_fail_at(error, (struct vt_place){config->structure, 0, 0}, VT_INPUT,
                              "%lld atoms are too many", (long long)summary.n_atoms);
    }
    code = vt_agree(system->comm, code, 0, error);
    if (code)
        return code;
    MPI_Bcast(&summary, sizeof summary, MPI_BYTE, 0, system->comm);
    system->n_atoms = summary.n_atoms;
    system->elements = summary.elements;
    memcpy(system->cell, summary.cell, sizeof system->cell);
    system->has_velocities = summary.has_velocities;
    MPI_Bcast(&system->gap, 1, MPI_DOUBLE, 0, system->comm);
    MPI_Bcast(&system->open, 1, MPI_INT, 0, system->comm);
    return VT_OK;
}

enum vt_code vt_run_system_open(struct vt_run_system *system, MPI_Comm comm,
                                const struct vt_run_config *config, struct vt_error *error)
{
    assert(system && config);
    system->comm = comm;
    system->domain.grid.comm = MPI_COMM_NULL;
    const struct vt_force_options options = vt_run_force_options(config);
    enum vt_code code = vt_nep_read(&system->model, config->model, error);
    if (!code)
        code = check_charges(config, &system->model, error);
    if (!code && config->has_extrapolation)
        code = vt_extrapolation_open(&system->extrapolation, config->extrapolation.active_set,
                                     &system->model, error);
    if (!code)
        code = vt_force_create(&system->force, &system->model, &options, error);
    code = vt_agree(comm, code, 0, error);
    if (code)
        return code;
    for (int t = 0; t < system->model.n_types; t++)
        system->mass[t] = vt_element_mass(system->model.atomic_number[t]);
    return read_structure(system, config, error);
}

/* ---- dealing out ---- */

enum vt_code vt_run_system_spread(struct vt_run_system *system, const struct vt_run_config *config,
                                  const int *bricks, const double cell[3][3],
                                  struct vt_error *error)
{
    assert(system && config && cell);
    int wanted[3];
    for (int d = 0; d < 3; d++)
        wanted[d] = bricks ? bricks[d] : (int)config->grid[d];
    const enum vt_code code = vt_domain_create(&system->domain, system->comm, cell, wanted, error);
    if (code)
        return code;
    system->domain.open = system->open;
    const struct vt_md_settings settings = {.domain = &system->domain,
                                            .force = system->force,
                                            .mass = system->mass,
                                            .timestep = config->timestep,
                                            .skin = config->neighbour.skin,
                                            .seed = (uint32_t)config->seed};
    vt_md_create(&system->md, &settings);
    return VT_OK;
}

/* Atoms first ... first + n - 1 of the replicated structure: copy after copy. */
static void fill_piece(const struct vt_run_system *system, const struct vt_members *members,
                       const int64_t replicate[3], int64_t first, struct piece *piece)
{
    assert(first >= 0 && first < system->n_atoms);
    const struct vt_frame *frame = system->frame;
    const struct vt_column *velocity =
        system->has_velocities ? vt_frame_column(frame, "vel") : NULL;
    for (size_t i = 0; i < piece->n; i++) {
        const size_t all = (size_t)first + i, atom = all % frame->n_atoms;
        const int64_t copy = (int64_t)(all / frame->n_atoms);
        const int64_t b = replicate[1], c = replicate[2];
        const double shift[3] = {(double)(copy / (b * c)), (double)(copy / c % b),
                                 (double)(copy % c)};
        double moved[3];
        vt_row_times_mat3(shift, frame->cell, moved);
        for (int d = 0; d < 3; d++) {
            piece->position[i][d] = frame->position[atom][d] + moved[d];
            piece->velocity[i][d] = velocity ? velocity->real[3 * atom + (size_t)d] : 0;
        }
        piece->type[i] = vt_nep_type(&system->model, frame->element[atom]);
        piece->groups[i] = vt_members_of(members, atom, (int64_t)all, piece->position[i]);
    }
}

/* Piece k goes to rank k modulo their number. Rank 0 sends all, so that a rank whose memory ends
 * goes on receiving, and the verdict is the same for all. */
static enum vt_code deal(struct vt_run_system *system, const struct vt_members *members,
                         const int64_t replicate[3], struct piece *piece, struct vt_error *error)
{
    const int rank = vt_rank(system->comm), size = vt_rank_count(system->comm);
    enum vt_code code = VT_OK;
    for (int64_t first = 0, k = 0; first < system->n_atoms; first += PIECE, k++) {
        const int64_t left = system->n_atoms - first;
        piece->n = (size_t)(left < PIECE ? left : PIECE);
        const int to = (int)(k % size);
        if (rank == 0) {
            fill_piece(system, members, replicate, first, piece);
            if (to != 0)
                MPI_Send(piece, sizeof *piece, MPI_BYTE, to, TAG_PIECE, system->comm);
        } else if (rank == to) {
            MPI_Recv(piece, sizeof *piece, MPI_BYTE, 0, TAG_PIECE, system->comm, MPI_STATUS_IGNORE);
        }
        const struct vt_domain_input input = {.n = piece->n,
                                              .position = (const double(*)[3])piece->position,
                                              .type = piece->type,
                                              .velocity = (const double(*)[3])piece->velocity,
                                              .groups = piece->groups,
                                              .first_id = first};
        if (rank == to && !code)
            code = vt_domain_add(&system->domain, &input, error);
    }
    return code;
}

static enum vt_code check_groups(const struct vt_run_system *system,
                                 const struct vt_run_config *config, struct vt_error *error)
{
    for (size_t g = 0; g < config->n_groups; g++)
        if (system->group_size[g] == 0) {
            vt_fail_at(error, (struct vt_place){config->structure, 0, 0}, VT_INPUT,
                       "no atom of the structure belongs to the group '%s'",
                       config->groups[g].name);
            vt_hint(error, "an atom belongs to it if it fits all that is said of the group");
            return VT_INPUT;
        }
    return VT_OK;
}

enum vt_code vt_run_system_deal(struct vt_run_system *system, const struct vt_run_config *config,
                                struct vt_error *error)
{
    struct piece *piece = NULL;
    struct vt_members *members = NULL;
    enum vt_code code = vt_alloc(&piece, 1, sizeof *piece, "atoms on their way", error);
    if (!code && system->frame)
        code = vt_members_create(&members, vt_run_groups(config), system->frame, system->n_atoms,
                                 error);
    code = vt_agree(system->comm, code, 0, error);
    if (!code) {
        code = deal(system, members, config->replicate, piece, error);
        code = vt_agree(system->comm, code, 0, error);
    }
    vt_members_destroy(members);
    vt_free(piece);
    if (!code)
        code = vt_domain_migrate(&system->domain, error);
    if (code)
        return code;
    assert(system->domain.n_global == system->n_atoms);
    if (system->frame)
        vt_frame_destroy(system->frame);
    vt_free(system->frame);
    system->frame = NULL;
    vt_run_system_count(system);
    return check_groups(system, config, error);
}

void vt_run_system_count(struct vt_run_system *system)
{
    assert(system);
    const struct vt_atoms *atoms = &system->domain.atoms;
    double count[VT_NEP_MAX_TYPES] = {0}; /* exact, so that the order of the atoms does not show */
    double members[VT_GROUPS_MOST] = {0};
    for (int32_t i = 0; i < atoms->n_local; i++) {
        count[atoms->type[i]]++;
        for (int g = 0; g < VT_GROUPS_MOST; g++)
            members[g] += (atoms->groups[i] >> (g + 1)) & 1;
    }
    vt_sum_over_ranks(system->comm, count, system->model.n_types);
    vt_sum_over_ranks(system->comm, members, VT_GROUPS_MOST);
    for (int g = 0; g < VT_GROUPS_MOST; g++)
        system->group_size[g] = (int64_t)members[g];
    system->total_mass = 0;
    for (int t = 0; t < system->model.n_types; t++)
        system->total_mass += count[t] * system->mass[t];
}

void vt_run_system_close(struct vt_run_system *system)
{
    assert(system);
    vt_md_destroy(&system->md);
    if (system->comm != MPI_COMM_NULL && system->domain.mover)
        vt_domain_destroy(&system->domain);
    vt_force_destroy(system->force);
    vt_extrapolation_close(&system->extrapolation);
    vt_nep_destroy(&system->model);
    if (system->frame)
        vt_frame_destroy(system->frame);
    vt_free(system->frame);
    *system = (struct vt_run_system){.comm = MPI_COMM_NULL};
}
