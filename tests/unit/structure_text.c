/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "structure_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum vt_code structure_parse(const struct structure_text *format, struct vt_frame *frame,
                             const char *text, struct vt_error *error)
{
    return format->parse(frame, format->name, text, strlen(text), error);
}

void assert_structure_refused(const struct structure_text *format, const char *text,
                              const long place[2], const char *message)
{
    struct vt_frame frame = {0};
    struct vt_error error;
    assert_int_not_equal(structure_parse(format, &frame, text, &error), VT_OK);
    assert_string_equal(error.message, message);
    assert_string_equal(error.file, format->name);
    assert_int_equal(error.line, place[0]);
    assert_int_equal(error.column, place[1]);
    vt_frame_destroy(&frame);
}

void assert_vector(const double v[3], double x, double y, double z)
{
    assert_true(fabs(v[0] - x) < 1e-14);
    assert_true(fabs(v[1] - y) < 1e-14);
    assert_true(fabs(v[2] - z) < 1e-14);
}
