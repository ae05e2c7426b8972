/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bench_structure.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "potential/covalent_radii_table.h"

enum { SEED = 1, STREAM = 1000 }; /* apart from those of dynamics and structures */

static const double smallest_radius = 1; /* A */
static const double displacement = 0.05; /* of the distance of the sites, at most */

static double mean_volume(const struct vt_nep *model)
{
    double volume = 0;
    for (int t = 0; t < model->n_types; t++) {
        const double radius = fmax(vt_covalent_radius(model->atomic_number[t]), smallest_radius);
        volume += pow(2 * radius, 3) / model->n_types;
    }
    return volume;
}

/* Sites along an edge: a multiple of the number of types, so that the order goes on across the
 * faces. */
static size_t count_sites(double wanted, int n_types)
{
    assert(wanted > 0 && n_types > 0);
    const double times = round(wanted / n_types);
    return (size_t)fmax(times, 1) * (size_t)n_types;
}

static void fill(struct vt_frame *frame, const struct vt_nep *model, const size_t count[3],
                 double edge)
{
    assert(edge > 0);
    assert(count[0] > 0 && count[1] > 0 && count[2] > 0);
    const struct vt_random random = {SEED, STREAM};
    for (size_t atom = 0; atom < frame->n_atoms; atom++) {
        const size_t site[3] = {atom / (count[1] * count[2]), atom / count[2] % count[1],
                                atom % count[2]};
        const size_t type = (site[0] + site[1] + site[2]) % (size_t)model->n_types;
        double u[3];
        vt_random_uniform(random, (struct vt_random_point){.id = atom}, 3, u);
        frame->element[atom] = (uint8_t)model->atomic_number[type];
        for (int d = 0; d < 3; d++)
            frame->position[atom][d] = edge * ((double)site[d] + displacement * (2 * u[d] - 1));
    }
}

enum vt_code vt_bench_structure(struct vt_frame **frame, const struct vt_nep *model,
                                int64_t n_atoms, struct vt_error *error)
{
    assert(frame && model && n_atoms > 0);
    const double n = (double)n_atoms, edge = cbrt(mean_volume(model));
    size_t count[3];
    count[0] = count_sites(cbrt(n), model->n_types);
    count[1] = count_sites(sqrt(n / (double)count[0]), model->n_types);
    count[2] = count_sites(n / (double)count[0] / (double)count[1], model->n_types);
    enum vt_code code = vt_alloc(frame, 1, sizeof **frame, "structure", error);
    if (!code)
        code = vt_frame_resize(*frame, count[0] * count[1] * count[2], error);
    if (code)
        return code;
    (*frame)->has_cell = true;
    for (int d = 0; d < 3; d++) {
        (*frame)->cell[d][d] = edge * (double)count[d];
        (*frame)->periodic[d] = true;
    }
    fill(*frame, model, count, edge);
    return VT_OK;
}
