/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polyhedra of anions around cations, and how they hang together.
 *
 * A ligand within the cutoff of its pair of elements is bonded. Two centres share the ligands that
 * are bonded to both: a corner (one), an edge (two), a face (three or more); centres are told from
 * their images. A ligand is free (no centre: mobile ions at most), terminal (one) or bridging. All
 * means over frames have errors over blocks of frames. Frames are shared over the ranks. */
#ifndef VT_POLYHEDRA_H
#define VT_POLYHEDRA_H

#include "analysis/blocks.h"
#include "analysis/stream.h"

enum {
    VT_CENTRES_MOST = 4,
    VT_LIGANDS_MOST = 4,
    VT_LIGANDS_AROUND = 12 /* of one element around one centre that are told apart */
};

enum vt_ligand_role { VT_FREE, VT_TERMINAL, VT_BRIDGING, VT_LIGAND_ROLES };
enum vt_sharing { VT_CORNER, VT_EDGE, VT_FACE, VT_SHARINGS };

struct vt_polyhedra_options {
    size_t n_centres, n_ligands;
    int centre[VT_CENTRES_MOST], ligand[VT_LIGANDS_MOST]; /* atomic numbers */
    double cutoff[VT_CENTRES_MOST][VT_LIGANDS_MOST];      /* A */
};

struct vt_polyhedra;

enum vt_code vt_polyhedra_create(struct vt_polyhedra **polyhedra, MPI_Comm comm,
                                 const struct vt_polyhedra_options *options,
                                 struct vt_error *error);
void vt_polyhedra_destroy(struct vt_polyhedra *polyhedra);

/* Not collective: each rank gives each frame. Refused (VT_INPUT): a cell that is thinner than twice
 * a cutoff. */
enum vt_code vt_polyhedra_add(struct vt_polyhedra *polyhedra, const struct vt_snapshot *snapshot,
                              struct vt_error *error);
void vt_polyhedra_finish(struct vt_polyhedra *polyhedra); /* collective */

/* Ligands of an element around a centre of an element; their distance, and its standard deviation.
 */
struct vt_mean vt_polyhedra_number(const struct vt_polyhedra *polyhedra, size_t centre,
                                   size_t ligand);
struct vt_mean vt_polyhedra_distance(const struct vt_polyhedra *polyhedra, size_t centre,
                                     size_t ligand, double *deviation);

/* Fraction of the centres of an element that have exactly these numbers of ligands; and the
 * compositions that there are: their count in *n, by falling fraction; of the caller (vt_free). */
struct vt_environment {
    int number[VT_LIGANDS_MOST];
    struct vt_mean fraction;
};
enum vt_code vt_polyhedra_environments(const struct vt_polyhedra *polyhedra, size_t centre,
                                       struct vt_environment **environment, size_t *n,
                                       struct vt_error *error);

/* Fraction of the ligands of an element in a role. */
struct vt_mean vt_polyhedra_role(const struct vt_polyhedra *polyhedra, size_t ligand,
                                 enum vt_ligand_role role);

/* Fraction of all pairs of centres that share ligands which share so; and of corners, those by a
 * ligand of the element (over all sharing pairs). */
struct vt_mean vt_polyhedra_sharing(const struct vt_polyhedra *polyhedra, enum vt_sharing sharing);
struct vt_mean vt_polyhedra_corner(const struct vt_polyhedra *polyhedra, size_t ligand);

/* Sharing pairs per centre; centres in the largest cluster over all centres. */
struct vt_mean vt_polyhedra_links(const struct vt_polyhedra *polyhedra);
struct vt_mean vt_polyhedra_largest(const struct vt_polyhedra *polyhedra);

#endif
