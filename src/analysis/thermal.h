/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over the frames of what formulas need beside displacements: temperature and volume. */
#ifndef VT_THERMAL_H
#define VT_THERMAL_H

#include "analysis/stream.h"

/* Start with `= {0}`. */
struct vt_thermal {
    int64_t n, n_moving;    /* frames; those of them with velocities */
    double volume, kinetic; /* sums: A^3; K */
};

void vt_thermal_add(struct vt_thermal *thermal, const struct vt_snapshot *snapshot);

double vt_thermal_volume(const struct vt_thermal *thermal); /* A^3 */

/* K, of 3 N - 3 freedoms; NAN unless all frames have velocities. */
double vt_thermal_temperature(const struct vt_thermal *thermal);

#endif
