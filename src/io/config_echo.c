/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The echo is written from the struct, not from the text, so that it cannot differ from what runs.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "io/config.h"

enum { INDENT = 2 };

struct echo {
    FILE *file;
    int indent;
    bool dash; /* the next line starts an item of a list */
};

/* What to write of an entry: `values` is NULL if it is absent. */
struct content {
    struct vt_entry entry; /* of a union: the alternative it holds, under the name of the union */
    const char *values;
    size_t n;
};

static void write_map(struct echo *echo, const struct vt_table *table, const void *config);

static const char *field_at(const void *config, size_t offset)
{
    return (const char *)config + offset;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Words that need no quotes anywhere in YAML. */
static bool is_plain(const char *text)
{
    if (!is_letter(text[0]) && text[0] != '/')
        return false;
    for (const char *p = text; *p; p++)
        if (!is_letter(*p) && !vt_is_digit(*p) && !strchr("_-./+", *p))
            return false;
    return strcasecmp(text, "null") != 0;
}

/* The character at *text, and *text moves on; a byte that does not start one counts as the byte. */
static uint32_t next_character(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    const size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 1;
    uint32_t character = length == 1 ? p[0] : p[0] & (0x7fU >> length);
    size_t i = 1;
    for (; i < length && (p[i] & 0xc0) == 0x80; i++)
        character = character << 6 | (p[i] & 0x3fU);
    *text += i;
    return character;
}

/* Characters that YAML does not take as they stand, or takes for line ends. */
static bool needs_escape(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0xa0) || character == 0x2028 ||
           character == 0x2029 || character == 0xfeff || character == 0xfffe || character == 0xffff;
}

static void write_string(const char *text, FILE *file)
{
    if (is_plain(text)) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (const char *p = text; *p;) {
        const char *start = p;
        const uint32_t character = next_character(&p);
        if (needs_escape(character))
            fprintf(file, "\\U%08" PRIX32, character);
        else
            fprintf(file, "%s%.*s", *start == '"' || *start == '\\' ? "\\" : "", (int)(p - start),
                    start);
    }
    fputc('"', file);
}

static void write_word(const struct vt_entry *entry, int value, FILE *file)
{
    const struct vt_word *word = entry->words;
    while (word->name && word->value != value)
        word++;
    assert(word->name);
    fputs(word->name, file);
}

static void write_scalar(const struct vt_entry *entry, const char *field, FILE *file)
{
    union {
        bool truth;
        int64_t integer;
        double real;
        int word;
        char *string;
    } value;
    char text[VT_QUANTITY_SIZE];
    memcpy(&value, field, entry->size);
    switch (entry->kind) {
    case VT_KIND_BOOL:
        fputs(value.truth ? "true" : "false", file);
        break;
    case VT_KIND_INTEGER:
        fprintf(file, "%" PRId64, value.integer);
        break;
    case VT_KIND_REAL:
        fputs(vt_format_quantity(value.real, entry->dimension, text), file);
        break;
    case VT_KIND_WORD:
        write_word(entry, value.word, file);
        break;
    case VT_KIND_STRING:
    case VT_KIND_PATH:
        write_string(value.string, file);
        break;
    case VT_KIND_MAP:
    case VT_KIND_UNION:
        assert(false);
    }
}

static struct content content_of(const struct vt_entry *entry, const void *config)
{
    struct content content = {.entry = *entry};
    bool given = true;
    if (entry->given)
        memcpy(&given, field_at(config, entry->given - 1), sizeof given);
    if (entry->kind == VT_KIND_UNION) {
        int tag = 0;
        memcpy(&tag, field_at(config, entry->offset), sizeof tag);
        if (tag == 0)
            return content;
        content.entry = entry->alternatives[tag - 1];
        content.entry.name = entry->name;
    }
    entry = &content.entry;
    const char *values = field_at(config, entry->offset);
    content.n = entry->shape == VT_SHAPE_ARRAY ? entry->least : 1;
    if (entry->shape == VT_SHAPE_LIST) {
        memcpy(&content.n, field_at(config, entry->count_offset), sizeof content.n);
        memcpy(&values, field_at(config, entry->offset), sizeof values);
    } else if (vt_kind_owns(entry->kind)) {
        const char *string = NULL;
        memcpy(&string, values, sizeof string);
        given = given && string;
    }
    content.values = given ? values : NULL;
    return content;
}

static bool is_empty(const struct vt_table *table, const void *config)
{
    for (const struct vt_entry *entry = table->entries; entry->name; entry++)
        if (content_of(entry, config).values)
            return false;
    return true;
}

static void start_line(struct echo *echo)
{
    fprintf(echo->file, "%*s%s", echo->dash ? echo->indent - INDENT : echo->indent, "",
            echo->dash ? "- " : "");
    echo->dash = false;
}

static void write_maps(struct echo *echo, const struct content *content)
{
    const bool list = content->entry.shape == VT_SHAPE_LIST;
    const struct vt_table *table = content->entry.table;
    if (content->n == 0 || (!list && is_empty(table, content->values))) {
        fputs(list ? " []\n" : " {}\n", echo->file);
        return;
    }
    fputc('\n', echo->file);
    echo->indent += list ? 2 * INDENT : INDENT;
    for (size_t i = 0; i < content->n; i++) {
        const char *value = content->values + i * content->entry.size;
        echo->dash = list;
        if (list && is_empty(table, value)) {
            start_line(echo);
            fputs("{}\n", echo->file);
        } else {
            write_map(echo, table, value);
        }
    }
    echo->indent -= list ? 2 * INDENT : INDENT;
}

static void write_scalars(const struct content *content, FILE *file)
{
    const bool brackets =
        content->entry.shape != VT_SHAPE_ONE && !(content->entry.is_ramp && content->n == 1);
    fputs(brackets ? " [" : " ", file);
    for (size_t i = 0; i < content->n; i++) {
        fputs(i > 0 ? ", " : "", file);
        write_scalar(&content->entry, content->values + i * content->entry.size, file);
    }
    fputs(brackets ? "]\n" : "\n", file);
}

static void write_map(struct echo *echo, const struct vt_table *table, const void *config)
{
    for (const struct vt_entry *entry = table->entries; entry->name; entry++) {
        const struct content content = content_of(entry, config);
        if (!content.values)
            continue;
        start_line(echo);
        fprintf(echo->file, "%s:", entry->name);
        if (content.entry.kind == VT_KIND_MAP)
            write_maps(echo, &content);
        else
            write_scalars(&content, echo->file);
    }
}

void vt_config_echo(const struct vt_table *table, const void *config, FILE *file)
{
    assert(table && config && file);
    struct echo echo = {.file = file};
    if (is_empty(table, config))
        fputs("{}\n", file);
    else
        write_map(&echo, table, config);
}
