/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams of random numbers (base/random.h) that making structures draws from. */
#ifndef VT_STREAMS_H
#define VT_STREAMS_H

enum { VT_STREAM_PACKING = 0x5001, VT_STREAM_SUBSTITUTION };

#endif
