/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/units.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* A quantity in the units of the program is number * multiply / divide. One of the two is 1, so
 * that a single rounding is made and 1 meV is the double nearest to 0.001. Units of a dimension
 * stand together, the preferred one first; each dimension has the program's own unit (1, 1), in
 * which every value can be written. */
struct unit {
    enum vt_dimension dimension;
    const char *name;
    double multiply, divide;
};

static const struct unit units[] = {
    {VT_NUMBER, "", 1, 1},
    {VT_FRACTION, "", 1, 1},
    {VT_FRACTION, "%", 1, 100},
    {VT_LENGTH, "A", 1, 1},
    {VT_LENGTH, "nm", 10, 1},
    {VT_LENGTH, "pm", 1, 100},
    {VT_LENGTH, "angstrom", 1, 1},
    {VT_LENGTH, "bohr", 0.529177210903, 1},
    {VT_TIME, "fs", 1, 1},
    {VT_TIME, "ps", 1e3, 1},
    {VT_TIME, "ns", 1e6, 1},
    {VT_TIME, "us", 1e9, 1},
    {VT_WALLTIME, "s", 1, 1},
    {VT_WALLTIME, "min", 60, 1},
    {VT_WALLTIME, "h", 3600, 1},
    {VT_WALLTIME, "d", 86400, 1},
    {VT_MASS, "amu", 1, 1},
    {VT_MASS, "g/mol", 1, 1},
    {VT_CHARGE, "e", 1, 1},
    {VT_TEMPERATURE, "K", 1, 1},
    {VT_ENERGY, "eV", 1, 1},
    {VT_ENERGY, "meV", 1, 1e3},
    {VT_ENERGY, "kJ/mol", 1, 96.48533212331002},
    {VT_ENERGY, "kcal/mol", 1, 23.06054783061903},
    {VT_FORCE, "eV/A", 1, 1},
    {VT_FORCE, "meV/A", 1, 1e3},
    {VT_PRESSURE, "GPa", 1, VT_GPA_PER_PRESSURE},
    {VT_PRESSURE, "MPa", 1, VT_GPA_PER_PRESSURE * 1e3},
    {VT_PRESSURE, "kPa", 1, VT_GPA_PER_PRESSURE * 1e6},
    {VT_PRESSURE, "Pa", 1, VT_GPA_PER_PRESSURE * 1e9},
    {VT_PRESSURE, "bar", 1, VT_GPA_PER_PRESSURE * 1e4},
    {VT_PRESSURE, "kbar", 1, VT_GPA_PER_PRESSURE * 10},
    {VT_PRESSURE, "atm", 1, VT_GPA_PER_PRESSURE * 1e9 / 101325},
    {VT_PRESSURE, "eV/A3", 1, 1},
    {VT_DENSITY, "g/cm3", 1, VT_G_PER_CM3_PER_DENSITY},
    {VT_DENSITY, "kg/m3", 1, VT_G_PER_CM3_PER_DENSITY * 1e3},
    {VT_DENSITY, "amu/A3", 1, 1},
    {VT_FIELD, "V/A", 1, 1},
    {VT_FIELD, "V/nm", 1, 10},
    {VT_FIELD, "MV/cm", 1, 1e2},
    {VT_FIELD, "kV/cm", 1, 1e5},
    {VT_FIELD, "MV/m", 1, 1e4},
    {VT_FIELD, "V/cm", 1, 1e8},
    {VT_FIELD, "V/m", 1, 1e10},
    {VT_HEATING, "K/ps", 1, 1e3},
    {VT_HEATING, "K/ns", 1, 1e6},
    {VT_HEATING, "K/fs", 1, 1},
    {VT_STRAIN_RATE, "/ps", 1, 1e3},
    {VT_STRAIN_RATE, "/ns", 1, 1e6},
    {VT_STRAIN_RATE, "/fs", 1, 1},
    {VT_STRAIN_RATE, "%/ps", 1, 1e5},
    {VT_STRAIN_RATE, "%/ns", 1, 1e8},
};

enum {
    UNITS = sizeof units / sizeof *units,
    UNITS_OF_DIMENSION = 16, /* more than any dimension has */
    UNIT_SIZE = 24           /* of a unit as users may write it */
};

const char *vt_dimension_name(enum vt_dimension dimension)
{
    static const char *const names[VT_DIMENSIONS] = {
        [VT_NUMBER] = "number",           [VT_FRACTION] = "fraction",
        [VT_LENGTH] = "length",           [VT_TIME] = "time",
        [VT_WALLTIME] = "wall time",      [VT_MASS] = "mass",
        [VT_CHARGE] = "charge",           [VT_TEMPERATURE] = "temperature",
        [VT_ENERGY] = "energy",           [VT_FORCE] = "force",
        [VT_PRESSURE] = "pressure",       [VT_DENSITY] = "density",
        [VT_FIELD] = "electric field",    [VT_HEATING] = "heating rate",
        [VT_STRAIN_RATE] = "strain rate",
    };
    assert(dimension < VT_DIMENSIONS);
    return names[dimension];
}

char *vt_dimension_units(enum vt_dimension dimension, char *text, size_t size)
{
    assert(dimension < VT_DIMENSIONS && text && size > 0);
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < UNITS; i++) {
        if (units[i].dimension != dimension || length >= size)
            continue;
        const int n = snprintf(text + length, size - length, "%s%s", length ? ", " : "",
                               units[i].name[0] ? units[i].name : "none");
        length += (size_t)n;
    }
    return text;
}

static double from_unit(double number, const struct unit *unit)
{
    return number * unit->multiply / unit->divide;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* One past what could be a number. An 'e' without digits belongs to the unit: 2eV. */
static const char *skip_number(const char *p)
{
    if (*p == '+' || *p == '-')
        p++;
    while (vt_is_digit(*p) || *p == '.')
        p++;
    if (*p == 'e' || *p == 'E') {
        const bool sign = p[1] == '+' || p[1] == '-';
        if (vt_is_digit(p[1 + sign]))
            for (p += 1 + sign; vt_is_digit(*p); p++)
                ;
    }
    return p;
}

/* The unit at text, without blanks at its end and in the spelling of the table: A for the letter
 * with a ring (as one character or as the sign), u for mu, and 3 for ^3 and the superscript. What
 * is too long for any unit is cut. */
static void normalise_unit(const char *text, char unit[UNIT_SIZE])
{
    static const struct {
        const char *spelling;
        char letter;
    } spellings[] = {{"\xc3\x85", 'A'}, {"\xe2\x84\xab", 'A'}, {"\xc2\xb5", 'u'},
                     {"\xce\xbc", 'u'}, {"\xc2\xb3", '3'},     {"^3", '3'}};
    enum { SPELLINGS = sizeof spellings / sizeof *spellings };
    size_t end = strlen(text);
    while (end > 0 && is_blank(text[end - 1]))
        end--;
    size_t length = 0;
    for (size_t i = 0; i < end && length + 1 < UNIT_SIZE;) {
        int s = 0;
        while (s < SPELLINGS &&
               strncmp(text + i, spellings[s].spelling, strlen(spellings[s].spelling)) != 0)
            s++;
        unit[length++] = s < SPELLINGS ? spellings[s].letter : text[i];
        i += s < SPELLINGS ? strlen(spellings[s].spelling) : 1;
    }
    unit[length] = '\0';
}

static const struct unit *find_unit(enum vt_dimension dimension, const char *name)
{
    for (int i = 0; i < UNITS; i++)
        if (units[i].dimension == dimension && strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

static const char *nearest_unit(enum vt_dimension dimension, const char *name)
{
    const char *names[UNITS_OF_DIMENSION + 1] = {NULL};
    int n = 0;
    for (int i = 0; i < UNITS; i++) {
        if (units[i].dimension == dimension && units[i].name[0]) {
            assert(n < UNITS_OF_DIMENSION);
            names[n++] = units[i].name;
        }
    }
    return vt_nearest(name, names);
}

static void hint_units(struct vt_error *error, const char *nearest, enum vt_dimension dimension)
{
    char list[128];
    if (dimension == VT_NUMBER)
        vt_hint(error, "a number without a unit is wanted");
    else if (nearest)
        vt_hint(error, "did you mean '%s'? Units of %s: %s", nearest, vt_dimension_name(dimension),
                vt_dimension_units(dimension, list, sizeof list));
    else
        vt_hint(error, "units of %s: %s", vt_dimension_name(dimension),
                vt_dimension_units(dimension, list, sizeof list));
}

/* Say what is wrong with the unit of text, called name ("" if it has none), which is none of the
 * dimension's. */
static enum vt_code refuse_unit(const char *text, const char *name, enum vt_dimension dimension,
                                struct vt_place place, struct vt_error *error)
{
    int other = 0;
    while (other < VT_DIMENSIONS && !find_unit((enum vt_dimension)other, name))
        other++;
    const char *nearest = NULL;
    if (!name[0]) {
        vt_fail_at(error, place, VT_INPUT, "'%.80s' has no unit", text);
    } else if (dimension == VT_NUMBER) {
        vt_fail_at(error, place, VT_INPUT, "'%.80s' is not a plain number", text);
    } else if (other < VT_DIMENSIONS) {
        vt_fail_at(error, place, VT_INPUT, "'%s' is a unit of %s, not of %s", name,
                   vt_dimension_name((enum vt_dimension)other), vt_dimension_name(dimension));
    } else {
        vt_fail_at(error, place, VT_INPUT, "unknown unit '%s'", name);
        nearest = nearest_unit(dimension, name);
    }
    hint_units(error, nearest, dimension);
    return VT_INPUT;
}

enum vt_code vt_parse_quantity(const char *text, enum vt_dimension dimension, struct vt_place place,
                               double *value, struct vt_error *error)
{
    assert(text && dimension < VT_DIMENSIONS && value);
    while (is_blank(*text))
        text++;
    const char *rest = skip_number(text);
    double number;
    const bool is_number = vt_parse_double(text, (size_t)(rest - text), &number);
    while (is_blank(*rest))
        rest++;
    if (!is_number || (*rest && strchr("+-.0123456789", *rest))) {
        vt_fail_at(error, place, VT_INPUT, "'%.80s' is not a number%s", text,
                   dimension == VT_NUMBER ? "" : " with a unit");
        hint_units(error, NULL, dimension);
        return VT_INPUT;
    }
    char name[UNIT_SIZE];
    normalise_unit(rest, name);
    const struct unit *const unit = find_unit(dimension, name);
    if (!unit)
        return refuse_unit(text, name, dimension, place, error);
    number = from_unit(number, unit);
    if (!isfinite(number))
        return vt_fail_at(error, place, VT_INPUT, "'%.80s' is too large", text);
    *value = number;
    return VT_OK;
}

/* The number of fewest digits that is `value` in the unit, as text; false if there is none.
 * Undoing the unit can miss the number that the user wrote by a rounding or two, but rounded to as
 * many digits as that number has (if up to 15), it hits it again. */
static bool format_number(double value, const struct unit *unit, char text[VT_DOUBLE_SIZE])
{
    const double number = value * unit->divide / unit->multiply;
    for (int digits = 1; digits <= VT_DOUBLE_DIGITS && isfinite(number); digits++) {
        double back;
        vt_format_double(number, digits, text);
        if (vt_parse_double(text, strlen(text), &back)) {
            back = from_unit(back, unit);
            if (memcmp(&back, &value, sizeof value) == 0)
                return true;
        }
    }
    return false;
}

char *vt_format_quantity(double value, enum vt_dimension dimension, char text[VT_QUANTITY_SIZE])
{
    enum { WORTH_ANOTHER_UNIT = 3 };
    assert(isfinite(value) && dimension < VT_DIMENSIONS && text);
    char best[VT_DOUBLE_SIZE] = "";
    const struct unit *best_unit = NULL;
    for (int i = 0; i < UNITS; i++) {
        char number[VT_DOUBLE_SIZE];
        if (units[i].dimension != dimension || !format_number(value, &units[i], number))
            continue;
        if (!best_unit || strlen(number) + WORTH_ANOTHER_UNIT <= strlen(best)) {
            memcpy(best, number, sizeof best);
            best_unit = &units[i];
        }
    }
    assert(best_unit); /* the program's own unit at least */
    snprintf(text, VT_QUANTITY_SIZE, "%s%s%s", best, best_unit->name[0] ? " " : "",
             best_unit->name);
    return text;
}
