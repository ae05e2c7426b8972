/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values on a grid over a cell as a Gaussian cube file, which VESTA, VMD, OVITO and ASE read. */
#ifndef VT_CUBE_H
#define VT_CUBE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct vt_cube {
    const char *title; /* one line */
    const char *what; /* one line: quantity and unit of the values, which are written as they are */
    double cell[3][3]; /* rows a, b, c, A; in the file all lengths are in Bohr */
    int n[3];
    const double *value; /* x slowest, z fastest */
    size_t n_atoms;
    const uint8_t *element;
    const double (*position)[3]; /* A */
};

/* Errors of the file are left to whoever closes it. */
void vt_cube_write(FILE *file, const struct vt_cube *cube);

#endif
