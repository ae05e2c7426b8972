/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Atoms for `vitrion bench` where none are given. */
#ifndef VT_BENCH_STRUCTURE_H
#define VT_BENCH_STRUCTURE_H

#include "base/error.h"
#include "io/frame.h"
#include "potential/nep.h"

/* About n_atoms: all elements of the model in equal shares, in turn on the sites of a simple cubic
 * lattice (rock salt if there are two), a little displaced. The space of an atom is a cube whose
 * edge is two covalent radii, of 1 A at least: within a third of the densities of PbTe, water and
 * carbon. *frame: owned, from vt_alloc. */
enum vt_code vt_bench_structure(struct vt_frame **frame, const struct vt_nep *model,
                                int64_t n_atoms, struct vt_error *error);

#endif
