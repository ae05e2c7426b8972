/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words become settings, one for each option or operand; io/config.h does the rest: values, bounds,
 * fallbacks, what is missing or given twice. An option that holds a list may be given again and
 * again: the first time makes a list of as many blanks as there will be items (`set`: [., .]), and
 * each time fills one (`set.0`, `set.1`). An operand that holds a list, the last one, takes all
 * words that are left. */
#include "cli/options.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/config.h"

enum { ITEM_SIZE = 24 }; /* ".", the index of an item, and the end */

struct parser {
    const struct vt_command *command;
    struct vt_place place; /* "vitrion predict" */
    struct vt_setting *setting;
    size_t n_settings;
    size_t n_operands;
    const char **listed; /* words of the operand that is a list */
    size_t n_listed;
    size_t n_items; /* of the option that is a list: a command has one at most */
    char *copy;     /* room for names cut out of `--name=value`, and for lists */
    int n_words;
    char *const *words;
    struct vt_error_list *errors;
};

bool vt_is_operand(const struct vt_command *command, const char *name)
{
    for (const char *const *operand = command->operands; operand && *operand; operand++)
        if (strcmp(*operand, name) == 0)
            return true;
    return false;
}

bool vt_options_want_help(int n_words, char *const *words)
{
    for (int w = 0; w < n_words && strcmp(words[w], "--") != 0; w++)
        if (strcmp(words[w], "--help") == 0 || strcmp(words[w], "-h") == 0)
            return true;
    return false;
}

const char *vt_option_value(const struct vt_command *command, const struct vt_entry *entry,
                            char text[VT_TYPE_TEXT_SIZE])
{
    const struct vt_placeholder *shown = command->placeholders;
    for (; shown && shown->option; shown++)
        if (strcmp(shown->option, entry->name) == 0)
            return shown->shown;
    return vt_entry_type(entry, text);
}

static void set(struct parser *parser, const char *key, const char *text, const char *source)
{
    parser->setting[parser->n_settings++] =
        (struct vt_setting){.key = key, .text = text, .source = source};
}

/* `[., .]`, an item for each time that the option is given. */
static const char *make_blanks(struct parser *parser, const char *source)
{
    const size_t length = strlen(source);
    char *text = parser->copy, *at = text;
    *at++ = '[';
    for (int w = 0; w < parser->n_words && strcmp(parser->words[w], "--") != 0; w++) {
        const char *word = parser->words[w];
        if (strncmp(word, source, length) == 0 && (word[length] == '\0' || word[length] == '='))
            at += snprintf(at, 4, "., ");
    }
    snprintf(at, 2, "]");
    parser->copy = at + 2;
    return text;
}

static void add_item(struct parser *parser, const char *key, const char *text, const char *source)
{
    if (parser->n_items == 0)
        set(parser, key, make_blanks(parser, source), source);
    char *item = parser->copy;
    parser->copy += 1 + snprintf(item, strlen(key) + ITEM_SIZE, "%s.%zu", key, parser->n_items++);
    set(parser, item, text, source);
}

/* Returns the option that is probably meant, NULL if none is near. */
static const struct vt_entry *fail_unknown(struct parser *parser, const char *word,
                                           const char *name)
{
    struct vt_error *error =
        vt_error_list_add(parser->errors, parser->place, VT_INPUT, "unknown option '%s'", word);
    const char *nearest = vt_table_nearest(parser->command->table, name);
    if (nearest && !vt_is_operand(parser->command, nearest)) {
        vt_hint(error, "did you mean --%s?", nearest);
        return vt_table_find(parser->command->table, nearest);
    }
    vt_hint(error, "'%s --help' lists the options", parser->place.file);
    return NULL;
}

static void fail_without_value(struct parser *parser, const struct vt_entry *entry,
                               const char *source)
{
    char type[VT_TYPE_TEXT_SIZE];
    struct vt_error *error =
        vt_error_list_add(parser->errors, parser->place, VT_INPUT, "%s needs a value", source);
    vt_hint(error, "%s %s: %s", source, vt_option_value(parser->command, entry, type), entry->help);
}

/* The option at words[0]; returns how many words it took. */
static int take_option(struct parser *parser, int n_words, char *const *words)
{
    const char *word = words[0];
    const size_t length = strcspn(word, "=");
    const char *value = word[length] == '=' ? word + length + 1 : NULL;
    char *source = parser->copy;
    memcpy(source, word, length);
    source[length] = '\0';
    parser->copy += length + 1;

    const char *name = source + strspn(source, "-");
    const struct vt_entry *entry = vt_table_find(parser->command->table, name);
    const bool known = name == source + 2 && entry && !vt_is_operand(parser->command, name);
    if (!known)
        entry = fail_unknown(parser, source, name);
    const bool takes_next = entry && entry->kind != VT_KIND_BOOL && !value;
    const bool has_next = n_words > 1 && strncmp(words[1], "--", 2) != 0;
    if (known && takes_next && !has_next)
        fail_without_value(parser, entry, source);
    else if (known && entry->shape == VT_SHAPE_LIST)
        add_item(parser, name, value ? value : words[1], source);
    else if (known && takes_next)
        set(parser, name, words[1], source);
    else if (known)
        set(parser, name, value ? value : "true", source);
    return takes_next && has_next ? 2 : 1;
}

static void take_operand(struct parser *parser, const char *word)
{
    const char *const *operands = parser->command->operands;
    const char *name = operands ? operands[parser->n_operands] : NULL;
    if (!name) {
        struct vt_error *error = vt_error_list_add(parser->errors, parser->place, VT_INPUT,
                                                   "unexpected argument '%s'", word);
        vt_hint(error, "'%s --help' says what it takes", parser->place.file);
        return;
    }
    const struct vt_entry *entry = vt_table_find(parser->command->table, name);
    assert(entry);
    if (entry->shape == VT_SHAPE_LIST) {
        assert(!operands[parser->n_operands + 1]);
        parser->listed[parser->n_listed++] = word;
        return;
    }
    parser->n_operands++;
    set(parser, name, word, name);
}

/* The words of the operand that is a list, once all of them are known. */
static void set_listed(struct parser *parser)
{
    if (parser->n_listed == 0)
        return;
    const char *name = parser->command->operands[parser->n_operands];
    char *text = parser->copy, *at = text;
    *at++ = '[';
    for (size_t i = 0; i < parser->n_listed; i++)
        at += snprintf(at, 4, "., ");
    snprintf(at, 2, "]");
    parser->copy = at + 2;
    set(parser, name, text, name);
    for (size_t i = 0; i < parser->n_listed; i++) {
        char *item = parser->copy;
        parser->copy += 1 + snprintf(item, strlen(name) + ITEM_SIZE, "%s.%zu", name, i);
        set(parser, item, parser->listed[i], name);
    }
}

static void take_words(struct parser *parser, int n_words, char *const *words)
{
    bool options_ended = false;
    for (int w = 0; w < n_words;) {
        const char *word = words[w];
        if (!options_ended && strcmp(word, "--") == 0) {
            options_ended = true;
            w++;
        } else if (!options_ended && word[0] == '-' && word[1] != '\0') {
            w += take_option(parser, n_words - w, words + w);
        } else {
            take_operand(parser, word);
            w++;
        }
    }
}

enum vt_code vt_options_parse(const struct vt_command *command, int n_words, char *const *words,
                              void *config, struct vt_error_list *errors)
{
    char name[64];
    snprintf(name, sizeof name, "vitrion %s", command->table->name);
    struct parser parser = {.command = command,
                            .place = {name, 0, 0},
                            .n_words = n_words,
                            .words = words,
                            .errors = errors};
    char *copies = NULL;
    size_t room = 4;
    for (int w = 0; w < n_words; w++)
        room += 2 * strlen(words[w]) + ITEM_SIZE + 4;
    struct vt_error error = {0};
    for (const char *const *operand = command->operands; operand && *operand; operand++)
        room += (size_t)n_words * (strlen(*operand) + ITEM_SIZE + 4);
    enum vt_code code = vt_alloc(&copies, room, 1, "command line", &error);
    if (!code)
        code = vt_alloc(&parser.listed, (size_t)n_words, sizeof *parser.listed, "command line",
                        &error);
    if (!code)
        code = vt_alloc(&parser.setting, (size_t)n_words + 1, sizeof *parser.setting,
                        "command line", &error);
    if (code) {
        vt_error_list_copy(errors, &error);
        goto done;
    }
    parser.copy = copies;
    take_words(&parser, n_words, words);
    set_listed(&parser);
    code = vt_error_list_code(errors);
    if (code) /* what a wrong word was meant to be would only be reported as missing */
        goto done;
    const struct vt_settings settings = {parser.setting, parser.n_settings};
    code = vt_config_from_settings(command->table, config, name, &settings, errors);
done:
    vt_free(parser.setting);
    vt_free(parser.listed);
    vt_free(copies);
    return code;
}
