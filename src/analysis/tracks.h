/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways of the atoms of some elements through all frames.
 *
 * Each rank keeps those of its share of the atoms, as displacements from the first frame in single
 * precision: 12 bytes an atom and frame (10,000 atoms and frames: 1.2 GB over all ranks). Frames
 * must be equally spaced in time. */
#ifndef VT_TRACKS_H
#define VT_TRACKS_H

#include <mpi.h>
#include <stdbool.h>

#include "analysis/stream.h"

/* The atoms of one element. */
struct vt_tracks_species {
    int element;
    size_t n_ions;        /* of all ranks */
    size_t first, n_mine; /* of this rank: first .. first + n_mine - 1 among all n_ions */
    size_t first_track;   /* of this rank's tracks */
};

struct vt_tracks;

/* wanted: by atomic number, copied. comm: borrowed for life. */
enum vt_code vt_tracks_create(struct vt_tracks **tracks, MPI_Comm comm, const bool *wanted,
                              struct vt_error *error);
void vt_tracks_destroy(struct vt_tracks *tracks);

/* Not collective: each rank gives each frame. Refused (VT_INPUT): no atom that is wanted, times
 * that are not known or not equally spaced. */
enum vt_code vt_tracks_add(struct vt_tracks *tracks, const struct vt_snapshot *snapshot,
                           struct vt_error *error);

size_t vt_tracks_frames(const struct vt_tracks *tracks);
double vt_tracks_spacing(const struct vt_tracks *tracks); /* fs; with two frames or more */

/* In the order of atomic numbers; borrowed. */
const struct vt_tracks_species *vt_tracks_species(const struct vt_tracks *tracks, size_t *n);

/* The first of n_ions that a rank follows; those up to the first of the next rank are its own. */
size_t vt_tracks_share(size_t n_ions, int rank, int size);

/* Ways of `count` tracks of this rank from `first` on: way[count][n_frames], A. Many at once cost
 * less, since neighbours lie together. */
void vt_tracks_get(const struct vt_tracks *tracks, size_t first, size_t count, double (*way)[3]);

#endif
