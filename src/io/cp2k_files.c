/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cp2k_files.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"

/* The word behind "i =" or "E =", without the comma that may end it. */
static bool value_of(struct vt_dft_lines *in, const char *key, struct vt_word *word)
{
    if (!vt_dft_find(in, key) || !vt_scan_word(&in->scan, word))
        return false;
    if (word->length > 1 && word->text[word->length - 1] == ',')
        word->length--;
    return true;
}

/* " i =        1, time =        1.000, E =        -1.1723461614" */
static enum vt_code read_title(struct vt_dft_lines *in, struct vt_cp2k_step *step,
                               struct vt_error *error)
{
    struct vt_word word;
    enum vt_code code = vt_dft_need_line(in, "title of a step", error);
    if (code)
        return code;
    if (!value_of(in, "i =", &word))
        return vt_fail_at(error, vt_dft_place(in), VT_INPUT,
                          "expected the title of a step: i = NUMBER, ..., E = ENERGY");
    code = vt_word_integer(&word, "step", 0, INT64_MAX, &step->number, error);
    if (code)
        return code;
    if (!value_of(in, "E =", &word))
        return vt_fail_at(error, vt_dft_place(in), VT_INPUT, "the step has no energy (E = ...)");
    return vt_word_real(&word, "energy", &step->energy, error);
}

static enum vt_code read_atom(struct vt_dft_lines *in, struct vt_cp2k_step *step, size_t i,
                              struct vt_error *error)
{
    struct vt_word label;
    enum vt_code code = vt_dft_need_line(in, "last atom of the step", error);
    if (!code)
        code = vt_reserve(&step->position, &step->capacity[0], i + 1, sizeof *step->position,
                          "positions", error);
    if (!code)
        code = vt_reserve(&step->element, &step->capacity[1], i + 1, 1, "elements", error);
    if (code)
        return code;
    if (!vt_scan_word(&in->scan, &label))
        return vt_fail_at(error, vt_dft_place(in), VT_INPUT, "expected an atom, found nothing");
    step->element[i] = (uint8_t)vt_atomic_number(label.text, vt_word_letters(&label));
    return vt_dft_reals(in, "position", 3, step->position[i], error);
}

enum vt_code vt_cp2k_next_step(struct vt_dft_lines *in, struct vt_cp2k_step *step, bool *end,
                               struct vt_error *error)
{
    assert(in && step && end);
    struct vt_word word;
    int64_t n = 0;
    step->n_atoms = 0;
    enum vt_code code = vt_dft_next(in, end, error);
    if (code || *end)
        return code;
    if (!vt_scan_word(&in->scan, &word))
        return vt_fail_at(error, vt_dft_place(in), VT_INPUT,
                          "expected the number of atoms of a step");
    code = vt_word_integer(&word, "number of atoms", 1, INT32_MAX, &n, error);
    if (!code)
        code = read_title(in, step, error);
    for (size_t i = 0; i < (size_t)n && !code; i++)
        code = read_atom(in, step, i, error);
    step->n_atoms = code ? 0 : (size_t)n;
    return code;
}

void vt_cp2k_step_destroy(struct vt_cp2k_step *step)
{
    vt_free(step->position);
    vt_free(step->element);
    *step = (struct vt_cp2k_step){0};
}

enum vt_code vt_cp2k_cell_of_step(struct vt_dft_lines *in, int64_t number, double cell[3][3],
                                  bool *found, struct vt_error *error)
{
    assert(in && found);
    bool end = false;
    for (*found = false; !*found;) {
        struct vt_word word;
        int64_t step = 0;
        double values[10]; /* time and nine components */
        enum vt_code code = vt_dft_next(in, &end, error);
        if (code || end)
            return code;
        if (!vt_scan_peek(&in->scan, &word) || word.text[0] == '#')
            continue;
        vt_scan_word(&in->scan, &word);
        code = vt_word_integer(&word, "step", 0, INT64_MAX, &step, error);
        if (!code && step != number)
            continue;
        if (!code)
            code = vt_dft_reals(in, "time and cell", 10, values, error);
        if (code)
            return code;
        memcpy(cell, values + 1, 9 * sizeof *values);
        *found = true;
    }
    return VT_OK;
}
