/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON, written as it comes.
 *
 *     struct vt_json json;
 *     vt_json_begin(&json, file);                  {
 *     vt_json_real(&json, "Ea_eV", 0.31);            "Ea_eV": 0.31,
 *     vt_json_open(&json, "at", VT_JSON_LIST);       "at": [
 *     vt_json_real(&json, NULL, 300);                  300
 *     vt_json_close(&json);                          ]
 *     vt_json_end(&json);                          }
 *
 * Within a list names are NULL. Numbers that are not finite become null. Errors of the file are
 * left to whoever closes it. */
#ifndef VT_JSON_H
#define VT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { VT_JSON_DEPTH = 16 };

enum vt_json_kind { VT_JSON_MAP, VT_JSON_LIST };

/* One lives as long as the text is written. */
struct vt_json {
    FILE *file; /* borrowed */
    int depth;  /* what is open */
    enum vt_json_kind kind[VT_JSON_DEPTH];
    bool has_items[VT_JSON_DEPTH];
    bool is_flat[VT_JSON_DEPTH]; /* written on one line */
};

/* The outermost mapping; the text ends with a line feed. */
void vt_json_begin(struct vt_json *json, FILE *file);
void vt_json_end(struct vt_json *json);

/* A mapping or list within. One that is flat, and what is in it, stands on one line. */
void vt_json_open(struct vt_json *json, const char *name, enum vt_json_kind kind);
void vt_json_open_flat(struct vt_json *json, const char *name, enum vt_json_kind kind);
void vt_json_close(struct vt_json *json);

void vt_json_real(struct vt_json *json, const char *name, double value);
void vt_json_integer(struct vt_json *json, const char *name, int64_t value);
void vt_json_bool(struct vt_json *json, const char *name, bool value);
void vt_json_text(struct vt_json *json, const char *name, const char *value);
void vt_json_null(struct vt_json *json, const char *name);

/* A flat list of numbers. */
void vt_json_reals(struct vt_json *json, const char *name, const double *values, size_t n);

#endif
