/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

enum { DIGITS = 12, INDENT = 2 };

static void put_string(FILE *file, const char *text)
{
    putc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(file, "\\u%04x", *c);
        else
            putc(*c, file);
    }
    putc('"', file);
}

/* Without the zeros that end its fraction. */
static void put_number(FILE *file, double value)
{
    char text[VT_DOUBLE_SIZE];
    vt_format_double(value, DIGITS, text);
    const char *exponent = strchr(text, 'e');
    size_t length = exponent ? (size_t)(exponent - text) : strlen(text);
    if (memchr(text, '.', length)) {
        while (text[length - 1] == '0')
            length--;
        length -= text[length - 1] == '.';
    }
    fprintf(file, "%.*s%s", (int)length, text, exponent ? exponent : "");
}

static void break_line(const struct vt_json *json)
{
    fprintf(json->file, "\n%*s", INDENT * json->depth, "");
}

/* What stands before the next item. */
static void start_item(struct vt_json *json, const char *name)
{
    assert(json->depth > 0);
    const int top = json->depth - 1;
    assert((name != NULL) == (json->kind[top] == VT_JSON_MAP));
    if (json->has_items[top])
        putc(',', json->file);
    if (!json->is_flat[top])
        break_line(json);
    else if (json->has_items[top])
        putc(' ', json->file);
    json->has_items[top] = true;
    if (name) {
        put_string(json->file, name);
        fputs(": ", json->file);
    }
}

static void push(struct vt_json *json, enum vt_json_kind kind, bool is_flat)
{
    assert(json->depth < VT_JSON_DEPTH);
    json->kind[json->depth] = kind;
    json->has_items[json->depth] = false;
    json->is_flat[json->depth] = is_flat;
    json->depth++;
    putc(kind == VT_JSON_MAP ? '{' : '[', json->file);
}

void vt_json_begin(struct vt_json *json, FILE *file)
{
    *json = (struct vt_json){.file = file};
    push(json, VT_JSON_MAP, false);
}

void vt_json_end(struct vt_json *json)
{
    assert(json->depth == 1);
    vt_json_close(json);
    putc('\n', json->file);
}

void vt_json_open(struct vt_json *json, const char *name, enum vt_json_kind kind)
{
    start_item(json, name);
    push(json, kind, json->is_flat[json->depth - 1]);
}

void vt_json_open_flat(struct vt_json *json, const char *name, enum vt_json_kind kind)
{
    start_item(json, name);
    push(json, kind, true);
}

void vt_json_close(struct vt_json *json)
{
    assert(json->depth > 0);
    json->depth--;
    if (json->has_items[json->depth] && !json->is_flat[json->depth])
        break_line(json);
    putc(json->kind[json->depth] == VT_JSON_MAP ? '}' : ']', json->file);
}

void vt_json_real(struct vt_json *json, const char *name, double value)
{
    start_item(json, name);
    if (isfinite(value))
        put_number(json->file, value);
    else
        fputs("null", json->file);
}

void vt_json_integer(struct vt_json *json, const char *name, int64_t value)
{
    start_item(json, name);
    fprintf(json->file, "%" PRId64, value);
}

void vt_json_bool(struct vt_json *json, const char *name, bool value)
{
    start_item(json, name);
    fputs(value ? "true" : "false", json->file);
}

void vt_json_text(struct vt_json *json, const char *name, const char *value)
{
    start_item(json, name);
    put_string(json->file, value);
}

void vt_json_null(struct vt_json *json, const char *name)
{
    start_item(json, name);
    fputs("null", json->file);
}

void vt_json_reals(struct vt_json *json, const char *name, const double *values, size_t n)
{
    vt_json_open_flat(json, name, VT_JSON_LIST);
    for (size_t i = 0; i < n; i++)
        vt_json_real(json, NULL, values[i]);
    vt_json_close(json);
}
