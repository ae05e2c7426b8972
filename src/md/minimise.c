/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/minimise.h"

#include <assert.h>
#include <math.h>

#include "base/agree.h"
#include "base/memory.h"
#include "md/descent.h"

static const double largest_ratio = 8; /* of volumes; a minimum nearby is not as far away */
static const double thinnest = 1.1 * VT_CELL_MIN_THICKNESS;

struct vt_minimiser {
    struct vt_descent descent;
    const struct vt_descent_method *method;
    void *state; /* of the method */
};

static const struct vt_descent_method *method_of(enum vt_minimise_method method)
{
    return method == VT_FIRE ? &vt_fire : &vt_lbfgs;
}

enum vt_code vt_minimiser_check(const struct vt_minimise_settings *settings, const struct vt_md *md,
                                struct vt_error *error)
{
    assert(settings && md);
    if (md->n_frozen == md->domain->n_global) {
        vt_fail(error, VT_INPUT, "all atoms are frozen");
        vt_hint(error, "leave some out of what is frozen");
        return VT_INPUT;
    }
    if (md->n_frozen > 0 && settings->cell != VT_MINIMISE_FIXED) {
        vt_fail(error, VT_INPUT, "no atoms can be frozen while a minimisation changes the cell");
        vt_hint(error, "find the cell first with all atoms free, then freeze some at that cell");
        return VT_INPUT;
    }
    if (!(settings->force > 0 && isfinite(settings->force))) {
        vt_fail(error, VT_INPUT, "minimisation to a force of %g eV/A", settings->force);
        vt_hint(error, "forces vanish nowhere exactly: 1 meV/A is common");
        return VT_INPUT;
    }
    if (settings->n_steps < 0)
        return vt_fail(error, VT_INPUT, "minimisation of %lld steps", (long long)settings->n_steps);
    if (settings->cell == VT_MINIMISE_FIXED)
        return VT_OK;
    if (!isfinite(settings->pressure))
        return vt_fail(error, VT_INPUT, "minimisation at a pressure of %g eV/A^3",
                       settings->pressure);
    if (!(settings->pressure_accuracy > 0 && isfinite(settings->pressure_accuracy)))
        return vt_fail(error, VT_INPUT, "minimisation to within %g eV/A^3 of a pressure",
                       settings->pressure_accuracy);
    return VT_OK;
}

/* How far the pressure is from what is wanted, of what the cell can follow. */
static double pressure_error(const struct vt_minimise_settings *settings, const double pressure[9])
{
    const double mean = (pressure[0] + pressure[4] + pressure[8]) / 3;
    if (settings->cell == VT_MINIMISE_FIXED)
        return 0;
    if (settings->cell == VT_MINIMISE_ISOTROPIC)
        return fabs(mean - settings->pressure);
    double most = 0;
    for (int c = 0; c < 9; c++) {
        const bool diagonal = c % 4 == 0;
        if (diagonal || settings->cell == VT_MINIMISE_ANISOTROPIC)
            most = fmax(most, fabs(pressure[c] - (diagonal ? settings->pressure : 0)));
    }
    return most;
}

static bool ran_away(const struct vt_descent *descent)
{
    const struct vt_cell *cell = &descent->md->domain->cell;
    if (descent->settings.cell == VT_MINIMISE_FIXED)
        return false;
    const double ratio = cell->volume / descent->start_volume;
    if (ratio > largest_ratio || ratio < 1 / largest_ratio)
        return true;
    return fmin(fmin(cell->thickness[0], cell->thickness[1]), cell->thickness[2]) < thinnest;
}

static enum vt_minimise_verdict judge(const struct vt_descent *descent, bool moved)
{
    const struct vt_minimise_settings *settings = &descent->settings;
    const struct vt_minimise_report *report = &descent->report;
    if (report->largest_force <= settings->force &&
        pressure_error(settings, report->pressure) <= settings->pressure_accuracy)
        return VT_MINIMISE_CONVERGED;
    if (ran_away(descent))
        return VT_MINIMISE_RUNAWAY;
    if (!moved)
        return VT_MINIMISE_STUCK;
    return report->n_steps < settings->n_steps ? VT_MINIMISE_GOES_ON : VT_MINIMISE_OUT_OF_STEPS;
}

/* state NULL: from the start. */
static enum vt_code begin(struct vt_minimiser **minimiser,
                          const struct vt_minimise_settings *settings, struct vt_md *md,
                          const struct vt_minimise_state *state, struct vt_error *error)
{
    assert(minimiser && settings && md);
    *minimiser = NULL;
    enum vt_code code = vt_minimiser_check(settings, md, error);
    if (code)
        return code;
    md->ahead = 0;
    struct vt_minimiser *made;
    code = vt_alloc(&made, 1, sizeof *made, "minimisation", error);
    if (!code) {
        made->method = method_of(settings->method);
        code = made->method->create(&made->state, error);
    }
    code = vt_agree(md->domain->grid.comm, code, 0, error);
    if (!code && state)
        code = vt_descent_resume(&made->descent, settings, md, state->numbers, error);
    else if (!code)
        code = vt_descent_create(&made->descent, settings, md, error);
    if (!code && state) {
        code = made->method->restore(made->state, &made->descent, state, error);
        code = vt_agree(md->domain->grid.comm, code, 0, error);
    }
    if (code) {
        vt_minimiser_destroy(made);
        return code;
    }
    if (!state)
        made->descent.report.verdict = judge(&made->descent, true);
    *minimiser = made;
    return VT_OK;
}

enum vt_code vt_minimiser_create(struct vt_minimiser **minimiser,
                                 const struct vt_minimise_settings *settings, struct vt_md *md,
                                 struct vt_error *error)
{
    return begin(minimiser, settings, md, NULL, error);
}

enum vt_code vt_minimiser_resume(struct vt_minimiser **minimiser,
                                 const struct vt_minimise_settings *settings, struct vt_md *md,
                                 const struct vt_minimise_state *state, struct vt_error *error)
{
    assert(state);
    return begin(minimiser, settings, md, state, error);
}

void vt_minimiser_save(const struct vt_minimiser *minimiser, struct vt_minimise_state *state)
{
    assert(minimiser && state);
    *state = (struct vt_minimise_state){.rows = NULL};
    vt_descent_save(&minimiser->descent, state->numbers);
    minimiser->method->save(minimiser->state, &minimiser->descent, state);
}

void vt_minimiser_destroy(struct vt_minimiser *minimiser)
{
    if (!minimiser)
        return;
    minimiser->method->destroy(minimiser->state);
    vt_descent_destroy(&minimiser->descent);
    vt_free(minimiser);
}

enum vt_code vt_minimiser_step(struct vt_minimiser *minimiser, struct vt_error *error)
{
    assert(minimiser && minimiser->descent.report.verdict == VT_MINIMISE_GOES_ON);
    struct vt_descent *descent = &minimiser->descent;
    bool moved = true;
    const enum vt_code code = minimiser->method->step(minimiser->state, descent, &moved, error);
    vt_descent_rest(descent);
    if (code)
        return code;
    descent->report.n_steps++;
    descent->md->step++;
    descent->report.verdict = judge(descent, moved);
    return VT_OK;
}

const struct vt_minimise_report *vt_minimiser_report(const struct vt_minimiser *minimiser)
{
    assert(minimiser);
    return &minimiser->descent.report;
}

const char *vt_minimise_verdict_text(enum vt_minimise_verdict verdict)
{
    static const char *const text[] = {
        [VT_MINIMISE_GOES_ON] = "not converged yet",
        [VT_MINIMISE_CONVERGED] = "converged",
        [VT_MINIMISE_OUT_OF_STEPS] = "not converged: no steps left",
        [VT_MINIMISE_STUCK] = "not converged: no lower energy within reach",
        [VT_MINIMISE_RUNAWAY] = "not converged: the cell runs away from where it started",
    };
    assert((size_t)verdict < sizeof text / sizeof *text);
    return text[verdict];
}
