/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/domain.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"

enum { TAG_MOVE = 31 };

/* An atom on its way. */
struct traveller {
    double position[3], velocity[3];
    int64_t id;
    int32_t image[3];
    uint32_t groups;
    int32_t type;
    int32_t destination;
};

struct vt_mover {
    struct traveller *leaving, *arriving;
    int *n_leaving, *n_arriving; /* [ranks] */
    MPI_Request *request;        /* [2 ranks] */
    size_t leaving_capacity, arriving_capacity;
};

static enum vt_code make_mover(struct vt_domain *domain, struct vt_error *error)
{
    const size_t ranks = (size_t)domain->grid.size;
    enum vt_code code = vt_alloc(&domain->mover, 1, sizeof *domain->mover, "migration", error);
    if (!code)
        code = vt_alloc(&domain->mover->n_leaving, ranks, sizeof(int), "migration", error);
    if (!code)
        code = vt_alloc(&domain->mover->n_arriving, ranks, sizeof(int), "migration", error);
    if (!code)
        code =
            vt_alloc(&domain->mover->request, 2 * ranks, sizeof(MPI_Request), "migration", error);
    return code;
}

enum vt_code vt_domain_create(struct vt_domain *domain, MPI_Comm comm, const double cell[3][3],
                              const int wanted[3], struct vt_error *error)
{
    assert(domain && cell && wanted);
    assert(wanted[0] >= 0 && wanted[1] >= 0 && wanted[2] >= 0);
    *domain = (struct vt_domain){.grid = {.comm = MPI_COMM_NULL}};
    enum vt_code code = vt_cell_init(&domain->cell, cell, error);
    if (!code)
        code = vt_grid_create(&domain->grid, comm, &domain->cell, wanted, error);
    if (!code)
        code = vt_halo_create(&domain->halo, &domain->grid, &domain->cell, error);
    if (!code)
        code = make_mover(domain, error);
    code = vt_agree(comm, code, 0, error);
    if (code)
        vt_domain_destroy(domain);
    return code;
}

enum vt_code vt_domain_reset(struct vt_domain *domain, const double cell[3][3],
                             struct vt_error *error)
{
    assert(domain && cell);
    assert(domain->halo);
    domain->atoms.n_local = domain->atoms.n_all = 0;
    domain->n_global = 0;
    return vt_cell_init(&domain->cell, cell, error);
}

void vt_domain_destroy(struct vt_domain *domain)
{
    if (!domain)
        return;
    if (domain->mover) {
        vt_free(domain->mover->leaving);
        vt_free(domain->mover->arriving);
        vt_free(domain->mover->n_leaving);
        vt_free(domain->mover->n_arriving);
        vt_free(domain->mover->request);
        vt_free(domain->mover);
    }
    vt_halo_destroy(domain->halo);
    vt_atoms_destroy(&domain->atoms);
    vt_grid_destroy(&domain->grid);
    *domain = (struct vt_domain){.grid = {.comm = MPI_COMM_NULL}};
}

/* Local rows grow to n: those every atom has, and those only local ones have. */
static enum vt_code reserve_local(struct vt_atoms *atoms, size_t n, struct vt_error *error)
{
    assert(n < INT32_MAX);
    enum vt_code code = vt_atoms_reserve(atoms, n, error);
    if (!code)
        code = vt_reserve(&atoms->velocity, &atoms->capacity[3], n, sizeof *atoms->velocity,
                          "velocities", error);
    if (!code)
        code = vt_reserve(&atoms->image, &atoms->capacity[4], n, sizeof *atoms->image, "images",
                          error);
    if (!code)
        code = vt_reserve(&atoms->groups, &atoms->capacity[5], n, sizeof *atoms->groups, "groups",
                          error);
    return code;
}

enum vt_code vt_domain_add(struct vt_domain *domain, const struct vt_domain_input *input,
                           struct vt_error *error)
{
    assert(domain && input);
    assert(input->n == 0 || (input->position && input->type));
    assert(domain->atoms.n_local >= 0);
    struct vt_atoms *atoms = &domain->atoms;
    const size_t first = (size_t)atoms->n_local;
    const enum vt_code code = reserve_local(atoms, first + input->n, error);
    if (code)
        return code;
    for (size_t i = 0; i < input->n; i++) {
        const size_t row = first + i;
        memcpy(atoms->position[row], input->position[i], sizeof *atoms->position);
        atoms->type[row] = input->type[i];
        atoms->id[row] = input->id ? input->id[i] : input->first_id + (int64_t)i;
        atoms->groups[row] = input->groups ? input->groups[i] : VT_ALL_ATOMS;
        for (int d = 0; d < 3; d++) {
            atoms->image[row][d] = input->image ? input->image[i][d] : 0;
            atoms->velocity[row][d] = input->velocity ? input->velocity[i][d] : 0;
        }
    }
    atoms->n_local = atoms->n_all = (int32_t)(first + input->n);
    return VT_OK;
}

/* Wrap one atom by whole cell vectors, so that one inside keeps its bits, and find its brick's
 * rank. */
static enum vt_code wrap(struct vt_domain *domain, int32_t row, int32_t *destination,
                         struct vt_error *error)
{
    assert(row >= 0 && row < domain->atoms.n_local);
    struct vt_atoms *atoms = &domain->atoms;
    double s[3], shift[3], move[3];
    int brick[3];
    vt_cell_fractional(&domain->cell, atoms->position[row], s);
    for (int d = 0; d < 3; d++) {
        if (!(fabs(s[d]) < 1e9))
            return vt_fail(error, VT_INPUT, "atom %lld lies at %g %g %g, nowhere near the cell",
                           (long long)atoms->id[row] + 1, atoms->position[row][0],
                           atoms->position[row][1], atoms->position[row][2]);
        shift[d] = floor(s[d]);
        atoms->image[row][d] += (int32_t)shift[d];
        const int count = domain->grid.count[d], b = (int)((s[d] - shift[d]) * count);
        brick[d] = b < count ? b : count - 1;
    }
    vt_cell_cartesian(&domain->cell, shift, move);
    for (int d = 0; d < 3; d++)
        atoms->position[row][d] -= move[d];
    *destination = vt_grid_rank(&domain->grid, brick);
    return VT_OK;
}

static struct traveller pack(const struct vt_atoms *atoms, int32_t row)
{
    struct traveller t = {
        .id = atoms->id[row], .type = atoms->type[row], .groups = atoms->groups[row]};
    memcpy(t.position, atoms->position[row], sizeof t.position);
    memcpy(t.velocity, atoms->velocity[row], sizeof t.velocity);
    memcpy(t.image, atoms->image[row], sizeof t.image);
    return t;
}

static void unpack(struct vt_atoms *atoms, int32_t row, const struct traveller *t)
{
    atoms->id[row] = t->id;
    atoms->type[row] = t->type;
    atoms->groups[row] = t->groups;
    memcpy(atoms->position[row], t->position, sizeof t->position);
    memcpy(atoms->velocity[row], t->velocity, sizeof t->velocity);
    memcpy(atoms->image[row], t->image, sizeof t->image);
}

/* Wrap all atoms; move those of other bricks from the local rows to the travellers, sorted by
 * destination. */
static enum vt_code sort_out(struct vt_domain *domain, size_t *n_leaving, struct vt_error *error)
{
    struct vt_atoms *atoms = &domain->atoms;
    struct vt_mover *mover = domain->mover;
    const size_t n = (size_t)atoms->n_local;
    enum vt_code code = vt_reserve(&mover->leaving, &mover->leaving_capacity, n,
                                   sizeof *mover->leaving, "migration", error);
    memset(mover->n_leaving, 0, (size_t)domain->grid.size * sizeof(int));
    int32_t kept = 0;
    *n_leaving = 0;
    for (int32_t i = 0; !code && i < (int32_t)n; i++) {
        int32_t destination = 0;
        code = wrap(domain, i, &destination, error);
        struct traveller t = pack(atoms, i);
        t.destination = destination;
        if (destination == domain->grid.rank) {
            unpack(atoms, kept++, &t);
            continue;
        }
        mover->leaving[(*n_leaving)++] = t;
        mover->n_leaving[destination]++;
    }
    if (!code)
        atoms->n_local = atoms->n_all = kept;
    return code;
}

static int by_destination(const void *a, const void *b)
{
    const struct traveller *s = a, *t = b;
    if (s->destination != t->destination)
        return s->destination < t->destination ? -1 : 1;
    return s->id < t->id ? -1 : s->id > t->id;
}

static int by_id(const void *a, const void *b)
{
    const struct traveller *s = a, *t = b;
    return s->id < t->id ? -1 : s->id > t->id;
}

/* Counts to everybody, then atoms to whom it concerns. */
static enum vt_code exchange(struct vt_domain *domain, size_t *n_arriving, struct vt_error *error)
{
    struct vt_mover *mover = domain->mover;
    const struct vt_grid *grid = &domain->grid;
    if (grid->size == 1)
        return VT_OK;
    MPI_Alltoall(mover->n_leaving, 1, MPI_INT, mover->n_arriving, 1, MPI_INT, grid->comm);
    for (int r = 0; r < grid->size; r++)
        *n_arriving += (size_t)mover->n_arriving[r];
    enum vt_code code = vt_reserve(&mover->arriving, &mover->arriving_capacity, *n_arriving,
                                   sizeof *mover->arriving, "migration", error);
    if (!code)
        code = reserve_local(&domain->atoms, (size_t)domain->atoms.n_local + *n_arriving, error);
    code = vt_agree(grid->comm, code, 0, error);
    if (code)
        return code;
    int n = 0;
    const int size = (int)sizeof(struct traveller);
    const struct traveller *from = mover->leaving;
    struct traveller *to = mover->arriving;
    for (int r = 0; r < grid->size; r++) {
        if (mover->n_arriving[r])
            MPI_Irecv(to, mover->n_arriving[r] * size, MPI_BYTE, r, TAG_MOVE, grid->comm,
                      &mover->request[n++]);
        if (mover->n_leaving[r])
            MPI_Isend(from, mover->n_leaving[r] * size, MPI_BYTE, r, TAG_MOVE, grid->comm,
                      &mover->request[n++]);
        to += mover->n_arriving[r];
        from += mover->n_leaving[r];
    }
    MPI_Waitall(n, mover->request, MPI_STATUSES_IGNORE);
    return VT_OK;
}

/* Merge the arrivals (sorted by id) into the local rows (in rising order of ids), from the end. */
static void merge(struct vt_atoms *atoms, const struct traveller *arriving, size_t n)
{
    assert(n == 0 || arriving);
    int32_t row = atoms->n_local + (int32_t)n, old = atoms->n_local;
    atoms->n_local = atoms->n_all = row;
    while (n > 0) {
        if (old > 0 && atoms->id[old - 1] > arriving[n - 1].id) {
            const struct traveller t = pack(atoms, --old);
            unpack(atoms, --row, &t);
        } else {
            unpack(atoms, --row, &arriving[--n]);
        }
    }
}

enum vt_code vt_domain_migrate(struct vt_domain *domain, struct vt_error *error)
{
    assert(domain && domain->mover);
    assert(domain->atoms.n_local >= 0 && domain->atoms.n_local <= domain->atoms.n_all);
    struct vt_mover *mover = domain->mover;
    size_t n_leaving = 0, n_arriving = 0;
    enum vt_code code = sort_out(domain, &n_leaving, error);
    code = vt_agree(domain->grid.comm, code, 0, error);
    if (code)
        return code;
    if (n_leaving > 0) /* else there may be no array */
        qsort(mover->leaving, n_leaving, sizeof *mover->leaving, by_destination);
    code = exchange(domain, &n_arriving, error);
    if (code)
        return code;
    if (n_arriving > 0)
        qsort(mover->arriving, n_arriving, sizeof *mover->arriving, by_id);
    merge(&domain->atoms, mover->arriving, n_arriving);
    vt_atoms_end(&domain->atoms);
    double all = domain->atoms.n_local;
    vt_sum_over_ranks(domain->grid.comm, &all, 1);
    domain->n_global = (int64_t)all;
    return VT_OK;
}

void vt_domain_unwrap(const struct vt_domain *domain, double (*position)[3])
{
    assert(domain && (position || domain->atoms.n_local == 0));
    const struct vt_atoms *atoms = &domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double image[3] = {atoms->image[i][0], atoms->image[i][1], atoms->image[i][2]};
        vt_cell_cartesian(&domain->cell, image, position[i]);
        for (int d = 0; d < 3; d++)
            position[i][d] += atoms->position[i][d];
    }
}
