/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion bench: how fast dynamics is here, and where the time goes.
 *
 * Dynamics, checked as in a run, without its files. The median of several blocks of steps counts;
 * the machine's own limits are measured in the same minute, since they change with what else it
 * does. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/agree.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "cli/bench_report.h"
#include "cli/bench_structure.h"
#include "cli/command.h"
#include "cli/making.h"
#include "force/arithmetic.h"
#include "io/file.h"
#include "md/guards.h"
#include "md/minimise.h"
#include "md/run_system.h"
#include "md/thermo_log.h"

enum {
    BLOCKS_MOST = 100,
    CENTRES = 500,        /* of each rank, whose neighbours are counted */
    RELAX_STEPS = 200,    /* of atoms that are made here */
    THERMO_INTERVAL = 100 /* as by default in a run */
};

static const double bath_time = 20; /* fs */

struct settings {
    char *model, *structure, *json, *compare;
    int64_t n_atoms, replicate[3], n_steps, n_warm_up, n_blocks;
    enum vt_precision precision;
    int isa;
    char *electrostatics;
    double temperature, timestep, skin;
    bool replace;
};

struct block {
    double seconds, processor;
    double part[VT_BENCH_PARTS]; /* s */
    double n_rebuilds;
};

struct bench {
    const struct settings *settings;
    MPI_Comm comm;
    int rank;
    struct vt_run_config config;
    struct vt_run_system system;
    struct vt_ensemble *ensemble;
    struct vt_guards guards;
    struct vt_timers timers;
    struct block block[BLOCKS_MOST];
    struct vt_bench_result result;

    /* rank 0 */
    struct vt_bench_before before;
    struct vt_file *json;
};

/* ---- setting up ---- */

static enum vt_code make_structure(struct bench *bench, struct vt_error *error)
{
    struct vt_nep model = {0};
    enum vt_code code = vt_nep_read(&model, bench->settings->model, error);
    if (!code)
        code = vt_bench_structure(&bench->system.frame, &model, bench->settings->n_atoms, error);
    vt_nep_destroy(&model);
    return code;
}

/* Rank 0: the files, before any work. */
static enum vt_code open_files(struct bench *bench, struct vt_error *error)
{
    const struct settings *settings = bench->settings;
    enum vt_code code = VT_OK;
    if (settings->compare)
        code = vt_bench_read(&bench->before, settings->compare, error);
    if (!code && settings->json)
        code = vt_making_create(&bench->json, settings->json, settings->replace, error);
    if (!code && !settings->structure)
        code = make_structure(bench, error);
    return code;
}

static void set_config(struct bench *bench)
{
    const struct settings *settings = bench->settings;
    struct vt_force_options options;
    vt_read_electrostatics(settings->electrostatics, &options);
    bench->config =
        (struct vt_run_config){.model = settings->model,
                               .structure = settings->structure,
                               .seed = 1,
                               .timestep = settings->timestep,
                               .precision = settings->precision,
                               .isa = settings->isa,
                               .electrostatics = {options.electrostatics, options.accuracy},
                               .neighbour = {settings->skin}};
    for (int d = 0; d < 3; d++)
        bench->config.replicate[d] = settings->replicate[d];
}

/* A lattice of elements in turn is nobody's minimum: without some steps downhill it would heat up
 * beyond all bounds. It still does so slowly afterwards, hence the heat bath. */
static enum vt_code relax(struct bench *bench, struct vt_error *error)
{
    const struct vt_minimise_settings settings = {
        .method = VT_FIRE, .force = 0.1, .n_steps = RELAX_STEPS};
    struct vt_minimiser *minimiser = NULL;
    enum vt_code code = vt_minimiser_create(&minimiser, &settings, &bench->system.md, error);
    while (!code && vt_minimiser_report(minimiser)->verdict == VT_MINIMISE_GOES_ON)
        code = vt_minimiser_step(minimiser, error);
    vt_minimiser_destroy(minimiser);
    return code;
}

static enum vt_code set_in_motion(struct bench *bench, struct vt_error *error)
{
    struct vt_run_system *system = &bench->system;
    const double temperature = bench->settings->temperature;
    const bool made = !bench->settings->structure;
    const struct vt_ensemble_settings settings = {.thermostat =
                                                      made ? VT_BUSSI : VT_THERMOSTAT_NONE,
                                                  .temperature = {temperature, temperature},
                                                  .temperature_time = bath_time};
    enum vt_code code =
        vt_run_system_spread(system, &bench->config, NULL, (const double(*)[3])system->cell, error);
    if (!code)
        code = vt_run_system_deal(system, &bench->config, error);
    if (!code && made)
        code = relax(bench, error);
    if (code)
        return code;
    vt_md_draw_velocities(&system->md, temperature);
    code = vt_md_evaluate(&system->md, error);
    if (!code)
        code = vt_ensemble_create(&bench->ensemble, &settings, &system->md, error);
    const double volume = system->domain.cell.volume;
    bench->guards = (struct vt_guards){.max_temperature = 1e6,
                                       .max_displacement = 0.5,
                                       .volume = {0.5 * volume, 2 * volume},
                                       .n_atoms = system->n_atoms};
    return code;
}

static enum vt_code set_up(struct bench *bench, struct vt_error *error)
{
    enum vt_code code = bench->rank == 0 ? open_files(bench, error) : VT_OK;
    code = vt_agree(bench->comm, code, 0, error);
    if (code)
        return code;
    set_config(bench);
    code = vt_run_system_open(&bench->system, bench->comm, &bench->config, error);
    if (!code)
        code = set_in_motion(bench, error);
    if (!code)
        code = vt_machine_measure(&bench->result.machine, bench->comm,
                                  vt_isa_kernel(bench->settings->isa), error);
    if (code)
        return code;
    vt_force_watch(bench->system.force, &bench->timers);
    for (int p = VT_FORCE_PARTS; p < VT_BENCH_PARTS; p++)
        vt_timers_add(&bench->timers, vt_bench_parts[p]);
    return VT_OK;
}

/* ---- the steps ---- */

static enum vt_code check(struct bench *bench, struct vt_error *error)
{
    struct vt_run_system *system = &bench->system;
    struct vt_thermo thermo;
    const enum vt_code code = vt_guards_check(&bench->guards, &system->md, false, error);
    if (!code && system->md.step % THERMO_INTERVAL == 0)
        vt_thermo_measure(&thermo, &system->md, vt_ensemble_exchanged(bench->ensemble),
                          system->total_mass);
    return code;
}

static enum vt_code run_steps(struct bench *bench, int64_t n, struct vt_error *error)
{
    assert(n >= 0);
    assert(bench && bench->ensemble);
    enum vt_code code = VT_OK;
    for (int64_t i = 0; !code && i < n; i++) {
        int outer = vt_timers_enter(&bench->timers, VT_BENCH_INTEGRATION);
        code = vt_ensemble_step(bench->ensemble, error);
        vt_timers_leave(&bench->timers, outer);
        if (code)
            return vt_guards_explain(&bench->guards, &bench->system.md, code, error);
        outer = vt_timers_enter(&bench->timers, VT_BENCH_CHECKS);
        code = check(bench, error);
        vt_timers_leave(&bench->timers, outer);
    }
    return code;
}

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static enum vt_code run_block(struct bench *bench, struct block *block, struct vt_error *error)
{
    struct vt_timer_summary summary[VT_TIMERS_MAX];
    const int64_t rebuilds = bench->system.md.n_rebuilds;
    vt_timers_clear(&bench->timers);
    MPI_Barrier(bench->comm);
    const double start = MPI_Wtime(), processor = processor_time();
    enum vt_code code = run_steps(bench, bench->settings->n_steps, error);
    block->processor = processor_time() - processor;
    MPI_Barrier(bench->comm);
    block->seconds = MPI_Wtime() - start;
    block->n_rebuilds = (double)(bench->system.md.n_rebuilds - rebuilds);
    if (!code)
        code = vt_timers_summarise(&bench->timers, bench->comm, summary, error);
    for (int p = 0; !code && p < VT_BENCH_PARTS; p++)
        block->part[p] = summary[p].mean;
    return code;
}

static enum vt_code run_blocks(struct bench *bench, struct vt_error *error)
{
    enum vt_code code = run_steps(bench, bench->settings->n_warm_up, error);
    for (int64_t b = 0; !code && b < bench->settings->n_blocks; b++)
        code = run_block(bench, &bench->block[b], error);
    if (code && !bench->settings->structure)
        vt_hint(error, "--structure takes atoms that are where the model knows them");
    return code;
}

/* ---- the result ---- */

/* Ghosts are there as far as the lists reach, so that plain distances do. */
static struct vt_surroundings count_neighbours(const struct bench *bench)
{
    const struct vt_domain *domain = &bench->system.domain;
    const struct vt_atoms *atoms = &domain->atoms;
    const struct vt_nep *model = &bench->system.model;
    const int32_t stride = 1 + atoms->n_local / CENTRES;
    double sums[3] = {0}; /* radial, angular, centres */
    for (int32_t i = 0; i < atoms->n_local; i += stride, sums[2]++)
        for (int32_t j = 0; j < atoms->n_all; j++) {
            double r[3];
            for (int d = 0; d < 3; d++)
                r[d] = atoms->position[j][d] - atoms->position[i][d];
            const double distance = vt_norm(r);
            const int a = atoms->type[i], b = atoms->type[j];
            sums[0] += i != j && distance < vt_nep_pair_cutoff_radial(model, a, b);
            sums[1] += i != j && distance < vt_nep_pair_cutoff_angular(model, a, b);
        }
    vt_sum_over_ranks(bench->comm, sums, 3);
    return (struct vt_surroundings){.n_atoms = (double)bench->system.n_atoms,
                                    .volume = domain->cell.volume,
                                    .radial = sums[0] / sums[2],
                                    .angular = sums[1] / sums[2]};
}

static int by_seconds(const void *a, const void *b)
{
    const double x = ((const struct block *)a)->seconds, y = ((const struct block *)b)->seconds;
    return (x > y) - (x < y);
}

static int by_processor(const void *a, const void *b)
{
    const double x = ((const struct block *)a)->processor;
    const double y = ((const struct block *)b)->processor;
    return (x > y) - (x < y);
}

static void take_blocks(struct bench *bench)
{
    const struct settings *settings = bench->settings;
    struct vt_bench_result *result = &bench->result;
    const size_t n = (size_t)settings->n_blocks;
    qsort(bench->block, n, sizeof *bench->block, by_seconds);
    const struct block *median = &bench->block[n / 2];
    const double scale = 1e6 / (double)settings->n_steps / (double)bench->system.n_atoms;
    result->step = scale * median->seconds;
    result->fastest = scale * bench->block[0].seconds;
    result->slowest = scale * bench->block[n - 1].seconds;
    for (int p = 0; p < VT_BENCH_PARTS; p++)
        result->part[p] = scale * median->part[p];
    result->n_rebuilds = median->n_rebuilds;
    qsort(bench->block, n, sizeof *bench->block, by_processor);
    result->processor = scale * bench->block[n / 2].processor;
}

static void finish_result(struct bench *bench)
{
    const struct settings *settings = bench->settings;
    struct vt_bench_result *result = &bench->result;
    take_blocks(bench);
    result->model = settings->model;
    snprintf(result->hash, sizeof result->hash, "%s", bench->system.model.hash);
    result->isa = vt_isa_kernel(settings->isa)->name;
    result->mixed = vt_force_kernel(bench->system.force) != NULL;
    result->ranks = vt_rank_count(bench->comm);
    result->n_atoms = bench->system.n_atoms;
    result->n_warm_up = settings->n_warm_up;
    result->n_blocks = settings->n_blocks;
    result->n_steps = settings->n_steps;
    result->timestep = settings->timestep;
    result->temperature = vt_md_temperature(&bench->system.md);
    result->around = count_neighbours(bench);
    result->cost = vt_cost_estimate(&bench->system.model, &result->around);
}

static enum vt_code report(struct bench *bench, struct vt_error *error)
{
    vt_bench_print(&bench->result, bench->settings->compare ? &bench->before : NULL, stdout);
    if (!bench->json)
        return VT_OK;
    vt_bench_write_json(&bench->result, vt_file_stream(bench->json));
    struct vt_file *file = bench->json;
    bench->json = NULL;
    return vt_file_commit(file, error);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct bench *bench = NULL;
    enum vt_code code = vt_alloc(&bench, 1, sizeof *bench, "benchmark", error);
    code = vt_agree(session->comm, code, 0, error);
    if (code)
        goto done;
    bench->settings = config;
    bench->comm = session->comm;
    bench->rank = session->rank;
    bench->system.comm = MPI_COMM_NULL;
    code = set_up(bench, error);
    if (!code)
        code = run_blocks(bench, error);
    if (!code)
        finish_result(bench);
    if (!code)
        code = vt_agree(session->comm, session->rank == 0 ? report(bench, error) : VT_OK, 0, error);
    vt_file_discard(bench->json);
    vt_ensemble_destroy(bench->ensemble);
    vt_run_system_close(&bench->system);
done:
    vt_free(bench);
    return code;
}

/* ---- the command ---- */

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    vt_check_isa(settings->isa, check);
    vt_check_electrostatics(settings->electrostatics, check);
    if (settings->structure && vt_check_given(check, "atoms"))
        vt_hint(vt_check_fail(check, "atoms", "the structure has its own number of atoms"),
                "leave out --atoms, or --structure; --replicate makes more of a structure");
}

static const struct vt_entry entries[] = {
    {"model", VT_PATH_FIELD(struct settings, model), .required = true,
     .help = "the potential, a NEP or qNEP model"},
    {"structure", VT_PATH_FIELD(struct settings, structure),
     .help = "the atoms; without it a lattice of the model's elements"},
    {"atoms", VT_INTEGER_FIELD(struct settings, n_atoms), .fallback = "16000", .minimum = "1",
     .maximum = "100000000", .help = "of the lattice, about"},
    {"replicate", VT_INTEGER_ARRAY(struct settings, replicate), .fallback = "[1, 1, 1]",
     .minimum = "1", .maximum = "10000", .help = "copies along the three cell vectors"},
    {"steps", VT_INTEGER_FIELD(struct settings, n_steps), .fallback = "100", .minimum = "1",
     .maximum = "1000000000", .help = "of a block"},
    {"blocks", VT_INTEGER_FIELD(struct settings, n_blocks), .fallback = "5", .minimum = "1",
     .maximum = "100", .help = "of which the median counts"},
    {"warm-up", VT_INTEGER_FIELD(struct settings, n_warm_up), .fallback = "20", .minimum = "0",
     .maximum = "1000000000", .help = "steps before the first block"},
    {"precision", VT_WORD_FIELD(struct settings, precision, vt_precision_words),
     .fallback = "mixed", .help = "arithmetic of the potential"},
    {"isa", VT_WORD_FIELD(struct settings, isa, vt_isa_words), .fallback = "auto",
     .help = "instruction set of mixed precision"},
    {"electrostatics", VT_STRING_FIELD(struct settings, electrostatics), .fallback = "auto",
     .help = "of models with charges, as in predict: auto, pppm, ewald or gpumd, with an accuracy"},
    {"temperature", VT_REAL_FIELD(struct settings, temperature, VT_TEMPERATURE),
     .fallback = "300 K", .minimum = "0 K", .help = "that velocities are drawn at"},
    {"timestep", VT_REAL_FIELD(struct settings, timestep, VT_TIME), .fallback = "1 fs",
     .above = "0 fs", .maximum = "10 fs", .help = "time step"},
    {"skin", VT_REAL_FIELD(struct settings, skin, VT_LENGTH), .fallback = "1 A", .minimum = "0 A",
     .maximum = "10 A", .help = "reserve of the neighbour lists"},
    {"json", VT_PATH_FIELD(struct settings, json), .help = "write the figures to this file, too"},
    {"compare", VT_PATH_FIELD(struct settings, compare),
     .help = "an earlier file of --json: print its figures, and the ratio of these to them"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace a file of --json that exists"},
    {0}};

static const struct vt_table table = {"bench", "speed of dynamics, part by part",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {{"model", "NEP.txt"},
                                                     {"structure", "FILE"},
                                                     {"replicate", "[A,B,C]"},
                                                     {"electrostatics", "METHOD[:ACCURACY]"},
                                                     {"json", "FILE"},
                                                     {"compare", "FILE"},
                                                     {0}};

static const char about[] =
    "Runs dynamics, of a structure at constant energy, and prints what a step costs: in all, and "
    "for neighbour lists, halo (exchange with other ranks and waiting for them), the short-ranged "
    "part (descriptors, network, forces), electrostatics, integration and checks. Times are those "
    "of the clock; a warning says if other work had the processor meanwhile.\n\n"
    "Beside them: floating-point operations of the short-ranged part, counted from the formulas "
    "with the neighbours that the atoms have, and the rate at which they were done; the peak of a "
    "core (multiply-add on registers) and the bandwidth of the memory (a = b + s c), measured in "
    "the same run.\n\n"
    "Without --structure the elements of the model stand in equal shares on a simple cubic "
    "lattice at a density that follows from their covalent radii; they are relaxed, and a heat "
    "bath holds them at the temperature. This tells versions and machines apart; for figures that "
    "mean something take atoms as they are.\n\n"
    "mpirun -n P vitrion bench spreads the atoms over P ranks; the peak is then P times that of a "
    "core.";

const struct vt_command vt_command_bench = {&table, NULL, placeholders, about, run};
