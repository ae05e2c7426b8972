/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion train: fit a model to a set; with --check, is a set fit to be trained on? */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "cli/command.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/train_check.h"
#include "io/config.h"
#include "training/train_job.h"

/* Seconds from line to line where stderr is no terminal. */
static const double line_interval = 10;

struct settings {
    bool check;
    char **files;
    size_t n_files;
    char *test;
    char *elements;
    double max_force;
    char **set;
    size_t n_set;
    bool restart, dry_run, replace;
    int64_t committee; /* models, by seeds in a row */
};

enum { MOST_ELEMENTS = 128 };

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    static const char *const of_check[] = {"test", "elements", "max-force"};
    static const char *const of_training[] = {"set", "restart", "dry-run", "force", "committee"};
    const char *const *others = settings->check ? of_training : of_check;
    for (int i = 0; i < (settings->check ? 5 : 3); i++)
        if (vt_check_given(check, others[i]))
            vt_hint(vt_check_fail(check, others[i], "--%s is %s --check", others[i],
                                  settings->check ? "not for" : "only for"),
                    "the keywords of a training stand in its CONFIG.yaml");
    if (!settings->check && settings->n_files > 1)
        vt_hint(vt_check_fail(check, "input", "a training has one configuration"),
                "--check audits any number of sets");
    if (settings->restart && settings->replace)
        vt_hint(vt_check_fail(check, "force", "a run is either gone on with or replaced"),
                "leave out --force, or --restart");
}

/* ---- to watch ---- */

struct watch {
    struct vt_progress progress;
    double next_line; /* s, of the training */
    double first;     /* part of the work and seconds when this program took over; < 0: not known */
    double first_seconds;
    double walltime; /* s, INFINITY: none */
    bool has_test;
};

static void print_line(void *user, enum vt_log_level level, const char *line)
{
    struct watch *watch = user;
    (void)level;
    vt_progress_wipe(&watch->progress);
    printf("%s\n", line);
    fflush(stdout);
}

/* Seconds that are left: what was done so far goes on, within the wall time. */
static double left(struct watch *watch, const struct vt_training_status *status)
{
    if (watch->first < 0) {
        watch->first = status->part;
        watch->first_seconds = status->seconds;
    }
    const double done = status->part - watch->first;
    const double spent = status->seconds - watch->first_seconds;
    const double rest = done > 0 ? spent * (1 - status->part) / done : INFINITY;
    return fmin(rest, watch->walltime - spent);
}

static void describe(struct watch *watch, const struct vt_training_status *status, char *text,
                     size_t size)
{
    const struct vt_training_record *record = status->record;
    const double seconds = left(watch, status);
    char rest[32] = "", test[96] = "";
    if (isfinite(seconds) && seconds >= 0)
        snprintf(rest, sizeof rest, "  %d:%02d:%02d left", (int)(seconds / 3600),
                 (int)(seconds / 60) % 60, (int)seconds % 60);
    if (watch->has_test)
        snprintf(test, sizeof test, "  test %.2f meV/atom %.1f meV/A", 1e3 * record->test[0],
                 1e3 * record->test[1]);
    snprintf(text, size,
             "%s %lld/%lld  loss %.5f  energy %.2f meV/atom  force %.1f meV/A  virial %.1f "
             "meV/atom%s%s",
             status->optimiser, (long long)status->step, (long long)status->n_steps,
             record->loss.total, 1e3 * record->train[VT_LOSS_ENERGY],
             1e3 * record->train[VT_LOSS_FORCE], 1e3 * record->train[VT_LOSS_VIRIAL], test, rest);
}

static void look(void *user, const struct vt_training_status *status)
{
    struct watch *watch = user;
    char text[512];
    describe(watch, status, text, sizeof text);
    if (watch->progress.on) {
        vt_progress_show(&watch->progress, "%s", text);
    } else if (status->seconds >= watch->next_line) {
        watch->next_line = status->seconds + line_interval;
        printf("%s\n", text);
        fflush(stdout);
    }
}

/* ---- the configuration ---- */

static bool ends_with(const char *text, const char *ending)
{
    const size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

/* A folder stands for the nep.in in it. */
static void find_config(const char *name, char path[4096])
{
    struct stat status;
    const bool is_folder = stat(name, &status) == 0 && S_ISDIR(status.st_mode);
    snprintf(path, 4096, "%.4080s%s", name,
             !is_folder             ? ""
             : ends_with(name, "/") ? "nep.in"
                                    : "/nep.in");
}

/* Frames where a configuration is to be are an easy slip. */
static enum vt_code check_name(const char *path, struct vt_error *error)
{
    static const char *const endings[] = {".yaml", ".yml", ".in"};
    for (int i = 0; i < 3; i++)
        if (ends_with(path, endings[i]))
            return VT_OK;
    vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
               "a configuration is a .yaml file, a nep.in, or its folder");
    vt_hint(error, "--check audits a set; to train on it, name it in a configuration (train: ...)");
    return VT_INPUT;
}

/* "key=value" words, as settings for io/config.h; the words are cut. */
static enum vt_code cut_settings(const struct settings *settings, struct vt_setting *setting,
                                 struct vt_error *error)
{
    for (size_t i = 0; i < settings->n_set; i++) {
        char *equals = strchr(settings->set[i], '=');
        if (!equals || equals == settings->set[i]) {
            vt_fail_at(error, (struct vt_place){"--set", 0, 0}, VT_INPUT,
                       "'%.80s' is not of the form key=value", settings->set[i]);
            vt_hint(error, "--set optimizer=newton --set loss.virial=0.5");
            return VT_INPUT;
        }
        *equals = '\0';
        setting[i] = (struct vt_setting){settings->set[i], equals + 1, settings->set[i]};
    }
    return VT_OK;
}

/* What dispatch does not print: all mistakes but the last. */
static void tell(const struct vt_session *session, const struct vt_error_list *errors)
{
    for (size_t i = 0; session->rank == 0 && i + 1 < errors->n_kept; i++) {
        char text[sizeof(struct vt_error)];
        fprintf(stderr, "%s\n", vt_error_text(&errors->error[i], text, sizeof text));
    }
    if (session->rank == 0 && errors->n_dropped > 0)
        fprintf(stderr, "and %zu more mistakes\n", errors->n_dropped);
}

/* Every rank reads the file; the first tells the mistakes. */
static enum vt_code read_config(const struct vt_session *session, const struct settings *settings,
                                struct vt_train_config *config, struct vt_error *error)
{
    struct vt_setting *setting = NULL;
    struct vt_error_list errors = {0};
    char path[4096];
    find_config(settings->files[0], path);
    enum vt_code code = check_name(path, error);
    if (!code)
        code = vt_alloc(&setting, settings->n_set + 1, sizeof *setting, "settings", error);
    if (!code)
        code = cut_settings(settings, setting, error);
    if (!code) {
        const struct vt_settings all = {.setting = setting, .n = settings->n_set};
        code = ends_with(path, ".in")
                   ? vt_train_config_from_nep_in(config, path, &all, &errors)
                   : vt_config_read(&vt_train_table, config, path, &all, &errors);
        if (errors.n_kept > 0)
            *error = errors.error[errors.n_kept - 1];
    }
    vt_free(setting);
    code = vt_agree(session->comm, code, 0, error);
    if (code)
        tell(session, &errors);
    return code;
}

/* ---- training ---- */

static void print_table(const char *part, const struct vt_results_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct vt_result_row *row = &table->row[i];
        printf("%-6s %-24s %6zu frames  %8.2f meV/atom  %8.1f meV/A  %8.4f GPa\n", part,
               row->config_type ? row->config_type : "all", row->n_frames,
               1e3 * vt_result_rmse(row, VT_RESULT_ENERGY),
               1e3 * vt_result_rmse(row, VT_RESULT_FORCE), vt_result_rmse(row, VT_RESULT_STRESS));
    }
}

static void print_report(const struct vt_train_report *report, const char *folder)
{
    static const char *const ends[] = {
        [VT_TRAINING_FINISHED] = "all steps made",
        [VT_TRAINING_CONVERGED] = "no better model for a while (early_stop)",
        [VT_TRAINING_OUT_OF_TIME] = "the wall time is over: go on with --restart",
        [VT_TRAINING_STOPPED] = "stopped: go on with --restart"};
    print_table("train", &report->train);
    print_table("test", &report->test);
    printf("%s; loss %.5f after %.0f s: %s/nep.txt\n", ends[report->end], report->best.loss.total,
           report->seconds, folder);
}

/* What a training is told beside its configuration. */
struct order {
    const struct settings *settings;
    bool restart;
    bool is_quiet;  /* others are trained beside it, one of which tells how it goes */
    double started; /* s: when the program began */
    bool is_done;   /* result: nothing is left to be gone on with */
};

static enum vt_code fit(const struct vt_session *session, struct order *order,
                        struct vt_train_config *config, struct vt_error *error)
{
    const struct settings *settings = order->settings;
    const bool tells = session->rank == 0 && !order->is_quiet;
    struct watch watch = {.progress = vt_progress_start(tells),
                          .first = -1,
                          .walltime = config->has_walltime ? config->walltime : INFINITY,
                          .has_test = config->test != VT_TRAIN_NO_TEST};
    const struct vt_log log = {print_line, &watch, VT_LOG_NOTE, session->rank};
    const struct vt_log silence = {.level = VT_LOG_NOTE, .rank = session->rank};
    const struct vt_train_options options = {.config = config,
                                             .program = vt_program_version(),
                                             .restart = order->restart,
                                             .replace = settings->replace,
                                             .dry_run = settings->dry_run,
                                             .started = order->started,
                                             .log = order->is_quiet ? &silence : &log,
                                             .wants_stop = vt_signals_ask_to_stop,
                                             .look = order->is_quiet ? NULL : look,
                                             .user = &watch};
    struct vt_train_report report;
    struct vt_error_list errors = {0};
    vt_signals_catch();
    const enum vt_code code = vt_train(session->comm, &options, &report, &errors, error);
    vt_signals_leave();
    vt_progress_end(&watch.progress);
    if (code)
        tell(session, &errors);
    else if (session->rank == 0 && settings->dry_run)
        vt_config_echo(&vt_train_table, config, stdout);
    else if (tells)
        print_report(&report, config->output.directory);
    order->is_done = report.end == VT_TRAINING_FINISHED || report.end == VT_TRAINING_CONVERGED;
    vt_results_table_destroy(&report.train);
    vt_results_table_destroy(&report.test);
    return code;
}

/* ---- a committee ---- */

/* On rank 0, for all. */
static bool has_begun(const struct vt_session *session, const char *folder)
{
    int begun = 0;
    if (session->rank == 0) {
        char path[4200];
        struct stat status;
        snprintf(path, sizeof path, "%.4096s/checkpoint.h5", folder);
        begun = stat(path, &status) == 0;
    }
    MPI_Bcast(&begun, 1, MPI_INT, 0, session->comm);
    return begun;
}

static enum vt_code make_folder(const struct vt_session *session, const char *folder,
                                struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (session->rank == 0 && mkdir(folder, 0777) != 0 && errno != EEXIST)
        code = vt_fail_at(error, (struct vt_place){folder, 0, 0}, VT_INPUT, "cannot make it: %s",
                          strerror(errno));
    return vt_agree(session->comm, code, 0, error);
}

/* Members of a group of ranks, one after the other: that of the number of the group, and so on in
 * steps of the number of groups. */
struct group {
    struct vt_session session;
    int number, count;
};

static enum vt_code fit_members_of(const struct group *group, const struct settings *settings,
                                   struct vt_train_config *config, struct vt_error *error)
{
    struct vt_train_config member = *config; /* lent to each of them */
    const size_t size = strlen(config->output.directory) + 32;
    struct order order = {.settings = settings,
                          .is_quiet = group->number > 0,
                          .started = MPI_Wtime(),
                          .is_done = true};
    enum vt_code code = vt_alloc(&member.output.directory, size, 1, "a file name", error);
    code = vt_agree(group->session.comm, code, 0, error);
    for (int64_t m = group->number; m < settings->committee && order.is_done && !code;
         m += group->count) {
        snprintf(member.output.directory, size, "%s/member%lld", config->output.directory,
                 (long long)m + 1);
        member.seed = config->seed + m;
        /* one that has not begun has nothing to go on from */
        order.restart = settings->restart && has_begun(&group->session, member.output.directory);
        if (group->session.rank == 0)
            printf("member %lld of %lld, seed %lld\n", (long long)m + 1,
                   (long long)settings->committee, (long long)member.seed);
        code = fit(&group->session, &order, &member, error);
        if (group->session.rank == 0 && !code && order.is_quiet)
            printf("member %lld of %lld: %s/nep.txt\n", (long long)m + 1,
                   (long long)settings->committee, member.output.directory);
    }
    vt_free(member.output.directory);
    config->elements = member.elements; /* those of the frames, if none were given */
    config->n_elements = member.n_elements;
    return code;
}

/* Each member has a seed and a folder of its own. Where there are several ranks, members are
 * trained side by side, which costs no exchange between them. */
static enum vt_code fit_members(const struct vt_session *session, const struct settings *settings,
                                struct vt_train_config *config, struct vt_error *error)
{
    const int64_t ranks = vt_rank_count(session->comm);
    struct group group = {.count =
                              (int)(ranks < settings->committee ? ranks : settings->committee)};
    enum vt_code code = make_folder(session, config->output.directory, error);
    if (code)
        return code;
    group.number = (int)(session->rank * (int64_t)group.count / ranks);
    MPI_Comm_split(session->comm, group.number, session->rank, &group.session.comm);
    group.session.rank = vt_rank(group.session.comm);
    group.session.size = vt_rank_count(group.session.comm);
    code = fit_members_of(&group, settings, config, error);
    MPI_Comm_free(&group.session.comm);
    return vt_agree(session->comm, code, 0, error);
}

static enum vt_code train(const struct vt_session *session, const struct settings *settings,
                          struct vt_error *error)
{
    struct vt_train_config config = {0};
    struct order order = {
        .settings = settings, .restart = settings->restart, .started = MPI_Wtime()};
    enum vt_code code = read_config(session, settings, &config, error);
    if (!code && settings->committee > 1 && !settings->dry_run)
        code = fit_members(session, settings, &config, error);
    else if (!code)
        code = fit(session, &order, &config, error);
    vt_config_destroy(&vt_train_table, &config);
    return code;
}

/* ---- the audit ---- */

/* Cut the words apart, in place. */
static size_t split_words(char *text, char *word[MOST_ELEMENTS])
{
    size_t n = 0;
    for (char *at = text; at && *at && n < MOST_ELEMENTS;) {
        while (*at == ' ' || *at == ',')
            *at++ = '\0';
        if (*at)
            word[n++] = at;
        while (*at && *at != ' ' && *at != ',')
            at++;
    }
    return n;
}

static enum vt_code check_set(const struct settings *settings, struct vt_error *error)
{
    char *element[MOST_ELEMENTS];
    const struct vt_train_check check = {.files = settings->files,
                                         .n_files = settings->n_files,
                                         .test = settings->test,
                                         .element = element,
                                         .n_elements = split_words(settings->elements, element),
                                         .max_force = settings->max_force};
    return vt_train_check(&check, error);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const struct settings *settings = config;
    if (!settings->check)
        return train(session, settings, error);
    const enum vt_code code = session->rank == 0 ? check_set(settings, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"set", VT_STRING_LIST(struct settings, set, n_set, 1, VT_UNLIMITED),
     .help = "change a value of the configuration; any number of times"},
    {"restart", VT_BOOL_FIELD(struct settings, restart), .fallback = "false",
     .help = "go on from the checkpoint in the output folder"},
    {"dry-run", VT_BOOL_FIELD(struct settings, dry_run), .fallback = "false",
     .help = "check everything, print the whole configuration, write nothing"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace the files of another run"},
    {"committee", VT_INTEGER_FIELD(struct settings, committee), .fallback = "1", .minimum = "1",
     .maximum = "64",
     .help = "train so many models, with seeds in a row, into folders member1, member2, ... of the "
             "output folder"},
    {"check", VT_BOOL_FIELD(struct settings, check), .fallback = "false",
     .help = "audit a set instead: what it has, what is odd, what is wrong"},
    {"test", VT_PATH_FIELD(struct settings, test),
     .help = "of --check: file of frames to be tested with; none of them may be trained with"},
    {"elements", VT_STRING_FIELD(struct settings, elements),
     .help = "of --check: elements of the model; a frame with another one is a mistake"},
    {"max-force", VT_REAL_FIELD(struct settings, max_force, VT_FORCE), .fallback = "30 eV/A",
     .above = "0 eV/A", .help = "of --check: larger forces are reported"},
    {"input", VT_STRING_LIST(struct settings, files, n_files, 1, VT_UNLIMITED), .required = true,
     .help = "the configuration: YAML, or nep.in or its folder, as GPUMD has it; with --check, "
             "the set: extended XYZ, or outputs of CP2K and VASP, any number of files"},
    {0}};

static const struct vt_table table = {"train", "fit a model to a training set, or audit the set",
                                      sizeof(struct settings), entries, check_settings};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {{"set", "key=value"},
                                                     {"test", "TEST.xyz"},
                                                     {"elements", "\"Li Cl\""},
                                                     {"input", "CONFIG.yaml|nep.in|SET.xyz..."},
                                                     {0}};

static const char about[] =
    "Fits a NEP or qNEP model to energies, forces, virials, total and Born charges of a set; "
    "docs/training.md is the guide, docs/keywords.md explains every keyword of CONFIG.yaml. Paths "
    "in it are relative to its folder. A nep.in is taken as it is, with train.xyz and test.xyz "
    "beside it, and trained in the way that `optimizer: auto` stands for; --set changes it "
    "likewise.\n\n"
    "The output folder (that of the nep.in) receives nep.txt, summary.json, loss.out, the "
    "*_train.out and *_test.out files of GPUMD, config.yaml (every value, as it was used) and "
    "checkpoint.h5. A folder that holds another run is refused unless it is replaced (--force) or "
    "gone on with (--restart).\n\n"
    "With --committee K the output folder receives K folders member1, member2, ..., whose models "
    "differ by their seeds: the one of the configuration, and those that follow it. They are "
    "trained one after the other, within one walltime; with --restart those that are done stay as "
    "they are. `vitrion predict --committee` tells how far apart the models are.\n\n"
    "SIGTERM, Ctrl-C and the end of the walltime stop the training after the step at work, with "
    "results and a checkpoint; restarted, it goes on as if it had not stopped.\n\n"
    "mpirun -n P vitrion train deals the frames over P ranks; the model is the same for every P, "
    "to rounding.\n\n"
    "With --check, every frame is read and the set is judged: elements and their energies, "
    "energies far from the others, large forces, forces that do not sum to zero, the shortest "
    "distances, odd volumes, frames that are there twice, frames without virials, and whether "
    "forces and virials are the derivatives of the energies (units and signs). The last line is "
    "the "
    "verdict: ok, warnings or errors; errors end with status 2. docs/training.md says what each "
    "finding means.";

const struct vt_command vt_command_train = {&table, operands, placeholders, about, run};
