/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/hdf5_data.h"

#include <assert.h>
#include <string.h>

/* Giving handles back forgets why the call before failed, which the caller still wants to tell. */
static hid_t keep_reason(herr_t status)
{
    return status < 0 ? H5Eget_current_stack() : H5I_INVALID_HID;
}

static void restore_reason(hid_t reason)
{
    if (reason >= 0)
        H5Eset_current_stack(reason);
}

/* ---- datasets ---- */

struct transfer {
    hid_t in_file, in_memory, how;
};

/* A rank without anything to do takes part all the same. */
static struct transfer start_transfer(hid_t dataset, const struct vt_hdf5_block *block)
{
    hsize_t n = 1;
    for (int d = 0; d < block->rank; d++)
        n *= block->count[d];
    const struct transfer transfer = {
        .in_file = H5Dget_space(dataset),
        .in_memory = H5Screate_simple(block->rank, block->count, NULL),
        .how = H5Pcreate(H5P_DATASET_XFER),
    };
    if (n > 0) {
        H5Sselect_hyperslab(transfer.in_file, H5S_SELECT_SET, block->start, NULL, block->count,
                            NULL);
    } else {
        H5Sselect_none(transfer.in_file);
        H5Sselect_none(transfer.in_memory);
    }
    H5Pset_dxpl_mpio(transfer.how, H5FD_MPIO_COLLECTIVE);
    return transfer;
}

static herr_t end_transfer(const struct transfer *transfer, herr_t status)
{
    const hid_t reason = keep_reason(status);
    H5Sclose(transfer->in_file);
    H5Sclose(transfer->in_memory);
    H5Pclose(transfer->how);
    restore_reason(reason);
    return status;
}

herr_t vt_hdf5_write(hid_t dataset, hid_t type, const struct vt_hdf5_block *block,
                     const void *values)
{
    assert(block->rank >= 1 && block->rank <= VT_HDF5_RANK);
    static const char nothing = 0; /* HDF5 wants an address even of no values */
    const struct transfer t = start_transfer(dataset, block);
    return end_transfer(
        &t, H5Dwrite(dataset, type, t.in_memory, t.in_file, t.how, values ? values : &nothing));
}

herr_t vt_hdf5_read(hid_t dataset, hid_t type, const struct vt_hdf5_block *block, void *values)
{
    assert(block->rank >= 1 && block->rank <= VT_HDF5_RANK);
    char nothing;
    const struct transfer t = start_transfer(dataset, block);
    return end_transfer(
        &t, H5Dread(dataset, type, t.in_memory, t.in_file, t.how, values ? values : &nothing));
}

hid_t vt_hdf5_add_dataset(hid_t place, const char *name, hid_t type, int rank, const hsize_t *shape)
{
    const hid_t space = H5Screate_simple(rank, shape, NULL);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(creation, false);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    const hid_t dataset = H5Dcreate2(place, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    const hid_t reason = keep_reason(dataset < 0 ? -1 : 0);
    H5Pclose(creation);
    H5Sclose(space);
    restore_reason(reason);
    return dataset;
}

herr_t vt_hdf5_add_small(hid_t place, const char *name, hid_t type, hsize_t n, bool root,
                         const void *values)
{
    const hid_t dataset = vt_hdf5_add_dataset(place, name, type, 1, &n);
    if (dataset < 0)
        return -1;
    const struct vt_hdf5_block all = {1, {0}, {root ? n : 0}};
    const herr_t status = vt_hdf5_write(dataset, type, &all, values);
    const hid_t reason = keep_reason(status);
    H5Dclose(dataset);
    restore_reason(reason);
    return status;
}

bool vt_hdf5_shape(hid_t dataset, int rank, hsize_t *shape)
{
    const hid_t space = H5Dget_space(dataset);
    const bool fits = space >= 0 && H5Sget_simple_extent_ndims(space) == rank &&
                      H5Sget_simple_extent_dims(space, shape, NULL) == rank;
    H5Sclose(space);
    return fits;
}

bool vt_hdf5_is_stored_as(hid_t dataset, hid_t type)
{
    const hid_t stored = H5Dget_type(dataset);
    const bool same = stored >= 0 && H5Tequal(stored, type) > 0;
    H5Tclose(stored);
    return same;
}

/* ---- attributes ---- */

static herr_t set_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                            const void *values)
{
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const herr_t status = H5Awrite(attribute, type, values);
    const hid_t reason = keep_reason(status);
    H5Aclose(attribute);
    H5Sclose(space);
    restore_reason(reason);
    return status;
}

static hid_t text_type(void)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

herr_t vt_hdf5_set_texts(hid_t object, const char *name, hsize_t n, const char *const *texts)
{
    const hid_t type = text_type();
    const herr_t status = set_attribute(object, name, type, H5Screate_simple(1, &n, NULL), texts);
    H5Tclose(type);
    return status;
}

herr_t vt_hdf5_set_text(hid_t object, const char *name, const char *text)
{
    const hid_t type = text_type();
    const herr_t status = set_attribute(object, name, type, H5Screate(H5S_SCALAR), &text);
    H5Tclose(type);
    return status;
}

herr_t vt_hdf5_set_integers(hid_t object, const char *name, hsize_t n, const int *values)
{
    const hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
    return set_attribute(object, name, H5T_NATIVE_INT, space, values);
}

static bool are_equal(hid_t attribute, hid_t type, hid_t space, hsize_t n, const char *const *texts)
{
    char *found[3] = {NULL};
    assert(n <= sizeof found / sizeof *found);
    const hid_t stored = H5Aget_type(attribute);
    bool equal = H5Tis_variable_str(stored) > 0 &&
                 H5Sget_simple_extent_npoints(space) == (hssize_t)n &&
                 H5Aread(attribute, type, found) >= 0;
    H5Tclose(stored);
    if (!equal)
        return false;
    for (hsize_t i = 0; i < n; i++)
        equal = equal && found[i] && strcmp(found[i], texts[i]) == 0;
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, found);
    return equal;
}

bool vt_hdf5_has_texts(hid_t object, const char *name, hsize_t n, const char *const *texts)
{
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    const hid_t type = text_type();
    const hid_t space = H5Aget_space(attribute);
    const bool equal = are_equal(attribute, type, space, n, texts);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return equal;
}
