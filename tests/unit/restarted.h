/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of thermostats and of barostats ask alike of an ensemble of few atoms. */
#ifndef RESTARTED_H
#define RESTARTED_H

#include "common/moving.h"

/* The settings are refused with this message and, unless it is NULL, this hint. */
void assert_ensemble_refused(struct moving *moving, const struct vt_ensemble_settings *settings,
                             const char *message, const char *hint);

/* Taken up halfway through 50 steps by another system, the motion goes on with the same bits, those
 * of the cell and of the exchanged energy included. Returns the exchanged energy at the end. */
double assert_restarts(const struct moving_options *options,
                       const struct vt_ensemble_settings *settings);

#endif
