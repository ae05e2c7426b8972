/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How HDF5 reads and writes its files, for hdf5_file.c alone: a driver of HDF5's virtual file
 * layer. Of one process. */
#ifndef VT_HDF5_DRIVER_H
#define VT_HDF5_DRIVER_H

#include <hdf5.h>
#include <stdbool.h>

#include "base/error.h"

struct vt_hdf5_driver;

/* A file access list for files to be opened with the driver; the caller closes it. is_safe: what
 * HDF5 changes of its own tables waits in memory for vt_hdf5_driver_commit, which makes all of it
 * or nothing (io/journal.h). Else everything is written at once. */
hid_t vt_hdf5_driver_access(bool is_safe);

/* The driver of an open file: borrowed from the file. */
struct vt_hdf5_driver *vt_hdf5_driver_of(hid_t file);

/* After H5Fflush: bring all to the disk. */
enum vt_code vt_hdf5_driver_commit(struct vt_hdf5_driver *driver, struct vt_error *error);

/* Before H5Fclose, which must not fail, for it would keep the handle of a file that is gone: from
 * now on failures are told here only, the first one. Both live until H5Fclose returns. */
void vt_hdf5_driver_expect_close(struct vt_hdf5_driver *driver, enum vt_code *code,
                                 struct vt_error *error);

/* Why a write failed, the first that did; NULL if none did. Borrowed from the driver. */
const char *vt_hdf5_driver_reason(const struct vt_hdf5_driver *driver);

/* Nothing is written any more, as if the process had been killed here. */
void vt_hdf5_driver_abandon(struct vt_hdf5_driver *driver);

#endif
