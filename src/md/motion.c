/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/motion.h"

#include <assert.h>

#include "base/memory.h"

/* A stage of dynamics that begins at no step changes nothing. */
enum vt_code vt_motion_check(const struct vt_run_config *config, size_t stage, struct vt_md *md,
                             struct vt_error *error)
{
    assert(config && md);
    assert(stage < config->n_stages);
    if (config->stages[stage].has_minimise) {
        const struct vt_minimise_settings settings = vt_run_stage_minimise(config, stage);
        vt_md_freeze(md, vt_run_stage_frozen(config, stage));
        return vt_minimiser_check(&settings, md, error);
    }
    const struct vt_ensemble_settings settings = vt_run_stage_ensemble(config, stage, -1);
    struct vt_ensemble *ensemble = NULL;
    const enum vt_code code = vt_ensemble_create(&ensemble, &settings, md, error);
    vt_ensemble_destroy(ensemble);
    return code;
}

static enum vt_code begin_dynamics(struct vt_motion *motion, const struct vt_run_config *config,
                                   const struct vt_run_state *state, struct vt_error *error)
{
    const struct vt_ensemble_settings settings =
        vt_run_stage_ensemble(config, (size_t)state->stage, state->stage_start);
    const enum vt_code code = vt_ensemble_create(&motion->ensemble, &settings, motion->md, error);
    if (!code && state->has_begun)
        vt_ensemble_restore(motion->ensemble, state->ensemble);
    return code;
}

static enum vt_code begin_minimisation(struct vt_motion *motion, const struct vt_run_config *config,
                                       struct vt_run_state *state, struct vt_error *error)
{
    const struct vt_minimise_settings settings =
        vt_run_stage_minimise(config, (size_t)state->stage);
    vt_md_freeze(motion->md, vt_run_stage_frozen(config, (size_t)state->stage));
    if (!state->has_begun)
        return vt_minimiser_create(&motion->minimiser, &settings, motion->md, error);
    const enum vt_code code =
        vt_minimiser_resume(&motion->minimiser, &settings, motion->md, &state->minimiser, error);
    vt_free(state->minimiser.rows);
    state->minimiser = (struct vt_minimise_state){.rows = NULL};
    return code;
}

enum vt_code vt_motion_begin(struct vt_motion *motion, const struct vt_run_config *config,
                             struct vt_run_state *state, struct vt_md *md, struct vt_error *error)
{
    assert(motion && config && state && md);
    assert(state->stage >= 0 && (size_t)state->stage < config->n_stages);
    assert(state->stage_start <= md->step);
    const size_t stage = (size_t)state->stage;
    *motion = (struct vt_motion){
        .md = md, .last_step = state->stage_start + vt_run_stage_steps(config, stage)};
    return config->stages[stage].has_minimise ? begin_minimisation(motion, config, state, error)
                                              : begin_dynamics(motion, config, state, error);
}

void vt_motion_end(struct vt_motion *motion)
{
    assert(motion);
    vt_ensemble_destroy(motion->ensemble);
    vt_minimiser_destroy(motion->minimiser);
    *motion = (struct vt_motion){0};
}

enum vt_code vt_motion_step(struct vt_motion *motion, struct vt_error *error)
{
    assert(motion);
    assert(!motion->ensemble != !motion->minimiser);
    return motion->minimiser ? vt_minimiser_step(motion->minimiser, error)
                             : vt_ensemble_step(motion->ensemble, error);
}

bool vt_motion_is_over(const struct vt_motion *motion)
{
    assert(motion && motion->md);
    assert(!motion->ensemble != !motion->minimiser);
    if (motion->minimiser)
        return vt_minimiser_report(motion->minimiser)->verdict != VT_MINIMISE_GOES_ON;
    return motion->md->step >= motion->last_step;
}

double vt_motion_exchanged(const struct vt_motion *motion)
{
    assert(motion);
    assert(!motion->ensemble != !motion->minimiser);
    if (motion->ensemble)
        return vt_ensemble_exchanged(motion->ensemble);
    const struct vt_minimise_report *report = vt_minimiser_report(motion->minimiser);
    return report->enthalpy - report->energy;
}

void vt_motion_save(const struct vt_motion *motion, struct vt_run_state *state)
{
    assert(motion && state);
    if (motion->ensemble)
        vt_ensemble_save(motion->ensemble, state->ensemble);
    if (motion->minimiser)
        vt_minimiser_save(motion->minimiser, &state->minimiser);
}
