/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Harmonics and the sums over them, in vectors (docs/theory.md 4.4). l_max is a constant wherever
 * these functions are called, so that their loops unroll. Included by slice_tmpl.c alone. */
#ifndef VT_ANGULAR_TMPL_H
#define VT_ANGULAR_TMPL_H

#include "potential/kernels/kernel.h"
#include "potential/kernels/series_tmpl.h"

enum { VT_N_TILE = 5, VT_H_TILE = VT_HARMONICS_STEP, VT_MOST_HARMONICS = 80 };

VT_INLINE void vt_planar_powers(const int l_max, vf x, vf y, vf *re, vf *im)
{
    re[0] = vf_all(1);
    im[0] = (vf){0};
    for (int m = 1; m <= l_max; m++) {
        re[m] = x * re[m - 1] - y * im[m - 1];
        im[m] = x * im[m - 1] + y * re[m - 1];
    }
}

/* p_lm(z) from its polynomial in z^2. */
VT_INLINE vf vt_zonal(const float *c, const int l, const int m, vf z, vf z2)
{
    const vf even = vt_polynomial(c, (l - m) / 2 + 1, z2);
    return (l - m) % 2 ? z * even : even;
}

/* p_lm(z) and its derivative. */
VT_INLINE vf vt_zonal_slope(const float *c, const int l, const int m, vf z, vf z2, vf *slope)
{
    const int terms = (l - m) / 2 + 1;
    vf value = vf_all(c[terms - 1]), d = {0}; /* in z^2 */
    for (int k = terms - 2; k >= 0; k--) {
        d = d * z2 + value;
        value = value * z2 + c[k];
    }
    if ((l - m) % 2 == 0) {
        *slope = 2 * z * d;
        return value;
    }
    *slope = value + 2 * z2 * d;
    return z * value;
}

/* All B_lc of a unit vector, and zeros up to the stride. */
VT_INLINE void vt_harmonics_of(const struct vt_kernel_tables *tables, const int l_max,
                               const vf u[3], vf *b)
{
    vf re[VT_NEP_MAX_L + 1], im[VT_NEP_MAX_L + 1];
    const vf z = u[2], z2 = z * z;
    vt_planar_powers(l_max, u[0], u[1], re, im);
    for (int l = 1; l <= l_max; l++) {
        vf *of_l = b + l * l - 1;
        of_l[0] = vt_zonal(tables->polynomial[l][0], l, 0, z, z2);
        for (int m = 1; m <= l; m++) {
            const vf p = vt_zonal(tables->polynomial[l][m], l, m, z, z2);
            of_l[2 * m - 1] = p * re[m];
            of_l[2 * m] = p * im[m];
        }
    }
    for (int h = (l_max + 1) * (l_max + 1) - 1; h % VT_H_TILE; h++)
        b[h] = (vf){0};
}

/* gradient = sum_h w_h grad B_h with x, y, z taken as independent: by m, since (x + i y)^m is
 * common to all l. */
VT_INLINE void vt_harmonics_gradient(const struct vt_kernel_tables *tables, const int l_max,
                                     const vf u[3], const vf *w, vf gradient[3])
{
    vf re[VT_NEP_MAX_L + 1], im[VT_NEP_MAX_L + 1], slope;
    const vf z = u[2], z2 = z * z;
    vt_planar_powers(l_max, u[0], u[1], re, im);
    vf x_sum = {0}, y_sum = {0}, z_sum = {0};
    for (int l = 1; l <= l_max; l++) {
        vt_zonal_slope(tables->polynomial[l][0], l, 0, z, z2, &slope);
        z_sum += w[l * l - 1] * slope;
    }
    for (int m = 1; m <= l_max; m++) {
        vf wr = {0}, wi = {0}, zr = {0}, zi = {0};
        for (int l = m; l <= l_max; l++) {
            const vf p = vt_zonal_slope(tables->polynomial[l][m], l, m, z, z2, &slope);
            const int h = l * l - 1 + 2 * m;
            wr += w[h - 1] * p;
            wi += w[h] * p;
            zr += w[h - 1] * slope;
            zi += w[h] * slope;
        }
        x_sum += (float)m * (wr * re[m - 1] + wi * im[m - 1]);
        y_sum += (float)m * (wi * re[m - 1] - wr * im[m - 1]);
        z_sum += zr * re[m] + zi * im[m];
    }
    gradient[0] = x_sum;
    gradient[1] = y_sum;
    gradient[2] = z_sum;
}

/* Rows of radial functions g [row][n] and harmonics b [row][h]. */
struct vt_near_rows {
    int count;
    int n_angular, stride;
    const vf *g, *b;
};

/* sums[n][h] += sum_rows g[row][n] b[row][h], for `count` n and four h. */
VT_INLINE void vt_sum_tile(const int count, const struct vt_near_rows *rows, int n, int h, vf *sums)
{
    vf sum[VT_N_TILE][VT_H_TILE] = {{{0}}};
    for (int row = 0; row < rows->count; row++) {
        const vf *g = rows->g + row * rows->n_angular + n, *b = rows->b + row * rows->stride + h;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < VT_H_TILE; j++)
                sum[i][j] += g[i] * b[j];
    }
    for (int i = 0; i < count; i++)
        for (int j = 0; j < VT_H_TILE; j++)
            sums[(n + i) * rows->stride + h + j] += sum[i][j];
}

VT_INLINE void vt_sum_tiles(const int count, const struct vt_near_rows *rows, int n, vf *sums)
{
    for (int h = 0; h < rows->stride; h += VT_H_TILE)
        vt_sum_tile(count, rows, n, h, sums);
}

/* sums[n][h] += sum_rows g[row][n] b[row][h]. */
VT_CALLED void vt_add_angular_sums(const struct vt_near_rows *rows, vf *sums)
{
    for (int n = 0; n < rows->n_angular;) {
        const int left = rows->n_angular - n;
        const int count = left > VT_N_TILE && left < 2 * VT_N_TILE ? (left + 1) / 2
                          : left > VT_N_TILE                       ? VT_N_TILE
                                                                   : left;
        switch (count) {
        case 1:
            vt_sum_tiles(1, rows, n, sums);
            break;
        case 2:
            vt_sum_tiles(2, rows, n, sums);
            break;
        case 3:
            vt_sum_tiles(3, rows, n, sums);
            break;
        case 4:
            vt_sum_tiles(4, rows, n, sums);
            break;
        default:
            vt_sum_tiles(5, rows, n, sums);
            break;
        }
        n += count;
    }
}

/* One near row: radial functions and their slopes [n], harmonics [h]. */
struct vt_near_row {
    int n_angular, stride;
    const vf *g, *dg, *b;
};

/* w[h] = sum_n v[n][h] g[n]; returns sum_nh v[n][h] dg[n] b[h]. */
VT_INLINE vf vt_weigh_harmonics(const vf *v, const struct vt_near_row row, vf *w)
{
    vf total = {0};
    for (int h = 0; h < row.stride; h += VT_H_TILE) {
        vf sum[VT_H_TILE] = {0}, slope[VT_H_TILE] = {0};
        for (int n = 0; n < row.n_angular; n++)
            for (int j = 0; j < VT_H_TILE; j++) {
                sum[j] += v[n * row.stride + h + j] * row.g[n];
                slope[j] += v[n * row.stride + h + j] * row.dg[n];
            }
        for (int j = 0; j < VT_H_TILE; j++) {
            w[h + j] = sum[j];
            total += slope[j] * row.b[h + j];
        }
    }
    return total;
}

#endif
