/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "common/near.h"
#include "structure/substitute.h"

enum { LI = 3, O = 8, AL = 13, CL = 17, ZR = 40, ATOMS = 90 };

/* Ten times Li2ZrCl6, in a row; the column "index" tells the atoms apart. */
static void make_frame(struct vt_frame *frame)
{
    static const uint8_t unit[9] = {LI, LI, ZR, CL, CL, CL, CL, CL, CL};
    struct vt_column *index, *word, *is_free;
    const double energy = -1;
    *frame = (struct vt_frame){0};
    assert_int_equal(vt_frame_resize(frame, ATOMS, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(frame, "word", VT_STRING, 1, &word, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(frame, "free", VT_LOGICAL, 1, &is_free, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(frame, "forces", VT_REAL, 3, &index, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(frame, "index", VT_INTEGER, 1, &index, NULL), VT_OK);
    assert_int_equal(vt_frame_set_reals(frame, "energy", &energy, 1, NULL), VT_OK);
    word = vt_frame_column(frame, "word");
    frame->has_cell = frame->periodic[0] = frame->periodic[1] = frame->periodic[2] = true;
    frame->cell[0][0] = 2 * ATOMS;
    frame->cell[1][1] = frame->cell[2][2] = 9;
    for (int i = 0; i < ATOMS; i++) {
        frame->element[i] = unit[i % 9];
        frame->position[i][0] = 2 * i;
        index->integer[i] = i;
        assert_int_equal(vt_alloc(&word->string[i], 8, 1, "word", NULL), VT_OK);
        snprintf(word->string[i], 8, "w%d", i);
    }
}

/* A site on the first `n_taken` atoms and n_free between them. */
static void make_sites(struct vt_frame *sites, int n_taken, int n_free)
{
    struct vt_frame frame;
    make_frame(&frame);
    *sites = (struct vt_frame){0};
    assert_int_equal(vt_frame_resize(sites, (size_t)(n_taken + n_free), NULL), VT_OK);
    sites->has_cell = true;
    memcpy(sites->cell, frame.cell, sizeof sites->cell);
    for (int i = 0; i < n_taken + n_free; i++) {
        sites->element[i] = 2;
        sites->position[i][0] = i < n_taken ? 2 * i + 0.3 : 2 * i + 1;
        sites->position[i][1] = 9; /* = 0 */
    }
    vt_frame_destroy(&frame);
}

static void add_changes(struct vt_changes *changes, enum vt_change_kind kind, const char *list)
{
    struct vt_error error = {0};
    if (vt_changes_parse(changes, kind, list, &error))
        fail_msg("%s: %s", list, error.message);
}

static void settle(struct vt_changes *changes, const struct vt_frame *frame,
                   struct vt_formula *after)
{
    struct vt_formula before;
    struct vt_error error = {0};
    vt_formula_of_frame(&before, frame);
    if (vt_changes_settle(changes, &before, &error))
        fail_msg("%s", error.message);
    vt_changes_apply(changes, &before, after);
}

static void assert_formula(const struct vt_formula *formula, const char *expected)
{
    char text[VT_FORMULA_SIZE];
    assert_string_equal(vt_formula_text(formula, text), expected);
}

static void makes_all_changes(void **state)
{
    (void)state;
    struct vt_frame frame, sites;
    struct vt_changes changes = {0};
    struct vt_formula after, found;
    make_frame(&frame);
    make_sites(&sites, 10, 6);
    add_changes(&changes, VT_CHANGE_REPLACE, "Zr=Al:20 %, Cl=O:5");
    add_changes(&changes, VT_CHANGE_SWAP, "Li=Cl:3");
    add_changes(&changes, VT_CHANGE_REMOVE, "Li:4,Cl:10%");
    add_changes(&changes, VT_CHANGE_ADD, "Li:2,Na:1");
    settle(&changes, &frame, &after);
    assert_formula(&after, "Li18Zr8Cl49Al2O5Na");
    assert_int_equal(vt_substitute(&frame, &changes, &sites, 5, NULL), VT_OK);
    vt_formula_of_frame(&found, &frame);
    for (int i = 0; i < after.n; i++)
        assert_near(vt_formula_amount(&found, after.element[i]), after.amount[i], 0);
    assert_int_equal(frame.n_atoms, 83);

    const struct vt_column *index = vt_frame_column(&frame, "index");
    const struct vt_column *word = vt_frame_column(&frame, "word");
    const struct vt_column *is_free = vt_frame_column(&frame, "free");
    int moved = 0;
    for (size_t i = 0; i < 80; i++) { /* those that stayed: in order, columns with them */
        char expected[8];
        const int64_t was = index->integer[i];
        assert_true(i == 0 || was > index->integer[i - 1]);
        assert_near(frame.position[i][0], 2.0 * (double)was, 0);
        snprintf(expected, sizeof expected, "w%d", (int)was);
        assert_string_equal(word->string[i], expected);
        moved += frame.element[i] == LI && was % 9 > 2;
    }
    assert_int_equal(moved, 3);
    for (size_t i = 80; i < 83; i++) {
        assert_int_equal(frame.element[i], i < 82 ? LI : 11);
        assert_int_equal(index->integer[i], 0);
        assert_string_equal(word->string[i], "-");
        assert_true(is_free->logical[i]);
        assert_near(fmod(frame.position[i][0], 2), 1, 0);
    }
    assert_null(vt_frame_column(&frame, "forces"));
    assert_null(vt_frame_key(&frame, "energy"));
    vt_changes_destroy(&changes);
    vt_frame_destroy(&frame);
    vt_frame_destroy(&sites);
}

/* Which atoms of the first frame are O after the change, as bits. */
static void oxygens(uint32_t seed, bool is_oxygen[ATOMS])
{
    struct vt_frame frame;
    struct vt_changes changes = {0};
    struct vt_formula after;
    make_frame(&frame);
    add_changes(&changes, VT_CHANGE_REPLACE, "Cl=O:15");
    settle(&changes, &frame, &after);
    assert_int_equal(vt_substitute(&frame, &changes, NULL, seed, NULL), VT_OK);
    for (int i = 0; i < ATOMS; i++)
        is_oxygen[i] = frame.element[i] == O;
    vt_changes_destroy(&changes);
    vt_frame_destroy(&frame);
}

static void choices_are_random_and_repeatable(void **state)
{
    (void)state;
    enum { SEEDS = 400 };
    bool one[ATOMS], two[ATOMS];
    int count[ATOMS] = {0};
    double chi2 = 0;
    oxygens(1, one);
    oxygens(1, two);
    assert_memory_equal(one, two, sizeof one);
    oxygens(2, two);
    assert_memory_not_equal(one, two, sizeof one);
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        oxygens(seed, one);
        for (int i = 0; i < ATOMS; i++)
            count[i] += one[i];
    }
    for (int i = 0; i < ATOMS; i++) {
        const double expected = SEEDS / 4.0; /* 15 of 60 */
        if (i % 9 > 2)
            chi2 += (count[i] - expected) * (count[i] - expected) / (expected * 45 / 59);
        else
            assert_int_equal(count[i], 0);
    }
    assert_true(chi2 > 30.3 && chi2 < 98.3); /* 59 degrees of freedom, 1e-3 either way */
}

static void charges_are_balanced(void **state)
{
    (void)state;
    struct vt_frame frame;
    struct vt_formula before, after;
    struct vt_charges charges;
    make_frame(&frame);
    vt_formula_of_frame(&before, &frame);
    vt_frame_destroy(&frame);
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    static const struct {
        const char *replace, *element, *after;
    } cases[] = {{"Zr=Al:2", "Li", "Li22Zr8Cl60Al2"},
                 {"Zr=Nb:3", "Li", "Li17Zr7Cl60Nb3"},
                 {"Cl=O:4", "Li", "Li24Zr10Cl56O4"},
                 {"Zr=Al:2,Cl=O:2", "Zr", "Li20Zr9Cl58Al2O2"},
                 {"Cl=Br:5", "Li", "Li20Zr10Cl55Br5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vt_changes changes = {0};
        add_changes(&changes, VT_CHANGE_REPLACE, cases[i].replace);
        const int element = vt_atomic_number(cases[i].element, 2);
        assert_int_equal(vt_changes_settle(&changes, &before, NULL), VT_OK);
        assert_int_equal(vt_changes_balance(&changes, &before, &charges, element, NULL), VT_OK);
        vt_changes_apply(&changes, &before, &after);
        assert_formula(&after, cases[i].after);
        assert_near(vt_charges_total(&charges, &after), 0, 0);
        vt_changes_destroy(&changes);
    }
}

static void what_does_not_balance_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *replace, *message;
        int element;
    } cases[] = {{"Zr=Al:1", "a charge of -1 is not balanced by O with -2 each", O},
                 {"Zr=Fe:1",
                  "to balance charges, all must be known: Li +1, Zr +4, Cl -1, Fe "
                  "unknown",
                  LI},
                 {"Zr=P", "10 of the atoms of Li are to be changed, but there are 5", LI}};
    struct vt_charges charges;
    struct vt_error error = {0};
    struct vt_formula before;
    assert_int_equal(vt_formula_parse(&before, "Li5Zr10Cl45", NULL), VT_OK);
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vt_changes changes = {0};
        add_changes(&changes, VT_CHANGE_REPLACE, cases[i].replace);
        assert_int_equal(vt_changes_settle(&changes, &before, NULL), VT_OK);
        assert_int_equal(vt_changes_balance(&changes, &before, &charges, cases[i].element, &error),
                         VT_INPUT);
        assert_string_equal(error.message, cases[i].message);
        vt_changes_destroy(&changes);
    }
}

static void lists_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        enum vt_change_kind kind;
        const char *list;
    } wrong[] = {{VT_CHANGE_REPLACE, "Zr"},
                 {VT_CHANGE_REPLACE, "Zr=Xx:1"},
                 {VT_CHANGE_REPLACE, "Zr=Zr:1"},
                 {VT_CHANGE_REPLACE, "Zr=Al:0"},
                 {VT_CHANGE_REPLACE, "Zr=Al:-1"},
                 {VT_CHANGE_REPLACE, "Zr=Al:1.5"},
                 {VT_CHANGE_REPLACE, "Zr=Al:101%"},
                 {VT_CHANGE_REPLACE, "Zr=Al:0%"},
                 {VT_CHANGE_REPLACE, "Zr=Al:%"},
                 {VT_CHANGE_REPLACE, "Zr=Al:1,"},
                 {VT_CHANGE_SWAP, "Li=Zr"},
                 {VT_CHANGE_REMOVE, "Li=Zr:1"},
                 {VT_CHANGE_REMOVE, ""},
                 {VT_CHANGE_REMOVE, "Li:1:2"},
                 {VT_CHANGE_ADD, "Li"},
                 {VT_CHANGE_ADD, "Li:10%"},
                 {VT_CHANGE_REMOVE, "Li:99999999999999999999"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct vt_changes changes = {0};
        if (!vt_changes_parse(&changes, wrong[i].kind, wrong[i].list, NULL))
            fail_msg("'%s' is taken", wrong[i].list);
        vt_changes_destroy(&changes);
    }
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum vt_change_kind kind;
        const char *list, *message;
    } wrong[] = {
        {VT_CHANGE_REPLACE, "Na=K:1", "1 of the atoms of Na are to be changed, but there are 0"},
        {VT_CHANGE_REPLACE, "Na=K", "the structure has no Na to change"},
        {VT_CHANGE_REPLACE, "Zr=Al:3,Zr=Hf:3",
         "6 of the atoms of Zr are to be changed, but there are 5"},
        {VT_CHANGE_SWAP, "Li=Zr:6", "6 of the atoms of Zr are to be changed, but there are 5"},
        {VT_CHANGE_REMOVE, "Zr:5%", "5 % of 5 atoms of Zr are none"}};
    struct vt_formula before;
    struct vt_error error = {0};
    assert_int_equal(vt_formula_parse(&before, "Li10Zr5Cl30", NULL), VT_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct vt_changes changes = {0};
        add_changes(&changes, wrong[i].kind, wrong[i].list);
        assert_int_equal(vt_changes_settle(&changes, &before, &error), VT_INPUT);
        assert_string_equal(error.message, wrong[i].message);
        vt_changes_destroy(&changes);
    }
}

static void sites_must_be_free_and_fit(void **state)
{
    (void)state;
    struct vt_frame frame, sites;
    struct vt_changes changes = {0};
    struct vt_formula after;
    struct vt_error error = {0};
    make_frame(&frame);
    make_sites(&sites, 10, 2);
    add_changes(&changes, VT_CHANGE_ADD, "Li:3");
    settle(&changes, &frame, &after);
    assert_int_equal(vt_substitute(&frame, &changes, &sites, 1, &error), VT_INPUT);
    assert_string_equal(error.message, "3 more atoms are wanted, but of 12 sites 2 are free");
    sites.cell[1][1] += 0.1;
    assert_int_equal(vt_substitute(&frame, &changes, &sites, 1, &error), VT_INPUT);
    assert_string_equal(error.message, "the sites must have the cell of the structure");
    vt_changes_destroy(&changes);
    vt_frame_destroy(&frame);
    vt_frame_destroy(&sites);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_frame frame, sites;
        struct vt_changes changes = {0};
        struct vt_formula after;
        make_frame(&frame);
        make_sites(&sites, 1, 3);
        add_changes(&changes, VT_CHANGE_REMOVE, "Cl:1");
        add_changes(&changes, VT_CHANGE_ADD, "Li:3");
        settle(&changes, &frame, &after);
        vt_balance_fail(n);
        const enum vt_code code = vt_substitute(&frame, &changes, &sites, 1, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_changes_destroy(&changes);
        vt_frame_destroy(&frame);
        vt_frame_destroy(&sites);
    }
    vt_balance_fail(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_all_changes),
        cmocka_unit_test(choices_are_random_and_repeatable),
        cmocka_unit_test(charges_are_balanced),
        cmocka_unit_test(what_does_not_balance_is_refused),
        cmocka_unit_test(lists_are_read_strictly),
        cmocka_unit_test(what_is_not_there_is_refused),
        cmocka_unit_test(sites_must_be_free_and_fit),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
