/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts are made in memory streams and travel in chunks: frames beyond the 2 GiB of an MPI count
 * pass, and rank 0 never holds more than a chunk of another rank's frame. The buffers of memory
 * streams belong to the C library, hence the one free() here. */
#include "cli/parcel.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

enum { CHUNK = 1 << 20, TAG = 7 };

enum vt_code vt_parcel_open(struct vt_parcel *parcel, struct vt_error *error)
{
    assert(parcel);
    for (int t = 0; t < VT_PARCEL_TEXTS; t++) {
        parcel->stream[t] = open_memstream(&parcel->text[t], &parcel->stream_size[t]);
        if (!parcel->stream[t])
            return vt_fail(error, VT_MEMORY, "no memory for the text of a frame");
    }
    return vt_alloc(&parcel->chunk, CHUNK, 1, "text from other ranks", error);
}

void vt_parcel_close(struct vt_parcel *parcel)
{
    for (int t = 0; t < VT_PARCEL_TEXTS; t++) {
        if (parcel->stream[t])
            fclose(parcel->stream[t]);
        free(parcel->text[t]);
    }
    vt_free(parcel->chunk);
    *parcel = (struct vt_parcel){0};
}

void vt_parcel_clear(struct vt_parcel *parcel)
{
    assert(parcel);
    for (int t = 0; t < VT_PARCEL_TEXTS; t++)
        rewind(parcel->stream[t]);
    parcel->head = (struct vt_parcel_head){0};
}

enum vt_code vt_parcel_pack(struct vt_parcel *parcel, struct vt_error *error)
{
    assert(parcel);
    for (int t = 0; t < VT_PARCEL_TEXTS; t++) {
        const off_t size = ftello(parcel->stream[t]);
        if (fflush(parcel->stream[t]) || ferror(parcel->stream[t]) || size < 0)
            return vt_fail(error, VT_MEMORY, "no memory for the text of a frame");
        parcel->head.size[t] = (size_t)size;
    }
    return VT_OK;
}

static size_t next_chunk(size_t left)
{
    return left < CHUNK ? left : CHUNK;
}

void vt_parcel_deliver(const struct vt_parcel *parcel, FILE *const *files)
{
    for (int t = 0; t < VT_PARCEL_TEXTS; t++)
        if (parcel->head.size[t] > 0) {
            assert(files[t]);
            fwrite(parcel->text[t], 1, parcel->head.size[t], files[t]);
        }
}

void vt_parcel_send(const struct vt_parcel *parcel, MPI_Comm comm)
{
    assert(parcel);
    MPI_Send(&parcel->head, (int)sizeof parcel->head, MPI_BYTE, 0, TAG, comm);
    for (int t = 0; t < VT_PARCEL_TEXTS; t++)
        for (size_t sent = 0; sent < parcel->head.size[t];) {
            const size_t n = next_chunk(parcel->head.size[t] - sent);
            MPI_Send(parcel->text[t] + sent, (int)n, MPI_BYTE, 0, TAG, comm);
            sent += n;
        }
}

void vt_parcel_receive(struct vt_parcel *parcel, int source, MPI_Comm comm, FILE *const *files)
{
    MPI_Recv(&parcel->head, (int)sizeof parcel->head, MPI_BYTE, source, TAG, comm,
             MPI_STATUS_IGNORE);
    for (int t = 0; t < VT_PARCEL_TEXTS; t++)
        for (size_t taken = 0; taken < parcel->head.size[t];) {
            const size_t n = next_chunk(parcel->head.size[t] - taken);
            MPI_Recv(parcel->chunk, (int)n, MPI_BYTE, source, TAG, comm, MPI_STATUS_IGNORE);
            assert(files[t]);
            fwrite(parcel->chunk, 1, n, files[t]);
            taken += n;
        }
}
