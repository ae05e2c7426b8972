/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: read into memory, and written so that they appear whole or not at all.
 *
 *     vt_file_create(&file, path, replace, error)
 *     fprintf(vt_file_stream(file), ...)
 *     vt_file_commit(file, error)        or vt_file_discard(file) on the way out
 *
 * What is written goes to a temporary file in the folder of the target, reaches the disk, and only
 * then gets the target's name. Whatever fails, a full disk too, the target stays as it was and the
 * temporary file goes away. */
#ifndef VT_FILE_H
#define VT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* The bytes of the file, if there are at most `most`. *data is owned by the caller (vt_free) and
 * has a NUL after its last byte. A file that is missing, a folder, not readable or too large is
 * VT_INPUT; a device that fails is VT_IO. */
enum vt_code vt_file_read(const char *path, size_t most, char **data, size_t *size,
                          struct vt_error *error);

struct vt_file;

/* Start writing PATH. An existing file is refused (VT_INPUT) unless `replace`. A symbolic link that
 * is replaced keeps being one: the file it names is replaced. Devices and pipes (/dev/null) are
 * written directly. *file: owned, and given back by either commit or discard. */
enum vt_code vt_file_create(struct vt_file **file, const char *path, bool replace,
                            struct vt_error *error);

/* Where to write: fully buffered, borrowed until commit or discard. Write errors may be left to
 * commit. */
FILE *vt_file_stream(struct vt_file *file);

/* Bring everything to the disk and give the file its name. Without `replace`, a target that
 * appeared in the meantime is left alone and is an error. Frees the object, also on failure. */
enum vt_code vt_file_commit(struct vt_file *file, struct vt_error *error);

/* Give up: nothing appears. NULL is fine. */
void vt_file_discard(struct vt_file *file);

/* A name that became known in the folder of PATH must survive a crash of the machine too. */
void vt_file_sync_folder(const char *path);

#endif
