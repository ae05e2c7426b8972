/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in HDF5 files: attributes, and parts of datasets. As in io/hdf5_file.h rank 0 alone
 * has the files; results below 0 are failures of HDF5. */
#ifndef VT_HDF5_DATA_H
#define VT_HDF5_DATA_H

#include <hdf5.h>
#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { VT_HDF5_RANK = 3 };

/* A part of a dataset: rows that follow one another in each direction. One with no element is
 * nothing. */
struct vt_hdf5_block {
    int rank;
    hsize_t start[VT_HDF5_RANK], count[VT_HDF5_RANK];
};

/* The ranks whose data go through rank 0: piece by piece, so that it needs no more memory for that
 * than 1 MiB. A row (the last directions of a block, without the first that counts) is not larger.
 */
enum { VT_HDF5_PIECE = 1 << 20 };
struct vt_hdf5_team {
    MPI_Comm comm; /* borrowed */
    int rank, size;
    unsigned char *piece; /* [VT_HDF5_PIECE] owned; rank 0 */
};

/* Collective. Start with `= {0}`; vt_hdf5_team_destroy also after a failure. */
enum vt_code vt_hdf5_team_init(struct vt_hdf5_team *team, MPI_Comm comm, struct vt_error *error);
void vt_hdf5_team_destroy(struct vt_hdf5_team *team);

/* Collective: each rank writes or reads its own part, from or to contiguous memory. dataset: of
 * rank 0. Rank 0 gets a result below 0 if anything failed; the others know of no failure. All data
 * move all the same, so that no rank is left waiting. */
herr_t vt_hdf5_write(const struct vt_hdf5_team *team, hid_t dataset, hid_t type,
                     const struct vt_hdf5_block *block, const void *values);
herr_t vt_hdf5_read(const struct vt_hdf5_team *team, hid_t dataset, hid_t type,
                    const struct vt_hdf5_block *block, void *values);

/* All that follows is for rank 0 alone. A part of a dataset. */
herr_t vt_hdf5_put(hid_t dataset, hid_t type, const struct vt_hdf5_block *block,
                   const void *values);

/* A dataset of fixed shape; one of one direction, and all of it written. */
hid_t vt_hdf5_add_dataset(hid_t place, const char *name, hid_t type, int rank,
                          const hsize_t *shape);
herr_t vt_hdf5_add_small(hid_t place, const char *name, hid_t type, hsize_t n, const void *values);

/* Attributes: a text (of any length, in UTF-8), texts, integers. */
herr_t vt_hdf5_set_texts(hid_t object, const char *name, hsize_t n, const char *const *texts);
herr_t vt_hdf5_set_text(hid_t object, const char *name, const char *text);
herr_t vt_hdf5_set_integers(hid_t object, const char *name, hsize_t n, const int *values);

/* Is there an attribute with exactly that text, those texts? */
bool vt_hdf5_has_texts(hid_t object, const char *name, hsize_t n, const char *const *texts);

/* Shape of a dataset; false if its rank is another. */
bool vt_hdf5_shape(hid_t dataset, int rank, hsize_t *shape);

/* Are the values of the dataset stored as that type? */
bool vt_hdf5_is_stored_as(hid_t dataset, hid_t type);

#endif
