/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The displacement of all ions of a species together, and of the charge that several carry: one way
 * each, whose mean square displacement gives the conductivity with all correlations between ions
 * (docs/theory.md, section 11).
 *
 * Walkers: the charge of all carriers; then, if there are several, each of them (displacements of
 * its ions, added up), then each pair of them (the sum of both), from which the correlation between
 * two follows. All are on every rank. */
#ifndef VT_COLLECTIVE_H
#define VT_COLLECTIVE_H

#include "analysis/diffusion.h"

enum { VT_CARRIERS_MOST = 8 };

struct vt_carrier {
    int element;
    double charge; /* e, of one ion; not zero */
};

struct vt_collective;

enum vt_code vt_collective_create(struct vt_collective **collective,
                                  const struct vt_carrier *carrier, size_t n_carriers,
                                  struct vt_error *error);
void vt_collective_destroy(struct vt_collective *collective);

/* Not collective over ranks. */
enum vt_code vt_collective_add(struct vt_collective *collective, const struct vt_snapshot *snapshot,
                               struct vt_error *error);

/* What follows from one walker. */
struct vt_walk {
    struct vt_msd msd; /* of one "ion": e^2 A^2 for the charge, else A^2 */
    struct vt_diffusion diffusion;
};

/* After the last frame: the walk of the charge; destroy its msd with vt_msd_destroy. */
enum vt_code vt_collective_charge(const struct vt_collective *collective, struct vt_walk *walk,
                                  const struct vt_diffusion_options *options,
                                  struct vt_error *error);

/* Onsager coefficients before their factor 1/(V k T), A^2/fs: half of the slope of
 * <dP_a . dP_b>/3 of the carriers a and b. */
struct vt_onsager {
    double value, sigma;
};
enum vt_code vt_collective_onsager(const struct vt_collective *collective, size_t a, size_t b,
                                   const struct vt_diffusion_options *options,
                                   struct vt_onsager *onsager, struct vt_error *error);

/* Conductivity, S/cm, of a diffusion coefficient of charge (e^2 A^2/fs) in a volume (A^3). */
double vt_conductivity(double charge_diffusion, double volume, double temperature);

#endif
