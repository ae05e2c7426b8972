/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that carry the instruction set which a file is compiled for (VT_ISA, from meson.build). */
#ifndef VT_ISA_H
#define VT_ISA_H

#define VT_JOIN(a, b) a##_##b
#define VT_TEXT(a)    #a

/* With arguments that are macros themselves. */
#define VT_JOIN_OF(a, b) VT_JOIN(a, b)
#define VT_TEXT_OF(a)    VT_TEXT(a)

#endif
