/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be changed in a structure, as a list that is checked before anything is done. */
#ifndef VT_CHANGES_H
#define VT_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "structure/charges.h"
#include "structure/formula.h"

enum vt_change_kind {
    VT_CHANGE_REPLACE, /* atoms of an element become another one */
    VT_CHANGE_SWAP,    /* as many atoms of two elements change places */
    VT_CHANGE_REMOVE,
    VT_CHANGE_ADD
};

struct vt_change {
    enum vt_change_kind kind;
    int element;   /* that is changed, removed or added */
    int other;     /* what it becomes or changes places with; 0 for the other kinds */
    double share;  /* of the atoms of the element; 0: count says it */
    int64_t count; /* atoms (swap: of each element) */
};

struct vt_changes {
    struct vt_change *change;
    size_t n, capacity;
};

/* Append the items of a list to the changes (start with `= {0}`): "Zr=Al:2,Cl=O:25 %" to replace
 * and swap, "Li:4" to remove and add. Without a number: all atoms of the element (not to swap or
 * add). */
enum vt_code vt_changes_parse(struct vt_changes *changes, enum vt_change_kind kind,
                              const char *list, struct vt_error *error);
void vt_changes_destroy(struct vt_changes *changes);

/* Turn shares into counts (the nearest) and see that the structure has as many atoms: none is
 * changed twice. */
enum vt_code vt_changes_settle(struct vt_changes *changes, const struct vt_formula *before,
                               struct vt_error *error);

/* What the structure is made of after settled changes. */
void vt_changes_apply(const struct vt_changes *changes, const struct vt_formula *before,
                      struct vt_formula *after);

/* Append, to settled changes, the removal or addition of atoms of `element` that makes the result
 * neutral; nothing if it is. All charges must be known. */
enum vt_code vt_changes_balance(struct vt_changes *changes, const struct vt_formula *before,
                                const struct vt_charges *charges, int element,
                                struct vt_error *error);

#endif
