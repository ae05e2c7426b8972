/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion select: the frames that a committee disagrees on most, or that are farthest from a
 * training set, to be labelled next.
 *
 * The files are read twice: once for the judgements, once for the frames that were chosen. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/agree.h"
#include "base/elements.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/making.h"
#include "cli/predictor.h"
#include "io/config.h"
#include "io/extxyz.h"
#include "io/structure.h"

enum { ALL_DIGITS = 17, SOURCE = 320 };

/* What frames are judged by: a column of `vitrion predict`. */
enum measure { SPREAD, GRADE };

static const struct vt_word measures[] = {{"spread", SPREAD, "column force_spread, of a committee"},
                                          {"grade", GRADE, "column grade, of an active set"},
                                          {0}};

static const struct {
    const char *column, *key; /* read; written to the chosen frames */
    const char *unit, *option;
    double shown; /* factor */
} about_measure[] = {[SPREAD] = {"force_spread", "largest_spread", " meV/A", "--committee", 1e3},
                     [GRADE] = {"grade", "largest_grade", "", "--active", 1}};

struct settings {
    char *output;
    char **files;
    size_t n_files;
    int64_t most, apart;
    enum measure by;
    double above; /* eV/A */
    double above_grade;
    bool replace;
};

/* A frame as it is judged. */
struct candidate {
    size_t file, index; /* among the files, in the file */
    double worth;       /* the largest of its atoms */
    size_t atom;        /* whose it is */
    int element;
    bool is_chosen;
};

struct selection {
    const struct settings *settings;
    struct candidate *candidate; /* owned, in the order of the files */
    size_t n, capacity, n_chosen, n_above;
};

static double bound(const struct settings *settings)
{
    return settings->by == GRADE ? settings->above_grade : settings->above;
}

/* The atom that is judged worst; a file without the column was not judged. */
static enum vt_code judge(const struct vt_frame *frame, enum measure by,
                          struct candidate *candidate, struct vt_error *error)
{
    const struct vt_column *column = vt_frame_column(frame, about_measure[by].column);
    if (!column || column->type != VT_REAL || column->width != 1 || frame->n_atoms == 0) {
        vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
                   "the frame has no column %s", about_measure[by].column);
        vt_hint(error, "vitrion predict %s writes it", about_measure[by].option);
        return VT_INPUT;
    }
    candidate->worth = -1;
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (column->real[i] > candidate->worth) {
            candidate->worth = column->real[i];
            candidate->atom = i;
            candidate->element = frame->element[i];
        }
    return VT_OK;
}

typedef enum vt_code frame_visitor(void *job, struct vt_frame *frame, size_t file, size_t index,
                                   struct vt_error *error);

static enum vt_code visit_file(const struct settings *settings, size_t file, frame_visitor *visit,
                               void *job, struct vt_error *error)
{
    struct vt_structure_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    enum vt_code code = vt_structure_open(&reader, settings->files[file], error);
    for (size_t index = 0; !code; index++) {
        code = vt_structure_read(reader, &frame, &end, error);
        if (code || end)
            break;
        code = visit(job, &frame, file, index, error);
    }
    vt_frame_destroy(&frame);
    vt_structure_close(reader);
    return code;
}

static enum vt_code visit_all(const struct settings *settings, frame_visitor *visit, void *job,
                              struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (size_t file = 0; file < settings->n_files && !code; file++)
        code = visit_file(settings, file, visit, job, error);
    return code;
}

static enum vt_code note_candidate(void *job, struct vt_frame *frame, size_t file, size_t index,
                                   struct vt_error *error)
{
    struct selection *selection = job;
    enum vt_code code = vt_reserve(&selection->candidate, &selection->capacity, selection->n + 1,
                                   sizeof *selection->candidate, "frames", error);
    if (code)
        return code;
    struct candidate *candidate = &selection->candidate[selection->n++];
    *candidate = (struct candidate){.file = file, .index = index};
    code = judge(frame, selection->settings->by, candidate, error);
    selection->n_above += candidate->worth > bound(selection->settings);
    return code;
}

/* ---- the choice ---- */

/* The worst judged first; of equals the first. */
static int by_worth(const void *a, const void *b)
{
    const struct candidate *one = *(const struct candidate *const *)a;
    const struct candidate *other = *(const struct candidate *const *)b;
    if (one->worth != other->worth)
        return one->worth < other->worth ? 1 : -1;
    return (one > other) - (one < other);
}

/* Is a frame chosen that is nearer than `apart` in the same file? */
static bool is_crowded(const struct selection *selection, const struct candidate *candidate)
{
    const size_t apart = (size_t)selection->settings->apart;
    const struct candidate *first = selection->candidate, *end = first + selection->n;
    for (const struct candidate *other = candidate; other > first; other--)
        if (other[-1].file != candidate->file || candidate->index - other[-1].index >= apart)
            break;
        else if (other[-1].is_chosen)
            return true;
    for (const struct candidate *other = candidate + 1; other < end; other++)
        if (other->file != candidate->file || other->index - candidate->index >= apart)
            break;
        else if (other->is_chosen)
            return true;
    return false;
}

static enum vt_code choose(struct selection *selection, struct vt_error *error)
{
    const struct settings *settings = selection->settings;
    struct candidate **order = NULL;
    const enum vt_code code =
        vt_alloc(&order, selection->n + 1, sizeof(struct candidate *), "frames", error);
    if (code)
        return code;
    for (size_t k = 0; k < selection->n; k++)
        order[k] = &selection->candidate[k];
    qsort(order, selection->n, sizeof *order, by_worth);
    printf("   largest %s%s   atom        frame\n", measures[settings->by].name,
           about_measure[settings->by].unit);
    for (size_t k = 0; k < selection->n && selection->n_chosen < (size_t)settings->most; k++) {
        struct candidate *candidate = order[k];
        if (!(candidate->worth > bound(settings)))
            break;
        if (is_crowded(selection, candidate))
            continue;
        candidate->is_chosen = true;
        selection->n_chosen++;
        printf("%5zu %17.2f   %-2s %-8zu %zu of %s\n", selection->n_chosen,
               about_measure[settings->by].shown * candidate->worth,
               vt_element_symbol(candidate->element), candidate->atom + 1, candidate->index,
               settings->files[candidate->file]);
    }
    vt_free(order);
    return VT_OK;
}

/* ---- the frames ---- */

struct writing {
    const struct selection *selection;
    FILE *stream;
    size_t next; /* candidate */
};

static enum vt_code write_chosen(void *job, struct vt_frame *frame, size_t file, size_t index,
                                 struct vt_error *error)
{
    struct writing *writing = job;
    const struct selection *selection = writing->selection;
    if (writing->next >= selection->n)
        return VT_OK; /* the file has grown since */
    const struct candidate *candidate = &selection->candidate[writing->next];
    if (candidate->file != file || candidate->index != index)
        return VT_OK;
    writing->next++;
    if (!candidate->is_chosen)
        return VT_OK;
    char source[SOURCE];
    snprintf(source, sizeof source, "%s:%ld", frame->file ? frame->file : "", frame->line);
    vt_predictor_remove(frame, true, true); /* no labels, these */
    enum vt_code code = vt_frame_set_string(frame, "source", source, error);
    if (!code)
        code = vt_frame_set_reals(frame, about_measure[selection->settings->by].key,
                                  &candidate->worth, 1, error);
    return code ? code : vt_extxyz_write(writing->stream, frame, ALL_DIGITS, error);
}

static enum vt_code write_all(const struct selection *selection, struct vt_error *error)
{
    const struct settings *settings = selection->settings;
    struct vt_file *file = NULL;
    struct writing writing = {.selection = selection};
    enum vt_code code = vt_making_create(&file, settings->output, settings->replace, error);
    if (!code) {
        writing.stream = vt_file_stream(file);
        code = visit_all(settings, write_chosen, &writing, error);
    }
    if (code) {
        vt_file_discard(file);
        return code;
    }
    return vt_file_commit(file, error);
}

static enum vt_code select_frames(const struct settings *settings, struct vt_error *error)
{
    struct selection selection = {.settings = settings};
    enum vt_code code = visit_all(settings, note_candidate, &selection, error);
    const double shown = about_measure[settings->by].shown * bound(settings);
    const char *name = measures[settings->by].name, *unit = about_measure[settings->by].unit;
    if (!code && selection.n_above == 0) {
        code = vt_fail(error, VT_INPUT, "none of %zu frames has a %s above %g%s", selection.n, name,
                       shown, unit);
        vt_hint(error, "there is nothing new in them; --above and --above-grade say what counts");
    }
    if (!code)
        code = choose(&selection, error);
    if (!code)
        code = write_all(&selection, error);
    if (!code)
        printf("%s: %zu of %zu frames, of which %zu have a %s above %g%s\n", settings->output,
               selection.n_chosen, selection.n, selection.n_above, name, shown, unit);
    vt_free(selection.candidate);
    return code;
}

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    if (vt_format_of_path(settings->output) != VT_FORMAT_EXTXYZ)
        vt_hint(vt_check_fail(check, "out", "only extended XYZ is written"),
                "choose a name that ends with .xyz");
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? select_frames(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"out", VT_PATH_FIELD(struct settings, output), .required = true,
     .help = "the file to write: extended XYZ"},
    {"most", VT_INTEGER_FIELD(struct settings, most), .fallback = "20", .minimum = "1",
     .help = "so many frames at most"},
    {"by", VT_WORD_FIELD(struct settings, by, measures), .fallback = "spread",
     .help = "what frames are judged by"},
    {"above", VT_REAL_FIELD(struct settings, above, VT_FORCE), .fallback = "0.1 eV/A",
     .minimum = "0 eV/A", .help = "only frames with an atom whose force spreads by more"},
    {"above-grade", VT_REAL_FIELD(struct settings, above_grade, VT_NUMBER), .fallback = "1.5",
     .minimum = "0", .help = "with --by grade: only frames with an atom beyond this grade"},
    {"apart", VT_INTEGER_FIELD(struct settings, apart), .fallback = "1", .minimum = "1",
     .help = "frames of one file are at least so many frames apart"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace an output file that exists"},
    {"input", VT_STRING_LIST(struct settings, files, n_files, 1, VT_UNLIMITED), .required = true,
     .help = "frames that were judged by `vitrion predict` with --committee or --active, or "
             "written by `vitrion run` with grades; any number of files"},
    {0}};

static const struct vt_table table = {"select", "pick the frames that are worth a label",
                                      sizeof(struct settings), entries, check_settings};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {
    {"out", "SELECTED.xyz"}, {"input", "JUDGED.xyz..."}, {0}};

static const char about[] =
    "Takes frames by the largest force_spread (or grade) of their atoms, the highest first, until "
    "there are --most of them or none is left above --above (--above-grade). Neighbours in a "
    "trajectory are alike: --apart keeps them out. The table names the atom that is judged "
    "worst.\n\n"
    "The output holds the frames in the order of the files, without what the models made of them, "
    "and with the keys source=FILE:LINE and largest_spread (eV/A) or largest_grade. Label them, "
    "and `vitrion build import` the outputs into the training set.";

const struct vt_command vt_command_select = {&table, operands, placeholders, about, run};
