/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are two structs of a table the same, bit for bit? For the tests of the echo and for the fuzzer.
 */
#ifndef VT_TESTS_SCHEMA_SAME_H
#define VT_TESTS_SCHEMA_SAME_H

#include <string.h>

#include "io/schema.h"

static bool same_config(const struct vt_table *table, const void *a, const void *b);

static bool same_value(const struct vt_entry *entry, const char *a, const char *b)
{
    if (entry->kind == VT_KIND_MAP)
        return same_config(entry->table, a, b);
    if (entry->kind == VT_KIND_STRING || entry->kind == VT_KIND_PATH) {
        const char *x, *y;
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        return x && y ? strcmp(x, y) == 0 : x == y;
    }
    return memcmp(a, b, entry->size) == 0;
}

static bool same_entry(const struct vt_entry *entry, const char *a, const char *b)
{
    const char *x = a + entry->offset, *y = b + entry->offset;
    size_t n = entry->shape == VT_SHAPE_ARRAY ? entry->least : 1, m = n;
    if (entry->given && a[entry->given - 1] != b[entry->given - 1])
        return false;
    if (entry->kind == VT_KIND_UNION) {
        int tag;
        memcpy(&tag, x, sizeof tag);
        return memcmp(x, y, sizeof tag) == 0 &&
               (tag == 0 || same_entry(&entry->alternatives[tag - 1], a, b));
    }
    if (entry->shape == VT_SHAPE_LIST) {
        memcpy(&n, a + entry->count_offset, sizeof n);
        memcpy(&m, b + entry->count_offset, sizeof m);
        memcpy(&x, a + entry->offset, sizeof x);
        memcpy(&y, b + entry->offset, sizeof y);
        if (!x != !y)
            return false;
    }
    for (size_t i = 0; i < n && i < m; i++)
        if (!same_value(entry, x + i * entry->size, y + i * entry->size))
            return false;
    return n == m;
}

static bool same_config(const struct vt_table *table, const void *a, const void *b)
{
    for (const struct vt_entry *entry = table->entries; entry->name; entry++)
        if (!same_entry(entry, a, b))
            return false;
    return true;
}

#endif
