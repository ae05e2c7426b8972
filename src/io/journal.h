/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes to a file that are made all or not at all, whenever the process is killed.
 *
 *     vt_journal_init(&journal, "x.h5", error)
 *     vt_journal_add(&journal, at, n, bytes, error) ...
 *     vt_journal_commit(&journal, descriptor of x.h5, error)
 *     vt_journal_destroy(&journal)
 *
 * A commit writes the changes, with a checksum, to x.h5.journal, and brings them to the disk; only
 * then does it make them, brings them to the disk, and wipes x.h5.journal. What a killed process
 * leaves is either an x.h5 as it was before the commit, or all that is needed to finish it, which
 * vt_journal_recover does.
 *
 * Changes stay in memory until they are committed. Of one process alone: nothing is collective. */
#ifndef VT_JOURNAL_H
#define VT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vt_journal {
    char *path;          /* owned: of the journal */
    int descriptor;      /* of it; -1: not yet made */
    unsigned char *text; /* owned: a header, then the changes, one after the other */
    size_t size, capacity;
    bool is_needed; /* a commit failed after it was whole: the journal must stay */
};

/* Nothing is written yet. *journal: owned until vt_journal_destroy, also on failure. */
enum vt_code vt_journal_init(struct vt_journal *journal, const char *path, struct vt_error *error);

/* From byte `at` of the file, n bytes are to be others. */
enum vt_code vt_journal_add(struct vt_journal *journal, uint64_t at, size_t n, const void *bytes,
                            struct vt_error *error);

/* n bytes of the file from byte `at`: change them to what they are to be. */
void vt_journal_overlay(const struct vt_journal *journal, uint64_t at, size_t n, void *bytes);

/* Make the changes. descriptor: of the file, open for writing. VT_IO if that fails: the file is
 * then as it was before, or the journal stays for vt_journal_recover. */
enum vt_code vt_journal_commit(struct vt_journal *journal, int descriptor, struct vt_error *error);

/* Forget the changes that are not committed; remove the journal unless it is needed. */
void vt_journal_destroy(struct vt_journal *journal);

/* Finish the commit that a process before was killed in, if there is one, and remove its journal.
 * VT_INPUT if the journal is not of this file. */
enum vt_code vt_journal_recover(const char *path, struct vt_error *error);

/* Remove what a file that is to be replaced has left; VT_IO if that fails. */
enum vt_code vt_journal_remove(const char *path, struct vt_error *error);

#endif
