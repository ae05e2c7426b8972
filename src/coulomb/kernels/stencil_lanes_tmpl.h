/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Included by stencil_body_tmpl.h with VT_LANES numbers in a VT_VECTOR, and VT_OF(x) a name that
 * belongs to it. `width` is a constant wherever these are called. */

/* Weights of one atom along one axis, and their derivatives. */
struct VT_OF(axis) {
    size_t first;
    VT_VECTOR weight, slope;
};

VT_INLINE VT_VECTOR VT_OF(load)(const VT_REAL *from)
{
    VT_VECTOR v;
    memcpy(&v, from, sizeof v);
    return v;
}

VT_INLINE struct VT_OF(axis)
    VT_OF(set_axis)(const struct vt_window *window, double u, int width, bool slopes)
{
    struct VT_OF(axis) axis;
    const double shifted = u + (width % 2 ? 0.5 : 0);
    const int whole = (int)shifted; /* places are positive */
    const VT_REAL t = (VT_REAL)(shifted - whole - 0.5);
    axis.first = (size_t)(whole - (width - 1) / 2);
    VT_VECTOR value = VT_OF(load)(VT_COEFFICIENT(window)[window->terms - 1]), slope = {0};
    for (int p = window->terms - 2; p >= 0; p--) {
        if (slopes)
            slope = slope * t + value;
        value = value * t + VT_OF(load)(VT_COEFFICIENT(window)[p]);
    }
    axis.weight = value;
    axis.slope = slope;
    return axis;
}

VT_INLINE void VT_OF(spread)(const struct vt_stencil_job *job, const int width)
{
    const struct vt_window window = *job->window;
    const size_t plane = job->stride[0], row = job->stride[1];
    for (size_t i = 0; i < job->n; i++) {
        const double *u = job->place[i];
        const struct VT_OF(axis) x = VT_OF(set_axis)(&window, u[0], width, false);
        const struct VT_OF(axis) y = VT_OF(set_axis)(&window, u[1], width, false);
        const struct VT_OF(axis) z = VT_OF(set_axis)(&window, u[2], width, false);
        const VT_VECTOR charged = z.weight * (VT_REAL)job->charge[i];
        VT_REAL *mesh = (VT_REAL *)job->mesh + x.first * plane + y.first * row + z.first;
        for (int a = 0; a < width; a++) {
            const VT_VECTOR of_plane = charged * x.weight[a];
            for (int b = 0; b < width; b++) {
                VT_REAL *at = mesh + (size_t)a * plane + (size_t)b * row;
                const VT_VECTOR sum = VT_OF(load)(at) + of_plane * y.weight[b];
                memcpy(at, &sum, sizeof sum);
            }
        }
    }
}

VT_INLINE double VT_OF(total)(VT_VECTOR v)
{
    double sum = 0;
    for (int l = 0; l < VT_LANES; l += 4)
        sum += (double)((v[l] + v[l + 1]) + (v[l + 2] + v[l + 3]));
    return sum;
}

VT_INLINE void VT_OF(gather)(const struct vt_stencil_job *job, const int width)
{
    const struct vt_window window = *job->window;
    const size_t plane = job->stride[0], row = job->stride[1];
    for (size_t i = 0; i < job->n; i++) {
        const double *u = job->place[i];
        const struct VT_OF(axis) x = VT_OF(set_axis)(&window, u[0], width, true);
        const struct VT_OF(axis) y = VT_OF(set_axis)(&window, u[1], width, true);
        const struct VT_OF(axis) z = VT_OF(set_axis)(&window, u[2], width, true);
        const VT_REAL *mesh =
            (const VT_REAL *)job->mesh + x.first * plane + y.first * row + z.first;
        VT_VECTOR value = {0}, along_x = {0}, along_y = {0};
        for (int a = 0; a < width; a++) {
            VT_VECTOR of_plane = {0}, slope = {0};
            for (int b = 0; b < width; b++) {
                const VT_VECTOR phi = VT_OF(load)(mesh + (size_t)a * plane + (size_t)b * row);
                of_plane += phi * y.weight[b];
                slope += phi * y.slope[b];
            }
            value += of_plane * x.weight[a];
            along_x += of_plane * x.slope[a];
            along_y += slope * x.weight[a];
        }
        job->value[i][0] = VT_OF(total)(value * z.weight);
        job->value[i][1] = VT_OF(total)(along_x * z.weight);
        job->value[i][2] = VT_OF(total)(along_y * z.weight);
        job->value[i][3] = VT_OF(total)(value * z.slope);
    }
}
