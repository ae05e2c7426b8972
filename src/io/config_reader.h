/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk of a configuration's tree along its table. */
#ifndef VT_CONFIG_READER_H
#define VT_CONFIG_READER_H

#include "io/config.h"
#include "io/yaml_tree.h"

struct vt_config_reader {
    struct vt_yaml_tree tree;
    const char *directory;       /* that relative paths start from; NULL: they stay as they are */
    const char *noun;            /* of what a table has: "keyword" or "option" */
    const char *const *operands; /* names of those that are operands; NULL: none */
    struct vt_error_list *errors;
};

/* Fill the struct from a mapping of the tree; mistakes go to reader->errors, and then the struct is
 * partly filled. node: of the mapping, 0 if it is absent and all its entries take their fallbacks.
 * place: of the mapping, or of the one around it. */
void vt_config_read_map(struct vt_config_reader *reader, const struct vt_table *table, size_t node,
                        struct vt_place place, void *config);

#endif
