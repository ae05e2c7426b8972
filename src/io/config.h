/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a user's text to a struct: what a table (io/schema.h) says, checked completely.
 *
 * The text is a YAML file, `--set` settings that change it, or the options of a command line alone.
 * All mistakes are reported together, with their places and what would be right; then the struct is
 * zero and nothing is owned. On VT_OK the struct owns its strings and lists until
 * vt_config_destroy.
 *
 * Of YAML we take what configurations need: one document of mappings, lists and words. Anchors,
 * aliases and tags are refused, and so are files above 4 MiB, 20000 values or a nesting of 32. The
 * keyword decides what a word means (`O`, `No` and `1e5` may be element, word or number); booleans
 * are true and false. */
#ifndef VT_CONFIG_H
#define VT_CONFIG_H

#include <stdio.h>

#include "base/error_list.h"
#include "io/schema.h"

/* One value that does not come from the file. Later settings of parts of a value change earlier
 * ones; the same key twice is a mistake. */
struct vt_setting {
    const char *key;    /* dotted: "stages.0.duration" (items count from 0) */
    const char *text;   /* as it stands, but [..] and {..} are read as YAML */
    const char *source; /* for messages: "--set stages.0.duration", "--precision" */
};

struct vt_settings {
    const struct vt_setting *setting;
    size_t n;
    const char *const *operands; /* names of entries that are given by position: messages call them
                                    operands. Ends with NULL; NULL: none */
};

/* A configuration in memory. */
struct vt_config_text {
    const char *name; /* of the file, for messages */
    const char *text;
    size_t size;
    const char *directory; /* that relative paths start from; NULL: they stay as they are */
};

/* Read the file at path, as changed by the settings. Its paths, and those of the settings, are seen
 * from its folder and made absolute. */
enum vt_code vt_config_read(const struct vt_table *table, void *config, const char *path,
                            const struct vt_settings *settings, struct vt_error_list *errors);

/* The same from memory: rank 0 reads the file, every rank takes the bytes. */
enum vt_code vt_config_parse(const struct vt_table *table, void *config,
                             const struct vt_config_text *text, const struct vt_settings *settings,
                             struct vt_error_list *errors);

/* From settings alone: the options of a command. Messages name options by their source; one that is
 * missing is reported at `command`. Paths stay as they are. */
enum vt_code vt_config_from_settings(const struct vt_table *table, void *config,
                                     const char *command, const struct vt_settings *settings,
                                     struct vt_error_list *errors);

/* Free what the struct owns and zero it. A zeroed struct is fine. */
void vt_config_destroy(const struct vt_table *table, void *config);

/* Free what the fields of one entry own, and set them to NULL. */
void vt_entry_destroy(const struct vt_entry *entry, void *config);

/* Write the struct as a configuration with every value in it: reading this gives the same struct,
 * bit for bit. Strings must be UTF-8. Errors of the stream are left to its owner (ferror). */
void vt_config_echo(const struct vt_table *table, const void *config, FILE *file);

/* For the check of a table: */

/* True if the user wrote this keyword of the mapping. */
bool vt_check_given(const struct vt_config_check *check, const char *name);

/* Report a mistake at the value of the keyword, or at the mapping where the user did not write it.
 * For vt_hint, NULL if there are too many already. */
struct vt_error *vt_check_fail(struct vt_config_check *check, const char *name, const char *format,
                               ...) VT_PRINTF(3, 4);

#endif
