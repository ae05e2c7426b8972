/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in HDF5 files: attributes, and parts of datasets. As in io/hdf5_file.h all ranks make
 * the same calls; results below 0 are failures of HDF5. */
#ifndef VT_HDF5_DATA_H
#define VT_HDF5_DATA_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

enum { VT_HDF5_RANK = 3 };

/* A part of a dataset: rows that follow one another in each direction. One with no element is
 * nothing. */
struct vt_hdf5_block {
    int rank;
    hsize_t start[VT_HDF5_RANK], count[VT_HDF5_RANK];
};

/* Each rank writes or reads its own part, from or to contiguous memory, whose type is of the size
 * of that in the file: converting would keep the ranks from working together. */
herr_t vt_hdf5_write(hid_t dataset, hid_t type, const struct vt_hdf5_block *block,
                     const void *values);
herr_t vt_hdf5_read(hid_t dataset, hid_t type, const struct vt_hdf5_block *block, void *values);

/* A dataset of fixed shape, and all of it written, by rank 0 alone. */
hid_t vt_hdf5_add_dataset(hid_t place, const char *name, hid_t type, int rank,
                          const hsize_t *shape);
herr_t vt_hdf5_add_small(hid_t place, const char *name, hid_t type, hsize_t n, bool root,
                         const void *values);

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
