/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/ensemble.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "md/ensemble_ops.h"

static const struct vt_thermostat_ops *const thermostats[] = {
    [VT_THERMOSTAT_NONE] = &vt_no_thermostat,
    [VT_BUSSI] = &vt_bussi_thermostat,
    [VT_NOSE_HOOVER] = &vt_nose_hoover_thermostat,
    [VT_LANGEVIN] = &vt_langevin_thermostat,
};

static const struct vt_barostat_ops *const barostats[] = {
    [VT_BAROSTAT_NONE] = NULL,
    [VT_CELL_RESCALE] = &vt_cell_rescale_barostat,
    [VT_MTTK] = &vt_mttk_barostat,
    [VT_CELL_RAMP] = &vt_cell_ramp_barostat,
};

static enum vt_code check_thermostat(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    const struct vt_thermostat_ops *thermostat = ensemble->thermostat;
    const struct vt_ensemble_settings *settings = &ensemble->settings;
    for (int end = 0; end < 2; end++)
        if (!(settings->temperature[end] > 0 && isfinite(settings->temperature[end]))) {
            vt_fail(error, VT_INPUT, "a thermostat cannot hold a temperature of %g K",
                    settings->temperature[end]);
            vt_hint(error, "temperatures are above 0 K");
            return VT_INPUT;
        }
    if (!isfinite(settings->temperature_time)) {
        vt_fail(error, VT_INPUT, "a relaxation time of %g fs is none", settings->temperature_time);
        vt_hint(error, "100 fs is usual");
        return VT_INPUT;
    }
    const double least = thermostat->least_time * ensemble->md->timestep;
    if (settings->temperature_time < least) {
        vt_fail(error, VT_INPUT, "a relaxation time of %g fs is too short for the %s thermostat",
                settings->temperature_time, thermostat->name);
        vt_hint(error, "at least %g fs (%d time step%s of %g fs); 100 fs is usual", least,
                thermostat->least_time, thermostat->least_time > 1 ? "s" : "",
                ensemble->md->timestep);
        return VT_INPUT;
    }
    if (ensemble->md->degrees_of_freedom <= 0) {
        vt_fail(error, VT_INPUT, "a single atom has no heat that the %s thermostat could control",
                thermostat->name);
        vt_hint(error, "the Langevin thermostat can");
        return VT_INPUT;
    }
    return thermostat->check ? thermostat->check(settings, error) : VT_OK;
}

/* Moving them with the cell would be no rest, and leaving them behind would bring them too near to
 * the others; nor is the pressure, with their forces on each other in it, that of what is free. */
static enum vt_code check_frozen(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    const struct vt_md *md = ensemble->md;
    if (md->n_frozen == md->domain->n_global) {
        vt_fail(error, VT_INPUT, "all atoms are frozen");
        vt_hint(error, "leave some out of what is frozen");
        return VT_INPUT;
    }
    if (md->n_frozen > 0 && ensemble->barostat) {
        vt_fail(error, VT_INPUT, "no atoms can be frozen while the %s barostat moves the cell",
                ensemble->barostat->name);
        vt_hint(error, "find the cell first with all atoms free, then freeze some at that cell");
        return VT_INPUT;
    }
    return VT_OK;
}

static enum vt_code check(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    enum vt_code code = check_frozen(ensemble, error);
    if (!code && ensemble->settings.thermostat != VT_THERMOSTAT_NONE)
        code = check_thermostat(ensemble, error);
    if (!code && ensemble->barostat)
        code = ensemble->barostat->check(ensemble, error);
    return code;
}

/* Only where a stage begins: a run that is taken up in its midst goes on with the same bits. */
static void settle(struct vt_ensemble *ensemble)
{
    struct vt_md *md = ensemble->md;
    if (md->step == ensemble->settings.first_step) {
        vt_md_stop_frozen(md);
        if (ensemble->thermostat->conserves_momentum)
            vt_md_remove_momentum(md);
    }
    if (ensemble->barostat && ensemble->barostat->start)
        ensemble->barostat->start(ensemble);
}

enum vt_code vt_ensemble_create(struct vt_ensemble **ensemble,
                                const struct vt_ensemble_settings *settings, struct vt_md *md,
                                struct vt_error *error)
{
    assert(ensemble && settings && md && settings->n_steps >= 0);
    assert((size_t)settings->thermostat < sizeof thermostats / sizeof *thermostats);
    assert((size_t)settings->barostat < sizeof barostats / sizeof *barostats);
    struct vt_ensemble *made = NULL;
    *ensemble = NULL;
    enum vt_code code = vt_alloc(&made, 1, sizeof *made, "ensemble", error);
    code = vt_agree(md->domain->grid.comm, code, 0, error);
    if (code)
        goto fail;
    made->thermostat = thermostats[settings->thermostat];
    made->barostat = barostats[settings->barostat];
    made->settings = *settings;
    made->md = md;
    vt_md_freeze(md, settings->frozen);
    md->field = settings->field;
    md->field_work = 0;
    md->ahead = md->timestep;
    md->degrees_of_freedom = vt_md_degrees_of_freedom(md, made->thermostat->conserves_momentum);
    code = check(made, error);
    if (code)
        goto fail;
    settle(made);
    *ensemble = made;
    return VT_OK;
fail:
    vt_ensemble_destroy(made);
    return code;
}

void vt_ensemble_destroy(struct vt_ensemble *ensemble)
{
    vt_free(ensemble);
}

enum vt_code vt_ensemble_evaluate(struct vt_ensemble *ensemble, struct vt_error *error)
{
    assert(ensemble && ensemble->md);
    if (ensemble->barostat && ensemble->barostat->evaluate)
        return ensemble->barostat->evaluate(ensemble, error);
    return vt_md_evaluate(ensemble->md, error);
}

/* Linear from one end of the stage to the other, and constant beyond. */
static double ramp(const struct vt_ensemble *ensemble, const double ends[2], int64_t step)
{
    const struct vt_ensemble_settings *settings = &ensemble->settings;
    if (step >= settings->first_step + settings->n_steps)
        return ends[1];
    if (step <= settings->first_step)
        return ends[0];
    const double done = (double)(step - settings->first_step) / (double)settings->n_steps;
    return ends[0] + done * (ends[1] - ends[0]);
}

/* Of the kicks of this step. */
static void add_field_work(struct vt_ensemble *ensemble)
{
    struct vt_md *md = ensemble->md;
    if (md->field.coupling == VT_NO_FIELD)
        return;
    vt_sum_over_ranks(md->domain->grid.comm, &md->field_work, 1);
    ensemble->field_work += md->field_work;
    md->field_work = 0;
}

enum vt_code vt_ensemble_step(struct vt_ensemble *ensemble, struct vt_error *error)
{
    assert(ensemble);
    struct vt_md *md = ensemble->md;
    const struct vt_barostat_ops *barostat = ensemble->barostat;
    ensemble->temperature = ramp(ensemble, ensemble->settings.temperature, md->step + 1);
    ensemble->pressure = ramp(ensemble, ensemble->settings.pressure, md->step + 1);
    const enum vt_code code = barostat && barostat->step
                                  ? barostat->step(ensemble, error)
                                  : ensemble->thermostat->step(ensemble, error);
    if (code)
        return code;
    add_field_work(ensemble);
    md->step++;
    return VT_OK;
}

double vt_ensemble_exchanged(const struct vt_ensemble *ensemble)
{
    assert(ensemble && ensemble->thermostat);
    const struct vt_barostat_ops *barostat = ensemble->barostat;
    return ensemble->thermostat->exchanged(ensemble) +
           (barostat ? barostat->exchanged(ensemble) : 0) - ensemble->field_work;
}

double vt_ensemble_temperature(const struct vt_ensemble *ensemble)
{
    assert(ensemble);
    return ramp(ensemble, ensemble->settings.temperature, ensemble->md->step);
}

double vt_ensemble_pressure(const struct vt_ensemble *ensemble)
{
    assert(ensemble);
    return ramp(ensemble, ensemble->settings.pressure, ensemble->md->step);
}

void vt_ensemble_save(const struct vt_ensemble *ensemble, double state[VT_ENSEMBLE_STATE])
{
    assert(ensemble && state);
    memcpy(state, ensemble->thermostat_state, sizeof ensemble->thermostat_state);
    memcpy(state + VT_THERMOSTAT_STATE, ensemble->barostat_state, sizeof ensemble->barostat_state);
    state[VT_ENSEMBLE_STATE - 1] = ensemble->field_work;
}

void vt_ensemble_restore(struct vt_ensemble *ensemble, const double state[VT_ENSEMBLE_STATE])
{
    assert(ensemble && state);
    memcpy(ensemble->thermostat_state, state, sizeof ensemble->thermostat_state);
    memcpy(ensemble->barostat_state, state + VT_THERMOSTAT_STATE, sizeof ensemble->barostat_state);
    ensemble->field_work = state[VT_ENSEMBLE_STATE - 1];
}
