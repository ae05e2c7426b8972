/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points in a periodic cell, sorted into bins as they come: who is near a place?
 *
 * Works for every cell, also one thinner than the reach: images are visited one by one. The
 * neighbour lists of the evaluator (domain/neighbours.h) want all atoms at once; this one grows by
 * a point at a time. */
#ifndef VT_BINS_H
#define VT_BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/cell.h"

struct vt_bins {
    struct vt_cell cell;
    double reach; /* A */
    int n[3];     /* bins along each vector */
    int span[3];  /* bins that the reach covers to either side */
    size_t n_points;
    double (*position)[3]; /* in the cell */
    int32_t *head;         /* of each bin, -1: empty */
    int32_t *next;         /* of each point */
};

/* Empty bins with room for `capacity` points that find what is within `reach`. Start with `=
 * {0}`. */
enum vt_code vt_bins_init(struct vt_bins *bins, const struct vt_cell *cell, double reach,
                          size_t capacity, struct vt_error *error);
void vt_bins_destroy(struct vt_bins *bins);

/* Take all points out. */
void vt_bins_clear(struct vt_bins *bins);

/* Put the next point in; its index is the number of those before. It is wrapped into the cell. */
void vt_bins_add(struct vt_bins *bins, const double position[3]);

/* Told a point and the vector from the place to it (to the image that is near); false: enough. */
typedef bool vt_bins_visit(void *user, int32_t point, const double vector[3]);

/* Visit every image of every point that is nearer to the place than the reach, a point at the place
 * too. The order is fixed by the points and the place alone. */
void vt_bins_near(const struct vt_bins *bins, const double place[3], vt_bins_visit *visit,
                  void *user);

/* The same place inside the cell. */
void vt_bins_wrap(const struct vt_cell *cell, const double position[3], double wrapped[3]);

#endif
