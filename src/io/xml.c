/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/xml.h"

#include <assert.h>
#include <string.h>

void vt_xml_start(struct vt_xml *xml, struct vt_dft_lines *in)
{
    assert(xml && in);
    *xml = (struct vt_xml){.in = in};
}

bool vt_xml_is(const struct vt_xml *xml, int up, const char *tag, const char *name)
{
    assert(up >= 0 && tag);
    if (up >= xml->depth)
        return false;
    const struct vt_xml_element *element = &xml->path[xml->depth - 1 - up];
    return strcmp(element->tag, tag) == 0 && (!name || strcmp(element->name, name) == 0);
}

static struct vt_place place_at(const struct vt_xml *xml, const char *at)
{
    return (struct vt_place){xml->in->path, xml->in->lines.number,
                             (long)(at - xml->in->lines.line) + 1};
}

static bool ends_name(char c)
{
    return c == ' ' || c == '\t' || c == '>' || c == '/' || c == '=';
}

static const char *name_end(const char *at, const char *stop)
{
    while (at < stop && !ends_name(*at))
        at++;
    return at;
}

static void copy_name(char name[VT_XML_NAME], const char *at, const char *stop)
{
    size_t length = (size_t)(stop - at);
    if (length >= VT_XML_NAME)
        length = VT_XML_NAME - 1;
    memcpy(name, at, length);
    name[length] = '\0';
}

/* The value of the attribute "name" among those between at and stop. */
static void read_name_attribute(char name[VT_XML_NAME], const char *at, const char *stop)
{
    static const char key[] = " name=";
    const size_t length = sizeof key - 1;
    for (name[0] = '\0'; at + length < stop; at++) {
        if (memcmp(at, key, length) != 0)
            continue;
        const char quote = at[length];
        const char *value = at + length + 1;
        const char *end = memchr(value, quote, (size_t)(stop - value));
        if ((quote == '"' || quote == '\'') && end)
            copy_name(name, value, end);
        return;
    }
}

static enum vt_code open_element(struct vt_xml *xml, const char *at, const char *stop,
                                 struct vt_error *error)
{
    if (xml->depth == VT_XML_DEPTH)
        return vt_fail_at(error, place_at(xml, at), VT_INPUT,
                          "more than %d elements within each other", VT_XML_DEPTH);
    struct vt_xml_element *element = &xml->path[xml->depth++];
    const char *end = name_end(at, stop);
    copy_name(element->tag, at, end);
    read_name_attribute(element->name, end, stop);
    xml->closes = stop > at && stop[-1] == '/';
    return VT_OK;
}

static enum vt_code close_element(struct vt_xml *xml, const char *at, const char *stop,
                                  struct vt_error *error)
{
    char tag[VT_XML_NAME];
    copy_name(tag, at, name_end(at, stop));
    if (!vt_xml_is(xml, 0, tag, NULL)) {
        const char *open = xml->depth > 0 ? xml->path[xml->depth - 1].tag : "";
        return vt_fail_at(error, place_at(xml, at), VT_INPUT, "'</%s>' ends no element%s%s%s",
                          tag[0] ? tag : "", open[0] ? ": '<" : "", open,
                          open[0] ? ">' is open" : "");
    }
    xml->depth--;
    return VT_OK;
}

/* What begins with '<' at `at`. *event is VT_XML_END if nothing comes of it. */
static enum vt_code read_tag(struct vt_xml *xml, const char *at, enum vt_xml_event *event,
                             struct vt_error *error)
{
    const char *line = xml->in->lines.line, *stop = line + xml->in->lines.length;
    *event = VT_XML_END;
    if (stop - at >= 4 && memcmp(at, "<!--", 4) == 0) {
        xml->in_comment = true;
        xml->position = (size_t)(at - line) + 4;
        return VT_OK;
    }
    const char *end = memchr(at, '>', (size_t)(stop - at));
    if (!end)
        return vt_fail_at(error, place_at(xml, at), VT_INPUT, "the tag does not end on its line");
    xml->position = (size_t)(end - line) + 1;
    if (at[1] == '?' || at[1] == '!')
        return VT_OK;
    *event = at[1] == '/' ? VT_XML_CLOSE : VT_XML_OPEN;
    return at[1] == '/' ? close_element(xml, at + 2, end, error)
                        : open_element(xml, at + 1, end, error);
}

static void pass_comment(struct vt_xml *xml)
{
    const char *line = xml->in->lines.line;
    for (size_t i = xml->position; i + 3 <= xml->in->lines.length; i++)
        if (memcmp(line + i, "-->", 3) == 0) {
            xml->in_comment = false;
            xml->position = i + 3;
            return;
        }
    xml->position = xml->in->lines.length;
}

static void take_text(struct vt_xml *xml, const char *at, const char *stop)
{
    struct vt_scan *scan = &xml->in->scan;
    scan->line = xml->in->lines.line;
    scan->length = (size_t)(stop - scan->line);
    scan->position = (size_t)(at - scan->line);
    xml->position = scan->length;
}

enum vt_code vt_xml_next(struct vt_xml *xml, enum vt_xml_event *event, struct vt_error *error)
{
    if (xml->closes) {
        xml->closes = false;
        xml->depth--;
        *event = VT_XML_CLOSE;
        return VT_OK;
    }
    for (;;) {
        const struct vt_lines *lines = &xml->in->lines;
        if (xml->position >= lines->length || lines->number == 0) {
            bool end = false;
            const enum vt_code code = vt_dft_next(xml->in, &end, error);
            xml->position = 0;
            *event = VT_XML_END;
            if (code || end)
                return code;
            continue;
        }
        if (xml->in_comment) {
            pass_comment(xml);
            continue;
        }
        const char *at = lines->line + xml->position, *stop = lines->line + lines->length;
        if (*at == '<') {
            const enum vt_code code = read_tag(xml, at, event, error);
            if (code || *event != VT_XML_END)
                return code;
            continue;
        }
        const char *end = memchr(at, '<', (size_t)(stop - at));
        take_text(xml, at, end ? end : stop);
        *event = VT_XML_TEXT;
        return VT_OK;
    }
}
