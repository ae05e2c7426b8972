/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/checkpoint_type.h"

#include <assert.h>
#include <string.h>

hid_t vt_checkpoint_stored_type(enum vt_checkpoint_type type)
{
    switch (type) {
    case VT_CHECKPOINT_DOUBLE:
        return H5T_IEEE_F64LE;
    case VT_CHECKPOINT_INT64:
        return H5T_STD_I64LE;
    case VT_CHECKPOINT_INT32:
        return H5T_STD_I32LE;
    case VT_CHECKPOINT_TEXT:
        return H5T_STD_U8LE;
    }
    assert(false);
    return H5I_INVALID_HID;
}

hid_t vt_checkpoint_memory_type(enum vt_checkpoint_type type)
{
    switch (type) {
    case VT_CHECKPOINT_DOUBLE:
        return H5T_NATIVE_DOUBLE;
    case VT_CHECKPOINT_INT64:
        return H5T_NATIVE_INT64;
    case VT_CHECKPOINT_INT32:
        return H5T_NATIVE_INT32;
    case VT_CHECKPOINT_TEXT:
        return H5T_NATIVE_UINT8;
    }
    assert(false);
    return H5I_INVALID_HID;
}

size_t vt_checkpoint_size(enum vt_checkpoint_type type)
{
    static const size_t size[] = {
        [VT_CHECKPOINT_DOUBLE] = 8,
        [VT_CHECKPOINT_INT64] = 8,
        [VT_CHECKPOINT_INT32] = 4,
        [VT_CHECKPOINT_TEXT] = 1,
    };
    assert((size_t)type < sizeof size / sizeof *size);
    return size[type];
}

bool vt_checkpoint_is_name(const char *name)
{
    assert(name);
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    const size_t length = strspn(name, letters);
    return length > 0 && name[length] == '\0' && name[0] != '.';
}
