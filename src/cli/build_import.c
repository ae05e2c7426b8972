/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion build import: outputs of DFT programs to one file of frames. */
#include <stdio.h>

#include "base/agree.h"
#include "cli/command.h"
#include "cli/making.h"
#include "io/config.h"
#include "io/extxyz.h"
#include "io/structure.h"

enum { ALL_DIGITS = 17, SOURCE = 320 };

struct settings {
    char *output;
    char **files;
    size_t n_files;
    char *config_type; /* NULL: as the files say */
    bool skip_bad, replace;
};

struct totals {
    size_t n_frames, n_atoms, n_virials, n_left_out;
};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    if (vt_format_of_path(settings->output) != VT_FORMAT_EXTXYZ)
        vt_hint(vt_check_fail(check, "out", "only extended XYZ holds labels"),
                "choose a name that ends with .xyz");
}

/* Where the frame came from stays with it, also when sets are joined later. */
static enum vt_code note_source(struct vt_frame *frame, const char *config_type,
                                struct vt_error *error)
{
    char source[SOURCE];
    snprintf(source, sizeof source, "%s:%ld", frame->file ? frame->file : "", frame->line);
    enum vt_code code = VT_OK;
    if (!vt_frame_key(frame, "source"))
        code = vt_frame_set_string(frame, "source", source, error);
    if (!code && config_type)
        code = vt_frame_set_string(frame, "config_type", config_type, error);
    return code;
}

static void report_file(const char *path, size_t n_frames, const struct vt_dft_counts *counts,
                        struct totals *totals)
{
    printf("%s: %zu frame%s", path, n_frames, n_frames == 1 ? "" : "s");
    if (counts) {
        const size_t number[] = {counts->n_unconverged, counts->n_incomplete, counts->n_other};
        static const char *const why[] = {"not converged", "not whole", "without labels"};
        for (int k = 0; k < 3; k++) {
            totals->n_left_out += number[k];
            if (number[k] > 0)
                printf(", %zu left out: %s", number[k], why[k]);
        }
    }
    putchar('\n');
}

static enum vt_code import_file(const struct settings *settings, const char *path, FILE *stream,
                                struct totals *totals, struct vt_error *error)
{
    struct vt_structure_reader *reader = NULL;
    struct vt_frame frame = {0};
    size_t n_frames = 0;
    enum vt_code code = settings->skip_bad ? vt_structure_open_leniently(&reader, path, error)
                                           : vt_structure_open(&reader, path, error);
    for (bool end = false; !code && !end;) {
        double virial[9];
        code = vt_structure_read(reader, &frame, &end, error);
        if (code || end)
            break;
        n_frames++;
        totals->n_atoms += frame.n_atoms;
        totals->n_virials += vt_frame_virial(&frame, virial);
        code = note_source(&frame, settings->config_type, error);
        if (!code)
            code = vt_extxyz_write(stream, &frame, ALL_DIGITS, error);
    }
    if (!code)
        report_file(path, n_frames, vt_structure_counts(reader), totals);
    totals->n_frames += n_frames;
    vt_frame_destroy(&frame);
    vt_structure_close(reader);
    return code;
}

static enum vt_code import_all(const struct settings *settings, struct vt_error *error)
{
    struct vt_file *file = NULL;
    struct totals totals = {0};
    enum vt_code code = vt_making_create(&file, settings->output, settings->replace, error);
    for (size_t i = 0; i < settings->n_files && !code; i++)
        code = import_file(settings, settings->files[i], vt_file_stream(file), &totals, error);
    if (!code && totals.n_frames == 0)
        code = vt_fail(error, VT_INPUT, "no frame is left to be written");
    if (code) {
        vt_file_discard(file);
        return code;
    }
    code = vt_file_commit(file, error);
    if (!code)
        printf("%s: %zu frame%s, %zu atoms, %zu with a virial, %zu left out\n", settings->output,
               totals.n_frames, totals.n_frames == 1 ? "" : "s", totals.n_atoms, totals.n_virials,
               totals.n_left_out);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? import_all(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"out", VT_PATH_FIELD(struct settings, output), .required = true,
     .help = "the file to write: extended XYZ"},
    {"config-type", VT_STRING_FIELD(struct settings, config_type),
     .help = "config_type of all frames"},
    {"skip-bad", VT_BOOL_FIELD(struct settings, skip_bad), .fallback = "false",
     .help = "leave out what did not converge or is cut off, instead of stopping there"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace an output file that exists"},
    {"input", VT_STRING_LIST(struct settings, files, n_files, 1, VT_UNLIMITED), .required = true,
     .help = "outputs of CP2K, OUTCAR, vasprun.xml, or extended XYZ; any number of files"},
    {0}};

static const struct vt_table table = {"build import",
                                      "gather outputs of DFT programs in one training set",
                                      sizeof(struct settings), entries, check_settings};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {
    {"out", "SET.xyz"}, {"config-type", "NAME"}, {"input", "FILES..."}, {0}};

static const char about[] =
    "Outputs are known by their names (OUTCAR*, vasprun*) or by their first lines. Each frame gets "
    "the key source=FILE:LINE. Energies are those that the forces are derivatives of (VASP: the "
    "free energy). An evaluation whose electrons did not converge, or a file that is cut off, is "
    "an "
    "error with its line, unless --skip-bad is given; then it is counted. CP2K: keep the input, "
    "PROJECT-pos-1.xyz and PROJECT-1.cell beside the output.";

const struct vt_command vt_command_build_import = {&table, operands, placeholders, about, run};
