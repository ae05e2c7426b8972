/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SAMPLE_READ_H
#define SAMPLE_READ_H

#include "sample.h"

/* First frame of an extended XYZ file; elements become types of the model. Ends the program with a
 * message where that fails. */
void sample_read(struct sample *sample, const char *path, const struct vt_nep *model);

#endif
