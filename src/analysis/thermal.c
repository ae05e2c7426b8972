/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/thermal.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"

void vt_thermal_add(struct vt_thermal *thermal, const struct vt_snapshot *snapshot)
{
    thermal->n++;
    thermal->volume += snapshot->cell.volume;
    if (!snapshot->velocity || snapshot->n < 2)
        return;
    double twice = 0;
    for (size_t i = 0; i < snapshot->n; i++)
        twice += vt_element_mass(snapshot->element[i]) * VT_AMU *
                 vt_dot(snapshot->velocity[i], snapshot->velocity[i]);
    thermal->n_moving++;
    thermal->kinetic += twice / (3 * ((double)snapshot->n - 1) * VT_BOLTZMANN);
}

double vt_thermal_volume(const struct vt_thermal *thermal)
{
    assert(thermal->n > 0);
    return thermal->volume / (double)thermal->n;
}

double vt_thermal_temperature(const struct vt_thermal *thermal)
{
    const bool all = thermal->n > 0 && thermal->n_moving == thermal->n;
    return all ? thermal->kinetic / (double)thermal->n : NAN;
}
