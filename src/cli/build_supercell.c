/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion build supercell: repeat a structure. */
#include <stdio.h>

#include "base/agree.h"
#include "cli/command.h"
#include "cli/making.h"
#include "io/config.h"
#include "structure/substitute.h"
#include "structure/supercell.h"

struct settings {
    char *input, *output;
    char *repeat, *matrix; /* one of them */
    bool replace;
};

static enum vt_code read_matrix(const struct settings *settings, int matrix[3][3],
                                struct vt_error *error)
{
    return settings->repeat ? vt_repeat_parse(matrix, settings->repeat, error)
                            : vt_supercell_parse(matrix, settings->matrix, error);
}

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    struct vt_error error = {0};
    int matrix[3][3];
    const char *given = settings->repeat ? "repeat" : "matrix";
    if (!settings->repeat == !settings->matrix)
        vt_hint(vt_check_fail(check, given, "%s",
                              settings->repeat ? "--repeat and --matrix exclude each other"
                                               : "how to repeat is not said"),
                "give --repeat, as in 2x1x3, or --matrix");
    else if (read_matrix(settings, matrix, &error))
        vt_hint(vt_check_fail(check, given, "%s", error.message), "%s", error.hint);
}

static enum vt_code build(const struct settings *settings, struct vt_error *error)
{
    struct vt_frame unit = {0}, cell = {0};
    struct vt_formula formula;
    struct vt_file *file = NULL;
    char how[300];
    int matrix[3][3];
    enum vt_code code = read_matrix(settings, matrix, error);
    if (!code)
        code = vt_making_create(&file, settings->output, settings->replace, error);
    if (!code)
        code = vt_making_read(&unit, settings->input, error);
    if (!code)
        code = vt_supercell_make(&cell, &unit, (const int(*)[3])matrix, error);
    if (code)
        goto done;
    snprintf(how, sizeof how, "supercell %s",
             settings->repeat ? settings->repeat : settings->matrix);
    code = vt_making_write(&file, settings->output, &cell, how, error);
    if (code)
        goto done;
    printf("copies           %zu of %zu atoms each\n", cell.n_atoms / unit.n_atoms, unit.n_atoms);
    vt_formula_of_frame(&formula, &cell);
    vt_making_report(&cell, &formula, NULL);
done:
    vt_file_discard(file);
    vt_frame_destroy(&unit);
    vt_frame_destroy(&cell);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? build(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"repeat", VT_STRING_FIELD(struct settings, repeat),
     .help = "how often along each vector, as in 2x1x3, or one number for all"},
    {"matrix", VT_STRING_FIELD(struct settings, matrix),
     .help =
         "nine whole numbers instead, row by row: each row is a vector of the new cell in those "
         "of the old one"},
    {"out", VT_PATH_FIELD(struct settings, output), .required = true,
     .help = "the file to write: extended XYZ, POSCAR or LAMMPS data, by its name"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace an output file that exists"},
    {"input", VT_PATH_FIELD(struct settings, input), .required = true,
     .help = "the structure, the first one of the file: extended XYZ, POSCAR or LAMMPS data"},
    {0}};

static const struct vt_table table = {"build supercell", "repeat a structure",
                                      sizeof(struct settings), entries, check_settings};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {
    {"repeat", "AxBxC"}, {"matrix", "\"9 NUMBERS\""}, {"out", "FILE"}, {"input", "IN"}, {0}};

static const char about[] =
    "Order of the atoms: copy after copy, shifted by the third vector first, then by the second; "
    "within a copy as in the input. With --matrix the copies lie in the new cell; the cell may "
    "become left-handed if the matrix says so.\n\n"
    "Columns of the atoms are copied. Molecule ids of different copies differ; image flags are "
    "dropped. The keys energy, free_energy, virial and dipole become those of the larger cell; "
    "other keys stay as they are.";

const struct vt_command vt_command_build_supercell = {&table, operands, placeholders, about, run};
