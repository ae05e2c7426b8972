/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream of frames that all observables are fed by: one or more trajectory files, one after the
 * other, with unwrapped positions and without drift.
 *
 *     while (!(code = vt_stream_next(stream, &snapshot, &end, error)) && !end)
 *         observe(snapshot);
 *
 * Unwrapping adds up displacements in angstrom, each by the image that the file gives or else by
 * the nearest one, in the cell of the later frame. So positions do not jump with the cell of a
 * barostat, as they would if the present cell were multiplied with image flags (the
 * toroidal-view-preserving scheme of Bullerjahn et al., J. Chem. Theory Comput. 19, 3406 (2023)).
 * The drawback: all frames are read from the first one on, also those before `from`.
 *
 * Every rank reads every frame: observables that add up share the frames by their index, those that
 * follow atoms share the atoms. */
#ifndef VT_STREAM_H
#define VT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/elements.h"
#include "base/error.h"
#include "domain/cell.h"

enum vt_drift {
    VT_DRIFT_NONE,
    VT_DRIFT_ALL,      /* the centre of mass of all atoms stays where it is in the first frame */
    VT_DRIFT_FRAMEWORK /* that of the atoms of other elements than the mobile ones */
};

enum vt_unwrap {
    VT_UNWRAP_NONE,   /* positions are unwrapped in the file, or nobody follows atoms */
    VT_UNWRAP_AUTO,   /* by images where a file has them, else to the nearest */
    VT_UNWRAP_IMAGES, /* a file without them is refused */
    VT_UNWRAP_NEAREST
};

struct vt_stream_options {
    char *const *paths; /* borrowed for the life of the stream */
    size_t n_paths;
    double frame_time; /* fs between frames of the files, first one at 0; 0: the files say when */
    double from, to;   /* fs; -INFINITY, INFINITY: all */
    int64_t every;     /* of the frames from `from` on; 1: all */
    enum vt_unwrap unwrap;
    enum vt_drift drift;
    bool is_mobile[VT_ELEMENTS + 1]; /* by atomic number, for VT_DRIFT_FRAMEWORK */
};

/* A frame as observables see it; borrowed until the next one. Each file and frame has the same
 * atoms in the same order. */
struct vt_snapshot {
    size_t n; /* atoms, at least one */
    const uint8_t *element;
    struct vt_cell cell;
    bool periodic[3];
    const double (*position)[3]; /* A, unwrapped, without drift: continuous from frame to frame */
    const double (*as_read)[3];  /* A, as in the file */
    double drift[3];             /* A: what was taken off; as_read - drift is position, wrapped */
    const double (*velocity)[3]; /* A/fs; this and what follows: NULL if not in the file */
    const double (*force)[3];    /* eV/A */
    const double *charge;        /* e */
    const double *energy;        /* eV, of each atom */
    int64_t index;               /* among the frames that are used, from 0 */
    double time;                 /* fs; NAN if not known */
    struct vt_place place;       /* file and line, for messages */
};

struct vt_stream;

/* *stream: owned, given back by vt_stream_close. */
enum vt_code vt_stream_open(struct vt_stream **stream, const struct vt_stream_options *options,
                            struct vt_error *error);

/* The next frame that is used. *end: there is none left. Refused (VT_INPUT), with the place: other
 * atoms than before, no cell, times that do not grow (a frame with the time of the one before is
 * passed over: files that continue a run may repeat it), an atom that moves so far between two
 * frames that its nearest image is not certain, times wanted (from, to) where there are none. */
enum vt_code vt_stream_next(struct vt_stream *stream, const struct vt_snapshot **snapshot,
                            bool *end, struct vt_error *error);

/* Start again from the first frame, for what needs more than one pass. */
enum vt_code vt_stream_rewind(struct vt_stream *stream, struct vt_error *error);

/* Frames used and read so far, in this pass. */
int64_t vt_stream_used(const struct vt_stream *stream);
int64_t vt_stream_read(const struct vt_stream *stream);

/* NULL is fine. */
void vt_stream_close(struct vt_stream *stream);

#endif
