/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open trajectory, for the files amber*.c alone. */
#ifndef VT_AMBER_FILE_H
#define VT_AMBER_FILE_H

#include "io/amber.h"
#include "io/by_id.h"
#include "io/netcdf.h"

enum {
    VT_AMBER_FIELDS = 6,
    VT_AMBER_CELL_BYTES = 7 * 8, /* time, cell_lengths, cell_angles: the first of each frame */
    VT_AMBER_VERSION_SIZE = 64   /* of the program, so that the head has the same size for all */
};

struct vt_amber_field {
    unsigned bit;
    const char *name;
    const char *units; /* NULL: none */
    int width;         /* values an atom */
    bool is_integer;   /* else real, in the precision of the file */
};
extern const struct vt_amber_field vt_amber_fields[VT_AMBER_FIELDS];

struct vt_amber {
    MPI_Comm comm; /* owned */
    int rank;
    char *path; /* owned */
    unsigned fields;
    bool single_precision;
    int file;                            /* descriptor; -1: closed */
    struct vt_netcdf head;               /* once the file is open, without its texts */
    char version[VT_AMBER_VERSION_SIZE]; /* of the program */
    int64_t n_frames;

    struct vt_by_id blocks;
    uint8_t *is_member; /* [blocks.n] owned: is the id in the file? */
    size_t n_members;   /* of this rank's block */
    int64_t first_row;  /* of the first of them in the file */
    int64_t n_rows;     /* of the file */

    double axes[3][3]; /* of the frame: rows are those of the file */
    bool swapped;      /* a and b change places */

    unsigned char *packed; /* the rows of this rank's atoms */
    unsigned char *column; /* one field of the members */
    size_t packed_capacity, column_capacity;
};

/* The object with all but atoms and file. Collective. */
enum vt_code vt_amber_new(struct vt_amber **amber, MPI_Comm comm,
                          const struct vt_amber_options *options, struct vt_error *error);

/* On one rank: "WHAT: what the system says of it". Returns code. */
enum vt_code vt_amber_fail(const struct vt_amber *amber, enum vt_code code, const char *what,
                           struct vt_error *error);

/* On one rank: write n bytes at that place; the number of frames. */
enum vt_code vt_amber_put(const struct vt_amber *amber, const void *bytes, size_t n, uint64_t at,
                          struct vt_error *error);
enum vt_code vt_amber_count(const struct vt_amber *amber, struct vt_error *error);

#endif
