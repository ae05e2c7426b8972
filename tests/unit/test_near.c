/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/near.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "common/dice.h"

enum { ATOMS = 97, TYPES = 3, ROOM = ATOMS + VT_NEAR_SLACK, GUARD = 8 };

struct candidates {
    double x[3][ROOM];
    int32_t type[ROOM];
    double squared[TYPES];
};

static void draw(struct candidates *c, struct dice *dice, bool same)
{
    for (int k = 0; k < ROOM; k++) {
        for (int d = 0; d < 3; d++)
            c->x[d][k] = k < ATOMS ? dice_real(dice, -3, 3) : NAN;
        c->type[k] = dice_int(dice, 0, TYPES - 1);
    }
    for (int t = 0; t < TYPES; t++)
        c->squared[t] = same && t > 0 ? c->squared[0] : dice_real(dice, 1, 20);
}

struct outcome {
    size_t n;
    int32_t found[ROOM + GUARD];
    double squared[ROOM + GUARD];
};

static void search(vt_near_search *near, const struct candidates *c, size_t self,
                   const size_t run[2], bool same, struct outcome *out)
{
    const struct vt_near_atoms atoms = {c->x[0], c->x[1], c->x[2], c->type};
    const struct vt_near_query query = {.x = {c->x[0][self], c->x[1][self], c->x[2][self]},
                                        .self = self,
                                        .squared = c->squared,
                                        .largest = same ? c->squared[0] : -1};
    memset(out, 0x5a, sizeof *out);
    out->n = near(&atoms, &query, run, out->found, out->squared);
}

/* Straight from the definition. */
static size_t check_definition(const struct candidates *c, size_t self, const size_t run[2],
                               const struct outcome *out)
{
    size_t n = 0;
    for (size_t k = run[0]; k < run[1]; k++) {
        double r2 = 0;
        for (int d = 0; d < 3; d++)
            r2 += (c->x[d][k] - c->x[d][self]) * (c->x[d][k] - c->x[d][self]);
        if (k == self || !(r2 < c->squared[c->type[k]]))
            continue;
        assert_int_equal(out->found[n], (int32_t)k);
        assert_true(fabs(out->squared[n] - r2) <= 1e-14 * r2);
        n++;
    }
    return n;
}

/* Both ways on runs of all lengths, at all places in a vector, with the atom itself in them, or
 * not; nothing is written behind the slack. */
static void test_runs(void **state)
{
    (void)state;
    struct dice dice = {5};
    struct candidates c;
    struct outcome plain, best;
    for (int round = 0; round < 3000; round++) {
        const bool same = round % 2 == 0;
        draw(&c, &dice, same);
        const size_t first = (size_t)dice_int(&dice, 0, ATOMS);
        const size_t run[2] = {first, (size_t)dice_int(&dice, (int)first, ATOMS)};
        const size_t self = (size_t)dice_int(&dice, 0, ATOMS - 1);
        search(vt_near_plain, &c, self, run, same, &plain);
        search(vt_near_best(), &c, self, run, same, &best);
        assert_int_equal(check_definition(&c, self, run, &plain), plain.n);
        assert_int_equal(best.n, plain.n);
        assert_memory_equal(best.found, plain.found, plain.n * sizeof *plain.found);
        assert_memory_equal(best.squared, plain.squared, plain.n * sizeof *plain.squared);
        unsigned char untouched[GUARD * sizeof(double)];
        memset(untouched, 0x5a, sizeof untouched);
        const size_t end = run[1] - run[0] + VT_NEAR_SLACK;
        assert_memory_equal(best.found + end, untouched, GUARD * sizeof(int32_t));
        assert_memory_equal(best.squared + end, untouched, GUARD * sizeof(double));
    }
}

/* Another atom at the same place is a neighbour. */
static void test_same_place(void **state)
{
    (void)state;
    struct candidates c = {.squared = {1, 1, 1}};
    struct outcome out;
    search(vt_near_best(), &c, 2, (const size_t[2]){0, 6}, true, &out);
    assert_int_equal(out.n, 5);
    assert_int_equal(out.found[2], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_same_place),
    };
    return VT_RUN_TESTS(tests);
}
