/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density of atomistic states: how the energies of single atoms are distributed, over atoms and
 * frames, by element; of the total and, if they are given, of its parts.
 *
 * Energies are counted in bins; a curve is that histogram with each count spread by a Gaussian.
 * Beside it, the mean over the frames of each atom: what differs between sites, as against what
 * comes and goes with the vibrations. Frames are shared over the ranks. */
#ifndef VT_DOAS_H
#define VT_DOAS_H

#include <mpi.h>

#include "analysis/stream.h"

enum vt_doas_part { VT_DOAS_TOTAL, VT_DOAS_NETWORK, VT_DOAS_COULOMB, VT_DOAS_PARTS };

struct vt_doas_options {
    double bin;         /* eV */
    int n_parts;        /* 1: the total alone; VT_DOAS_PARTS */
    const bool *wanted; /* by atomic number; borrowed for the call */
};

struct vt_doas;

enum vt_code vt_doas_create(struct vt_doas **doas, MPI_Comm comm,
                            const struct vt_doas_options *options, struct vt_error *error);
void vt_doas_destroy(struct vt_doas *doas);

/* Is this frame counted by this rank? Of others no energies are needed. */
bool vt_doas_wants(const struct vt_doas *doas, const struct vt_snapshot *snapshot);

/* Not collective. energies: eV, of each atom, for each part. Refused (VT_INPUT): energies that
 * would need millions of bins. */
enum vt_code vt_doas_add(struct vt_doas *doas, const struct vt_snapshot *snapshot,
                         const double *const energies[], struct vt_error *error);

/* Collective, after the last frame. */
enum vt_code vt_doas_finish(struct vt_doas *doas, struct vt_error *error);

/* The elements that there are, in the order of atomic numbers. */
size_t vt_doas_elements(const struct vt_doas *doas, const int **elements);

/* Of an element (its place in that order) and a part. */
struct vt_doas_moments {
    double mean, deviation; /* eV, over atoms and frames */
    double between, within; /* eV: deviation of the means of the atoms; rms about these */
    double least, most;     /* eV: of the bins */
};
struct vt_doas_moments vt_doas_moments(const struct vt_doas *doas, size_t element,
                                       enum vt_doas_part part);

/* 1/eV, in the middle of bins of this width that begin at `first` (eV): the integral is 1. The
 * arrays are the caller's (vt_free). */
struct vt_doas_curve {
    double first, bin;
    size_t n;
    double *density;
};
enum vt_code vt_doas_curve(const struct vt_doas *doas, size_t element, enum vt_doas_part part,
                           double width, struct vt_doas_curve *curve, struct vt_error *error);

/* Maxima of a curve that rise above the lower of the valleys beside them by this part of the
 * highest maximum: how many; the first `most` energies are stored. */
size_t vt_doas_peaks(const struct vt_doas_curve *curve, double prominence, double *energy,
                     size_t most);

#endif
