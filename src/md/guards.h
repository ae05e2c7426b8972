/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ends a run that has gone wrong: numbers that are none, too hot, too far in one step, a
 * volume out of bounds, atoms that are gone. One small reduction a step, which carries the wish to
 * stop along and yields the kinetic energy. */
#ifndef VT_GUARDS_H
#define VT_GUARDS_H

#include "md/md.h"

/* Fill all but the results. */
struct vt_guards {
    double max_temperature;  /* K */
    double max_displacement; /* A, in one step */
    double volume[2];        /* A^3: least and largest */
    int64_t n_atoms;

    bool stop;             /* result: some rank wished to stop */
    double kinetic_energy; /* result: eV, of all ranks */
};

/* Collective, after a step. stop_wanted: this rank's wish. VT_FAILED, on every rank, with the step,
 * and the rank and the number (from 1) of an atom that is to blame. */
enum vt_code vt_guards_check(struct vt_guards *guards, const struct vt_md *md, bool stop_wanted,
                             struct vt_error *error);

/* Collective, after an error of the step itself: the atom to blame, if there is one, makes a better
 * message than what came of it; otherwise *error gets the step. Returns VT_FAILED, or VT_MEMORY or
 * VT_IO as they are. */
enum vt_code vt_guards_explain(const struct vt_guards *guards, const struct vt_md *md,
                               enum vt_code code, struct vt_error *error);

#endif
