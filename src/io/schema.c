/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/schema.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

const struct vt_entry *vt_table_find(const struct vt_table *table, const char *name)
{
    assert(table && name);
    for (const struct vt_entry *entry = table->entries; entry->name; entry++)
        if (strcmp(entry->name, name) == 0)
            return entry;
    return NULL;
}

const char *vt_table_nearest(const struct vt_table *table, const char *name)
{
    assert(table && name);
    const char *names[VT_TABLE_ENTRIES + 1] = {NULL};
    for (size_t i = 0; table->entries[i].name; i++) {
        assert(i < VT_TABLE_ENTRIES);
        names[i] = table->entries[i].name;
    }
    return vt_nearest(name, names);
}

bool vt_kind_is_scalar(enum vt_kind kind)
{
    return kind != VT_KIND_MAP && kind != VT_KIND_UNION;
}

bool vt_kind_owns(enum vt_kind kind)
{
    return kind == VT_KIND_STRING || kind == VT_KIND_PATH;
}

bool vt_entry_is_flag(const struct vt_entry *entry)
{
    assert(entry);
    return entry->kind == VT_KIND_BOOL && entry->shape == VT_SHAPE_ONE && entry->fallback &&
           strcmp(entry->fallback, "false") == 0;
}
