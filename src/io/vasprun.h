/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vasprun.xml of VASP 5 and 6: each <calculation> a frame (io/dft.h).
 *
 * The energy is e_fr_energy, the free energy, whose derivatives the forces and stresses are; the
 * stress is in kbar and positive where the cell is compressed. A calculation with as many
 * electronic steps as NELM allows has not converged: the file does not say it in any other way, so
 * that one that converged in its very last step is left out, too. */
#ifndef VT_VASPRUN_H
#define VT_VASPRUN_H

#include "io/dft.h"

struct vt_vasprun_reader;

/* *reader: owned, closed by vt_vasprun_close. lenient: leave out and count what cannot be a label,
 * instead of an error. The text is borrowed until close. */
enum vt_code vt_vasprun_open(struct vt_vasprun_reader **reader, const char *path, bool lenient,
                             struct vt_error *error);
enum vt_code vt_vasprun_open_memory(struct vt_vasprun_reader **reader,
                                    const struct vt_dft_text *text, bool lenient,
                                    struct vt_error *error);

/* The next frame (cleared first; frame->file is borrowed from the reader). *end: none is left.
 * After an error nothing more may be read. */
enum vt_code vt_vasprun_read(struct vt_vasprun_reader *reader, struct vt_frame *frame, bool *end,
                             struct vt_error *error);

const struct vt_dft_counts *vt_vasprun_counts(const struct vt_vasprun_reader *reader);
void vt_vasprun_close(struct vt_vasprun_reader *reader);

#endif
