/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/barostat.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"
#include "md/strain.h"

/* Shortest pressure_time in steps: below, the cell moves as fast as the atoms. */
enum { LEAST_TIME = 20 };

/* Sane systems stay a hundred times below: a pressure of 10 GPa too much, with the compressibility
 * of a solid and a pressure_time of 100 steps, changes lengths by 0.1 % in a step. */
static const double largest_strain = 0.05;

enum vt_code vt_barostat_check(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    assert(ensemble);
    const struct vt_ensemble_settings *settings = &ensemble->settings;
    const double timestep = ensemble->md->timestep, least = LEAST_TIME * timestep;
    for (int end = 0; end < 2; end++)
        if (!isfinite(settings->pressure[end])) {
            vt_fail(error, VT_INPUT, "a barostat cannot hold a pressure of %g GPa",
                    VT_GPA_PER_PRESSURE * settings->pressure[end]);
            vt_hint(error, "0 GPa is usual");
            return VT_INPUT;
        }
    if (!isfinite(settings->pressure_time)) {
        vt_fail(error, VT_INPUT, "a relaxation time of %g fs is none", settings->pressure_time);
        vt_hint(error, "1000 fs is usual");
        return VT_INPUT;
    }
    if (settings->pressure_time < least) {
        vt_fail(error, VT_INPUT, "a relaxation time of %g fs is too short for the %s barostat",
                settings->pressure_time, ensemble->barostat->name);
        vt_hint(error, "at least %g fs (%d time steps of %g fs); 1000 fs is usual", least,
                LEAST_TIME, timestep);
        return VT_INPUT;
    }
    return VT_OK;
}

enum vt_code vt_barostat_guard(const struct vt_ensemble *ensemble, const double strain[3][3],
                               const double tensor[9], struct vt_error *error)
{
    assert(ensemble && strain && tensor);
    const double size = vt_strain_size(strain);
    if (size <= largest_strain)
        return VT_OK;
    const double volume = ensemble->md->domain->cell.volume;
    const double pressure = (tensor[0] + tensor[4] + tensor[8]) / (3 * volume);
    vt_fail(error, VT_FAILED,
            "step %lld: a pressure of %.3g GPa (target %.3g GPa) would change the cell by %.2g %% "
            "in this step alone",
            (long long)ensemble->md->step + 1, VT_GPA_PER_PRESSURE * pressure,
            VT_GPA_PER_PRESSURE * ensemble->pressure, 100 * size);
    vt_hint(error,
            "minimise the structure first, with its cell; or try a longer pressure time (now %g "
            "fs) or a shorter time step (now %g fs)",
            ensemble->settings.pressure_time, ensemble->md->timestep);
    return VT_FAILED;
}
