/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/audit.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "training/audit_parts.h"

enum vt_audit_level vt_audit_level(enum vt_audit_kind kind)
{
    static const enum vt_audit_level levels[] = {
#define LEVEL(name, level, text) level,
        VT_AUDIT_KINDS(LEVEL)
#undef LEVEL
    };
    assert(kind < VT_AUDIT_N_KINDS);
    return levels[kind];
}

const char *vt_audit_text(enum vt_audit_kind kind)
{
    static const char *const texts[] = {
#define TEXT(name, level, text) text,
        VT_AUDIT_KINDS(TEXT)
#undef TEXT
    };
    assert(kind < VT_AUDIT_N_KINDS);
    return texts[kind];
}

enum vt_code vt_audit_add(struct vt_audit *audit, enum vt_audit_kind kind,
                          const struct vt_dataset_frame *frame, struct vt_error *error,
                          const char *format, ...)
{
    assert(audit && kind < VT_AUDIT_N_KINDS);
    if (audit->count[kind]++ >= VT_AUDIT_SHOWN)
        return VT_OK;
    const enum vt_code code =
        vt_reserve(&audit->finding, &audit->finding_capacity, audit->n_findings + 1,
                   sizeof *audit->finding, "findings", error);
    if (code)
        return code;
    struct vt_audit_finding *finding = &audit->finding[audit->n_findings++];
    finding->kind = kind;
    finding->place = frame ? vt_dataset_place(frame) : (struct vt_place){0};
    finding->source = frame ? frame->source : "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
    return VT_OK;
}

char *vt_audit_where(const struct vt_dataset_frame *frame, char *text, size_t size)
{
    snprintf(text, size, "%s:%ld", frame->file ? frame->file : "frame", frame->line);
    return text;
}

static void count_elements(struct vt_audit *audit, const struct vt_dataset *set)
{
    for (size_t i = 0; i < set->n_frames; i++) {
        size_t count[VT_NEP_MAX_TYPES] = {0};
        for (size_t a = 0; a < set->frame[i].n_atoms; a++)
            count[set->frame[i].type[a]]++;
        for (int t = 0; t < set->types.n; t++) {
            audit->n_atoms_of[t] += count[t];
            audit->n_frames_of[t] += count[t] > 0;
        }
    }
}

static enum vt_code note_undetermined(struct vt_audit *audit, const struct vt_dataset *set,
                                      struct vt_error *error)
{
    char text[160] = "";
    for (int t = 0; t < set->types.n && strlen(text) + 8 < sizeof text; t++)
        if (audit->shift.is_present[t] && !audit->shift.is_determined[t])
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? " " : "",
                     vt_element_symbol(set->types.atomic_number[t]));
    if (!text[0])
        return VT_OK;
    return vt_audit_add(audit, VT_AUDIT_UNDETERMINED, NULL, error,
                        "%d independent compositions leave open the energies of: %s",
                        audit->shift.rank, text);
}

enum vt_code vt_audit(struct vt_audit *audit, const struct vt_dataset *set,
                      const struct vt_audit_options *options, struct vt_error *error)
{
    assert(audit && set && options && set->n_frames > 0);
    *audit = (struct vt_audit){0};
    count_elements(audit, set);
    enum vt_code code = vt_audit_frames(audit, set, options, error);
    if (!code)
        code = note_undetermined(audit, set, error);
    if (!code)
        code = vt_audit_distances(audit, set, error);
    if (!code)
        code = vt_audit_duplicates(audit, set, error);
    return code ? code : vt_audit_slopes(audit, set, error);
}

void vt_audit_destroy(struct vt_audit *audit)
{
    if (!audit)
        return;
    vt_free(audit->group);
    vt_free(audit->finding);
    *audit = (struct vt_audit){0};
}

size_t vt_audit_count(const struct vt_audit *audit, enum vt_audit_level level)
{
    size_t n = 0;
    for (int kind = 0; kind < VT_AUDIT_N_KINDS; kind++)
        if (vt_audit_level((enum vt_audit_kind)kind) == level)
            n += audit->count[kind];
    return n;
}
