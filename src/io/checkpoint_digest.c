/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rank sums up a share of the file. */
#include "io/checkpoint_digest.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/agree.h"
#include "base/memory.h"
#include "io/checksum.h"

enum { CHUNK = 1 << 20 }; /* bytes read at a time; a multiple of a word */

struct seal {
    uint64_t bytes, checksum;
};

static enum vt_code fail_about(const char *path, enum vt_code code, const char *what,
                               struct vt_error *error)
{
    return vt_fail_at(error, (struct vt_place){path, 0, 0}, code, "%s: %s", what, strerror(errno));
}

/* Reads n bytes, fewer only at the end of the file; negative on failure. */
static ssize_t read_fully(int descriptor, unsigned char *bytes, size_t n, uint64_t from)
{
    assert(descriptor >= 0);
    size_t done = 0;
    while (done < n) {
        const ssize_t got = pread(descriptor, bytes + done, n - done, (off_t)(from + done));
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        done += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)done;
}

/* The checksum of words first to last - 1 behind the block. */
static enum vt_code sum_share(int descriptor, const char *path, uint64_t first, uint64_t last,
                              uint64_t *sum, struct vt_error *error)
{
    assert(first <= last);
    unsigned char *bytes;
    enum vt_code code = vt_alloc(&bytes, CHUNK, 1, "reading a checkpoint", error);
    *sum = 0;
    for (uint64_t place = first; !code && place < last; place += CHUNK / 8) {
        const uint64_t words = last - place < CHUNK / 8 ? last - place : CHUNK / 8;
        const ssize_t n =
            read_fully(descriptor, bytes, (size_t)words * 8, VT_CHECKPOINT_BLOCK + place * 8);
        if (n < 0)
            code = fail_about(path, VT_IO, "cannot read", error);
        else
            *sum += vt_checksum(bytes, (size_t)n, place);
    }
    vt_free(bytes);
    return code;
}

/* Collective: the checksum of a file of that length, on all ranks; sync: bring it to the disk. */
static enum vt_code sum_file(MPI_Comm comm, const char *path, uint64_t bytes, bool sync,
                             uint64_t *sum, struct vt_error *error)
{
    int rank, ranks;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    const uint64_t words = (bytes - VT_CHECKPOINT_BLOCK + 7) / 8;
    const uint64_t share = words / (uint64_t)ranks + 1;
    const uint64_t first = share * (uint64_t)rank < words ? share * (uint64_t)rank : words;
    const uint64_t last = first + share < words ? first + share : words;
    enum vt_code code = VT_OK;
    uint64_t mine = 0;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        code = fail_about(path, VT_IO, "cannot read", error);
    if (!code && sync && fsync(descriptor) != 0)
        code = fail_about(path, VT_IO, "writing failed", error);
    if (!code)
        code = sum_share(descriptor, path, first, last, &mine, error);
    if (descriptor >= 0)
        close(descriptor);
    MPI_Allreduce(&mine, sum, 1, MPI_UINT64_T, MPI_SUM, comm);
    return vt_agree(comm, code, 0, error);
}

static void print_block(const struct seal *seal, char block[VT_CHECKPOINT_BLOCK])
{
    memset(block, 0, VT_CHECKPOINT_BLOCK);
    snprintf(block, VT_CHECKPOINT_BLOCK,
             "vitrion checkpoint 1\nbytes %020" PRIu64 "\nchecksum %016" PRIx64
             "\nHDF5 follows after 512 bytes\n",
             seal->bytes, seal->checksum);
}

/* What the two numbers of a block say; false if it does not begin like one. Whether it is one shows
 * in printing it again. */
static bool parse_block(const char *block, struct seal *seal)
{
    static const char start[] = "vitrion checkpoint 1\nbytes ", between[] = "\nchecksum ";
    const char *text = block + sizeof start - 1;
    if (memcmp(block, start, sizeof start - 1) != 0)
        return false;
    *seal = (struct seal){0};
    for (int i = 0; i < 20; i++)
        seal->bytes = 10 * seal->bytes + (uint64_t)(unsigned char)(*text++ - '0');
    text += sizeof between - 1;
    for (int i = 0; i < 16; i++, text++)
        seal->checksum = 16 * seal->checksum +
                         (uint64_t)(unsigned char)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
    return true;
}

static enum vt_code write_block(const char *path, const struct seal *seal, struct vt_error *error)
{
    char block[VT_CHECKPOINT_BLOCK];
    print_block(seal, block);
    const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_about(path, VT_IO, "cannot write", error);
    enum vt_code code = VT_OK;
    errno = ENOSPC; /* what a short write means */
    if (pwrite(descriptor, block, sizeof block, 0) != (ssize_t)sizeof block ||
        fsync(descriptor) != 0)
        code = fail_about(path, VT_IO, "writing failed", error);
    if (close(descriptor) != 0 && !code)
        code = fail_about(path, VT_IO, "writing failed", error);
    return code;
}

enum vt_code vt_checkpoint_seal(MPI_Comm comm, const char *path, struct vt_error *error)
{
    int rank;
    struct stat status = {0};
    struct seal seal = {0};
    enum vt_code code = VT_OK;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0 && stat(path, &status) != 0)
        code = fail_about(path, VT_IO, "cannot read", error);
    seal.bytes = (uint64_t)status.st_size;
    code = vt_agree(comm, code, 0, error);
    if (code)
        return code;
    MPI_Bcast(&seal.bytes, 1, MPI_UINT64_T, 0, comm);
    assert(seal.bytes > VT_CHECKPOINT_BLOCK);
    code = sum_file(comm, path, seal.bytes, true, &seal.checksum, error);
    if (!code && rank == 0)
        code = write_block(path, &seal, error);
    return vt_agree(comm, code, 0, error);
}

static enum vt_code fail_input(const char *path, const char *message, struct vt_error *error)
{
    return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT, "%s", message);
}

/* On rank 0: is it a checkpoint, and as long as it says? */
static enum vt_code check_block(const char *path, struct seal *seal, struct vt_error *error)
{
    char block[VT_CHECKPOINT_BLOCK], expected[VT_CHECKPOINT_BLOCK];
    struct stat status;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_about(path, VT_INPUT, "cannot open", error);
    enum vt_code code = VT_OK;
    if (fstat(descriptor, &status) != 0)
        code = fail_about(path, VT_IO, "cannot read", error);
    const ssize_t n = read_fully(descriptor, (unsigned char *)block, sizeof block, 0);
    if (!code && n < 0)
        code = fail_about(path, VT_INPUT, "cannot read", error);
    close(descriptor);
    if (code)
        return code;
    if (n < (ssize_t)sizeof block || !parse_block(block, seal))
        return fail_input(path, "this is no checkpoint of vitrion, or not a whole one", error);
    if (seal->bytes != (uint64_t)status.st_size)
        return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                          "the checkpoint is cut or damaged: it has %lld bytes, not %" PRIu64,
                          (long long)status.st_size, seal->bytes);
    print_block(seal, expected);
    if (memcmp(block, expected, sizeof block) != 0)
        return fail_input(path, "the checkpoint is damaged in its first 512 bytes", error);
    return VT_OK;
}

enum vt_code vt_checkpoint_verify(MPI_Comm comm, const char *path, struct vt_error *error)
{
    assert(path);
    int rank;
    struct seal seal = {0};
    enum vt_code code = VT_OK;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        code = check_block(path, &seal, error);
    code = vt_agree(comm, code, 0, error);
    if (code)
        return code;
    MPI_Bcast(&seal, (int)sizeof seal, MPI_BYTE, 0, comm);
    uint64_t sum;
    code = sum_file(comm, path, seal.bytes, false, &sum, error);
    if (!code && sum != seal.checksum)
        code = fail_input(path, "the checkpoint is damaged: its checksum is wrong", error);
    return code;
}
