/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/netcdf.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Begin the lists of the head; a list that is empty begins with 0 and 0. */
enum { LIST_OF_DIMENSIONS = 10, LIST_OF_VARIABLES = 11, LIST_OF_ATTRIBUTES = 12 };

static void put_bits(unsigned char *to, uint64_t bits, int size)
{
    assert(size == 4 || size == 8);
    for (int k = size - 1; k >= 0; k--, bits >>= 8)
        to[k] = (unsigned char)(bits & 0xff);
}

void vt_netcdf_put_integer(unsigned char to[4], int32_t value)
{
    assert(to);
    put_bits(to, (uint32_t)value, 4);
}

void vt_netcdf_put_float(unsigned char to[4], float value)
{
    assert(to);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_bits(to, bits, 4);
}

void vt_netcdf_put_double(unsigned char to[8], double value)
{
    assert(to);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_bits(to, bits, 8);
}

/* ---- places ---- */

static uint64_t size_of(enum vt_netcdf_type type)
{
    return type == VT_NETCDF_CHAR ? 1 : type == VT_NETCDF_DOUBLE ? 8 : 4;
}

static bool has_frames(const struct vt_netcdf_variable *variable)
{
    return variable->dimension[0] == 0;
}

static uint64_t round_up(uint64_t size)
{
    return (size + 3) / 4 * 4;
}

void vt_netcdf_lay_out(struct vt_netcdf *netcdf)
{
    unsigned char head[VT_NETCDF_HEAD_SIZE];
    uint64_t at = vt_netcdf_head(netcdf, head);
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1)
            netcdf->frames_begin = at;
        for (int v = 0; v < netcdf->n_variables; v++) {
            struct vt_netcdf_variable *variable = &netcdf->variable[v];
            if (has_frames(variable) != (pass == 1))
                continue;
            uint64_t size = size_of(variable->type);
            for (int d = pass; d < variable->n_dimensions; d++)
                size *= (uint64_t)netcdf->dimension[variable->dimension[d]].length;
            assert(size > 0 && size <= VT_NETCDF_LARGEST);
            variable->begin = at;
            variable->size = round_up(size);
            at += variable->size;
        }
    }
    netcdf->frame_size = at - netcdf->frames_begin;
}

/* ---- the head ---- */

struct writer {
    unsigned char *head;
    size_t size;
    const char *item;         /* that is being written */
    size_t watched;           /* a byte, */
    const char *watched_item; /* and what it is of */
};

static void put(struct writer *writer, const void *bytes, size_t n)
{
    assert(writer->size + round_up(n) <= VT_NETCDF_HEAD_SIZE);
    memset(writer->head + writer->size, 0, round_up(n));
    memcpy(writer->head + writer->size, bytes, n);
    if (writer->watched >= writer->size && writer->watched < writer->size + round_up(n))
        writer->watched_item = writer->item;
    writer->size += round_up(n);
}

static void put_number(struct writer *writer, uint64_t value, int size)
{
    unsigned char bytes[8];
    put_bits(bytes, value, size);
    put(writer, bytes, (size_t)size);
}

static void put_text(struct writer *writer, const char *text)
{
    put_number(writer, strlen(text), 4);
    put(writer, text, strlen(text));
}

static void put_list(struct writer *writer, int tag, int n)
{
    assert(n >= 0);
    writer->item = "contents";
    put_number(writer, n > 0 ? (uint64_t)tag : 0, 4);
    put_number(writer, (uint64_t)n, 4);
}

/* length: of the text with NULs behind it. */
static void put_attribute(struct writer *writer, const char *name, const char *text, size_t length)
{
    char filled[VT_NETCDF_HEAD_SIZE] = {0};
    assert(length >= strlen(text) && length < sizeof filled);
    memcpy(filled, text, strlen(text));
    put_text(writer, name);
    put_number(writer, VT_NETCDF_CHAR, 4);
    put_number(writer, length, 4);
    put(writer, filled, length);
}

static void put_variable(struct writer *writer, const struct vt_netcdf_variable *variable)
{
    const int n_attributes = (variable->units != NULL) + (variable->comment != NULL);
    writer->item = variable->name;
    put_text(writer, variable->name);
    put_number(writer, (uint64_t)variable->n_dimensions, 4);
    for (int d = 0; d < variable->n_dimensions; d++)
        put_number(writer, (uint64_t)variable->dimension[d], 4);
    put_list(writer, LIST_OF_ATTRIBUTES, n_attributes);
    writer->item = variable->name;
    if (variable->units)
        put_attribute(writer, "units", variable->units, strlen(variable->units));
    if (variable->comment)
        put_attribute(writer, "comment", variable->comment, strlen(variable->comment));
    put_number(writer, (uint64_t)variable->type, 4);
    put_number(writer, variable->size, 4);
    put_number(writer, variable->begin, 8);
}

static size_t write_head(const struct vt_netcdf *netcdf, struct writer *writer)
{
    static const unsigned char magic[4] = {'C', 'D', 'F', 2};
    assert(netcdf->n_dimensions > 0 && netcdf->dimension[0].length == 0);
    writer->item = "format";
    put(writer, magic, sizeof magic);
    put_number(writer, 0, 4);
    put_list(writer, LIST_OF_DIMENSIONS, netcdf->n_dimensions);
    for (int d = 0; d < netcdf->n_dimensions; d++) {
        writer->item = netcdf->dimension[d].name;
        put_text(writer, netcdf->dimension[d].name);
        put_number(writer, (uint64_t)netcdf->dimension[d].length, 4);
    }
    put_list(writer, LIST_OF_ATTRIBUTES, netcdf->n_attributes);
    for (int a = 0; a < netcdf->n_attributes; a++) {
        const struct vt_netcdf_attribute *attribute = &netcdf->attribute[a];
        writer->item = attribute->name;
        put_attribute(writer, attribute->name, attribute->text,
                      attribute->length ? attribute->length : strlen(attribute->text));
    }
    put_list(writer, LIST_OF_VARIABLES, netcdf->n_variables);
    for (int v = 0; v < netcdf->n_variables; v++)
        put_variable(writer, &netcdf->variable[v]);
    return writer->size;
}

size_t vt_netcdf_head(const struct vt_netcdf *netcdf, unsigned char head[VT_NETCDF_HEAD_SIZE])
{
    assert(netcdf && head);
    assert(netcdf->n_variables > 0 && netcdf->n_variables <= VT_NETCDF_VARIABLES);
    assert(netcdf->n_dimensions <= VT_NETCDF_DIMENSIONS &&
           netcdf->n_attributes <= VT_NETCDF_ATTRIBUTES);
    struct writer writer = {.head = head, .watched = VT_NETCDF_HEAD_SIZE};
    return write_head(netcdf, &writer);
}

const char *vt_netcdf_item(const struct vt_netcdf *netcdf, size_t at)
{
    assert(netcdf);
    unsigned char head[VT_NETCDF_HEAD_SIZE];
    struct writer writer = {.head = head, .watched = at};
    write_head(netcdf, &writer);
    return writer.watched_item;
}
