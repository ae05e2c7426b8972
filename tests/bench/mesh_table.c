/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures what the cost model of the mesh is made of and prints src/coulomb/mesh_costs_table.h:
 * nanoseconds of spreading and gathering an atom with each width of window, and of both transforms
 * for each point of a mesh, in double and in float. One core; the fastest of many. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "common/dice.h"
#include "coulomb/fft.h"
#include "coulomb/mesh.h"

enum { LARGEST = 128, EDGE = 20, ATOMS = 2 * EDGE * EDGE * EDGE };

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int smooth(int n)
{
    static const int prime[] = {2, 3, 5, 7};
    for (int k = 0; k < 4; k++)
        while (n % prime[k] == 0)
            n /= prime[k];
    return n == 1;
}

static void must(enum vt_code code)
{
    if (code)
        exit(EXIT_FAILURE);
}

/* Both transforms of n^3 points, ns a point. */
static double transform_cost(int n, bool single)
{
    const struct vt_fft_layout layout = {MPI_COMM_NULL, {n, n, n}, {1, 1}, single};
    struct vt_fft *fft = NULL;
    must(vt_fft_create(&fft, &layout, NULL));
    double least = INFINITY, spent = 0;
    for (int k = 0; k < 200 && (spent < 0.1 || k < 3); k++) {
        const double start = processor_time();
        vt_fft_forward(fft);
        vt_fft_backward(fft);
        const double once = processor_time() - start;
        least = fmin(least, once);
        spent += once;
    }
    vt_fft_destroy(fft);
    return 1e9 * least / ((double)n * n * n);
}

struct atoms {
    struct vt_cell cell;
    double (*position)[3], *charge;
    struct vt_coulomb_sums sums;
};

static void make_atoms(struct atoms *atoms)
{
    static const double spacing = 3.2856;
    struct dice dice = {3};
    const double edge = EDGE * spacing;
    const double cell[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, 2 * edge}};
    must(vt_cell_init(&atoms->cell, cell, NULL));
    must(vt_alloc(&atoms->position, ATOMS, sizeof *atoms->position, "atoms", NULL));
    must(vt_alloc(&atoms->charge, ATOMS, sizeof(double), "atoms", NULL));
    must(vt_alloc(&atoms->sums.energies, ATOMS, sizeof(double), "atoms", NULL));
    must(vt_alloc(&atoms->sums.potentials, ATOMS, sizeof(double), "atoms", NULL));
    must(vt_alloc(&atoms->sums.forces, ATOMS, sizeof(double[3]), "atoms", NULL));
    for (size_t i = 0; i < ATOMS; i++) {
        const size_t at[3] = {i / (2 * EDGE * EDGE), i / (2 * EDGE) % EDGE, i % (2 * EDGE)};
        for (int d = 0; d < 3; d++)
            atoms->position[i][d] = spacing * (double)at[d] + dice_real(&dice, -0.2, 0.2);
        atoms->charge[i] = (at[0] + at[1] + at[2]) % 2 ? 1 : -1;
    }
}

static void free_atoms(struct atoms *atoms)
{
    vt_free(atoms->position);
    vt_free(atoms->charge);
    vt_free(atoms->sums.energies);
    vt_free(atoms->sums.potentials);
    vt_free(atoms->sums.forces);
}

/* What does not depend on the mesh, ns an atom. */
static double atom_cost(struct atoms *atoms, int width, bool single)
{
    const struct vt_mesh_settings settings = {.split = vt_split_prolate(11, 8),
                                              .window = VT_WINDOW_PROLATE,
                                              .width = width,
                                              .shape = 0.55 * 3.14159 * (width - 1),
                                              .size = {32, 32, 64},
                                              .single = single};
    const struct vt_point_charges charges = {
        MPI_COMM_NULL, ATOMS, (const double(*)[3])atoms->position, atoms->charge, NULL};
    struct vt_mesh *mesh = NULL;
    must(vt_mesh_create(&mesh, &settings, NULL, NULL));
    double least[VT_TIMERS_MAX], sum = 0;
    const struct vt_timers *timers = vt_mesh_timers(mesh);
    for (int t = 0; t < VT_TIMERS_MAX; t++)
        least[t] = INFINITY;
    for (int k = 0; k < 40; k++) {
        const struct vt_timers before = *timers;
        must(vt_mesh_add(mesh, &atoms->cell, &charges, &atoms->sums, NULL));
        for (int t = 0; t < timers->count; t++)
            least[t] = fmin(least[t],
                            (double)(timers->timer[t].nanoseconds - before.timer[t].nanoseconds));
    }
    for (int t = 0; t < timers->count; t++) /* exchange, transform, influence are of the mesh */
        if (t < 2 || t > 4)
            sum += least[t];
    vt_mesh_destroy(mesh);
    return sum / ATOMS;
}

int main(void)
{
    struct atoms atoms = {.charge = NULL};
    make_atoms(&atoms);
    printf("/* ns an atom: [float][width] */\n");
    printf("static const double vt_atom_cost[2][VT_WINDOW_MOST + 1] = {\n");
    for (int single = 0; single < 2; single++) {
        printf("    {0, 0, 0");
        for (int width = VT_WINDOW_LEAST; width <= VT_WINDOW_MOST; width++)
            printf(", %.0f", atom_cost(&atoms, width, single));
        printf("},\n");
    }
    printf("};\n\n/* ns a point of both transforms: a size, in double, in float */\n");
    printf("static const struct vt_size_cost vt_size_cost[] = {\n");
    for (int n = 8; n <= LARGEST; n++)
        if (smooth(n))
            printf("    {%d, {%.2f, %.2f}},\n", n, transform_cost(n, false),
                   transform_cost(n, true));
    printf("};\n");
    free_atoms(&atoms);
    return 0;
}
