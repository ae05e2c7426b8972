/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of each share is that of a frame of its own: its first line (the count) and its second
 * (the comment) are dropped, and rank 0 puts those of the whole frame before the first. */
#include "md/xyz_dump.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "io/by_id.h"
#include "io/extxyz.h"
#include "md/run_config.h"

enum { TAG_TEXT = 41, CHUNK = 1 << 20 };

/* What travels of an atom. */
struct row {
    double position[3], velocity[3], force[3];
    double charge, energy, grade, born[9];
    int64_t id;
    int32_t image[3];
    int32_t type;
};

struct vt_xyz_dump {
    struct vt_xyz_dump_settings settings;
    int64_t n_members; /* of all ranks */
    struct row *row;   /* of the local atoms that belong to the group */
    int64_t *id;       /* theirs */
    size_t n_rows, row_capacity, id_capacity;
    struct vt_by_id shares;
    size_t n_share;        /* atoms of the group in this rank's share: the first of its rows */
    struct vt_frame frame; /* this rank's share */
    FILE *stream;          /* its text */
    char *text;
    size_t text_size;
    char *chunk; /* of another rank's text */
};

static enum vt_code fill(struct vt_xyz_dump *dump, const struct vt_md *md, struct vt_error *error)
{
    enum vt_code code = vt_alloc(&dump->chunk, CHUNK, 1, "text of a frame", error);
    if (!code)
        code = vt_by_id_init(&dump->shares, md->domain->grid.comm, md->domain->n_global, 1, error);
    if (code)
        return code;
    dump->stream = open_memstream(&dump->text, &dump->text_size);
    return dump->stream ? VT_OK : vt_fail(error, VT_MEMORY, "no memory for the text of a frame");
}

static int64_t count_members(const struct vt_md *md, uint32_t group)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    double n = 0;
    for (int32_t i = 0; i < atoms->n_local; i++)
        n += (atoms->groups[i] & group) != 0;
    vt_sum_over_ranks(md->domain->grid.comm, &n, 1);
    return (int64_t)n;
}

enum vt_code vt_xyz_dump_create(struct vt_xyz_dump **dump, const struct vt_md *md,
                                const struct vt_xyz_dump_settings *settings, struct vt_error *error)
{
    assert(dump && md && settings->model && settings->group);
    assert(settings->digits >= 1 && settings->digits <= 17);
    const int64_t n_members = count_members(md, settings->group);
    enum vt_code code = vt_alloc(dump, 1, sizeof **dump, "frames", error);
    if (!code) {
        (*dump)->settings = *settings;
        (*dump)->n_members = n_members;
        code = fill(*dump, md, error);
    }
    code = vt_agree(md->domain->grid.comm, code, 0, error);
    if (code) {
        vt_xyz_dump_destroy(*dump);
        *dump = NULL;
    }
    return code;
}

void vt_xyz_dump_destroy(struct vt_xyz_dump *dump)
{
    if (!dump)
        return;
    vt_by_id_destroy(&dump->shares);
    vt_frame_destroy(&dump->frame);
    if (dump->stream)
        fclose(dump->stream);
    free(dump->text); /* of the memory stream */
    vt_free(dump->row);
    vt_free(dump->id);
    vt_free(dump->chunk);
    vt_free(dump);
}

static bool wants(const struct vt_xyz_dump *dump, enum vt_dump_field field)
{
    return dump->settings.fields & (1u << field);
}

static void unwrap(const struct vt_md *md, struct row *row)
{
    const double image[3] = {row->image[0], row->image[1], row->image[2]};
    double shift[3];
    vt_cell_cartesian(&md->domain->cell, image, shift);
    for (int d = 0; d < 3; d++)
        row->position[d] += shift[d];
}

static enum vt_code pack(struct vt_xyz_dump *dump, const struct vt_md *md, struct vt_error *error)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    const struct vt_results *results = vt_force_results(md->force);
    const size_t most = (size_t)atoms->n_local;
    enum vt_code code =
        vt_reserve(&dump->row, &dump->row_capacity, most, sizeof *dump->row, "a frame", error);
    if (!code)
        code = vt_reserve(&dump->id, &dump->id_capacity, most, sizeof *dump->id, "a frame", error);
    dump->n_rows = 0;
    for (int32_t i = 0; !code && i < atoms->n_local; i++) {
        if (!(atoms->groups[i] & dump->settings.group))
            continue;
        struct row *row = &dump->row[dump->n_rows];
        row->id = dump->id[dump->n_rows++] = atoms->id[i];
        memcpy(row->position, atoms->position[i], sizeof row->position);
        memcpy(row->velocity, atoms->velocity[i], sizeof row->velocity);
        memcpy(row->image, atoms->image[i], sizeof row->image);
        memcpy(row->force, results->forces[i], sizeof row->force);
        row->charge = results->charges ? results->charges[i] : 0;
        row->energy = results->energies[i];
        if (wants(dump, VT_DUMP_GRADE))
            row->grade = md->grade[i];
        if (wants(dump, VT_DUMP_BORN))
            memcpy(row->born, results->born[i], sizeof row->born);
        row->type = atoms->type[i];
        if (wants(dump, VT_DUMP_UNWRAPPED))
            unwrap(md, row);
    }
    return code;
}

/* The rows that came to the share move to its front. None comes twice, so that they are all if they
 * are as many as there should be. */
static enum vt_code close_gaps(struct vt_xyz_dump *dump, MPI_Comm comm, struct vt_error *error)
{
    struct row *row = (struct row *)dump->shares.rows;
    dump->n_share = 0;
    for (size_t i = 0; i < dump->shares.n; i++)
        if (dump->shares.present[i])
            row[dump->n_share++] = row[i];
    double n = (double)dump->n_share;
    vt_sum_over_ranks(comm, &n, 1);
    if ((int64_t)n == dump->n_members)
        return VT_OK;
    return vt_fail(error, VT_FAILED, "%lld of %lld atoms are there for a frame", (long long)n,
                   (long long)dump->n_members);
}

/* A column of `width` numbers that lie at `offset` in a row. */
static enum vt_code add_reals(struct vt_xyz_dump *dump, const char *name, size_t width,
                              size_t offset, struct vt_error *error)
{
    assert(width > 0);
    struct vt_column *column;
    const enum vt_code code =
        vt_frame_add_column(&dump->frame, name, VT_REAL, width, &column, error);
    for (size_t i = 0; !code && i < dump->n_share; i++)
        memcpy(column->real + width * i, dump->shares.rows + i * sizeof(struct row) + offset,
               width * sizeof(double));
    return code;
}

static enum vt_code add_images(struct vt_xyz_dump *dump, struct vt_error *error)
{
    struct vt_column *column;
    const enum vt_code code =
        vt_frame_add_column(&dump->frame, "image", VT_INTEGER, 3, &column, error);
    const struct row *row = (const struct row *)dump->shares.rows;
    for (size_t i = 0; !code && i < dump->n_share; i++)
        for (int d = 0; d < 3; d++)
            column->integer[3 * i + (size_t)d] = row[i].image[d];
    return code;
}

static enum vt_code add_ids(struct vt_xyz_dump *dump, struct vt_error *error)
{
    struct vt_column *column;
    const enum vt_code code =
        vt_frame_add_column(&dump->frame, "id", VT_INTEGER, 1, &column, error);
    const struct row *row = (const struct row *)dump->shares.rows;
    for (size_t i = 0; !code && i < dump->n_share; i++)
        column->integer[i] = row[i].id + 1;
    return code;
}

static enum vt_code add_columns(struct vt_xyz_dump *dump, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (dump->settings.group != VT_ALL_ATOMS)
        code = add_ids(dump, error);
    if (!code && wants(dump, VT_DUMP_IMAGE))
        code = add_images(dump, error);
    if (!code && wants(dump, VT_DUMP_VELOCITY))
        code = add_reals(dump, "vel", 3, offsetof(struct row, velocity), error);
    if (!code && wants(dump, VT_DUMP_FORCE))
        code = add_reals(dump, "forces", 3, offsetof(struct row, force), error);
    if (!code && wants(dump, VT_DUMP_CHARGE))
        code = add_reals(dump, "charges", 1, offsetof(struct row, charge), error);
    if (!code && wants(dump, VT_DUMP_ENERGY))
        code = add_reals(dump, "energies", 1, offsetof(struct row, energy), error);
    if (!code && wants(dump, VT_DUMP_GRADE))
        code = add_reals(dump, "grade", 1, offsetof(struct row, grade), error);
    if (!code && wants(dump, VT_DUMP_BORN))
        code = add_reals(dump, "bec", 9, offsetof(struct row, born), error);
    return code;
}

/* The energy is that of all atoms: no frame of some should seem to have it. */
static enum vt_code add_keys(struct vt_frame *frame, const struct vt_md *md, bool of_all,
                             struct vt_error *error)
{
    struct vt_key *step;
    const double time = (double)md->step * md->timestep * 1e-3;
    enum vt_code code = vt_frame_add_key(frame, "step", VT_INTEGER, 1, &step, error);
    if (code)
        return code;
    step->integer[0] = md->step;
    step->is_array = false;
    code = vt_frame_set_reals(frame, "time_ps", &time, 1, error);
    if (!code && of_all)
        code = vt_frame_set_reals(frame, "energy", &vt_force_results(md->force)->energy, 1, error);
    return code;
}

/* The share as a frame, and that as text. */
static enum vt_code format(struct vt_xyz_dump *dump, const struct vt_md *md, struct vt_error *error)
{
    struct vt_frame *frame = &dump->frame;
    const struct row *row = (const struct row *)dump->shares.rows;
    enum vt_code code = vt_frame_resize(frame, dump->n_share, error);
    for (size_t i = 0; !code && i < dump->n_share; i++) {
        frame->element[i] = (uint8_t)dump->settings.model->atomic_number[row[i].type];
        memcpy(frame->position[i], row[i].position, sizeof row[i].position);
    }
    frame->has_cell = true;
    memcpy(frame->cell, md->domain->cell.vector, sizeof frame->cell);
    frame->periodic[0] = frame->periodic[1] = frame->periodic[2] = true;
    if (!code)
        code = add_columns(dump, error);
    if (!code)
        code = add_keys(frame, md, dump->settings.group == VT_ALL_ATOMS, error);
    rewind(dump->stream);
    return code ? code : vt_extxyz_write(dump->stream, frame, dump->settings.digits, error);
}

/* Where the n-th line of the text begins. */
static size_t line_start(const char *text, size_t size, int n)
{
    assert(n >= 0);
    const char *at = text;
    for (; n > 0; n--) {
        const char *end = memchr(at, '\n', size - (size_t)(at - text));
        assert(end);
        at = end + 1;
    }
    return (size_t)(at - text);
}

static void send(const struct vt_xyz_dump *dump, size_t start, size_t size, MPI_Comm comm)
{
    uint64_t left = size - start;
    MPI_Send(&left, 1, MPI_UINT64_T, 0, TAG_TEXT, comm);
    for (const char *from = dump->text + start; left > 0;) {
        const int n = left < CHUNK ? (int)left : CHUNK;
        MPI_Send(from, n, MPI_BYTE, 0, TAG_TEXT, comm);
        from += n;
        left -= (uint64_t)n;
    }
}

static void receive(const struct vt_xyz_dump *dump, int source, MPI_Comm comm, FILE *file)
{
    assert(source >= 0 && file);
    uint64_t left;
    MPI_Recv(&left, 1, MPI_UINT64_T, source, TAG_TEXT, comm, MPI_STATUS_IGNORE);
    while (left > 0) {
        const int n = left < CHUNK ? (int)left : CHUNK;
        MPI_Recv(dump->chunk, n, MPI_BYTE, source, TAG_TEXT, comm, MPI_STATUS_IGNORE);
        fwrite(dump->chunk, 1, (size_t)n, file);
        left -= (uint64_t)n;
    }
}

static void collect(const struct vt_xyz_dump *dump, const struct vt_domain *domain, FILE *file)
{
    const size_t size = (size_t)ftello(dump->stream);
    if (domain->grid.rank != 0) {
        send(dump, line_start(dump->text, size, 2), size, domain->grid.comm);
        return;
    }
    const size_t comment = line_start(dump->text, size, 1);
    fprintf(file, "%lld\n", (long long)dump->n_members);
    fwrite(dump->text + comment, 1, size - comment, file);
    for (int rank = 1; rank < domain->grid.size; rank++)
        receive(dump, rank, domain->grid.comm, file);
}

enum vt_code vt_xyz_dump_write(struct vt_xyz_dump *dump, const struct vt_md *md, FILE *file,
                               struct vt_error *error)
{
    const struct vt_domain *domain = md->domain;
    const MPI_Comm comm = domain->grid.comm;
    assert(!file == (domain->grid.rank != 0));
    enum vt_code code = vt_agree(comm, pack(dump, md, error), 0, error);
    if (!code)
        code = vt_by_id_forward(&dump->shares, dump->n_rows, dump->id, dump->row, sizeof *dump->row,
                                error);
    if (!code)
        code = close_gaps(dump, domain->grid.comm, error);
    if (code)
        return code;
    code = vt_agree(comm, format(dump, md, error), 0, error);
    if (code)
        return code;
    collect(dump, domain, file);
    return VT_OK;
}
