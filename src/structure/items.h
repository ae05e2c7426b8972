/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists as users write them in one word of the command line: "Zr=Al:2, Cl=O:25 %". */
#ifndef VT_ITEMS_H
#define VT_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of a text, borrowed; blanks around it are not part of it. */
struct vt_span {
    const char *text;
    size_t length;
};

/* One item, and its two sides of the first '=' ("value" is empty without one). */
struct vt_item {
    struct vt_span all, name, value;
};

/* The next item of a list that commas divide; false after the last. *rest starts at the text and is
 * moved on (NULL at the end). */
bool vt_next_item(const char **rest, struct vt_item *item);

/* Cut at the first `divider`: what stands before it, and after it (empty if there is none). */
void vt_span_cut(struct vt_span whole, char divider, struct vt_span *before, struct vt_span *after);

/* Atomic number of a symbol that is the whole span; 0: there is no such element. */
int vt_span_element(struct vt_span span);

#endif
