/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this program is, for --version, info and the outputs. */
#ifndef VT_PROGRAM_H
#define VT_PROGRAM_H

/* "0.1.0 (commit)". */
const char *vt_program_version(void);

/* The commit alone; "gcc 12.2.0". */
const char *vt_program_commit(void);
const char *vt_program_compiler(void);

/* "release", "debug", ... */
const char *vt_program_build_type(void);

#endif
