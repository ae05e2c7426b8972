/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal holds what is to be, not what was: making the changes twice does no harm, so it does
 * not matter how far a killed process came. Its header is wiped after each commit, so that one
 * which is found later belongs to the file beside it; the size of the file guards against the rest
 * of the accidents, such as an older copy put in its place. */
#include "io/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/checksum.h"
#include "io/file.h"

static const char mark[8] = {'V', 'T', 'J', 'O', 'U', 'R', 'N', '1'};

/* Numbers as the machine has them: a journal does not travel. */
struct header {
    char mark[8];
    uint64_t size;      /* of header and changes; behind them older ones may be left */
    uint64_t checksum;  /* of what follows the header */
    uint64_t file_size; /* the file had at least that many bytes */
};

struct change {
    uint64_t at, n; /* n bytes follow */
};

static enum vt_code fail(const char *path, const char *what, struct vt_error *error)
{
    return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_IO, "%s: %s", what, strerror(errno));
}

static enum vt_code name_journal(char **name, const char *path, struct vt_error *error)
{
    const size_t size = strlen(path) + sizeof ".journal";
    const enum vt_code code = vt_alloc(name, size, 1, "a file name", error);
    if (!code)
        snprintf(*name, size, "%s.journal", path);
    return code;
}

/* A device that takes a part only is full. */
static bool write_fully(int descriptor, const unsigned char *bytes, size_t n, uint64_t at)
{
    while (n > 0) {
        const ssize_t done = pwrite(descriptor, bytes, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = ENOSPC;
        if (done <= 0)
            return false;
        bytes += done;
        n -= (size_t)done;
        at += (uint64_t)done;
    }
    return true;
}

/* ---- the object ---- */

enum vt_code vt_journal_init(struct vt_journal *journal, const char *path, struct vt_error *error)
{
    assert(journal && path);
    *journal = (struct vt_journal){.descriptor = -1};
    enum vt_code code = name_journal(&journal->path, path, error);
    if (!code)
        code = vt_reserve(&journal->text, &journal->capacity, sizeof(struct header), 1, "a journal",
                          error);
    journal->size = sizeof(struct header);
    return code;
}

void vt_journal_destroy(struct vt_journal *journal)
{
    if (journal->descriptor >= 0) {
        close(journal->descriptor);
        if (!journal->is_needed)
            unlink(journal->path);
    }
    vt_free(journal->path);
    vt_free(journal->text);
    *journal = (struct vt_journal){.descriptor = -1};
}

enum vt_code vt_journal_add(struct vt_journal *journal, uint64_t at, size_t n, const void *bytes,
                            struct vt_error *error)
{
    assert(journal);
    assert(bytes || n == 0);
    const struct change change = {at, n};
    const enum vt_code code = vt_reserve(&journal->text, &journal->capacity,
                                         journal->size + sizeof change + n, 1, "a journal", error);
    if (code)
        return code;
    memcpy(journal->text + journal->size, &change, sizeof change);
    memcpy(journal->text + journal->size + sizeof change, bytes, n);
    journal->size += sizeof change + n;
    return VT_OK;
}

/* ---- changes, one after the other ---- */

/* The change at *offset of a journal; moves on to the next. False: there is none, or not whole. */
static bool next(const unsigned char *text, size_t size, size_t *offset, struct change *change,
                 const unsigned char **bytes)
{
    if (size - *offset < sizeof *change)
        return false;
    memcpy(change, text + *offset, sizeof *change);
    if (change->n > size - *offset - sizeof *change)
        return false;
    *bytes = text + *offset + sizeof *change;
    *offset += sizeof *change + change->n;
    return true;
}

void vt_journal_overlay(const struct vt_journal *journal, uint64_t at, size_t n, void *bytes)
{
    assert(journal);
    assert(bytes || n == 0);
    size_t offset = sizeof(struct header);
    struct change change;
    const unsigned char *from;
    while (next(journal->text, journal->size, &offset, &change, &from)) {
        const uint64_t first = change.at > at ? change.at : at;
        const uint64_t change_end = change.at + change.n, end = at + n;
        const uint64_t last = change_end < end ? change_end : end;
        if (first < last)
            memcpy((unsigned char *)bytes + (first - at), from + (first - change.at),
                   (size_t)(last - first));
    }
}

static bool make_changes(const unsigned char *text, size_t size, int descriptor)
{
    size_t offset = sizeof(struct header);
    struct change change;
    const unsigned char *bytes;
    while (next(text, size, &offset, &change, &bytes))
        if (!write_fully(descriptor, bytes, change.n, change.at))
            return false;
    return fdatasync(descriptor) == 0;
}

/* ---- commit ---- */

static enum vt_code open_journal(struct vt_journal *journal, struct vt_error *error)
{
    journal->descriptor = open(journal->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (journal->descriptor < 0)
        return fail(journal->path, "cannot write", error);
    vt_file_sync_folder(journal->path);
    return VT_OK;
}

enum vt_code vt_journal_commit(struct vt_journal *journal, int descriptor, struct vt_error *error)
{
    assert(journal);
    assert(descriptor >= 0);
    static const struct header nothing = {0};
    struct stat status;
    if (journal->size == sizeof(struct header))
        return VT_OK;
    enum vt_code code = journal->descriptor < 0 ? open_journal(journal, error) : VT_OK;
    if (code)
        return code;
    if (fstat(descriptor, &status) != 0)
        return fail(journal->path, "cannot write", error);
    struct header header = {
        .size = journal->size,
        .checksum = vt_checksum(journal->text + sizeof header, journal->size - sizeof header, 0),
        .file_size = (uint64_t)status.st_size};
    memcpy(header.mark, mark, sizeof mark);
    memcpy(journal->text, &header, sizeof header);
    if (!write_fully(journal->descriptor, journal->text, journal->size, 0) ||
        fdatasync(journal->descriptor) != 0)
        return fail(journal->path, "writing failed", error);
    journal->is_needed = true;
    if (!make_changes(journal->text, journal->size, descriptor) ||
        !write_fully(journal->descriptor, (const unsigned char *)&nothing, sizeof nothing, 0))
        return fail(journal->path, "writing failed; what is missing is kept here", error);
    journal->is_needed = false;
    journal->size = sizeof header;
    return VT_OK;
}

/* ---- recovery ---- */

static bool is_whole(const unsigned char *text, size_t size, struct header *header)
{
    if (size < sizeof *header)
        return false;
    memcpy(header, text, sizeof *header);
    return memcmp(header->mark, mark, sizeof mark) == 0 && header->size >= sizeof *header &&
           header->size <= size &&
           header->checksum == vt_checksum(text + sizeof *header, header->size - sizeof *header, 0);
}

static enum vt_code finish(const char *path, const char *name, const char *text, size_t size,
                           struct vt_error *error)
{
    struct header header;
    struct stat status;
    if (!is_whole((const unsigned char *)text, size, &header))
        return VT_OK; /* killed before it was written: the file is as it was before */
    const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(path, "cannot write", error);
    enum vt_code code = VT_OK;
    if (fstat(descriptor, &status) != 0 || (uint64_t)status.st_size < header.file_size) {
        code = vt_fail_at(error, (struct vt_place){name, 0, 0}, VT_INPUT,
                          "this is not of the file beside it, which is shorter");
        vt_hint(error, "remove it if that file is an older copy");
    } else if (!make_changes((const unsigned char *)text, header.size, descriptor)) {
        code = fail(path, "writing failed", error);
    }
    close(descriptor);
    return code;
}

enum vt_code vt_journal_recover(const char *path, struct vt_error *error)
{
    assert(path);
    enum { MOST = 1 << 30 };
    char *name = NULL, *text = NULL;
    size_t size;
    enum vt_code code = name_journal(&name, path, error);
    if (code || access(name, F_OK) != 0)
        goto done;
    code = vt_file_read(name, MOST, &text, &size, error);
    if (!code)
        code = finish(path, name, text, size, error);
    if (!code)
        code = vt_journal_remove(path, error);
done:
    vt_free(text);
    vt_free(name);
    return code;
}

enum vt_code vt_journal_remove(const char *path, struct vt_error *error)
{
    assert(path);
    char *name = NULL;
    enum vt_code code = name_journal(&name, path, error);
    if (!code && unlink(name) != 0 && errno != ENOENT)
        code = fail(name, "cannot remove it", error);
    vt_free(name);
    return code;
}
