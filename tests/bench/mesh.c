/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mesh part of the electrostatics: what it costs, and how far its forces are off. A distorted
 * rock salt crystal of 0.0282 atoms/A^3 (that of PbTe), charges about 0.7 e.
 *
 *     bench_mesh [MOST [LEAST]]          cost against the number of atoms, split into its parts
 *     bench_mesh write FILE              16,000 atoms as a LAMMPS data file (atom_style charge)
 *     bench_mesh forces CUTOFF ACCURACY [FILE]
 *                                        times and errors at 16,000 atoms for that cutoff, double
 * and float; FILE: id fx fy fz in eV/A by another program, whose error against the same reference
 * is printed, too
 *
 * One core; time of the processor; the fastest of many calls, and the mean. Errors: root mean
 * square over the atoms against a mesh and pairs of accuracy 2e-8. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/units.h"
#include "common/dice.h"
#include "coulomb/tune.h"

static const double spacing = 3.2856; /* A */

struct atoms {
    size_t n;
    struct vt_cell cell;
    double (*position)[3], *charge, squares;
    struct vt_coulomb_sums sums;
};

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void must(enum vt_code code)
{
    if (code)
        exit(EXIT_FAILURE);
}

/* Sites of a box of edge[0] x edge[1] x edge[2], all even. */
static void make_atoms(struct atoms *atoms, const int edge[3])
{
    struct dice dice = {3};
    double cell[3][3] = {{0}}, sum = 0;
    for (int d = 0; d < 3; d++)
        cell[d][d] = edge[d] * spacing;
    *atoms = (struct atoms){.n = (size_t)edge[0] * (size_t)edge[1] * (size_t)edge[2]};
    must(vt_cell_init(&atoms->cell, (const double(*)[3])cell, NULL));
    must(vt_alloc(&atoms->position, atoms->n, sizeof *atoms->position, "atoms", NULL));
    must(vt_alloc(&atoms->charge, atoms->n, sizeof(double), "atoms", NULL));
    must(vt_alloc(&atoms->sums.energies, atoms->n, sizeof(double), "atoms", NULL));
    must(vt_alloc(&atoms->sums.potentials, atoms->n, sizeof(double), "atoms", NULL));
    must(vt_alloc(&atoms->sums.forces, atoms->n, sizeof(double[3]), "atoms", NULL));
    size_t i = 0;
    for (int x = 0; x < edge[0]; x++)
        for (int y = 0; y < edge[1]; y++)
            for (int z = 0; z < edge[2]; z++, i++) {
                const int at[3] = {x, y, z};
                for (int d = 0; d < 3; d++)
                    atoms->position[i][d] = spacing * at[d] + dice_real(&dice, 0, 0.5);
                atoms->charge[i] = ((x + y + z) % 2 ? 0.7 : -0.7) + dice_real(&dice, -0.1, 0.1);
                sum += atoms->charge[i];
            }
    for (i = 0; i < atoms->n; i++) {
        atoms->charge[i] -= sum / (double)atoms->n;
        atoms->squares += atoms->charge[i] * atoms->charge[i];
    }
}

static void clear(struct atoms *atoms)
{
    memset(atoms->sums.energies, 0, atoms->n * sizeof(double));
    memset(atoms->sums.potentials, 0, atoms->n * sizeof(double));
    memset(atoms->sums.forces, 0, atoms->n * sizeof(double[3]));
}

static void free_atoms(struct atoms *atoms)
{
    vt_free(atoms->position);
    vt_free(atoms->charge);
    vt_free(atoms->sums.energies);
    vt_free(atoms->sums.potentials);
    vt_free(atoms->sums.forces);
}

static struct vt_tune_request request_for(const struct atoms *atoms, double accuracy, bool single)
{
    return (struct vt_tune_request){.accuracy = accuracy,
                                    .cloud = {atoms->cell, (double)atoms->n, atoms->squares},
                                    .ranks = 1,
                                    .single = single,
                                    .cutoff_least = 6,
                                    .cutoff_most = 12,
                                    .pair_cost = 1};
}

/* Times the mesh and prints a line. */
static void run(struct atoms *atoms, const struct vt_tune_choice *choice)
{
    const struct vt_point_charges charges = {
        MPI_COMM_NULL, atoms->n, (const double(*)[3])atoms->position, atoms->charge, NULL};
    const double per_atom = 1e6 / (double)atoms->n;
    struct vt_mesh *mesh = NULL;
    double least[VT_TIMERS_MAX], fastest = INFINITY, sum = 0;
    int calls = 0;
    must(vt_mesh_create(&mesh, &choice->mesh, NULL, NULL));
    const struct vt_timers *timers = vt_mesh_timers(mesh);
    for (int t = 0; t < VT_TIMERS_MAX; t++)
        least[t] = INFINITY;
    clear(atoms);
    must(vt_mesh_add(mesh, &atoms->cell, &charges, &atoms->sums, NULL)); /* to warm up */
    for (; calls < 100 && (sum < 1.5 || calls < 5); calls++) {
        const struct vt_timers before = *timers;
        const double start = processor_time();
        must(vt_mesh_add(mesh, &atoms->cell, &charges, &atoms->sums, NULL));
        const double once = processor_time() - start;
        fastest = fmin(fastest, once);
        sum += once;
        for (int t = 0; t < timers->count; t++)
            least[t] = fmin(least[t], 1e-9 * (double)(timers->timer[t].nanoseconds -
                                                      before.timer[t].nanoseconds));
    }
    printf("%8zu %s cutoff %4.1f width %d size %3d %3d %3d |", atoms->n,
           choice->mesh.single ? "float " : "double", choice->mesh.split.cutoff, choice->mesh.width,
           choice->mesh.size[0], choice->mesh.size[1], choice->mesh.size[2]);
    for (int t = 0; t < timers->count; t++)
        printf(" %s %.3f", timers->timer[t].name, least[t] * per_atom);
    printf(" | fastest %.3f mean %.3f us/atom\n", fastest * per_atom, sum / calls * per_atom);
    fflush(stdout);
    vt_mesh_destroy(mesh);
}

static void cost(size_t most, size_t least)
{
    static const int edges[][3] = {{10, 10, 10}, {14, 14, 16}, {20, 20, 20}, {20, 20, 40},
                                   {32, 32, 32}, {40, 40, 64}, {64, 64, 64}, {100, 100, 100}};
    for (size_t k = 0; k < sizeof edges / sizeof *edges; k++) {
        struct atoms atoms;
        const size_t n = (size_t)edges[k][0] * (size_t)edges[k][1] * (size_t)edges[k][2];
        if (n < least || n > most)
            continue;
        make_atoms(&atoms, edges[k]);
        for (int digits = 4; digits <= 5; digits++)
            for (int single = 0; single < 2; single++) {
                const struct vt_tune_request request =
                    request_for(&atoms, pow(10, -digits), single);
                struct vt_tune_choice choice;
                must(vt_tune(&request, &choice, NULL));
                printf("1e-%d ", digits);
                run(&atoms, &choice);
            }
        free_atoms(&atoms);
    }
}

/* ---- forces */

/* Pairs of the rest, nearest images alone: the cell is wider than twice the cutoff. */
static void add_pairs(struct atoms *atoms, const struct vt_split *split)
{
    const double cutoff = split->cutoff;
    double edge[3];
    for (int d = 0; d < 3; d++)
        edge[d] = atoms->cell.vector[d][d];
    for (size_t i = 0; i < atoms->n; i++)
        for (size_t j = 0; j < i; j++) {
            double apart[3], squared = 0, slope;
            for (int d = 0; d < 3; d++) {
                apart[d] = atoms->position[j][d] - atoms->position[i][d];
                apart[d] -= apart[d] > 0.5 * edge[d] ? edge[d] : 0;
                apart[d] += apart[d] < -0.5 * edge[d] ? edge[d] : 0;
                squared += apart[d] * apart[d];
            }
            if (squared >= cutoff * cutoff)
                continue;
            const double r = sqrt(squared);
            vt_split_smooth(split, r, &slope);
            const double force =
                VT_COULOMB * atoms->charge[i] * atoms->charge[j] * (-1 / squared - slope) / r;
            for (int d = 0; d < 3; d++) {
                atoms->sums.forces[i][d] += force * apart[d];
                atoms->sums.forces[j][d] -= force * apart[d];
            }
        }
}

static void total_forces(struct atoms *atoms, const struct vt_tune_choice *choice)
{
    const struct vt_point_charges charges = {
        MPI_COMM_NULL, atoms->n, (const double(*)[3])atoms->position, atoms->charge, NULL};
    struct vt_mesh *mesh = NULL;
    clear(atoms);
    must(vt_mesh_create(&mesh, &choice->mesh, NULL, NULL));
    must(vt_mesh_add(mesh, &atoms->cell, &charges, &atoms->sums, NULL));
    vt_mesh_destroy(mesh);
    add_pairs(atoms, &choice->mesh.split);
}

static double error_of(const struct atoms *atoms, const double (*force)[3],
                       const double (*exact)[3])
{
    double sum = 0;
    for (size_t i = 0; i < atoms->n; i++)
        for (int d = 0; d < 3; d++)
            sum += pow(force[i][d] - exact[i][d], 2);
    return sqrt(sum / (double)atoms->n) / VT_COULOMB;
}

static void print_other(const struct atoms *atoms, const char *path, const double (*exact)[3])
{
    double(*force)[3] = NULL;
    FILE *file = fopen(path, "r");
    size_t read = 0, id;
    double f[3];
    must(vt_alloc(&force, atoms->n, sizeof *force, "forces", NULL));
    while (file && fscanf(file, "%zu %lf %lf %lf", &id, &f[0], &f[1], &f[2]) == 4) {
        if (id < 1 || id > atoms->n)
            exit(EXIT_FAILURE);
        memcpy(force[id - 1], f, sizeof f);
        read++;
    }
    if (!file || read != atoms->n)
        exit(EXIT_FAILURE);
    fclose(file);
    printf("other: error %.2e\n", error_of(atoms, (const double(*)[3])force, exact));
    vt_free(force);
}

static void forces(double cutoff, double accuracy, const char *path)
{
    struct atoms atoms;
    struct vt_tune_choice choice;
    double(*exact)[3] = NULL;
    make_atoms(&atoms, (const int[3]){20, 20, 40});
    must(vt_alloc(&exact, atoms.n, sizeof *exact, "forces", NULL));
    struct vt_tune_request request = request_for(&atoms, 2e-8, false);
    request.cutoff_least = request.cutoff_most = 12;
    must(vt_tune(&request, &choice, NULL));
    total_forces(&atoms, &choice);
    memcpy(exact, atoms.sums.forces, atoms.n * sizeof *exact);
    for (int single = 0; single < 2; single++) {
        request = request_for(&atoms, accuracy, single);
        if (cutoff > 0)
            request.cutoff_least = request.cutoff_most = cutoff;
        must(vt_tune(&request, &choice, NULL));
        total_forces(&atoms, &choice);
        printf("%s: error %.2e, predicted %.2e: ", single ? "float" : "double",
               error_of(&atoms, (const double(*)[3])atoms.sums.forces, (const double(*)[3])exact),
               choice.error);
        run(&atoms, &choice);
    }
    if (path)
        print_other(&atoms, path, (const double(*)[3])exact);
    vt_free(exact);
    free_atoms(&atoms);
}

static void write_data(const char *path)
{
    struct atoms atoms;
    FILE *file = fopen(path, "w");
    if (!file)
        exit(EXIT_FAILURE);
    make_atoms(&atoms, (const int[3]){20, 20, 40});
    fprintf(file, "charges\n\n%zu atoms\n1 atom types\n\n", atoms.n);
    for (int d = 0; d < 3; d++)
        fprintf(file, "0 %.17g %clo %chi\n", atoms.cell.vector[d][d], "xyz"[d], "xyz"[d]);
    fprintf(file, "\nMasses\n\n1 100\n\nAtoms # charge\n\n");
    for (size_t i = 0; i < atoms.n; i++)
        fprintf(file, "%zu 1 %.17g %.17g %.17g %.17g\n", i + 1, atoms.charge[i],
                atoms.position[i][0], atoms.position[i][1], atoms.position[i][2]);
    fclose(file);
    free_atoms(&atoms);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0)
        write_data(argv[2]);
    else if (argc >= 4 && strcmp(argv[1], "forces") == 0)
        forces(strtod(argv[2], NULL), strtod(argv[3], NULL), argc > 4 ? argv[4] : NULL);
    else
        cost(argc > 1 ? strtoul(argv[1], NULL, 10) : 40000,
             argc > 2 ? strtoul(argv[2], NULL, 10) : 0);
    return EXIT_SUCCESS;
}
