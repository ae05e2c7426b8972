/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OUTCAR of VASP 5 and 6: each ionic step a frame (io/dft.h).
 *
 * The energy is the free energy TOTEN, whose derivatives the printed forces and stresses are; the
 * energy without entropy is no potential of these forces. The stress is the row "in kB" without the
 * kinetic part of a molecular dynamics. Elements come from the titles of the POTCARs, the charge
 * from NELECT and the valences. A step is converged if VASP says that its loop ended "because EDIFF
 * is reached". Positions have five decimals here; vasprun.xml has more. */
#ifndef VT_OUTCAR_H
#define VT_OUTCAR_H

#include "io/dft.h"

struct vt_outcar_reader;

/* *reader: owned, closed by vt_outcar_close. lenient: leave out and count what cannot be a label,
 * instead of an error. data is borrowed until close. */
enum vt_code vt_outcar_open(struct vt_outcar_reader **reader, const char *path, bool lenient,
                            struct vt_error *error);
enum vt_code vt_outcar_open_memory(struct vt_outcar_reader **reader, const struct vt_dft_text *text,
                                   bool lenient, struct vt_error *error);

/* The next frame (cleared first; frame->file is borrowed from the reader). *end: none is left.
 * After an error nothing more may be read. */
enum vt_code vt_outcar_read(struct vt_outcar_reader *reader, struct vt_frame *frame, bool *end,
                            struct vt_error *error);

const struct vt_dft_counts *vt_outcar_counts(const struct vt_outcar_reader *reader);
void vt_outcar_close(struct vt_outcar_reader *reader);

#endif
