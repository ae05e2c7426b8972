/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/atoms.h"

#include <assert.h>

#include "base/memory.h"

static const double far_away = 1e9;

enum vt_code vt_atoms_reserve(struct vt_atoms *atoms, size_t n, struct vt_error *error)
{
    assert(atoms);
    assert(atoms->n_local >= 0 && atoms->n_all >= atoms->n_local);
    if (n >= INT32_MAX)
        return vt_fail(error, VT_INPUT, "%zu atoms and images are more than one process can hold",
                       n);
    size_t *capacity = atoms->capacity;
    enum vt_code code = vt_reserve(&atoms->position, &capacity[0], n + 1, sizeof *atoms->position,
                                   "positions", error);
    if (!code)
        code = vt_reserve(&atoms->type, &capacity[1], n + 1, sizeof *atoms->type, "types", error);
    if (!code)
        code = vt_reserve(&atoms->id, &capacity[2], n + 1, sizeof *atoms->id, "ids", error);
    return code;
}

void vt_atoms_end(struct vt_atoms *atoms)
{
    assert(atoms->n_local <= atoms->n_all);
    for (int d = 0; d < 3; d++)
        atoms->position[atoms->n_all][d] = far_away;
    atoms->type[atoms->n_all] = 0;
    atoms->id[atoms->n_all] = -1;
}

void vt_atoms_destroy(struct vt_atoms *atoms)
{
    if (!atoms)
        return;
    vt_free(atoms->position);
    vt_free(atoms->type);
    vt_free(atoms->id);
    vt_free(atoms->velocity);
    vt_free(atoms->image);
    vt_free(atoms->groups);
    *atoms = (struct vt_atoms){0};
}
