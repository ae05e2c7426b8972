/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/tracks.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"

enum { BLOCK = 128 }; /* frames */

#define SPACING_ERROR 1e-4 /* relative, of the time between frames */

struct vt_tracks {
    MPI_Comm comm;
    bool wanted[VT_ELEMENTS + 1];
    size_t n_frames;
    double last_time, spacing;
    size_t n_species;
    struct vt_tracks_species species[VT_ELEMENTS];
    size_t n_mine, *atom; /* atoms of this rank, species after species */
    double (*start)[3];   /* [n_mine] */
    float (**block)[3];   /* [n_blocks][BLOCK * n_mine] frame after frame */
    size_t n_blocks, block_capacity;
};

enum vt_code vt_tracks_create(struct vt_tracks **tracks, MPI_Comm comm, const bool *wanted,
                              struct vt_error *error)
{
    const enum vt_code code = vt_alloc(tracks, 1, sizeof **tracks, "tracks", error);
    if (code)
        return code;
    (*tracks)->comm = comm;
    memcpy((*tracks)->wanted, wanted, sizeof(*tracks)->wanted);
    return VT_OK;
}

void vt_tracks_destroy(struct vt_tracks *tracks)
{
    if (!tracks)
        return;
    for (size_t b = 0; b < tracks->n_blocks; b++)
        vt_free(tracks->block[b]);
    vt_free(tracks->block);
    vt_free(tracks->atom);
    vt_free(tracks->start);
    vt_free(tracks);
}

size_t vt_tracks_share(size_t n_ions, int rank, int size)
{
    return n_ions * (size_t)rank / (size_t)size;
}

/* The species of the first frame, and this rank's share of each. */
static void share_out(struct vt_tracks *tracks, const struct vt_snapshot *snapshot)
{
    const int rank = vt_rank(tracks->comm), size = vt_rank_count(tracks->comm);
    size_t count[VT_ELEMENTS + 1] = {0};
    for (size_t i = 0; i < snapshot->n; i++)
        count[snapshot->element[i]]++;
    for (int z = 1; z <= VT_ELEMENTS; z++) {
        if (!tracks->wanted[z] || count[z] == 0)
            continue;
        const size_t first = vt_tracks_share(count[z], rank, size),
                     end = vt_tracks_share(count[z], rank + 1, size);
        tracks->species[tracks->n_species++] =
            (struct vt_tracks_species){z, count[z], first, end - first, tracks->n_mine};
        tracks->n_mine += end - first;
    }
}

static void list_atoms(struct vt_tracks *tracks, const struct vt_snapshot *snapshot)
{
    size_t n = 0;
    for (size_t s = 0; s < tracks->n_species; s++) {
        const struct vt_tracks_species *species = &tracks->species[s];
        size_t of_species = 0;
        for (size_t i = 0; i < snapshot->n; i++) {
            if (snapshot->element[i] != species->element)
                continue;
            if (of_species >= species->first && of_species < species->first + species->n_mine)
                tracks->atom[n++] = i;
            of_species++;
        }
    }
    assert(n == tracks->n_mine);
    for (size_t i = 0; i < n; i++)
        memcpy(tracks->start[i], snapshot->position[tracks->atom[i]], sizeof *tracks->start);
}

static enum vt_code begin(struct vt_tracks *tracks, const struct vt_snapshot *snapshot,
                          struct vt_error *error)
{
    share_out(tracks, snapshot);
    if (tracks->n_species == 0)
        return vt_fail_at(error, snapshot->place, VT_INPUT,
                          "the trajectory has no atom of the species that are asked for");
    enum vt_code code =
        vt_alloc(&tracks->atom, tracks->n_mine, sizeof *tracks->atom, "tracks", error);
    if (!code)
        code = vt_alloc(&tracks->start, tracks->n_mine, sizeof *tracks->start, "tracks", error);
    if (!code)
        list_atoms(tracks, snapshot);
    return code;
}

static enum vt_code check_time(struct vt_tracks *tracks, const struct vt_snapshot *snapshot,
                               struct vt_error *error)
{
    const double time = snapshot->time;
    if (isnan(time)) {
        vt_fail_at(error, snapshot->place, VT_INPUT, "the frame does not say its time");
        vt_hint(error, "give the time between frames with --frame-time");
        return VT_INPUT;
    }
    const double spacing = time - tracks->last_time;
    if (tracks->n_frames == 1)
        tracks->spacing = spacing;
    if (tracks->n_frames > 1 && fabs(spacing - tracks->spacing) > SPACING_ERROR * tracks->spacing) {
        vt_fail_at(error, snapshot->place, VT_INPUT,
                   "the frame comes %.6g fs after the one before, those until here are %.6g fs "
                   "apart",
                   spacing, tracks->spacing);
        vt_hint(error, "choose equally spaced frames with --from, --to, --every");
        return VT_INPUT;
    }
    tracks->last_time = time;
    return VT_OK;
}

static enum vt_code add_block(struct vt_tracks *tracks, struct vt_error *error)
{
    enum vt_code code = vt_reserve(&tracks->block, &tracks->block_capacity, tracks->n_blocks + 1,
                                   sizeof *tracks->block, "tracks", error);
    if (!code)
        code = vt_alloc(&tracks->block[tracks->n_blocks], BLOCK * tracks->n_mine,
                        sizeof **tracks->block, "tracks", error);
    if (!code)
        tracks->n_blocks++;
    return code;
}

enum vt_code vt_tracks_add(struct vt_tracks *tracks, const struct vt_snapshot *snapshot,
                           struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (tracks->n_frames == 0)
        code = begin(tracks, snapshot, error);
    if (!code)
        code = check_time(tracks, snapshot, error);
    if (!code && tracks->n_frames % BLOCK == 0)
        code = add_block(tracks, error);
    if (code)
        return code;
    float(*way)[3] =
        tracks->block[tracks->n_blocks - 1] + tracks->n_frames % BLOCK * tracks->n_mine;
    for (size_t i = 0; i < tracks->n_mine; i++)
        for (int d = 0; d < 3; d++)
            way[i][d] = (float)(snapshot->position[tracks->atom[i]][d] - tracks->start[i][d]);
    tracks->n_frames++;
    return VT_OK;
}

size_t vt_tracks_frames(const struct vt_tracks *tracks)
{
    return tracks->n_frames;
}

double vt_tracks_spacing(const struct vt_tracks *tracks)
{
    assert(tracks->n_frames > 1);
    return tracks->spacing;
}

const struct vt_tracks_species *vt_tracks_species(const struct vt_tracks *tracks, size_t *n)
{
    *n = tracks->n_species;
    return tracks->species;
}

void vt_tracks_get(const struct vt_tracks *tracks, size_t first, size_t count, double (*way)[3])
{
    assert(first + count <= tracks->n_mine);
    const size_t n = tracks->n_frames;
    for (size_t k = 0; k < n; k++) {
        const float(*from)[3] =
            (const float(*)[3])tracks->block[k / BLOCK] + k % BLOCK * tracks->n_mine + first;
        for (size_t i = 0; i < count; i++)
            for (int d = 0; d < 3; d++)
                way[i * n + k][d] = from[i][d];
    }
}
