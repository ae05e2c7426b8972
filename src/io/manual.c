/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/manual.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum { HELP_COLUMN = 36, INDENT = 2, LINE_SIZE = 2 * VT_TYPE_TEXT_SIZE };

/* Text that is built piece by piece and cut at its size. */
struct text {
    char *start;
    size_t size, length;
};

VT_PRINTF(2, 3)
static void append(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (text->length < text->size)
        text->length += (size_t)vsnprintf(text->start + text->length, text->size - text->length,
                                          format, arguments);
    va_end(arguments);
}

static void append_words(struct text *text, const struct vt_word *words)
{
    for (size_t i = 0; words[i].name; i++)
        append(text, "%s%s", i > 0 ? " | " : "", words[i].name);
}

static void append_kind(struct text *text, const struct vt_entry *entry)
{
    switch (entry->kind) {
    case VT_KIND_BOOL:
        append(text, "true | false");
        break;
    case VT_KIND_INTEGER:
        append(text, "integer");
        break;
    case VT_KIND_REAL:
        append(text, "%s", vt_dimension_name(entry->dimension));
        break;
    case VT_KIND_WORD:
        append_words(text, entry->words);
        break;
    case VT_KIND_STRING:
        append(text, "text");
        break;
    case VT_KIND_PATH:
        append(text, "path");
        break;
    case VT_KIND_MAP:
        append(text, "keywords");
        break;
    case VT_KIND_UNION:
        for (size_t i = 0; entry->alternatives[i].name; i++)
            append(text, "%s%s", i > 0 ? " | " : "", entry->alternatives[i].name);
        break;
    }
}

static void append_bounds(struct text *text, const struct vt_entry *entry)
{
    if (entry->minimum && entry->maximum) {
        append(text, ", %s to %s", entry->minimum, entry->maximum);
        return;
    }
    const char *const bounds[][2] = {{"above", entry->above},
                                     {"at least", entry->minimum},
                                     {"at most", entry->maximum},
                                     {"below", entry->below}};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (bounds[i][1])
            append(text, ", %s %s", bounds[i][0], bounds[i][1]);
}

char *vt_entry_type(const struct vt_entry *entry, char start[VT_TYPE_TEXT_SIZE])
{
    assert(entry && start);
    struct text text = {start, VT_TYPE_TEXT_SIZE, 0};
    start[0] = '\0';
    if (entry->shape != VT_SHAPE_ONE) {
        append(&text, "%slist of ", entry->one_is_a_list ? "one or a " : "");
        if (entry->is_ramp)
            append(&text, "2: ");
        else if (entry->most == VT_UNLIMITED)
            append(&text, "%zu or more: ", entry->least);
        else if (entry->least == entry->most)
            append(&text, "%zu: ", entry->least);
        else
            append(&text, "%zu to %zu: ", entry->least, entry->most);
    }
    append_kind(&text, entry);
    append_bounds(&text, entry);
    return start;
}

/* " (default: 1 fs)", " (required)" or nothing. */
static const char *need_text(const struct vt_entry *entry, char text[VT_TYPE_TEXT_SIZE])
{
    text[0] = '\0';
    if (entry->required)
        snprintf(text, VT_TYPE_TEXT_SIZE, " (required)");
    else if (entry->fallback)
        snprintf(text, VT_TYPE_TEXT_SIZE, " (default: %s)", entry->fallback);
    return text;
}

/* Two columns; a left one that is too wide stands on a line of its own. */
static void write_columns(const char *left, const char *right, const char *more, FILE *file)
{
    const bool wide = strlen(left) + 2 > HELP_COLUMN;
    fprintf(file, "%s%s%*s%s%s\n", left, wide ? "\n" : "",
            wide ? HELP_COLUMN : HELP_COLUMN - (int)strlen(left), "", right, more);
}

/* The words of a choice that have something to say, the alternatives of a union: one a line. */
static void write_choices(const struct vt_entry *entry, int indent, FILE *file)
{
    char left[LINE_SIZE], type[VT_TYPE_TEXT_SIZE];
    for (size_t i = 0; entry->kind == VT_KIND_WORD && entry->words[i].name; i++) {
        if (!entry->words[i].help)
            continue;
        snprintf(left, sizeof left, "%*s%s", indent, "", entry->words[i].name);
        write_columns(left, entry->words[i].help, "", file);
    }
    for (size_t i = 0; entry->kind == VT_KIND_UNION && entry->alternatives[i].name; i++) {
        const struct vt_entry *alternative = &entry->alternatives[i];
        snprintf(left, sizeof left, "%*s%s: %s", indent, "", alternative->name,
                 vt_entry_type(alternative, type));
        write_columns(left, alternative->help, "", file);
    }
}

static void write_keywords(const struct vt_table *table, int indent, bool in_list, FILE *file)
{
    char left[LINE_SIZE], type[VT_TYPE_TEXT_SIZE], need[VT_TYPE_TEXT_SIZE];
    for (const struct vt_entry *entry = table->entries; entry->name; entry++) {
        const bool dash = in_list && entry == table->entries;
        const bool block = entry->kind == VT_KIND_MAP;
        const bool list = entry->shape != VT_SHAPE_ONE;
        snprintf(left, sizeof left, "%*s%s%s: %s", dash ? indent - INDENT : indent, "",
                 dash ? "- " : "", entry->name, block && !list ? "" : vt_entry_type(entry, type));
        write_columns(left, entry->help, need_text(entry, need), file);
        write_choices(entry, indent + INDENT, file);
        if (block)
            write_keywords(entry->table, indent + (list ? 2 : 1) * INDENT, list, file);
        for (size_t i = 0; entry->kind == VT_KIND_UNION && entry->alternatives[i].name; i++)
            if (entry->alternatives[i].kind == VT_KIND_MAP)
                write_keywords(entry->alternatives[i].table, indent + 2 * INDENT, false, file);
    }
}

void vt_manual_keywords(const struct vt_table *table, FILE *file)
{
    assert(table && file);
    write_keywords(table, INDENT, false, file);
}

void vt_manual_options(const struct vt_table *table, FILE *file)
{
    char left[LINE_SIZE], type[VT_TYPE_TEXT_SIZE], need[VT_TYPE_TEXT_SIZE];
    assert(table && file);
    for (const struct vt_entry *entry = table->entries; entry->name; entry++) {
        const bool flag = vt_entry_is_flag(entry);
        snprintf(left, sizeof left, "%*s--%s%s%s", INDENT, "", entry->name, flag ? "" : " ",
                 flag ? "" : vt_entry_type(entry, type));
        write_columns(left, entry->help, flag ? "" : need_text(entry, need), file);
        write_choices(entry, 2 * INDENT, file);
    }
}

/* A cell of a Markdown table, where '|' would end it. */
static void write_cell(const char *text, FILE *file)
{
    for (; *text; text++) {
        if (*text == '|')
            fputc('\\', file);
        fputc(*text, file);
    }
}

static void write_row(const struct vt_entry *entry, FILE *file)
{
    char type[VT_TYPE_TEXT_SIZE];
    fprintf(file, "| `%s` | ", entry->name);
    write_cell(vt_entry_type(entry, type), file);
    fprintf(file, " | %s%s%s | ", entry->fallback ? "`" : "",
            entry->required   ? "required"
            : entry->fallback ? entry->fallback
                              : "",
            entry->fallback ? "`" : "");
    write_cell(entry->help, file);
    for (size_t i = 0; entry->kind == VT_KIND_WORD && entry->words[i].name; i++)
        if (entry->words[i].help) {
            fprintf(file, "; `%s`: ", entry->words[i].name);
            write_cell(entry->words[i].help, file);
        }
    for (size_t i = 0; entry->kind == VT_KIND_UNION && entry->alternatives[i].name; i++) {
        fprintf(file, "; %s: ", entry->alternatives[i].name);
        write_cell(vt_entry_type(&entry->alternatives[i], type), file);
        fputs(", ", file);
        write_cell(entry->alternatives[i].help, file);
    }
    fputs(" |\n", file);
}

static void write_sections(const struct vt_table *table, const char *path, FILE *file);

/* The section of the mapping that an entry holds, under its dotted name. */
static void write_section_of(const struct vt_entry *entry, const char *name, const char *path,
                             FILE *file)
{
    char below[LINE_SIZE];
    if (entry->kind != VT_KIND_MAP)
        return;
    snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", name);
    fprintf(file, "\n## `%s`\n\n", below);
    write_sections(entry->table, below, file);
}

static void write_sections(const struct vt_table *table, const char *path, FILE *file)
{
    fprintf(file, "%s.\n\n| keyword | value | default | meaning |\n|---|---|---|---|\n",
            table->help);
    for (const struct vt_entry *entry = table->entries; entry->name; entry++)
        write_row(entry, file);
    for (const struct vt_entry *entry = table->entries; entry->name; entry++) {
        write_section_of(entry, entry->name, path, file);
        for (size_t i = 0; entry->kind == VT_KIND_UNION && entry->alternatives[i].name; i++)
            write_section_of(&entry->alternatives[i], entry->name, path, file);
    }
}

void vt_manual_markdown(const struct vt_table *table, FILE *file)
{
    assert(table && file);
    fprintf(file, "# %s\n\n", table->name);
    write_sections(table, "", file);
}
