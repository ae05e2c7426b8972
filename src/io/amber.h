/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trajectories in NetCDF by the AMBER convention 1.0 (https://ambermd.org/netcdf/nctraj.xhtml),
 * written without a library of NetCDF.
 *
 * Fields, atoms and frames are those of io/h5md.h; VT_H5MD_POSITION must be among the fields. The
 * file has A, ps, A/ps, kcal/(mol A), e and eV, and its rows are in the order of the ids, whatever
 * rank holds the atoms.
 *
 * The convention knows lengths and angles of the cell alone: a lies along x, b in the plane of x
 * and y, and the three are right-handed. All vectors of a frame are rotated accordingly. Of a
 * left-handed cell, the first two vectors change places, and so do the first two images: a mirror
 * image would be another structure.
 *
 * Whenever the processes are killed, the file is a whole one with all frames of which the writing
 * has returned.
 *
 * All functions are collective and return the same code on every rank. */
#ifndef VT_AMBER_H
#define VT_AMBER_H

#include "io/h5md.h"

/* What the file is to be; the same on every rank; borrowed for the call. */
struct vt_amber_options {
    const char *path;
    unsigned fields; /* VT_H5MD_..., with VT_H5MD_POSITION */
    bool single_precision;
    bool unwrapped;      /* the positions are, which the file notes */
    const char *title;   /* at most 80 bytes */
    const char *version; /* of the program; cut to 63 bytes */
};

struct vt_amber;

/* Start a new file that holds the given atoms: all of the system, or a group. VT_INPUT if it exists
 * or the format cannot hold as many atoms. *amber is owned by the caller until vt_amber_close. */
enum vt_code vt_amber_create(struct vt_amber **amber, MPI_Comm comm,
                             const struct vt_amber_options *options,
                             const struct vt_h5md_atoms *atoms, struct vt_error *error);

/* Go on with a file of which the first `keep` bytes stand, what vt_amber_sync said. Refused
 * (VT_INPUT), and the file left as it is, unless it has the same atoms, elements, fields, precision
 * and title. */
enum vt_code vt_amber_append(struct vt_amber **amber, MPI_Comm comm,
                             const struct vt_amber_options *options,
                             const struct vt_h5md_atoms *atoms, int64_t keep,
                             struct vt_error *error);

/* Add a frame. VT_FAILED if an atom of the file does not come, or twice; VT_IO if it cannot be
 * written: then the frames before stay readable, and only closing is left to do. */
enum vt_code vt_amber_write(struct vt_amber *amber, const struct vt_h5md_frame *frame,
                            struct vt_error *error);

/* Bring all to the disk. *size: bytes, what `keep` is to become. */
enum vt_code vt_amber_sync(struct vt_amber *amber, int64_t *size, struct vt_error *error);

/* Close and free, also on failure. NULL is fine. */
enum vt_code vt_amber_close(struct vt_amber *amber, struct vt_error *error);

#endif
