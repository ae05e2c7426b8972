/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tags and texts of an XML file that a program has written, one after the other.
 *
 * This is what vasprun.xml needs, not XML: no entities, no character sets, no DTD. A tag ends on
 * its line; a text is given line by line. Declarations and comments are passed over. Elements must
 * nest. The file is never held as a whole. */
#ifndef VT_XML_H
#define VT_XML_H

#include "io/dft.h"

enum {
    VT_XML_DEPTH = 32, /* elements within each other, else it is no vasprun.xml */
    VT_XML_NAME = 24   /* longer names are cut: none that matters is */
};

enum vt_xml_event { VT_XML_OPEN, VT_XML_CLOSE, VT_XML_TEXT, VT_XML_END };

/* An element and the value of its attribute "name" (empty if it has none). */
struct vt_xml_element {
    char tag[VT_XML_NAME];
    char name[VT_XML_NAME];
};

struct vt_xml {
    struct vt_dft_lines *in; /* borrowed; after VT_XML_TEXT its scan holds the text alone */
    size_t position;         /* in the line, of what is read next */
    bool in_comment;
    bool closes; /* the last tag was <x/>: its end is due */
    int depth;
    struct vt_xml_element path[VT_XML_DEPTH]; /* of the elements that are open; on VT_XML_CLOSE the
                                               * one that ended is at path[depth] */
};

void vt_xml_start(struct vt_xml *xml, struct vt_dft_lines *in);
enum vt_code vt_xml_next(struct vt_xml *xml, enum vt_xml_event *event, struct vt_error *error);

/* True if the element `up` levels above the innermost open one (0: itself) has that tag and, unless
 * NULL, that name. */
bool vt_xml_is(const struct vt_xml *xml, int up, const char *tag, const char *name);

#endif
