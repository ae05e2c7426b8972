/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/network.h"

#include <math.h>
#include <string.h>

static double dot(const double *a, const double *b, int n)
{
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

static void add_scaled(double factor, const double *a, int n, double *sum)
{
    for (int k = 0; k < n; k++)
        sum[k] += factor * a[k];
}

void vt_network(const struct vt_plan *plan, int type, const double *q,
                struct vt_network_output *out)
{
    const struct vt_nep_network network = vt_nep_network(plan->model, type);
    const int n = plan->dimension;
    const double *w0 = plan->w0 + (size_t)type * (size_t)plan->neurons * (size_t)n;
    out->energy = -network.bias - vt_nep_common_bias(plan->model);
    out->charge = 0;
    memset(out->energy_gradient, 0, (size_t)n * sizeof(double));
    if (network.wq)
        memset(out->charge_gradient, 0, (size_t)n * sizeof(double));
    for (int m = 0; m < plan->neurons; m++, w0 += n) {
        const double h = tanh(dot(w0, q, n) - network.b0[m]), slope = 1 - h * h;
        out->energy += network.w1[m] * h;
        add_scaled(network.w1[m] * slope, w0, n, out->energy_gradient);
        if (network.wq) {
            out->charge += network.wq[m] * h;
            add_scaled(network.wq[m] * slope, w0, n, out->charge_gradient);
        }
    }
}
