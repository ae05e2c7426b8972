/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion analyze density: where ions are, and whether they have ways through. */
#include <math.h>
#include <string.h>

#include "analysis/percolation.h"
#include "base/agree.h"
#include "base/memory.h"
#include "base/units.h"
#include "cli/analyze.h"
#include "cli/program.h"
#include "io/cube.h"

struct settings {
    struct vt_analyze_options options;
    double spacing, temperature, isovalue;
    bool has_temperature;
};

struct job {
    const struct settings *settings;
    struct vt_analyze analyze;
    struct vt_density *density;
    struct vt_file *cube; /* rank 0 */
    struct vt_percolation percolation;
};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    vt_analyze_check(&settings->options, check);
    if (settings->options.n_species == 0)
        vt_hint(vt_check_fail(check, "species", "whose density is meant is not said"),
                "give the mobile element, as in --species Li");
}

static enum vt_code create_cube(struct job *job, struct vt_error *error)
{
    const char *out = job->settings->options.out;
    const size_t size = strlen(out) + sizeof ".cube";
    char *path;
    enum vt_code code = vt_alloc(&path, size, 1, "a file name", error);
    if (code)
        return code;
    snprintf(path, size, "%s.cube", out);
    code = vt_file_create(&job->cube, path, job->settings->options.replace, error);
    vt_free(path);
    return code;
}

static enum vt_code add_frame(void *at_work, const struct vt_snapshot *snapshot,
                              struct vt_error *error)
{
    const struct job *job = at_work;
    return vt_density_add(job->density, snapshot, error);
}

static enum vt_code start(struct job *job, struct vt_error *error)
{
    const struct vt_density_options options = {job->settings->spacing, job->analyze.wanted};
    enum vt_code code = VT_OK;
    if (job->analyze.session->rank == 0)
        code = create_cube(job, error);
    if (!code)
        code = vt_density_create(&job->density, job->analyze.session->comm, &options, error);
    if (!code)
        code = vt_analyze_each(&job->analyze, add_frame, job, error);
    return code;
}

/* ---- results ---- */

static void write_cube(const struct job *job, const struct vt_density_grid *grid)
{
    char title[128];
    snprintf(title, sizeof title, "vitrion %s: analyze density", vt_program_version());
    struct vt_cube cube = {.title = title,
                           .what = "probability density of the ions, 1/A^3; lengths in Bohr",
                           .value = grid->value};
    memcpy(cube.cell, grid->cell.vector, sizeof cube.cell);
    memcpy(cube.n, grid->n, sizeof cube.n);
    cube.n_atoms = vt_density_framework(job->density, &cube.element, &cube.position);
    vt_cube_write(vt_file_stream(job->cube), &cube);
}

/* Isovalues that hold more and more of the ions. */
static enum vt_code write_csv(const struct job *job, const struct vt_density_grid *grid,
                              struct vt_error *error)
{
    enum { ROWS = 19 };
    FILE *file = job->analyze.results.csv;
    double fraction[ROWS], isovalue[ROWS], volume[ROWS];
    for (int k = 0; k < ROWS; k++)
        fraction[k] = 0.05 * (k + 1);
    const enum vt_code code = vt_density_enclosing(grid, ROWS, fraction, isovalue, volume, error);
    if (code)
        return code;
    fputs("fraction_of_ions,isovalue_per_A3,fraction_of_volume\n", file);
    for (int k = 0; k < ROWS; k++)
        fprintf(file, "%.2f,%.8g,%.8g\n", fraction[k], isovalue[k], volume[k]);
    return VT_OK;
}

/* eV: -kT ln of a value against the highest; NAN: not known */
static double barrier(const struct job *job, double value)
{
    if (!job->settings->has_temperature || value <= 0)
        return NAN;
    return VT_BOLTZMANN * job->settings->temperature * log(job->percolation.highest / value);
}

static void write_json(struct job *job, const struct vt_density_grid *grid)
{
    static const char *const names[3] = {"one", "two", "three"};
    struct vt_json *json = &job->analyze.results.json;
    const struct vt_percolation *percolation = &job->percolation;
    vt_json_real(json, "ions", grid->ions);
    vt_json_reals(json, "points", (const double[]){grid->n[0], grid->n[1], grid->n[2]}, 3);
    vt_json_real(json, "volume_A3", grid->cell.volume);
    vt_json_real(json, "highest_per_A3", percolation->highest);
    if (job->settings->isovalue > 0) {
        vt_json_real(json, "isovalue_per_A3", job->settings->isovalue);
        vt_json_bool(json, "percolates_at_isovalue",
                     percolation->dimension[0] >= job->settings->isovalue);
    }
    vt_json_reals(json, "percolates_along_a_b_c_per_A3", percolation->along, 3);
    vt_json_open(json, "percolates_in_dimensions", VT_JSON_LIST);
    for (int k = 0; k < 3; k++) {
        if (percolation->dimension[k] == 0)
            continue;
        vt_json_open_flat(json, NULL, VT_JSON_MAP);
        vt_json_text(json, "dimensions", names[k]);
        vt_json_real(json, "isovalue_per_A3", percolation->dimension[k]);
        vt_json_real(json, "fraction_of_volume", percolation->volume[k]);
        vt_json_real(json, "fraction_of_ions", percolation->ions[k]);
        vt_json_real(json, "barrier_eV", barrier(job, percolation->dimension[k]));
        vt_json_close(json);
    }
    vt_json_close(json);
}

static void print_summary(const struct job *job, const struct vt_density_grid *grid)
{
    static const char *const directions[3] = {"one direction", "two directions",
                                              "three directions"};
    const struct vt_percolation *percolation = &job->percolation;
    printf("%d x %d x %d points, %.0f ions, density up to %.4g /A3\n", grid->n[0], grid->n[1],
           grid->n[2], grid->ions, percolation->highest);
    for (int k = 0; k < 3; k++) {
        if (percolation->dimension[k] == 0) {
            printf("no way through in %s\n", directions[k]);
            continue;
        }
        printf("ways through in %-16s from %.4g /A3 down (%.1f %% of the volume, %.1f %% of the "
               "ions above)",
               directions[k], percolation->dimension[k], 100 * percolation->volume[k],
               100 * percolation->ions[k]);
        if (job->settings->has_temperature)
            printf(", barrier %.3f eV", barrier(job, percolation->dimension[k]));
        putchar('\n');
    }
}

static enum vt_code report(struct job *job, struct vt_error *error)
{
    const struct vt_density_grid grid = vt_density_grid(job->density);
    enum vt_code code = vt_percolation_find(&grid, &job->percolation, error);
    if (code)
        return code;
    vt_analyze_begin_results(&job->analyze, "analyze density");
    write_json(job, &grid);
    write_cube(job, &grid);
    code = write_csv(job, &grid, error);
    if (!code) {
        struct vt_file *cube = job->cube;
        job->cube = NULL;
        code = vt_file_commit(cube, error);
    }
    if (!code)
        print_summary(job, &grid);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct job job = {.settings = config};
    enum vt_code code = vt_analyze_open(&job.analyze, session, &job.settings->options, error);
    if (!code)
        code = vt_agree(session->comm, start(&job, error), 0, error);
    if (!code) {
        vt_density_finish(job.density);
        code = vt_agree(session->comm, session->rank == 0 ? report(&job, error) : VT_OK, 0, error);
    }
    if (!code)
        code = vt_analyze_commit(&job.analyze, error);
    vt_file_discard(job.cube);
    vt_density_destroy(job.density);
    vt_analyze_close(&job.analyze);
    return code;
}

static const struct vt_entry entries[] = {
    {"spacing", VT_REAL_FIELD(struct settings, spacing, VT_LENGTH), .fallback = "0.3 A",
     .minimum = "0.02 A", .maximum = "10 A", .help = "largest distance between points of the grid"},
    {"temperature", VT_REAL_FIELD(struct settings, temperature, VT_TEMPERATURE), .above = "0 K",
     .given = VT_GIVEN(struct settings, has_temperature),
     .help = "of the run: barriers in eV are told then"},
    {"isovalue", VT_REAL_FIELD(struct settings, isovalue, VT_NUMBER), .fallback = "0",
     .minimum = "0", .help = "1/A3: the summary says whether the density percolates at this one"},
    VT_ANALYZE_MOTION(struct settings, options),
    VT_ANALYZE_ENTRIES(struct settings, options),
    {0}};

static const struct vt_table table = {"analyze density",
                                      "where ions are, and their ways through the cell",
                                      sizeof(struct settings), entries, check_settings};

static const struct vt_placeholder placeholders[] = {
    {"isovalue", "NUMBER"}, VT_ANALYZE_PLACEHOLDERS, {0}};

static const char about[] =
    "The probability density of the species on a grid over the cell, in 1/A3: positions count by "
    "their fractions of the cell, without the drift of the framework, each shared between the "
    "eight nearest points. Its sum times the volume of a point is the number of ions.\n\n"
    "The region above an isovalue percolates if a way within it leads from a point to its periodic "
    "image; touching two opposite faces is not enough. The isovalue is lowered until that happens "
    "in one, two and three independent directions. -kT ln of that value against the highest is the "
    "barrier of the easiest way, on the grid and in the time that the trajectory has: a place that "
    "no ion has visited has no way.\n\n"
    "PREFIX.cube: the density, and the mean positions of the other atoms (Gaussian cube; VESTA, "
    "VMD, OVITO and ASE read it). PREFIX.csv: isovalues that hold 5 to 95 % of the ions, and the "
    "volume above. PREFIX.json: the percolation.\n\n"
    "mpirun -n P vitrion analyze density deals the frames over P ranks.";

const struct vt_command vt_command_analyze_density = {&table, vt_analyze_operands, placeholders,
                                                      about, run};
