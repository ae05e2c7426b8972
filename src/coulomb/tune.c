/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/tune.h"

#include <assert.h>
#include <math.h>

#include "base/mat3.h"
#include "base/units.h"
#include "coulomb/mesh_costs_table.h"

enum { SIZES = sizeof vt_size_cost / sizeof *vt_size_cost, LARGEST_MESH = 4096 };

/* Of the squared error, how much the split may have. */
static const double share_of_split = 0.4;
/* Waves that are left out, by the split or by the mesh, have energies that go to and fro with k
 * cutoff. Where they add up, as in crystals, the virial of an atom errs by cutoff times the error
 * of the force: that product is to stay below the wanted error times this length, A. */
static const double virial_length = 0.12;
/* The same of the waves that the mesh has, whose errors add up less. */
static const double virial_length_of_mesh = 3;
/* Errors are predicted for charges at random; so much of the wanted one is aimed at. */
static const double aim = 0.9;
/* Below this a mesh of floats is not good enough (tests/physics/test_mesh.c). */
static const double single_accuracy = 2e-6;
static const double cutoff_step = 0.5;       /* A */
static const double points_of_a_rank = 8192; /* as in fft.c */

/* ---- sizes and costs ---- */

bool vt_tune_is_smooth(int n)
{
    assert(n > 0);
    static const int prime[] = {2, 3, 5, 7};
    for (int k = 0; k < 4; k++)
        while (n % prime[k] == 0)
            n /= prime[k];
    return n == 1;
}

/* ns a point of both transforms; beyond the table as N log N. */
static double size_cost(int n, bool single)
{
    for (int k = 0; k < SIZES; k++)
        if (vt_size_cost[k].size == n)
            return vt_size_cost[k].cost[single];
    const struct vt_size_cost *last = &vt_size_cost[SIZES - 1];
    return n < last->size ? INFINITY : last->cost[single] * log(n) / log(last->size);
}

/* A size of at least n for which the whole mesh costs least. */
static int good_size(int n, bool single)
{
    int best = 0;
    double least = INFINITY;
    for (int size = n; size <= 2 * n + 8; size++) {
        if (!vt_tune_is_smooth(size))
            continue;
        const double cost = size * (2 + size_cost(size, single)); /* exchange, influence: some 2 */
        if (cost < least) {
            least = cost;
            best = size;
        }
    }
    return best;
}

static double waves_cost(const struct vt_tune_request *request, const struct vt_mesh_settings *mesh)
{
    double points = 1, of_point = 0;
    for (int d = 0; d < 3; d++) {
        points *= mesh->size[d];
        of_point += size_cost(mesh->size[d], mesh->single) / 3;
    }
    const double ranks = fmin(request->ranks, fmax(1, floor(points / points_of_a_rank)));
    /* Ranks that wait cost as much as those that work. */
    return (of_point + 2) * points / request->cloud.n_atoms * request->ranks / ranks;
}

static double pairs_cost(const struct vt_tune_request *request, double cutoff)
{
    const double density = request->cloud.n_atoms / request->cloud.cell.volume;
    const double beyond = pow(cutoff, 3) - pow(fmin(request->free_cutoff, cutoff), 3);
    return 4 * VT_PI / 3 * density * beyond * request->pair_cost;
}

/* ---- the search ---- */

static double quadrature(double a, double b)
{
    return sqrt(a * a + b * b);
}

static struct vt_split make_split(enum vt_split_kind kind, double shape, double cutoff)
{
    return kind == VT_SPLIT_GAUSS ? vt_split_gauss(shape / cutoff, cutoff)
                                  : vt_split_prolate(shape, cutoff);
}

/* The smoothest split with that error; false if there is none. */
static bool fit_split(const struct vt_tune_request *request, enum vt_split_kind kind, double cutoff,
                      double wanted, struct vt_split *split)
{
    double low = kind == VT_SPLIT_GAUSS ? 1 : 3, high = kind == VT_SPLIT_GAUSS ? 6 : 40;
    *split = make_split(kind, high, cutoff);
    if (vt_split_error(split, &request->cloud) > wanted)
        return false;
    for (int round = 0; round < 20; round++) {
        const double middle = 0.5 * (low + high);
        *split = make_split(kind, middle, cutoff);
        if (vt_split_error(split, &request->cloud) > wanted)
            low = middle;
        else
            high = middle;
    }
    *split = make_split(kind, high, cutoff);
    return true;
}

static void set_sizes(const struct vt_cell *cell, double spacing, struct vt_mesh_settings *mesh)
{
    for (int d = 0; d < 3; d++) {
        const double points = ceil(vt_norm(cell->vector[d]) / spacing - 1e-9);
        const int n = (int)fmin(points, LARGEST_MESH);
        mesh->size[d] = good_size(n > mesh->width ? n : mesh->width, mesh->single);
    }
}

/* What a mesh is to reach. */
struct wish {
    const struct vt_charge_cloud *cloud;
    const struct vt_spectrum *spectrum;
    double error, kept, lost; /* at most: of all waves, of those it has, of those it lacks */
};

static double sum_of(struct vt_mesh_errors errors)
{
    return quadrature(errors.kept, errors.lost);
}

static bool fulfils(const struct wish *wish, struct vt_mesh_errors errors)
{
    return sum_of(errors) <= wish->error && errors.kept <= wish->kept && errors.lost <= wish->lost;
}

/* With a shape that is near the best: the finer the mesh, the further out its aliases. spacing: in
 * units of the one at which the spectrum reaches the edge of the zone. */
static bool is_fine_enough(const struct wish *wish, struct vt_mesh_settings *mesh, double spacing)
{
    static const double shapes[] = {0.85, 1, 1.15};
    const double unit = 0.5 * VT_PI * (mesh->width - 1);
    if (mesh->window == VT_WINDOW_SPLINE)
        return fulfils(wish, vt_mesh_errors(mesh, wish->spectrum, wish->cloud));
    bool is_fine = false;
    for (int k = 0; k < 3 && !is_fine; k++) {
        mesh->shape = unit * shapes[k] * (2 - fmin(spacing, 1));
        is_fine = fulfils(wish, vt_mesh_errors(mesh, wish->spectrum, wish->cloud));
    }
    return is_fine;
}

/* The coarsest mesh that will do: sets size and shape; false if even a very fine one does not. The
 * spacing at the band's edge being 1, a few halvings find it. */
static bool fit_mesh(const struct wish *wish, struct vt_mesh_settings *mesh, double *error)
{
    const double edge = VT_PI / mesh->split.k_max;
    double fine = mesh->window == VT_WINDOW_SPLINE ? 0.15 : 0.25, coarse = 1.6;
    if (mesh->split.kind == VT_SPLIT_GAUSS)
        coarse = 4; /* its k_max is far out */
    set_sizes(&wish->cloud->cell, fine * edge, mesh);
    if (!is_fine_enough(wish, mesh, fine))
        return false;
    while (coarse / fine > 1.02) {
        const double middle = sqrt(fine * coarse);
        set_sizes(&wish->cloud->cell, middle * edge, mesh);
        if (is_fine_enough(wish, mesh, middle))
            fine = middle;
        else
            coarse = middle;
    }
    set_sizes(&wish->cloud->cell, fine * edge, mesh);
    const struct vt_mesh_errors errors = vt_mesh_best_shape(mesh, wish->spectrum, wish->cloud);
    *error = sum_of(errors);
    return fulfils(wish, errors);
}

static double total(const struct vt_tune_choice *choice)
{
    return choice->cost_pairs + choice->cost_atoms + choice->cost_waves;
}

/* Tries every window with the split and the pairs of `trial`; keeps the best in `best`. */
static void try_windows(const struct vt_tune_request *request, const struct vt_tune_choice *trial,
                        double wanted, struct vt_tune_choice *best)
{
    struct vt_spectrum spectrum;
    vt_spectrum_make(&spectrum, &trial->mesh.split);
    const struct wish wish = {.cloud = &request->cloud,
                              .spectrum = &spectrum,
                              .error =
                                  sqrt(wanted * wanted - trial->error_split * trial->error_split),
                              .kept = wanted * virial_length_of_mesh / trial->mesh.split.cutoff,
                              .lost = wanted * virial_length / trial->mesh.split.cutoff};
    for (enum vt_window_kind kind = VT_WINDOW_SPLINE; kind <= VT_WINDOW_PROLATE; kind++)
        for (int width = VT_WINDOW_LEAST; width <= VT_WINDOW_MOST; width++) {
            struct vt_tune_choice choice = *trial;
            choice.mesh.window = kind;
            choice.mesh.width = width;
            choice.mesh.single = request->single && request->accuracy >= single_accuracy;
            choice.cost_atoms = vt_atom_cost[choice.mesh.single][width];
            if ((request->windows && !(request->windows & 1u << kind)) ||
                (request->width && request->width != width) || total(&choice) >= total(best))
                continue;
            if (!fit_mesh(&wish, &choice.mesh, &choice.error_mesh))
                continue;
            choice.cost_waves = waves_cost(request, &choice.mesh);
            choice.error = quadrature(choice.error_split, choice.error_mesh);
            if (total(&choice) < total(best))
                *best = choice;
        }
}

static void try_cutoff(const struct vt_tune_request *request, enum vt_split_kind kind,
                       double cutoff, double wanted, struct vt_tune_choice *best)
{
    struct vt_tune_choice trial = {.pairs = true, .cost_pairs = pairs_cost(request, cutoff)};
    double beyond = 0; /* what Gaussian charges lack of point charges at the cutoff */
    if (request->model_alpha > 0)
        beyond = vt_target_error(request->model_alpha, cutoff, &request->cloud);
    const double share = fmin(share_of_split, pow(virial_length / cutoff, 2));
    const double allowed = wanted * wanted * share - beyond * beyond;
    if (allowed <= 0.1 * share * wanted * wanted)
        return;
    if (!fit_split(request, kind, cutoff, sqrt(allowed), &trial.mesh.split))
        return;
    trial.error_split = quadrature(beyond, vt_split_error(&trial.mesh.split, &request->cloud));
    try_windows(request, &trial, wanted, best);
}

enum vt_code vt_tune(const struct vt_tune_request *request, struct vt_tune_choice *choice,
                     struct vt_error *error)
{
    assert(request->accuracy > 0 && request->cutoff_least > 0 &&
           request->cutoff_most >= request->cutoff_least);
    assert(request->cloud.n_atoms > 0 && request->ranks > 0);
    const double wanted = aim * request->accuracy;
    struct vt_charge_cloud *cloud = (struct vt_charge_cloud[]){request->cloud};
    cloud->squares = fmax(cloud->squares, 1e-6 * cloud->n_atoms); /* charges may all be 0, yet */
    struct vt_tune_request copy = *request;
    copy.cloud = *cloud;
    struct vt_tune_choice best = {.cost_pairs = INFINITY};
    for (enum vt_split_kind kind = VT_SPLIT_GAUSS; kind <= VT_SPLIT_PROLATE; kind++)
        for (double cutoff = request->cutoff_least; cutoff <= request->cutoff_most + 1e-9;
             cutoff += cutoff_step)
            if (!request->splits || request->splits & 1u << kind)
                try_cutoff(&copy, kind, cutoff, wanted, &best);
    if (request->model_alpha > 0) {
        struct vt_tune_choice trial = {.pairs = false};
        trial.mesh.split = vt_split_gauss(request->model_alpha, 6.3 / request->model_alpha);
        try_windows(&copy, &trial, wanted, &best);
    }
    if (!isfinite(total(&best))) {
        vt_fail(error, VT_INPUT, "no mesh reaches an accuracy of %.1e with pairs up to %g A",
                request->accuracy, request->cutoff_most);
        vt_hint(error, "ask for less, or let the pairs reach further");
        return VT_INPUT;
    }
    *choice = best;
    return VT_OK;
}
