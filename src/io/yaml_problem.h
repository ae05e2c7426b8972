/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the YAML parser complains about, in words that help a user. */
#ifndef VT_YAML_PROBLEM_H
#define VT_YAML_PROBLEM_H

#include <yaml.h>

#include "io/yaml_tree.h"

/* The place of a mark of libyaml. */
struct vt_place vt_yaml_place(const struct vt_yaml_text *text, yaml_mark_t mark);

/* Say why parsing of the text stopped. */
enum vt_code vt_yaml_problem(const yaml_parser_t *parser, const struct vt_yaml_text *text,
                             struct vt_error *error);

#endif
