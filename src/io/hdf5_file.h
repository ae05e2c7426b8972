/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 files that all ranks of a communicator have open together, and what HDF5 says of failures.
 *
 * HDF5 refuses whatever is asked of an invalid handle, so a chain of calls needs no check but the
 * last one. All ranks must make the same calls in the same order, also after a failure: those that
 * stopped would leave the others waiting. */
#ifndef VT_HDF5_FILE_H
#define VT_HDF5_FILE_H

#include <hdf5.h>
#include <mpi.h>
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

/* VT_IO if the file cannot grow by so many bytes: the disk is full, or the limit of the user is
 * reached. Asked on one rank before every write, for a write that fails on one rank within HDF5 may
 * leave the others waiting. */
enum vt_code vt_hdf5_room(const char *path, uint64_t bytes, struct vt_error *error);

/* On rank 0 alone: make an empty file of that name, in place of any other; VT_IO if that cannot be.
 */
enum vt_code vt_hdf5_claim(const char *path, struct vt_error *error);

/* On all ranks: create a file, in place of any other, with a block of `user_block` bytes that HDF5
 * leaves alone (0, or a power of 2 from 512); open one. The code is that of this rank. */
enum vt_code vt_hdf5_create(const char *path, MPI_Comm comm, hsize_t user_block, hid_t *file,
                            struct vt_error *error);
enum vt_code vt_hdf5_open(const char *path, MPI_Comm comm, bool write, hid_t *file,
                          struct vt_error *error);

/* Collective, and so is the verdict: close a file. VT_IO if not all of it reached the disk. */
enum vt_code vt_hdf5_close(const char *path, MPI_Comm comm, hid_t file, struct vt_error *error);

#endif
