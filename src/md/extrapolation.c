/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/extrapolation.h"

#include <assert.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"

enum vt_code vt_extrapolation_open(struct vt_extrapolation *extrapolation, const char *path,
                                   const struct vt_nep *model, struct vt_error *error)
{
    assert(extrapolation && path && model);
    extrapolation->model = model;
    extrapolation->step = -1;
    return vt_active_set_read(&extrapolation->set, path, model, error);
}

void vt_extrapolation_close(struct vt_extrapolation *extrapolation)
{
    vt_active_set_destroy(&extrapolation->set);
    vt_free(extrapolation->grade);
    *extrapolation = (struct vt_extrapolation){0};
}

/* The largest of all ranks; of equals the one on the first rank. */
static void agree_on_farthest(struct vt_farthest *farthest, MPI_Comm comm)
{
    struct {
        double grade;
        int rank;
    } most = {farthest->grade, vt_rank(comm)};
    int64_t who[2] = {farthest->id, farthest->element};
    if (comm == MPI_COMM_NULL)
        return;
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE_INT, MPI_MAXLOC, comm);
    MPI_Bcast(who, 2, MPI_INT64_T, most.rank, comm);
    farthest->grade = most.grade;
    farthest->id = who[0];
    farthest->element = (int)who[1];
}

enum vt_code vt_extrapolation_look(struct vt_extrapolation *extrapolation, const struct vt_md *md,
                                   struct vt_error *error)
{
    assert(extrapolation && extrapolation->set.inverse && md);
    if (extrapolation->step == md->step)
        return VT_OK;
    const struct vt_atoms *atoms = &md->domain->atoms;
    const double *sums = vt_force_results(md->force)->radial_sums;
    const int n_sums = extrapolation->set.n - 1;
    struct vt_farthest now = {.grade = -1, .step = md->step};
    assert(sums || atoms->n_local == 0);
    enum vt_code code =
        vt_reserve(&extrapolation->grade, &extrapolation->capacity, (size_t)atoms->n_local,
                   sizeof *extrapolation->grade, "grades", error);
    code = vt_agree(md->domain->grid.comm, code, 0, error);
    if (code)
        return code;
    for (int32_t i = 0; i < atoms->n_local; i++, sums += n_sums) {
        const int type = atoms->type[i];
        const double grade = vt_active_set_grade(&extrapolation->set, type, sums);
        extrapolation->grade[i] = grade;
        if (grade > now.grade) {
            now.grade = grade;
            now.id = atoms->id[i];
            now.element = extrapolation->model->atomic_number[type];
        }
    }
    agree_on_farthest(&now, md->domain->grid.comm);
    extrapolation->now = now;
    extrapolation->step = md->step;
    if (now.grade > extrapolation->ever.grade)
        extrapolation->ever = now;
    return VT_OK;
}
