/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "potential/covalent_radii_table.h"
#include "training/audit_parts.h"

/* Bounds, chosen wide: what is beyond them is nearly always a mistake. */
static const double far_energy = 8;          /* robust standard deviations ... */
static const double least_far = 0.05;        /* and eV/atom */
static const double net_force = 0.02;        /* eV/A an atom: egg-box errors of grids are below */
static const double small_force = 0.02;      /* eV/A, root mean square of a set */
static const double asymmetry = 0.01;        /* eV/atom */
static const double packing[2] = {0.25, 40}; /* volume in volumes of the atoms */
static const double odd_volume = 7;          /* times the median, or a part of it */
static const double trend = 0.8;             /* correlation of pressure and volume */

/* ---- energies ---- */

static int compare_numbers(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Reorders the n > 0 values. */
static double median(double *values, size_t n)
{
    assert(n > 0);
    qsort(values, n, sizeof *values, compare_numbers);
    return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

struct energies {
    double *left;    /* an atom, less the elements', [n_frames] */
    double *scratch; /* [n_frames] */
    bool *is_far;    /* [n_frames] */
};

static double left_of(const struct vt_audit *audit, const struct vt_dataset_frame *frame)
{
    return (frame->energy - vt_energy_shift_of(&audit->shift, frame)) / (double)frame->n_atoms;
}

/* Middle and robust width of the energies that are left; marks those that are far. *changed: other
 * ones than before. */
static void mark_far(const struct vt_audit *audit, const struct vt_dataset *set,
                     struct energies *energies, double middle_and_width[2], bool *changed)
{
    const size_t n = set->n_frames;
    for (size_t i = 0; i < n; i++)
        energies->left[i] = energies->scratch[i] = left_of(audit, &set->frame[i]);
    const double middle = median(energies->scratch, n);
    for (size_t i = 0; i < n; i++)
        energies->scratch[i] = fabs(energies->left[i] - middle);
    const double width = fmax(1.4826 * median(energies->scratch, n), least_far / far_energy);
    *changed = false;
    for (size_t i = 0; i < n; i++) {
        const bool is_far = fabs(energies->left[i] - middle) > far_energy * width;
        *changed |= is_far != energies->is_far[i];
        energies->is_far[i] = is_far;
    }
    middle_and_width[0] = middle;
    middle_and_width[1] = width;
}

static bool any_is_left(const struct vt_dataset *set, const bool *is_far)
{
    for (size_t i = 0; i < set->n_frames; i++)
        if (!set->frame[i].is_test && !is_far[i])
            return true;
    return false;
}

/* Fit, leave out what is far, fit again: one wrong energy would spoil all others' otherwise. */
static enum vt_code fit_energies(struct vt_audit *audit, const struct vt_dataset *set,
                                 struct energies *energies, struct vt_error *error)
{
    double middle_and_width[2] = {0, 1};
    enum vt_code code = VT_OK;
    bool changed = true;
    for (int pass = 0; pass < 6 && changed && !code; pass++) {
        code = vt_energy_shift_fit(&audit->shift, set,
                                   any_is_left(set, energies->is_far) ? energies->is_far : NULL,
                                   error);
        if (!code)
            mark_far(audit, set, energies, middle_and_width, &changed);
    }
    for (size_t i = 0; i < set->n_frames && !code; i++)
        if (energies->is_far[i])
            code =
                vt_audit_add(audit, VT_AUDIT_ENERGY_OUTLIER, &set->frame[i], error,
                             "%+.4g eV/atom from the middle of the set, %.0f times its width",
                             energies->left[i] - middle_and_width[0],
                             fabs(energies->left[i] - middle_and_width[0]) / middle_and_width[1]);
    return code;
}

static enum vt_code check_energies(struct vt_audit *audit, const struct vt_dataset *set,
                                   struct vt_error *error)
{
    struct energies energies = {0};
    const size_t n = set->n_frames;
    enum vt_code code = vt_alloc(&energies.left, n, sizeof(double), "energies", error);
    if (!code)
        code = vt_alloc(&energies.scratch, n, sizeof(double), "energies", error);
    if (!code)
        code = vt_alloc(&energies.is_far, n, sizeof(bool), "energies", error);
    if (!code)
        code = fit_energies(audit, set, &energies, error);
    vt_free(energies.left);
    vt_free(energies.scratch);
    vt_free(energies.is_far);
    return code;
}

/* ---- forces ---- */

static enum vt_code check_forces(struct vt_audit *audit, const struct vt_dataset_frame *frame,
                                 double bound, struct vt_audit_group *group, struct vt_error *error)
{
    double sum[3] = {0}, largest = 0;
    size_t worst = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const double size = vt_norm(frame->force[i]);
        group->force_squares += size * size;
        for (int k = 0; k < 3; k++)
            sum[k] += frame->force[i][k];
        if (size > largest) {
            largest = size;
            worst = i;
        }
    }
    group->largest_force = fmax(group->largest_force, largest);
    enum vt_code code = VT_OK;
    if (largest > bound)
        code = vt_audit_add(audit, VT_AUDIT_LARGE_FORCE, frame, error, "%.4g eV/A on atom %zu",
                            largest, worst + 1);
    const double net = vt_norm(sum) / (double)frame->n_atoms;
    if (!code && net > net_force)
        code = vt_audit_add(audit, VT_AUDIT_NET_FORCE, frame, error,
                            "the forces sum to %.3g eV/A an atom", net);
    return code;
}

static enum vt_code check_size_of_forces(struct vt_audit *audit, struct vt_error *error)
{
    double squares = 0;
    size_t n = 0;
    for (size_t g = 0; g < audit->n_groups; g++) {
        squares += audit->group[g].force_squares;
        n += audit->group[g].n_atoms;
    }
    const double rms = sqrt(squares / (3 * (double)n));
    if (rms >= small_force)
        return VT_OK;
    return vt_audit_add(audit, VT_AUDIT_SMALL_FORCES, NULL, error,
                        "root mean square %.3g eV/A: are they in Ha/bohr (1 Ha/bohr = 51.42 eV/A)?",
                        rms);
}

/* ---- virials and volumes ---- */

static double pressure_of(const struct vt_dataset_frame *frame) /* GPa */
{
    return (frame->virial[0] + frame->virial[4] + frame->virial[8]) / (3 * frame->volume) *
           VT_GPA_PER_PRESSURE;
}

static enum vt_code check_virial(struct vt_audit *audit, const struct vt_dataset_frame *frame,
                                 struct vt_audit_group *group, struct vt_error *error)
{
    if (!frame->has_virial)
        return VT_OK;
    const double pressure = pressure_of(frame);
    group->pressure[0] = group->n_virials ? fmin(group->pressure[0], pressure) : pressure;
    group->pressure[1] = group->n_virials ? fmax(group->pressure[1], pressure) : pressure;
    group->n_virials++;
    const double difference = frame->asymmetry / (double)frame->n_atoms;
    if (difference <= asymmetry)
        return VT_OK;
    return vt_audit_add(audit, VT_AUDIT_ASYMMETRY, frame, error,
                        "components differ from their mirror images by %.3g eV/atom", difference);
}

static double atomic_volume(const struct vt_dataset *set, const struct vt_dataset_frame *frame)
{
    double sum = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const double r = vt_covalent_radius(set->types.atomic_number[frame->type[i]]);
        sum += 4 * VT_PI / 3 * r * r * r;
    }
    return sum;
}

static enum vt_code check_volume(struct vt_audit *audit, const struct vt_dataset *set,
                                 const struct vt_dataset_frame *frame, double middle,
                                 struct vt_error *error)
{
    const double filled = frame->volume / atomic_volume(set, frame);
    if (filled < packing[0] || filled > packing[1])
        return vt_audit_add(audit, VT_AUDIT_VOLUME, frame, error,
                            "the cell has %.3g A^3 an atom, %.2g times what the atoms fill: %s",
                            frame->volume / (double)frame->n_atoms, filled,
                            filled < 1 ? "is it in bohr or nm?" : "is there vacuum?");
    if (filled < odd_volume * middle && filled > middle / odd_volume)
        return VT_OK;
    return vt_audit_add(audit, VT_AUDIT_VOLUME, frame, error,
                        "the cell is %.2g times as roomy as the median of the set",
                        filled / middle);
}

static enum vt_code check_volumes(struct vt_audit *audit, const struct vt_dataset *set,
                                  struct vt_error *error)
{
    double *filled = NULL;
    enum vt_code code = vt_alloc(&filled, set->n_frames, sizeof *filled, "volumes", error);
    for (size_t i = 0; i < set->n_frames && !code; i++)
        filled[i] = set->frame[i].volume / atomic_volume(set, &set->frame[i]);
    const double middle = code ? 1 : median(filled, set->n_frames);
    for (size_t i = 0; i < set->n_frames && !code; i++)
        code = check_volume(audit, set, &set->frame[i], middle, error);
    vt_free(filled);
    return code;
}

/* Equal for frames with the same numbers of atoms of each element (and next to never otherwise). */
static uint64_t hash_composition(const struct vt_dataset *set, const struct vt_dataset_frame *frame)
{
    uint64_t count[VT_NEP_MAX_TYPES] = {0}, hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < frame->n_atoms; i++)
        count[frame->type[i]]++;
    for (int t = 0; t < set->types.n; t++)
        hash = (hash ^ count[t]) * UINT64_C(0x100000001b3);
    return hash;
}

enum { FEWEST = 5 }; /* volumes that make a trend */

/* Compressed frames have the larger pressure, unless signs are wrong: correlation of the logarithm
 * of the volume and the pressure over the frames with the composition of frame `first`. */
struct moments {
    size_t n;
    double v, p, vv, pp, vp;
    int n_volumes; /* different ones, as far as they matter */
    double volume[FEWEST];
};

static void note_volume(struct moments *m, double v)
{
    for (int i = 0; i < m->n_volumes; i++)
        if (fabs(m->volume[i] - v) < 1e-3)
            return;
    if (m->n_volumes < FEWEST)
        m->volume[m->n_volumes++] = v;
}

static void add_moment(struct moments *m, const struct vt_dataset_frame *frame)
{
    const double v = log(frame->volume / (double)frame->n_atoms), p = pressure_of(frame);
    note_volume(m, v);
    m->n++;
    m->v += v;
    m->p += p;
    m->vv += v * v;
    m->pp += p * p;
    m->vp += v * p;
}

static enum vt_code judge_trend(struct vt_audit *audit, const struct moments *m,
                                const struct vt_dataset_frame *first, struct vt_error *error)
{
    if (m->n_volumes < FEWEST)
        return VT_OK;
    const double n = (double)m->n;
    const double vv = m->vv / n - m->v * m->v / n / n, pp = m->pp / n - m->p * m->p / n / n;
    const double vp = m->vp / n - m->v * m->p / n / n;
    if (!(vv > 1e-4 && pp > 0) || vp / sqrt(vv * pp) < trend)
        return VT_OK;
    return vt_audit_add(audit, VT_AUDIT_VIRIAL_TREND, first, error,
                        "pressure rises with the volume over %zu frames of this composition "
                        "(correlation %.2f): is the sign of virial or stress wrong?",
                        m->n, vp / sqrt(vv * pp));
}

static enum vt_code check_trends(struct vt_audit *audit, const struct vt_dataset *set,
                                 struct vt_error *error)
{
    bool *done = NULL;
    uint64_t *hash = NULL;
    const size_t n = set->n_frames;
    enum vt_code code = vt_alloc(&done, n, sizeof *done, "compositions", error);
    if (!code)
        code = vt_alloc(&hash, n, sizeof *hash, "compositions", error);
    for (size_t i = 0; i < n && !code; i++) {
        hash[i] = hash_composition(set, &set->frame[i]);
        done[i] = !set->frame[i].has_virial;
    }
    for (size_t i = 0; i < n && !code; i++) {
        struct moments moments = {0};
        for (size_t j = i + 1; j < n && !done[i]; j++)
            if (!done[j] && hash[j] == hash[i]) {
                done[j] = true;
                add_moment(&moments, &set->frame[j]);
            }
        if (done[i])
            continue;
        add_moment(&moments, &set->frame[i]);
        code = judge_trend(audit, &moments, &set->frame[i], error);
    }
    vt_free(done);
    vt_free(hash);
    return code;
}

/* ---- frame by frame ---- */

static enum vt_code find_group(struct vt_audit *audit, const char *config_type, size_t *index,
                               struct vt_error *error)
{
    for (size_t g = 0; g < audit->n_groups; g++)
        if (strcmp(audit->group[g].config_type, config_type) == 0) {
            *index = g;
            return VT_OK;
        }
    const enum vt_code code = vt_reserve(&audit->group, &audit->group_capacity, audit->n_groups + 1,
                                         sizeof *audit->group, "table of config_types", error);
    if (code)
        return code;
    *index = audit->n_groups++;
    audit->group[*index] = (struct vt_audit_group){.config_type = config_type};
    return VT_OK;
}

static enum vt_code check_frame(struct vt_audit *audit, const struct vt_dataset_frame *frame,
                                const struct vt_audit_options *options, struct vt_error *error)
{
    size_t index = 0;
    enum vt_code code = find_group(audit, frame->config_type, &index, error);
    if (code)
        return code;
    struct vt_audit_group *group = &audit->group[index];
    const double left = left_of(audit, frame);
    group->n_frames++;
    group->n_tests += frame->is_test;
    group->n_atoms += frame->n_atoms;
    group->energy_sum += left;
    group->energy_squares += left * left;
    code = check_forces(audit, frame, options->max_force, group, error);
    if (!code)
        code = check_virial(audit, frame, group, error);
    if (!code && !frame->is_periodic)
        code = vt_audit_add(audit, VT_AUDIT_NOT_PERIODIC, frame, error,
                            "pbc is not \"T T T\"; it is evaluated as periodic nevertheless");
    return code;
}

/* Virials in one part of the set and none in another, or two spellings with two signs. */
static enum vt_code check_kinds_of_virial(struct vt_audit *audit, const struct vt_dataset *set,
                                          struct vt_error *error)
{
    const struct vt_dataset_frame *none = NULL, *virial = NULL, *stress = NULL;
    size_t n_none = 0, n_stress = 0;
    for (size_t i = 0; i < set->n_frames; i++) {
        const struct vt_dataset_frame *frame = &set->frame[i];
        const struct vt_dataset_frame **first = !frame->has_virial   ? &none
                                                : frame->from_stress ? &stress
                                                                     : &virial;
        *first = *first ? *first : frame;
        n_none += !frame->has_virial;
        n_stress += frame->has_virial && frame->from_stress;
    }
    enum vt_code code = VT_OK;
    if (none)
        code = vt_audit_add(audit, VT_AUDIT_NO_VIRIAL, none, error, "%zu of %zu, this is the first",
                            n_none, set->n_frames);
    if (!code && virial && stress)
        code = vt_audit_add(audit, VT_AUDIT_MIXED, n_stress < set->n_frames / 2 ? stress : virial,
                            error,
                            "%zu frames have a stress (eV/A^3, positive = stretched), %zu a virial "
                            "(eV, positive = compressed)",
                            n_stress, set->n_frames - n_none - n_stress);
    return code;
}

enum vt_code vt_audit_frames(struct vt_audit *audit, const struct vt_dataset *set,
                             const struct vt_audit_options *options, struct vt_error *error)
{
    enum vt_code code = check_energies(audit, set, error);
    for (size_t i = 0; i < set->n_frames && !code; i++)
        code = check_frame(audit, &set->frame[i], options, error);
    if (!code)
        code = check_size_of_forces(audit, error);
    if (!code)
        code = check_volumes(audit, set, error);
    if (!code)
        code = check_kinds_of_virial(audit, set, error);
    return code ? code : check_trends(audit, set, error);
}
