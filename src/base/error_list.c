/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error_list.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* Those without a line come after all that have one. */
static bool comes_before(const struct vt_error *a, const struct vt_error *b)
{
    if (a->line <= 0 || b->line <= 0)
        return a->line > 0 && b->line <= 0;
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

struct vt_error *vt_error_list_copy(struct vt_error_list *list, const struct vt_error *error)
{
    assert(list && error && error->code != VT_OK && list->n_kept <= VT_ERRORS_KEPT);
    size_t at = list->n_kept;
    while (at > 0 && comes_before(error, &list->error[at - 1]))
        at--;
    if (list->n_kept < VT_ERRORS_KEPT)
        list->n_kept++;
    else
        list->n_dropped++;
    if (at == VT_ERRORS_KEPT)
        return NULL;
    memmove(&list->error[at + 1], &list->error[at], (list->n_kept - 1 - at) * sizeof *list->error);
    list->error[at] = *error;
    return &list->error[at];
}

struct vt_error *vt_error_list_add(struct vt_error_list *list, struct vt_place place,
                                   enum vt_code code, const char *format, ...)
{
    assert(list && format);
    assert(code != VT_OK);
    char message[sizeof((struct vt_error *)NULL)->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct vt_error error;
    vt_fail_at(&error, place, code, "%s", message);
    return vt_error_list_copy(list, &error);
}

enum vt_code vt_error_list_code(const struct vt_error_list *list)
{
    assert(list);
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < list->n_kept; i++)
        if (code == VT_OK || code == VT_INPUT)
            code = list->error[i].code;
    return code;
}

void vt_error_list_write(const struct vt_error_list *list, FILE *file)
{
    assert(list && file);
    char text[sizeof(struct vt_error) + 32];
    for (size_t i = 0; i < list->n_kept; i++)
        fprintf(file, "%s\n", vt_error_text(&list->error[i], text, sizeof text));
    if (list->n_dropped > 0)
        fprintf(file, "and %zu more\n", list->n_dropped);
}
