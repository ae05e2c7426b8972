/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The units of the program, and quantities as users write them: `2 fs`, `300 K`, `0.1 GPa`, `10 %`.
 *
 * Inside, everywhere: eV, angstrom, fs, amu, K, e. What follows from these: force eV/A, pressure
 * eV/A^3, density amu/A^3, field V/A (= eV/(e A)), velocity A/fs, strain rate 1/fs. Two choices
 * beside: fractions are plain numbers (10 % is 0.1), and wall time is a dimension of its own, in
 * seconds, so that a simulated `30 min` or a walltime of `30 fs` is refused as the slip it is. */
#ifndef VT_UNITS_H
#define VT_UNITS_H

#include <stddef.h>

#include "base/error.h"

#define VT_PI 3.14159265358979323846

/* CODATA 2018; the elementary charge and the Boltzmann constant are exact since 2019. */
#define VT_BOLTZMANN             8.617333262145177e-5 /* eV/K */
#define VT_AMU                   103.64269652680505 /* eV fs^2/A^2: kinetic energy = m v^2 VT_AMU / 2 */
#define VT_GPA_PER_PRESSURE      160.2176634        /* GPa in one eV/A^3 */
#define VT_HARTREE               27.211386245988   /* eV */
#define VT_BOHR                  0.529177210903    /* A */
#define VT_KJ_PER_MOL_OF_EV      96.48533212331001 /* kJ/mol in one eV: e N_A / 1000 */
#define VT_G_PER_CM3_PER_DENSITY 1.6605390666      /* g/cm^3 in one amu/A^3 */

/* Coulomb constant, eV A/e^2. CODATA has 14.39964548: this is the rounded value that the published
 * programs trained all models with, and a model is only exact with its own constant. */
#define VT_COULOMB 14.399645

enum vt_dimension {
    VT_NUMBER,      /* no unit allowed */
    VT_FRACTION,    /* a plain number or % */
    VT_LENGTH,      /* A */
    VT_TIME,        /* simulated: fs */
    VT_WALLTIME,    /* of the clock on the wall: s */
    VT_MASS,        /* amu */
    VT_CHARGE,      /* e */
    VT_TEMPERATURE, /* K */
    VT_ENERGY,      /* eV */
    VT_FORCE,       /* eV/A */
    VT_PRESSURE,    /* eV/A^3 */
    VT_DENSITY,     /* amu/A^3 */
    VT_FIELD,       /* V/A */
    VT_HEATING,     /* K/fs */
    VT_STRAIN_RATE, /* 1/fs */
    VT_DIMENSIONS
};

enum { VT_QUANTITY_SIZE = 48 };

/* "time", "pressure", ...: as in "a unit of time". */
const char *vt_dimension_name(enum vt_dimension dimension);

/* The units that a quantity may have, "fs, ps, ns, us", cut to size; returns text. */
char *vt_dimension_units(enum vt_dimension dimension, char *text, size_t size);

/* Read all of text as a number with a unit of the dimension; *value in the units of the program.
 * Blanks between number and unit, and around both, are optional; A may be written as the letter
 * with a ring, a power as in cm3, cm^3 or cm(superscript 3), micro as u or mu. place: where text
 * stands, for the message; {NULL, 0, 0} if nowhere. *value is unchanged on failure. */
enum vt_code vt_parse_quantity(const char *text, enum vt_dimension dimension, struct vt_place place,
                               double *value, struct vt_error *error);

/* The shortest text that vt_parse_quantity turns back into the same bits, "20 ps" for 20000 with
 * VT_TIME: in the first unit of vt_dimension_units, unless another one spares three characters or
 * more. value is finite. Returns text. */
char *vt_format_quantity(double value, enum vt_dimension dimension, char text[VT_QUANTITY_SIZE]);

#endif
