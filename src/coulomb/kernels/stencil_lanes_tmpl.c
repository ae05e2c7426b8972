/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Included by stencil_body_tmpl.c with VT_LANES numbers in a row (4 or 8), and VT_OF(x) a name that
 * belongs to it. A row is a few vectors of the machine's own size: compilers make poor code of
 * larger ones. `width` is a constant wherever these are called. */

enum {
    VT_OF(step) =
        VT_LANES * sizeof(VT_REAL) < 4 * VT_WIDTH ? VT_LANES : 4 * VT_WIDTH / sizeof(VT_REAL),
    VT_OF(most_parts) = VT_LANES / VT_OF(step)
};

typedef VT_REAL VT_OF(vector) __attribute__((vector_size(VT_OF(step) * sizeof(VT_REAL))));

/* Weights of one atom along one axis, and their derivatives. */
struct VT_OF(axis) {
    size_t first;
    VT_OF(vector) weight[VT_OF(most_parts)], slope[VT_OF(most_parts)];
};

VT_INLINE int VT_OF(parts)(int width)
{
    return (width + VT_OF(step) - 1) / VT_OF(step);
}

VT_INLINE VT_OF(vector) VT_OF(load)(const VT_REAL *from)
{
    VT_OF(vector) v;
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
    for (int v = 0; v < VT_OF(parts)(width); v++) {
        const int at = v * VT_OF(step);
        VT_OF(vector) value = VT_OF(load)(&VT_COEFFICIENT(window)[window->terms - 1][at]);
        VT_OF(vector) slope = {0};
        for (int p = window->terms - 2; p >= 0; p--) {
            if (slopes)
                slope = slope * t + value;
            value = value * t + VT_OF(load)(&VT_COEFFICIENT(window)[p][at]);
        }
        axis.weight[v] = value;
        axis.slope[v] = slope;
    }
    return axis;
}

/* Numbers of a row by themselves: to be broadcast. */
VT_INLINE void VT_OF(unpack)(const VT_OF(vector) * row, int width, VT_REAL number[VT_LANES])
{
    memcpy(number, row, (size_t)VT_OF(parts)(width) * sizeof *row);
}

VT_INLINE void VT_OF(spread)(const struct vt_stencil_job *job, const int width)
{
    const struct vt_window window = *job->window;
    const size_t plane = job->stride[0], row = job->stride[1];
    const int parts = VT_OF(parts)(width);
    for (size_t i = 0; i < job->n; i++) {
        const double *u = job->place[i];
        const struct VT_OF(axis) x = VT_OF(set_axis)(&window, u[0], width, false);
        const struct VT_OF(axis) y = VT_OF(set_axis)(&window, u[1], width, false);
        const struct VT_OF(axis) z = VT_OF(set_axis)(&window, u[2], width, false);
        VT_REAL *mesh = (VT_REAL *)job->mesh + x.first * plane + y.first * row + z.first;
        VT_REAL of_x[VT_LANES], of_y[VT_LANES];
        VT_OF(unpack)(x.weight, width, of_x);
        VT_OF(unpack)(y.weight, width, of_y);
        for (int a = 0; a < width; a++) {
            const VT_REAL charged = of_x[a] * (VT_REAL)job->charge[i];
            for (int b = 0; b < width; b++) {
                VT_REAL *at = mesh + (size_t)a * plane + (size_t)b * row;
                const VT_REAL factor = charged * of_y[b];
                for (int v = 0; v < parts; v++) {
                    const VT_OF(vector) sum =
                        VT_OF(load)(at + v * VT_OF(step)) + factor * z.weight[v];
                    memcpy(at + v * VT_OF(step), &sum, sizeof sum);
                }
            }
        }
    }
}

/* Sum of a b over a row. */
VT_INLINE double VT_OF(product)(const VT_OF(vector) * a, const VT_OF(vector) * b, int width)
{
    VT_OF(vector) v = a[0] * b[0];
    for (int p = 1; p < VT_OF(parts)(width); p++)
        v += a[p] * b[p];
    VT_REAL sum = 0;
    for (int l = 0; l < VT_OF(step); l += 2)
        sum += v[l] + v[l + 1];
    return (double)sum;
}

VT_INLINE void VT_OF(gather_atom)(const struct vt_stencil_job *job, const struct vt_window *window,
                                  size_t i, const int width)
{
    const size_t plane = job->stride[0], row = job->stride[1];
    const double *u = job->place[i];
    const struct VT_OF(axis) x = VT_OF(set_axis)(window, u[0], width, true);
    const struct VT_OF(axis) y = VT_OF(set_axis)(window, u[1], width, true);
    const struct VT_OF(axis) z = VT_OF(set_axis)(window, u[2], width, true);
    const VT_REAL *mesh = (const VT_REAL *)job->mesh + x.first * plane + y.first * row + z.first;
    VT_REAL of_x[VT_LANES], of_y[VT_LANES], slope_x[VT_LANES], slope_y[VT_LANES];
    VT_OF(unpack)(x.weight, width, of_x);
    VT_OF(unpack)(y.weight, width, of_y);
    VT_OF(unpack)(x.slope, width, slope_x);
    VT_OF(unpack)(y.slope, width, slope_y);
    VT_OF(vector) value[VT_OF(most_parts)] = {{0}}, along_x[VT_OF(most_parts)] = {{0}};
    VT_OF(vector) along_y[VT_OF(most_parts)] = {{0}};
    for (int a = 0; a < width; a++)
        for (int v = 0; v < VT_OF(parts)(width); v++) {
            VT_OF(vector) of_plane = {0}, slope = {0};
            for (int b = 0; b < width; b++) {
                const VT_OF(vector) phi =
                    VT_OF(load)(mesh + (size_t)a * plane + (size_t)b * row + v * VT_OF(step));
                of_plane += phi * of_y[b];
                slope += phi * slope_y[b];
            }
            value[v] += of_plane * of_x[a];
            along_x[v] += of_plane * slope_x[a];
            along_y[v] += slope * of_x[a];
        }
    job->value[i][0] = VT_OF(product)(value, z.weight, width);
    job->value[i][1] = VT_OF(product)(along_x, z.weight, width);
    job->value[i][2] = VT_OF(product)(along_y, z.weight, width);
    job->value[i][3] = VT_OF(product)(value, z.slope, width);
}

VT_INLINE void VT_OF(gather)(struct vt_stencil_job *job, const int width)
{
    const struct vt_window window = *job->window;
    double turns[VT_SELF_WAVES][AXES] = {{0}};
    for (size_t i = 0; i < job->n; i++) {
        VT_OF(gather_atom)(job, &window, i, width);
        take_off_self(job, i, turns);
    }
    for (int d = 0; d < 3; d++)
        for (int h = 0; h < VT_SELF_WAVES; h++)
            job->turns[d][h] = turns[h][d];
}
