/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/committee.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "potential/nep.h"

struct vt_committee_member {
    const char *path; /* borrowed */
    struct vt_nep model;
    struct vt_force *force;
};

enum vt_code vt_committee_open(struct vt_committee *committee, char *const *paths, size_t n,
                               const struct vt_force_options *options, struct vt_error *error)
{
    assert(committee && (paths || n == 0) && options);
    struct vt_force_options bare = *options; /* forces and energies are enough */
    bare.born_charges = bare.atom_virials = bare.descriptors = false;
    enum vt_code code = VT_OK;
    if (n > 0)
        code = vt_alloc(&committee->member, n, sizeof *committee->member, "committee", error);
    while (!code && committee->n < n) {
        struct vt_committee_member *member = &committee->member[committee->n];
        member->path = paths[committee->n++];
        code = vt_nep_read(&member->model, member->path, error);
        if (!code)
            code = vt_force_create(&member->force, &member->model, &bare, error);
    }
    return code;
}

void vt_committee_close(struct vt_committee *committee)
{
    for (size_t m = 0; m < committee->n; m++) {
        vt_force_destroy(committee->member[m].force);
        vt_nep_destroy(&committee->member[m].model);
    }
    vt_free(committee->member);
    vt_free(committee->type);
    vt_free(committee->sum);
    vt_free(committee->square);
    *committee = (struct vt_committee){0};
}

static enum vt_code make_room(struct vt_committee *committee, size_t n, struct vt_error *error)
{
    enum vt_code code = vt_reserve(&committee->type, &committee->type_capacity, n,
                                   sizeof *committee->type, "committee", error);
    if (!code)
        code = vt_reserve(&committee->sum, &committee->sum_capacity, n, sizeof *committee->sum,
                          "committee", error);
    if (!code)
        code = vt_reserve(&committee->square, &committee->square_capacity, n,
                          sizeof *committee->square, "committee", error);
    return code;
}

/* Counted from those of the first model, so that models that agree cost no digits. */
static void add_forces(struct vt_committee *committee, const double (*force)[3],
                       const double (*first)[3], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double off[3];
        for (int d = 0; d < 3; d++)
            committee->sum[i][d] += off[d] = force[i][d] - first[i][d];
        committee->square[i] += vt_dot(off, off);
    }
}

static enum vt_code evaluate(struct vt_committee *committee,
                             const struct vt_committee_member *member, const struct vt_frame *frame,
                             struct vt_error *error)
{
    struct vt_system system = {.n_atoms = frame->n_atoms,
                               .open = vt_frame_slab(frame->periodic),
                               .position = (const double(*)[3])frame->position,
                               .type = committee->type};
    memcpy(system.cell, frame->cell, sizeof system.cell);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        committee->type[i] = vt_nep_type(&member->model, frame->element[i]);
        if (committee->type[i] < 0)
            return vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
                              "frame %zu: atom %zu is %s, which %s does not know", frame->index,
                              i + 1, vt_element_symbol(frame->element[i]), member->path);
    }
    return vt_force_compute(member->force, &system, error);
}

/* Root mean square deviation from the mean of numbers with this sum and sum of squares. */
static double deviation(double squares, double square_of_sum, double members)
{
    return sqrt(fmax(squares / members - square_of_sum / (members * members), 0));
}

static enum vt_code write_spread(const struct vt_committee *committee, struct vt_frame *frame,
                                 double of_energy, struct vt_spread *spread, struct vt_error *error)
{
    const double members = (double)committee->n + 1;
    struct vt_column *column;
    enum vt_code code = vt_frame_add_column(frame, "force_spread", VT_REAL, 1, &column, error);
    if (!code)
        code = vt_frame_set_reals(frame, "energy_spread", &of_energy, 1, error);
    for (size_t i = 0; i < frame->n_atoms && !code; i++) {
        const double *sum = committee->sum[i];
        column->real[i] = deviation(committee->square[i], vt_dot(sum, sum), members);
        spread->squares += column->real[i] * column->real[i];
        spread->largest = fmax(spread->largest, column->real[i]);
    }
    return code;
}

enum vt_code vt_committee_judge(struct vt_committee *committee, struct vt_frame *frame,
                                const struct vt_results *first, struct vt_spread *spread,
                                struct vt_error *error)
{
    assert(committee && frame && first && spread);
    const size_t n = frame->n_atoms;
    *spread = (struct vt_spread){.n_atoms = n};
    if (committee->n == 0)
        return VT_OK;
    enum vt_code code = make_room(committee, n, error);
    if (code)
        return code;
    memset(committee->sum, 0, n * sizeof *committee->sum);
    memset(committee->square, 0, n * sizeof *committee->square);
    double energy = 0, energy_square = 0; /* likewise */
    for (size_t m = 0; m < committee->n; m++) {
        code = evaluate(committee, &committee->member[m], frame, error);
        if (code)
            return code;
        const struct vt_results *results = vt_force_results(committee->member[m].force);
        const double off = results->energy - first->energy;
        add_forces(committee, results->forces, first->forces, n);
        energy += off;
        energy_square += off * off;
    }
    const double of_energy =
        deviation(energy_square, energy * energy, (double)committee->n + 1) / (double)n;
    return write_spread(committee, frame, of_energy, spread, error);
}
