/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion analyze doas: the density of atomistic states. */
#include <math.h>
#include <string.h>

#include "analysis/doas.h"
#include "base/agree.h"
#include "base/memory.h"
#include "cli/analyze.h"
#include "force/arithmetic.h"
#include "force/force.h"
#include "io/frame.h"

enum { MOST_PEAKS = 32 };

/* Of the highest maximum: what a lower one must rise above the valley to count. */
static const double prominence = 0.1;

struct settings {
    struct vt_analyze_options options;
    char *model, *electrostatics;
    double bin, width;
};

/* Energies from a model instead of the trajectory. */
struct evaluator {
    struct vt_nep model;
    struct vt_force *force; /* NULL: there is no model, or one without charges has one part */
    int *type;              /* [n] */
    double *network;        /* [n]: network and ZBL */
    size_t type_capacity, network_capacity;
};

struct job {
    const struct settings *settings;
    struct vt_analyze analyze;
    struct evaluator evaluator;
    int n_parts;
    struct vt_doas *doas;
    struct vt_doas_curve *curve; /* [element][part], rank 0 */
    size_t n_elements;
    const int *element;
};

static const char *const part_name[VT_DOAS_PARTS] = {"total", "network", "electrostatic"};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    vt_analyze_check(&settings->options, check);
    vt_check_electrostatics(settings->electrostatics, check);
    if (settings->width > 0 && settings->width < settings->bin)
        vt_hint(vt_check_fail(check, "width", "the Gaussian is narrower than a bin"),
                "0 eV: the bare histogram");
}

/* ---- energies ---- */

static enum vt_code open_evaluator(struct job *job, struct vt_error *error)
{
    struct evaluator *evaluator = &job->evaluator;
    struct vt_force_options options = {.precision = VT_DOUBLE};
    job->n_parts = 1;
    if (!job->settings->model)
        return VT_OK;
    vt_read_electrostatics(job->settings->electrostatics, &options);
    enum vt_code code = vt_nep_read(&evaluator->model, job->settings->model, error);
    if (!code)
        code = vt_force_create(&evaluator->force, &evaluator->model, &options, error);
    if (!code && evaluator->model.charge_mode)
        job->n_parts = VT_DOAS_PARTS;
    return code;
}

static void close_evaluator(struct evaluator *evaluator)
{
    vt_force_destroy(evaluator->force);
    vt_nep_destroy(&evaluator->model);
    vt_free(evaluator->type);
    vt_free(evaluator->network);
}

static enum vt_code find_types(struct evaluator *evaluator, const struct vt_snapshot *snapshot,
                               struct vt_error *error)
{
    enum vt_code code = vt_reserve(&evaluator->type, &evaluator->type_capacity, snapshot->n,
                                   sizeof *evaluator->type, "types", error);
    if (!code)
        code = vt_reserve(&evaluator->network, &evaluator->network_capacity, snapshot->n,
                          sizeof *evaluator->network, "energies", error);
    for (size_t i = 0; i < snapshot->n && !code; i++) {
        evaluator->type[i] = vt_nep_type(&evaluator->model, snapshot->element[i]);
        if (evaluator->type[i] < 0)
            code = vt_fail_at(error, snapshot->place, VT_INPUT,
                              "atom %zu is %s, which the model does not know", i + 1,
                              vt_element_symbol(snapshot->element[i]));
    }
    return code;
}

static enum vt_code evaluate(struct evaluator *evaluator, const struct vt_snapshot *snapshot,
                             const double *energies[VT_DOAS_PARTS], struct vt_error *error)
{
    struct vt_system system = {.n_atoms = snapshot->n,
                               .open = vt_frame_slab(snapshot->periodic),
                               .position = snapshot->as_read,
                               .type = evaluator->type};
    memcpy(system.cell, snapshot->cell.vector, sizeof system.cell);
    const enum vt_code code = vt_force_compute(evaluator->force, &system, error);
    if (code)
        return code;
    const struct vt_results *results = vt_force_results(evaluator->force);
    for (size_t i = 0; i < snapshot->n; i++)
        evaluator->network[i] = results->energies_network[i] + results->energies_zbl[i];
    energies[VT_DOAS_TOTAL] = results->energies;
    energies[VT_DOAS_NETWORK] = evaluator->network;
    energies[VT_DOAS_COULOMB] = results->energies_coulomb;
    return VT_OK;
}

static enum vt_code find_energies(struct job *job, const struct vt_snapshot *snapshot,
                                  const double *energies[VT_DOAS_PARTS], struct vt_error *error)
{
    if (job->evaluator.force) {
        const enum vt_code code = find_types(&job->evaluator, snapshot, error);
        return code ? code : evaluate(&job->evaluator, snapshot, energies, error);
    }
    energies[VT_DOAS_TOTAL] = snapshot->energy;
    if (snapshot->energy)
        return VT_OK;
    vt_fail_at(error, snapshot->place, VT_INPUT, "the frame has no energies of its atoms");
    vt_hint(error, "let a model make them: --model NEP.txt");
    return VT_INPUT;
}

static enum vt_code add_frame(void *at_work, const struct vt_snapshot *snapshot,
                              struct vt_error *error)
{
    struct job *job = at_work;
    const double *energies[VT_DOAS_PARTS] = {NULL};
    enum vt_code code = VT_OK;
    if (vt_doas_wants(job->doas, snapshot))
        code = find_energies(job, snapshot, energies, error);
    return code ? code : vt_doas_add(job->doas, snapshot, energies, error);
}

static enum vt_code start(struct job *job, struct vt_error *error)
{
    enum vt_code code = open_evaluator(job, error);
    const struct vt_doas_options options = {job->settings->bin, job->n_parts, job->analyze.wanted};
    if (!code)
        code = vt_doas_create(&job->doas, job->analyze.session->comm, &options, error);
    return code ? code : vt_analyze_each(&job->analyze, add_frame, job, error);
}

/* ---- results ---- */

static const struct vt_doas_curve *curve_of(const struct job *job, size_t element, int part)
{
    return &job->curve[element * (size_t)job->n_parts + (size_t)part];
}

static enum vt_code make_curves(struct job *job, struct vt_error *error)
{
    job->n_elements = vt_doas_elements(job->doas, &job->element);
    enum vt_code code = vt_alloc(&job->curve, job->n_elements * (size_t)job->n_parts + 1,
                                 sizeof *job->curve, "curves", error);
    for (size_t e = 0; e < job->n_elements; e++)
        for (int p = 0; p < job->n_parts && !code; p++)
            code = vt_doas_curve(job->doas, e, (enum vt_doas_part)p, job->settings->width,
                                 &job->curve[e * (size_t)job->n_parts + (size_t)p], error);
    return code;
}

/* All curves over one axis: they lie on the same bins. */
static void write_csv(const struct job *job)
{
    FILE *file = job->analyze.results.csv;
    const double bin = job->settings->bin;
    const size_t n = job->n_elements * (size_t)job->n_parts;
    double first = INFINITY, end = -INFINITY;
    fputs("energy_eV", file);
    for (size_t c = 0; c < n; c++) {
        const struct vt_doas_curve *curve = &job->curve[c];
        first = fmin(first, curve->first);
        end = fmax(end, curve->first + (double)curve->n * bin);
        fprintf(file, ",%s_%s_per_eV", vt_element_symbol(job->element[c / (size_t)job->n_parts]),
                part_name[c % (size_t)job->n_parts]);
    }
    putc('\n', file);
    const long rows = n > 0 ? lround((end - first) / bin) : 0;
    for (long row = 0; row < rows; row++) {
        fprintf(file, "%.8g", first + ((double)row + 0.5) * bin);
        for (size_t c = 0; c < n; c++) {
            const struct vt_doas_curve *curve = &job->curve[c];
            const long k = row - lround((curve->first - first) / bin);
            fprintf(file, ",%.6g", k >= 0 && k < (long)curve->n ? curve->density[k] : 0.0);
        }
        putc('\n', file);
    }
}

static void report_part(struct job *job, size_t element, int part)
{
    struct vt_json *json = &job->analyze.results.json;
    double peak[MOST_PEAKS];
    const char *symbol = vt_element_symbol(job->element[element]);
    const struct vt_doas_moments moments =
        vt_doas_moments(job->doas, element, (enum vt_doas_part)part);
    const size_t n = vt_doas_peaks(curve_of(job, element, part), prominence, peak, MOST_PEAKS);
    const size_t n_told = n < MOST_PEAKS ? n : MOST_PEAKS;
    vt_json_open_flat(json, NULL, VT_JSON_MAP);
    vt_json_text(json, "species", symbol);
    vt_json_text(json, "energy", part_name[part]);
    vt_json_real(json, "mean_eV", moments.mean);
    vt_json_real(json, "deviation_eV", moments.deviation);
    vt_json_real(json, "between_atoms_eV", moments.between);
    vt_json_real(json, "within_atoms_eV", moments.within);
    vt_json_reals(json, "peaks_eV", peak, n_told);
    vt_json_close(json);
    printf("%-7s %-13s %9.3f %10.3f %8.3f %7.3f   %zu at", symbol, part_name[part], moments.mean,
           moments.deviation, moments.between, moments.within, n);
    for (size_t k = 0; k < n_told && k < 4; k++)
        printf(" %.3f", peak[k]);
    puts(n_told > 4 ? " ..." : "");
}

static enum vt_code report(struct job *job, struct vt_error *error)
{
    const enum vt_code code = make_curves(job, error);
    if (code)
        return code;
    struct vt_json *json = &job->analyze.results.json;
    vt_analyze_begin_results(&job->analyze, "analyze doas");
    vt_json_real(json, "bin_eV", job->settings->bin);
    vt_json_real(json, "width_eV", job->settings->width);
    if (job->settings->model)
        vt_json_text(json, "model", job->settings->model);
    write_csv(job);
    vt_json_open(json, "results", VT_JSON_LIST);
    printf("species energy          mean, eV  deviation  between  within   peaks\n");
    for (size_t e = 0; e < job->n_elements; e++)
        for (int p = 0; p < job->n_parts; p++)
            report_part(job, e, p);
    vt_json_close(json);
    return VT_OK;
}

static void close_job(struct job *job)
{
    for (size_t c = 0; job->curve && c < job->n_elements * (size_t)job->n_parts; c++)
        vt_free(job->curve[c].density);
    vt_free(job->curve);
    vt_doas_destroy(job->doas);
    close_evaluator(&job->evaluator);
    vt_analyze_close(&job->analyze);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct job job = {.settings = config};
    enum vt_code code = vt_analyze_open(&job.analyze, session, &job.settings->options, error);
    if (!code)
        code = vt_agree(session->comm, start(&job, error), 0, error);
    if (!code)
        code = vt_doas_finish(job.doas, error);
    if (!code)
        code = vt_agree(session->comm, session->rank == 0 ? report(&job, error) : VT_OK, 0, error);
    if (!code)
        code = vt_analyze_commit(&job.analyze, error);
    close_job(&job);
    return code;
}

static const struct vt_entry entries[] = {
    {"model", VT_PATH_FIELD(struct settings, model),
     .help = "energies are those of this potential; without it those that the frames have"},
    {"electrostatics", VT_STRING_FIELD(struct settings, electrostatics), .fallback = "gpumd",
     .help =
         "of a model with charges, as in predict: gpumd, ewald, pppm or auto, with an accuracy"},
    {"bin", VT_REAL_FIELD(struct settings, bin, VT_ENERGY), .fallback = "0.01 eV", .above = "0 eV",
     .help = "width of a bin"},
    {"width", VT_REAL_FIELD(struct settings, width, VT_ENERGY), .fallback = "0.03 eV",
     .minimum = "0 eV", .maximum = "100 eV",
     .help = "standard deviation of the Gaussian that spreads each count; 0 eV: none"},
    VT_ANALYZE_ENTRIES(struct settings, options),
    {0}};

static const struct vt_table table = {"analyze doas",
                                      "distribution of the energies of atoms (density of "
                                      "atomistic states)",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {
    {"model", "NEP.txt"}, {"electrostatics", "METHOD[:ACCURACY]"}, VT_ANALYZE_PLACEHOLDERS, {0}};

static const char about[] =
    "How the energies of the atoms of each element are distributed, over atoms and frames: sites "
    "that differ make peaks, a glass one broad hump. Energies are those of a model (--model; of "
    "one with charges the total, the part of the network with ZBL, and the electrostatic part), "
    "or the totals that the frames have (column energies, field energy of a run).\n\n"
    "The table and the summary tell mean and standard deviation; the latter's two parts, the "
    "deviation between the means of the atoms over time, and that of atoms about their own means; "
    "and the maxima of the curve that rise above the valley beside them by a tenth of the highest "
    "one. How an energy is shared out among atoms is the model's choice: compare structures with "
    "the same model only.\n\n"
    "PREFIX.csv: a row for each bin, with its middle; for each element and energy the density, "
    "whose integral is 1. PREFIX.json: `results`.\n\n"
    "mpirun -n P vitrion analyze doas deals the frames over P ranks.";

const struct vt_command vt_command_analyze_doas = {&table, vt_analyze_operands, placeholders, about,
                                                   run};
