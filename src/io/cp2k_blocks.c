/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cp2k_blocks.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/mat3.h"
#include "base/units.h"
#include "io/cp2k_input.h"

/* Half a unit of the last printed digit, and rounding. */
static const double vector_slack = 6e-4, length_slack = 1.1e-6, angle_slack = 2e-6;

/* ---- units ---- */

struct unit {
    const char *name;
    double factor;
};

static const struct unit energy_units[] = {
    {"a.u.", VT_HARTREE}, {"hartree", VT_HARTREE}, {"Ry", 0.5 * VT_HARTREE}, {"eV", 1}, {NULL, 0}};

static const struct unit force_units[] = {{"a.u.", VT_HARTREE / VT_BOHR},
                                          {"hartree/bohr", VT_HARTREE / VT_BOHR},
                                          {"hartree*bohr^-1", VT_HARTREE / VT_BOHR},
                                          {"eV/angstrom", 1},
                                          {"eV*angstrom^-1", 1},
                                          {NULL, 0}};

static const struct unit stress_units[] = {
    {"GPa", 1 / VT_GPA_PER_PRESSURE},
    {"bar", 1e-4 / VT_GPA_PER_PRESSURE},
    {"kbar", 0.1 / VT_GPA_PER_PRESSURE},
    {"MPa", 1e-3 / VT_GPA_PER_PRESSURE},
    {"Pa", 1e-9 / VT_GPA_PER_PRESSURE},
    {"atm", 1.01325e-4 / VT_GPA_PER_PRESSURE},
    {"a.u.", VT_HARTREE / (VT_BOHR * VT_BOHR * VT_BOHR)},
    {"hartree/bohr^3", VT_HARTREE / (VT_BOHR * VT_BOHR * VT_BOHR)},
    {"hartree*bohr^-3", VT_HARTREE / (VT_BOHR * VT_BOHR * VT_BOHR)},
    {"eV/angstrom^3", 1},
    {NULL, 0}};

/* The unit in the first brackets, or, up to CP2K 8, parentheses, from the reading position on;
 * reading goes on behind them. */
static enum vt_code read_unit(struct vt_dft_lines *in, const struct unit *units, const char *what,
                              double *factor, struct vt_error *error)
{
    struct vt_scan *scan = &in->scan;
    while (scan->position < scan->length && !strchr("[(", scan->line[scan->position]))
        scan->position++;
    const bool found = scan->position < scan->length;
    const char *start = scan->line + scan->position + found;
    const char close = found && start[-1] == '(' ? ')' : ']';
    scan->position += found;
    const char *stop = found ? memchr(start, close, scan->length - scan->position) : NULL;
    const size_t length = stop ? (size_t)(stop - start) : 0;
    for (const struct unit *unit = units; unit->name && stop; unit++)
        if (strlen(unit->name) == length && strncasecmp(unit->name, start, length) == 0) {
            *factor = unit->factor;
            scan->position += length + 1;
            return VT_OK;
        }
    const struct vt_word word = {start, length, {0}};
    return vt_fail_at(error, vt_dft_place(in), VT_INPUT, "unknown unit '%s' of the %s",
                      vt_word_shown(&word).text, what);
}

/* ---- cell ---- */

static enum vt_code read_vector(struct vt_dft_lines *in, struct vt_cp2k_printed_cell *cell, int k,
                                struct vt_error *error)
{
    struct vt_word word;
    enum vt_code code = vt_dft_reals(in, "cell vector", 3, cell->vector[k], error);
    if (code)
        return code;
    cell->length[k] = vt_norm(cell->vector[k]);
    for (int i = 0; i < 2 && vt_scan_word(&in->scan, &word); i++) /* "|a| =" */
        ;
    if (vt_scan_peek(&in->scan, &word))
        code = vt_dft_reals(in, "length of the cell vector", 1, &cell->length[k], error);
    cell->seen |= 1u << k;
    return code;
}

enum vt_code vt_cp2k_see_cell(struct vt_dft_lines *in, struct vt_cp2k_printed_cell *cell,
                              struct vt_error *error)
{
    static const char *const vectors[] = {
        " CELL| Vector a [angstrom]:", " CELL| Vector b [angstrom]:",
        " CELL| Vector c [angstrom]:"};
    static const char *const angles[] = {"alpha [degree]:", "beta  [degree]:", "gamma [degree]:"};
    if (!vt_dft_find(in, " CELL| "))
        return VT_OK;
    for (int k = 0; k < 3; k++) {
        if (vt_dft_find(in, vectors[k]))
            return read_vector(in, cell, k, error);
        if (vt_dft_find(in, angles[k])) {
            cell->seen |= 8u << k;
            return vt_dft_reals(in, "angle of the cell", 1, &cell->angle[k], error);
        }
    }
    struct vt_word word;
    if (!vt_dft_find(in, " CELL| Periodicity") || !vt_scan_word(&in->scan, &word))
        return VT_OK;
    for (int k = 0; k < 3; k++)
        cell->open[k] = !memchr(word.text, "XYZ"[k], word.length);
    return VT_OK;
}

bool vt_cp2k_is_printed(const double cell[3][3], const struct vt_cp2k_printed_cell *printed)
{
    for (int i = 0; i < 3; i++) {
        if (!(fabs(vt_norm(cell[i]) - printed->length[i]) < length_slack))
            return false;
        for (int k = 0; k < 3; k++)
            if (!(fabs(cell[i][k] - printed->vector[i][k]) < vector_slack))
                return false;
        const double *b = cell[(i + 1) % 3], *c = cell[(i + 2) % 3];
        const double angle = acos(vt_dot(b, c) / (vt_norm(b) * vt_norm(c))) * 180 / VT_PI;
        if (printed->seen & 8u << i && !(fabs(angle - printed->angle[i]) < angle_slack))
            return false;
    }
    return true;
}

void vt_cp2k_refine_cell(const struct vt_cp2k_printed_cell *printed, double cell[3][3])
{
    if ((printed->seen & 0x38) == 0x38) {
        vt_cp2k_cell(printed->length, printed->angle, cell);
        if (vt_cp2k_is_printed((const double(*)[3])cell, printed))
            return;
    }
    for (int i = 0; i < 3; i++) {
        const double rounded = vt_norm(printed->vector[i]);
        for (int k = 0; k < 3; k++)
            cell[i][k] = printed->vector[i][k] * (rounded > 0 ? printed->length[i] / rounded : 1);
    }
}

/* ---- energy, forces, stress ---- */

enum vt_code vt_cp2k_read_energy(struct vt_dft_lines *in, double *energy, struct vt_error *error)
{
    double factor = 0;
    struct vt_word word;
    vt_dft_find(in, " energy");
    enum vt_code code = read_unit(in, energy_units, "energy", &factor, error);
    if (!code && vt_scan_peek(&in->scan, &word) && vt_word_is(&word, ":"))
        vt_scan_word(&in->scan, &word);
    if (!code)
        code = vt_dft_reals(in, "energy", 1, energy, error);
    if (!code)
        *energy *= factor;
    return code;
}

bool vt_cp2k_begins_forces(struct vt_dft_lines *in)
{
    return vt_dft_find(in, "ATOMIC FORCES in [") || vt_dft_find(in, "FORCES| Atomic forces [");
}

bool vt_cp2k_begins_stress(struct vt_dft_lines *in)
{
    return (vt_dft_find(in, "nalytical stress tensor [") ||
            vt_dft_find(in, "umerical stress tensor [") || vt_dft_find(in, "STRESS TENSOR [")) &&
           !vt_dft_find(in, "igenv") && !vt_dft_find(in, "IGENV");
}

/* A row: "1 1 Cl x y z", or behind "FORCES|" "1 x y z |f|". *is_row = false: another line. */
static enum vt_code read_force_row(struct vt_dft_lines *in, double force[3], uint8_t *element,
                                   bool *is_row, struct vt_error *error)
{
    struct vt_word word;
    int64_t atom = 0;
    in->scan.position = 0;
    const bool is_new = vt_dft_find(in, "FORCES|");
    *is_row = vt_scan_word(&in->scan, &word) &&
              !vt_word_integer(&word, "atom", 1, INT64_MAX, &atom, NULL);
    if (!*is_row)
        return VT_OK;
    if (!is_new) {
        vt_scan_word(&in->scan, &word); /* its kind */
        if (!vt_scan_word(&in->scan, &word))
            return vt_fail_at(error, vt_dft_place(in), VT_INPUT, "the row of an atom is cut");
        const enum vt_code code = vt_dft_element(&word, element, error);
        if (code)
            return code;
    }
    return vt_dft_reals(in, "force", 3, force, error);
}

enum vt_code vt_cp2k_read_forces(struct vt_dft_lines *in, struct vt_frame *frame,
                                 struct vt_error *error)
{
    double factor = 0;
    struct vt_column *column = NULL;
    frame->line = in->lines.number;
    in->scan.position = 0;
    enum vt_code code = read_unit(in, force_units, "forces", &factor, error);
    if (!code)
        code = vt_frame_add_column(frame, "forces", VT_REAL, 3, &column, error);
    while (!code) {
        double force[3];
        uint8_t element = 0;
        bool is_row = false;
        code = vt_dft_need_line(in, "end of the forces", error);
        if (!code)
            code = read_force_row(in, force, &element, &is_row, error);
        if (code || (!is_row && frame->n_atoms > 0))
            break;
        if (!is_row)
            continue; /* the head of the table */
        for (int k = 0; k < 3; k++)
            force[k] *= factor;
        code = vt_dft_add_force(frame, force, error);
        if (!code)
            frame->element[frame->n_atoms - 1] = element;
    }
    return code;
}

/* A row: "STRESS| x 1 2 3" or "X 1 2 3". *is_row = false: another line. */
static enum vt_code read_stress_row(struct vt_dft_lines *in, char label, double row[3],
                                    bool *is_row, struct vt_error *error)
{
    struct vt_word word;
    double number;
    in->scan.position = 0;
    vt_dft_find(in, "STRESS|");
    *is_row = vt_scan_word(&in->scan, &word) && word.length == 1 &&
              (word.text[0] | 0x20) == label && vt_scan_peek(&in->scan, &word) &&
              !vt_word_real(&word, "number", &number, NULL);
    return *is_row ? vt_dft_reals(in, "stress", 3, row, error) : VT_OK;
}

enum vt_code vt_cp2k_read_stress(struct vt_dft_lines *in, double stress[9], struct vt_error *error)
{
    enum { HEAD = 4 }; /* lines between the title and the first row, at most */
    double factor = 0;
    int n = 0, skipped = 0;
    in->scan.position = 0;
    enum vt_code code = read_unit(in, stress_units, "stress", &factor, error);
    while (!code && n < 3) {
        bool is_row = false;
        code = vt_dft_need_line(in, "end of the stress tensor", error);
        if (!code)
            code = read_stress_row(in, "xyz"[n], stress + 3 * (size_t)n, &is_row, error);
        n += is_row;
        skipped += !is_row;
        if (!code && skipped > HEAD)
            code = vt_fail_at(error, vt_dft_place(in), VT_INPUT,
                              "expected row %c of the stress tensor", "xyz"[n]);
    }
    for (int i = 0; i < 9 && !code; i++)
        stress[i] *= factor;
    return code;
}
