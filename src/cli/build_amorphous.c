/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion build amorphous: atoms of a composition, packed at random. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/making.h"
#include "io/config.h"
#include "structure/apportion.h"
#include "structure/distances.h"
#include "structure/packing.h"

struct settings {
    char *composition, *output;
    int64_t atoms, units; /* one of them; 0: not given */
    double density;
    char *shape;
    char *distances; /* NULL: none but the built-in ones */
    double contact;
    char *charges;
    bool charge_is_allowed;
    int64_t seed;
    bool replace;
};

struct job {
    const struct settings *settings;
    struct vt_formula formula, counts;
    struct vt_charges charges;
    bool exact;
    struct vt_cell cell;
    int64_t count[VT_ELEMENTS];
    double *minimum, *nearest; /* of pairs, A */
    struct vt_packing_input input;
    struct vt_packing packing;
    struct vt_frame frame;
    struct vt_file *file;
};

/* Three edges of a box or nine numbers, row by row; the size does not matter. */
static bool read_shape(const char *text, double shape[3][3])
{
    double number[9];
    int n = 0;
    while (*(text += strspn(text, " ,;")) != '\0') {
        const size_t length = strcspn(text, " ,;");
        if (n == 9 || !vt_parse_double(text, length, &number[n++]))
            return false;
        text += length;
    }
    memset(shape, 0, 9 * sizeof(double));
    for (int d = 0; d < 3 && n == 3; d++)
        shape[d][d] = number[d];
    if (n == 9)
        memcpy(shape, number, sizeof number);
    return n == 9 || (n == 3 && number[0] > 0 && number[1] > 0 && number[2] > 0);
}

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    struct vt_formula formula;
    struct vt_charges charges;
    struct vt_error error = {0};
    double shape[3][3];
    if (vt_formula_parse(&formula, settings->composition, &error))
        vt_hint(vt_check_fail(check, "composition", "%s", error.message), "%s", error.hint);
    if (vt_charges_set(&charges, settings->charges, &error))
        vt_hint(vt_check_fail(check, "charges", "%s", error.message), "%s", error.hint);
    if (!settings->atoms == !settings->units)
        vt_hint(vt_check_fail(check, settings->atoms ? "units" : "atoms", "%s",
                              settings->atoms ? "--atoms and --units exclude each other"
                                              : "how many atoms is not said"),
                "give --atoms for about so many, or --units for so many formula units");
    if (!read_shape(settings->shape, shape))
        vt_hint(vt_check_fail(check, "shape", "'%s' is no shape of a cell", settings->shape),
                "write three relative edges, as in \"1 1 2\", or nine numbers, row by row");
}

/* The cell of that shape and the volume that the density asks for. */
static enum vt_code make_cell(struct job *job, struct vt_error *error)
{
    double shape[3][3];
    read_shape(job->settings->shape, shape);
    const double volume = vt_formula_mass(&job->counts) / job->settings->density;
    const double unit = fabs(vt_mat3_determinant((const double(*)[3])shape));
    if (!(unit > 0))
        return vt_fail(error, VT_INPUT, "the shape '%s' has no volume", job->settings->shape);
    const double scale = cbrt(volume / unit);
    for (int d = 0; d < 3; d++)
        for (int e = 0; e < 3; e++)
            shape[d][e] *= scale;
    return vt_cell_init(&job->cell, (const double(*)[3])shape, error);
}

static enum vt_code count_atoms(struct job *job, struct vt_error *error)
{
    const struct settings *settings = job->settings;
    enum vt_code code = vt_formula_parse(&job->formula, settings->composition, error);
    if (!code)
        code = vt_charges_set(&job->charges, settings->charges, error);
    if (!code)
        code = vt_making_check_charge(&job->charges, &job->formula, settings->charge_is_allowed,
                                      error);
    if (code)
        return code;
    job->exact = true;
    if (settings->units)
        code = vt_apportion_units(&job->formula, settings->units, &job->counts, error);
    else
        code = vt_apportion(&job->formula, &job->charges, settings->atoms, &job->counts,
                            &job->exact, error);
    for (int i = 0; i < job->counts.n && !code; i++)
        job->count[i] = (int64_t)job->counts.amount[i];
    return code;
}

static enum vt_code set_distances(struct job *job, struct vt_error *error)
{
    const size_t n = (size_t)job->counts.n;
    const struct vt_distance_rules rules = {&job->charges, job->settings->contact,
                                            job->settings->distances};
    enum vt_code code =
        vt_alloc(&job->minimum, n * n, sizeof *job->minimum, "distances of pairs", error);
    if (!code)
        code = vt_alloc(&job->nearest, n * n, sizeof *job->nearest, "distances of pairs", error);
    if (code)
        return code;
    code = vt_distances_set(job->minimum, &job->counts, &rules, error);
    if (code == VT_INPUT && !error->hint[0])
        vt_hint(error, "--distance states them, as in Li-Cl=1.9,O-O=2.4");
    return code;
}

/* How far to look for the nearest pairs: rare elements have none nearby. */
static double survey_reach(const struct job *job)
{
    double largest = 1;
    for (int p = 0; p < job->counts.n * job->counts.n; p++)
        largest = fmax(largest, job->minimum[p]);
    return 2 * largest;
}

static enum vt_code pack(struct job *job, struct vt_error *error)
{
    job->input = (struct vt_packing_input){.cell = &job->cell,
                                           .n_types = job->counts.n,
                                           .element = job->counts.element,
                                           .count = job->count,
                                           .minimum = job->minimum,
                                           .seed = (uint32_t)job->settings->seed};
    const enum vt_code code = vt_packing_make(&job->packing, &job->input, error);
    if (code == VT_INPUT)
        vt_hint(error, "lower --density, or let atoms be nearer with --contact or --distance");
    if (code)
        return code;
    return vt_packing_nearest(&job->packing, &job->input, survey_reach(job), job->nearest, error);
}

static enum vt_code fill_frame(struct job *job, struct vt_error *error)
{
    struct vt_frame *frame = &job->frame;
    const enum vt_code code = vt_frame_resize(frame, job->packing.n_atoms, error);
    if (code)
        return code;
    frame->has_cell = true;
    memcpy(frame->cell, job->cell.vector, sizeof frame->cell);
    for (int d = 0; d < 3; d++)
        frame->periodic[d] = true;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        frame->element[i] = (uint8_t)job->counts.element[job->packing.type[i]];
        memcpy(frame->position[i], job->packing.position[i], sizeof frame->position[i]);
    }
    return VT_OK;
}

/* How far the whole numbers are from the composition: the largest change of an element's share. */
static void report_rounding(const struct job *job)
{
    const double units = vt_formula_total(&job->counts) / vt_formula_total(&job->formula);
    if (job->settings->units || job->exact) {
        printf("rounding         none: %.10g formula units", units);
    } else {
        int worst = 0;
        double change[VT_ELEMENTS];
        for (int i = 0; i < job->formula.n; i++) {
            change[i] = job->counts.amount[i] / (units * job->formula.amount[i]) - 1;
            worst = fabs(change[i]) > fabs(change[worst]) ? i : worst;
        }
        printf("rounding         %s changes most, by %+.2g %%",
               vt_element_symbol(job->formula.element[worst]), 100 * change[worst]);
    }
    if (job->settings->atoms)
        printf(", for %lld atoms asked for", (long long)job->settings->atoms);
    putchar('\n');
}

static void report_distances(const struct job *job)
{
    const int n = job->counts.n;
    printf("pair             at least A    nearest A\n");
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++) {
            char pair[16], nearest[32];
            const double r = job->nearest[i * n + j];
            snprintf(pair, sizeof pair, "%s-%s", vt_element_symbol(job->counts.element[i]),
                     vt_element_symbol(job->counts.element[j]));
            if (isfinite(r))
                snprintf(nearest, sizeof nearest, "%.3f", r);
            else
                snprintf(nearest, sizeof nearest, "> %.3f", survey_reach(job));
            printf("  %-14s %10.3f %12s\n", pair, job->minimum[i * n + j], nearest);
        }
}

static void report(const struct job *job)
{
    report_rounding(job);
    vt_making_report(&job->frame, &job->counts, &job->charges);
    printf("packing          %zu atoms inserted into free places",
           job->packing.n_atoms - job->packing.n_tight);
    if (job->packing.n_tight > 0)
        printf(", %zu into tight ones, all pushed apart in %d sweeps", job->packing.n_tight,
               job->packing.n_sweeps);
    putchar('\n');
    report_distances(job);
}

static enum vt_code write_frame(struct job *job, struct vt_error *error)
{
    const struct settings *settings = job->settings;
    char how[400], density[VT_QUANTITY_SIZE];
    snprintf(how, sizeof how, "amorphous %s at %s, seed %lld", settings->composition,
             vt_format_quantity(settings->density, VT_DENSITY, density), (long long)settings->seed);
    return vt_making_write(&job->file, settings->output, &job->frame, how, error);
}

static enum vt_code build(const struct settings *settings, struct vt_error *error)
{
    struct job job = {.settings = settings};
    enum vt_code code = count_atoms(&job, error);
    if (!code)
        code = make_cell(&job, error);
    if (!code)
        code = set_distances(&job, error);
    if (!code)
        code = vt_making_create(&job.file, settings->output, settings->replace, error);
    if (!code)
        code = pack(&job, error);
    if (!code)
        code = fill_frame(&job, error);
    if (!code)
        code = write_frame(&job, error);
    if (!code)
        report(&job);
    vt_file_discard(job.file);
    vt_packing_destroy(&job.packing);
    vt_frame_destroy(&job.frame);
    vt_free(job.minimum);
    vt_free(job.nearest);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? build(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"composition", VT_STRING_FIELD(struct settings, composition), .required = true,
     .help = "Li2ZrCl6, Li2.25Zr0.75Al0.25Cl4.2O0.8F0.2, 75Li2S-25P2S5, ..."},
    {"atoms", VT_INTEGER_FIELD(struct settings, atoms), .fallback = "0", .minimum = "0",
     .maximum = "1000000000", .help = "about so many; 0: --units says it"},
    {"units", VT_INTEGER_FIELD(struct settings, units), .fallback = "0", .minimum = "0",
     .maximum = "1000000000", .help = "exactly so many formula units; 0: --atoms says it"},
    {"density", VT_REAL_FIELD(struct settings, density, VT_DENSITY), .required = true,
     .above = "0 g/cm3", .maximum = "100 g/cm3", .help = "as in \"2.1 g/cm3\""},
    {"shape", VT_STRING_FIELD(struct settings, shape), .fallback = "1 1 1",
     .help = "of the cell: three relative edges, or nine numbers, row by row, whose size does not "
             "matter"},
    {"contact", VT_REAL_FIELD(struct settings, contact, VT_FRACTION), .fallback = "0.8",
     .above = "0", .maximum = "1.5",
     .help = "built-in smallest distances, as a share of those of touching ions"},
    {"distance", VT_STRING_FIELD(struct settings, distances),
     .help = "smallest distances that differ from the built-in ones, as in Li-Cl=1.9,O-O=2.4 (A)"},
    {"charges", VT_STRING_FIELD(struct settings, charges),
     .help = "formal charges that differ from the usual ones, as in Fe=3,H=-1"},
    {"allow-charge", VT_BOOL_FIELD(struct settings, charge_is_allowed), .fallback = "false",
     .help = "take the composition even if it is not neutral"},
    {"seed", VT_INTEGER_FIELD(struct settings, seed), .fallback = "1", .minimum = "0",
     .maximum = "4294967295", .help = "another number makes another structure"},
    {"out", VT_PATH_FIELD(struct settings, output), .required = true,
     .help = "the file to write: extended XYZ, POSCAR or LAMMPS data, by its name"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace an output file that exists"},
    {0}};

static const struct vt_table table = {"build amorphous", "pack a composition at random",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {{"composition", "FORMULA"},
                                                     {"atoms", "N"},
                                                     {"units", "N"},
                                                     {"density", "DENSITY"},
                                                     {"shape", "\"A B C\""},
                                                     {"contact", "X"},
                                                     {"distance", "LIST"},
                                                     {"charges", "LIST"},
                                                     {"seed", "N"},
                                                     {"out", "FILE"},
                                                     {0}};

static const char about[] =
    "A start for melting, not a glass: atoms at random places, none nearer to another than a "
    "smallest distance of the pair. The built-in one is a share (--contact) of the distance of "
    "touching ions: of the sum of the ionic radii (Shannon), or, for two cations, of their "
    "distance across the shared edge of two octahedra of the smallest anion. Atoms are inserted "
    "one "
    "after the other; if there is no free place left for some, they take tight ones and all are "
    "pushed apart. If they still do not fit, nothing is written.\n\n"
    "--atoms N: if whole units of the smallest whole formula come within 5 % of N, these are "
    "taken, and the composition is exact. Else the number of each element is rounded so that the "
    "whole is neutral, and the table says what changes most.\n\n"
    "The composition must be neutral. Elements with one usual charge have it (Li +1, Zr +4, Al +3, "
    "S -2, Cl -1, ...); if an element with several (Fe, Mn, Sn, ...) is not told one with "
    "--charges, neutrality is not checked, and the table says so.\n\n"
    "Order of the atoms: element after element, as the composition names them. The same seed makes "
    "the same file.";

const struct vt_command vt_command_build_amorphous = {&table, NULL, placeholders, about, run};
