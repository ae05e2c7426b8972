/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structures written down in a test, for the formats that are read from memory. */
#ifndef STRUCTURE_TEXT_H
#define STRUCTURE_TEXT_H

#include "io/frame.h"

/* A parser, and the name of the file that messages are to give. */
struct structure_text {
    enum vt_code (*parse)(struct vt_frame *frame, const char *name, const char *text, size_t size,
                          struct vt_error *error);
    const char *name;
};

enum vt_code structure_parse(const struct structure_text *format, struct vt_frame *frame,
                             const char *text, struct vt_error *error);

/* Refused at that line and column (0: none) with this message. */
void assert_structure_refused(const struct structure_text *format, const char *text,
                              const long place[2], const char *message);

void assert_vector(const double v[3], double x, double y, double z);

#endif
