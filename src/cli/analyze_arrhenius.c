/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion analyze arrhenius: activation energies, and what follows at other temperatures. */
#include <math.h>
#include <string.h>

#include "analysis/arrhenius.h"
#include "base/agree.h"
#include "base/elements.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/results.h"
#include "cli/summaries.h"
#include "io/config.h"

enum { BAND_ROWS = 60 };

struct settings {
    char **paths;
    size_t n_paths;
    char *out, *species;
    bool replace, inflate, times_temperature;
    enum vt_quantity quantity;
    double *at;
    size_t n_at;
};

static const struct vt_word quantity_words[] = {
    {"D", VT_QUANTITY_D, "diffusion coefficients of `analyze msd`"},
    {"NE", VT_QUANTITY_NE, "Nernst-Einstein conductivities of `analyze conductivity`"},
    {"collective", VT_QUANTITY_COLLECTIVE, "collective conductivities of the same"},
    {0}};

struct fits {
    struct vt_arrhenius line;
    struct vt_vft vft;
    struct vt_bend bend;
};

struct job {
    const struct settings *settings;
    struct vt_summaries summaries;
    struct vt_result_files results;
    struct fits fits;
};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    if (settings->species && vt_atomic_number(settings->species, strlen(settings->species)) == 0)
        vt_check_fail(check, "species", "'%s' is no element", settings->species);
    if (settings->times_temperature && settings->quantity == VT_QUANTITY_D)
        vt_hint(vt_check_fail(check, "times-temperature", "D is fitted as it is"),
                "it is for conductivities: --quantity NE or collective");
}

static const char *unit(const struct settings *settings)
{
    if (settings->quantity == VT_QUANTITY_D)
        return "cm2_per_s";
    return settings->times_temperature ? "S_K_per_cm" : "S_per_cm";
}

/* ---- values ---- */

static enum vt_code gather(struct job *job, struct vt_error *error)
{
    const struct settings *settings = job->settings;
    struct vt_summaries *summaries = &job->summaries;
    summaries->quantity = settings->quantity;
    summaries->species = settings->species;
    enum vt_code code = VT_OK;
    for (size_t p = 0; p < settings->n_paths && !code; p++)
        code = vt_summaries_add(summaries, settings->paths[p], error);
    if (!code && summaries->n_rates == 0)
        code = vt_fail(error, VT_INPUT,
                       summaries->n_passed_over > 0 ? "all values say that nothing diffuses"
                                                    : "no summary with such values is there");
    for (size_t i = 0; i < summaries->n_rates && settings->times_temperature; i++) {
        summaries->rate[i].value *= summaries->rate[i].temperature;
        summaries->rate[i].sigma *= summaries->rate[i].temperature;
    }
    return code;
}

static enum vt_code fit(struct job *job, struct vt_error *error)
{
    const struct vt_rate *rate = job->summaries.rate;
    const size_t n = job->summaries.n_rates;
    struct fits *fits = &job->fits;
    enum vt_code code = vt_arrhenius_fit(&fits->line, rate, n, job->settings->inflate, error);
    if (!code)
        code = vt_vft_fit(&fits->vft, &fits->line, rate, n, error);
    if (!code)
        code = vt_bend_fit(&fits->bend, &fits->line, rate, n, error);
    return code;
}

/* ---- results ---- */

/* What is wanted at a temperature: always without the factor T. */
struct prediction {
    double value, low, high, sigma_ln;
};

static struct prediction predict(const struct job *job, double temperature)
{
    struct prediction at;
    const double ln = vt_arrhenius_at(&job->fits.line, temperature, &at.sigma_ln);
    const double factor = job->settings->times_temperature ? temperature : 1;
    at.value = exp(ln) / factor;
    at.low = exp(ln - at.sigma_ln) / factor;
    at.high = exp(ln + at.sigma_ln) / factor;
    return at;
}

static void write_csv(const struct job *job)
{
    FILE *file = job->results.csv;
    const struct vt_summaries *summaries = &job->summaries;
    const char *of = unit(job->settings);
    double least = INFINITY, most = 0;
    fprintf(file, "kind,temperature_K,value_%s,sigma_%s,line_%s,line_low_%s,line_high_%s\n", of, of,
            of, of, of);
    for (size_t i = 0; i < summaries->n_rates; i++) {
        const struct vt_rate *rate = &summaries->rate[i];
        double sigma;
        const double ln = vt_arrhenius_at(&job->fits.line, rate->temperature, &sigma);
        fprintf(file, "value,%g,%.8g,%.4g,%.8g,%.8g,%.8g\n", rate->temperature, rate->value,
                rate->sigma, exp(ln), exp(ln - sigma), exp(ln + sigma));
        least = fmin(least, rate->temperature);
        most = fmax(most, rate->temperature);
    }
    for (size_t i = 0; i < job->settings->n_at; i++) {
        least = fmin(least, job->settings->at[i]);
        most = fmax(most, job->settings->at[i]);
    }
    for (int i = 0; i < BAND_ROWS; i++) { /* equally spaced in 1/T */
        const double share = (double)i / (BAND_ROWS - 1);
        const double temperature = 1 / ((1 - share) / least + share / most);
        double sigma;
        const double ln = vt_arrhenius_at(&job->fits.line, temperature, &sigma);
        fprintf(file, "band,%.6g,,,%.8g,%.8g,%.8g\n", temperature, exp(ln), exp(ln - sigma),
                exp(ln + sigma));
    }
}

static void write_alternatives(struct vt_json *json, const struct fits *fits)
{
    if (fits->vft.is_known) {
        vt_json_open(json, "vogel_fulcher_tammann", VT_JSON_MAP);
        vt_json_real(json, "ln_prefactor", fits->vft.ln_prefactor);
        vt_json_real(json, "B_K", fits->vft.b);
        vt_json_real(json, "T0_K", fits->vft.t0);
        vt_json_real(json, "chi2", fits->vft.chi2);
        vt_json_real(json, "aicc", fits->vft.aicc);
        vt_json_close(json);
    }
    if (fits->bend.is_known) {
        vt_json_open(json, "bend", VT_JSON_MAP);
        vt_json_real(json, "temperature_K", fits->bend.temperature);
        vt_json_real(json, "Ea_below_eV", fits->bend.energy_low);
        vt_json_real(json, "Ea_above_eV", fits->bend.energy_high);
        vt_json_real(json, "p", fits->bend.p);
        vt_json_close(json);
    }
}

static void write_json(struct job *job)
{
    struct vt_json *json = &job->results.json;
    const struct vt_arrhenius *line = &job->fits.line;
    vt_json_text(json, "quantity", quantity_words[job->settings->quantity].name);
    vt_json_text(json, "unit", unit(job->settings));
    if (job->summaries.found[0])
        vt_json_text(json, "species", job->summaries.found);
    vt_json_integer(json, "values", (int64_t)job->summaries.n_rates);
    vt_json_integer(json, "passed_over", (int64_t)job->summaries.n_passed_over);
    vt_json_integer(json, "temperatures", (int64_t)line->n_temperatures);
    vt_json_real(json, "Ea_eV", line->energy);
    vt_json_real(json, "Ea_sigma_eV", sqrt(line->covariance[1][1]));
    vt_json_real(json, "ln_prefactor", line->ln_prefactor);
    vt_json_real(json, "ln_prefactor_sigma", sqrt(line->covariance[0][0]));
    vt_json_open_flat(json, "covariance", VT_JSON_LIST); /* of ln_prefactor, Ea_eV */
    for (int i = 0; i < 2; i++)
        vt_json_reals(json, NULL, line->covariance[i], 2);
    vt_json_close(json);
    vt_json_real(json, "chi2", line->chi2);
    vt_json_integer(json, "freedom", (int64_t)line->freedom);
    vt_json_real(json, "p", line->p);
    vt_json_real(json, "aicc", line->aicc);
    vt_json_real(json, "sigma_ln_between_samples", line->between);
    vt_json_real(json, "error_inflation", line->inflation);
    vt_json_open(json, "at", VT_JSON_LIST);
    for (size_t i = 0; i < job->settings->n_at; i++) {
        const struct prediction at = predict(job, job->settings->at[i]);
        vt_json_open_flat(json, NULL, VT_JSON_MAP);
        vt_json_real(json, "T_K", job->settings->at[i]);
        vt_json_real(json, "value", at.value);
        vt_json_real(json, "low", at.low);
        vt_json_real(json, "high", at.high);
        vt_json_real(json, "sigma_ln", at.sigma_ln);
        vt_json_close(json);
    }
    vt_json_close(json);
    write_alternatives(json, &job->fits);
}

static void print_summary(const struct job *job)
{
    const struct fits *fits = &job->fits;
    const struct vt_arrhenius *line = &fits->line;
    const char *of = job->settings->quantity == VT_QUANTITY_D ? "cm2/s" : "S/cm";
    printf("%zu values at %zu temperatures from %zu summaries\n", job->summaries.n_rates,
           line->n_temperatures, job->summaries.n_files);
    if (job->summaries.n_passed_over > 0)
        printf("note: %zu values passed over: nothing diffuses there\n",
               job->summaries.n_passed_over);
    printf("Ea        %.4f +- %.4f eV\n", line->energy, sqrt(line->covariance[1][1]));
    printf("prefactor exp(%.3f +- %.3f)\n", line->ln_prefactor, sqrt(line->covariance[0][0]));
    for (size_t i = 0; i < job->settings->n_at; i++) {
        const struct prediction at = predict(job, job->settings->at[i]);
        printf("at %g K  %.3g %s, %.3g to %.3g within one error\n", job->settings->at[i], at.value,
               of, at.low, at.high);
    }
    if (line->freedom > 0)
        printf("fit       chi2 %.3g of %zu freedoms, p = %.2g%s\n", line->chi2, line->freedom,
               line->p,
               line->p < 0.01 && line->inflation == 1 ? ": no line within the errors" : "");
    if (line->between > 0)
        printf("samples   differ by %.0f %% beyond their errors, which is in the errors above\n",
               100 * line->between);
    if (fits->vft.is_known && fits->vft.aicc < line->aicc)
        printf("note: Vogel-Fulcher-Tammann with T0 = %.0f K is likelier (AICc lower by %.1f)\n",
               fits->vft.t0, line->aicc - fits->vft.aicc);
    if (fits->bend.is_known && fits->bend.p < 0.01)
        printf("note: two lines fit better (p = %.2g): %.3f eV below and %.3f eV above %.0f K\n",
               fits->bend.p, fits->bend.energy_low, fits->bend.energy_high, fits->bend.temperature);
}

static enum vt_code analyze(const struct settings *settings, struct vt_error *error)
{
    struct job job = {.settings = settings};
    enum vt_code code =
        vt_result_files_create(&job.results, settings->out, settings->replace, error);
    if (!code)
        code = gather(&job, error);
    if (!code)
        code = fit(&job, error);
    if (!code) {
        vt_result_files_begin(&job.results, "analyze arrhenius", settings->paths,
                              settings->n_paths);
        write_csv(&job);
        write_json(&job);
        code = vt_result_files_commit(&job.results, error);
    }
    if (!code)
        print_summary(&job);
    vt_result_files_discard(&job.results);
    vt_summaries_destroy(&job.summaries);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? analyze(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"out", VT_PATH_FIELD(struct settings, out), .required = true,
     .help = "results go to PREFIX.csv and PREFIX.json"},
    {"quantity", VT_WORD_FIELD(struct settings, quantity, quantity_words), .fallback = "D",
     .help = "what is fitted"},
    {"species", VT_STRING_FIELD(struct settings, species),
     .help = "the element whose D is meant, where summaries have several"},
    {"times-temperature", VT_BOOL_FIELD(struct settings, times_temperature), .fallback = "false",
     .help = "fit the conductivity times the temperature"},
    {"at", VT_REAL_LIST(struct settings, at, n_at, VT_TEMPERATURE, 1, 100), .one_is_a_list = true,
     .fallback = "[300 K]", .above = "0 K", .help = "temperature to predict; may be given again"},
    {"inflate", VT_BOOL_FIELD(struct settings, inflate), .fallback = "false",
     .help = "if the values scatter more than their errors say, multiply the errors until they do "
             "not"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace results that exist"},
    {"summary", VT_PATH_LIST(struct settings, paths, n_paths, 1, VT_UNLIMITED),
     .one_is_a_list = true, .required = true,
     .help = "JSON summaries of one temperature each, or folders in which to look for them"},
    {0}};

static const struct vt_table table = {"analyze arrhenius",
                                      "activation energy, and values at other temperatures",
                                      sizeof(struct settings), entries, check_settings};

static const char *const operands[] = {"summary", NULL};

static const struct vt_placeholder placeholders[] = {
    {"out", "PREFIX"}, {"species", "ELEMENT"}, {"at", "TEMPERATURE"}, {"summary", "PATH..."}, {0}};

static const char about[] =
    "Fits ln D (or ln sigma, ln sigma T) against 1/T, each value weighted by its error: activation "
    "energy Ea and prefactor with their covariance, and the values at other temperatures with "
    "theirs. Several values at one temperature, as from several glasses, that scatter more than "
    "their errors say get the variance between them added. The p of the fit is the probability "
    "that a line leaves larger deviations.\n\n"
    "Two alternatives are tried where there are at least five temperatures: the law of Vogel, "
    "Fulcher and Tammann, compared by the corrected information criterion of Akaike (AICc), and "
    "two lines that meet at one of the temperatures.\n\n"
    "PREFIX.csv: rows `value` (the values and the line there) and `band` (the line with its "
    "error); PREFIX.json: Ea_eV, Ea_sigma_eV, ln_prefactor, covariance (of ln_prefactor and Ea), "
    "at (a list of T_K, value, low, high, sigma_ln), chi2, p, and the alternatives.";

const struct vt_command vt_command_analyze_arrhenius = {&table, operands, placeholders, about, run};
