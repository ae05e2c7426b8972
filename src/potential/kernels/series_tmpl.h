/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the kernels that know only vectors: products with a matrix of coefficients, the cutoff
 * function, the basis, tanh. Included by slice_tmpl.c alone. */
#ifndef VT_SERIES_TMPL_H
#define VT_SERIES_TMPL_H

#include "potential/kernels/kernel.h"
#include "potential/kernels/polynomials_table.h"
#include "potential/kernels/vec.h"

/* As many sums as registers hold beside what else the loop needs. */
enum { VT_TILE = VT_WIDTH == 16 ? 10 : 5, VT_HALF_TILE = 5 };

/* out[j] = sum_i in[i] matrix[i stride + j], j < count, or added to what is there. */
VT_INLINE void vt_multiply_tile(const int count, const vf *in, int n_in, const float *matrix,
                                int stride, vf *out)
{
    vf sum[VT_TILE];
    for (int j = 0; j < count; j++)
        sum[j] = out[j];
    for (int i = 0; i < n_in; i++) {
        const vf a = in[i];
        for (int j = 0; j < count; j++)
            sum[j] += a * matrix[i * stride + j];
    }
    for (int j = 0; j < count; j++)
        out[j] = sum[j];
}

/* out[j] += sum_i in[i] matrix[i][j], j < n_out. */
VT_CALLED void vt_add_product(const vf *in, int n_in, const float *matrix, int n_out, vf *out)
{
    int j = 0;
    for (; j + VT_TILE <= n_out; j += VT_TILE)
        vt_multiply_tile(VT_TILE, in, n_in, matrix + j, n_out, out + j);
    switch (n_out - j) {
    case 9:
        vt_multiply_tile(9 % VT_TILE, in, n_in, matrix + j, n_out, out + j);
        break;
    case 8:
        vt_multiply_tile(8 % VT_TILE, in, n_in, matrix + j, n_out, out + j);
        break;
    case 7:
        vt_multiply_tile(7 % VT_TILE, in, n_in, matrix + j, n_out, out + j);
        break;
    case 6:
        vt_multiply_tile(6 % VT_TILE, in, n_in, matrix + j, n_out, out + j);
        break;
    case 5:
        vt_multiply_tile(5 % VT_TILE, in, n_in, matrix + j, n_out, out + j);
        break;
    case 4:
        vt_multiply_tile(4, in, n_in, matrix + j, n_out, out + j);
        break;
    case 3:
        vt_multiply_tile(3, in, n_in, matrix + j, n_out, out + j);
        break;
    case 2:
        vt_multiply_tile(2, in, n_in, matrix + j, n_out, out + j);
        break;
    case 1:
        vt_multiply_tile(1, in, n_in, matrix + j, n_out, out + j);
        break;
    default:
        break;
    }
}

VT_INLINE void vt_two_tiles(const int count, const vf *in[2], int n_in, const float *matrix,
                            int stride, vf *out[2])
{
    vf sum[2][VT_HALF_TILE] = {{{0}}};
    for (int i = 0; i < n_in; i++) {
        const vf a = in[0][i], b = in[1][i];
        for (int j = 0; j < count; j++) {
            const vf c = vf_all(matrix[i * stride + j]);
            sum[0][j] += a * c;
            sum[1][j] += b * c;
        }
    }
    for (int j = 0; j < count; j++) {
        out[0][j] = sum[0][j];
        out[1][j] = sum[1][j];
    }
}

/* out = in matrix for two rows of n_in numbers. */
VT_INLINE void vt_two_products(const vf *in[2], int n_in, const float *matrix, int n_out,
                               vf *out[2])
{
    for (int j = 0; j < n_out; j += VT_HALF_TILE) {
        vf *to[2] = {out[0] + j, out[1] + j};
        switch (n_out - j) {
        case 1:
            vt_two_tiles(1, in, n_in, matrix + j, n_out, to);
            break;
        case 2:
            vt_two_tiles(2, in, n_in, matrix + j, n_out, to);
            break;
        case 3:
            vt_two_tiles(3, in, n_in, matrix + j, n_out, to);
            break;
        case 4:
            vt_two_tiles(4, in, n_in, matrix + j, n_out, to);
            break;
        default:
            vt_two_tiles(5, in, n_in, matrix + j, n_out, to);
            break;
        }
    }
}

VT_INLINE void vt_clear(vf *v, int n)
{
    for (int k = 0; k < n; k++)
        v[k] = (vf){0};
}

/* sum[k] + rest[k] += term[k] (Kahan): rest is what sum has lost. */
VT_INLINE void vt_add_compensated(const vf *term, int n, vf *sum, vf *rest)
{
    for (int k = 0; k < n; k++) {
        const vf corrected = term[k] + rest[k], total = sum[k] + corrected;
        rest[k] = corrected - (total - sum[k]);
        sum[k] = total;
    }
}

VT_INLINE vf vt_polynomial(const float *c, const int terms, vf x)
{
    vf y = vf_all(c[terms - 1]);
    for (int k = terms - 2; k >= 0; k--)
        y = y * x + c[k];
    return y;
}

/* u = r/rc - 1, 0 beyond the cutoff: everything below is then 0 by itself. */
VT_INLINE vf vt_reduced(vf r, struct vt_inverse_cutoff inverse)
{
    return vf_min(r * inverse.low + (r * inverse.high - 1), (vf){0});
}

/* fc T_k, k < n. */
VT_INLINE void vt_basis(vf u, int n, vf *f)
{
    const vf v = u * u, x = 2 * v - 1, x2 = 2 * x;
    vf even = v * vt_polynomial(vt_cut, VT_CUT_TERMS, v), odd = x * even;
    int k = 0;
    for (; k + 1 < n; k += 2) {
        f[k] = even;
        f[k + 1] = odd;
        even = x2 * odd - even;
        odd = x2 * even - odd;
    }
    if (k < n)
        f[k] = even;
}

/* fc T_k, k < n, and their derivatives: in x = 2 u^2 - 1, times dx. */
VT_INLINE void vt_basis_and_slopes(vf u, vf dx, int n, vf *f, vf *df)
{
    const vf v = u * u, x = 2 * v - 1, x2 = 2 * x, dx2 = 2 * dx;
    vf even = v * vt_polynomial(vt_cut, VT_CUT_TERMS, v);
    vf d_even = (0.5f * dx) * vt_polynomial(vt_cut_slope, VT_CUT_TERMS, v);
    vf odd = x * even, d_odd = dx * even + x * d_even;
    int k = 0;
    for (; k + 1 < n; k += 2) {
        f[k] = even;
        df[k] = d_even;
        f[k + 1] = odd;
        df[k + 1] = d_odd;
        even = x2 * odd - even;
        d_even = x2 * d_odd + (dx2 * odd - d_even);
        odd = x2 * even - odd;
        d_odd = x2 * d_even + (dx2 * even - d_odd);
    }
    if (k < n) {
        f[k] = even;
        df[k] = d_even;
    }
}

/* tanh x = 1 - 2/(e^2x + 1), in float, and for sums in which large terms cancel to 4e-8 (1.2e-7
 * between -9 and -8.3). With e^2x = 2^n (1 + t), |t| < 1/2, the denominator is 1 + 2^n, which is
 * exact, and 2^n t, which is small: what rounding takes off is known and goes into `small`. Adding
 * `whole` leaves n in the last bits of a float. */
VT_INLINE vf vt_tanh(vf x, vf_double *exact)
{
    const float limit = 9.02f, whole = 0x1.8p23f;
    const float per_log = 0x1.715476p+1f, per_log_rest = 0x1.4ae0cp-25f; /* 2/ln 2 */
    const vf limited = vf_max(vf_min(x, vf_all(limit)), vf_all(-limit));
    const vf shifted = limited * per_log + whole;
    const vf f = limited * per_log_rest + (limited * per_log - (shifted - whole));
    const vf t = f * vt_polynomial(vt_power, VT_POWER_TERMS, f);
    const vf power = (vf)(((vi)shifted << 23) + 0x3f800000), one_more = power + 1;
    const vf bottom = power * t + one_more, bottom_rest = power * t + (one_more - bottom);
    const vf inverse = vf_approximate_inverse(bottom);
    const vf left = vf_left_of_one(bottom, inverse) - bottom_rest * inverse;
    const vf small = inverse * (left + left * left);
    *exact = 1 - 2 * (__builtin_convertvector(inverse, vf_double) +
                      __builtin_convertvector(small, vf_double));
    return 1 - 2 * (inverse + small);
}

#endif
