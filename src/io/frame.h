/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One structure as files hold it: atoms, cell, and any further columns and keys.
 *
 * All readers (extended XYZ, POSCAR, LAMMPS data) fill it, all writers take it. The three things
 * every structure has (element, position, cell) have fields of their own; everything else an
 * extended XYZ file may carry stays generic, so that it survives reading and writing. Units: those
 * of the file (angstrom, eV for ours). The drawback: a frame is arrays of its own, not the MD's
 * atoms; it is copied once on the way in. */
#ifndef VT_FRAME_H
#define VT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum vt_value_type { VT_REAL, VT_INTEGER, VT_LOGICAL, VT_STRING };

/* A column of the atom table: width values an atom, atom after atom. */
struct vt_column {
    char *name;
    enum vt_value_type type;
    size_t width;
    size_t capacity;  /* values that fit */
    double *real;     /* VT_REAL */
    int64_t *integer; /* VT_INTEGER */
    bool *logical;    /* VT_LOGICAL */
    char **string;    /* VT_STRING: each owned */
};

/* A key of the comment line. A single value has count 1 and shape scalar; arrays are flat. */
struct vt_key {
    char *name;
    enum vt_value_type type;
    bool is_array;
    size_t count;
    double *real;
    int64_t *integer;
    bool *logical;
    char **string;
};

struct vt_frame {
    size_t n_atoms;
    size_t atom_capacity;
    uint8_t *element; /* atomic number of each atom */
    double (*position)[3];
    bool has_cell;
    double cell[3][3]; /* rows a, b, c */
    bool periodic[3];
    size_t n_columns, column_capacity;
    struct vt_column *columns; /* other than species and pos, in the order of the file */
    size_t n_keys, key_capacity;
    struct vt_key *keys; /* other than Lattice, Properties and pbc, in the order of the file */
    const char *file;    /* where it came from: borrowed from the reader, NULL if made in memory */
    long line;           /* of its first line */
    size_t index;        /* in the file, from 0 */
};

/* Start empty with `= {0}`. */
void vt_frame_destroy(struct vt_frame *frame);

/* Forget the content but keep the memory for the next frame of a stream. */
void vt_frame_clear(struct vt_frame *frame);

/* Set the number of atoms: room for element and position, zeroed where new. Columns that exist are
 * resized too. */
enum vt_code vt_frame_resize(struct vt_frame *frame, size_t n_atoms, struct vt_error *error);

/* Of what a frame says of its directions: 1, 2, 3: a slab, not periodic along a, b or c alone; else
 * 0. */
int vt_frame_slab(const bool periodic[3]);

/* Column or key by name (case-sensitive), NULL if there is none. Borrowed until the frame changes.
 */
struct vt_column *vt_frame_column(const struct vt_frame *frame, const char *name);
struct vt_key *vt_frame_key(const struct vt_frame *frame, const char *name);

/* Add a column (zeroed values) or replace the one of that name. *column is borrowed until the frame
 * changes. */
enum vt_code vt_frame_add_column(struct vt_frame *frame, const char *name, enum vt_value_type type,
                                 size_t width, struct vt_column **column, struct vt_error *error);

/* Set a key, replacing one of that name. The general form leaves `count` zeroed values to fill (an
 * array unless there is one; the strings are owned by the frame, from vt_alloc). *key is borrowed
 * until the frame changes. */
enum vt_code vt_frame_add_key(struct vt_frame *frame, const char *name, enum vt_value_type type,
                              size_t count, struct vt_key **key, struct vt_error *error);
enum vt_code vt_frame_set_reals(struct vt_frame *frame, const char *name, const double *values,
                                size_t count, struct vt_error *error);
enum vt_code vt_frame_set_string(struct vt_frame *frame, const char *name, const char *value,
                                 struct vt_error *error);

/* Drop a column or a key; nothing happens if there is none. */
void vt_frame_remove_column(struct vt_frame *frame, const char *name);
void vt_frame_remove_key(struct vt_frame *frame, const char *name);

/* What the frame states about itself, whatever spelling its file uses. Each returns false if it is
 * not there. energy: eV of the frame. forces: eV/A, borrowed, n_atoms x 3 ("forces" or "force").
 * virial: eV, -dE/dstrain, positive = compressed, 9 numbers row by row, from "virial", else from
 * "stress" (-stress x volume; 9 numbers, or 6 in Voigt order). */
bool vt_frame_energy(const struct vt_frame *frame, double *energy);
bool vt_frame_forces(const struct vt_frame *frame, const double **forces);
bool vt_frame_virial(const struct vt_frame *frame, double virial[9]);

#endif
