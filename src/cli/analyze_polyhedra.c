/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion analyze polyhedra: coordination of cations, and how their polyhedra hang together. */
#include <math.h>
#include <string.h>

#include "analysis/polyhedra.h"
#include "analysis/rdf.h"
#include "base/agree.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/analyze.h"
#include "structure/items.h"

#define SEARCH_CUTOFF 4.5 /* A: first minima are looked for up to here */

enum { SEARCH_BINS = 450, TEXT = 64 };

struct settings {
    struct vt_analyze_options options;
    char *centres, *ligands, *cutoffs;
};

struct job {
    const struct settings *settings;
    struct vt_analyze analyze;
    struct vt_polyhedra_options choice;
    struct vt_polyhedra *polyhedra;
};

static const char *const sharing_names[VT_SHARINGS] = {"corner", "edge", "face"};
static const char *const role_names[VT_LIGAND_ROLES] = {"free", "terminal", "bridging"};

/* ---- what is asked for ---- */

/* Elements of a list such as "Zr,Al". */
static enum vt_code read_elements(const char *text, size_t most, int *element, size_t *n,
                                  struct vt_error *error)
{
    struct vt_item item;
    for (*n = 0; vt_next_item(&text, &item);) {
        const int z = vt_span_element(item.all);
        if (z == 0)
            return vt_fail(error, VT_INPUT, "'%.*s' is no element", (int)item.all.length,
                           item.all.text);
        if (*n == most)
            return vt_fail(error, VT_INPUT, "there can be %zu elements at most", most);
        element[(*n)++] = z;
    }
    return VT_OK;
}

static int find(int element, const int *list, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (list[k] == element)
            return (int)k;
    return -1;
}

/* Cutoffs such as "Zr-Cl=3.2,Zr-O=2.7", in A; the others stay as they are. */
static enum vt_code read_cutoffs(const char *text, struct vt_polyhedra_options *choice,
                                 struct vt_error *error)
{
    struct vt_item item;
    while (vt_next_item(&text, &item)) {
        struct vt_span centre, ligand;
        double value;
        vt_span_cut(item.name, '-', &centre, &ligand);
        const int c = find(vt_span_element(centre), choice->centre, choice->n_centres);
        const int l = find(vt_span_element(ligand), choice->ligand, choice->n_ligands);
        if (c < 0 || l < 0) {
            vt_fail(error, VT_INPUT, "'%.*s' is not a centre and a ligand", (int)item.name.length,
                    item.name.text);
            vt_hint(error, "as in Zr-Cl=3.2, in A");
            return VT_INPUT;
        }
        if (!vt_parse_double(item.value.text, item.value.length, &value) ||
            !(value > 0.5 && value < 20))
            return vt_fail(error, VT_INPUT, "'%.*s' is no cutoff between 0.5 and 20 A",
                           (int)item.value.length, item.value.text);
        choice->cutoff[c][l] = value;
    }
    return VT_OK;
}

static enum vt_code read_choice(const struct settings *settings,
                                struct vt_polyhedra_options *choice, const char **option,
                                struct vt_error *error)
{
    *choice = (struct vt_polyhedra_options){0};
    *option = "centres";
    enum vt_code code = read_elements(settings->centres, VT_CENTRES_MOST, choice->centre,
                                      &choice->n_centres, error);
    if (code)
        return code;
    *option = "ligands";
    code = read_elements(settings->ligands, VT_LIGANDS_MOST, choice->ligand, &choice->n_ligands,
                         error);
    if (code || !settings->cutoffs)
        return code;
    *option = "cutoffs";
    return read_cutoffs(settings->cutoffs, choice, error);
}

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    struct vt_polyhedra_options choice;
    struct vt_error error = {0};
    const char *option;
    if (read_choice(settings, &choice, &option, &error))
        vt_hint(vt_check_fail(check, option, "%s", error.message), "%s", error.hint);
}

/* ---- frames ---- */

static enum vt_code add_distances(void *rdf, const struct vt_snapshot *snapshot,
                                  struct vt_error *error)
{
    return vt_rdf_add(rdf, snapshot, error);
}

/* The first minimum of a pair, if it has a first maximum. */
static enum vt_code set_cutoff(struct job *job, const struct vt_rdf *rdf, size_t c, size_t l,
                               struct vt_error *error)
{
    const int *elements;
    const size_t n = vt_rdf_elements(rdf, &elements);
    const int a = find(job->choice.centre[c], elements, n);
    const int b = find(job->choice.ligand[l], elements, n);
    struct vt_shell shell;
    if (a < 0 || b < 0)
        return VT_OK;
    const enum vt_code code = vt_rdf_shell(rdf, (size_t)a, (size_t)b, &shell, error);
    if (!code && shell.is_there)
        job->choice.cutoff[c][l] = shell.end;
    return code;
}

/* In a pass of its own, for the cutoffs that are not given. Collective. */
static enum vt_code find_cutoffs(struct job *job, struct vt_error *error)
{
    const struct vt_polyhedra_options *choice = &job->choice;
    const MPI_Comm comm = job->analyze.session->comm;
    bool wanted[VT_ELEMENTS + 1] = {false};
    struct vt_rdf *rdf = NULL;
    for (size_t c = 0; c < choice->n_centres; c++)
        wanted[choice->centre[c]] = true;
    for (size_t l = 0; l < choice->n_ligands; l++)
        wanted[choice->ligand[l]] = true;
    const struct vt_rdf_options options = {SEARCH_CUTOFF, SEARCH_BINS, wanted};
    enum vt_code code = vt_rdf_create(&rdf, comm, &options, error);
    if (!code)
        code = vt_analyze_each(&job->analyze, add_distances, rdf, error);
    code = vt_agree(comm, code, 0, error);
    if (!code)
        vt_rdf_finish(rdf);
    for (size_t c = 0; c < choice->n_centres && !code; c++)
        for (size_t l = 0; l < choice->n_ligands && !code; l++)
            if (choice->cutoff[c][l] == 0)
                code = set_cutoff(job, rdf, c, l, error);
    vt_rdf_destroy(rdf);
    return code ? code : vt_stream_rewind(job->analyze.stream, error);
}

static bool all_given(const struct vt_polyhedra_options *choice)
{
    for (size_t c = 0; c < choice->n_centres; c++)
        for (size_t l = 0; l < choice->n_ligands; l++)
            if (choice->cutoff[c][l] == 0)
                return false;
    return true;
}

static enum vt_code add_frame(void *at_work, const struct vt_snapshot *snapshot,
                              struct vt_error *error)
{
    const struct job *job = at_work;
    return vt_polyhedra_add(job->polyhedra, snapshot, error);
}

static enum vt_code start(struct job *job, struct vt_error *error)
{
    const char *option;
    enum vt_code code = read_choice(job->settings, &job->choice, &option, error);
    if (!code && !all_given(&job->choice))
        code = find_cutoffs(job, error);
    if (!code)
        code =
            vt_polyhedra_create(&job->polyhedra, job->analyze.session->comm, &job->choice, error);
    if (!code)
        code = vt_analyze_each(&job->analyze, add_frame, job, error);
    return code;
}

/* ---- results ---- */

static void put_mean(struct vt_json *json, const char *name, struct vt_mean mean)
{
    char sigma[TEXT];
    snprintf(sigma, sizeof sigma, "%s_sigma", name);
    vt_json_real(json, name, mean.value);
    vt_json_real(json, sigma, mean.sigma);
}

/* "ZrCl4O2", cut to size. */
static const char *name_of(const struct job *job, size_t centre,
                           const struct vt_environment *environment, char text[TEXT])
{
    int length = snprintf(text, TEXT, "%s", vt_element_symbol(job->choice.centre[centre]));
    for (size_t l = 0; l < job->choice.n_ligands && length < TEXT; l++) {
        const int n = environment->number[l];
        if (n > 0)
            length += snprintf(text + length, (size_t)(TEXT - length), n > 1 ? "%s%d" : "%s",
                               vt_element_symbol(job->choice.ligand[l]), n);
    }
    return text;
}

static void report_bonds(struct job *job)
{
    struct vt_json *json = &job->analyze.results.json;
    vt_json_open(json, "bonds", VT_JSON_LIST);
    printf("bond    cutoff, A   number            length, A\n");
    for (size_t c = 0; c < job->choice.n_centres; c++)
        for (size_t l = 0; l < job->choice.n_ligands; l++) {
            double deviation;
            const struct vt_mean number = vt_polyhedra_number(job->polyhedra, c, l);
            const struct vt_mean length = vt_polyhedra_distance(job->polyhedra, c, l, &deviation);
            if (number.value == 0)
                continue;
            vt_json_open_flat(json, NULL, VT_JSON_MAP);
            vt_json_text(json, "centre", vt_element_symbol(job->choice.centre[c]));
            vt_json_text(json, "ligand", vt_element_symbol(job->choice.ligand[l]));
            vt_json_real(json, "cutoff_A", job->choice.cutoff[c][l]);
            put_mean(json, "number", number);
            put_mean(json, "length_A", length);
            vt_json_real(json, "length_deviation_A", deviation);
            vt_json_close(json);
            printf("%2s-%-2s   %8.2f  %7.3f +- %-6.2g  %7.3f, deviating by %.3f\n",
                   vt_element_symbol(job->choice.centre[c]),
                   vt_element_symbol(job->choice.ligand[l]), job->choice.cutoff[c][l], number.value,
                   number.sigma, length.value, deviation);
        }
    vt_json_close(json);
}

static enum vt_code report_environments(struct job *job, struct vt_error *error)
{
    enum { SHOWN = 4 };
    FILE *csv = job->analyze.results.csv;
    fputs("environment,fraction,fraction_sigma\n", csv);
    for (size_t c = 0; c < job->choice.n_centres; c++) {
        struct vt_environment *environment = NULL;
        size_t n;
        const enum vt_code code =
            vt_polyhedra_environments(job->polyhedra, c, &environment, &n, error);
        for (size_t k = 0; k < n && !code; k++) {
            char text[TEXT];
            fprintf(csv, "%s,%.6g,%.3g\n", name_of(job, c, &environment[k], text),
                    environment[k].fraction.value, environment[k].fraction.sigma);
            if (k < SHOWN)
                printf("%s%s %.1f %%", k == 0 ? "" : ", ", text,
                       100 * environment[k].fraction.value);
        }
        if (n > 0)
            printf("%s\n", n > SHOWN ? ", ..." : "");
        vt_free(environment);
        if (code)
            return code;
    }
    return VT_OK;
}

static void report_roles(struct job *job)
{
    struct vt_json *json = &job->analyze.results.json;
    vt_json_open(json, "ligands", VT_JSON_LIST);
    for (size_t l = 0; l < job->choice.n_ligands; l++) {
        const char *symbol = vt_element_symbol(job->choice.ligand[l]);
        vt_json_open_flat(json, NULL, VT_JSON_MAP);
        vt_json_text(json, "ligand", symbol);
        printf("%-2s ", symbol);
        for (int role = 0; role < VT_LIGAND_ROLES; role++) {
            const struct vt_mean mean =
                vt_polyhedra_role(job->polyhedra, l, (enum vt_ligand_role)role);
            put_mean(json, role_names[role], mean);
            printf("%s%s %.1f %%", role > 0 ? ", " : "", role_names[role], 100 * mean.value);
        }
        put_mean(json, "corner", vt_polyhedra_corner(job->polyhedra, l));
        putchar('\n');
        vt_json_close(json);
    }
    vt_json_close(json);
}

static void report_sharing(struct job *job)
{
    struct vt_json *json = &job->analyze.results.json;
    vt_json_open(json, "sharing", VT_JSON_MAP);
    printf("shared:");
    for (int k = 0; k < VT_SHARINGS; k++) {
        const struct vt_mean mean = vt_polyhedra_sharing(job->polyhedra, (enum vt_sharing)k);
        put_mean(json, sharing_names[k], mean);
        printf(" %s %.1f %%%s", sharing_names[k], 100 * mean.value, k + 1 < VT_SHARINGS ? "," : "");
    }
    vt_json_close(json);
    for (size_t l = 0; l < job->choice.n_ligands; l++)
        printf("%s %.1f %% corner by %s", l == 0 ? " (" : ",",
               100 * vt_polyhedra_corner(job->polyhedra, l).value,
               vt_element_symbol(job->choice.ligand[l]));
    puts(")");
    put_mean(json, "links_of_a_centre", vt_polyhedra_links(job->polyhedra));
    put_mean(json, "centres_in_largest_cluster", vt_polyhedra_largest(job->polyhedra));
    printf("the largest cluster has %.1f %% of the centres\n",
           100 * vt_polyhedra_largest(job->polyhedra).value);
}

static enum vt_code report(struct job *job, struct vt_error *error)
{
    vt_analyze_begin_results(&job->analyze, "analyze polyhedra");
    report_bonds(job);
    const enum vt_code code = report_environments(job, error);
    if (code)
        return code;
    report_roles(job);
    report_sharing(job);
    return VT_OK;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct job job = {.settings = config};
    enum vt_code code = vt_analyze_open(&job.analyze, session, &job.settings->options, error);
    if (!code)
        code = vt_agree(session->comm, start(&job, error), 0, error);
    if (!code) {
        vt_polyhedra_finish(job.polyhedra);
        code = vt_agree(session->comm, session->rank == 0 ? report(&job, error) : VT_OK, 0, error);
    }
    if (!code)
        code = vt_analyze_commit(&job.analyze, error);
    vt_polyhedra_destroy(job.polyhedra);
    vt_analyze_close(&job.analyze);
    return code;
}

static const struct vt_entry entries[] = {
    {"centres", VT_STRING_FIELD(struct settings, centres), .fallback = "Zr,Al",
     .help = "elements in the middle of polyhedra"},
    {"ligands", VT_STRING_FIELD(struct settings, ligands), .fallback = "Cl,O,F",
     .help = "elements at their corners"},
    {"cutoffs", VT_STRING_FIELD(struct settings, cutoffs),
     .help = "longest bonds, A; default: the first minimum of g(r) of each pair"},
    VT_ANALYZE_ENTRIES(struct settings, options),
    {0}};

static const struct vt_table table = {"analyze polyhedra",
                                      "coordination of cations, and how their polyhedra share",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {{"centres", "Zr,Al,..."},
                                                     {"ligands", "Cl,O,..."},
                                                     {"cutoffs", "Zr-Cl=3.2,..."},
                                                     VT_ANALYZE_PLACEHOLDERS,
                                                     {0}};

static const char about[] =
    "Ligands within a cutoff of a centre are bonded to it. Listed are: bonds (number and length of "
    "each pair), surroundings (how many centres are ZrCl4O2, ...), what ligands do (free of all "
    "centres, terminal, bridging), and how pairs of centres share ligands: a corner (one), an edge "
    "(two), a face (three or more), as fractions of all pairs that share any; corners also by "
    "their element. Errors are those over 8 to 16 blocks of frames, once there are that many.\n\n"
    "Cutoffs that are not given are the first minima of g(r) of the trajectory, found in a pass "
    "of its own; look at them in the table. A pair that has no maximum within 4.5 A has no bonds. "
    "The cell must be twice as thick as the longest.\n\n"
    "PREFIX.csv: the surroundings. PREFIX.json: bonds, ligands, sharing, clusters.\n\n"
    "mpirun -n P vitrion analyze polyhedra deals the frames over P ranks.";

const struct vt_command vt_command_analyze_polyhedra = {&table, vt_analyze_operands, placeholders,
                                                        about, run};
