/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "training/energy_shift.h"
#include "training/split.h"
#include "training_sets.h"

#define LATTICE "Lattice=\"4 0 0 0 5 0 0 0 6\" "
#define COLUMNS "Properties=species:S:1:pos:R:3:forces:R:3 "
#define ATOMS   "Li 0 0 0 0.5 0 0\nCl 2 2 2 -0.5 0 0\n"

static const struct vt_dataset_types any = {.is_open = true};

static void keeps_all_that_a_frame_says(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_error_list errors = {0};
    assert_int_equal(
        vt_read_set(&set,
                    "2\n" LATTICE "Properties=species:S:1:pos:R:3:force:R:3:bec:R:9 Energy=-7.5 "
                    "stress=\"1 0 0 0 2 0 0 0 3\" charge=-1 weight=2 energy_weight=0.5 "
                    "config_type=300 name=a pbc=\"T T F\" source=OUTCAR:12\n"
                    "Li 0 0 0 0.5 0 0 1 2 3 4 5 6 7 8 9\nCl 2 2 2 -0.5 0 0 1 2 3 4 5 6 7 8 9.5\n",
                    &errors),
        VT_OK);
    assert_int_equal(set.n_frames, 1);
    const struct vt_dataset_frame *frame = &set.frame[0];
    assert_int_equal(frame->n_atoms, 2);
    assert_int_equal(set.types.n, 2);
    assert_int_equal(set.types.atomic_number[frame->type[1]], 17);
    assert_true(frame->energy == -7.5 && frame->force[1][0] == -0.5);
    assert_true(frame->volume == 120);
    assert_true(frame->has_virial && frame->from_stress && frame->virial[4] == -240);
    assert_true(frame->charge == -1 && frame->weight == 2 && frame->energy_weight == 0.5);
    assert_true(frame->born[17] == 9.5);
    assert_false(frame->is_periodic);
    assert_string_equal(frame->config_type, "300");
    assert_string_equal(frame->name, "a");
    assert_string_equal(frame->source, "OUTCAR:12");
    assert_int_equal(frame->line, 1);
    vt_dataset_destroy(&set);
}

/* One mistake, in the second of three frames. */
static void assert_mistake(const char *comment, const char *atoms, const char *message)
{
    static const char good[] = "2\n" LATTICE COLUMNS "energy=1\n" ATOMS;
    struct vt_dataset set = {.types = {2, {3, 17}, false}};
    struct vt_error_list errors = {0};
    char text[2000];
    snprintf(text, sizeof text, "%s2\n%s\n%s%s", good, comment, atoms, good);
    assert_int_equal(vt_read_set(&set, text, &errors), VT_INPUT);
    assert_int_equal(errors.n_kept, 1);
    assert_string_equal(errors.error[0].message, message);
    assert_int_equal(errors.error[0].line, 5);
    assert_int_equal(set.n_frames, 2); /* the others are there */
    assert_int_equal(set.frame[1].line, 9);
    vt_dataset_destroy(&set);
}

static void names_each_mistake(void **state)
{
    (void)state;
    assert_mistake(LATTICE "Properties=species:S:1:pos:R:3 energy=1", "Li 0 0 0\nCl 1 1 1\n",
                   "the frame has no forces");
    assert_mistake(LATTICE COLUMNS, ATOMS, "the frame has no energy");
    assert_mistake(COLUMNS "energy=1", ATOMS, "the frame has no cell (Lattice)");
    assert_mistake(LATTICE COLUMNS "energy=1", "Li 0 0 0 0 0 0\nBr 1 1 1 0 0 0\n",
                   "atom 2 is Br, which is not among the elements of the model");
    assert_mistake(LATTICE COLUMNS "energy=1 weight=0", ATOMS,
                   "the frame's 'weight' is 0, not from 1e-300 to 100");
    assert_mistake(LATTICE COLUMNS "energy=1 charge=many", ATOMS,
                   "the frame's 'charge' is not a number");
    assert_mistake(LATTICE COLUMNS "energy=1 virial=\"1 0 0 0 1 0 0 0 1\" "
                                   "stress=\"0.1 0 0 0 0.1 0 0 0 0.1\"",
                   ATOMS, "virial and stress of the frame contradict each other by 6.5 eV/atom");
    assert_mistake(LATTICE "Properties=species:S:1:pos:R:3:forces:R:3:bec:R:3 energy=1",
                   "Li 0 0 0 0 0 0 1 1 1\nCl 1 1 1 0 0 0 1 1 1\n",
                   "the column 'bec' (Born charges) needs 9 real numbers an atom");
}

static void a_wrong_sign_is_told(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_error_list errors = {0};
    assert_int_equal(vt_read_set(&set,
                                 "2\n" LATTICE COLUMNS "energy=1 virial=\"12 0 0 0 12 0 0 0 12\" "
                                 "stress=\"0.1 0.1 0.1 0 0 0\"\n" ATOMS,
                                 &errors),
                     VT_INPUT);
    assert_string_equal(errors.error[0].hint, "one of them has the wrong sign: the virial is minus "
                                              "stress times volume");
    vt_dataset_destroy(&set);
}

static void mistakes_tell_the_source(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_error_list errors = {0};
    assert_int_equal(
        vt_read_set(&set, "2\n" LATTICE COLUMNS "energy=1 weight=101 source=a/OUTCAR:7\n" ATOMS,
                    &errors),
        VT_INPUT);
    assert_string_equal(errors.error[0].hint, "the frame was imported from a/OUTCAR:7");
    vt_dataset_destroy(&set);
}

static void empty_and_doubled_files_are_mistakes(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_error_list errors = {0};
    assert_int_equal(vt_read_set(&set, "", &errors), VT_INPUT);
    assert_int_equal(vt_dataset_add_file(&set, "no such file.xyz", false, &errors), VT_INPUT);
    assert_int_equal(errors.n_kept, 2);
    assert_int_equal(vt_dataset_add_file(&set, "no such file.xyz", false, &errors), VT_INPUT);
    assert_string_equal(errors.error[2].message, "the file is named twice");
    vt_dataset_destroy(&set);
}

static void makes_virials_symmetric(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_error_list errors = {0};
    assert_int_equal(
        vt_read_set(&set, "2\n" LATTICE COLUMNS "energy=1 virial=\"1 2 3 4 5 6 7 8 9\"\n" ATOMS,
                    &errors),
        VT_OK);
    assert_true(set.frame[0].virial[1] == 3 && set.frame[0].virial[3] == 3);
    assert_true(set.frame[0].asymmetry == 4);
    vt_dataset_destroy(&set);
}

/* ---- split and ranks ---- */

static size_t count_tests(const struct vt_dataset *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n_frames; i++)
        n += set->frame[i].is_test;
    return n;
}

static void splits_by_content(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any}, again = {.types = any};
    vt_spring_set(&set, 40, &(struct vt_flaws){0});
    vt_spring_set(&again, 40, &(struct vt_flaws){0});
    /* the other way round */
    for (size_t i = 0; i < 20; i++) {
        const struct vt_dataset_frame swap = again.frame[i];
        again.frame[i] = again.frame[39 - i];
        again.frame[39 - i] = swap;
    }
    assert_int_equal(vt_dataset_split(&set, 0.25, 3, NULL), VT_OK);
    assert_int_equal(vt_dataset_split(&again, 0.25, 3, NULL), VT_OK);
    assert_int_equal(count_tests(&set), 10);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(set.frame[i].is_test, again.frame[39 - i].is_test);
    /* another seed draws others; no more than all but one are drawn */
    bool differs = false;
    for (size_t i = 0; i < 40; i++)
        again.frame[i].is_test = false;
    assert_int_equal(vt_dataset_split(&again, 0.25, 4, NULL), VT_OK);
    for (size_t i = 0; i < 40; i++)
        differs |= set.frame[i].is_test != again.frame[39 - i].is_test;
    assert_true(differs);
    assert_int_equal(vt_dataset_split(&again, 1, 4, NULL), VT_OK);
    assert_int_equal(count_tests(&again), 39);
    vt_dataset_destroy(&set);
    vt_dataset_destroy(&again);
}

static void splits_each_config_type(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    vt_spring_set(&set, 60, &(struct vt_flaws){0});
    for (size_t i = 0; i < 60; i++) /* 30 a, 20 b, 10 c */
        set.frame[i].config_type[0] = i < 30 ? 'a' : i < 50 ? 'b' : 'c';
    assert_int_equal(vt_dataset_split(&set, 0.25, 1, NULL), VT_OK);
    size_t n[3] = {0};
    for (size_t i = 0; i < 60; i++)
        n[i < 30 ? 0 : i < 50 ? 1 : 2] += set.frame[i].is_test;
    assert_int_equal(n[0] + n[1] + n[2], 15);
    assert_true(n[0] >= 7 && n[0] <= 8 && n[1] >= 5 && n[1] <= 6 && n[2] >= 2 && n[2] <= 3);
    vt_dataset_destroy(&set);
}

static void deals_by_cost(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    int owner[50];
    vt_spring_set(&set, 50, &(struct vt_flaws){0});
    for (int n_ranks = 1; n_ranks <= 7; n_ranks++) {
        double cost[7] = {0}, all = 0, largest = 0;
        assert_int_equal(vt_dataset_deal(&set, 6, n_ranks, owner, NULL), VT_OK);
        for (size_t i = 0; i < 50; i++) {
            assert_true(owner[i] >= 0 && owner[i] < n_ranks);
            cost[owner[i]] += vt_dataset_cost(&set.frame[i], 6);
            all += vt_dataset_cost(&set.frame[i], 6);
        }
        for (int r = 0; r < n_ranks; r++)
            largest = fmax(largest, cost[r]);
        assert_true(largest <= all / n_ranks + vt_dataset_cost(&set.frame[0], 6) * 1.1);
    }
    vt_dataset_destroy(&set);
}

/* ---- energies of elements ---- */

static void add_composition(char *text, size_t size, const char *const *atoms, double energy)
{
    size_t n = 0, at = strlen(text);
    while (atoms[n])
        n++;
    at +=
        (size_t)snprintf(text + at, size - at, "%zu\n" LATTICE COLUMNS "energy=%.17g\n", n, energy);
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, size - at, "%s %zu 0 0 0 0 0\n", atoms[i], i);
}

static void finds_energies_of_elements(void **state)
{
    (void)state;
    static const char *const frames[][5] = {
        {"Li", "Cl", "Cl"}, {"Li", "Li", "Cl"}, {"Zr", "Cl", "Cl", "Cl"}, {"Li"}};
    static const double energies[] = {-10.5 - 2 * 400.25, -2 * 10.5 - 400.25, -1300 - 3 * 400.25,
                                      -10.5};
    char text[2000] = "";
    for (int i = 0; i < 4; i++)
        add_composition(text, sizeof text, frames[i], energies[i]);
    struct vt_dataset set = {.types = {4, {3, 17, 40, 8}, false}};
    struct vt_error_list errors = {0};
    struct vt_energy_shift shift;
    assert_int_equal(vt_read_set(&set, text, &errors), VT_OK);
    assert_int_equal(vt_energy_shift_fit(&shift, &set, NULL, NULL), VT_OK);
    assert_true(fabs(shift.energy[0] + 10.5) < 1e-10);
    assert_true(fabs(shift.energy[1] + 400.25) < 1e-10);
    assert_true(fabs(shift.energy[2] + 1300) < 1e-10);
    assert_true(shift.energy[3] == 0 && !shift.is_present[3]);
    assert_int_equal(shift.rank, 3);
    assert_true(shift.is_determined[0] && shift.is_determined[2] && !shift.is_determined[3]);
    assert_true(shift.rms < 1e-10);
    vt_dataset_destroy(&set);
}

/* Li:Cl is always 1:1, Zr is beside them: the least norm shares, and Zr alone is determined. */
static void tells_what_is_not_determined(void **state)
{
    (void)state;
    static const char *const frames[][6] = {{"Li", "Cl"}, {"Li", "Cl", "Zr"}};
    static const double energies[] = {-30, -80};
    char text[1000] = "";
    for (int i = 0; i < 2; i++)
        add_composition(text, sizeof text, frames[i], energies[i]);
    struct vt_dataset set = {.types = {3, {3, 17, 40}, false}};
    struct vt_error_list errors = {0};
    struct vt_energy_shift shift;
    assert_int_equal(vt_read_set(&set, text, &errors), VT_OK);
    assert_int_equal(vt_energy_shift_fit(&shift, &set, NULL, NULL), VT_OK);
    assert_int_equal(shift.rank, 2);
    assert_true(fabs(shift.energy[0] + 15) < 1e-10 && fabs(shift.energy[1] + 15) < 1e-10);
    assert_true(fabs(shift.energy[2] + 50) < 1e-10);
    assert_false(shift.is_determined[0]);
    assert_false(shift.is_determined[1]);
    assert_true(shift.is_determined[2]);
    /* test frames do not count */
    set.frame[1].is_test = true;
    assert_int_equal(vt_energy_shift_fit(&shift, &set, NULL, NULL), VT_OK);
    assert_int_equal(shift.rank, 1);
    assert_false(shift.is_present[2]);
    vt_dataset_destroy(&set);
}

static void survives_a_lack_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    char *text = vt_spring_text(2);
    for (long n = 1; failed; n++) {
        struct vt_dataset set = {.types = any};
        struct vt_energy_shift shift;
        struct vt_error_list errors = {0};
        int owner[2];
        vt_balance_fail(n);
        enum vt_code code = vt_read_set(&set, text, &errors);
        if (!code)
            code = vt_dataset_split(&set, 0.5, 1, NULL);
        if (!code)
            code = vt_dataset_deal(&set, 6, 2, owner, NULL);
        if (!code)
            code = vt_energy_shift_fit(&shift, &set, NULL, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_dataset_destroy(&set);
    }
    vt_balance_fail(0);
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all_that_a_frame_says),
        cmocka_unit_test(names_each_mistake),
        cmocka_unit_test(a_wrong_sign_is_told),
        cmocka_unit_test(mistakes_tell_the_source),
        cmocka_unit_test(empty_and_doubled_files_are_mistakes),
        cmocka_unit_test(makes_virials_symmetric),
        cmocka_unit_test(splits_by_content),
        cmocka_unit_test(splits_each_config_type),
        cmocka_unit_test(deals_by_cost),
        cmocka_unit_test(finds_energies_of_elements),
        cmocka_unit_test(tells_what_is_not_determined),
        cmocka_unit_test(survives_a_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
