/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "structure/items.h"

#include <assert.h>
#include <string.h>

#include "base/elements.h"

static struct vt_span trim(const char *text, size_t length)
{
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    return (struct vt_span){text, length};
}

void vt_span_cut(struct vt_span whole, char divider, struct vt_span *before, struct vt_span *after)
{
    assert(before && after);
    const char *cut = memchr(whole.text, divider, whole.length);
    const size_t n = cut ? (size_t)(cut - whole.text) : whole.length;
    const char *end = whole.text + whole.length;
    *before = trim(whole.text, n);
    *after = cut ? trim(cut + 1, (size_t)(end - (cut + 1))) : trim(end, 0);
}

bool vt_next_item(const char **rest, struct vt_item *item)
{
    assert(rest && item);
    if (!*rest)
        return false;
    const size_t length = strcspn(*rest, ",");
    item->all = trim(*rest, length);
    vt_span_cut(item->all, '=', &item->name, &item->value);
    *rest = (*rest)[length] == ',' ? *rest + length + 1 : NULL;
    return true;
}

int vt_span_element(struct vt_span span)
{
    return vt_atomic_number(span.text, span.length);
}
