/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/help.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "cli/options.h"
#include "io/manual.h"
#include "md/run_config.h"
#include "training/train_config.h"

enum { TEXT_WIDTH = 80, NAME_COLUMN = 2, HELP_COLUMN = 26 };

static void print_usage(FILE *file, const struct vt_command *command)
{
    char type[VT_TYPE_TEXT_SIZE];
    fprintf(file, "vitrion %s", command->table->name);
    bool optional = false;
    for (const struct vt_entry *entry = command->table->entries; entry->name; entry++) {
        if (vt_is_operand(command, entry->name))
            continue;
        if (entry->required)
            fprintf(file, " --%s %s", entry->name, vt_option_value(command, entry, type));
        else
            optional = true;
    }
    if (optional)
        fprintf(file, " [OPTIONS]");
    for (const char *const *operand = command->operands; operand && *operand; operand++)
        fprintf(file, " %s",
                vt_option_value(command, vt_table_find(command->table, *operand), type));
    fputc('\n', file);
}

/* Words of text, broken at the width; lines after the first begin at `indent`, and the first is at
 * `column` already. */
static void print_wrapped(FILE *file, const char *text, int indent, int column)
{
    assert(text && indent >= 0);
    while (*text) {
        if (*text == '\n') {
            fputc('\n', file);
            column = 0;
            text++;
            continue;
        }
        const size_t length = strcspn(text, " \n");
        if (column > indent && column + 1 + (int)length > TEXT_WIDTH) {
            fputc('\n', file);
            column = 0;
        }
        if (column < indent)
            column += fprintf(file, "%*s", indent - column, "");
        else if (column > indent)
            column += fprintf(file, " ");
        column += fprintf(file, "%.*s", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', file);
}

static void print_entry(FILE *file, const struct vt_command *command, const struct vt_entry *entry)
{
    char type[VT_TYPE_TEXT_SIZE], help[600];
    const bool operand = vt_is_operand(command, entry->name);
    const bool flag = entry->kind == VT_KIND_BOOL;
    const char *value = flag ? "" : vt_option_value(command, entry, type);
    int column = fprintf(file, "%*s", NAME_COLUMN, "");
    if (operand)
        column += fprintf(file, "%s", value);
    else
        column += fprintf(file, "--%s%s%s", entry->name, flag ? "" : " ", value);
    if (column >= HELP_COLUMN) {
        fputc('\n', file);
        column = 0;
    }
    column += fprintf(file, "%*s", HELP_COLUMN - column, "");
    const bool states_default = entry->fallback && !flag;
    snprintf(help, sizeof help, "%s%s%s%s", entry->help, states_default ? " [" : "",
             states_default ? entry->fallback : "", states_default ? "]" : "");
    print_wrapped(file, help, HELP_COLUMN, column);
}

void vt_help_command(FILE *file, const struct vt_command *command)
{
    assert(file && command);
    assert(command->table && command->table->name);
    fprintf(file, "usage: ");
    print_usage(file, command);
    fprintf(file, "\n%s\n\n", command->table->help);
    for (const struct vt_entry *entry = command->table->entries; entry->name; entry++)
        print_entry(file, command, entry);
    fprintf(file, "  --help                  this text\n");
    if (command->about) {
        fputc('\n', file);
        print_wrapped(file, command->about, 0, 0);
    }
}

void vt_help_program(FILE *file)
{
    assert(file);
    fprintf(file, "usage: vitrion COMMAND ...\n\n"
                  "Ionic conductivity of glassy and crystalline solid electrolytes, from a\n"
                  "machine-learned potential.\n\n");
    for (const struct vt_command *const *command = vt_commands; *command; command++)
        fprintf(file, "  %-17s %s\n", (*command)->table->name, (*command)->table->help);
    fprintf(file, "  %-17s %s\n", "help COMMAND",
            "what a command does and takes; also COMMAND --help");
    fprintf(file, "  %-17s %s\n", "--version", "version and commit");
    fprintf(file, "\nA wrong input ends with status 2, a failed run with 1.\n");
}

static void print_markdown_entry(FILE *file, const struct vt_command *command,
                                 const struct vt_entry *entry)
{
    char type[VT_TYPE_TEXT_SIZE];
    const bool flag = entry->kind == VT_KIND_BOOL;
    const char *value = flag ? "" : vt_option_value(command, entry, type);
    fputs("| `", file);
    if (!vt_is_operand(command, entry->name))
        fprintf(file, "--%s%s", entry->name, flag ? "" : " ");
    for (; *value; value++)
        fprintf(file, *value == '|' ? "\\%c" : "%c", *value);
    fprintf(file, "` | %s | %s |\n", entry->help,
            entry->required            ? "required"
            : entry->fallback && !flag ? entry->fallback
                                       : "");
}

void vt_help_markdown(FILE *file)
{
    assert(file);
    fprintf(file, "# Commands\n\nMade by `vitrion help --markdown` from the tables that parse the "
                  "command line; a test keeps it in step.\n\nOptions are `--name value` or "
                  "`--name=value`; `--` ends them. A wrong input ends with status 2, a failed run "
                  "with 1.\n");
    for (const struct vt_command *const *command = vt_commands; *command; command++) {
        fprintf(file, "\n## vitrion %s\n\n%s.\n\n    ", (*command)->table->name,
                (*command)->table->help);
        print_usage(file, *command);
        if ((*command)->table->entries->name)
            fprintf(file, "\n| option | meaning | default |\n|---|---|---|\n");
        for (const struct vt_entry *entry = (*command)->table->entries; entry->name; entry++)
            print_markdown_entry(file, *command, entry);
        if ((*command)->about)
            fprintf(file, "\n%s\n", (*command)->about);
    }
}

void vt_help_keywords(FILE *file)
{
    assert(file);
    fprintf(file,
            "<!-- Made by `vitrion help --keywords` from the table that reads the file; a test "
            "keeps it in step. -->\n\n");
    vt_manual_markdown(&vt_run_table, file);
    putc('\n', file);
    vt_manual_markdown(&vt_train_table, file);
}
