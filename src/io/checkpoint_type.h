/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writer and the reader of checkpoints share: where things stand in the file.
 *
 *     /ranks           [ranks] rows of each rank that wrote the file
 *     /rows/NAME       [rows of all ranks][width]
 *     /records/NAME    [n] */
#ifndef VT_CHECKPOINT_TYPE_H
#define VT_CHECKPOINT_TYPE_H

#include <hdf5.h>
#include <stddef.h>

#include "io/checkpoint.h"

/* As it stands in the file, whatever the machine, and in memory; bytes of a value. */
hid_t vt_checkpoint_stored_type(enum vt_checkpoint_type type);
hid_t vt_checkpoint_memory_type(enum vt_checkpoint_type type);
size_t vt_checkpoint_size(enum vt_checkpoint_type type);

/* Is it a name that a dataset may have? */
bool vt_checkpoint_is_name(const char *name);

#endif
