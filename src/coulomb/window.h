/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a charge is spread over the mesh points around it: along each axis a window w(x) of `width`
 * points, x the distance in mesh spacings; polynomials between the points.
 *
 * VT_WINDOW_SPLINE: the cardinal B-spline of that width (order), as in smooth particle-mesh Ewald.
 * VT_WINDOW_PROLATE: a prolate spheroidal wave function over width - 1 points, averaged over one
 * point. It reaches a given accuracy with a coarser mesh. The average makes the weights of all
 * points sum to 1 wherever the charge is, as those of splines do: without it the longest waves
 * alone would push a charge about between the points. Both windows are continuous; forces are the
 * gradient of the polynomials themselves. */
#ifndef VT_WINDOW_H
#define VT_WINDOW_H

enum vt_window_kind { VT_WINDOW_SPLINE, VT_WINDOW_PROLATE };

enum {
    VT_WINDOW_LEAST = 3, /* width */
    VT_WINDOW_MOST = 8,
    VT_WINDOW_TERMS = 12,
    VT_WINDOW_SAMPLES = 16
};

/* An atom at u (in mesh spacings) has its first point at floor(u + shift) - (width - 1)/2, with
 * shift = 1/2 for odd widths and 0 for even ones; point j has the weight of the polynomial of
 * t = u + shift - floor(u + shift) - 1/2. */
struct vt_window {
    enum vt_window_kind kind;
    int width, terms;
    double shift;
    double shape;                                        /* c of the prolate function */
    double coefficient[VT_WINDOW_TERMS][VT_WINDOW_MOST]; /* [power of t][point] */
    double sample[VT_WINDOW_SAMPLES][VT_WINDOW_MOST];    /* weights at the nodes of the transform */
    float coefficient_single[VT_WINDOW_TERMS][VT_WINDOW_MOST];
};

/* shape: for prolate windows; larger: smaller aliases, but more of them near the band. */
struct vt_window vt_window_make(enum vt_window_kind kind, int width, double shape);

/* Fourier transform of the window at q (cycles per mesh spacing); 1 at 0. */
double vt_window_transform(const struct vt_window *window, double q);

#endif
