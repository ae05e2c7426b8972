/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/score.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"

static const double milli_per_unit = 1e3;

static void add_error(struct vt_error_sums *sums, double error)
{
    sums->count++;
    sums->sum += error;
    sums->absolute += fabs(error);
    sums->square += error * error;
}

static void merge(struct vt_error_sums *into, const struct vt_error_sums *from)
{
    into->count += from->count;
    into->sum += from->sum;
    into->absolute += from->absolute;
    into->square += from->square;
}

struct vt_frame_score vt_score_frame(const struct vt_frame *frame, const struct vt_results *results,
                                     double volume)
{
    assert(frame->n_atoms > 0 && volume > 0);
    struct vt_frame_score score = {.n_atoms = frame->n_atoms};
    double energy;
    if (vt_frame_energy(frame, &energy))
        add_error(&score.kind[VT_SCORE_ENERGY],
                  milli_per_unit * (results->energy - energy) / (double)frame->n_atoms);
    const double *forces;
    if (vt_frame_forces(frame, &forces))
        for (size_t i = 0; i < frame->n_atoms; i++)
            for (size_t d = 0; d < 3; d++)
                add_error(&score.kind[VT_SCORE_FORCE],
                          milli_per_unit * (results->forces[i][d] - forces[3 * i + d]));
    double virial[9];
    if (vt_frame_virial(frame, virial)) {
        static const int place[6][2] = {{0, 0}, {4, 4}, {8, 8}, {1, 3}, {5, 7}, {2, 6}};
        for (int c = 0; c < 6; c++) {
            const int a = place[c][0], b = place[c][1];
            const double difference =
                0.5 * (results->virial[a] - virial[a] + results->virial[b] - virial[b]);
            add_error(&score.kind[VT_SCORE_STRESS], -VT_GPA_PER_PRESSURE * difference / volume);
        }
    }
    return score;
}

static enum vt_code add_row(struct vt_scores *scores, const char *label, struct vt_error *error)
{
    enum vt_code code = vt_reserve(&scores->rows, &scores->row_capacity, scores->n_rows + 1,
                                   sizeof *scores->rows, "table of errors", error);
    if (code)
        return code;
    struct vt_score_row *row = &scores->rows[scores->n_rows];
    *row = (struct vt_score_row){0};
    code = vt_copy_text(&row->label, label, "table of errors", error);
    if (code)
        return code;
    scores->n_rows++;
    return VT_OK;
}

/* Index of the label's row, n_rows if there is none. From the end: frames of one kind follow each
 * other. */
static size_t find_row(const struct vt_scores *scores, const char *label)
{
    for (size_t r = scores->n_rows; r-- > 1;)
        if (strcmp(scores->rows[r].label, label) == 0)
            return r;
    return scores->n_rows;
}

static void add_to_row(struct vt_score_row *row, const struct vt_frame_score *frame)
{
    row->n_frames++;
    row->n_atoms += frame->n_atoms;
    for (int k = 0; k < VT_SCORE_KINDS; k++)
        merge(&row->kind[k], &frame->kind[k]);
}

enum vt_code vt_scores_add(struct vt_scores *scores, const char *label,
                           const struct vt_frame_score *frame, struct vt_error *error)
{
    assert(scores && frame);
    enum vt_code code = VT_OK;
    if (scores->n_rows == 0)
        code = add_row(scores, "all", error);
    if (code)
        return code;
    const size_t r = find_row(scores, label);
    if (r == scores->n_rows)
        code = add_row(scores, label, error);
    if (code)
        return code;
    add_to_row(&scores->rows[0], frame);
    add_to_row(&scores->rows[r], frame);
    return VT_OK;
}

static void print_number(FILE *file, const struct vt_error_sums *sums, double value)
{
    if (sums->count > 0)
        fprintf(file, " %10.4g", value);
    else
        fprintf(file, " %10s", "-");
}

static void print_row(FILE *file, int width, const struct vt_score_row *row)
{
    fprintf(file, "%-*s %8zu %10zu", width, row->label, row->n_frames, row->n_atoms);
    for (int k = 0; k < VT_SCORE_KINDS; k++) {
        const struct vt_error_sums *sums = &row->kind[k];
        const double n = (double)sums->count;
        print_number(file, sums, sqrt(sums->square / n));
        print_number(file, sums, sums->absolute / n);
        if (k == VT_SCORE_ENERGY)
            print_number(file, sums, sums->sum / n);
    }
    fputc('\n', file);
}

static bool has_reference(const struct vt_scores *scores)
{
    for (int k = 0; scores->n_rows > 0 && k < VT_SCORE_KINDS; k++)
        if (scores->rows[0].kind[k].count > 0)
            return true;
    return false;
}

void vt_scores_print(const struct vt_scores *scores, FILE *file)
{
    assert(scores && file);
    if (!has_reference(scores)) {
        fprintf(file, "no reference values (energy, forces, virial or stress) to compare with\n");
        return;
    }
    int width = (int)strlen("config_type");
    for (size_t r = 0; r < scores->n_rows; r++) {
        const int length = (int)strlen(scores->rows[r].label);
        width = length > width ? length : width;
    }
    fprintf(file, "%-*s %8s %10s %-32s %-21s %s\n", width, "errors of", "", "",
            "  energy (meV/atom)", "    force (meV/A)", "    stress (GPa)");
    fprintf(file, "%-*s %8s %10s %10s %10s %10s %10s %10s %10s %10s\n", width, "config_type",
            "frames", "atoms", "RMSE", "MAE", "mean", "RMSE", "MAE", "RMSE", "MAE");
    for (size_t r = 0; r < scores->n_rows; r++)
        if (r == 0 || scores->n_rows > 2)
            print_row(file, width, &scores->rows[r]);
}

void vt_scores_destroy(struct vt_scores *scores)
{
    for (size_t r = 0; r < scores->n_rows; r++)
        vt_free(scores->rows[r].label);
    vt_free(scores->rows);
    *scores = (struct vt_scores){0};
}
