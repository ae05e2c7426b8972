/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/spanning.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "training/maxvol.h"

/* A neighbour changes the sums by about 1. A direction in which the set extends by less than a
 * hundredth of that is one in which it does not extend. */
static const struct vt_maxvol_settings settings = {.floor = 0.01, .tolerance = 1.001};

enum { TAG = 73 };

void vt_environments_destroy(struct vt_environments *environments)
{
    for (int t = 0; t < environments->n_types; t++)
        vt_free(environments->of[t].row);
    *environments = (struct vt_environments){0};
}

/* Room for `more` rows; returns where they begin, NULL if there is none. */
static double *make_room(struct vt_environments *environments, int type, size_t more,
                         struct vt_error *error)
{
    struct vt_environment_list *list = &environments->of[type];
    const size_t n = (size_t)environments->n;
    if (vt_reserve(&list->row, &list->capacity, (list->count + more) * n, sizeof *list->row,
                   "environments", error))
        return NULL;
    double *first = list->row + list->count * n;
    list->count += more;
    return first;
}

struct vt_environments vt_environments_of(const struct vt_nep *model)
{
    assert(model);
    return (struct vt_environments){.n_types = model->n_types,
                                    .n = 1 + model->n_types * (model->k_radial + 1)};
}

enum vt_code vt_environments_add(struct vt_environments *environments, int type,
                                 const double *radial_sums, struct vt_error *error)
{
    assert(environments && type >= 0 && type < environments->n_types && radial_sums);
    double *row = make_room(environments, type, 1, error);
    if (!row)
        return VT_MEMORY;
    row[0] = 1;
    memcpy(row + 1, radial_sums, ((size_t)environments->n - 1) * sizeof *row);
    return VT_OK;
}

/* Rows of one rank to the first, in pieces that MPI can count. */
static void send_rows(const struct vt_environment_list *list, size_t n, MPI_Comm comm)
{
    const size_t most = INT_MAX / n * n, size = list->count * n;
    for (size_t at = 0; at < size; at += most)
        MPI_Send(list->row + at, (int)(size - at < most ? size - at : most), MPI_DOUBLE, 0, TAG,
                 comm);
}

static void receive_rows(double *row, size_t size, size_t n, int from, MPI_Comm comm)
{
    const size_t most = INT_MAX / n * n;
    for (size_t at = 0; at < size; at += most)
        MPI_Recv(row + at, (int)(size - at < most ? size - at : most), MPI_DOUBLE, from, TAG, comm,
                 MPI_STATUS_IGNORE);
}

/* The rows of a type; count[rank]: how many each has. All ranks know whether the first has room. */
static enum vt_code gather_type(struct vt_environments *environments, int type,
                                const int64_t *count, MPI_Comm comm, struct vt_error *error)
{
    struct vt_environment_list *list = &environments->of[type];
    const size_t n = (size_t)environments->n;
    const int rank = vt_rank(comm), size = vt_rank_count(comm);
    size_t more = 0;
    for (int r = 1; r < size; r++)
        more += (size_t)count[r];
    double *row = NULL;
    enum vt_code code = VT_OK;
    if (rank == 0) {
        row = make_room(environments, type, more, error);
        code = row ? VT_OK : VT_MEMORY;
    }
    code = vt_agree(comm, code, 0, error);
    if (code)
        return code;
    if (rank > 0) {
        send_rows(list, n, comm);
        list->count = 0;
    }
    for (int r = 1; rank == 0 && r < size; r++) {
        receive_rows(row, (size_t)count[r] * n, n, r, comm);
        row += (size_t)count[r] * n;
    }
    return VT_OK;
}

enum vt_code vt_environments_gather(struct vt_environments *environments, MPI_Comm comm,
                                    struct vt_error *error)
{
    assert(environments && environments->n > 1);
    const int size = vt_rank_count(comm);
    if (size == 1)
        return VT_OK;
    int64_t *count = NULL;
    enum vt_code code = vt_alloc(&count, (size_t)size, sizeof *count, "counts", error);
    code = vt_agree(comm, code, 0, error);
    for (int t = 0; t < environments->n_types && !code; t++) {
        const int64_t own = (int64_t)environments->of[t].count;
        MPI_Allgather(&own, 1, MPI_INT64_T, count, 1, MPI_INT64_T, comm);
        code = gather_type(environments, t, count, comm, error);
    }
    vt_free(count);
    return code;
}

enum vt_code vt_environments_span(const struct vt_environments *environments,
                                  const struct vt_nep *model, struct vt_active_set *set,
                                  size_t *n_rows, struct vt_error *error)
{
    assert(environments && model && set && environments->n_types == model->n_types);
    const size_t n = (size_t)environments->n;
    enum vt_code code = vt_active_set_create(set, model, error);
    assert(code || set->n == environments->n);
    for (int t = 0; t < environments->n_types && !code; t++) {
        const struct vt_environment_list *list = &environments->of[t];
        size_t count;
        const struct vt_tall_matrix matrix = {list->row, list->count, n};
        code = vt_maxvol(&matrix, &settings, vt_active_set_rows(set, t), &count, error);
        if (n_rows && !code)
            n_rows[t] = count;
    }
    return code ? code : vt_active_set_invert(set, error);
}
