/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube.h"

#include "base/units.h"

enum { PER_LINE = 6 };

void vt_cube_write(FILE *file, const struct vt_cube *cube)
{
    fprintf(file, "%s\n%s\n%5zu %12.6f %12.6f %12.6f\n", cube->title, cube->what, cube->n_atoms, 0.,
            0., 0.);
    for (int d = 0; d < 3; d++)
        fprintf(file, "%5d %12.6f %12.6f %12.6f\n", cube->n[d],
                cube->cell[d][0] / cube->n[d] / VT_BOHR, cube->cell[d][1] / cube->n[d] / VT_BOHR,
                cube->cell[d][2] / cube->n[d] / VT_BOHR);
    for (size_t i = 0; i < cube->n_atoms; i++)
        fprintf(file, "%5d %12.6f %12.6f %12.6f %12.6f\n", cube->element[i],
                (double)cube->element[i], cube->position[i][0] / VT_BOHR,
                cube->position[i][1] / VT_BOHR, cube->position[i][2] / VT_BOHR);
    const double *value = cube->value;
    for (long row = 0; row < (long)cube->n[0] * cube->n[1]; row++) {
        for (int z = 0; z < cube->n[2]; z++)
            fprintf(file, "%13.5e%s", *value++,
                    z + 1 == cube->n[2] || (z + 1) % PER_LINE == 0 ? "\n" : "");
    }
}
