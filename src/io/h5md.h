/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trajectories in H5MD 1.1 (https://www.nongnu.org/h5md), through HDF5.
 *
 * Every frame has its rows in the order of the ids, whatever rank holds the atoms; in the file, as
 * in messages, they count from 1. The caller gives
 * the units of the program. In the file each has a `unit` attribute, and they are those that all
 * readers of H5MD know, MDAnalysis among them, which takes A/fs for something else and eV/A for
 * nothing: A, ps, A/ps, kJ/(mol A), e; energies eV.
 *
 * Each frame is on the disk, and the file whole, when vt_h5md_write returns. A process that is
 * killed, at whatever moment, leaves a file with the frames so far, except that its last change may
 * wait in PATH.journal (io/journal.h), with which vt_h5md_append finishes it.
 *
 * All functions are collective and return the same code on every rank. Rank 0 writes, so that a
 * device which fails fails there, and all ranks hear of it. */
#ifndef VT_H5MD_H
#define VT_H5MD_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What a frame holds beside step, time and cell; combine with |. */
enum {
    VT_H5MD_POSITION = 1 << 0, /* A; wrapped, then best with the image, or not */
    VT_H5MD_IMAGE = 1 << 1,    /* how often the cell vectors are to be added to position */
    VT_H5MD_VELOCITY = 1 << 2, /* A/fs */
    VT_H5MD_FORCE = 1 << 3,    /* eV/A, as all forces of the program */
    VT_H5MD_CHARGE = 1 << 4,   /* e */
    VT_H5MD_ENERGY = 1 << 5,   /* potential energy of each atom, eV */
    VT_H5MD_BORN = 1 << 6      /* Born charges, nine numbers, e */
};

/* Something to remember with the data: a string under /parameters/vitrion. */
struct vt_h5md_note {
    const char *name; /* "commit", "model_hash", "configuration", ... */
    const char *text;
};

/* What the file is to be; the same on every rank; borrowed for the call. */
struct vt_h5md_options {
    const char *path;
    const char *group; /* name below /particles, without '/'; NULL: "trajectory" */
    unsigned fields;   /* at least one of the above */
    bool single_precision;
    bool compress; /* without loss; see h5md.c for what it costs and brings */
    bool periodic[3];
    const char *author;  /* NULL: "unknown" */
    const char *version; /* of the program */
    size_t n_notes;
    const struct vt_h5md_note *notes;
};

/* Some of this rank's atoms, in any order; borrowed for the call. */
struct vt_h5md_atoms {
    size_t n;
    const int64_t *id;  /* 0 <= id < n_ids */
    const int *element; /* atomic numbers */
    int64_t n_ids;      /* of the whole system, the same on every rank */
};

/* The values of a frame for the atoms of this rank, in any order; borrowed for the call. Atoms that
 * are not in the file are passed over, so that all of the rank's may be given. Fields that the file
 * does not hold may be NULL. */
struct vt_h5md_frame {
    int64_t step;      /* above that of the frame before */
    double time;       /* fs */
    double cell[3][3]; /* rows a, b, c, A */
    size_t n;
    const int64_t *id;
    const double (*position)[3];
    const int32_t (*image)[3];
    const double (*velocity)[3];
    const double (*force)[3];
    const double *charge;
    const double *energy;
    const double (*born)[9];
};

struct vt_h5md;

/* Start a new file that holds the given atoms: all of the system, or a group. An existing file is
 * refused (VT_INPUT) unless `replace`. *h5md is owned by the caller until vt_h5md_close. */
enum vt_code vt_h5md_create(struct vt_h5md **h5md, MPI_Comm comm,
                            const struct vt_h5md_options *options,
                            const struct vt_h5md_atoms *atoms, bool replace,
                            struct vt_error *error);

/* Go on with a file: keep its frames up to and with that of last_step, drop those after. Refused
 * (VT_INPUT), and the file left as it is, unless it has the same group, atoms, elements, fields,
 * precision, units and periodicity. Notes, author, version and compression stay those of the file.
 */
enum vt_code vt_h5md_append(struct vt_h5md **h5md, MPI_Comm comm,
                            const struct vt_h5md_options *options,
                            const struct vt_h5md_atoms *atoms, int64_t last_step,
                            struct vt_error *error);

/* Frames in the file, and the step of the last one: -1 if there is none. Not collective. */
int64_t vt_h5md_frames(const struct vt_h5md *h5md);
int64_t vt_h5md_last_step(const struct vt_h5md *h5md);

/* Add a frame. VT_FAILED if an atom of the file does not come, or twice; VT_IO if the disk is full:
 * then the frames before stay as they are, and only closing is left to do. */
enum vt_code vt_h5md_write(struct vt_h5md *h5md, const struct vt_h5md_frame *frame,
                           struct vt_error *error);

/* Close and free, also on failure. NULL is fine. */
enum vt_code vt_h5md_close(struct vt_h5md *h5md, struct vt_error *error);

#endif
