/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training_sets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balance.h"
#include "base/mat3.h"
#include "base/random.h"

enum { ATOMS = 8 };

static const double edge = 6, stiffness = 0.4, rest = 2.9;

struct system {
    double cell[3][3], r[ATOMS][3], f[ATOMS][3], energy, virial[9];
};

/* Springs between each atom and all images of the others within 4 A (a smooth enough set of pairs
 * for the small distortions here: none crosses that distance). */
static void evaluate(struct system *s)
{
    memset(s->f, 0, sizeof s->f);
    memset(s->virial, 0, sizeof s->virial);
    s->energy = 0;
    for (int i = 0; i < ATOMS; i++)
        for (int j = 0; j < ATOMS; j++)
            for (int m = 0; m < 27; m++) {
                double d[3];
                const double shift[3] = {m % 3 - 1, m / 3 % 3 - 1, m / 9 - 1};
                vt_row_times_mat3(shift, (const double(*)[3])s->cell, d);
                for (int k = 0; k < 3; k++)
                    d[k] += s->r[j][k] - s->r[i][k];
                const double r = vt_norm(d);
                if (r < 1e-9 || r > 3.6)
                    continue;
                s->energy += 0.25 * stiffness * (r - rest) * (r - rest);
                for (int k = 0; k < 3; k++) {
                    const double f = stiffness * (r - rest) * d[k] / r; /* on i */
                    s->f[i][k] += f;
                    for (int l = 0; l < 3; l++)
                        s->virial[3 * l + k] -= 0.5 * d[l] * f;
                }
            }
}

static void make_system(struct system *s, int frame)
{
    double u[9 + 3 * ATOMS];
    vt_random_uniform((struct vt_random){7, 1}, (struct vt_random_point){.id = (uint64_t)frame},
                      9 + 3 * ATOMS, u);
    for (int i = 0; i < 9; i++)
        s->cell[i / 3][i % 3] = edge * ((i % 4 == 0) + 0.03 * (u[i] - 0.5));
    for (int a = 0; a < ATOMS; a++) {
        const double site[3] = {0.5 * (a & 1), 0.5 * (a >> 1 & 1), 0.5 * (a >> 2 & 1)};
        vt_row_times_mat3(site, (const double(*)[3])s->cell, s->r[a]);
        for (int k = 0; k < 3; k++)
            s->r[a][k] += 0.12 * (u[9 + 3 * a + k] - 0.5);
    }
    evaluate(s);
}

static double factor(double flaw)
{
    return flaw == 0 ? 1 : flaw;
}

static void print_system(FILE *file, const struct system *s, const struct vt_flaws *flaws)
{
    fprintf(file, "%d\nLattice=\"", ATOMS);
    for (int i = 0; i < 9; i++)
        fprintf(file, "%.17g ", s->cell[i / 3][i % 3]);
    fprintf(file, "\" Properties=species:S:1:pos:R:3:forces:R:3 pbc=\"T T T\" virial=\"");
    for (int i = 0; i < 9; i++)
        fprintf(file, "%.17g ", factor(flaws->virial) * s->virial[i]);
    fprintf(file, "\" energy=%.17g config_type=springs\n", factor(flaws->energy) * s->energy - 40);
    for (int a = 0; a < ATOMS; a++) {
        fprintf(file, "%s", a % 2 ? "Cl" : "Li");
        for (int k = 0; k < 3; k++)
            fprintf(file, " %.17g", s->r[a][k]);
        for (int k = 0; k < 3; k++)
            fprintf(file, " %.17g", factor(flaws->force) * s->f[a][k]);
        fputc('\n', file);
    }
}

static char *print_set(int n, const struct vt_flaws *flaws)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    for (int i = 0; i < n; i++) {
        struct system s;
        make_system(&s, i);
        print_system(file, &s, flaws);
    }
    fclose(file);
    return text;
}

char *vt_spring_text(int n)
{
    return print_set(n, &(struct vt_flaws){0});
}

void vt_spring_set(struct vt_dataset *set, int n, const struct vt_flaws *flaws)
{
    struct vt_error_list errors = {0};
    char *text = print_set(n, flaws);
    assert_int_equal(vt_read_set(set, text, &errors), VT_OK);
    free(text);
}

enum vt_code vt_read_set(struct vt_dataset *set, const char *text, struct vt_error_list *errors)
{
    char path[] = "vt_test_set_XXXXXX";
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(text, file);
    fclose(file);
    const enum vt_code code = vt_dataset_add_file(set, path, false, errors);
    unlink(path);
    return code;
}
