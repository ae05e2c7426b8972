/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/residuals.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* xx yy zz, then the other three in both places. */
static const int diagonal[3] = {0, 4, 8}, upper[3] = {1, 5, 6}, lower[3] = {3, 7, 2};

struct vt_loss_options vt_loss_defaults(void)
{
    return (struct vt_loss_options){.lambda = {[VT_LOSS_ENERGY] = 1,
                                               [VT_LOSS_FORCE] = 1,
                                               [VT_LOSS_VIRIAL] = 0.1,
                                               [VT_LOSS_CHARGE] = 0.1,
                                               [VT_LOSS_BORN] = 0.5},
                                    .shear = 1};
}

struct visit {
    const struct vt_residual_job *job;
    struct vt_loss_sums *sums; /* may be NULL */
    enum vt_loss_kind kind;
    double count, lambda, huber;
};

static struct visit visit(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                          enum vt_loss_kind kind)
{
    return (struct visit){
        job, sums, kind, job->count[kind], job->options->lambda[kind], job->options->huber[kind]};
}

/* Takes one residual into account; returns the derivative of the loss in it (or, with a change,
 * that of the quadratic form). plain: weight in the plain mean. */
static double take(const struct visit *v, double residual, double weight, double plain,
                   double change)
{
    const double size = fabs(residual);
    const bool linear = v->huber > 0 && size > v->huber;
    assert(v->count > 0);
    if (v->sums) {
        const double rho = linear ? 2 * v->huber * size - v->huber * v->huber : residual * residual;
        v->sums->square[v->kind] += weight * rho;
        v->sums->plain[v->kind] += plain * residual * residual;
    }
    const double of = v->job->change ? change : residual;
    return 2 * v->lambda * weight / v->count * of * (linear ? v->huber / size : 1);
}

static void take_energy(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                        struct vt_outputs *cotangent)
{
    const struct visit v = visit(job, sums, VT_LOSS_ENERGY);
    const struct vt_labelled_frame *frame = job->frame;
    const double n = (double)frame->n_atoms;
    const double residual = (job->outputs->energy - frame->energy) / n;
    const double slope = take(&v, residual, frame->weight * frame->weight * frame->energy_weight, 1,
                              job->change ? job->change->energy / n : 0);
    if (sums) {
        sums->shift += frame->energy_weight * residual;
        sums->shift_weight += frame->energy_weight;
    }
    if (cotangent)
        cotangent->energy = slope / n;
}

static double force_weight(const struct vt_loss_options *options, int type,
                           const double reference[3])
{
    const double of_type = options->type_weight ? options->type_weight[type] : 1;
    double weight = of_type * of_type;
    if (options->force_delta > 0)
        weight *= options->force_delta / (options->force_delta + vt_norm(reference));
    return weight;
}

static void take_forces(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                        struct vt_outputs *cotangent)
{
    const struct visit v = visit(job, sums, VT_LOSS_FORCE);
    const struct vt_labelled_frame *frame = job->frame;
    for (size_t row = 0; row < frame->n_atoms; row++) {
        const size_t atom = (size_t)job->geometry->atom[row];
        const double *reference = frame->force[atom];
        const double weight = frame->weight * frame->weight *
                              force_weight(job->options, frame->type[atom], reference);
        for (int d = 0; d < 3; d++) {
            const double slope = take(&v, job->outputs->force[row][d] - reference[d], weight, 1,
                                      job->change ? job->change->force[row][d] : 0);
            if (cotangent)
                cotangent->force[row][d] = slope;
        }
        if (cotangent)
            cotangent->force[row][3] = 0;
    }
}

/* One of the six components, of which two places hold the off-diagonal ones. */
static void take_component(const struct visit *v, int one, int other, struct vt_outputs *cotangent)
{
    const struct vt_labelled_frame *frame = v->job->frame;
    const double n = (double)frame->n_atoms;
    const double *w = v->job->outputs->virial;
    const double shear = one == other ? 1 : v->job->options->shear;
    const double reference = 0.5 * (frame->virial[one] + frame->virial[other]);
    const double change =
        v->job->change ? 0.5 * (v->job->change->virial[one] + v->job->change->virial[other]) / n
                       : 0;
    const double slope = take(v, (0.5 * (w[one] + w[other]) - reference) / n,
                              frame->weight * frame->weight * shear * shear, 1, change);
    if (!cotangent)
        return;
    cotangent->virial[one] += 0.5 * slope / n;
    cotangent->virial[other] += 0.5 * slope / n;
}

static void take_virial(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                        struct vt_outputs *cotangent)
{
    if (cotangent)
        memset(cotangent->virial, 0, sizeof cotangent->virial);
    if (!job->frame->virial)
        return;
    const struct visit v = visit(job, sums, VT_LOSS_VIRIAL);
    for (int c = 0; c < 3; c++) {
        take_component(&v, diagonal[c], diagonal[c], cotangent);
        take_component(&v, upper[c], lower[c], cotangent);
    }
}

static void take_charge(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                        struct vt_outputs *cotangent)
{
    if (cotangent)
        cotangent->raw_charge = 0;
    if (!job->charges)
        return;
    const struct visit v = visit(job, sums, VT_LOSS_CHARGE);
    const double n = (double)job->frame->n_atoms;
    const double slope = take(&v, (job->outputs->raw_charge - job->frame->charge) / n, 1, 1,
                              job->change ? job->change->raw_charge / n : 0);
    if (cotangent)
        cotangent->raw_charge = slope / n;
}

static void take_born(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                      struct vt_outputs *cotangent)
{
    const struct vt_labelled_frame *frame = job->frame;
    if (!job->charges || !frame->born || !job->outputs->born)
        return;
    const struct visit v = visit(job, sums, VT_LOSS_BORN);
    const double share = 1 / (double)frame->n_atoms;
    for (size_t row = 0; row < frame->n_atoms; row++) {
        const double *reference = frame->born[job->geometry->atom[row]];
        for (int c = 0; c < 9; c++) {
            const double slope = take(&v, job->outputs->born[row][c] - reference[c], share, share,
                                      job->change ? job->change->born[row][c] : 0);
            if (cotangent && cotangent->born)
                cotangent->born[row][c] = slope;
        }
    }
}

void vt_residuals(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                  struct vt_outputs *cotangent)
{
    assert(job->frame->force && job->outputs->force);
    take_energy(job, sums, cotangent);
    take_forces(job, sums, cotangent);
    take_virial(job, sums, cotangent);
    take_charge(job, sums, cotangent);
    take_born(job, sums, cotangent);
}
