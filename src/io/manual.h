/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a table (io/schema.h) says, for people. */
#ifndef VT_MANUAL_H
#define VT_MANUAL_H

#include <stdio.h>

#include "io/schema.h"

enum { VT_TYPE_TEXT_SIZE = 256 };

/* What may be written for the entry: "mixed | double", "time, above 0 fs", "list of 1 to 2
 * lengths". Returns text.
 */
char *vt_entry_type(const struct vt_entry *entry, char text[VT_TYPE_TEXT_SIZE]);

/* The keywords of a configuration file, indented as in the file. */
void vt_manual_keywords(const struct vt_table *table, FILE *file);

/* The same entries as options, "--precision mixed|double". */
void vt_manual_options(const struct vt_table *table, FILE *file);

/* The reference, in Markdown: a table of keywords, then one for each mapping in it. */
void vt_manual_markdown(const struct vt_table *table, FILE *file);

#endif
