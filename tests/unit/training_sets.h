/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small sets with known labels: pairs of harmonic springs in a box. */
#ifndef VT_TESTS_TRAINING_SETS_H
#define VT_TESTS_TRAINING_SETS_H

#include "training/dataset.h"

/* What is wrong with the labels of the set, beside nothing. */
struct vt_flaws {
    double energy, force, virial; /* factors on all labels; 0: 1 */
};

/* n frames of 8 atoms (Li, Cl) on distorted sites of a cube that is strained, too; labels are exact
 * for harmonic springs between all pairs of nearest images. File "set.xyz", line 10 i + 1. */
void vt_spring_set(struct vt_dataset *set, int n, const struct vt_flaws *flaws);

/* The same as a text of extended XYZ, into memory from malloc. */
char *vt_spring_text(int n);

/* Read a text as a file of the set. */
enum vt_code vt_read_set(struct vt_dataset *set, const char *text, struct vt_error_list *errors);

#endif
