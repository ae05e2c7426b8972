/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "coulomb/kernels/stencil.h"

static void locate(struct vt_stencil_job *job)
{
    for (int d = 0; d < 3; d++) {
        job->least[d] = INFINITY;
        job->most[d] = -INFINITY;
    }
    for (size_t i = 0; i < job->n; i++)
        for (int d = 0; d < 3; d++) {
            double u = 0;
            for (int a = 0; a < 3; a++)
                u += job->position[i][a] * job->to_mesh[a][d];
            u -= job->period[d] * floor((u - job->from[d]) / job->period[d]);
            u -= job->origin[d];
            job->place[i][d] = u;
            job->least[d] = fmin(job->least[d], u);
            job->most[d] = fmax(job->most[d], u);
        }
}

/* First point and weights, with their derivatives, of one atom along one axis. */
struct axis {
    size_t first;
    double weight[VT_WINDOW_MOST], slope[VT_WINDOW_MOST];
};

static void set_axis(const struct vt_window *window, double u, struct axis *axis)
{
    const double whole = floor(u + window->shift), t = u + window->shift - whole - 0.5;
    const double first = whole - (window->width - 1) / 2;
    assert(first >= 0);
    axis->first = (size_t)first;
    for (int j = 0; j < window->width; j++) {
        axis->weight[j] = axis->slope[j] = 0;
        for (int p = window->terms - 1; p >= 0; p--) {
            axis->slope[j] = axis->slope[j] * t + axis->weight[j];
            axis->weight[j] = axis->weight[j] * t + window->coefficient[p][j];
        }
    }
}

static size_t index_of(const struct vt_stencil_job *job, const struct axis axis[3], int a, int b)
{
    return (axis[0].first + (size_t)a) * job->stride[0] +
           (axis[1].first + (size_t)b) * job->stride[1] + axis[2].first;
}

static void spread(const struct vt_stencil_job *job, bool single)
{
    const int width = job->window->width;
    struct axis axis[3];
    for (size_t i = 0; i < job->n; i++) {
        for (int d = 0; d < 3; d++)
            set_axis(job->window, job->place[i][d], &axis[d]);
        for (int a = 0; a < width; a++)
            for (int b = 0; b < width; b++)
                for (int c = 0; c < width; c++) {
                    const double part =
                        job->charge[i] * axis[0].weight[a] * axis[1].weight[b] * axis[2].weight[c];
                    const size_t at = index_of(job, axis, a, b) + (size_t)c;
                    if (single)
                        ((float *)job->mesh)[at] += (float)part;
                    else
                        ((double *)job->mesh)[at] += part;
                }
    }
}

static void take_off_self(struct vt_stencil_job *job, size_t i)
{
    const double charge = job->charge[i];
    job->value[i][0] -= charge * job->self_mean;
    for (int d = 0; d < 3; d++)
        for (int h = 1; h <= VT_SELF_WAVES; h++) {
            const double phase = 2 * VT_PI * h * (job->place[i][d] - floor(job->place[i][d]));
            const double size = charge * job->self[d][h - 1];
            job->value[i][0] -= size * cos(phase);
            job->value[i][1 + d] += size * VT_PI * h * sin(phase);
            job->turns[d][h - 1] += charge * charge * cos(phase);
        }
}

static void gather(struct vt_stencil_job *job, bool single)
{
    const int width = job->window->width;
    struct axis axis[3];
    memset(job->turns, 0, sizeof job->turns);
    for (size_t i = 0; i < job->n; i++) {
        double sum[4] = {0};
        for (int d = 0; d < 3; d++)
            set_axis(job->window, job->place[i][d], &axis[d]);
        for (int a = 0; a < width; a++)
            for (int b = 0; b < width; b++)
                for (int c = 0; c < width; c++) {
                    const size_t at = index_of(job, axis, a, b) + (size_t)c;
                    const double x = axis[0].weight[a], y = axis[1].weight[b];
                    const double z = axis[2].weight[c];
                    const double phi = single ? (double)((const float *)job->mesh)[at]
                                              : ((const double *)job->mesh)[at];
                    sum[0] += x * y * z * phi;
                    sum[1] += axis[0].slope[a] * y * z * phi;
                    sum[2] += x * axis[1].slope[b] * z * phi;
                    sum[3] += x * y * axis[2].slope[c] * phi;
                }
        for (int k = 0; k < 4; k++)
            job->value[i][k] = sum[k];
        take_off_self(job, i);
    }
}

static void spread_double(const struct vt_stencil_job *job)
{
    spread(job, false);
}

static void spread_float(const struct vt_stencil_job *job)
{
    spread(job, true);
}

static void gather_double(struct vt_stencil_job *job)
{
    gather(job, false);
}

static void gather_float(struct vt_stencil_job *job)
{
    gather(job, true);
}

const struct vt_stencil vt_stencil_plain = {.name = "plain",
                                            .locate = locate,
                                            .spread = {spread_double, spread_float},
                                            .gather = {gather_double, gather_float}};
