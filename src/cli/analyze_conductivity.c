/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion analyze conductivity: Nernst-Einstein and collective conductivity, and their ratio. */
#include <math.h>
#include <string.h>

#include "analysis/collective.h"
#include "analysis/thermal.h"
#include "base/agree.h"
#include "base/memory.h"
#include "base/units.h"
#include "cli/analyze.h"
#include "structure/charges.h"

enum { FS_PER_PS = 1000 };

#define CM2_PER_S 0.1 /* 1 A^2/fs */

enum charge_source { FORMAL, DYNAMIC };

static const struct vt_word source_words[] = {
    {"formal", FORMAL, "usual charges of the elements, or those of --charge"},
    {"dynamic", DYNAMIC, "means of the charges that the trajectory has for each atom"},
    {0}};

struct settings {
    struct vt_analyze_options options;
    double temperature, fit_from, fit_to;
    bool has_temperature;
    enum charge_source source;
    char *charge;
};

struct value {
    double value, sigma;
};

struct job {
    const struct settings *settings;
    struct vt_analyze analyze;
    size_t n_carriers;
    struct vt_carrier carrier[VT_CARRIERS_MOST]; /* in the order of atomic numbers */
    struct vt_tracks *tracks;
    struct vt_collective *collective;
    struct vt_thermal thermal;
    struct vt_msd msd[VT_CARRIERS_MOST];
    /* results, rank 0 */
    struct vt_diffusion diffusion[VT_CARRIERS_MOST];
    struct vt_walk charge;
    double kelvin;
    struct value einstein, collective_sigma, haven; /* S/cm, S/cm, 1 */
};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    struct vt_charges charges;
    struct vt_error error = {0};
    vt_analyze_check(&settings->options, check);
    if (vt_charges_set(&charges, settings->charge, &error))
        vt_hint(vt_check_fail(check, "charge", "%s", error.message), "%s", error.hint);
    if (settings->charge && settings->source == DYNAMIC)
        vt_check_fail(check, "charge", "charges are given, and taken from the trajectory");
    if (settings->options.n_species > VT_CARRIERS_MOST)
        vt_check_fail(check, "species", "there can be %d carriers at most", VT_CARRIERS_MOST);
    if (settings->fit_to > 0 && settings->fit_from >= settings->fit_to)
        vt_check_fail(check, "fit-from", "nothing lies between --fit-from and --fit-to");
}

/* ---- charges ---- */

static enum vt_code formal_charges(const struct job *job, double *charge, struct vt_error *error)
{
    struct vt_charges formal;
    const enum vt_code code = vt_charges_set(&formal, job->settings->charge, error);
    if (code)
        return code;
    for (int z = 1; z <= VT_ELEMENTS; z++) {
        charge[z] = formal.charge[z];
        if (job->analyze.wanted[z] && (!formal.is_known[z] || charge[z] == 0)) {
            vt_fail(error, VT_INPUT, "the charge of %s is not known", vt_element_symbol(z));
            vt_hint(error, "say it, as in --charge %s=1", vt_element_symbol(z));
            return VT_INPUT;
        }
    }
    return VT_OK;
}

/* Sums over atoms and frames. */
struct charge_sums {
    double charge[VT_ELEMENTS + 1], count[VT_ELEMENTS + 1];
};

static enum vt_code add_charges(void *at_work, const struct vt_snapshot *snapshot,
                                struct vt_error *error)
{
    struct charge_sums *sums = at_work;
    if (!snapshot->charge) {
        vt_fail_at(error, snapshot->place, VT_INPUT, "the frame has no charges");
        vt_hint(error, "they are a column `charges`; or use --charges formal");
        return VT_INPUT;
    }
    for (size_t i = 0; i < snapshot->n; i++) {
        sums->charge[snapshot->element[i]] += snapshot->charge[i];
        sums->count[snapshot->element[i]]++;
    }
    return VT_OK;
}

/* Means over all atoms and frames, in a pass of its own. */
static enum vt_code dynamic_charges(struct job *job, double *charge, struct vt_error *error)
{
    struct charge_sums sums = {0};
    const enum vt_code code = vt_analyze_each(&job->analyze, add_charges, &sums, error);
    if (code)
        return code;
    for (int z = 1; z <= VT_ELEMENTS; z++)
        charge[z] = sums.charge[z] / fmax(sums.count[z], 1);
    return vt_stream_rewind(job->analyze.stream, error);
}

static enum vt_code set_carriers(struct job *job, struct vt_error *error)
{
    double charge[VT_ELEMENTS + 1] = {0};
    const bool is_formal = job->settings->source == FORMAL;
    const enum vt_code code =
        (is_formal ? formal_charges(job, charge, error) : dynamic_charges(job, charge, error));
    if (code)
        return code;
    for (int z = 1; z <= VT_ELEMENTS; z++)
        if (job->analyze.wanted[z])
            job->carrier[job->n_carriers++] = (struct vt_carrier){z, charge[z]};
    return VT_OK;
}

/* ---- frames ---- */

static enum vt_code add_frame(void *at_work, const struct vt_snapshot *snapshot,
                              struct vt_error *error)
{
    struct job *job = at_work;
    vt_thermal_add(&job->thermal, snapshot);
    const enum vt_code code = vt_tracks_add(job->tracks, snapshot, error);
    return code ? code : vt_collective_add(job->collective, snapshot, error);
}

static enum vt_code set_temperature(struct job *job, struct vt_error *error)
{
    job->kelvin = job->settings->has_temperature ? job->settings->temperature
                                                 : vt_thermal_temperature(&job->thermal);
    if (job->kelvin > 0)
        return VT_OK;
    vt_fail(error, VT_INPUT, "the temperature is not known: the frames have no velocities");
    vt_hint(error, "tell it with --temperature");
    return VT_INPUT;
}

static enum vt_code check_species(const struct job *job, struct vt_error *error)
{
    size_t n;
    const struct vt_tracks_species *species = vt_tracks_species(job->tracks, &n);
    for (size_t c = 0; c < job->n_carriers; c++)
        if (c >= n || species[c].element != job->carrier[c].element)
            return vt_fail(error, VT_INPUT, "the trajectory has no %s",
                           vt_element_symbol(job->carrier[c].element));
    return VT_OK;
}

/* ---- conductivities ---- */

static void conclude(struct job *job)
{
    const double volume = vt_thermal_volume(&job->thermal);
    double self = 0, variance = 0; /* e^2 A^2/fs */
    for (size_t c = 0; c < job->n_carriers; c++) {
        const double charge = job->carrier[c].charge;
        const double weight = (double)job->msd[c].n_ions * charge * charge;
        self += weight * job->diffusion[c].d;
        variance += pow(weight * job->diffusion[c].sigma, 2);
    }
    const double unit = vt_conductivity(1, volume, job->kelvin);
    const struct vt_diffusion *charge = &job->charge.diffusion;
    job->einstein = (struct value){self * unit, sqrt(variance) * unit};
    job->collective_sigma = (struct value){charge->d * unit, charge->sigma * unit};
    job->haven.value = self / charge->d;
    job->haven.sigma =
        fabs(job->haven.value) * hypot(sqrt(variance) / self, charge->sigma / charge->d);
}

static enum vt_code compute(struct job *job, struct vt_error *error)
{
    const struct vt_session *session = job->analyze.session;
    const struct vt_diffusion_options options = {job->settings->fit_from, job->settings->fit_to};
    enum vt_code code = check_species(job, error);
    if (!code)
        code = set_temperature(job, error);
    for (size_t c = 0; c < job->n_carriers && !code; c++) {
        code = vt_msd_compute(&job->msd[c], job->tracks, c, session->comm, error);
        if (!code && session->rank == 0)
            code = vt_diffusion_compute(&job->diffusion[c], &job->msd[c], &options, error);
        code = vt_agree(session->comm, code, (long)c, error);
    }
    if (!code && session->rank == 0) {
        code = vt_collective_charge(job->collective, &job->charge, &options, error);
        if (!code)
            conclude(job);
    }
    return vt_agree(session->comm, code, 0, error);
}

/* ---- results ---- */

static void write_csv(const struct job *job)
{
    FILE *file = job->analyze.results.csv;
    const struct vt_msd *charge = &job->charge.msd;
    const struct vt_diffusion *line = &job->charge.diffusion;
    fputs("time_ps,charge_msd_e2_A2,charge_line_e2_A2,independent_ions_msd_e2_A2\n", file);
    for (size_t m = 0; m < charge->n_frames; m++) {
        const double time = (double)m * charge->spacing;
        double independent = 0;
        for (size_t c = 0; c < job->n_carriers; c++)
            independent += (double)job->msd[c].n_ions * job->carrier[c].charge *
                           job->carrier[c].charge * job->msd[c].mean[m];
        fprintf(file, "%.10g,%.8g,", time / FS_PER_PS, charge->mean[m]);
        if (time >= line->fit_from && time <= line->fit_to)
            fprintf(file, "%.8g", line->intercept + 6 * line->d * time);
        fprintf(file, ",%.8g\n", independent);
    }
}

static enum vt_code write_onsager(struct job *job, struct vt_error *error)
{
    struct vt_json *json = &job->analyze.results.json;
    const struct vt_diffusion_options options = {job->settings->fit_from, job->settings->fit_to};
    const double unit = vt_conductivity(1, vt_thermal_volume(&job->thermal), job->kelvin);
    enum vt_code code = VT_OK;
    vt_json_open(json, "onsager", VT_JSON_LIST);
    for (size_t a = 0; a < job->n_carriers && job->n_carriers > 1; a++)
        for (size_t b = a; b < job->n_carriers && !code; b++) {
            struct vt_onsager onsager;
            code = vt_collective_onsager(job->collective, a, b, &options, &onsager, error);
            if (code)
                break;
            vt_json_open_flat(json, NULL, VT_JSON_MAP);
            vt_json_text(json, "a", vt_element_symbol(job->carrier[a].element));
            vt_json_text(json, "b", vt_element_symbol(job->carrier[b].element));
            vt_json_real(json, "L_S_per_cm_e2", onsager.value * unit);
            vt_json_real(json, "L_sigma_S_per_cm_e2", onsager.sigma * unit);
            vt_json_close(json);
        }
    vt_json_close(json);
    return code;
}

static void write_carrier(struct job *job, size_t c)
{
    struct vt_json *json = &job->analyze.results.json;
    vt_json_open(json, NULL, VT_JSON_MAP);
    vt_json_text(json, "species", vt_element_symbol(job->carrier[c].element));
    vt_json_integer(json, "ions", (int64_t)job->msd[c].n_ions);
    vt_json_real(json, "charge_e", job->carrier[c].charge);
    vt_json_real(json, "D_cm2_per_s", job->diffusion[c].d * CM2_PER_S);
    vt_json_real(json, "D_sigma_cm2_per_s", job->diffusion[c].sigma * CM2_PER_S);
    vt_json_bool(json, "diffusive", job->diffusion[c].is_diffusive);
    vt_json_close(json);
}

static enum vt_code write_json(struct job *job, struct vt_error *error)
{
    struct vt_json *json = &job->analyze.results.json;
    const struct vt_diffusion *charge = &job->charge.diffusion;
    vt_json_real(json, "temperature_K", job->kelvin);
    vt_json_real(json, "volume_A3", vt_thermal_volume(&job->thermal));
    vt_json_text(json, "charges", source_words[job->settings->source].name);
    vt_json_open(json, "carriers", VT_JSON_LIST);
    for (size_t c = 0; c < job->n_carriers; c++)
        write_carrier(job, c);
    vt_json_close(json);
    vt_json_real(json, "sigma_NE_S_per_cm", job->einstein.value);
    vt_json_real(json, "sigma_NE_sigma_S_per_cm", job->einstein.sigma);
    vt_json_real(json, "sigma_collective_S_per_cm", job->collective_sigma.value);
    vt_json_real(json, "sigma_collective_sigma_S_per_cm", job->collective_sigma.sigma);
    vt_json_real(json, "haven_ratio", job->haven.value);
    vt_json_real(json, "haven_ratio_sigma", job->haven.sigma);
    vt_json_bool(json, "collective_diffusive", charge->is_diffusive);
    vt_json_real(json, "collective_fit_from_ps", charge->fit_from / FS_PER_PS);
    vt_json_real(json, "collective_fit_to_ps", charge->fit_to / FS_PER_PS);
    vt_json_real(json, "collective_fit_p", charge->p);
    return write_onsager(job, error);
}

static void print_summary(const struct job *job)
{
    for (size_t c = 0; c < job->n_carriers; c++)
        printf("%-2s %6zu ions of %+.3g e  D = %.4g +- %.2g cm2/s%s\n",
               vt_element_symbol(job->carrier[c].element), job->msd[c].n_ions,
               job->carrier[c].charge, job->diffusion[c].d * CM2_PER_S,
               job->diffusion[c].sigma * CM2_PER_S,
               job->diffusion[c].is_diffusive ? "" : "  (no diffusion is seen)");
    printf("at %.1f K, in %.1f A3\n", job->kelvin, vt_thermal_volume(&job->thermal));
    printf("sigma, independent ions (Nernst-Einstein)  %.4g +- %.2g mS/cm\n",
           1e3 * job->einstein.value, 1e3 * job->einstein.sigma);
    printf("sigma, all correlations (collective)       %.4g +- %.2g mS/cm%s\n",
           1e3 * job->collective_sigma.value, 1e3 * job->collective_sigma.sigma,
           job->charge.diffusion.is_diffusive ? "" : "  (not significant)");
    printf("Haven ratio                                %.3g +- %.2g\n", job->haven.value,
           job->haven.sigma);
}

static enum vt_code report(struct job *job, struct vt_error *error)
{
    vt_analyze_begin_results(&job->analyze, "analyze conductivity");
    write_csv(job);
    return write_json(job, error);
}

static enum vt_code start(struct job *job, struct vt_error *error)
{
    const MPI_Comm comm = job->analyze.session->comm;
    enum vt_code code = set_carriers(job, error);
    if (!code)
        code = vt_tracks_create(&job->tracks, comm, job->analyze.wanted, error);
    if (!code)
        code = vt_collective_create(&job->collective, job->carrier, job->n_carriers, error);
    return code ? code : vt_analyze_each(&job->analyze, add_frame, job, error);
}

static void close_job(struct job *job)
{
    for (size_t c = 0; c < job->n_carriers; c++)
        vt_msd_destroy(&job->msd[c]);
    vt_msd_destroy(&job->charge.msd);
    vt_tracks_destroy(job->tracks);
    vt_collective_destroy(job->collective);
    vt_analyze_close(&job->analyze);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct job job = {.settings = config};
    enum vt_code code = vt_analyze_open(&job.analyze, session, &job.settings->options, error);
    if (!code)
        code = vt_agree(session->comm, start(&job, error), (long)job.thermal.n, error);
    if (!code)
        code = compute(&job, error);
    if (!code)
        code = vt_agree(session->comm, session->rank == 0 ? report(&job, error) : VT_OK, 0, error);
    if (!code)
        code = vt_analyze_commit(&job.analyze, error);
    if (!code && session->rank == 0)
        print_summary(&job);
    close_job(&job);
    return code;
}

static const struct vt_entry entries[] = {
    {"temperature", VT_REAL_FIELD(struct settings, temperature, VT_TEMPERATURE), .above = "0 K",
     .given = VT_GIVEN(struct settings, has_temperature),
     .help = "of the run; default: from the velocities, if there are any"},
    {"charges", VT_WORD_FIELD(struct settings, source, source_words), .fallback = "formal",
     .help = "what each ion carries"},
    {"charge", VT_STRING_FIELD(struct settings, charge),
     .help = "formal charges that differ from the usual ones"},
    {"fit-from", VT_REAL_FIELD(struct settings, fit_from, VT_TIME), .fallback = "0 fs",
     .minimum = "0 fs", .help = "shortest time of the lines; default: where they become ones"},
    {"fit-to", VT_REAL_FIELD(struct settings, fit_to, VT_TIME), .fallback = "0 fs",
     .minimum = "0 fs", .help = "longest time of the lines; default: a third of the trajectory"},
    VT_ANALYZE_MOTION(struct settings, options),
    VT_ANALYZE_ENTRIES(struct settings, options),
    {0}};

static const struct vt_table table = {"analyze conductivity",
                                      "ionic conductivity, with and without correlations",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {{"fit-from", "TIME"},
                                                     {"fit-to", "TIME"},
                                                     {"charge", "\"Fe=3,...\""},
                                                     VT_ANALYZE_PLACEHOLDERS,
                                                     {0}};

static const char about[] =
    "Two conductivities of the ions of --species: that of independent ions, from their diffusion "
    "coefficients (Nernst-Einstein), and the collective one, from the mean square displacement of "
    "all charge together (Einstein's relation for the dipole), which has all correlations between "
    "ions. Their ratio is the Haven ratio. What the other elements carry does not count: in their "
    "frame (--drift framework) they only vibrate.\n\n"
    "Errors are those of generalised least squares (see analyze msd). The collective displacement "
    "is one way where each ion has its own, so its error is larger by about the square root of the "
    "number of ions: long runs are needed. The error of the Haven ratio takes both conductivities "
    "as independent.\n\n"
    "With several species the summary lists Onsager coefficients for each pair: L, in S/cm for "
    "unit charges, from the correlation of their displacements; sigma = sum over pairs of z_a z_b "
    "L_ab.\n\n"
    "PREFIX.csv: the mean square displacement of the charge (e^2 A^2), its line, and what it would "
    "be for independent ions. PREFIX.json: sigma_NE_S_per_cm, sigma_collective_S_per_cm, "
    "haven_ratio, each with its error, temperature_K, volume_A3, carriers.";

const struct vt_command vt_command_analyze_conductivity = {&table, vt_analyze_operands,
                                                           placeholders, about, run};
