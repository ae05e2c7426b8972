/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion analyze msd: mean square displacements and diffusion coefficients. */
#include <math.h>
#include <string.h>

#include "analysis/diffusion.h"
#include "analysis/msd.h"
#include "analysis/thermal.h"
#include "base/agree.h"
#include "base/memory.h"
#include "cli/analyze.h"

/* 1 A^2/fs = 0.1 cm^2/s */
#define CM2_PER_S 0.1

enum { FS_PER_PS = 1000 };

struct settings {
    struct vt_analyze_options options;
    double temperature, fit_from, fit_to;
    bool has_temperature;
};

/* What is found for one element. */
struct finding {
    struct vt_msd msd;
    struct vt_diffusion diffusion; /* rank 0 */
};

struct job {
    const struct settings *settings;
    struct vt_analyze analyze;
    struct vt_tracks *tracks;
    struct vt_thermal thermal;
    struct finding *finding; /* [n_findings] owned */
    size_t n_findings;
};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    vt_analyze_check(&settings->options, check);
    if (settings->fit_to > 0 && settings->fit_from >= settings->fit_to)
        vt_check_fail(check, "fit-from", "nothing lies between --fit-from and --fit-to");
}

/* ---- frames ---- */

static enum vt_code add_frame(void *at_work, const struct vt_snapshot *snapshot,
                              struct vt_error *error)
{
    struct job *job = at_work;
    vt_thermal_add(&job->thermal, snapshot);
    return vt_tracks_add(job->tracks, snapshot, error);
}

static enum vt_code compute(struct job *job, struct vt_error *error)
{
    const struct vt_session *session = job->analyze.session;
    const struct vt_diffusion_options options = {job->settings->fit_from, job->settings->fit_to};
    vt_tracks_species(job->tracks, &job->n_findings);
    enum vt_code code =
        vt_alloc(&job->finding, job->n_findings, sizeof *job->finding, "results", error);
    code = vt_agree(session->comm, code, 0, error);
    for (size_t s = 0; s < job->n_findings && !code; s++) {
        struct finding *finding = &job->finding[s];
        code = vt_msd_compute(&finding->msd, job->tracks, s, session->comm, error);
        if (!code && session->rank == 0)
            code = vt_diffusion_compute(&finding->diffusion, &finding->msd, &options, error);
        code = vt_agree(session->comm, code, (long)s, error);
    }
    return code;
}

/* ---- results ---- */

static void write_csv(const struct job *job)
{
    static const char *const axes[VT_TENSOR] = {"xx", "yy", "zz", "xy", "xz", "yz"};
    FILE *file = job->analyze.results.csv;
    fputs("time_ps", file);
    for (size_t s = 0; s < job->n_findings; s++) {
        const char *symbol = vt_element_symbol(job->finding[s].msd.element);
        fprintf(file, ",%s_msd_A2,%s_sigma_A2,%s_line_A2,%s_alpha2", symbol, symbol, symbol,
                symbol);
        for (int t = 0; t < VT_TENSOR; t++)
            fprintf(file, ",%s_%s_A2", symbol, axes[t]);
    }
    putc('\n', file);
    const struct vt_msd *first = &job->finding[0].msd;
    for (size_t m = 0, l = 0; m < first->n_frames; m++) {
        const bool chosen = l < first->n_lags && first->lag[l] == m;
        fprintf(file, "%.10g", (double)m * first->spacing / FS_PER_PS);
        for (size_t s = 0; s < job->n_findings; s++) {
            const struct finding *finding = &job->finding[s];
            const struct vt_msd *msd = &finding->msd;
            const double time = (double)m * msd->spacing;
            fprintf(file, ",%.8g,%.4g,", msd->mean[m], sqrt(msd->spread[m] / (double)msd->n_ions));
            if (time >= finding->diffusion.fit_from && time <= finding->diffusion.fit_to)
                fprintf(file, "%.8g",
                        finding->diffusion.intercept + 6 * finding->diffusion.d * time);
            putc(',', file);
            if (chosen)
                fprintf(file, "%.5g", msd->alpha2[l]);
            for (int t = 0; t < VT_TENSOR; t++)
                fprintf(file, ",%.8g", msd->tensor[t][m]);
        }
        putc('\n', file);
        l += chosen;
    }
}

static void write_finding(struct job *job, const struct finding *finding)
{
    const struct vt_diffusion *diffusion = &finding->diffusion;
    struct vt_json *json = &job->analyze.results.json;
    vt_json_open(json, NULL, VT_JSON_MAP);
    vt_json_text(json, "species", vt_element_symbol(finding->msd.element));
    vt_json_integer(json, "ions", (int64_t)finding->msd.n_ions);
    vt_json_real(json, "temperature_K",
                 job->settings->has_temperature ? job->settings->temperature
                                                : vt_thermal_temperature(&job->thermal));
    vt_json_real(json, "D_cm2_per_s", diffusion->d * CM2_PER_S);
    vt_json_real(json, "D_sigma_cm2_per_s", diffusion->sigma * CM2_PER_S);
    vt_json_real(json, "D_sigma_of_ions_cm2_per_s", diffusion->sigma_ions * CM2_PER_S);
    vt_json_real(json, "D_upper_bound_cm2_per_s", diffusion->upper_bound * CM2_PER_S);
    const double axis[3] = {diffusion->d_axis[0] * CM2_PER_S, diffusion->d_axis[1] * CM2_PER_S,
                            diffusion->d_axis[2] * CM2_PER_S};
    vt_json_reals(json, "D_axes_cm2_per_s", axis, 3);
    vt_json_bool(json, "diffusive", diffusion->is_diffusive);
    vt_json_bool(json, "linear", diffusion->is_linear);
    vt_json_real(json, "fit_from_ps", diffusion->fit_from / FS_PER_PS);
    vt_json_real(json, "fit_to_ps", diffusion->fit_to / FS_PER_PS);
    vt_json_real(json, "fit_p", diffusion->p);
    vt_json_real(json, "error_broadening", diffusion->broadening);
    vt_json_real(json, "msd_at_end_of_fit_A2",
                 diffusion->intercept + 6 * diffusion->d * diffusion->fit_to);
    vt_json_real(json, "volume_A3", vt_thermal_volume(&job->thermal));
    vt_json_close(json);
}

static void print_finding(const struct finding *finding)
{
    const struct vt_diffusion *d = &finding->diffusion;
    printf("%-2s %6zu ions  D = %.4g +- %.2g cm2/s  (+- %.2g from the ions; line from %.4g to %.4g "
           "ps, p = %.2g)\n",
           vt_element_symbol(finding->msd.element), finding->msd.n_ions, d->d * CM2_PER_S,
           d->sigma * CM2_PER_S, d->sigma_ions * CM2_PER_S, d->fit_from / FS_PER_PS,
           d->fit_to / FS_PER_PS, d->p);
    if (!d->is_diffusive)
        printf("   no diffusion is seen: %s; D is below %.2g cm2/s with 95 %%\n",
               d->is_linear ? "the line does not climb by more than two errors"
                            : "the displacement never becomes a line",
               d->upper_bound * CM2_PER_S);
}

static void report(struct job *job)
{
    vt_analyze_begin_results(&job->analyze, "analyze msd");
    write_csv(job);
    struct vt_json *json = &job->analyze.results.json;
    vt_json_open(json, "results", VT_JSON_LIST);
    for (size_t s = 0; s < job->n_findings; s++)
        write_finding(job, &job->finding[s]);
    vt_json_close(json);
    for (size_t s = 0; s < job->n_findings; s++)
        print_finding(&job->finding[s]);
}

/* With species that were asked for, one that does not diffuse is a failure; the results stand. */
static enum vt_code judge(const struct job *job, struct vt_error *error)
{
    if (job->settings->options.n_species == 0)
        return VT_OK;
    for (size_t s = 0; s < job->n_findings; s++) {
        const struct vt_diffusion *diffusion = &job->finding[s].diffusion;
        if (diffusion->is_diffusive)
            continue;
        vt_fail(error, VT_FAILED, "no diffusion of %s is seen: D is below %.2g cm2/s with 95 %%",
                vt_element_symbol(job->finding[s].msd.element), diffusion->upper_bound * CM2_PER_S);
        vt_hint(error, "a longer run or a higher temperature is needed; the results are written");
        return VT_FAILED;
    }
    return VT_OK;
}

static void close_job(struct job *job)
{
    for (size_t s = 0; s < job->n_findings && job->finding; s++)
        vt_msd_destroy(&job->finding[s].msd);
    vt_free(job->finding);
    vt_tracks_destroy(job->tracks);
    vt_analyze_close(&job->analyze);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct job job = {.settings = config};
    enum vt_code code = vt_analyze_open(&job.analyze, session, &job.settings->options, error);
    if (!code) {
        code = vt_tracks_create(&job.tracks, session->comm, job.analyze.wanted, error);
        if (!code)
            code = vt_analyze_each(&job.analyze, add_frame, &job, error);
        code = vt_agree(session->comm, code, (long)job.thermal.n, error);
    }
    if (!code)
        code = compute(&job, error);
    if (!code) {
        if (session->rank == 0)
            report(&job);
        code = vt_analyze_commit(&job.analyze, error);
    }
    if (!code)
        code = vt_agree(session->comm, session->rank == 0 ? judge(&job, error) : VT_OK, 0, error);
    close_job(&job);
    return code;
}

static const struct vt_entry entries[] = {
    {"temperature", VT_REAL_FIELD(struct settings, temperature, VT_TEMPERATURE), .above = "0 K",
     .given = VT_GIVEN(struct settings, has_temperature),
     .help = "of the run, for the summary; default: from the velocities, if there are any"},
    {"fit-from", VT_REAL_FIELD(struct settings, fit_from, VT_TIME), .fallback = "0 fs",
     .minimum = "0 fs", .help = "shortest time of the line; default: where the MSD becomes one"},
    {"fit-to", VT_REAL_FIELD(struct settings, fit_to, VT_TIME), .fallback = "0 fs",
     .minimum = "0 fs", .help = "longest time of the line; default: a third of the trajectory"},
    VT_ANALYZE_MOTION(struct settings, options),
    VT_ANALYZE_ENTRIES(struct settings, options),
    {0}};

static const struct vt_table table = {"analyze msd",
                                      "mean square displacements and diffusion coefficients",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {
    {"fit-from", "TIME"}, {"fit-to", "TIME"}, VT_ANALYZE_PLACEHOLDERS, {0}};

static const char about[] =
    "Mean square displacements (MSD) of each species over all origins, and the diffusion "
    "coefficient D from a straight line through them. The error of D is that of generalised least "
    "squares with the covariance which the overlap of the origins makes; where the ions differ "
    "more than such ways do, their own spread takes its place. Beside it stands the error from the "
    "spread of the coefficients of the single ions. The line starts where the MSD is one, within "
    "its errors.\n\n"
    "PREFIX.csv: a row for each time; for each species the MSD (A^2), its standard error from the "
    "spread of the ions, the line, the non-Gaussian parameter alpha2, and the six components of "
    "the tensor. PREFIX.json: `results`, one for each species, with D_cm2_per_s, "
    "D_sigma_cm2_per_s, fit_from_ps, fit_to_ps, ions, temperature_K, volume_A3 and more.\n\n"
    "A species that was asked for and does not diffuse ends the program with status 1, with an "
    "upper bound for D; the results are written all the same.\n\n"
    "mpirun -n P vitrion analyze msd deals the atoms over P ranks.";

const struct vt_command vt_command_analyze_msd = {&table, vt_analyze_operands, placeholders, about,
                                                  run};
