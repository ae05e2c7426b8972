/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/netcdf.h"

#include <string.h>

#include "balance.h"

/* The specification, byte by byte: two dimensions, an attribute filled up to 5 bytes, a variable of
 * the file and one of the frames. */
static const struct vt_netcdf small = {
    .n_dimensions = 2,
    .dimension = {{"frame", 0}, {"atom", 3}},
    .n_attributes = 1,
    .attribute = {{"Who", "me", 5}},
    .n_variables = 2,
    .variable = {{.name = "x", VT_NETCDF_DOUBLE, 2, {0, 1}, .units = "nm"},
                 {.name = "kind", VT_NETCDF_CHAR, 1, {1}}},
};
static const unsigned char small_head[] = {
    'C', 'D', 'F', 2,  0,   0,   0,   0,                                    /* no frames */
    0,   0,   0,   10, 0,   0,   0,   2,                                    /* dimensions */
    0,   0,   0,   5,  'f', 'r', 'a', 'm', 'e', 0,  0, 0, 0,   0,   0,   0, /* unlimited */
    0,   0,   0,   4,  'a', 't', 'o', 'm', 0,   0,  0, 3,                   /* */
    0,   0,   0,   12, 0,   0,   0,   1,                                    /* attributes */
    0,   0,   0,   3,  'W', 'h', 'o', 0,   0,   0,  0, 2, 0,   0,   0,   5,   'm', 'e',
    0,   0,   0,   0,  0,   0,   0,   0,   0,   11, 0, 0, 0,   2, /* variables */
    0,   0,   0,   1,  'x', 0,   0,   0,   0,   0,  0, 2, 0,   0,   0,   0,   0,   0,
    0,   1,   0,   0,  0,   12,  0,   0,   0,   1,  0, 0, 0,   5,   'u', 'n', 'i', 't',
    's', 0,   0,   0,  0,   0,   0,   2,   0,   0,  0, 2, 'n', 'm', 0,   0,   /* its units */
    0,   0,   0,   6,  0,   0,   0,   24,  0,   0,  0, 0, 0,   0,   0,   196, /* double, bytes,
                                                                                 place */
    0,   0,   0,   4,  'k', 'i', 'n', 'd', 0,   0,  0, 1, 0,   0,   0,   1,   /* */
    0,   0,   0,   0,  0,   0,   0,   0,                                      /* no attributes */
    0,   0,   0,   2,  0,   0,   0,   4,   0,   0,  0, 0, 0,   0,   0,   192, /* 3 chars, and one to
                                                                                 fill */
};

static void test_head(void **state)
{
    (void)state;
    unsigned char head[VT_NETCDF_HEAD_SIZE];
    struct vt_netcdf netcdf = small;
    vt_netcdf_lay_out(&netcdf);
    assert_int_equal(vt_netcdf_head(&netcdf, head), sizeof small_head);
    assert_memory_equal(head, small_head, sizeof small_head);
    assert_int_equal(netcdf.variable[1].begin, sizeof small_head);
    assert_int_equal(netcdf.frames_begin, sizeof small_head + 4);
    assert_int_equal(netcdf.frame_size, 24);
}

static void test_items(void **state)
{
    (void)state;
    struct vt_netcdf netcdf = small;
    vt_netcdf_lay_out(&netcdf);
    assert_string_equal(vt_netcdf_item(&netcdf, 0), "format");
    assert_string_equal(vt_netcdf_item(&netcdf, 15), "contents");
    assert_string_equal(vt_netcdf_item(&netcdf, 43), "atom");
    assert_string_equal(vt_netcdf_item(&netcdf, 68), "Who");
    assert_string_equal(vt_netcdf_item(&netcdf, 140), "x");
    assert_string_equal(vt_netcdf_item(&netcdf, sizeof small_head - 1), "kind");
}

static void test_numbers(void **state)
{
    (void)state;
    unsigned char bytes[8];
    vt_netcdf_put_integer(bytes, -2);
    assert_memory_equal(bytes, ((const unsigned char[]){255, 255, 255, 254}), 4);
    vt_netcdf_put_float(bytes, -118.625F);
    assert_memory_equal(bytes, ((const unsigned char[]){0xc2, 0xed, 0x40, 0}), 4);
    vt_netcdf_put_double(bytes, 0.1);
    assert_memory_equal(
        bytes, ((const unsigned char[]){0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a}), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_numbers),
    };
    return VT_RUN_TESTS(tests);
}
