/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the words of a command line to the struct of a command's table.
 *
 * `--name value` and `--name=value`; a bool stands alone or is `--name=false`; `--` ends the
 * options; what is no option is an operand; each of them at most once, but for one list of strings
 * that a command may have: each time adds an item. If the last operand is that list, it takes all
 * operands that are left. A value that begins with two dashes needs the
 * `=` form. */
#ifndef VT_OPTIONS_H
#define VT_OPTIONS_H

#include <stdbool.h>

#include "base/error_list.h"
#include "cli/command.h"
#include "io/manual.h"

/* Fill config, the struct of the command's table; vt_config_destroy frees what it owns. All
 * mistakes are reported together; then there is nothing to free. */
enum vt_code vt_options_parse(const struct vt_command *command, int n_words, char *const *words,
                              void *config, struct vt_error_list *errors);

/* True if one of the words asks for help. */
bool vt_options_want_help(int n_words, char *const *words);

/* True if the entry of that name is given by position. */
bool vt_is_operand(const struct vt_command *command, const char *name);

/* What stands for the value of an entry: "NEP.txt", else what its type says. Borrowed from the
 * command or text. */
const char *vt_option_value(const struct vt_command *command, const struct vt_entry *entry,
                            char text[VT_TYPE_TEXT_SIZE]);

#endif
