/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* mkdtemp */

#include "frames.h"

#include <assert.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int frames_rank(void)
{
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static void add_atom(struct frames_sample *s, int64_t i, int64_t step)
{
    const size_t n = s->n++;
    s->id[n] = i;
    s->element[n] = 1 + (int)(i % 17);
    s->charge[n] = (double)(i % 3) - 1 + (double)step / 1000;
    s->energy[n] = -1.0 / (double)(1 + i + step);
    for (int k = 0; k < 3; k++) {
        s->position[n][k] = (double)i + 0.1 * k + 0.001 * (double)step;
        s->velocity[n][k] = 0.01 * (double)(i % 7) - 0.001 * k + 1e-5 * (double)step;
        s->force[n][k] = (double)(k - 1) * (double)i / 100 + (double)step;
        s->image[n][k] = (int32_t)(i % 5) - k;
    }
}

const struct frames_sample *frames_sample_at(int n_atoms, int64_t step, int64_t stride, bool all)
{
    static struct frames_sample s[2];
    int ranks;
    assert(n_atoms <= FRAMES_ATOMS_MOST && stride > 0);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    s[all].n = 0;
    for (int64_t i = 0; i < n_atoms; i++) {
        const int64_t at = all ? i : n_atoms - 1 - i;
        if (at % stride == 0 && (all || (7 * at + step) % 5 % ranks == frames_rank()))
            add_atom(&s[all], at, step);
    }
    return &s[all];
}

struct vt_h5md_frame frames_of(const struct frames_sample *sample, int64_t step)
{
    return (struct vt_h5md_frame){.step = step,
                                  .time = 2.0 * (double)step,
                                  .n = sample->n,
                                  .id = sample->id,
                                  .position = sample->position,
                                  .image = sample->image,
                                  .velocity = sample->velocity,
                                  .force = sample->force,
                                  .charge = sample->charge,
                                  .energy = sample->energy};
}

int frames_enter(const char *name, char folder[FRAMES_FOLDER_SIZE])
{
    snprintf(folder, FRAMES_FOLDER_SIZE, "/tmp/vitrion-test-%s-XXXXXX", name);
    if (frames_rank() == 0 && !mkdtemp(folder))
        return -1;
    MPI_Bcast(folder, FRAMES_FOLDER_SIZE, MPI_CHAR, 0, MPI_COMM_WORLD);
    return chdir(folder);
}

void frames_leave(const char *folder, const char *file)
{
    MPI_Barrier(MPI_COMM_WORLD);
    if (frames_rank() == 0 && (unlink(file) != 0 || chdir("/") != 0 || rmdir(folder) != 0))
        fprintf(stderr, "%s is not empty\n", folder);
}
