/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of a NetCDF file, classic format with 64-bit offsets (CDF-2): what is in the file, and
 * where. All of the file is big-endian.
 *
 *     head         "CDF\2", number of frames, dimensions, attributes, variables with their places
 *     variables    without the dimension of the frames, one after the other
 *     frames       each with its part of all other variables
 *
 * A frame is added behind the last one, and counts once the number of frames says so. */
#ifndef VT_NETCDF_H
#define VT_NETCDF_H

#include <stddef.h>
#include <stdint.h>

enum {
    VT_NETCDF_DIMENSIONS = 6,
    VT_NETCDF_ATTRIBUTES = 5,
    VT_NETCDF_VARIABLES = 14,
    VT_NETCDF_HEAD_SIZE = 4096, /* more than the head of as many, with texts of 80 */
    VT_NETCDF_COUNT_AT = 4      /* where the number of frames stands, 4 bytes */
};

/* A variable's part of a frame must not be larger, and neither must a variable without frames. */
#define VT_NETCDF_LARGEST 4294967292u

/* As the format numbers them. */
enum vt_netcdf_type {
    VT_NETCDF_CHAR = 2,
    VT_NETCDF_INT = 4,
    VT_NETCDF_FLOAT = 5,
    VT_NETCDF_DOUBLE = 6
};

/* All texts are borrowed. */
struct vt_netcdf {
    int n_dimensions, n_attributes, n_variables;
    struct vt_netcdf_dimension {
        const char *name;
        int64_t length; /* the first: 0, the frames */
    } dimension[VT_NETCDF_DIMENSIONS];
    struct vt_netcdf_attribute {
        const char *name, *text;
        size_t length; /* filled up with NUL to this length; 0: that of the text */
    } attribute[VT_NETCDF_ATTRIBUTES];
    struct vt_netcdf_variable {
        const char *name;
        enum vt_netcdf_type type;
        int n_dimensions, dimension[3]; /* indices; the first is 0: a part in each frame */
        const char *units, *comment;    /* attributes; NULL: none */
        uint64_t begin, size;           /* set by vt_netcdf_lay_out; bytes, of one frame */
    } variable[VT_NETCDF_VARIABLES];
    uint64_t frames_begin, frame_size; /* set likewise */
};

/* Give each variable its place. */
void vt_netcdf_lay_out(struct vt_netcdf *netcdf);

/* The head as the file has it, without frames; returns its size. */
size_t vt_netcdf_head(const struct vt_netcdf *netcdf, unsigned char head[VT_NETCDF_HEAD_SIZE]);

/* The dimension, attribute or variable that byte `at` of the head is of. */
const char *vt_netcdf_item(const struct vt_netcdf *netcdf, size_t at);

/* Numbers as the file has them. */
void vt_netcdf_put_integer(unsigned char to[4], int32_t value);
void vt_netcdf_put_float(unsigned char to[4], float value);
void vt_netcdf_put_double(unsigned char to[8], double value);

#endif
