/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A structure file of any kind we read, one frame after the other. */
#ifndef VT_STRUCTURE_H
#define VT_STRUCTURE_H

#include <stdbool.h>

#include "base/error.h"
#include "io/frame.h"

enum vt_format { VT_FORMAT_EXTXYZ, VT_FORMAT_POSCAR, VT_FORMAT_LAMMPS };

/* Which format a path names: POSCAR/CONTCAR or *.vasp, *.poscar; *.data, *.lmp, *.lammps; everything else is extended XYZ. */
enum vt_format vt_format_of_path(const char *path);

struct vt_structure_reader;

enum vt_code vt_structure_open(struct vt_structure_reader **reader, const char *path,
                               struct vt_error *error);
enum vt_code vt_structure_read(struct vt_structure_reader *reader, struct vt_frame *frame,
                               bool *end, struct vt_error *error);
void vt_structure_close(struct vt_structure_reader *reader);

#endif
