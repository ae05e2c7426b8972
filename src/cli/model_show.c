/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion model show: what a model is made of and what it costs. */
#include <string.h>

#include "base/agree.h"
#include "base/elements.h"
#include "cli/command.h"
#include "cli/model_report.h"
#include "io/structure.h"

struct settings {
    char *model;
    double density;
    int64_t atoms;
    char *structure; /* NULL: uniform density */
};

static enum vt_code check_frame(const struct vt_nep *model, const struct vt_frame *frame,
                                bool empty, struct vt_error *error)
{
    const struct vt_place place = {frame->file, frame->line, 0};
    if (empty || frame->n_atoms == 0)
        return vt_fail_at(error, place, VT_INPUT, "the file has no atoms");
    if (!frame->has_cell)
        return vt_fail_at(error, place, VT_INPUT, "the structure has no cell");
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (vt_nep_type(model, frame->element[i]) < 0)
            return vt_fail_at(error, place, VT_INPUT,
                              "atom %zu is %s, which the model does not know", i + 1,
                              vt_element_symbol(frame->element[i]));
    return VT_OK;
}

/* Neighbours as in the first frame of the file. */
static enum vt_code read_surroundings(const struct vt_nep *model, const char *path,
                                      struct vt_surroundings *around, struct vt_error *error)
{
    struct vt_structure_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    enum vt_code code = vt_structure_open(&reader, path, error);
    if (!code)
        code = vt_structure_read(reader, &frame, &end, error);
    if (!code)
        code = check_frame(model, &frame, end, error);
    if (!code)
        code = vt_surroundings_of_frame(model, &frame, around, error);
    vt_frame_destroy(&frame);
    vt_structure_close(reader);
    return code;
}

static enum vt_code show(const struct settings *settings, struct vt_error *error)
{
    struct vt_nep model = {0};
    char where[300];
    struct vt_surroundings around = {0};
    enum vt_code code = vt_nep_read(&model, settings->model, error);
    if (code)
        goto done;
    if (settings->structure) {
        snprintf(where, sizeof where, "counted in %s", settings->structure);
        code = read_surroundings(&model, settings->structure, &around, error);
    } else {
        snprintf(where, sizeof where, "at %g atoms/A^3, elements in equal shares",
                 settings->density);
        around = vt_surroundings_uniform(&model, settings->density, (double)settings->atoms);
    }
    if (code)
        goto done;
    vt_model_report(stdout, &model, settings->model);
    vt_model_report_cost(stdout, &model, &around, where);
done:
    vt_nep_destroy(&model);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? show(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"model", VT_PATH_FIELD(struct settings, model), .required = true,
     .help = "the potential, a NEP or qNEP model"},
    {"density", VT_REAL_FIELD(struct settings, density, VT_NUMBER), .fallback = "0.05",
     .above = "0", .maximum = "1", .help = "atoms/A^3, for the estimate of the cost"},
    {"atoms", VT_INTEGER_FIELD(struct settings, atoms), .fallback = "1000", .minimum = "1",
     .maximum = "1000000000", .help = "number of atoms, for the cost of the Ewald sum"},
    {"structure", VT_PATH_FIELD(struct settings, structure),
     .help = "count the neighbours in the first frame of this file instead"},
    {0}};

static const struct vt_table table = {"model show", "what a model is made of, and what it costs",
                                      sizeof(struct settings), entries, NULL};

static const char *const operands[] = {"model", NULL};

static const struct vt_placeholder placeholders[] = {
    {"model", "NEP.txt"}, {"density", "NUMBER"}, {"atoms", "N"}, {"structure", "FILE"}, {0}};

static const char about[] =
    "Prints architecture, elements, cutoffs and parameter counts, and estimates the arithmetic of "
    "one evaluation with forces. The estimate counts operations in the formulas for a program "
    "that sums the radial basis per neighbour type before it applies the coefficients. It depends "
    "on the number of neighbours: that of a uniform fluid of the given density with all elements "
    "of the model in equal shares, or that of a structure. The default density is that of a "
    "typical halide or oxide glass. The Ewald sum is that of the gpumd setting; its cost for an "
    "atom grows with the volume of the cell, all else does not.";

const struct vt_command vt_command_model_show = {&table, operands, placeholders, about, run};
