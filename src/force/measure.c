/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waves are few where pairs reach far, and for a sample of the atoms far-reaching pairs are not
 * many: the split is chosen so that both take the same time, which is then proportional to the
 * number of atoms. */
#include "force/measure.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/units.h"
#include "coulomb/ewald.h"
#include "coulomb/slab.h"

enum { SAMPLE_MOST = 200, SAMPLE_OF_MANY = 50, MANY = 200000 };

static const double accuracy = 1e-10;

/* An atom of the sample; what all ranks know of it. */
struct probe {
    double position[3];
    double potential, field[3]; /* over K_C; the rank's share, then the sum */
};

enum { PROBE_NUMBERS = sizeof(struct probe) / sizeof(double) };

struct measurement {
    const struct vt_measure_input *input;
    int n;
    struct probe *probe; /* [n] */
    double alpha, cutoff;
    double *storage; /* of the sums over waves, and positions */
    struct vt_coulomb_sums waves;
};

static int64_t probe_id(const struct measurement *m, int k)
{
    return m->input->domain->n_global * k / m->n;
}

/* Row of a probe, or -1: it is not of this rank. Local atoms are in rising order of their ids. */
static int32_t probe_row(const struct measurement *m, int k)
{
    const struct vt_atoms *atoms = &m->input->domain->atoms;
    const int64_t id = probe_id(m, k);
    int32_t low = 0, high = atoms->n_local;
    while (low < high) {
        const int32_t middle = (low + high) / 2;
        if (atoms->id[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < atoms->n_local && atoms->id[low] == id ? low : -1;
}

static void share_probes(const struct measurement *m)
{
    vt_sum_over_ranks(m->input->domain->grid.comm, (double *)m->probe, m->n * PROBE_NUMBERS);
}

static void place_probes(struct measurement *m)
{
    for (int k = 0; k < m->n; k++) {
        const int32_t row = probe_row(m, k);
        if (row >= 0)
            memcpy(m->probe[k].position, m->input->domain->atoms.position[row],
                   sizeof m->probe[k].position);
    }
    share_probes(m);
}

/* With k_max = 2 x^2/cutoff and x^2 = alpha^2 cutoff^2: a wave and atom is taken for a fifth of the
 * time of a pair. */
static void choose_split(struct measurement *m)
{
    const double volume = m->input->domain->cell.volume;
    const double x = vt_ewald_alpha(1, accuracy);
    const double ratio = 0.2 * pow(2 * x * x, 3) / (16 * VT_PI * VT_PI * VT_PI * m->n);
    m->cutoff = fmax(pow(volume * volume * ratio, 1.0 / 6), 6);
    m->alpha = x / m->cutoff;
}

/* erfc(a r)/r, and minus its derivative over r. */
static double screened(double a, double r, double *slope)
{
    const double value = erfc(a * r) / r;
    *slope = (value + 2 * a / sqrt(VT_PI) * exp(-a * a * r * r)) / (r * r);
    return value;
}

/* All images of a charge that are near a probe. d: from the charge to the probe. */
static void add_images(const struct measurement *m, double charge, const double d[3],
                       struct probe *probe)
{
    const struct vt_cell *cell = &m->input->domain->cell;
    double f[3];
    int first[3], last[3];
    vt_cell_fractional(cell, d, f);
    for (int c = 0; c < 3; c++) {
        first[c] = (int)ceil(f[c] - m->cutoff / cell->thickness[c]);
        last[c] = (int)floor(f[c] + m->cutoff / cell->thickness[c]);
    }
    for (int a = first[0]; a <= last[0]; a++)
        for (int b = first[1]; b <= last[1]; b++)
            for (int c = first[2]; c <= last[2]; c++) {
                const double n[3] = {a, b, c};
                double shift[3];
                vt_cell_cartesian(cell, n, shift);
                const double r[3] = {d[0] - shift[0], d[1] - shift[1], d[2] - shift[2]};
                const double length = vt_norm(r);
                if (!(length < m->cutoff && length > 0)) /* 0: the charge itself */
                    continue;
                double slope, target_slope = 0, value = screened(m->alpha, length, &slope);
                if (m->input->target_alpha > 0)
                    value -= screened(m->input->target_alpha, length, &target_slope);
                probe->potential += charge * value;
                for (int e = 0; e < 3; e++)
                    probe->field[e] += charge * (slope - target_slope) * r[e];
            }
}

static void add_pairs(struct measurement *m)
{
    const struct vt_atoms *atoms = &m->input->domain->atoms;
    for (int k = 0; k < m->n; k++) {
        struct probe *probe = &m->probe[k];
        const int32_t row = probe_row(m, k);
        double at[3];
        memcpy(at, probe->position, sizeof at);
        memset(probe->position, 0, sizeof probe->position); /* but for its own rank: they sum up */
        if (row >= 0) {
            memcpy(probe->position, at, sizeof at);
            probe->potential +=
                m->input->charges[row] * 2 / sqrt(VT_PI) * (m->input->target_alpha - m->alpha);
        }
        for (int32_t j = 0; j < atoms->n_local; j++) {
            double d[3] = {0};
            for (int e = 0; e < 3 && j != row; e++)
                d[e] = at[e] - atoms->position[j][e];
            add_images(m, m->input->charges[j], d, probe);
        }
    }
    share_probes(m);
}

static enum vt_code add_waves(struct measurement *m, struct vt_error *error)
{
    const struct vt_domain *domain = m->input->domain;
    const size_t n = (size_t)domain->atoms.n_local;
    struct vt_ewald *ewald = NULL;
    enum vt_code code = vt_alloc(&m->storage, 8 * n, sizeof(double), "exact sums", error);
    if (!code)
        code = vt_ewald_create(&ewald, vt_ewald_converged(m->alpha, accuracy), error);
    code = vt_agree(domain->grid.comm, code, 0, error);
    if (!code) {
        m->waves = (struct vt_coulomb_sums){.forces = (double(*)[3])m->storage,
                                            .energies = m->storage + 3 * n,
                                            .potentials = m->storage + 4 * n};
        double(*position)[3] = (double(*)[3])(m->storage + 5 * n);
        const struct vt_point_charges charges = {.comm = domain->grid.comm,
                                                 .n = n,
                                                 .position = (const double(*)[3])position,
                                                 .charge = m->input->charges};
        vt_domain_unwrap(domain, position);
        code = vt_ewald_add(ewald, &domain->cell, &charges, &m->waves, error);
        if (!code && domain->open)
            vt_slab_add(&domain->cell, domain->open - 1, &charges, &m->waves);
    }
    vt_ewald_destroy(ewald);
    return code;
}

static void compare(const struct measurement *m, struct vt_measured *measured)
{
    double squares[2] = {0};
    for (int k = 0; k < m->n; k++) {
        const int32_t row = probe_row(m, k);
        if (row < 0)
            continue;
        const struct probe *probe = &m->probe[k];
        const double potential =
            (m->input->potentials[row] - m->waves.potentials[row]) / VT_COULOMB;
        squares[1] += pow(potential - probe->potential, 2);
        for (int d = 0; d < 3; d++) {
            const double force = (m->input->forces[row][d] - m->waves.forces[row][d]) / VT_COULOMB;
            squares[0] += pow(force - m->input->charges[row] * probe->field[d], 2);
        }
    }
    vt_sum_over_ranks(m->input->domain->grid.comm, squares, 2);
    *measured = (struct vt_measured){
        .n_sample = m->n, .force = sqrt(squares[0] / m->n), .potential = sqrt(squares[1] / m->n)};
}

enum vt_code vt_measure_electrostatics(const struct vt_measure_input *input,
                                       struct vt_measured *measured, struct vt_error *error)
{
    assert(input && input->domain && input->charges && measured);
    const int64_t n_global = input->domain->n_global;
    const int most = n_global > MANY ? SAMPLE_OF_MANY : SAMPLE_MOST;
    struct measurement m = {.input = input, .n = n_global < most ? (int)n_global : most};
    enum vt_code code = vt_alloc(&m.probe, (size_t)m.n, sizeof *m.probe, "exact sums", error);
    code = vt_agree(input->domain->grid.comm, code, 0, error);
    if (!code) {
        place_probes(&m);
        choose_split(&m);
        code = add_waves(&m, error);
    }
    if (!code) {
        add_pairs(&m);
        compare(&m, measured);
    }
    vt_free(m.probe);
    vt_free(m.storage);
    return code;
}
