/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames for the tests of trajectories: atoms that move to another rank with each step, with
 * numbers that follow from id and step (h5md_reads.py knows them), and a folder to write them in.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "io/h5md.h"

enum { FRAMES_ATOMS_MOST = 700, FRAMES_FOLDER_SIZE = 64 };

struct frames_sample {
    size_t n;
    int64_t id[FRAMES_ATOMS_MOST];
    int element[FRAMES_ATOMS_MOST];
    double position[FRAMES_ATOMS_MOST][3], velocity[FRAMES_ATOMS_MOST][3];
    double force[FRAMES_ATOMS_MOST][3], charge[FRAMES_ATOMS_MOST], energy[FRAMES_ATOMS_MOST];
    int32_t image[FRAMES_ATOMS_MOST][3];
};

/* Of MPI_COMM_WORLD. */
int frames_rank(void);

/* The atoms of this rank among those with id % stride == 0, ids falling; or all, ids rising.
 * Static: until the next call with the same `all`. */
const struct frames_sample *frames_sample_at(int n_atoms, int64_t step, int64_t stride, bool all);

/* The sample as a frame without a cell; borrows it. The time is 2 fs a step. */
struct vt_h5md_frame frames_of(const struct frames_sample *sample, int64_t step);

/* Collective. A new folder to work in; back to "/", and away with it, once `file`, the only one in
 * it, is gone. enter: not 0 if that failed. */
int frames_enter(const char *name, char folder[FRAMES_FOLDER_SIZE]);
void frames_leave(const char *folder, const char *file);

#endif
