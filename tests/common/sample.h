/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structures for tests, drawn at random (or read: sample_read.h). Angstrom. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stddef.h>

#include "dice.h"
#include "force/force.h"

/* Start with `= {0}`; give back with sample_destroy. */
struct sample {
    size_t n_atoms;
    double cell[3][3];
    double (*position)[3]; /* owned */
    int *type;             /* owned; of the model the sample was made for */
};

enum sample_kind {
    SAMPLE_CRYSTAL, /* rock salt, atoms a little off their sites */
    SAMPLE_GLASS,   /* random packing in an oblique cell */
    SAMPLE_THIN,    /* ... 2.3 A thin in one direction */
    SAMPLE_SKEWED,  /* ... with cell vectors of the same lattice that are far from perpendicular */
    SAMPLE_LEFT_HANDED, /* ... with two cell vectors exchanged */
    SAMPLE_SPARSE,      /* a few atoms together in much vacuum: some have no neighbours */
    SAMPLE_TINY,        /* one or two atoms in a cell much smaller than any cutoff */
    SAMPLE_KINDS
};

const char *sample_kind_name(enum sample_kind kind);

/* A random structure of that kind; n_atoms is a wish (crystals come in eights). No two atoms are
 * nearer than 1.6 A. */
void sample_draw(struct sample *sample, enum sample_kind kind, size_t n_atoms, int n_types,
                 struct dice *dice);

void sample_resize(struct sample *sample, size_t n_atoms);
void sample_copy(struct sample *to, const struct sample *from);
void sample_destroy(struct sample *sample);

/* Borrowed from the sample. */
struct vt_system sample_system(const struct sample *sample);

/* Its atoms in bricks of the ranks of comm (MPI_COMM_NULL: one rank without MPI), with ghosts
 * within reach. Each rank takes its share of the sample. Give back with vt_domain_destroy. */
void sample_domain(const struct sample *sample, MPI_Comm comm, double reach,
                   struct vt_domain *domain);

/* Move each atom by a random lattice vector, up to two cells in each direction. */
void sample_scatter(struct sample *sample, struct dice *dice);

/* A random rotation, rows orthonormal. */
void sample_rotation(double rotation[3][3], struct dice *dice);

#endif
