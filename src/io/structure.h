/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A structure file of any kind: read, one frame after the other, and written. */
#ifndef VT_STRUCTURE_H
#define VT_STRUCTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "io/dft_counts.h"
#include "io/frame.h"

enum vt_format {
    VT_FORMAT_EXTXYZ,
    VT_FORMAT_POSCAR,
    VT_FORMAT_LAMMPS,
    VT_FORMAT_CP2K, /* outputs of DFT programs: read only */
    VT_FORMAT_OUTCAR,
    VT_FORMAT_VASPRUN,
    VT_FORMAT_H5MD, /* trajectories: read only */
    VT_FORMAT_XDATCAR,
    VT_FORMAT_LAMMPS_DUMP
};

/* Which format a path names. By its ending (in any case): *.vasp, *.poscar; *.data, *.lmp,
 * *.lammps; *.xyz, *.extxyz; *.outcar; *.h5, *.h5md; *.lammpstrj, *.dump. Else by the start of its
 * last part: POSCAR*, CONTCAR*, OUTCAR*, vasprun*, XDATCAR*. Everything else is extended XYZ. */
enum vt_format vt_format_of_path(const char *path);

/* The same; but a file whose name says nothing is looked into: outputs of CP2K and VASP are known
 * by their first lines, dumps of LAMMPS by the first word, HDF5 by its signature. */
enum vt_format vt_format_of_file(const char *path);

struct vt_structure_reader;

/* Open PATH ("-" = extended XYZ from standard input). *reader: owned, closed by vt_structure_close.
 */
enum vt_code vt_structure_open(struct vt_structure_reader **reader, const char *path,
                               struct vt_error *error);

/* The next frame into *frame (cleared first; it keeps its memory; frame->file is borrowed from the
 * reader). *end = true: no frame is left. After an error the reader only ever repeats an error. */
enum vt_code vt_structure_read(struct vt_structure_reader *reader, struct vt_frame *frame,
                               bool *end, struct vt_error *error);

/* As vt_structure_open; what of an output of a DFT program cannot be a label (io/dft.h) is left out
 * instead of an error. */
enum vt_code vt_structure_open_leniently(struct vt_structure_reader **reader, const char *path,
                                         struct vt_error *error);

/* What became of the evaluations of an output of a DFT program; NULL for other formats. */
const struct vt_dft_counts *vt_structure_counts(const struct vt_structure_reader *reader);

/* NULL is fine. */
void vt_structure_close(struct vt_structure_reader *reader);

/* Write one structure with `digits` significant digits (17 reads back bit by bit). What a format
 * has no place for is left out; LAMMPS types are numbered as the elements first come, and charges
 * are written if there are any (column "charge" or "charges"). */
enum vt_code vt_structure_write(FILE *file, enum vt_format format, const struct vt_frame *frame,
                                int digits, struct vt_error *error);

#endif
