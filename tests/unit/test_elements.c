/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/elements.h"

#include <string.h>

#include "balance.h"

static void test_symbols(void **state)
{
    (void)state;
    for (int z = 1; z <= VT_ELEMENTS; z++) {
        const char *const symbol = vt_element_symbol(z);
        assert_int_equal(vt_atomic_number(symbol, strlen(symbol)), z);
    }
    assert_string_equal(vt_element_symbol(1), "H");
    assert_string_equal(vt_element_symbol(40), "Zr");
    assert_string_equal(vt_element_symbol(118), "Og");
    assert_int_equal(vt_atomic_number("Cl", 2), 17);
    assert_int_equal(vt_atomic_number("Cl", 1), 6); /* only the C */
    assert_int_equal(vt_atomic_number("Li1", 2), 3);
}

static void test_no_symbols(void **state)
{
    (void)state;
    static const char *const cases[] = {"",  "h",   "LI", "li", "lI", "Xx",      "Q",
                                        "D", "Lix", "1",  "L1", "[",  "\xc3\x85"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(vt_atomic_number(cases[i], strlen(cases[i])), 0);
}

/* All two-byte words: as many symbols as there are elements. */
static void test_every_word(void **state)
{
    (void)state;
    int found = 0;
    for (int a = 0; a < 256; a++) {
        const char one = (char)a;
        found += vt_atomic_number(&one, 1) != 0;
        for (int b = 0; b < 256; b++)
            found += vt_atomic_number((const char[]){(char)a, (char)b}, 2) != 0;
    }
    assert_int_equal(found, VT_ELEMENTS);
}

static void test_masses(void **state)
{
    (void)state;
    static const struct {
        int z;
        double mass;
    } cases[] = {{1, 1.008},   {3, 6.94},   {8, 15.999},   {17, 35.45},
                 {40, 91.224}, {82, 207.2}, {118, 294.214}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(vt_element_mass(cases[i].z) == cases[i].mass);
    /* Between A/Z = 1 (hydrogen) and that of the heaviest; a slip in the table leaves this band. */
    for (int z = 2; z <= VT_ELEMENTS; z++) {
        assert_true(vt_element_mass(z) > 1.9 * z);
        assert_true(vt_element_mass(z) < 2.7 * z);
    }
}

static void test_by_mass(void **state)
{
    (void)state;
    for (int z = 1; z <= VT_ELEMENTS; z++)
        assert_int_equal(vt_element_by_mass(vt_element_mass(z)), z);
    assert_int_equal(vt_element_by_mass(6.941), 3);
    assert_int_equal(vt_element_by_mass(35.5), 17);
    assert_int_equal(vt_element_by_mass(58.8), 28); /* Ni has 58.69, Co, before it, 58.93 */
    assert_int_equal(vt_element_by_mass(58.9), 27);
    assert_int_equal(vt_element_by_mass(2.2), 0);
    assert_int_equal(vt_element_by_mass(0), 0);
    assert_int_equal(vt_element_by_mass(-1), 0);
    assert_int_equal(vt_element_by_mass(1e300), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symbols),    cmocka_unit_test(test_no_symbols),
        cmocka_unit_test(test_every_word), cmocka_unit_test(test_masses),
        cmocka_unit_test(test_by_mass),
    };
    return VT_RUN_TESTS(tests);
}
