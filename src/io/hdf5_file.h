/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 files, and what HDF5 says of failures. Rank 0 alone has them open, and everything here is
 * for it alone.
 *
 * Why not all ranks together, with parallel HDF5? A device that fails one rank within MPI-IO leaves
 * the others waiting there for ever, and nobody can watch over what MPI-IO writes, so that a kill
 * in the midst of it could spoil a whole trajectory. The drawback: all data go through one rank,
 * piece by piece (io/hdf5_data.h).
 *
 * HDF5 refuses whatever is asked of an invalid handle, so a chain of calls needs no check but the
 * last one. */
#ifndef VT_HDF5_FILE_H
#define VT_HDF5_FILE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* HDF5 prints its failures unless told not to. Every function that the rest of the program calls
 * starts with the one and ends with the other, so that another user of HDF5 in the process keeps
 * his ways. */
struct vt_hdf5_quiet {
    H5E_auto2_t print;
    void *user;
};
struct vt_hdf5_quiet vt_hdf5_hush(void);
void vt_hdf5_unhush(struct vt_hdf5_quiet quiet);

/* Right after a call has failed: "WHAT: what HDF5 says". Returns code. */
enum vt_code vt_hdf5_fail(const char *path, enum vt_code code, const char *what,
                          struct vt_error *error);

/* The same of a write to an open file (invalid: none), at any time after it. Returns VT_IO. */
enum vt_code vt_hdf5_fail_writing(const char *path, hid_t file, const char *what,
                                  struct vt_error *error);

/* VT_IO if the file cannot grow by so many bytes: the disk is full, or the limit of the user is
 * reached. Asked before a write, so that the message has the figures. */
enum vt_code vt_hdf5_room(const char *path, uint64_t bytes, struct vt_error *error);

/* Make an empty file of that name, in place of any other; VT_IO if that cannot be. */
enum vt_code vt_hdf5_claim(const char *path, struct vt_error *error);

/* How a file is written. */
struct vt_hdf5_style {
    bool is_safe;       /* changes count all together, from vt_hdf5_commit on, or not at all */
    hsize_t user_block; /* bytes at the start that HDF5 leaves alone: 0, or a power of 2 from 512 */
};

/* Create a file, in place of any other; open one, to write (is_safe) or to read. */
enum vt_code vt_hdf5_create(const char *path, const struct vt_hdf5_style *style, hid_t *file,
                            struct vt_error *error);
enum vt_code vt_hdf5_open(const char *path, bool write, hid_t *file, struct vt_error *error);

/* Before a file is opened: finish what a killed process has left undone. */
enum vt_code vt_hdf5_recover(const char *path, struct vt_error *error);

/* Of a safe file: all to the disk. VT_IO: nothing of it is. Then only vt_hdf5_abandon is left. */
enum vt_code vt_hdf5_commit(const char *path, hid_t file, struct vt_error *error);

/* VT_IO if not all of it reached the disk. */
enum vt_code vt_hdf5_close(const char *path, hid_t file, struct vt_error *error);

/* Close a file, and write nothing more: after a failure, and after reading. */
void vt_hdf5_abandon(hid_t file);

#endif
