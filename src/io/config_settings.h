/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings change the tree of a configuration before it is read. */
#ifndef VT_CONFIG_SETTINGS_H
#define VT_CONFIG_SETTINGS_H

#include "io/config.h"
#include "io/yaml_tree.h"

/* Put the values of the settings into the mapping `root`, each where its dotted key says; mappings
 * on the way are made as needed. Mistakes go to errors. */
void vt_settings_apply(const struct vt_settings *settings, struct vt_yaml_tree *tree, size_t root,
                       struct vt_error_list *errors);

#endif
