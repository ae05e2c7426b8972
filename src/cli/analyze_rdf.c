/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion analyze rdf: radial distribution functions and coordination numbers. */
#include <math.h>

#include "analysis/rdf.h"
#include "base/agree.h"
#include "base/memory.h"
#include "cli/analyze.h"

struct settings {
    struct vt_analyze_options options;
    double cutoff, width;
};

struct job {
    const struct settings *settings;
    struct vt_analyze analyze;
    struct vt_rdf *rdf;
    size_t n_bins;
    double width; /* A: the cutoff is a whole number of them */
    size_t n_elements;
    const int *element;
    double *values; /* [3 * pairs][n_bins]: g, number of b around a, of a around b */
};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    vt_analyze_check(&settings->options, check);
    if (settings->width > settings->cutoff / 10)
        vt_check_fail(check, "width", "there would be fewer than ten bins up to the cutoff");
    if (settings->cutoff / settings->width > 1e6)
        vt_check_fail(check, "width", "there would be more than a million bins up to the cutoff");
}

static enum vt_code add_frame(void *at_work, const struct vt_snapshot *snapshot,
                              struct vt_error *error)
{
    const struct job *job = at_work;
    return vt_rdf_add(job->rdf, snapshot, error);
}

static enum vt_code start(struct job *job, struct vt_error *error)
{
    job->n_bins = (size_t)lround(job->settings->cutoff / job->settings->width);
    job->width = job->settings->cutoff / (double)job->n_bins;
    const struct vt_rdf_options options = {job->settings->cutoff, job->n_bins, job->analyze.wanted};
    enum vt_code code = vt_rdf_create(&job->rdf, job->analyze.session->comm, &options, error);
    if (!code)
        code = vt_analyze_each(&job->analyze, add_frame, job, error);
    return code;
}

/* ---- results ---- */

/* For all pairs a <= b; on rank 0. */
static enum vt_code tabulate(struct job *job, struct vt_error *error)
{
    job->n_elements = vt_rdf_elements(job->rdf, &job->element);
    const size_t n = job->n_bins, n_pairs = job->n_elements * (job->n_elements + 1) / 2;
    const enum vt_code code =
        vt_alloc(&job->values, 3 * n_pairs * n, sizeof *job->values, "distances", error);
    if (code)
        return code;
    double *to = job->values;
    for (size_t a = 0; a < job->n_elements; a++)
        for (size_t b = a; b < job->n_elements; b++, to += 3 * n) {
            vt_rdf_pair(job->rdf, a, b, -1, to, to + n);
            vt_rdf_pair(job->rdf, b, a, -1, NULL, to + 2 * n);
        }
    return VT_OK;
}

static void write_csv(const struct job *job)
{
    FILE *file = job->analyze.results.csv;
    const size_t n = job->n_bins;
    fputs("r_A", file);
    for (size_t a = 0; a < job->n_elements; a++)
        for (size_t b = a; b < job->n_elements; b++) {
            const char *of_a = vt_element_symbol(job->element[a]),
                       *of_b = vt_element_symbol(job->element[b]);
            fprintf(file, ",%s-%s_g,%s-%s_number", of_a, of_b, of_a, of_b);
            if (a != b)
                fprintf(file, ",%s-%s_number", of_b, of_a);
        }
    putc('\n', file);
    for (size_t bin = 0; bin < n; bin++) {
        const double *of = job->values + bin;
        fprintf(file, "%.8g", ((double)bin + 0.5) * job->width);
        for (size_t a = 0; a < job->n_elements; a++)
            for (size_t b = a; b < job->n_elements; b++, of += 3 * n) {
                fprintf(file, ",%.10g,%.10g", of[0], of[n]);
                if (a != b)
                    fprintf(file, ",%.10g", of[2 * n]);
            }
        putc('\n', file);
    }
}

static void write_shell(struct vt_json *json, const char *of_a, const char *of_b,
                        const struct vt_shell *shell)
{
    vt_json_open_flat(json, NULL, VT_JSON_MAP);
    vt_json_text(json, "around", of_a);
    vt_json_text(json, "of", of_b);
    vt_json_real(json, "distance_A", shell->peak);
    vt_json_real(json, "distance_sigma_A", shell->peak_sigma);
    vt_json_real(json, "g", shell->height);
    vt_json_real(json, "end_A", shell->end);
    vt_json_real(json, "number", shell->number);
    vt_json_real(json, "number_sigma", shell->number_sigma);
    vt_json_close(json);
}

/* Shells, in the summary and on the screen. */
static enum vt_code report_shells(struct job *job, struct vt_error *error)
{
    struct vt_json *json = &job->analyze.results.json;
    vt_json_open(json, "shells", VT_JSON_LIST);
    printf("around of   distance, A  end, A   number\n");
    for (size_t a = 0; a < job->n_elements; a++)
        for (size_t b = 0; b < job->n_elements; b++) {
            struct vt_shell shell;
            const char *of_a = vt_element_symbol(job->element[a]),
                       *of_b = vt_element_symbol(job->element[b]);
            const enum vt_code code = vt_rdf_shell(job->rdf, a, b, &shell, error);
            if (code)
                return code;
            if (!shell.is_there)
                continue;
            write_shell(json, of_a, of_b, &shell);
            printf("%-6s %-2s  %12.3f %7.2f %8.3f", of_a, of_b, shell.peak, shell.end,
                   shell.number);
            if (isfinite(shell.number_sigma))
                printf(" +- %.3f", shell.number_sigma);
            putchar('\n');
        }
    vt_json_close(json);
    return VT_OK;
}

static enum vt_code report(struct job *job, struct vt_error *error)
{
    enum vt_code code = tabulate(job, error);
    if (code)
        return code;
    vt_analyze_begin_results(&job->analyze, "analyze rdf");
    vt_json_real(&job->analyze.results.json, "cutoff_A", job->settings->cutoff);
    vt_json_real(&job->analyze.results.json, "width_A", job->width);
    write_csv(job);
    return report_shells(job, error);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct job job = {.settings = config};
    enum vt_code code = vt_analyze_open(&job.analyze, session, &job.settings->options, error);
    if (!code)
        code = vt_agree(session->comm, start(&job, error), 0, error);
    if (!code) {
        vt_rdf_finish(job.rdf);
        code = vt_agree(session->comm, session->rank == 0 ? report(&job, error) : VT_OK, 0, error);
    }
    if (!code)
        code = vt_analyze_commit(&job.analyze, error);
    vt_free(job.values);
    vt_rdf_destroy(job.rdf);
    vt_analyze_close(&job.analyze);
    return code;
}

static const struct vt_entry entries[] = {
    {"cutoff", VT_REAL_FIELD(struct settings, cutoff, VT_LENGTH), .fallback = "10 A",
     .above = "0 A", .maximum = "1000 A",
     .help = "largest distance; beyond half of the cell, images count"},
    {"width", VT_REAL_FIELD(struct settings, width, VT_LENGTH), .fallback = "0.02 A",
     .above = "0 A", .help = "of a bin"},
    VT_ANALYZE_ENTRIES(struct settings, options),
    {0}};

static const struct vt_table table = {"analyze rdf",
                                      "radial distribution functions and coordination numbers",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {VT_ANALYZE_PLACEHOLDERS, {0}};

static const char about[] =
    "Partial radial distribution functions g(r) of all pairs of elements (or of those of "
    "--species), and the numbers of neighbours within each distance. g is normalised by the mean "
    "density of the frames, so that a cell may breathe.\n\n"
    "The table and the summary list first shells: the distance of the first maximum, the first "
    "minimum after it (within 1.8 times that distance), and the number of neighbours up to there. "
    "Errors are those of the mean over 8 to 16 blocks of frames, once there are that many.\n\n"
    "PREFIX.csv: a row for each bin, with its middle; for each pair g and the number within the "
    "end of the bin, in both directions. PREFIX.json: `shells`.\n\n"
    "mpirun -n P vitrion analyze rdf deals the frames over P ranks; the numbers are the same for "
    "every P.";

const struct vt_command vt_command_analyze_rdf = {&table, vt_analyze_operands, placeholders, about,
                                                  run};
