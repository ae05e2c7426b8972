/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes from one rank to another is a list of boxes, one for each way in which the source,
 * moved by whole periods, overlaps the target. Both sides list them in the same order. */
#include "coulomb/remap.h"

#include <assert.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"

/* Points of the mesh (of the target), and how far the source counts them further. */
struct piece {
    int rank;
    int from[3], to[3];
    int shift[3];
};

/* The pieces of this rank's box, by rank of the other side. */
struct side {
    struct vt_box box;
    struct piece *piece;
    size_t n, capacity;
    int *count, *offset; /* [rank] numbers to or from it */
    char *buffer;
    size_t numbers;
};

struct vt_remap {
    struct vt_remap_layout layout;
    int ranks, rank;
    size_t width; /* bytes of a number */
    struct side source, target;
};

static void free_side(struct side *side)
{
    vt_free(side->piece);
    vt_free(side->count);
    vt_free(side->offset);
    vt_free(side->buffer);
}

void vt_remap_destroy(struct vt_remap *remap)
{
    if (!remap)
        return;
    free_side(&remap->source);
    free_side(&remap->target);
    vt_free(remap);
}

static int floor_div(int a, int b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static size_t piece_numbers(const struct piece *piece)
{
    size_t n = 1;
    for (int d = 0; d < 3; d++)
        n *= (size_t)(piece->to[d] - piece->from[d]);
    return n;
}

static bool overlap(const struct vt_box *source, const struct vt_box *target, struct piece *piece)
{
    for (int d = 0; d < 3; d++) {
        const int from = source->from[d] - piece->shift[d], to = source->to[d] - piece->shift[d];
        piece->from[d] = from > target->from[d] ? from : target->from[d];
        piece->to[d] = to < target->to[d] ? to : target->to[d];
        if (piece->from[d] >= piece->to[d])
            return false;
    }
    return true;
}

/* Append what there is between two boxes, of which `rank` has the other one. */
static enum vt_code add_pieces(struct side *side, const struct vt_box *boxes[2], const int size[3],
                               int rank, struct vt_error *error)
{
    const struct vt_box *source = boxes[0], *target = boxes[1];
    if (vt_box_empty(source) || vt_box_empty(target))
        return VT_OK;
    int low[3], high[3];
    for (int d = 0; d < 3; d++) {
        low[d] = floor_div(source->from[d], size[d]);
        high[d] = floor_div(source->to[d] - 1, size[d]);
    }
    for (int a = low[0]; a <= high[0]; a++)
        for (int b = low[1]; b <= high[1]; b++)
            for (int c = low[2]; c <= high[2]; c++) {
                struct piece piece = {.rank = rank,
                                      .shift = {a * size[0], b * size[1], c * size[2]}};
                if (!overlap(source, target, &piece))
                    continue;
                const enum vt_code code = vt_reserve(&side->piece, &side->capacity, side->n + 1,
                                                     sizeof *side->piece, "mesh exchange", error);
                if (code)
                    return code;
                side->piece[side->n++] = piece;
            }
    return VT_OK;
}

/* Counts, offsets and the buffer; what stays on this rank needs none. */
static enum vt_code share_out(struct vt_remap *remap, struct side *side, struct vt_error *error)
{
    enum vt_code code =
        vt_alloc(&side->count, (size_t)remap->ranks, sizeof(int), "mesh exchange", error);
    if (!code)
        code = vt_alloc(&side->offset, (size_t)remap->ranks, sizeof(int), "mesh exchange", error);
    if (code)
        return code;
    for (size_t p = 0; p < side->n; p++)
        if (side->piece[p].rank != remap->rank)
            side->count[side->piece[p].rank] += (int)piece_numbers(&side->piece[p]);
    for (int r = 0; r < remap->ranks; r++) {
        side->offset[r] = (int)side->numbers;
        side->numbers += (size_t)side->count[r];
    }
    return vt_alloc(&side->buffer, side->numbers, remap->width, "mesh exchange", error);
}

static enum vt_code make_sides(struct vt_remap *remap, const struct vt_box *all,
                               struct vt_error *error)
{
    const int *size = remap->layout.size;
    enum vt_code code = VT_OK;
    remap->source.box = remap->layout.source;
    remap->target.box = remap->layout.target;
    for (int r = 0; !code && r < remap->ranks; r++) {
        const struct vt_box *out[2] = {&remap->source.box, &all[2 * r + 1]};
        const struct vt_box *in[2] = {&all[2 * r], &remap->target.box};
        code = add_pieces(&remap->source, out, size, r, error);
        if (!code)
            code = add_pieces(&remap->target, in, size, r, error);
    }
    if (!code)
        code = share_out(remap, &remap->source, error);
    return code ? code : share_out(remap, &remap->target, error);
}

enum vt_code vt_remap_create(struct vt_remap **remap, const struct vt_remap_layout *layout,
                             struct vt_error *error)
{
    assert(remap && layout);
    assert(layout->size[0] > 0 && layout->size[1] > 0 && layout->size[2] > 0);
    struct vt_box *all = NULL;
    enum vt_code code = vt_alloc(remap, 1, sizeof **remap, "mesh exchange", error);
    if (!code) {
        (*remap)->layout = *layout;
        (*remap)->ranks = vt_rank_count(layout->comm);
        (*remap)->rank = vt_rank(layout->comm);
        (*remap)->width = layout->single ? sizeof(float) : sizeof(double);
        code = vt_alloc(&all, 2 * (size_t)(*remap)->ranks, sizeof *all, "mesh exchange", error);
    }
    code = vt_agree(layout->comm, code, 0, error);
    if (code)
        goto fail;
    const struct vt_box own[2] = {layout->source, layout->target};
    if (layout->comm == MPI_COMM_NULL)
        memcpy(all, own, sizeof own);
    else
        MPI_Allgather(own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, layout->comm);
    code = vt_agree(layout->comm, make_sides(*remap, all, error), 0, error);
    vt_free(all);
    all = NULL;
    if (!code)
        return VT_OK;
fail:
    vt_free(all);
    vt_remap_destroy(*remap);
    *remap = NULL;
    return code;
}

/* Number of the first point of a row of a piece in the array of a box. */
static size_t row_of(const struct vt_box *box, const int at[3])
{
    return ((size_t)(at[0] - box->from[0]) * (size_t)(box->to[1] - box->from[1]) +
            (size_t)(at[1] - box->from[1])) *
               (size_t)box->pitch +
           (size_t)(at[2] - box->from[2]);
}

static void add_row(char *to, const char *from, size_t n, bool single)
{
    if (single)
        for (size_t k = 0; k < n; k++)
            ((float *)(void *)to)[k] += ((const float *)(const void *)from)[k];
    else
        for (size_t k = 0; k < n; k++)
            ((double *)(void *)to)[k] += ((const double *)(const void *)from)[k];
}

/* One end of a copy: an array, or a buffer without gaps (box NULL). */
struct end {
    const struct vt_box *box;
    char *data;
    bool shifted; /* counts as the source does */
};

static char *row_in(const struct end *end, const struct piece *piece, int x, int y, size_t width)
{
    const size_t length = (size_t)(piece->to[2] - piece->from[2]);
    if (!end->box)
        return end->data +
               width * length *
                   ((size_t)(x - piece->from[0]) * (size_t)(piece->to[1] - piece->from[1]) +
                    (size_t)(y - piece->from[1]));
    int at[3] = {x, y, piece->from[2]};
    for (int d = 0; d < 3 && end->shifted; d++)
        at[d] += piece->shift[d];
    return end->data + width * row_of(end->box, at);
}

static void move(const struct vt_remap *remap, const struct piece *piece, const struct end *from,
                 const struct end *to, bool add)
{
    const size_t width = remap->width, length = (size_t)(piece->to[2] - piece->from[2]);
    assert(from->data && to->data);
    for (int x = piece->from[0]; x < piece->to[0]; x++)
        for (int y = piece->from[1]; y < piece->to[1]; y++) {
            const char *source = row_in(from, piece, x, y, width);
            char *target = row_in(to, piece, x, y, width);
            if (add)
                add_row(target, source, length, remap->layout.single);
            else
                memcpy(target, source, length * width);
        }
}

/* Pack the pieces of `from`, exchange. */
static void exchange(struct vt_remap *remap, struct side *from, struct side *to,
                     const struct end *array)
{
    size_t at = 0;
    for (size_t p = 0; p < from->n; p++) {
        const struct piece *piece = &from->piece[p];
        if (piece->rank == remap->rank)
            continue;
        const struct end buffer = {NULL, from->buffer + remap->width * at, false};
        move(remap, piece, array, &buffer, false);
        at += piece_numbers(piece);
    }
    assert(at == from->numbers);
    if (remap->ranks == 1)
        return;
    const MPI_Datatype type = remap->layout.single ? MPI_FLOAT : MPI_DOUBLE;
    MPI_Alltoallv(from->buffer, from->count, from->offset, type, to->buffer, to->count, to->offset,
                  type, remap->layout.comm);
}

static void receive(struct vt_remap *remap, struct side *side, const struct end *own,
                    const struct end *array, bool add)
{
    size_t at = 0;
    for (size_t p = 0; p < side->n; p++) {
        const struct piece *piece = &side->piece[p];
        if (piece->rank == remap->rank) {
            move(remap, piece, own, array, add);
            continue;
        }
        const struct end buffer = {NULL, side->buffer + remap->width * at, false};
        move(remap, piece, &buffer, array, add);
        at += piece_numbers(piece);
    }
    assert(at == side->numbers);
}

void vt_remap_sum(struct vt_remap *remap, const void *source, void *target)
{
    const struct end from = {&remap->source.box, (char *)(size_t)source, true};
    const struct end to = {&remap->target.box, target, false};
    exchange(remap, &remap->source, &remap->target, &from);
    if (target)
        memset(target, 0, vt_box_numbers(&remap->target.box) * remap->width);
    receive(remap, &remap->target, &from, &to, true);
}

void vt_remap_back(struct vt_remap *remap, const void *target, void *source)
{
    const struct end from = {&remap->target.box, (char *)(size_t)target, false};
    const struct end to = {&remap->source.box, source, true};
    exchange(remap, &remap->target, &remap->source, &from);
    receive(remap, &remap->source, &from, &to, false);
}
