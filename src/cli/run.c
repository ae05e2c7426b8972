/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion run: molecular dynamics. */
#include "md/run.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "md/run_plan.h"

/* Seconds from line to line where stderr is no terminal. */
static const double line_interval = 30;

struct settings {
    char *config, *restart, *isa;
    char **set;
    size_t n_set;
    bool dry_run, replace;
};

/* ---- to watch ---- */

struct watch {
    struct vt_progress progress;
    double next_line; /* s, of the run */
};

static void print_line(void *user, enum vt_log_level level, const char *line)
{
    struct watch *watch = user;
    (void)level;
    vt_progress_wipe(&watch->progress);
    printf("%s\n", line);
    fflush(stdout);
}

static void describe(const struct vt_run_status *status, char *text, size_t size)
{
    assert(size > 0);
    const double steps = (double)(status->step - status->first_step);
    const double rate = status->seconds > 0 ? steps / status->seconds : 0;
    const double left = rate > 0 ? (double)(status->last_step - status->step) / rate : 0;
    const char *bound = status->is_bound ? "at most " : "";
    char state[128];
    if (status->minimisation)
        snprintf(state, sizeof state, "%.8g eV  %.3g eV/A", status->minimisation->energy,
                 status->minimisation->largest_force);
    else
        snprintf(state, sizeof state, "%.0f K  %.3g GPa  %.3g ns/day", status->temperature,
                 status->pressure * VT_GPA_PER_PRESSURE, rate * status->timestep * 1e-6 * 86400);
    snprintf(text, size, "%s (%zu/%zu)  step %lld of %s%lld  %s  %s%lld:%02d:%02d left",
             status->stage, status->stage_index + 1, status->n_stages, (long long)status->step,
             bound, (long long)status->last_step, state, bound, (long long)(left / 3600),
             (int)(left / 60) % 60, (int)left % 60);
}

static void look(void *user, const struct vt_run_status *status)
{
    struct watch *watch = user;
    char text[512];
    describe(status, text, sizeof text);
    if (watch->progress.on) {
        vt_progress_show(&watch->progress, "%s", text);
    } else if (status->seconds >= watch->next_line) {
        watch->next_line = status->seconds + line_interval;
        printf("%s\n", text);
        fflush(stdout);
    }
}

/* ---- the command ---- */

/* "key=value" words, as settings for io/config.h, and --isa after them; the words are cut. */
static enum vt_code cut_settings(const struct settings *settings, struct vt_setting *setting,
                                 struct vt_error *error)
{
    for (size_t i = 0; i < settings->n_set; i++) {
        char *equals = strchr(settings->set[i], '=');
        if (!equals || equals == settings->set[i]) {
            vt_fail_at(error, (struct vt_place){"--set", 0, 0}, VT_INPUT,
                       "'%.80s' is not of the form key=value", settings->set[i]);
            vt_hint(error, "--set timestep=\"2 fs\" --set stages.0.steps=100");
            return VT_INPUT;
        }
        *equals = '\0';
        setting[i] = (struct vt_setting){settings->set[i], equals + 1, settings->set[i]};
    }
    if (settings->isa)
        setting[settings->n_set] = (struct vt_setting){"isa", settings->isa, "--isa"};
    return VT_OK;
}

/* Every rank reads the file; the first tells the mistakes. */
static enum vt_code read_config(const struct vt_session *session, const struct settings *settings,
                                struct vt_run_config *config, struct vt_error *error)
{
    struct vt_setting *setting = NULL;
    struct vt_error_list errors = {0};
    enum vt_code code = vt_alloc(&setting, settings->n_set + 1, sizeof *setting, "settings", error);
    if (!code)
        code = cut_settings(settings, setting, error);
    if (!code) {
        const struct vt_settings all = {.setting = setting,
                                        .n = settings->n_set + (settings->isa ? 1 : 0)};
        code = vt_config_read(&vt_run_table, config, settings->config, &all, &errors);
        if (errors.n_kept > 0)
            *error = errors.error[errors.n_kept - 1];
    }
    vt_free(setting);
    code = vt_agree(session->comm, code, 0, error);
    /* what dispatch does not print: all but the last */
    for (size_t i = 0; session->rank == 0 && i + 1 < errors.n_kept; i++) {
        char text[sizeof(struct vt_error)];
        fprintf(stderr, "%s\n", vt_error_text(&errors.error[i], text, sizeof text));
    }
    return code;
}

static void print_report(const struct vt_run_report *report, const struct vt_run_config *config)
{
    vt_timers_print(&report->timers, report->summary, stdout);
    bool all_dynamics = true; /* else steps are of two kinds, and take a different time */
    for (size_t i = 0; i < config->n_stages; i++)
        all_dynamics = all_dynamics && !config->stages[i].has_minimise;
    char speed[64] = "";
    if (all_dynamics)
        snprintf(speed, sizeof speed, "%.3g ns/day, ",
                 (double)report->steps * config->timestep * 1e-6 * 86400 / report->seconds);
    if (report->steps > 0)
        printf("%lld steps of %lld atoms in %.2f s: %.3g us/atom/step, %slists built %lld times\n",
               (long long)report->steps, (long long)report->n_atoms, report->seconds,
               1e6 * report->seconds / (double)report->steps / (double)report->n_atoms, speed,
               (long long)report->n_rebuilds);
    if (!report->finished)
        printf("stopped before the end: go on with --restart %s/checkpoint.h5\n",
               config->output.directory);
}

static enum vt_code run_dynamics(const struct vt_session *session, const struct settings *settings,
                                 const struct vt_run_config *config, struct vt_error *error)
{
    struct watch watch = {.progress = vt_progress_start(session->rank == 0),
                          .next_line = line_interval};
    const struct vt_log log = {print_line, &watch, VT_LOG_NOTE, session->rank};
    const struct vt_run_options options = {.config = config,
                                           .program = vt_program_version(),
                                           .restart = settings->restart,
                                           .replace = settings->replace,
                                           .started = MPI_Wtime(),
                                           .log = &log,
                                           .wants_stop = vt_signals_ask_to_stop,
                                           .look = look,
                                           .user = &watch};
    struct vt_run_report report;
    vt_signals_catch();
    const enum vt_code code = vt_run(session->comm, &options, &report, error);
    vt_signals_leave();
    vt_progress_end(&watch.progress);
    if (!code && session->rank == 0)
        print_report(&report, config);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const struct settings *settings = config;
    struct vt_run_config run_config = {0};
    enum vt_code code = read_config(session, settings, &run_config, error);
    if (!code && settings->dry_run)
        code = vt_run_plan(session->comm, &run_config, session->rank == 0 ? stdout : NULL, error);
    else if (!code)
        code = run_dynamics(session, settings, &run_config, error);
    vt_config_destroy(&vt_run_table, &run_config);
    return code;
}

static const struct vt_entry entries[] = {
    {"restart", VT_PATH_FIELD(struct settings, restart),
     .help = "go on from this checkpoint, in the folder of its run"},
    {"set", VT_STRING_LIST(struct settings, set, n_set, 1, VT_UNLIMITED),
     .help = "change a value of the configuration; any number of times"},
    {"isa", VT_STRING_FIELD(struct settings, isa),
     .help = "instruction set of mixed precision: auto, avx512, avx2 or generic; as --set isa="},
    {"dry-run", VT_BOOL_FIELD(struct settings, dry_run), .fallback = "false",
     .help =
         "check everything, print the whole configuration and what the run needs, write nothing"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace the files of another run"},
    {"config", VT_PATH_FIELD(struct settings, config), .required = true,
     .help = "the configuration"},
    {0}};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    if (settings->restart && settings->replace)
        vt_hint(vt_check_fail(check, "force", "a run is either gone on with or replaced"),
                "leave out --force, or --restart");
}

static const struct vt_table table = {"run", "molecular dynamics", sizeof(struct settings), entries,
                                      check_settings};

static const char *const operands[] = {"config", NULL};

static const struct vt_placeholder placeholders[] = {
    {"restart", "FILE"}, {"set", "key=value"}, {"isa", "NAME"}, {"config", "CONFIG.yaml"}, {0}};

static const char about[] =
    "Runs the stages of CONFIG.yaml one after the other; docs/keywords.md explains every keyword. "
    "Paths in it are relative to its folder. --set stages.0.duration=\"5 ps\" changes a value: "
    "keywords joined by dots, items of lists counted from 0.\n\n"
    "The output folder receives thermo.csv, the trajectories, checkpoint.h5, final.xyz, "
    "config.yaml (every value, as it was used) and run.log; last_good.xyz if the run goes wrong. A "
    "folder that holds another run is "
    "refused unless it is replaced (--force) or gone on with (--restart).\n\n"
    "SIGTERM, Ctrl-C and the end of the walltime stop the run after the step at work, with a "
    "checkpoint. Restarted on as many ranks, the run goes on as if it had not stopped, and its "
    "files have the same bytes; another number of ranks, or in mixed precision a processor with "
    "another instruction set, gives the same physics.\n\n"
    "mpirun -n P vitrion run spreads the atoms over P ranks.";

const struct vt_command vt_command_run = {&table, operands, placeholders, about, run};
