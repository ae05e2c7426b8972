/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "balance.h"
#include "io/xdatcar.h"

#define HEAD  "Li2 Cl1\n2.0\n5 0 0\n1 6 0.5\n0 0 7\nLi_sv Cl\n2 1\n"
#define ATOMS "0.1 0.2 0.3\n0.9 0.8 0.7 F F F\n0 0 0\n"

static struct vt_xdatcar_reader *open_text(const char *text)
{
    struct vt_xdatcar_reader *reader;
    assert_int_equal(vt_xdatcar_open(&reader, "XDATCAR", text, strlen(text), NULL), VT_OK);
    return reader;
}

static bool near(const double a[3], double x, double y, double z)
{
    return fabs(a[0] - x) < 1e-12 && fabs(a[1] - y) < 1e-12 && fabs(a[2] - z) < 1e-12;
}

static void next(struct vt_xdatcar_reader *reader, struct vt_frame *frame, bool expected)
{
    bool end;
    struct vt_error error = {0};
    if (vt_xdatcar_read(reader, frame, &end, &error))
        fail_msg("%ld: %s", error.line, error.message);
    assert_int_equal(end, !expected);
}

static void test_one_head(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_xdatcar_reader *reader = open_text(
        HEAD "Direct configuration=     1\n" ATOMS "Direct configuration=    12\n" ATOMS "\n \n");
    next(reader, &frame, true);
    assert_int_equal(frame.n_atoms, 3);
    assert_true(frame.element[0] == 3 && frame.element[1] == 3 && frame.element[2] == 17);
    assert_true(near(frame.cell[1], 2, 12, 1));
    assert_true(near(frame.position[0], 0.1 * 10 + 0.2 * 2, 0.2 * 12, 0.2 * 1 + 0.3 * 14));
    assert_int_equal(frame.line, 8);
    next(reader, &frame, true);
    assert_int_equal(vt_frame_key(&frame, "configuration")->integer[0], 12);
    next(reader, &frame, false);
    next(reader, &frame, false);
    vt_xdatcar_close(reader);
    vt_frame_destroy(&frame);
}

/* A cell that changes: the head comes again. Cartesian coordinates have the factor, too. */
static void test_a_head_for_each_frame(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_xdatcar_reader *reader =
        open_text("Cl\n2.0\n5 0 0\n0 6 0\n0 0 7\nCl\n1\nCartesian configuration= 1\n1 2 3\n"
                  "Cl\n2.0\n5.5 0 0\n0 6 0\n0 0 7\nCl\n1\nDirect configuration= 2\n0.5 0.5 0.5\n");
    next(reader, &frame, true);
    assert_true(near(frame.position[0], 2, 4, 6) && near(frame.cell[0], 10, 0, 0));
    next(reader, &frame, true);
    assert_true(near(frame.position[0], 5.5, 6, 7) && near(frame.cell[0], 11, 0, 0));
    next(reader, &frame, false);
    vt_xdatcar_close(reader);
    vt_frame_destroy(&frame);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        long line;
    } cases[] = {
        {"title\n", "the file ends before the factor", 1},
        {"title\n-1\n", "not positive", 2},
        {"title\n1\n1 0 0\n0 1\n", "the line ends before the cell vector", 4},
        {"title\n1\n1 0 0\n0 1 0\n0 0 1\n2 1\n", "'2' is no element", 6},
        {"title\n1\n1 0 0\n0 1 0\n0 0 1\nLi Cl\n2\n", "expected 2 words", 7},
        {"title\n1\n1 0 0\n0 1 0\n0 0 1\nLi\n1000000000000\n", "number of atoms", 7},
        {HEAD "Direct\n" ATOMS, "a frame begins with", 8},
        {HEAD "Direkt configuration= 1\n0.1 0.2\n", "the line ends before the position", 9},
        {HEAD "Direct configuration= 1\n0.1 0.2 0.3\n", "ends before the last atom", 9},
        {HEAD "Direct configuration= 1\n0.1 0.2 x\n", "position", 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vt_frame frame = {0};
        struct vt_error error = {0};
        bool end = false;
        struct vt_xdatcar_reader *reader = open_text(cases[i].text);
        enum vt_code code = VT_OK;
        while (!code && !end)
            code = vt_xdatcar_read(reader, &frame, &end, &error);
        assert_int_equal(code, VT_INPUT);
        if (!strstr(error.message, cases[i].message) || error.line != cases[i].line)
            fail_msg("case %zu: line %ld: %s", i, error.line, error.message);
        vt_xdatcar_close(reader);
        vt_frame_destroy(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_head),
        cmocka_unit_test(test_a_head_for_each_frame),
        cmocka_unit_test(test_refusals),
    };
    return VT_RUN_TESTS(tests);
}
