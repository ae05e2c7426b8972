/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an audit (training/audit.h). */
#ifndef VT_AUDIT_PARTS_H
#define VT_AUDIT_PARTS_H

#include "training/audit.h"

enum { VT_AUDIT_SHOWN = 5 }; /* findings of a kind that are kept; the others are counted */

/* frame NULL: of the whole set. */
enum vt_code vt_audit_add(struct vt_audit *audit, enum vt_audit_kind kind,
                          const struct vt_dataset_frame *frame, struct vt_error *error,
                          const char *format, ...) VT_PRINTF(5, 6);

/* "FILE:LINE" of another frame, in the text of a finding. Returns text. */
char *vt_audit_where(const struct vt_dataset_frame *frame, char *text, size_t size);

/* Energies, forces, virials and volumes, frame by frame. */
enum vt_code vt_audit_frames(struct vt_audit *audit, const struct vt_dataset *set,
                             const struct vt_audit_options *options, struct vt_error *error);

/* Shortest distances. */
enum vt_code vt_audit_distances(struct vt_audit *audit, const struct vt_dataset *set,
                                struct vt_error *error);

/* Frames that are the same: up to translation, order of like atoms and 1e-4 A. */
enum vt_code vt_audit_duplicates(struct vt_audit *audit, const struct vt_dataset *set,
                                 struct vt_error *error);

/* Labels against differences of energies. */
enum vt_code vt_audit_slopes(struct vt_audit *audit, const struct vt_dataset *set,
                             struct vt_error *error);

#endif
