/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a run in one file, which appears whole or not at all.
 *
 *     vt_checkpoint_create(&writer, comm, "checkpoint.h5", n_rows, error)
 *     vt_checkpoint_put_rows(writer, "position", VT_CHECKPOINT_DOUBLE, 3, position, error) ...
 *     vt_checkpoint_put(writer, "step", VT_CHECKPOINT_INT64, 1, &step, error) ...
 *     vt_checkpoint_commit(writer, error)      or vt_checkpoint_discard(writer) on the way out
 *
 * There are two kinds of content, by name: rows, some for each atom, of which every rank gives its
 * own; and records, small and the same on every rank. The container knows neither atoms nor ids:
 * those are rows like others.
 *
 * The file is HDF5 behind a block of 512 bytes that says so, how long it is, and a checksum over
 * all its bytes: what was cut, damaged or never was a checkpoint is refused before HDF5 sees it.
 *
 * All functions are collective, unless they say otherwise, and return the same code on every rank;
 * names, types, widths and records are the same on every rank. */
#ifndef VT_CHECKPOINT_H
#define VT_CHECKPOINT_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum vt_checkpoint_type {
    VT_CHECKPOINT_DOUBLE, /* kept bit by bit: NaN and -0 too */
    VT_CHECKPOINT_INT64,
    VT_CHECKPOINT_INT32,
    VT_CHECKPOINT_TEXT /* records only: char */
};

/* ---- writing ---- */

struct vt_checkpoint_writer;

/* Start a checkpoint with n_rows rows of this rank. Until commit, PATH.tmp is what is written.
 * *writer: owned, and given back by either commit or discard. */
enum vt_code vt_checkpoint_create(struct vt_checkpoint_writer **writer, MPI_Comm comm,
                                  const char *path, size_t n_rows, struct vt_error *error);

/* Add `width` >= 1 values for each row. name: letters, digits, '_' and '.'; each once. */
enum vt_code vt_checkpoint_put_rows(struct vt_checkpoint_writer *writer, const char *name,
                                    enum vt_checkpoint_type type, size_t width, const void *values,
                                    struct vt_error *error);

/* Add a record of n >= 0 values; those of rank 0 are kept. */
enum vt_code vt_checkpoint_put(struct vt_checkpoint_writer *writer, const char *name,
                               enum vt_checkpoint_type type, size_t n, const void *values,
                               struct vt_error *error);

/* Bring everything to the disk; the checkpoint of that name, if there is one, becomes
 * checkpoint.prev.h5 (`.prev` before the ending), and the new one gets the name. At no moment is
 * there no whole file of the name, if the file system has hard links. Frees the writer, also on
 * failure. */
enum vt_code vt_checkpoint_commit(struct vt_checkpoint_writer *writer, struct vt_error *error);

/* Give up: the checkpoints that were there stay as they are. NULL is fine. */
void vt_checkpoint_discard(struct vt_checkpoint_writer *writer);

/* ---- reading ---- */

struct vt_checkpoint;

/* Open a checkpoint. VT_INPUT if it is missing, cut, damaged, or no checkpoint. *checkpoint: owned
 * until vt_checkpoint_close. */
enum vt_code vt_checkpoint_open(struct vt_checkpoint **checkpoint, MPI_Comm comm, const char *path,
                                struct vt_error *error);

/* Rows that this rank gets: on as many ranks as wrote the file, those it wrote, in that order; on
 * another number, a share that differs by at most one from the others', in the order of the file.
 * Ranks that wrote the file. Rows of all ranks. None is collective. */
size_t vt_checkpoint_rows(const struct vt_checkpoint *checkpoint);
int vt_checkpoint_ranks(const struct vt_checkpoint *checkpoint);
int64_t vt_checkpoint_all_rows(const struct vt_checkpoint *checkpoint);

/* Is there such a dataset of rows, such a record? */
bool vt_checkpoint_has_rows(const struct vt_checkpoint *checkpoint, const char *name);
bool vt_checkpoint_has(const struct vt_checkpoint *checkpoint, const char *name);

/* Fill values[vt_checkpoint_rows x width]. VT_INPUT if they are missing or of another type or
 * width. */
enum vt_code vt_checkpoint_get_rows(struct vt_checkpoint *checkpoint, const char *name,
                                    enum vt_checkpoint_type type, size_t width, void *values,
                                    struct vt_error *error);

/* Fill values[n]. VT_INPUT if the record is missing, of another type, or has not n values. */
enum vt_code vt_checkpoint_get(struct vt_checkpoint *checkpoint, const char *name,
                               enum vt_checkpoint_type type, size_t n, void *values,
                               struct vt_error *error);

/* The values of a record of any length, followed by a zero byte. *values: owned by the caller
 * (vt_free), NULL on failure. */
enum vt_code vt_checkpoint_take(struct vt_checkpoint *checkpoint, const char *name,
                                enum vt_checkpoint_type type, void *values, size_t *n,
                                struct vt_error *error);

void vt_checkpoint_close(struct vt_checkpoint *checkpoint);

#endif
