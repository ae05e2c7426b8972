/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that can be wrong with the input is found before the first file is touched. From then
 * on the run keeps a promise: at any moment there is a whole checkpoint, and the files hold at
 * least what they held when it was written. */
#include "md/run.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "base/elements.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/units.h"
#include "force/arithmetic.h"
#include "io/file.h"
#include "md/guards.h"
#include "md/last_good.h"
#include "md/motion.h"
#include "md/output_file.h"
#include "md/restart.h"
#include "md/rotation.h"
#include "md/run_folder.h"
#include "md/thermo_log.h"
#include "md/trajectory.h"
#include "md/xyz_dump.h"

/* Beside those of the forces; what is left of the steps is integration. */
enum timer { STEP = VT_FORCE_PARTS, CHECK, THERMO, TRAJECTORY, CHECKPOINT, TIMERS };

struct run {
    const struct vt_run_options *options;
    const struct vt_run_config *config;
    MPI_Comm comm;
    int rank, size;
    struct vt_run_system system;
    struct vt_motion motion;
    struct vt_run_state state;
    struct vt_guards guards;
    struct vt_last_good last_good;
    struct vt_thermo thermo;
    struct vt_trajectory **trajectory; /* [config->output.n_trajectory] */
    struct vt_timers timers;
    struct vt_log log;                       /* to run.log and to the caller's */
    bool stopped;                            /* somebody wished so, or the wall time is over */
    int64_t first_step, checkpoint_step;     /* checkpoint: -1: there is none yet */
    double planned_squares;                  /* e^2: of the electrostatics; < 0: not known yet */
    double first_time;                       /* s */
    double longest_step, longest_checkpoint; /* s */
    char about[512];                         /* what made the output */

    /* rank 0 */
    struct vt_output_file thermo_file, log_file;
};

/* ---- the log ---- */

static void log_to_both(void *user, enum vt_log_level level, const char *line)
{
    const struct run *run = user;
    const struct vt_log *log = run->options->log;
    if (run->log_file.file)
        vt_log_to_file(run->log_file.file, level, line);
    if (log && log->sink && level <= log->level)
        log->sink(log->user, level, line);
}

/* The first plan is that of the start; later ones are news. */
static void tell_plan(struct run *run)
{
    const struct vt_md *md = &run->system.md;
    struct vt_electric_basis basis;
    if (!vt_force_basis(run->system.force, &basis) || basis.squares == run->planned_squares)
        return;
    if (run->planned_squares >= 0)
        vt_log_once(&run->log, VT_LOG_NOTE,
                    "step %lld: the charges have grown from %.3g to %.3g e (rms), and the mesh was "
                    "chosen anew",
                    (long long)md->step, sqrt(run->planned_squares / basis.n_atoms),
                    sqrt(basis.squares / basis.n_atoms));
    run->planned_squares = basis.squares;
}

static void introduce(struct run *run)
{
    const struct vt_run_system *system = &run->system;
    const int *count = system->domain.grid.count;
    vt_log_once(&run->log, VT_LOG_NOTE, "vitrion %s, %d rank%s as %d x %d x %d bricks",
                run->options->program, run->size, run->size == 1 ? "" : "s", count[0], count[1],
                count[2]);
    vt_log_once(&run->log, VT_LOG_NOTE, "model %s (hash %s)", run->config->model,
                system->model.hash);
    vt_log_once(&run->log, VT_LOG_NOTE, "structure %s: %lld atoms, %.6g A^3, %.4g g/cm^3",
                run->config->structure, (long long)system->n_atoms, system->domain.cell.volume,
                system->total_mass / system->domain.cell.volume * VT_G_PER_CM3_PER_DENSITY);
    for (size_t g = 0; g < run->config->n_groups; g++)
        vt_log_once(&run->log, VT_LOG_NOTE, "group %s: %lld atoms", run->config->groups[g].name,
                    (long long)system->group_size[g]);
    vt_log_once(&run->log, VT_LOG_NOTE, "output %s", run->config->output.directory);
    char arithmetic[64];
    vt_arithmetic_text(system->force, arithmetic);
    vt_log_once(&run->log, VT_LOG_NOTE, "%s", arithmetic);
    const double gap = system->gap;
    if (system->open)
        vt_log_once(&run->log, VT_LOG_NOTE,
                    "the structure is a slab, open along %c, with %.4g A between its images: what "
                    "the charges feel of them is corrected for",
                    "abc"[system->open - 1], gap);
    else if (gap >= 0)
        vt_log_once(&run->log, VT_LOG_WARNING,
                    "the structure is not periodic in every direction; the run is, with %.4g A "
                    "between images at the start%s",
                    gap, system->model.charge_mode ? ", whose charges see each other" : "");
    if (run->options->restart)
        vt_log_once(&run->log, VT_LOG_NOTE, "goes on from step %lld of %s",
                    (long long)run->first_step, run->options->restart);
    const struct vt_kernel *kernel = vt_force_kernel(system->force);
    if (run->options->restart && kernel && strcmp(run->state.kernel, kernel->name) != 0)
        vt_log_once(&run->log, VT_LOG_WARNING,
                    "the checkpoint was written with %s kernels: the run goes on with the same "
                    "physics, but not bit by bit",
                    run->state.kernel);
    tell_plan(run);
}

/* ---- checkpoints ---- */

/* Files first: those of a checkpoint must never be shorter than it says. */
static enum vt_code sync_files(struct run *run, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (run->rank == 0)
        code = vt_output_file_sync(&run->thermo_file, &run->state.thermo_size, error);
    code = vt_agree(run->comm, code, 0, error);
    for (size_t i = 0; !code && i < run->config->output.n_trajectory; i++)
        code = vt_trajectory_sync(run->trajectory[i], &run->state.dump_size[i], error);
    return code;
}

static enum vt_code write_checkpoint(struct run *run, struct vt_error *error)
{
    char path[VT_RUN_PATH_SIZE];
    const double start = MPI_Wtime();
    const int outer = vt_timers_enter(&run->timers, CHECKPOINT);
    vt_motion_save(&run->motion, &run->state);
    enum vt_code code = vt_run_path(run->config, "checkpoint.h5", path, error);
    if (!code)
        code = sync_files(run, error);
    if (!code)
        code = vt_restart_write(path, &run->system, run->config, &run->state, error);
    if (run->motion.minimiser) /* its rows were borrowed; those of a restart are still to be used */
        run->state.minimiser = (struct vt_minimise_state){.rows = NULL};
    vt_timers_leave(&run->timers, outer);
    if (!code)
        run->checkpoint_step = run->system.md.step;
    run->longest_checkpoint = fmax(run->longest_checkpoint, MPI_Wtime() - start);
    return code;
}

/* ---- setting up ---- */

static enum vt_code set_velocities(struct run *run, struct vt_error *error)
{
    const struct vt_run_config *config = run->config;
    const struct vt_run_stage *first = &config->stages[0];
    struct vt_md *md = &run->system.md;
    if (first->has_minimise) /* at rest, whatever they are */
        return VT_OK;
    vt_md_freeze(md, vt_run_stage_frozen(config, 0));
    if (config->has_velocities)
        vt_md_draw_velocities(md, config->velocities);
    else if (!run->system.has_velocities && first->n_temperature > 0)
        vt_md_draw_velocities(md, first->temperature[0]);
    else if (!run->system.has_velocities) {
        vt_fail_at(error, (struct vt_place){config->structure, 0, 0}, VT_INPUT,
                   "the structure has no velocities, and the first stage no temperature to draw "
                   "them at");
        vt_hint(error, "velocities: 300 K, or 0 K for atoms at rest");
        return VT_INPUT;
    }
    return VT_OK;
}

static enum vt_code start_anew(struct run *run, struct vt_error *error)
{
    struct vt_run_system *system = &run->system;
    enum vt_code code =
        vt_run_system_spread(system, run->config, NULL, (const double(*)[3])system->cell, error);
    if (code)
        return code;
    code = vt_run_system_deal(system, run->config, error);
    if (!code && run->config->rotation == VT_RUN_REMOVE)
        code = vt_rotation_fix(&system->md, vt_nep_largest_cutoff(&system->model), error);
    run->state.rotations = system->md.rotations;
    if (!code)
        code = set_velocities(run, error);
    if (!code)
        code = vt_md_evaluate(&system->md, error);
    if (code && error->file[0] == '\0') {
        const struct vt_error cause = *error;
        vt_fail_at(error, (struct vt_place){run->config->structure, 0, 0}, code, "%.400s",
                   cause.message);
        if (cause.hint[0])
            vt_hint(error, "%s", cause.hint);
    }
    run->state.start_volume = system->domain.cell.volume;
    for (size_t i = 0; i < run->config->output.n_trajectory; i++)
        run->state.dump_size[i] = -1;
    return code;
}

/* What stages say of settings that make no sense, before the hours that lead there. */
static enum vt_code check_stages(struct run *run, struct vt_error *error)
{
    for (size_t s = 0; s < run->config->n_stages; s++) {
        enum vt_code code = vt_motion_check(run->config, s, &run->system.md, error);
        if (!code)
            continue;
        const struct vt_error cause = *error;
        code = vt_fail(error, code, "stages.%zu: %.400s", s, cause.message);
        if (cause.hint[0])
            vt_hint(error, "%s", cause.hint);
        return code;
    }
    return VT_OK;
}

static enum vt_code open_log(struct run *run, struct vt_error *error)
{
    char path[VT_RUN_PATH_SIZE];
    enum vt_code code = vt_run_path(run->config, "run.log", path, error);
    if (code)
        return code;
    run->log_file.file = fopen(path, "a");
    if (!run->log_file.file)
        code = vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_IO, "cannot write it");
    return code;
}

static enum vt_code open_thermo(struct run *run, struct vt_error *error)
{
    char path[VT_RUN_PATH_SIZE];
    const bool anew = !run->options->restart;
    enum vt_code code = vt_run_path(run->config, "thermo.csv", path, error);
    if (!code)
        code =
            vt_output_file_open(&run->thermo_file, path, anew ? -1 : run->state.thermo_size, error);
    if (!code && anew)
        vt_thermo_write_header(run->thermo_file.file, run->about);
    return code;
}

/* Rank 0: thermo.csv, configuration, log. */
static enum vt_code open_texts(struct run *run, struct vt_error *error)
{
    char about[600];
    snprintf(about, sizeof about, "# %s, %d rank%s\n", run->about, run->size,
             run->size == 1 ? "" : "s");
    enum vt_code code = open_thermo(run, error);
    if (!code)
        code = vt_run_folder_echo(run->config, about, error);
    return code ? code : open_log(run, error);
}

static enum vt_code open_trajectories(struct run *run, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (size_t i = 0; !code && i < run->config->output.n_trajectory; i++) {
        const struct vt_run_dump *dump = &run->config->output.trajectory[i];
        const struct vt_trajectory_place place = {
            .directory = run->config->output.directory,
            .program = run->options->program,
            .group = vt_groups_find(vt_run_groups(run->config), &dump->group, 1),
            .keep = run->state.dump_size[i],
            .last_step = run->system.md.step - (run->state.has_row ? 0 : 1)};
        code = vt_trajectory_open(&run->trajectory[i], dump, &run->system.md, &run->system.model,
                                  &place, error);
    }
    return code;
}

/* On a restart the checkpoint that is there knows all files, unless a trajectory was added. */
static bool has_new_file(const struct run *run)
{
    for (size_t i = 0; i < run->config->output.n_trajectory; i++)
        if (run->state.dump_size[i] < 0)
            return true;
    return !run->options->restart;
}

/* Trajectories first: they may be refused, and the other files must stay as they are then. */
static enum vt_code open_outputs(struct run *run, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (run->rank == 0)
        code = run->options->restart ? vt_run_folder_check_writable(run->config, error)
                                     : vt_run_folder_clear(run->config, error);
    code = vt_agree(run->comm, code, 0, error);
    if (!code)
        code = open_trajectories(run, error);
    if (!code && run->rank == 0)
        code = open_texts(run, error);
    code = vt_agree(run->comm, code, 0, error);
    if (code)
        return code;
    introduce(run);
    return has_new_file(run) ? write_checkpoint(run, error) : VT_OK;
}

static void add_timers(struct run *run)
{
    static const char *const names[TIMERS] = {[STEP] = "integration",
                                              [CHECK] = "guards",
                                              [THERMO] = "thermo",
                                              [TRAJECTORY] = "trajectory",
                                              [CHECKPOINT] = "checkpoint"};
    vt_force_watch(run->system.force, &run->timers);
    for (int t = STEP; t < TIMERS; t++)
        vt_timers_add(&run->timers, names[t]);
}

static enum vt_code set_up(struct run *run, struct vt_error *error)
{
    const struct vt_run_options *options = run->options;
    const size_t n = run->config->output.n_trajectory;
    enum vt_code code =
        vt_alloc(&run->trajectory, n, sizeof(struct vt_trajectory *), "trajectories", error);
    if (!code)
        code = vt_alloc(&run->state.dump_size, n, sizeof(int64_t), "trajectories", error);
    if (!code && run->rank == 0 && !options->restart && !options->replace)
        code = vt_run_folder_check(run->config, error);
    code = vt_agree(run->comm, code, 0, error);
    if (!code)
        code = vt_run_system_open(&run->system, run->comm, run->config, error);
    if (!code)
        code = options->restart ? vt_restart_read(options->restart, &run->system, run->config,
                                                  &run->state, error)
                                : start_anew(run, error);
    if (!code)
        code = check_stages(run, error);
    if (code)
        return code;
    snprintf(run->about, sizeof run->about, "vitrion %s, model hash %s", options->program,
             run->system.model.hash);
    run->first_step = run->system.md.step;
    run->checkpoint_step = options->restart ? run->first_step : -1;
    add_timers(run);
    return open_outputs(run, error);
}

static enum vt_code close_outputs(struct run *run, enum vt_code code, struct vt_error *error)
{
    for (size_t i = 0; run->trajectory && i < run->config->output.n_trajectory; i++) {
        struct vt_error second = {0};
        const enum vt_code closed = vt_trajectory_close(run->trajectory[i], code ? &second : error);
        code = code ? code : closed;
    }
    vt_output_file_close(&run->thermo_file);
    vt_output_file_close(&run->log_file);
    return code;
}

static void tear_down(struct run *run)
{
    vt_motion_end(&run->motion);
    vt_last_good_destroy(&run->last_good);
    vt_run_system_close(&run->system);
    vt_free(run->state.minimiser.rows);
    vt_free(run->trajectory);
    vt_free(run->state.dump_size);
}

/* ---- frames ---- */

/* The present state, every bit, as an extended XYZ file that appears whole. */
static enum vt_code write_frame(struct run *run, const char *name, struct vt_error *error)
{
    static const unsigned fields =
        1u << VT_DUMP_POSITION | 1u << VT_DUMP_IMAGE | 1u << VT_DUMP_VELOCITY;
    const struct vt_xyz_dump_settings settings = {
        .model = &run->system.model, .fields = fields, .digits = 17, .group = VT_ALL_ATOMS};
    struct vt_xyz_dump *dump = NULL;
    struct vt_file *file = NULL;
    char path[VT_RUN_PATH_SIZE];
    enum vt_code code = vt_run_path(run->config, name, path, error);
    if (!code && run->rank == 0)
        code = vt_file_create(&file, path, true, error);
    code = vt_agree(run->comm, code, 0, error);
    if (!code)
        code = vt_xyz_dump_create(&dump, &run->system.md, &settings, error);
    if (!code)
        code = vt_xyz_dump_write(dump, &run->system.md, file ? vt_file_stream(file) : NULL, error);
    vt_xyz_dump_destroy(dump);
    if (code) {
        vt_file_discard(file);
        return code;
    }
    if (file)
        code = vt_file_commit(file, error);
    return vt_agree(run->comm, code, 0, error);
}

/* ---- stages ---- */

static enum vt_code write_row(struct run *run, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    const int outer = vt_timers_enter(&run->timers, THERMO);
    vt_thermo_measure(&run->thermo, &run->system.md, vt_motion_exchanged(&run->motion),
                      run->system.total_mass);
    if (run->rank == 0) {
        const struct vt_thermo_stage stage = {run->config->stages[run->state.stage].name,
                                              run->state.conserved_start};
        vt_thermo_write_row(run->thermo_file.file, &run->thermo, &run->system.md, &stage);
        code = vt_output_file_flush(&run->thermo_file, error);
    }
    code = vt_agree(run->comm, code, 0, error);
    vt_timers_leave(&run->timers, outer);
    return code;
}

static enum vt_code look_at_grades(struct run *run, struct vt_error *error)
{
    struct vt_md *md = &run->system.md;
    const int outer = vt_timers_enter(&run->timers, CHECK);
    const enum vt_code code = vt_extrapolation_look(&run->system.extrapolation, md, error);
    md->grade = run->system.extrapolation.grade;
    vt_timers_leave(&run->timers, outer);
    return code;
}

/* A frame, if it is due and, where only grades beyond some bound are wanted, worth it. */
static enum vt_code write_due_frame(struct run *run, size_t i, struct vt_error *error)
{
    const struct vt_run_dump *dump = &run->config->output.trajectory[i];
    if (!vt_trajectory_is_due(run->trajectory[i]))
        return VT_OK;
    enum vt_code code = VT_OK;
    if (dump->has_above_grade || vt_run_dump_holds(dump, VT_DUMP_GRADE))
        code = look_at_grades(run, error);
    if (code || (dump->has_above_grade && run->system.extrapolation.now.grade <= dump->above_grade))
        return code;
    const int outer = vt_timers_enter(&run->timers, TRAJECTORY);
    code = vt_trajectory_write(run->trajectory[i], error);
    vt_timers_leave(&run->timers, outer);
    return code;
}

/* Row and frames that are due at this step. */
static enum vt_code observe(struct run *run, struct vt_error *error)
{
    const struct vt_run_config *config = run->config;
    const int64_t step = run->system.md.step;
    enum vt_code code = VT_OK;
    if (step % config->output.thermo.every == 0)
        code = write_row(run, error);
    if (!code && config->has_extrapolation && step % config->extrapolation.every == 0)
        code = look_at_grades(run, error);
    for (size_t i = 0; !code && i < config->output.n_trajectory; i++)
        code = write_due_frame(run, i, error);
    return code;
}

static bool is_driven(const struct run *run, int64_t stage)
{
    assert(stage >= 0 && stage < (int64_t)run->config->n_stages);
    return run->config->stages[stage].has_deform;
}

/* Of a stage. Where the cell is driven the volume is what it was told to be: no bounds. */
static void set_guards(struct run *run)
{
    const struct vt_run_guards *bounds = &run->config->guards;
    const double volume = run->state.start_volume;
    run->guards =
        (struct vt_guards){.max_temperature = bounds->temperature,
                           .max_displacement = bounds->displacement,
                           .volume = {bounds->volume[0] * volume, bounds->volume[1] * volume},
                           .n_atoms = run->system.n_atoms};
    if (is_driven(run, run->state.stage)) {
        run->guards.volume[0] = 0;
        run->guards.volume[1] = INFINITY;
    }
}

/* Where a stage begins, or a restart takes it up. */
static void announce(struct run *run)
{
    const size_t stage = (size_t)run->state.stage;
    const struct vt_run_stage *config = &run->config->stages[stage];
    const long long first = (long long)run->state.stage_start;
    const long long last = (long long)run->motion.last_step;
    char text[128];
    snprintf(text, sizeof text, "stage %zu of %zu, %.80s", stage + 1, run->config->n_stages,
             config->name);
    if (config->has_minimise)
        vt_log_once(&run->log, VT_LOG_NOTE,
                    "%s: minimisation by %s to %g eV/A, from step %lld to %lld at most", text,
                    vt_run_method_name(config->minimise.method), config->minimise.force, first,
                    last);
    else
        vt_log_once(&run->log, VT_LOG_NOTE, "%s: steps %lld to %lld", text, first, last);
}

/* Dynamics after a minimisation. */
static void wake_up(struct run *run)
{
    double temperature;
    if (!vt_run_stage_draws(run->config, (size_t)run->state.stage, &temperature))
        return;
    vt_md_freeze(&run->system.md, vt_run_stage_frozen(run->config, (size_t)run->state.stage));
    vt_md_draw_velocities(&run->system.md, temperature);
    vt_log_once(&run->log, VT_LOG_NOTE, "velocities drawn at %g K", temperature);
}

static enum vt_code begin_stage(struct run *run, struct vt_error *error)
{
    struct vt_run_state *state = &run->state;
    struct vt_md *md = &run->system.md;
    const bool goes_on = state->has_begun;
    if (!goes_on) {
        state->stage_start = md->step;
        if (state->stage > 0 && is_driven(run, state->stage - 1))
            state->start_volume = md->domain->cell.volume;
        wake_up(run);
    }
    set_guards(run);
    enum vt_code code = vt_motion_begin(&run->motion, run->config, state, md, error);
    if (!code)
        code = vt_last_good_keep(&run->last_good, md, error);
    if (code)
        return code;
    announce(run);
    if (goes_on)
        return VT_OK;
    vt_thermo_measure(&run->thermo, md, vt_motion_exchanged(&run->motion), run->system.total_mass);
    state->conserved_start = run->thermo.conserved;
    state->has_begun = true;
    if (state->has_row)
        return VT_OK;
    state->has_row = true;
    return observe(run, error);
}

/* What came of a minimisation. One that did not arrive is no reason to end a run: it is as low
 * as it got. One whose cell runs away is. */
static enum vt_code judge(struct run *run, struct vt_error *error)
{
    const char *stage = run->config->stages[run->state.stage].name;
    if (!run->motion.minimiser)
        return VT_OK;
    const struct vt_minimise_report *report = vt_minimiser_report(run->motion.minimiser);
    const double *p = report->pressure;
    const bool arrived = report->verdict == VT_MINIMISE_CONVERGED;
    if (report->verdict == VT_MINIMISE_RUNAWAY)
        return vt_fail(error, VT_FAILED, "step %lld: the cell of minimisation %.80s runs away",
                       (long long)run->system.md.step, stage);
    vt_log_once(&run->log, arrived ? VT_LOG_NOTE : VT_LOG_WARNING,
                "%.80s: %s; %lld steps, %lld force calls: %.10g eV, largest force %.3g eV/A, "
                "pressure %.4g GPa",
                stage, vt_minimise_verdict_text(report->verdict), (long long)report->n_steps,
                (long long)report->n_force_calls, report->energy, report->largest_force,
                (p[0] + p[4] + p[8]) / 3 * VT_GPA_PER_PRESSURE);
    return VT_OK;
}

static bool wants_stop(const struct run *run)
{
    const struct vt_run_options *options = run->options;
    if (options->wants_stop && options->wants_stop(options->user))
        return true;
    if (run->rank != 0 || !run->config->has_walltime)
        return false;
    const double margin = 2 * (run->longest_checkpoint + run->longest_step);
    return MPI_Wtime() - options->started + margin > run->config->walltime;
}

/* Of all stages; *is_bound: at most, since a minimisation may end before. */
static int64_t find_last_step(const struct run *run, bool *is_bound)
{
    int64_t last = run->motion.last_step;
    *is_bound = run->motion.minimiser;
    for (size_t s = (size_t)run->state.stage + 1; s < run->config->n_stages; s++) {
        last += vt_run_stage_steps(run->config, s);
        *is_bound = *is_bound || run->config->stages[s].has_minimise;
    }
    return last;
}

static void show(const struct run *run)
{
    const struct vt_md *md = &run->system.md;
    const struct vt_run_options *options = run->options;
    if (run->rank != 0 || !options->look)
        return;
    const double *p = run->thermo.pressure;
    struct vt_run_status status = {
        .stage = run->config->stages[run->state.stage].name,
        .stage_index = (size_t)run->state.stage,
        .n_stages = run->config->n_stages,
        .step = md->step,
        .first_step = run->first_step,
        .timestep = md->timestep,
        .temperature = md->degrees_of_freedom > 0 ? 2 * run->guards.kinetic_energy /
                                                        (md->degrees_of_freedom * VT_BOLTZMANN)
                                                  : 0,
        .pressure = (p[0] + p[4] + p[8]) / 3,
        .minimisation = run->motion.minimiser ? vt_minimiser_report(run->motion.minimiser) : NULL,
        .seconds = MPI_Wtime() - run->first_time};
    status.last_step = find_last_step(run, &status.is_bound);
    options->look(options->user, &status);
}

/* One step, and whether it went well. */
static enum vt_code advance(struct run *run, struct vt_error *error)
{
    const double start = MPI_Wtime();
    int outer = vt_timers_enter(&run->timers, STEP);
    enum vt_code code = vt_motion_step(&run->motion, error);
    vt_timers_leave(&run->timers, outer);
    if (code)
        return vt_guards_explain(&run->guards, &run->system.md, code, error);
    tell_plan(run);
    outer = vt_timers_enter(&run->timers, CHECK);
    code = vt_guards_check(&run->guards, &run->system.md, wants_stop(run), error);
    if (!code)
        code = vt_last_good_keep(&run->last_good, &run->system.md, error);
    run->stopped = run->guards.stop;
    vt_timers_leave(&run->timers, outer);
    run->longest_step = fmax(run->longest_step, MPI_Wtime() - start);
    return code;
}

/* After a step that went wrong, of which nothing can be used: what there was before, as a file.
 * The error is that of the step. */
static enum vt_code leave_last_good(struct run *run, enum vt_code code, struct vt_error *error)
{
    struct vt_error cause = *error, second = {0};
    if (code != VT_FAILED)
        return code;
    enum vt_code left = vt_last_good_return(&run->last_good, &run->system.md, &second);
    if (!left)
        left = write_frame(run, "last_good.xyz", &second);
    if (left)
        vt_fail(error, code, "%.300s (last_good.xyz: %.150s)", cause.message, second.message);
    else
        vt_fail(error, code, "%.400s; step %lld, the last good one, is in last_good.xyz",
                cause.message, (long long)run->system.md.step);
    if (cause.hint[0])
        vt_hint(error, "%s", cause.hint);
    return code;
}

/* Nothing is wrong with the state but that the model does not know it: there is a checkpoint, and
 * the frame for a label. */
static enum vt_code check_grade(struct run *run, struct vt_error *error)
{
    const struct vt_farthest *now = &run->system.extrapolation.now;
    const struct vt_run_guards *bounds = &run->config->guards;
    if (!run->config->has_extrapolation || !bounds->has_grade || now->step != run->system.md.step ||
        now->grade <= bounds->grade)
        return VT_OK;
    enum vt_code code = write_frame(run, "extrapolated.xyz", error);
    if (!code)
        code = write_checkpoint(run, error);
    if (code)
        return code;
    vt_fail(error, VT_FAILED,
            "step %lld: atom %lld (%s) is far from all that the model was trained with (grade "
            "%.2f, the bound is %g); the frame is in extrapolated.xyz",
            (long long)now->step, (long long)now->id + 1, vt_element_symbol(now->element),
            now->grade, bounds->grade);
    vt_hint(error, "label such frames and train again; with a higher guards.grade the run goes on "
                   "from its checkpoint");
    return VT_FAILED;
}

static enum vt_code run_stage(struct run *run, struct vt_error *error)
{
    struct vt_md *md = &run->system.md;
    enum vt_code code = begin_stage(run, error);
    while (!code && !run->stopped && !vt_motion_is_over(&run->motion)) {
        code = advance(run, error);
        if (code)
            return leave_last_good(run, code, error);
        code = observe(run, error);
        if (!code)
            code = check_grade(run, error);
        if (!code && (run->stopped || md->step % run->config->output.checkpoint.every == 0))
            code = write_checkpoint(run, error);
        if (!code)
            show(run);
    }
    return !code && vt_motion_is_over(&run->motion) ? judge(run, error) : code;
}

static enum vt_code run_stages(struct run *run, struct vt_error *error)
{
    const int64_t n = (int64_t)run->config->n_stages;
    enum vt_code code = VT_OK;
    run->first_time = MPI_Wtime();
    for (;;) {
        code = run_stage(run, error);
        if (code || run->stopped || run->state.stage + 1 == n)
            break;
        vt_motion_end(&run->motion);
        run->state.stage++;
        run->state.has_begun = false;
    }
    return code;
}

/* ---- the end ---- */

static void tell_grades(struct run *run)
{
    const struct vt_farthest *ever = &run->system.extrapolation.ever;
    if (ever->grade > 0) /* else nobody looked, in the few steps of a restart */
        vt_log_once(&run->log, VT_LOG_NOTE, "largest grade %.2f: atom %lld (%s) at step %lld",
                    ever->grade, (long long)ever->id + 1, vt_element_symbol(ever->element),
                    (long long)ever->step);
}

static enum vt_code finish(struct run *run, struct vt_run_report *report, struct vt_error *error)
{
    const struct vt_md *md = &run->system.md;
    enum vt_code code = VT_OK;
    if (run->checkpoint_step != md->step)
        code = write_checkpoint(run, error);
    report->finished = !run->stopped || (run->state.stage + 1 == (int64_t)run->config->n_stages &&
                                         vt_motion_is_over(&run->motion));
    if (!code && report->finished)
        code = write_frame(run, "final.xyz", error);
    tell_grades(run);
    report->n_atoms = run->system.n_atoms;
    report->steps = md->step - run->first_step;
    report->n_rebuilds = md->n_rebuilds;
    report->seconds = MPI_Wtime() - run->first_time;
    report->timers = run->timers;
    if (!code)
        code = vt_timers_summarise(&run->timers, run->comm, report->summary, error);
    if (!code && run->log_file.file) {
        vt_timers_print(&report->timers, report->summary, run->log_file.file);
        fflush(run->log_file.file);
    }
    return code;
}

/* The message goes to the user by the way of all errors; the log of the run gets it, too. */
static void record_failure(const struct run *run, const struct vt_error *error)
{
    if (!run->log_file.file)
        return;
    char text[sizeof(struct vt_error)];
    fprintf(run->log_file.file, "%s\n", vt_error_text(error, text, sizeof text));
    if (run->checkpoint_step >= 0)
        fprintf(run->log_file.file, "the checkpoint of step %lld is whole\n",
                (long long)run->checkpoint_step);
    fflush(run->log_file.file);
}

enum vt_code vt_run(MPI_Comm comm, const struct vt_run_options *options,
                    struct vt_run_report *report, struct vt_error *error)
{
    assert(options && options->config && options->program && report && error);
    struct run run = {.options = options,
                      .config = options->config,
                      .comm = comm,
                      .rank = vt_rank(comm),
                      .size = vt_rank_count(comm),
                      .planned_squares = -1,
                      .system = {.comm = MPI_COMM_NULL}};
    run.log = (struct vt_log){log_to_both, &run, VT_LOG_DEBUG, run.rank};
    *report = (struct vt_run_report){0};
    enum vt_code code = set_up(&run, error);
    if (!code)
        code = run_stages(&run, error);
    if (!code)
        code = finish(&run, report, error);
    if (code)
        record_failure(&run, error);
    code = close_outputs(&run, code, error);
    tear_down(&run);
    return code;
}
