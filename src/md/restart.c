/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/restart.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "io/checkpoint.h"

enum { FORMAT = 4, NAME_SIZE = 128 };

/* Small records that stand in structs: one table for writing and reading. */
struct record {
    const char *name;
    enum vt_checkpoint_type type;
    size_t n;
    void *values;
};

enum { RECORDS = 19 };

static void list_records(struct record records[RECORDS], struct vt_run_system *system,
                         struct vt_run_state *state)
{
    const struct record all[RECORDS] = {
        {"n_atoms", VT_CHECKPOINT_INT64, 1, &system->n_atoms},
        {"elements", VT_CHECKPOINT_INT64, 1, &system->elements},
        {"step", VT_CHECKPOINT_INT64, 1, &system->md.step},
        {"n_rebuilds", VT_CHECKPOINT_INT64, 1, &system->md.n_rebuilds},
        {"needs_rebuild", VT_CHECKPOINT_INT64, 1, &state->needs_rebuild},
        {"cell", VT_CHECKPOINT_DOUBLE, 9, system->domain.cell.vector},
        {"built_cell", VT_CHECKPOINT_DOUBLE, 9, system->md.built_cell},
        {"bricks", VT_CHECKPOINT_INT32, 3, system->domain.grid.count},
        {"stage", VT_CHECKPOINT_INT64, 1, &state->stage},
        {"stage_start", VT_CHECKPOINT_INT64, 1, &state->stage_start},
        {"has_begun", VT_CHECKPOINT_INT64, 1, &state->has_begun},
        {"has_row", VT_CHECKPOINT_INT64, 1, &state->has_row},
        {"ensemble", VT_CHECKPOINT_DOUBLE, VT_ENSEMBLE_STATE, state->ensemble},
        {"conserved_start", VT_CHECKPOINT_DOUBLE, 1, &state->conserved_start},
        {"start_volume", VT_CHECKPOINT_DOUBLE, 1, &state->start_volume},
        {"thermo_size", VT_CHECKPOINT_INT64, 1, &state->thermo_size},
        {"rotations", VT_CHECKPOINT_INT64, 1, &state->rotations},
        {"minimiser", VT_CHECKPOINT_DOUBLE, VT_MINIMISE_STATE, state->minimiser.numbers},
        {"minimiser_blocks", VT_CHECKPOINT_INT64, 1, &state->minimiser.n_blocks}};
    memcpy(records, all, sizeof all);
}

/* ---- what must not have changed ---- */

/* Physics or a stage (>= 0) as text; owned by the caller, free(). NULL: no memory. */
static char *echo(const struct vt_run_config *config, int64_t stage)
{
    assert(stage < (int64_t)config->n_stages);
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    if (stage < 0)
        vt_run_echo_physics(config, file);
    else
        vt_run_echo_stage(config, (size_t)stage, file);
    fclose(file);
    return text;
}

static void name_echo(int64_t stage, char name[32])
{
    if (stage < 0)
        snprintf(name, 32, "physics");
    else
        snprintf(name, 32, "stage.%lld", (long long)stage);
}

static enum vt_code put_echo(struct vt_checkpoint_writer *writer, MPI_Comm comm,
                             const struct vt_run_config *config, int64_t stage,
                             struct vt_error *error)
{
    char name[32];
    name_echo(stage, name);
    char *text = echo(config, stage);
    enum vt_code code = text ? VT_OK : vt_fail(error, VT_MEMORY, "no memory for a checkpoint");
    code = vt_agree(comm, code, 0, error);
    if (!code)
        code = vt_checkpoint_put(writer, name, VT_CHECKPOINT_TEXT, strlen(text), text, error);
    free(text);
    return code;
}

/* The first line in which two echoes differ, without its blanks. */
static void find_difference(const char *a, const char *b, char lines[2][128])
{
    const char *text[2] = {a, b};
    for (;;) {
        const size_t length[2] = {strcspn(text[0], "\n"), strcspn(text[1], "\n")};
        const bool same =
            length[0] == length[1] && strncmp(text[0], text[1], length[0]) == 0 && text[0][0];
        for (int i = 0; !same && i < 2; i++) {
            const size_t blanks = strspn(text[i], " -");
            const int shown = length[i] > blanks ? (int)(length[i] - blanks) : 0;
            snprintf(lines[i], sizeof lines[i], "%.*s", shown, text[i] + blanks);
        }
        if (!same)
            return;
        for (int i = 0; i < 2; i++)
            text[i] += length[i] + (text[i][length[i]] == '\n');
    }
}

static enum vt_code fail_different(const char *path, int64_t stage, char lines[2][128],
                                   struct vt_error *error)
{
    char where[32] = "";
    if (stage >= 0)
        snprintf(where, sizeof where, " in stage %lld", (long long)stage);
    vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
               "the checkpoint is of another configuration%s: it has '%s', not '%s'", where,
               lines[0][0] ? lines[0] : "nothing", lines[1][0] ? lines[1] : "nothing");
    vt_hint(error, "restart with what the run was started with; stages may be added at the end");
    return VT_INPUT;
}

static enum vt_code compare_echo(struct vt_checkpoint *checkpoint, const char *path,
                                 const struct vt_run_config *config, int64_t stage,
                                 struct vt_error *error)
{
    char name[32];
    name_echo(stage, name);
    char *before = NULL, lines[2][128];
    size_t size = 0;
    enum vt_code code =
        vt_checkpoint_take(checkpoint, name, VT_CHECKPOINT_TEXT, &before, &size, error);
    if (code)
        return code;
    char *now = stage < (int64_t)config->n_stages ? echo(config, stage) : NULL;
    if (!now || strcmp(before, now) != 0) {
        find_difference(before, now ? now : "", lines);
        code = fail_different(path, stage, lines, error);
    }
    free(now);
    vt_free(before);
    return code;
}

static enum vt_code compare_system(struct vt_checkpoint *checkpoint, const char *path,
                                   const struct vt_run_system *system, struct vt_error *error)
{
    const struct vt_place place = {path, 0, 0};
    int64_t format = 0, n_atoms = 0, elements = 0;
    char hash[17] = "";
    enum vt_code code =
        vt_checkpoint_get(checkpoint, "format", VT_CHECKPOINT_INT64, 1, &format, error);
    if (!code && format != FORMAT)
        code = vt_fail_at(error, place, VT_INPUT,
                          "the checkpoint is of another version of the program");
    if (!code)
        code = vt_checkpoint_get(checkpoint, "model_hash", VT_CHECKPOINT_TEXT, 16, hash, error);
    if (!code)
        code = vt_checkpoint_get(checkpoint, "n_atoms", VT_CHECKPOINT_INT64, 1, &n_atoms, error);
    if (!code)
        code = vt_checkpoint_get(checkpoint, "elements", VT_CHECKPOINT_INT64, 1, &elements, error);
    if (code)
        return code;
    if (strcmp(hash, system->model.hash) != 0)
        code = vt_fail_at(error, place, VT_INPUT,
                          "the checkpoint is of another model (hash %s), not of this one (hash %s)",
                          hash, system->model.hash);
    else if (n_atoms != system->n_atoms)
        code = vt_fail_at(error, place, VT_INPUT,
                          "the checkpoint is of %lld atoms, the structure has %lld",
                          (long long)n_atoms, (long long)system->n_atoms);
    else if (elements != system->elements)
        code = vt_fail_at(error, place, VT_INPUT,
                          "the checkpoint is of other elements, or of another order of them, than "
                          "the structure");
    if (code)
        vt_hint(error, "restart with the model and the structure that the run was started with");
    return code;
}

/* A trajectory that the run has written goes on with the same atoms. */
static enum vt_code compare_group(struct vt_checkpoint *checkpoint, const char *path,
                                  const struct vt_run_dump *dump, struct vt_error *error)
{
    char name[NAME_SIZE], *before = NULL;
    size_t size = 0;
    snprintf(name, sizeof name, "dump.%.100s.group", dump->name);
    if (!vt_checkpoint_has(checkpoint, name))
        return VT_OK;
    enum vt_code code =
        vt_checkpoint_take(checkpoint, name, VT_CHECKPOINT_TEXT, &before, &size, error);
    if (!code && strcmp(before, dump->group) != 0) {
        code = vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                          "the trajectory '%s' has the atoms of the group '%s', not '%s'",
                          dump->name, before, dump->group);
        vt_hint(error, "go on with the same group, and write the other to a trajectory of its own");
    }
    vt_free(before);
    return code;
}

static enum vt_code compare(struct vt_checkpoint *checkpoint, const char *path,
                            const struct vt_run_system *system, const struct vt_run_config *config,
                            struct vt_error *error)
{
    int64_t stage = 0;
    enum vt_code code = compare_system(checkpoint, path, system, error);
    if (!code)
        code = vt_checkpoint_get(checkpoint, "stage", VT_CHECKPOINT_INT64, 1, &stage, error);
    for (int64_t s = -1; !code && s <= stage; s++)
        code = compare_echo(checkpoint, path, config, s, error);
    for (size_t i = 0; !code && i < config->output.n_trajectory; i++)
        code = compare_group(checkpoint, path, &config->output.trajectory[i], error);
    return code;
}

/* ---- writing ---- */

static enum vt_code put_rows(struct vt_checkpoint_writer *writer, const struct vt_md *md,
                             struct vt_error *error)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    const struct {
        const char *name;
        enum vt_checkpoint_type type;
        size_t width;
        const void *values;
    } rows[] = {{"id", VT_CHECKPOINT_INT64, 1, atoms->id},
                {"type", VT_CHECKPOINT_INT32, 1, atoms->type},
                {"image", VT_CHECKPOINT_INT32, 3, atoms->image},
                {"groups", VT_CHECKPOINT_INT32, 1, atoms->groups},
                {"position", VT_CHECKPOINT_DOUBLE, 3, atoms->position},
                {"velocity", VT_CHECKPOINT_DOUBLE, 3, atoms->velocity},
                {"built_at", VT_CHECKPOINT_DOUBLE, 3, md->built_at}};
    enum vt_code code = VT_OK;
    for (size_t r = 0; !code && r < sizeof rows / sizeof *rows; r++)
        code = vt_checkpoint_put_rows(writer, rows[r].name, rows[r].type, rows[r].width,
                                      rows[r].values, error);
    return code;
}

static void name_block(int64_t block, char name[32])
{
    snprintf(name, 32, "minimiser.%lld", (long long)block);
}

static enum vt_code put_blocks(struct vt_checkpoint_writer *writer,
                               const struct vt_minimise_state *minimiser, size_t n_rows,
                               struct vt_error *error)
{
    assert(minimiser->n_blocks >= 0 && minimiser->n_blocks <= VT_MINIMISE_BLOCKS_MOST);
    enum vt_code code = VT_OK;
    for (int64_t b = 0; !code && b < minimiser->n_blocks; b++) {
        char name[32];
        name_block(b, name);
        code = vt_checkpoint_put_rows(writer, name, VT_CHECKPOINT_DOUBLE, 3,
                                      minimiser->rows + (size_t)b * n_rows, error);
    }
    return code;
}

static enum vt_code put_dumps(struct vt_checkpoint_writer *writer,
                              const struct vt_run_config *config, const struct vt_run_state *state,
                              struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (size_t i = 0; !code && i < config->output.n_trajectory; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "dump.%.100s", config->output.trajectory[i].name);
        code = vt_checkpoint_put(writer, name, VT_CHECKPOINT_INT64, 1, &state->dump_size[i], error);
        const char *group = config->output.trajectory[i].group;
        snprintf(name, sizeof name, "dump.%.100s.group", config->output.trajectory[i].name);
        if (!code)
            code = vt_checkpoint_put(writer, name, VT_CHECKPOINT_TEXT, strlen(group), group, error);
    }
    return code;
}

/* Kernels differ in their last bits. */
static enum vt_code put_kernel(struct vt_checkpoint_writer *writer,
                               const struct vt_run_system *system, struct vt_error *error)
{
    const struct vt_kernel *kernel = vt_force_kernel(system->force);
    const char *name = kernel ? kernel->name : "";
    return vt_checkpoint_put(writer, "kernel", VT_CHECKPOINT_TEXT, strlen(name), name, error);
}

/* What the electrostatics of the run was chosen for, if it was. */
enum { BASIS = sizeof(struct vt_electric_basis) / sizeof(double) };

static enum vt_code put_basis(struct vt_checkpoint_writer *writer, const struct vt_force *force,
                              struct vt_error *error)
{
    struct vt_electric_basis basis;
    if (!vt_force_basis(force, &basis))
        return VT_OK;
    return vt_checkpoint_put(writer, "electrostatics", VT_CHECKPOINT_DOUBLE, BASIS, &basis, error);
}

static enum vt_code put_all(struct vt_checkpoint_writer *writer, struct vt_run_system *system,
                            const struct vt_run_config *config, struct vt_run_state *state,
                            struct vt_error *error)
{
    static const int64_t format = FORMAT;
    struct record records[RECORDS];
    list_records(records, system, state);
    enum vt_code code = vt_checkpoint_put(writer, "format", VT_CHECKPOINT_INT64, 1, &format, error);
    if (!code)
        code = vt_checkpoint_put(writer, "model_hash", VT_CHECKPOINT_TEXT, 16, system->model.hash,
                                 error);
    for (size_t r = 0; !code && r < RECORDS; r++)
        code = vt_checkpoint_put(writer, records[r].name, records[r].type, records[r].n,
                                 records[r].values, error);
    for (int64_t s = -1; !code && s <= state->stage; s++)
        code = put_echo(writer, system->comm, config, s, error);
    if (!code)
        code = put_dumps(writer, config, state, error);
    if (!code)
        code = put_kernel(writer, system, error);
    if (!code)
        code = put_basis(writer, system->force, error);
    if (!code)
        code = put_rows(writer, &system->md, error);
    const size_t n_rows = (size_t)system->domain.atoms.n_local;
    return code ? code : put_blocks(writer, &state->minimiser, n_rows, error);
}

enum vt_code vt_restart_write(const char *path, struct vt_run_system *system,
                              const struct vt_run_config *config, struct vt_run_state *state,
                              struct vt_error *error)
{
    assert(path && system && config && state && system->md.n_rebuilds > 0);
    state->needs_rebuild = system->md.needs_rebuild;
    struct vt_checkpoint_writer *writer = NULL;
    enum vt_code code = vt_checkpoint_create(&writer, system->comm, path,
                                             (size_t)system->domain.atoms.n_local, error);
    if (code)
        return code;
    code = put_all(writer, system, config, state, error);
    if (!code)
        return vt_checkpoint_commit(writer, error);
    vt_checkpoint_discard(writer);
    return code;
}

/* ---- reading ---- */

/* This rank's atoms, as the file has them. */
struct rows {
    size_t n;
    int64_t *id;
    int32_t *type, (*image)[3];
    uint32_t *groups;
    double (*position)[3], (*velocity)[3], (*built_at)[3];
    bool has_basis;
    struct vt_electric_basis basis; /* of the electrostatics */
};

static void destroy_rows(struct rows *rows)
{
    vt_free(rows->id);
    vt_free(rows->type);
    vt_free(rows->image);
    vt_free(rows->groups);
    vt_free(rows->position);
    vt_free(rows->velocity);
    vt_free(rows->built_at);
}

static enum vt_code alloc_rows(struct rows *rows, size_t n, struct vt_error *error)
{
    static const char what[] = "atoms of a checkpoint";
    rows->n = n;
    enum vt_code code = vt_alloc(&rows->id, n, sizeof *rows->id, what, error);
    if (!code)
        code = vt_alloc(&rows->type, n, sizeof *rows->type, what, error);
    if (!code)
        code = vt_alloc(&rows->image, n, sizeof *rows->image, what, error);
    if (!code)
        code = vt_alloc(&rows->groups, n, sizeof *rows->groups, what, error);
    if (!code)
        code = vt_alloc(&rows->position, n, sizeof *rows->position, what, error);
    if (!code)
        code = vt_alloc(&rows->velocity, n, sizeof *rows->velocity, what, error);
    if (!code)
        code = vt_alloc(&rows->built_at, n, sizeof *rows->built_at, what, error);
    return code;
}

static enum vt_code get_rows(struct vt_checkpoint *checkpoint, const struct rows *rows,
                             struct vt_error *error)
{
    const struct {
        const char *name;
        enum vt_checkpoint_type type;
        size_t width;
        void *values;
    } all[] = {{"id", VT_CHECKPOINT_INT64, 1, rows->id},
               {"type", VT_CHECKPOINT_INT32, 1, rows->type},
               {"image", VT_CHECKPOINT_INT32, 3, rows->image},
               {"groups", VT_CHECKPOINT_INT32, 1, rows->groups},
               {"position", VT_CHECKPOINT_DOUBLE, 3, rows->position},
               {"velocity", VT_CHECKPOINT_DOUBLE, 3, rows->velocity},
               {"built_at", VT_CHECKPOINT_DOUBLE, 3, rows->built_at}};
    enum vt_code code = VT_OK;
    for (size_t r = 0; !code && r < sizeof all / sizeof *all; r++)
        code = vt_checkpoint_get_rows(checkpoint, all[r].name, all[r].type, all[r].width,
                                      all[r].values, error);
    return code;
}

/* The rows become this rank's atoms, at the given positions. */
static enum vt_code add_atoms(struct vt_domain *domain, const struct rows *rows,
                              double (*position)[3], struct vt_error *error)
{
    const struct vt_domain_input input = {.n = rows->n,
                                          .position = (const double(*)[3])position,
                                          .type = rows->type,
                                          .velocity = (const double(*)[3])rows->velocity,
                                          .groups = rows->groups,
                                          .id = rows->id,
                                          .image = (const int32_t(*)[3])rows->image};
    const enum vt_code code = vt_domain_add(domain, &input, error);
    return vt_agree(domain->grid.comm, code, 0, error);
}

/* The lists are built, and the atoms lie, as when they were built. Are they the rows, on all ranks?
 * They are not if an atom sat on a face of a brick, and rounding put it on the other side. */
static bool are_rows(const struct vt_domain *domain, const struct rows *rows)
{
    double others = domain->atoms.n_local != (int32_t)rows->n ||
                    memcmp(domain->atoms.id, rows->id, rows->n * sizeof *rows->id) != 0 ||
                    memcmp(domain->atoms.image, rows->image, rows->n * sizeof *rows->image) != 0;
    vt_sum_over_ranks(domain->grid.comm, &others, 1);
    return others == 0;
}

/* Build the lists where they were built, and move on. *done = false: not possible. */
static enum vt_code repeat_build(struct vt_run_system *system, const struct rows *rows,
                                 const double cell[3][3], bool *done, struct vt_error *error)
{
    struct vt_domain *domain = &system->domain;
    enum vt_code code = add_atoms(domain, rows, rows->built_at, error);
    if (!code)
        code = vt_md_evaluate(&system->md, error);
    *done = !code && are_rows(domain, rows);
    if (code || !*done)
        return code;
    system->md.needs_rebuild = false; /* not before the present positions were evaluated */
    memcpy(domain->atoms.position, rows->position, rows->n * sizeof *rows->position);
    return vt_cell_init(&domain->cell, cell, error);
}

static enum vt_code get_basis(struct vt_checkpoint *checkpoint, struct rows *rows,
                              struct vt_error *error)
{
    rows->has_basis = vt_checkpoint_has(checkpoint, "electrostatics");
    if (!rows->has_basis)
        return VT_OK;
    const enum vt_code code = vt_checkpoint_get(checkpoint, "electrostatics", VT_CHECKPOINT_DOUBLE,
                                                BASIS, &rows->basis, error);
    if (!code && !(rows->basis.n_atoms > 0 && rows->basis.squares >= 0))
        return vt_fail(error, VT_INPUT, "what the electrostatics was chosen for makes no sense");
    return code;
}

/* domain: as the records left it, without atoms. *same_rows: on as many ranks as wrote the file; in
 * the end whether each has its atoms again. */
static enum vt_code load(struct vt_run_system *system, const struct vt_run_config *config,
                         const struct rows *rows, bool *same_rows, struct vt_error *error)
{
    const bool same_ranks = *same_rows;
    /* A grid chosen anew could be another one, since the cell has changed. */
    const bool any_grid = !config->grid[0] && !config->grid[1] && !config->grid[2];
    int bricks[3];
    memcpy(bricks, system->domain.grid.count, sizeof bricks);
    double now[3][3], built[3][3];
    memcpy(now, system->domain.cell.vector, sizeof now);
    memcpy(built, system->md.built_cell, sizeof built);
    const int64_t step = system->md.step, n_rebuilds = system->md.n_rebuilds;
    *same_rows = false;
    enum vt_code code = vt_run_system_spread(system, config, same_ranks && any_grid ? bricks : NULL,
                                             (const double(*)[3])(same_ranks ? built : now), error);
    system->md.step = step;
    if (!code && rows->has_basis)
        code = vt_force_plan(system->force, &rows->basis, &system->domain.grid, error);
    if (!code && same_ranks)
        code = repeat_build(system, rows, (const double(*)[3])now, same_rows, error);
    if (!code && !*same_rows) {
        code = vt_domain_reset(&system->domain, (const double(*)[3])now, error);
        system->md.needs_rebuild = true;
        if (!code)
            code = add_atoms(&system->domain, rows, rows->position, error);
    }
    if (!code)
        code = vt_md_evaluate(&system->md, error);
    system->md.n_rebuilds = n_rebuilds;
    return code;
}

static enum vt_code get_dumps(struct vt_checkpoint *checkpoint, const struct vt_run_config *config,
                              struct vt_run_state *state, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (size_t i = 0; !code && i < config->output.n_trajectory; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "dump.%.100s", config->output.trajectory[i].name);
        state->dump_size[i] = -1;
        if (vt_checkpoint_has(checkpoint, name))
            code = vt_checkpoint_get(checkpoint, name, VT_CHECKPOINT_INT64, 1, &state->dump_size[i],
                                     error);
    }
    return code;
}

/* Of the local atoms; on ranks that have other atoms than those that wrote them they are dropped.
 */
static enum vt_code get_blocks(struct vt_checkpoint *checkpoint, bool same_rows,
                               struct vt_minimise_state *minimiser, MPI_Comm comm,
                               struct vt_error *error)
{
    if (!same_rows || minimiser->n_blocks == 0) {
        minimiser->n_blocks = 0;
        return VT_OK;
    }
    if (!(minimiser->n_blocks > 0 && minimiser->n_blocks <= VT_MINIMISE_BLOCKS_MOST))
        return vt_fail(error, VT_INPUT, "the state of the minimisation makes no sense");
    const size_t n_rows = vt_checkpoint_rows(checkpoint);
    enum vt_code code = vt_alloc(&minimiser->rows, (size_t)minimiser->n_blocks * n_rows,
                                 sizeof *minimiser->rows, "minimisation", error);
    code = vt_agree(comm, code, 0, error);
    for (int64_t b = 0; !code && b < minimiser->n_blocks; b++) {
        char name[32];
        name_block(b, name);
        code = vt_checkpoint_get_rows(checkpoint, name, VT_CHECKPOINT_DOUBLE, 3,
                                      minimiser->rows + (size_t)b * n_rows, error);
    }
    return code;
}

/* Checkpoints from before there were kernels have none. */
static enum vt_code get_kernel(struct vt_checkpoint *checkpoint, struct vt_run_state *state,
                               struct vt_error *error)
{
    char *name = NULL;
    size_t size = 0;
    enum vt_code code = VT_OK;
    if (vt_checkpoint_has(checkpoint, "kernel"))
        code = vt_checkpoint_take(checkpoint, "kernel", VT_CHECKPOINT_TEXT, &name, &size, error);
    snprintf(state->kernel, sizeof state->kernel, "%.15s", name ? name : "");
    vt_free(name);
    return code;
}

static enum vt_code get_all(struct vt_checkpoint *checkpoint, struct vt_run_system *system,
                            const struct vt_run_config *config, struct vt_run_state *state,
                            struct vt_error *error)
{
    struct record records[RECORDS];
    struct rows rows = {0};
    list_records(records, system, state);
    enum vt_code code = VT_OK;
    for (size_t r = 0; !code && r < RECORDS; r++)
        code = vt_checkpoint_get(checkpoint, records[r].name, records[r].type, records[r].n,
                                 records[r].values, error);
    if (!code)
        code = get_dumps(checkpoint, config, state, error);
    if (!code)
        code = get_kernel(checkpoint, state, error);
    if (!code) {
        code = alloc_rows(&rows, vt_checkpoint_rows(checkpoint), error);
        code = vt_agree(system->comm, code, 0, error);
    }
    if (!code)
        code = get_rows(checkpoint, &rows, error);
    if (!code)
        code = get_basis(checkpoint, &rows, error);
    bool same_rows = vt_checkpoint_ranks(checkpoint) == vt_rank_count(system->comm);
    if (!code)
        code = load(system, config, &rows, &same_rows, error);
    destroy_rows(&rows);
    if (code)
        return code;
    system->md.rotations = (int)state->rotations;
    system->md.needs_rebuild = state->needs_rebuild != 0;
    vt_run_system_count(system);
    return get_blocks(checkpoint, same_rows, &state->minimiser, system->comm, error);
}

enum vt_code vt_restart_read(const char *path, struct vt_run_system *system,
                             const struct vt_run_config *config, struct vt_run_state *state,
                             struct vt_error *error)
{
    assert(path && system && config && state);
    struct vt_checkpoint *checkpoint = NULL;
    enum vt_code code = vt_checkpoint_open(&checkpoint, system->comm, path, error);
    if (code)
        return code;
    code = compare(checkpoint, path, system, config, error);
    if (!code)
        code = get_all(checkpoint, system, config, state, error);
    vt_checkpoint_close(checkpoint);
    return code;
}
