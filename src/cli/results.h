/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an analysis leaves: PREFIX.csv and PREFIX.json. Of rank 0. */
#ifndef VT_RESULTS_H
#define VT_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "io/file.h"
#include "io/json.h"

/* Start with `= {0}`; vt_result_files_discard is fine at any time. */
struct vt_result_files {
    struct vt_file *csv_file, *json_file;
    FILE *csv; /* borrowed from the file */
    struct vt_json json;
};

/* Start both files, before any work. */
enum vt_code vt_result_files_create(struct vt_result_files *results, const char *prefix,
                                    bool replace, struct vt_error *error);

/* Begin the JSON with the command, the version, and the files that it is of; the CSV with a line
 * that begins with # and says the same. */
void vt_result_files_begin(struct vt_result_files *results, const char *command, char *const *paths,
                           size_t n_paths);

/* End the JSON and bring both files to the disk. */
enum vt_code vt_result_files_commit(struct vt_result_files *results, struct vt_error *error);

void vt_result_files_discard(struct vt_result_files *results);

#endif
