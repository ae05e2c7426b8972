/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open trajectory, for the files h5md*.c alone. */
#ifndef VT_H5MD_FILE_H
#define VT_H5MD_FILE_H

#include <hdf5.h>

#include "io/by_id.h"
#include "io/h5md.h"
#include "io/hdf5_data.h"

enum { VT_H5MD_FIELDS = 7, VT_H5MD_WIDEST = 9 /* numbers of an atom in a field */ };

struct vt_h5md_field {
    unsigned bit;
    const char *name;
    const char *unit; /* NULL: none */
    hsize_t width;    /* values an atom */
    bool is_integer;  /* else real, in the precision of the file */
};
extern const struct vt_h5md_field vt_h5md_fields[VT_H5MD_FIELDS];

/* The name of the group unless the user has a better one: that which MDAnalysis looks for. */
#define VT_H5MD_GROUP       "trajectory"
#define VT_H5MD_LENGTH_UNIT "Angstrom"
#define VT_H5MD_TIME_UNIT   "ps"

struct vt_h5md {
    MPI_Comm comm; /* owned */
    int rank;
    struct vt_hdf5_team team;
    char *path; /* owned */
    unsigned fields;
    bool single_precision;
    bool broken; /* a frame could not be written: nothing more may be */
    int64_t n_frames, last_step;

    struct vt_by_id blocks;
    size_t n_members;  /* atoms of this rank's block that are in the file, by their numbers: */
    int64_t *number;   /* [n_members] owned: id + 1, as the file has it */
    int32_t *element;  /* [n_members] owned */
    int64_t first_row; /* of the first of them in the file */
    int64_t n_rows;    /* of the file */

    /* rank 0; else invalid */
    hid_t file, particles;
    hid_t step, time, edges;
    hid_t value[VT_H5MD_FIELDS]; /* also invalid where the file has no such field */

    unsigned char *packed; /* the rows of this rank's atoms */
    unsigned char *column; /* one field of the members */
    size_t packed_capacity, column_capacity;
};

/* How a value of the field is stored, and bytes of the field for an atom, in memory and file. */
hid_t vt_h5md_type(const struct vt_h5md *h5md, const struct vt_h5md_field *field);
size_t vt_h5md_bytes(const struct vt_h5md *h5md, const struct vt_h5md_field *field);

/* Shape of a field's dataset of that many frames; returns its rank. */
int vt_h5md_shape(const struct vt_h5md *h5md, const struct vt_h5md_field *field, int64_t n_frames,
                  hsize_t shape[3]);

/* Collective: deal out the ids by blocks of whole chunks, and find the members. */
enum vt_code vt_h5md_take_atoms(struct vt_h5md *h5md, const struct vt_h5md_atoms *atoms,
                                int64_t chunk_atoms, struct vt_error *error);

/* On rank 0: the extent of all datasets. */
enum vt_code vt_h5md_set_frames(struct vt_h5md *h5md, int64_t n_frames, struct vt_error *error);

/* On rank 0: everything to the disk, unless code says that what came before has failed. */
enum vt_code vt_h5md_commit(struct vt_h5md *h5md, enum vt_code code, struct vt_error *error);

/* The object with all but the file: the caller's part of create and append. Collective. */
enum vt_code vt_h5md_new(struct vt_h5md **h5md, MPI_Comm comm,
                         const struct vt_h5md_options *options, struct vt_error *error);

#endif
