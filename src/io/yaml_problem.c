/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parser's own messages name rules of the grammar. Here each one that a slip in a configuration
 * can cause is turned into what was probably meant, at the place where the slip is. */
#include "io/yaml_problem.h"

#include <assert.h>
#include <string.h>

/* Where the parser gives two places, the context is where the broken construct starts. */
enum where { AT_PROBLEM, AT_CONTEXT };

static const struct {
    const char *problem, *context; /* the parser's; context NULL: any */
    enum where where;
    const char *message, *hint;
} translations[] = {
    {"found unexpected end of stream", "while scanning a quoted scalar", AT_CONTEXT,
     "the quote that starts here is never closed", "put the same quote at the end of the text"},
    {"found unexpected document indicator", "while scanning a quoted scalar", AT_CONTEXT,
     "the quote that starts here is never closed", "put the same quote at the end of the text"},
    {"did not find expected ',' or ']'", NULL, AT_CONTEXT, "the list that starts here is broken",
     "separate its items by ',' and end it with ']'"},
    {"did not find expected ',' or '}'", NULL, AT_CONTEXT, "the mapping that starts here is broken",
     "separate its keywords by ',' and end it with '}'"},
    {"could not find expected ':'", NULL, AT_CONTEXT, "a ':' is missing after this keyword",
     "write 'keyword: value', with a blank after the colon"},
    {"mapping values are not allowed in this context", NULL, AT_PROBLEM, "unexpected ':'",
     "check the indentation and the line before; put a value that contains ': ' in quotes"},
    {"did not find expected key", NULL, AT_PROBLEM, "this does not continue the mapping above",
     "the keywords of a mapping start in the same column"},
    {"did not find expected '-' indicator", NULL, AT_PROBLEM,
     "this does not continue the list above",
     "the items of a list start with '-' in the same column"},
    {"block sequence entries are not allowed in this context", NULL, AT_PROBLEM, "unexpected '-'",
     "start each item of a list on a line of its own, or write [first, second]"},
    {"did not find expected <document start>", NULL, AT_PROBLEM,
     "nothing may follow the configuration", NULL},
    {"did not find expected node content", NULL, AT_PROBLEM, "a value is missing here", NULL},
    {"found unknown escape character", NULL, AT_PROBLEM,
     "unknown character after '\\' in double quotes",
     "use single quotes, in which '\\' is an ordinary character"},
    {"did not find expected hexdecimal number", NULL, AT_PROBLEM,
     "unknown character after '\\' in double quotes",
     "use single quotes, in which '\\' is an ordinary character"},
    {"found unexpected ':'", NULL, AT_PROBLEM, "unexpected ':'",
     "put a value that contains ':' in quotes"},
};

struct vt_place vt_yaml_place(const struct vt_yaml_text *text, yaml_mark_t mark)
{
    assert(text);
    if (!text->has_lines)
        return (struct vt_place){text->name, 0, 0};
    return (struct vt_place){text->name, (long)mark.line + 1, (long)mark.column + 1};
}

/* The byte at the mark, 0 at the end of the text. */
static char byte_at(const struct vt_yaml_text *text, yaml_mark_t mark)
{
    const char *p = text->text, *end = text->text + text->size;
    for (size_t line = 0; line < mark.line && p < end; p++)
        line += *p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n'));
    /* columns count characters: skip the continuation bytes of UTF-8 */
    for (size_t column = 0; column < mark.column && p < end; column++)
        do
            p++;
        while (p < end && ((unsigned char)*p & 0xc0) == 0x80);
    return p < end ? *p : '\0';
}

static enum vt_code fail_bad_start(const yaml_parser_t *parser, const struct vt_yaml_text *text,
                                   struct vt_error *error)
{
    const struct vt_place place = vt_yaml_place(text, parser->problem_mark);
    const char byte = byte_at(text, parser->problem_mark);
    if (byte == '\t') {
        vt_fail_at(error, place, VT_INPUT, "a tab, where only spaces may indent");
        vt_hint(error, "replace the tabs by spaces");
    } else {
        vt_fail_at(error, place, VT_INPUT, "a value cannot start with '%c'", byte);
        vt_hint(error, "put it in quotes");
    }
    return VT_INPUT;
}

/* Not UTF-8, or control characters. The parser names the byte only. */
static enum vt_code fail_not_text(const yaml_parser_t *parser, const struct vt_yaml_text *text,
                                  struct vt_error *error)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < parser->problem_offset && i < text->size; i++) {
        const unsigned char byte = (unsigned char)text->text[i];
        if (byte == '\n') {
            mark.line++;
            mark.column = 0;
        } else {
            mark.column += (byte & 0xc0) != 0x80;
        }
    }
    vt_fail_at(error, vt_yaml_place(text, mark), VT_INPUT, "this is not a text in UTF-8 (%s)",
               parser->problem);
    vt_hint(error, "a configuration is a plain text file");
    return VT_INPUT;
}

static enum vt_code fail_grammar(const yaml_parser_t *parser, const struct vt_yaml_text *text,
                                 struct vt_error *error)
{
    for (size_t i = 0; i < sizeof translations / sizeof *translations; i++) {
        const char *context = translations[i].context;
        if (strcmp(translations[i].problem, parser->problem) != 0 ||
            (context && !(parser->context && strcmp(context, parser->context) == 0)))
            continue;
        const bool at_context = translations[i].where == AT_CONTEXT && parser->context;
        vt_fail_at(error,
                   vt_yaml_place(text, at_context ? parser->context_mark : parser->problem_mark),
                   VT_INPUT, "%s", translations[i].message);
        if (translations[i].hint)
            vt_hint(error, "%s", translations[i].hint);
        return VT_INPUT;
    }
    return vt_fail_at(error, vt_yaml_place(text, parser->problem_mark), VT_INPUT,
                      "wrong YAML: %s%s%s", parser->problem, parser->context ? " " : "",
                      parser->context ? parser->context : "");
}

enum vt_code vt_yaml_problem(const yaml_parser_t *parser, const struct vt_yaml_text *text,
                             struct vt_error *error)
{
    assert(parser && text);
    if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
        return vt_fail_at(error, (struct vt_place){text->name, 0, 0}, VT_MEMORY,
                          "no memory to read the configuration");
    if (parser->error == YAML_READER_ERROR)
        return fail_not_text(parser, text, error);
    if (strcmp(parser->problem, "found character that cannot start any token") == 0)
        return fail_bad_start(parser, text, error);
    return fail_grammar(parser, text, error);
}
