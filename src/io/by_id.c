/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record on its way is the id and the row. The sender keeps the place of each of its atoms among
 * what it sent, the receiver the id of each record it got: with these the way back needs no ids. */
#include "io/by_id.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"

struct vt_by_id_exchange {
    int ranks;
    int *sent, *sent_start;         /* [ranks] records, and where the first one is */
    int *received, *received_start; /* [ranks] */
    size_t n_atoms, n_received;
    size_t *place; /* [n_atoms] of the atom among the records sent */
    size_t *index; /* [n_received] of the record's id in the block */
    unsigned char *outgoing, *incoming;
    size_t place_capacity, index_capacity, outgoing_capacity, incoming_capacity;
};

enum vt_code vt_by_id_init(struct vt_by_id *blocks, MPI_Comm comm, int64_t n_ids, int64_t granule,
                           struct vt_error *error)
{
    assert(blocks && !blocks->exchange && comm != MPI_COMM_NULL);
    assert(n_ids >= 0 && granule >= 1 && n_ids <= INT64_MAX - granule);
    int rank, ranks;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    const int64_t share = n_ids / ranks + (n_ids % ranks > 0);
    const int64_t granules = share / granule + (share % granule > 0);
    blocks->comm = comm;
    blocks->n_ids = n_ids;
    blocks->block = (granules > 0 ? granules : 1) * granule;
    blocks->first = rank < n_ids / blocks->block + 1 ? rank * blocks->block : n_ids;
    const int64_t left = n_ids > blocks->first ? n_ids - blocks->first : 0;
    blocks->n = (size_t)(left < blocks->block ? left : blocks->block);
    struct vt_by_id_exchange *exchange;
    enum vt_code code = vt_alloc(&exchange, 1, sizeof *exchange, "an exchange by id", error);
    if (code)
        return code;
    blocks->exchange = exchange;
    exchange->ranks = ranks;
    code = vt_alloc(&exchange->sent, 4 * (size_t)ranks, sizeof(int), "an exchange by id", error);
    if (!code) {
        exchange->sent_start = exchange->sent + ranks;
        exchange->received = exchange->sent + 2 * ranks;
        exchange->received_start = exchange->sent + 3 * ranks;
        code = vt_reserve(&blocks->present, &blocks->present_capacity, blocks->n, 1,
                          "the atoms of a block", error);
    }
    if (code)
        vt_by_id_destroy(blocks);
    return code;
}

void vt_by_id_destroy(struct vt_by_id *blocks)
{
    if (!blocks)
        return;
    struct vt_by_id_exchange *exchange = blocks->exchange;
    if (exchange) {
        vt_free(exchange->sent);
        vt_free(exchange->place);
        vt_free(exchange->index);
        vt_free(exchange->outgoing);
        vt_free(exchange->incoming);
        vt_free(exchange);
    }
    vt_free(blocks->present);
    vt_free(blocks->rows);
    *blocks = (struct vt_by_id){0};
}

static void accumulate(const int *count, int *start, int ranks)
{
    assert(ranks > 0);
    for (int r = 0, sum = 0; r < ranks; r++) {
        start[r] = sum;
        sum += count[r];
    }
}

/* Counts what goes where and gives each atom its place among it. */
static enum vt_code sort_atoms(struct vt_by_id *blocks, size_t n, const int64_t *id,
                               struct vt_error *error)
{
    assert(n == 0 || id);
    struct vt_by_id_exchange *exchange = blocks->exchange;
    memset(exchange->sent, 0, (size_t)exchange->ranks * sizeof(int));
    enum vt_code code = vt_reserve(&exchange->place, &exchange->place_capacity, n,
                                   sizeof *exchange->place, "an exchange by id", error);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++) {
        if (id[i] < 0 || id[i] >= blocks->n_ids)
            return vt_fail(error, VT_FAILED, "there is an atom of id %lld among %lld atoms",
                           (long long)id[i], (long long)blocks->n_ids);
        exchange->sent[id[i] / blocks->block]++;
    }
    accumulate(exchange->sent, exchange->sent_start, exchange->ranks);
    for (size_t i = 0; i < n; i++)
        exchange->place[i] = (size_t)exchange->sent_start[id[i] / blocks->block]++;
    accumulate(exchange->sent, exchange->sent_start, exchange->ranks);
    exchange->n_atoms = n;
    return VT_OK;
}

static enum vt_code make_room(struct vt_by_id_exchange *exchange, size_t record,
                              struct vt_error *error)
{
    enum vt_code code = vt_reserve(&exchange->outgoing, &exchange->outgoing_capacity,
                                   exchange->n_atoms * record, 1, "an exchange by id", error);
    if (!code)
        code = vt_reserve(&exchange->incoming, &exchange->incoming_capacity,
                          exchange->n_received * record, 1, "an exchange by id", error);
    if (!code)
        code = vt_reserve(&exchange->index, &exchange->index_capacity, exchange->n_received,
                          sizeof *exchange->index, "an exchange by id", error);
    return code;
}

/* A type as large as a record keeps the counts, which are int, those of atoms. */
static MPI_Datatype record_type(size_t size)
{
    assert(size > 0);
    MPI_Datatype type;
    assert(size <= INT_MAX);
    MPI_Type_contiguous((int)size, MPI_BYTE, &type);
    MPI_Type_commit(&type);
    return type;
}

static void send_records(struct vt_by_id *blocks, const int64_t *id, const unsigned char *rows,
                         size_t row_size)
{
    struct vt_by_id_exchange *exchange = blocks->exchange;
    const size_t record = sizeof *id + row_size;
    for (size_t i = 0; i < exchange->n_atoms; i++) {
        unsigned char *to = exchange->outgoing + exchange->place[i] * record;
        memcpy(to, &id[i], sizeof *id);
        if (row_size > 0)
            memcpy(to + sizeof *id, rows + i * row_size, row_size);
    }
    MPI_Datatype type = record_type(record);
    MPI_Alltoallv(exchange->outgoing, exchange->sent, exchange->sent_start, type,
                  exchange->incoming, exchange->received, exchange->received_start, type,
                  blocks->comm);
    MPI_Type_free(&type);
}

static enum vt_code take_records(struct vt_by_id *blocks, size_t row_size, struct vt_error *error)
{
    struct vt_by_id_exchange *exchange = blocks->exchange;
    if (blocks->n > 0)
        memset(blocks->present, 0, blocks->n);
    for (size_t k = 0; k < exchange->n_received; k++) {
        int64_t id;
        const unsigned char *from = exchange->incoming + k * (sizeof id + row_size);
        memcpy(&id, from, sizeof id);
        const size_t index = (size_t)(id - blocks->first);
        assert(index < blocks->n);
        if (blocks->present[index])
            return vt_fail(error, VT_FAILED, "atom %lld is there twice", (long long)id);
        blocks->present[index] = 1;
        exchange->index[k] = index;
        if (row_size > 0)
            memcpy(blocks->rows + index * row_size, from + sizeof id, row_size);
    }
    return VT_OK;
}

enum vt_code vt_by_id_forward(struct vt_by_id *blocks, size_t n, const int64_t *id,
                              const void *rows, size_t row_size, struct vt_error *error)
{
    assert(blocks && blocks->exchange && (id || n == 0) && (rows || n == 0 || row_size == 0));
    assert(n <= INT_MAX);
    struct vt_by_id_exchange *exchange = blocks->exchange;
    enum vt_code code = vt_agree(blocks->comm, sort_atoms(blocks, n, id, error), 0, error);
    if (code)
        return code;
    MPI_Alltoall(exchange->sent, 1, MPI_INT, exchange->received, 1, MPI_INT, blocks->comm);
    accumulate(exchange->received, exchange->received_start, exchange->ranks);
    exchange->n_received = 0;
    for (int r = 0; r < exchange->ranks; r++)
        exchange->n_received += (size_t)exchange->received[r];
    if (exchange->n_received > blocks->n)
        code =
            vt_fail(error, VT_FAILED, "some atom of the ids %lld to %lld is there twice",
                    (long long)blocks->first, (long long)blocks->first + (long long)blocks->n - 1);
    if (!code)
        code = make_room(exchange, sizeof *id + row_size, error);
    if (!code)
        code = vt_reserve(&blocks->rows, &blocks->row_capacity, blocks->n * row_size, 1,
                          "the atoms of a block", error);
    code = vt_agree(blocks->comm, code, 0, error);
    if (code)
        return code;
    send_records(blocks, id, rows, row_size);
    return vt_agree(blocks->comm, take_records(blocks, row_size, error), 0, error);
}

enum vt_code vt_by_id_back(struct vt_by_id *blocks, const void *block_rows, size_t row_size,
                           void *rows, struct vt_error *error)
{
    assert(blocks && blocks->exchange && row_size > 0);
    struct vt_by_id_exchange *exchange = blocks->exchange;
    enum vt_code code = vt_agree(blocks->comm, make_room(exchange, row_size, error), 0, error);
    if (code)
        return code;
    const unsigned char *from = block_rows;
    unsigned char *to = rows;
    for (size_t k = 0; k < exchange->n_received; k++)
        memcpy(exchange->incoming + k * row_size, from + exchange->index[k] * row_size, row_size);
    MPI_Datatype type = record_type(row_size);
    MPI_Alltoallv(exchange->incoming, exchange->received, exchange->received_start, type,
                  exchange->outgoing, exchange->sent, exchange->sent_start, type, blocks->comm);
    MPI_Type_free(&type);
    for (size_t i = 0; i < exchange->n_atoms; i++)
        memcpy(to + i * row_size, exchange->outgoing + exchange->place[i] * row_size, row_size);
    return VT_OK;
}
