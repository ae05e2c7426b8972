/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models and evaluations for the physics tests. Failures end the running cmocka test with a
 * message. */
#ifndef EVALUATE_H
#define EVALUATE_H

#include "common/sample.h"
#include "common/synthetic.h"
#include "force/force.h"

/* All combinations of version, ZBL and charge mode that exist: 0 <= family < FLAVOUR_FAMILIES. */
enum { FLAVOUR_FAMILIES = 24 };

/* A model of that family with all else (elements, cutoffs, sizes, angular terms) drawn at random.
 */
struct synthetic flavour_draw(int family, struct dice *dice);

/* Its options in a line, for messages. Borrowed until the next call. */
const char *flavour_text(const struct synthetic *flavour);

/* An evaluator that gives all results, and one that gives the least (quicker); accuracy matters for
 * VT_EWALD_CONVERGED alone. Given back by vt_force_destroy. */
struct vt_force *evaluator(const struct vt_nep *model, enum vt_electrostatics electrostatics,
                           double accuracy);
struct vt_force *least_evaluator(const struct vt_nep *model, enum vt_electrostatics electrostatics,
                                 double accuracy);

/* Both give radial sums. Through a vector kernel (NULL: the fastest), with charges to 1e-10. */
struct vt_force *mixed_evaluator(const struct vt_nep *model, const struct vt_kernel *kernel);

/* Results of the sample, borrowed until the next call. */
const struct vt_results *evaluate(struct vt_force *force, const struct sample *sample);

#endif
