/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between two builds of the neighbour lists the rows of a rank stay, so that only positions and
 * velocities need to be copied. */
#include "md/last_good.h"

#include <assert.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"

static enum vt_code make_room(struct vt_last_good *kept, size_t n, struct vt_error *error)
{
    static const char what[] = "the last good frame";
    size_t *capacity = kept->capacity;
    enum vt_code code =
        vt_reserve(&kept->position, &capacity[0], n, sizeof *kept->position, what, error);
    if (!code)
        code = vt_reserve(&kept->velocity, &capacity[1], n, sizeof *kept->velocity, what, error);
    if (!code)
        code = vt_reserve(&kept->id, &capacity[2], n, sizeof *kept->id, what, error);
    if (!code)
        code = vt_reserve(&kept->type, &capacity[3], n, sizeof *kept->type, what, error);
    if (!code)
        code = vt_reserve(&kept->image, &capacity[4], n, sizeof *kept->image, what, error);
    if (!code)
        code = vt_reserve(&kept->groups, &capacity[5], n, sizeof *kept->groups, what, error);
    return code;
}

/* The lists were built: the rows are others. */
static enum vt_code keep_rows(struct vt_last_good *kept, const struct vt_md *md,
                              struct vt_error *error)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    const size_t n = (size_t)atoms->n_local;
    const enum vt_code code = vt_agree(md->domain->grid.comm, make_room(kept, n, error), 0, error);
    if (code)
        return code;
    memcpy(kept->id, atoms->id, n * sizeof *kept->id);
    memcpy(kept->type, atoms->type, n * sizeof *kept->type);
    memcpy(kept->image, atoms->image, n * sizeof *kept->image);
    memcpy(kept->groups, atoms->groups, n * sizeof *kept->groups);
    kept->n = n;
    kept->n_rebuilds = md->n_rebuilds;
    return VT_OK;
}

enum vt_code vt_last_good_keep(struct vt_last_good *kept, const struct vt_md *md,
                               struct vt_error *error)
{
    assert(kept && md);
    const struct vt_domain *domain = md->domain;
    if (kept->n_rebuilds != md->n_rebuilds) {
        const enum vt_code code = keep_rows(kept, md, error);
        if (code)
            return code;
    }
    memcpy(kept->position, domain->atoms.position, kept->n * sizeof *kept->position);
    memcpy(kept->velocity, domain->atoms.velocity, kept->n * sizeof *kept->velocity);
    memcpy(kept->cell, domain->cell.vector, sizeof kept->cell);
    kept->step = md->step;
    return VT_OK;
}

enum vt_code vt_last_good_return(const struct vt_last_good *kept, struct vt_md *md,
                                 struct vt_error *error)
{
    assert(kept && md);
    assert(kept->n_rebuilds > 0);
    const struct vt_domain_input input = {.n = kept->n,
                                          .position = (const double(*)[3])kept->position,
                                          .velocity = (const double(*)[3])kept->velocity,
                                          .type = kept->type,
                                          .groups = kept->groups,
                                          .id = kept->id,
                                          .image = (const int32_t(*)[3])kept->image};
    enum vt_code code = vt_domain_reset(md->domain, kept->cell, error);
    if (!code)
        code = vt_domain_add(md->domain, &input, error);
    code = vt_agree(md->domain->grid.comm, code, 0, error);
    if (code)
        return code;
    md->step = kept->step;
    md->needs_rebuild = true;
    return vt_md_evaluate(md, error);
}

void vt_last_good_destroy(struct vt_last_good *kept)
{
    assert(kept);
    vt_free(kept->position);
    vt_free(kept->velocity);
    vt_free(kept->id);
    vt_free(kept->type);
    vt_free(kept->image);
    vt_free(kept->groups);
    *kept = (struct vt_last_good){0};
}
