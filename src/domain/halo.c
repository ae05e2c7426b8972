/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/halo.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"

enum { TAG_COUNT = 11, TAG_ATOM, TAG_FORWARD, TAG_REVERSE };

/* A rank that holds ghosts of mine or whose atoms are ghosts of mine; this rank itself may be one.
 */
struct peer {
    int rank;
    int32_t n_send, first_send;   /* in the list of copies */
    int32_t n_receive, first_row; /* of the ghosts in vt_atoms */
};

/* An atom that a peer has a copy of. */
struct copy {
    int32_t row;
    int32_t shift[3]; /* the copy is at position - shift . cell */
    bool ahead;       /* of the brick where it is a ghost */
};

/* What a new ghost brings along. */
struct ghost {
    double position[3];
    int64_t id;
    int32_t type;
    bool ahead;
};

struct vt_halo {
    const struct vt_grid *grid;
    const struct vt_cell *cell;
    struct vt_halo_region region;
    int hops[3]; /* bricks to either side that the reach touches */
    int n_peers;
    struct peer *peer;
    int *peer_of; /* [rank]: index of the peer, -1: none */
    size_t n_copies, n_ghosts;
    struct copy *copy;     /* peer after peer */
    struct ghost *arrival; /* [n_ghosts], while building */
    bool *ahead;           /* [n_ghosts] */
    double *buffer;        /* [n_copies][VT_HALO_WIDTH]: what is packed, or comes back */
    int n_requests;
    bool is_busy;         /* a forward exchange has begun */
    MPI_Request *request; /* two a peer */
    size_t peer_capacity, copy_capacity, arrival_capacity, ahead_capacity, buffer_capacity,
        request_capacity;
};

enum vt_code vt_halo_create(struct vt_halo **halo, const struct vt_grid *grid,
                            const struct vt_cell *cell, struct vt_error *error)
{
    assert(halo && grid && cell);
    assert(grid->size > 0 && grid->rank >= 0 && grid->rank < grid->size);
    enum vt_code code = vt_alloc(halo, 1, sizeof **halo, "halo", error);
    if (code)
        return code;
    (*halo)->grid = grid;
    (*halo)->cell = cell;
    code = vt_alloc(&(*halo)->peer_of, (size_t)grid->size, sizeof(int), "halo", error);
    if (code) {
        vt_halo_destroy(*halo);
        *halo = NULL;
    }
    return code;
}

void vt_halo_destroy(struct vt_halo *halo)
{
    if (!halo)
        return;
    vt_free(halo->peer);
    vt_free(halo->peer_of);
    vt_free(halo->copy);
    vt_free(halo->arrival);
    vt_free(halo->ahead);
    vt_free(halo->buffer);
    vt_free(halo->request);
    vt_free(halo);
}

const struct vt_halo_region *vt_halo_region(const struct vt_halo *halo)
{
    assert(halo);
    return &halo->region;
}

bool vt_halo_is_ahead(const struct vt_halo *halo, size_t ghost)
{
    assert(ghost < halo->n_ghosts);
    return halo->ahead[ghost];
}

static void set_region(struct vt_halo *halo, double reach)
{
    assert(reach > 0);
    struct vt_halo_region *r = &halo->region;
    r->reach = reach;
    for (int d = 0; d < 3; d++) {
        const double count = halo->grid->count[d];
        r->low[d] = halo->grid->brick[d] / count;
        r->high[d] = (halo->grid->brick[d] + 1) / count;
        /* a little more, so that rounding loses no pair at the edge */
        r->margin[d] = reach / halo->cell->thickness[d] * (1 + 1e-9) + 1e-9;
        halo->hops[d] = (int)floor(r->margin[d] * count) + 1;
    }
}

/* All ranks within the hops, in rising order; the relation is mutual. */
static enum vt_code list_peers(struct vt_halo *halo, struct vt_error *error)
{
    const struct vt_grid *grid = halo->grid;
    int hops[3]; /* once around the grid is enough */
    for (int d = 0; d < 3; d++)
        hops[d] = halo->hops[d] < grid->count[d] / 2 ? halo->hops[d] : grid->count[d] / 2;
    for (int r = 0; r < grid->size; r++)
        halo->peer_of[r] = -1;
    for (int a = -hops[0]; a <= hops[0]; a++)
        for (int b = -hops[1]; b <= hops[1]; b++)
            for (int c = -hops[2]; c <= hops[2]; c++) {
                const int brick[3] = {grid->brick[0] + a, grid->brick[1] + b, grid->brick[2] + c};
                halo->peer_of[vt_grid_rank(grid, brick)] = 0;
            }
    halo->n_peers = 0;
    for (int r = 0; r < grid->size; r++)
        if (halo->peer_of[r] == 0)
            halo->peer_of[r] = halo->n_peers++;
    const size_t n = (size_t)halo->n_peers;
    enum vt_code code =
        vt_reserve(&halo->peer, &halo->peer_capacity, n, sizeof *halo->peer, "halo", error);
    if (!code)
        code = vt_reserve(&halo->request, &halo->request_capacity, 2 * n, sizeof *halo->request,
                          "halo", error);
    for (int r = 0; !code && r < grid->size; r++)
        if (halo->peer_of[r] >= 0)
            halo->peer[halo->peer_of[r]] = (struct peer){.rank = r};
    return code;
}

/* Bricks along a, b, c whose extended range holds the atom; returns how many there are in all. */
static double brick_ranges(const struct vt_halo *halo, const double position[3], int range[3][2])
{
    double s[3], all = 1;
    vt_cell_fractional(halo->cell, position, s);
    for (int d = 0; d < 3; d++) {
        const double count = halo->grid->count[d], margin = halo->region.margin[d];
        const int own = halo->grid->brick[d], hops = halo->hops[d];
        range[d][0] = (int)fmax(ceil((s[d] - margin) * count) - 1, own - hops);
        range[d][1] = (int)fmin(floor((s[d] + margin) * count), own + hops);
        all *= range[d][1] - range[d][0] + 1;
    }
    return all;
}

static int floor_divide(int a, int b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* Does the brick that an atom lies in come after the one that it is a ghost of, in the order of a,
 * b, c? Seen from the other brick the answer is the opposite, without any rounding. */
static bool comes_after(const int brick[3], const int ghosts_brick[3])
{
    for (int d = 0; d < 3; d++)
        if (brick[d] != ghosts_brick[d])
            return brick[d] > ghosts_brick[d];
    return false;
}

/* Count the copies of atom `row`, or list them once their places are known (listed = true). */
static void find_copies(struct vt_halo *halo, const struct vt_atoms *atoms, int32_t row,
                        bool listed)
{
    assert(row >= 0 && row < atoms->n_local);
    const struct vt_grid *grid = halo->grid;
    int range[3][2];
    brick_ranges(halo, atoms->position[row], range);
    for (int a = range[0][0]; a <= range[0][1]; a++)
        for (int b = range[1][0]; b <= range[1][1]; b++)
            for (int c = range[2][0]; c <= range[2][1]; c++) {
                const int brick[3] = {a, b, c};
                if (memcmp(brick, grid->brick, sizeof brick) == 0)
                    continue;
                struct peer *peer = &halo->peer[halo->peer_of[vt_grid_rank(grid, brick)]];
                if (listed) {
                    struct copy *copy = &halo->copy[peer->first_send + peer->n_send];
                    copy->row = row;
                    copy->ahead = comes_after(grid->brick, brick);
                    for (int d = 0; d < 3; d++)
                        copy->shift[d] = floor_divide(brick[d], grid->count[d]);
                }
                peer->n_send++;
            }
}

static enum vt_code list_copies(struct vt_halo *halo, const struct vt_atoms *atoms,
                                struct vt_error *error)
{
    double all = 0;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        int range[3][2];
        all += brick_ranges(halo, atoms->position[i], range);
    }
    if (!(all < (double)(INT32_MAX / VT_HALO_WIDTH)))
        return vt_fail(error, VT_INPUT, "%.3g images of atoms are more than one process can make",
                       all);
    for (int32_t i = 0; i < atoms->n_local; i++)
        find_copies(halo, atoms, i, false);
    size_t sum = 0;
    for (int p = 0; p < halo->n_peers; p++) {
        halo->peer[p].first_send = (int32_t)sum;
        sum += (size_t)halo->peer[p].n_send;
        halo->peer[p].n_send = 0;
    }
    halo->n_copies = sum;
    enum vt_code code =
        vt_reserve(&halo->copy, &halo->copy_capacity, sum, sizeof *halo->copy, "halo", error);
    if (!code)
        code = vt_reserve(&halo->buffer, &halo->buffer_capacity, sum * VT_HALO_WIDTH,
                          sizeof(double), "halo", error);
    for (int32_t i = 0; !code && i < atoms->n_local; i++)
        find_copies(halo, atoms, i, true);
    return code;
}

static bool is_self(const struct vt_halo *halo, const struct peer *peer)
{
    return peer->rank == halo->grid->rank;
}

static void wait_all(struct vt_halo *halo, int n)
{
    assert(n >= 0 && (size_t)n <= halo->request_capacity);
    if (n > 0)
        MPI_Waitall(n, halo->request, MPI_STATUSES_IGNORE);
}

/* Tell each peer how many ghosts it gets of mine. */
static void exchange_counts(struct vt_halo *halo, struct vt_atoms *atoms)
{
    int n = 0;
    for (struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++) {
        if (is_self(halo, p)) {
            p->n_receive = p->n_send;
            continue;
        }
        MPI_Irecv(&p->n_receive, 1, MPI_INT32_T, p->rank, TAG_COUNT, halo->grid->comm,
                  &halo->request[n++]);
        MPI_Isend(&p->n_send, 1, MPI_INT32_T, p->rank, TAG_COUNT, halo->grid->comm,
                  &halo->request[n++]);
    }
    wait_all(halo, n);
    size_t row = (size_t)atoms->n_local;
    for (struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++) {
        p->first_row = (int32_t)row;
        row += (size_t)p->n_receive;
    }
    halo->n_ghosts = row - (size_t)atoms->n_local;
}

static void copied_position(const struct vt_halo *halo, const struct vt_atoms *atoms,
                            const struct copy *copy, double position[3])
{
    const double shift[3] = {copy->shift[0], copy->shift[1], copy->shift[2]};
    vt_cell_cartesian(halo->cell, shift, position);
    for (int d = 0; d < 3; d++)
        position[d] = atoms->position[copy->row][d] - position[d];
}

/* The ghosts themselves: position, type and id. */
static void exchange_atoms(struct vt_halo *halo, struct vt_atoms *atoms)
{
    struct ghost *leaving = (struct ghost *)halo->buffer;
    for (size_t k = 0; k < halo->n_copies; k++) {
        const struct copy *copy = &halo->copy[k];
        leaving[k].type = atoms->type[copy->row];
        leaving[k].id = atoms->id[copy->row];
        leaving[k].ahead = copy->ahead;
        copied_position(halo, atoms, copy, leaving[k].position);
    }
    int n = 0;
    for (const struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++) {
        const int size = (int)sizeof(struct ghost);
        struct ghost *arriving = halo->arrival + (p->first_row - atoms->n_local);
        if (is_self(halo, p)) {
            memcpy(arriving, leaving + p->first_send, (size_t)p->n_send * sizeof *arriving);
            continue;
        }
        MPI_Irecv(arriving, p->n_receive * size, MPI_BYTE, p->rank, TAG_ATOM, halo->grid->comm,
                  &halo->request[n++]);
        MPI_Isend(leaving + p->first_send, p->n_send * size, MPI_BYTE, p->rank, TAG_ATOM,
                  halo->grid->comm, &halo->request[n++]);
    }
    wait_all(halo, n);
    for (size_t g = 0; g < halo->n_ghosts; g++) {
        const size_t row = (size_t)atoms->n_local + g;
        memcpy(atoms->position[row], halo->arrival[g].position, sizeof atoms->position[row]);
        atoms->type[row] = halo->arrival[g].type;
        atoms->id[row] = halo->arrival[g].id;
        halo->ahead[g] = halo->arrival[g].ahead;
    }
    atoms->n_all = atoms->n_local + (int32_t)halo->n_ghosts;
    vt_atoms_end(atoms);
}

enum vt_code vt_halo_build(struct vt_halo *halo, struct vt_atoms *atoms, double reach,
                           struct vt_error *error)
{
    assert(halo && atoms && reach > 0 && !halo->is_busy);
    MPI_Comm comm = halo->grid->comm;
    set_region(halo, reach);
    enum vt_code code = list_peers(halo, error);
    if (!code)
        code = list_copies(halo, atoms, error);
    code = vt_agree(comm, code, 0, error);
    if (code)
        return code;
    exchange_counts(halo, atoms);
    code = vt_atoms_reserve(atoms, (size_t)atoms->n_local + halo->n_ghosts, error);
    if (!code)
        code = vt_reserve(&halo->arrival, &halo->arrival_capacity, halo->n_ghosts,
                          sizeof *halo->arrival, "halo", error);
    if (!code)
        code = vt_reserve(&halo->ahead, &halo->ahead_capacity, halo->n_ghosts, sizeof *halo->ahead,
                          "halo", error);
    code = vt_agree(comm, code, 0, error);
    if (!code)
        exchange_atoms(halo, atoms);
    return code;
}

static bool copies_are_valid(const struct vt_halo *halo, const struct peer *peer,
                             const struct vt_atoms *atoms)
{
    for (int32_t k = 0; k < peer->n_send; k++) {
        const struct copy *copy = &halo->copy[peer->first_send + k];
        const int32_t *shift = copy->shift;
        if (copy->row < 0 || copy->row >= atoms->n_local)
            return false;
        if (is_self(halo, peer) && !shift[0] && !shift[1] && !shift[2])
            return false; /* the atom itself */
    }
    return true;
}

bool vt_halo_is_valid(const struct vt_halo *halo, const struct vt_atoms *atoms)
{
    assert(halo && atoms);
    size_t sent = 0, row = (size_t)atoms->n_local;
    int rank = -1;
    for (const struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++) {
        if (p->rank <= rank || p->rank >= halo->grid->size || p->n_send < 0 || p->n_receive < 0)
            return false;
        if ((size_t)p->first_send != sent || (size_t)p->first_row != row)
            return false;
        rank = p->rank;
        sent += (size_t)p->n_send;
        row += (size_t)p->n_receive;
        if (sent > halo->n_copies || !copies_are_valid(halo, p, atoms))
            return false;
    }
    return sent == halo->n_copies && row == (size_t)atoms->n_all &&
           row - (size_t)atoms->n_local == halo->n_ghosts && !halo->is_busy;
}

/* Messages of `width` numbers a row: from the buffer to the ghosts' rows, self excepted. */
static void post_forward(struct vt_halo *halo, double *values, int width)
{
    assert(width > 0 && width <= VT_HALO_WIDTH);
    halo->n_requests = 0;
    halo->is_busy = true;
    for (const struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++) {
        if (is_self(halo, p))
            continue;
        MPI_Irecv(values + (size_t)p->first_row * (size_t)width, p->n_receive * width, MPI_DOUBLE,
                  p->rank, TAG_FORWARD, halo->grid->comm, &halo->request[halo->n_requests++]);
        MPI_Isend(halo->buffer + (size_t)p->first_send * (size_t)width, p->n_send * width,
                  MPI_DOUBLE, p->rank, TAG_FORWARD, halo->grid->comm,
                  &halo->request[halo->n_requests++]);
    }
}

/* Where the k-th copy of a peer is packed: the message's buffer, or for this rank itself the
 * ghost's row. */
static double *place(struct vt_halo *halo, const struct peer *peer, int32_t k, double *values,
                     int width)
{
    const size_t row = (size_t)k, w = (size_t)width;
    return is_self(halo, peer) ? values + ((size_t)peer->first_row + row) * w
                               : halo->buffer + ((size_t)peer->first_send + row) * w;
}

void vt_halo_positions_begin(struct vt_halo *halo, struct vt_atoms *atoms)
{
    assert(halo && atoms && !halo->is_busy);
    assert((size_t)(atoms->n_all - atoms->n_local) == halo->n_ghosts);
    double *values = &atoms->position[0][0];
    for (const struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++)
        for (int32_t k = 0; k < p->n_send; k++)
            copied_position(halo, atoms, &halo->copy[p->first_send + k],
                            place(halo, p, k, values, 3));
    post_forward(halo, values, 3);
}

void vt_halo_forward_begin(struct vt_halo *halo, double *values, int width)
{
    assert(halo && !halo->is_busy && width > 0 && width <= VT_HALO_WIDTH);
    for (const struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++)
        for (int32_t k = 0; k < p->n_send; k++)
            memcpy(place(halo, p, k, values, width),
                   values + (size_t)halo->copy[p->first_send + k].row * (size_t)width,
                   (size_t)width * sizeof *values);
    post_forward(halo, values, width);
}

void vt_halo_forward_end(struct vt_halo *halo)
{
    assert(halo && halo->is_busy);
    wait_all(halo, halo->n_requests);
    halo->n_requests = 0;
    halo->is_busy = false;
}

void vt_halo_reverse(struct vt_halo *halo, double *values, int width)
{
    assert(halo && !halo->is_busy && width > 0 && width <= VT_HALO_WIDTH);
    int n = 0;
    for (const struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++) {
        if (is_self(halo, p))
            continue;
        MPI_Irecv(halo->buffer + (size_t)p->first_send * (size_t)width, p->n_send * width,
                  MPI_DOUBLE, p->rank, TAG_REVERSE, halo->grid->comm, &halo->request[n++]);
        MPI_Isend(values + (size_t)p->first_row * (size_t)width, p->n_receive * width, MPI_DOUBLE,
                  p->rank, TAG_REVERSE, halo->grid->comm, &halo->request[n++]);
    }
    wait_all(halo, n);
    for (const struct peer *p = halo->peer; p < halo->peer + halo->n_peers; p++)
        for (int32_t k = 0; k < p->n_send; k++) {
            const double *from = place(halo, p, k, values, width);
            double *to = values + (size_t)halo->copy[p->first_send + k].row * (size_t)width;
            for (int w = 0; w < width; w++)
                to[w] += from[w];
        }
}
