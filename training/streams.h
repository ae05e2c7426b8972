/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which stream of random numbers (base/random.h) is whose in training, so that no two share any. */
#ifndef VT_STREAMS_H
#define VT_STREAMS_H

enum vt_stream {
    VT_STREAM_BATCHES = 100,
    VT_STREAM_PROBES, /* of the diagonal of the curvature */
    VT_STREAM_SNES,
    VT_STREAM_START, /* first parameters */
    VT_STREAM_BOOTSTRAP,
    VT_STREAM_SPLIT = 0x73706c74 /* frames of the test set */
};

#endif
