/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set with right labels has no findings; each flaw put into it is found, and named. */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "training/audit.h"
#include "training_sets.h"

static const struct vt_dataset_types any = {.is_open = true};
static const struct vt_audit_options options = {.max_force = 30};

static void audit_set(struct vt_audit *audit, const struct vt_dataset *set)
{
    assert_int_equal(vt_audit(audit, set, &options, NULL), VT_OK);
}

/* The first finding of the kind; fails if there is none. */
static const struct vt_audit_finding *find(const struct vt_audit *audit, enum vt_audit_kind kind)
{
    for (size_t i = 0; i < audit->n_findings; i++)
        if (audit->finding[i].kind == kind)
            return &audit->finding[i];
    fail_msg("no finding of kind '%s'", vt_audit_text(kind));
    return NULL;
}

static void a_right_set_is_right(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_audit audit;
    vt_spring_set(&set, 24, &(struct vt_flaws){0});
    for (int k = 0; k < 3; k++) /* to another image, which changes nothing */
        set.frame[3].position[2][k] += 3 * set.frame[3].cell[1][k];
    audit_set(&audit, &set);
    assert_int_equal(vt_audit_count(&audit, VT_ERROR), 0);
    assert_int_equal(vt_audit_count(&audit, VT_WARNING), 0);
    assert_true(audit.slopes.has_force && audit.slopes.has_virial);
    assert_int_equal(audit.slopes.n_pairs, 210);
    assert_true(fabs(audit.slopes.force - 1) < 0.02);
    assert_true(fabs(audit.slopes.virial - 1) < 0.02);
    assert_int_equal(audit.n_groups, 1);
    assert_int_equal(audit.n_atoms_of[0], 4 * 24);
    assert_int_equal(audit.group[0].n_virials, 24);
    assert_true(audit.closest[0][1] > 2.7 && audit.closest[0][1] < 3);
    assert_int_equal(audit.count[VT_AUDIT_UNDETERMINED], 1); /* Li and Cl always 1:1 */
    vt_audit_destroy(&audit);
    vt_dataset_destroy(&set);
}

static void assert_flaw(const struct vt_flaws *flaws, enum vt_audit_kind kind, const char *text)
{
    struct vt_dataset set = {.types = any};
    struct vt_audit audit;
    vt_spring_set(&set, 24, flaws);
    audit_set(&audit, &set);
    const struct vt_audit_finding *finding = find(&audit, kind);
    if (!strstr(finding->text, text))
        fail_msg("'%s' not in '%s'", text, finding->text);
    assert_int_equal(vt_audit_count(&audit, VT_ERROR), 1);
    vt_audit_destroy(&audit);
    vt_dataset_destroy(&set);
}

static void wrong_units_and_signs_are_named(void **state)
{
    (void)state;
    assert_flaw(&(struct vt_flaws){.force = VT_BOHR / VT_HARTREE}, VT_AUDIT_FORCES_DISAGREE,
                "they look like Ha/bohr");
    assert_flaw(&(struct vt_flaws){.force = -1}, VT_AUDIT_FORCES_DISAGREE, "sign is wrong");
    assert_flaw(&(struct vt_flaws){.force = 3}, VT_AUDIT_FORCES_DISAGREE, "units or signs");
    assert_flaw(&(struct vt_flaws){.virial = -1}, VT_AUDIT_VIRIALS_DISAGREE, "sign is wrong");
    assert_flaw(&(struct vt_flaws){.virial = VT_GPA_PER_PRESSURE}, VT_AUDIT_VIRIALS_DISAGREE,
                "look like GPa");
    assert_flaw(&(struct vt_flaws){.virial = -10 * VT_GPA_PER_PRESSURE}, VT_AUDIT_VIRIALS_DISAGREE,
                "kbar, with the sign of a pressure");
}

static void distances_see_all_images(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_audit here, there;
    vt_spring_set(&set, 1, &(struct vt_flaws){0});
    audit_set(&here, &set);
    for (size_t i = 0; i < 8; i += 2)
        for (int k = 0; k < 3; k++)
            set.frame[0].position[i][k] +=
                3 * set.frame[0].cell[1][k] - 7 * set.frame[0].cell[2][k];
    audit_set(&there, &set);
    assert_true(here.closest[0][1] > 2.7 && here.closest[0][1] < 3);
    assert_true(fabs(here.closest[0][1] - there.closest[0][1]) < 1e-12);
    vt_audit_destroy(&here);
    vt_audit_destroy(&there);
    vt_dataset_destroy(&set);
}

/* Each frame as a whole is somewhere else, and forces have a sum: neither is work. */
static void moves_of_the_whole_are_no_work(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_audit audit;
    vt_spring_set(&set, 24, &(struct vt_flaws){0});
    for (size_t f = 0; f < set.n_frames; f++)
        for (size_t i = 0; i < set.frame[f].n_atoms; i++)
            for (int k = 0; k < 3; k++) {
                set.frame[f].position[i][k] += 0.7 * (double)f;
                set.frame[f].force[i][k] += 0.3;
            }
    audit_set(&audit, &set);
    assert_true(audit.slopes.has_force && audit.slopes.n_pairs == 210);
    assert_true(fabs(audit.slopes.force - 1) < 0.02);
    assert_int_equal(audit.count[VT_AUDIT_NET_FORCE], 24);
    vt_audit_destroy(&audit);
    vt_dataset_destroy(&set);
}

/* Change one frame, and find what was done. */
static void spoil(struct vt_dataset *set, enum vt_audit_kind kind)
{
    struct vt_dataset_frame *frame = &set->frame[9];
    switch (kind) {
    case VT_AUDIT_ENERGY_OUTLIER:
        frame->energy /= VT_HARTREE;
        break;
    case VT_AUDIT_LARGE_FORCE:
        frame->force[3][1] = 31;
        break;
    case VT_AUDIT_NET_FORCE:
        for (size_t i = 0; i < frame->n_atoms; i++)
            frame->force[i][2] += 0.03;
        break;
    case VT_AUDIT_ONE_PLACE:
        memcpy(frame->position[5], frame->position[2], sizeof frame->position[5]);
        for (int k = 0; k < 3; k++)
            frame->position[5][k] += frame->cell[1][k];
        break;
    case VT_AUDIT_CLOSE_ATOMS:
        memcpy(frame->position[5], frame->position[2], sizeof frame->position[5]);
        frame->position[5][0] += 0.7;
        break;
    case VT_AUDIT_VOLUME:
        for (int i = 0; i < 9; i++)
            frame->cell[i / 3][i % 3] *= 2.2;
        frame->volume *= 2.2 * 2.2 * 2.2;
        break;
    case VT_AUDIT_ASYMMETRY:
        frame->asymmetry = 0.1;
        break;
    case VT_AUDIT_NO_VIRIAL:
        frame->has_virial = false;
        break;
    case VT_AUDIT_MIXED:
        frame->from_stress = true;
        break;
    case VT_AUDIT_NOT_PERIODIC:
        frame->is_periodic = false;
        break;
    default:
        fail_msg("no such flaw");
    }
}

static void one_flawed_frame_is_found(void **state)
{
    (void)state;
    static const enum vt_audit_kind kinds[] = {
        VT_AUDIT_ENERGY_OUTLIER, VT_AUDIT_LARGE_FORCE, VT_AUDIT_NET_FORCE, VT_AUDIT_ONE_PLACE,
        VT_AUDIT_CLOSE_ATOMS,    VT_AUDIT_VOLUME,      VT_AUDIT_ASYMMETRY, VT_AUDIT_NO_VIRIAL,
        VT_AUDIT_MIXED,          VT_AUDIT_NOT_PERIODIC};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct vt_dataset set = {.types = any};
        struct vt_audit audit;
        vt_spring_set(&set, 24, &(struct vt_flaws){0});
        spoil(&set, kinds[k]);
        audit_set(&audit, &set);
        assert_int_equal(audit.count[kinds[k]], 1);
        assert_int_equal(find(&audit, kinds[k])->place.line, 91);
        vt_audit_destroy(&audit);
        vt_dataset_destroy(&set);
    }
}

static void small_forces_are_suspicious(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_audit audit;
    vt_spring_set(&set, 2, &(struct vt_flaws){.force = VT_BOHR / VT_HARTREE});
    audit_set(&audit, &set);
    assert_false(audit.slopes.has_force); /* too few frames to compare with energies */
    assert_int_equal(audit.count[VT_AUDIT_SMALL_FORCES], 1);
    vt_audit_destroy(&audit);
    vt_dataset_destroy(&set);
}

/* Frame 1 becomes frame 0: moved as a whole, its atoms in another order and in other images. */
static void copy_in_disguise(struct vt_dataset *set)
{
    static const size_t order[8] = {2, 5, 0, 3, 6, 1, 4, 7}; /* Li and Cl stay themselves */
    const struct vt_dataset_frame *from = &set->frame[0];
    struct vt_dataset_frame *to = &set->frame[1];
    memcpy(to->cell, from->cell, sizeof to->cell);
    to->volume = from->volume;
    to->energy = from->energy;
    memcpy(to->virial, from->virial, sizeof to->virial);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(to->type[i], from->type[order[i]]);
        for (int k = 0; k < 3; k++) {
            to->position[i][k] = from->position[order[i]][k] + 0.7 + from->cell[i % 3][k];
            to->force[i][k] = from->force[order[i]][k];
        }
    }
}

static void finds_duplicates(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_audit audit;
    vt_spring_set(&set, 24, &(struct vt_flaws){0});
    copy_in_disguise(&set);
    audit_set(&audit, &set);
    assert_int_equal(audit.count[VT_AUDIT_DUPLICATE], 1);
    assert_int_equal(find(&audit, VT_AUDIT_DUPLICATE)->place.line, 11);
    vt_audit_destroy(&audit);

    set.frame[1].is_test = true;
    audit_set(&audit, &set);
    assert_int_equal(audit.count[VT_AUDIT_LEAK], 1);
    vt_audit_destroy(&audit);

    set.frame[1].energy += 1;
    audit_set(&audit, &set);
    assert_int_equal(audit.count[VT_AUDIT_CONTRADICTION], 1);
    vt_audit_destroy(&audit);

    set.frame[1].energy -= 1;
    set.frame[1].position[4][1] += 0.01; /* not the same any more */
    audit_set(&audit, &set);
    assert_int_equal(audit.count[VT_AUDIT_DUPLICATE] + audit.count[VT_AUDIT_LEAK] +
                         audit.count[VT_AUDIT_CONTRADICTION],
                     0);
    vt_audit_destroy(&audit);
    vt_dataset_destroy(&set);
}

/* Blown up and compressed copies of one frame, far from each other, with pressures that rise. */
static void trends_of_virials_are_checked(void **state)
{
    (void)state;
    struct vt_dataset set = {.types = any};
    struct vt_audit audit;
    vt_spring_set(&set, 6, &(struct vt_flaws){0});
    for (int i = 0; i < 6; i++) {
        struct vt_dataset_frame *frame = &set.frame[i];
        const double scale = 1 + 0.1 * i;
        for (int k = 0; k < 9; k++)
            frame->cell[k / 3][k % 3] *= scale;
        for (size_t a = 0; a < frame->n_atoms; a++)
            for (int k = 0; k < 3; k++)
                frame->position[a][k] *= scale;
        frame->volume *= scale * scale * scale;
        for (int k = 0; k < 3; k++)
            frame->virial[4 * k] = frame->volume * 0.01 * i;
    }
    audit_set(&audit, &set);
    assert_int_equal(audit.count[VT_AUDIT_VIRIAL_TREND], 1);
    vt_audit_destroy(&audit);
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 3; k++)
            set.frame[i].virial[4 * k] *= -1;
    audit_set(&audit, &set);
    assert_int_equal(audit.count[VT_AUDIT_VIRIAL_TREND], 0);
    vt_audit_destroy(&audit);
    vt_dataset_destroy(&set);
}

static void survives_a_lack_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    struct vt_dataset set = {.types = any};
    vt_spring_set(&set, 4, &(struct vt_flaws){0});
    copy_in_disguise(&set);
    for (long n = 1; failed; n++) {
        struct vt_audit audit;
        vt_balance_fail(n);
        const enum vt_code code = vt_audit(&audit, &set, &options, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_audit_destroy(&audit);
    }
    vt_balance_fail(0);
    vt_dataset_destroy(&set);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_set_is_right),
        cmocka_unit_test(wrong_units_and_signs_are_named),
        cmocka_unit_test(distances_see_all_images),
        cmocka_unit_test(moves_of_the_whole_are_no_work),
        cmocka_unit_test(one_flawed_frame_is_found),
        cmocka_unit_test(small_forces_are_suspicious),
        cmocka_unit_test(finds_duplicates),
        cmocka_unit_test(trends_of_virials_are_checked),
        cmocka_unit_test(survives_a_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
