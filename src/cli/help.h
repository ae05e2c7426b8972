/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help texts, made from the tables that parse. */
#ifndef VT_HELP_H
#define VT_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* The program: usage and a line for each subcommand. */
void vt_help_program(FILE *file);

/* A subcommand: usage, options, explanation. */
void vt_help_command(FILE *file, const struct vt_command *command);

/* All subcommands as a Markdown reference. */
void vt_help_markdown(FILE *file);

/* The keywords of configuration files, as Markdown. */
void vt_help_keywords(FILE *file);

#endif
