/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Partial radial distribution functions of all pairs of elements, in one pass.
 *
 *     g_ab(r) = <pairs a b at r> / <N_a N_b / V> 4 pi r^2 dr
 *
 * with the mean over frames on both sides, so that a cell that breathes does no harm. Any cell, and
 * any cutoff: beyond half of the cell, images count. Pairs are counted in whole numbers: the result
 * does not depend on the ranks. Frames are shared by their index. */
#ifndef VT_RDF_H
#define VT_RDF_H

#include <mpi.h>

#include "analysis/stream.h"

/* Frames in a row are put together in up to so many blocks of equal length, for errors. */
enum { VT_RDF_BLOCKS = 16, VT_RDF_ELEMENTS = 16 };

struct vt_rdf_options {
    double cutoff; /* A */
    size_t n_bins;
    const bool *wanted; /* by atomic number; borrowed for the call */
};

struct vt_rdf;

enum vt_code vt_rdf_create(struct vt_rdf **rdf, MPI_Comm comm, const struct vt_rdf_options *options,
                           struct vt_error *error);
void vt_rdf_destroy(struct vt_rdf *rdf);

/* Not collective: each rank gives each frame. */
enum vt_code vt_rdf_add(struct vt_rdf *rdf, const struct vt_snapshot *snapshot,
                        struct vt_error *error);

/* Collective, after the last frame. */
void vt_rdf_finish(struct vt_rdf *rdf);

/* The elements, in the order of atomic numbers; pairs are a <= b of them. */
size_t vt_rdf_elements(const struct vt_rdf *rdf, const int **elements);

/* g of a pair in the middle of each bin, and how many b lie within the end of each bin of an a;
 * [n_bins] each, NULL: not wanted. block: -1: all frames. */
void vt_rdf_pair(const struct vt_rdf *rdf, size_t a, size_t b, int block, double *g,
                 double *number);

/* Full blocks: 0, or half of VT_RDF_BLOCKS and more. */
int vt_rdf_blocks(const struct vt_rdf *rdf);

/* The first shell of b around a. It ends where g, averaged over three bins, is least between the
 * first maximum and 1.8 times its distance. */
struct vt_shell {
    bool is_there;               /* g rises above 1 */
    double peak, peak_sigma;     /* A: of the first maximum; NAN: too few frames for an error */
    double height;               /* of g there */
    double end;                  /* A */
    double number, number_sigma; /* of b within the end */
};
enum vt_code vt_rdf_shell(const struct vt_rdf *rdf, size_t a, size_t b, struct vt_shell *shell,
                          struct vt_error *error);

#endif
