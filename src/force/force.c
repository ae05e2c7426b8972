/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of things, and the plain path in double precision, the reference that every faster one
 * is compared with (the vector kernels are behind mixed.h).
 *
 *   pair geometry -> descriptors, network -> [charges -> neutral -> Coulomb -> D] -> pair forces
 *
 * Neutralisation q_i = q0_i - mean(q0) enters on both sides of the chain rule: the Coulomb energy
 * is that of the q_i, and dE/dq0_i = D_i - mean(D). Only then are forces the gradient of the
 * energy. What a centre needs in both loops (angular sums, gradients) is kept between them: about 2
 * kB an atom. */
#include "force/force.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/units.h"
#include "domain/check.h"
#include "domain/neighbours.h"
#include "domain/pairs.h"
#include "force/mixed.h"
#include "potential/descriptor.h"
#include "potential/network.h"
#include "potential/plan.h"
#include "potential/zbl.h"

/* Per-atom arrays; those from FIRST_WITH_GHOSTS on have rows for the ghosts too. */
enum row {
    ENERGY,
    ENERGY_NETWORK,
    ENERGY_ZBL,
    ENERGY_COULOMB,
    POTENTIAL, /* D */
    COULOMB_FORCE,
    ANGULAR_SUMS,
    WEIGHT, /* P = dU/dq; then P + (D - mean D) R, the weight of each descriptor in the forces */
    CHARGE_GRADIENT, /* R = dq0/dq */
    DESCRIPTOR,      /* scaled */
    RADIAL_SUMS,
    FIRST_WITH_GHOSTS,
    CHARGE = FIRST_WITH_GHOSTS,
    FORCE,
    VIRIAL,
    BORN,
    N_ROWS
};

struct vt_force {
    struct vt_force_options options;
    struct vt_plan plan;
    struct vt_mixed *mixed;       /* NULL: the plain path */
    struct vt_electric *electric; /* NULL: no charges */
    double charge_sums[2];        /* of all raw charges and their squares, when last evaluated */
    struct vt_domain own;         /* of vt_force_compute */
    struct vt_domain *domain;     /* of this call: own or the caller's */
    double *list_cutoff;          /* [type][type]: cutoffs and skin */
    struct vt_neighbours neighbours;
    struct vt_pairs pairs;
    double *row[N_ROWS];
    size_t row_capacity[N_ROWS];
    double (*pair_force)[3]; /* of one centre; plain path only */
    size_t pair_force_capacity;
    double mean_potential;    /* of D, over the atoms of all ranks */
    bool checks;              /* whether lists are looked at when they are built */
    struct vt_timers *timers; /* borrowed, or NULL */
    struct vt_results results;
};

/* Numbers an atom in a row; 0: this model or these options have no use for it. */
static size_t width(const struct vt_force *force, enum row row)
{
    const bool charges = force->plan.model->charge_mode != 0;
    switch (row) {
    case ENERGY:
    case ENERGY_NETWORK:
    case ENERGY_ZBL:
        return 1;
    case ENERGY_COULOMB:
    case POTENTIAL:
    case CHARGE:
        return charges ? 1 : 0;
    case COULOMB_FORCE:
        return charges ? 3 : 0;
    case ANGULAR_SUMS:
        return force->mixed ? 0 : (size_t)force->plan.n_sums;
    case WEIGHT:
        return force->mixed ? 0 : (size_t)force->plan.dimension;
    case CHARGE_GRADIENT:
        return charges && !force->mixed ? (size_t)force->plan.dimension : 0;
    case DESCRIPTOR:
        return force->options.descriptors ? (size_t)force->plan.dimension : 0;
    case RADIAL_SUMS:
        return force->options.radial_sums ? (size_t)(force->plan.n_types * force->plan.k_radial)
                                          : 0;
    case FORCE:
        return 3;
    case VIRIAL:
        return force->options.atom_virials ? 9 : 0;
    case BORN:
        return charges && force->options.born_charges ? 9 : 0;
    case N_ROWS:
        break;
    }
    return 0;
}

/* Is the row a sum that starts at zero? The others are set. */
static bool is_sum(const struct vt_force *force, enum row row)
{
    switch (row) {
    case ENERGY_ZBL:
    case ENERGY_COULOMB:
    case POTENTIAL:
    case COULOMB_FORCE:
    case VIRIAL:
    case BORN:
        return true;
    case FORCE:
        return !force->mixed || force->plan.model->zbl != VT_ZBL_NONE;
    default:
        return false;
    }
}

/* Numbers in a row, of all atoms that have one. */
static size_t row_size(const struct vt_force *force, enum row row)
{
    const struct vt_atoms *atoms = &force->domain->atoms;
    const int32_t rows = row < FIRST_WITH_GHOSTS ? atoms->n_local : atoms->n_all;
    return (size_t)rows * width(force, row);
}

/* Room in all rows until the lists are built again, so that ranks can exchange them whatever
 * becomes of an evaluation. */
static enum vt_code reserve_rows(struct vt_force *force, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (enum row r = 0; !code && r < N_ROWS; r++)
        if (width(force, r) > 0)
            code = vt_reserve(&force->row[r], &force->row_capacity[r], row_size(force, r),
                              sizeof(double), "per-atom results", error);
    return code;
}

static void clear_row(struct vt_force *force, enum row row)
{
    assert(row_size(force, row) <= force->row_capacity[row]);
    if (row_size(force, row) > 0)
        memset(force->row[row], 0, row_size(force, row) * sizeof(double));
}

static void clear_sums(struct vt_force *force)
{
    for (enum row r = 0; r < N_ROWS; r++)
        if (is_sum(force, r))
            clear_row(force, r);
}

static double (*vectors(const struct vt_force *force, enum row row))[3]
{
    return (double(*)[3])force->row[row];
}

static double (*tensors(const struct vt_force *force, enum row row))[9]
{
    return (double(*)[9])force->row[row];
}

static int enter(const struct vt_force *force, enum vt_force_part part)
{
    return vt_timers_enter(force->timers, (int)part);
}

static void leave(const struct vt_force *force, int outer)
{
    vt_timers_leave(force->timers, outer);
}

static size_t n_local(const struct vt_force *force)
{
    return (size_t)force->domain->atoms.n_local;
}

static struct vt_centre centre(const struct vt_force *force, size_t i)
{
    return (struct vt_centre){(int32_t)i, force->domain->atoms.type[i]};
}

/* First loop: descriptors and network of every centre. */
static void evaluate_networks(struct vt_force *force)
{
    const struct vt_plan *plan = &force->plan;
    const size_t dimension = (size_t)plan->dimension;
    const double *scaler = vt_nep_scaler(plan->model);
    for (size_t i = 0; i < n_local(force); i++) {
        double q[VT_MAX_DIMENSION];
        vt_describe(plan, &force->pairs, centre(force, i), q,
                    force->row[ANGULAR_SUMS] + i * (size_t)plan->n_sums);
        struct vt_network_output out = {.energy_gradient = force->row[WEIGHT] + i * dimension};
        if (plan->model->charge_mode)
            out.charge_gradient = force->row[CHARGE_GRADIENT] + i * dimension;
        vt_network(plan, force->domain->atoms.type[i], q, &out);
        force->row[ENERGY_NETWORK][i] = out.energy;
        if (plan->model->charge_mode)
            force->row[CHARGE][i] = out.charge;
        if (force->options.descriptors)
            for (size_t d = 0; d < dimension; d++)
                force->row[DESCRIPTOR][i * dimension + d] = q[d] * scaler[d];
        if (force->options.radial_sums)
            vt_radial_sums(plan, &force->pairs, centre(force, i),
                           force->row[RADIAL_SUMS] + i * width(force, RADIAL_SUMS));
    }
}

static double sum(const double *values, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += values[i];
    return total;
}

/* Room beside the totals of a sum for what the ranks must know of each other before they go on. */
enum { FAILED, STALE, DUE, RIDERS };

/* totals: [n + RIDERS]; the first n become the sums over all ranks. What rides along becomes that
 * of any rank: a failure (code) is the verdict on all, unless the lists are stale, which may well
 * be why. */
static enum vt_code sum_and_agree(const struct vt_force *force, double *totals, int n,
                                  enum vt_code code, struct vt_list_age *age,
                                  struct vt_error *error)
{
    MPI_Comm comm = force->domain->grid.comm;
    double *riders = totals + n;
    riders[FAILED] = code != VT_OK;
    riders[STALE] = age->stale;
    riders[DUE] = age->due;
    const int outer = enter(force, VT_PART_HALO);
    vt_sum_over_ranks(comm, totals, n + RIDERS);
    leave(force, outer);
    age->stale = riders[STALE] > 0;
    age->due = riders[DUE] > 0;
    if (age->stale || riders[FAILED] == 0)
        return VT_OK;
    return vt_agree(comm, code, 0, error);
}

/* Subtract the mean of the charges, if all ranks have them: code is what came of that. */
static enum vt_code neutralise(struct vt_force *force, enum vt_code code, struct vt_list_age *age,
                               struct vt_error *error)
{
    double *charge = force->row[CHARGE];
    double total[2 + RIDERS] = {0};
    vt_electric_sum_charges(n_local(force), charge, total);
    code = sum_and_agree(force, total, 2, code, age, error);
    if (code || age->stale)
        return code;
    memcpy(force->charge_sums, total, sizeof force->charge_sums);
    force->results.raw_charge = total[0];
    const double mean = total[0] / (double)force->domain->n_global;
    for (size_t i = 0; i < n_local(force); i++)
        charge[i] -= mean;
    return VT_OK;
}

/* The weights become P + (D - mean D) R. */
static void add_charge_weights(struct vt_force *force)
{
    const size_t dimension = (size_t)force->plan.dimension;
    const double *potential = force->row[POTENTIAL], mean = force->mean_potential;
    for (size_t i = 0; i < n_local(force); i++)
        for (size_t d = 0; d < dimension; d++)
            force->row[WEIGHT][i * dimension + d] +=
                (potential[i] - mean) * force->row[CHARGE_GRADIENT][i * dimension + d];
}

/* Electrostatics of the neutral charges. What lies in k space needs no ghosts: it is done while
 * their charges travel. */
static enum vt_code add_coulomb(struct vt_force *force, struct vt_error *error)
{
    struct vt_coulomb_sums sums = {.energies = force->row[ENERGY_COULOMB],
                                   .potentials = force->row[POTENTIAL],
                                   .forces = vectors(force, COULOMB_FORCE),
                                   .virials =
                                       force->options.atom_virials ? tensors(force, VIRIAL) : NULL};
    int outer = enter(force, VT_PART_HALO);
    vt_halo_forward_begin(force->domain->halo, force->row[CHARGE], 1);
    leave(force, outer);
    const enum vt_code code =
        vt_electric_add_waves(force->electric, force->domain, force->row[CHARGE], &sums, error);
    outer = enter(force, VT_PART_HALO);
    vt_halo_forward_end(force->domain->halo);
    leave(force, outer);
    if (code)
        return code;
    vt_electric_add_pairs(force->electric, force->domain, &force->pairs, force->row[CHARGE], &sums);
    force->results.energy_coulomb = sums.energy;
    memcpy(force->results.virial, sums.virial, sizeof sums.virial);
    double total = sum(force->row[POTENTIAL], n_local(force));
    outer = enter(force, VT_PART_HALO);
    vt_sum_over_ranks(force->domain->grid.comm, &total, 1);
    leave(force, outer);
    force->mean_potential = total / (double)force->domain->n_global;
    return VT_OK;
}

/* ZBL of the pairs of centre i: half of each, since every pair comes twice. */
static void add_zbl(struct vt_force *force, size_t i)
{
    const struct vt_plan *plan = &force->plan;
    double(*pair_force)[3] = force->pair_force;
    for (int t = 0; t < plan->n_types; t++) {
        const int types = force->domain->atoms.type[i] * plan->n_types + t;
        const size_t g = i * (size_t)plan->n_types + (size_t)t;
        for (size_t p = force->pairs.first[g]; p < force->pairs.last[g]; p++, pair_force++) {
            const struct vt_pair *pair = &force->pairs.pair[p];
            if (pair->r >= plan->cutoff_angular[types])
                continue;
            double slope;
            force->row[ENERGY_ZBL][i] += 0.5 * vt_zbl_energy(&plan->zbl[types], pair->r, &slope);
            for (int d = 0; d < 3; d++)
                (*pair_force)[d] += 0.5 * slope * pair->u[d];
        }
    }
}

/* Forces and virial from the pair gradients f = dE_i/dr_ij of centre i: F_i += f, F_j -= f, W -=
 * r_ij f, booked on j. */
static void scatter_forces(struct vt_force *force, size_t i)
{
    const struct vt_pairs *pairs = &force->pairs;
    double(*out)[3] = vectors(force, FORCE), (*virials)[9] = tensors(force, VIRIAL);
    const double(*f)[3] = (const double(*)[3])force->pair_force;
    for (size_t g = i * (size_t)pairs->n_types; g < (i + 1) * (size_t)pairs->n_types; g++)
        for (size_t p = pairs->first[g]; p < pairs->last[g]; p++, f++) {
            const int32_t j = pairs->neighbour[p];
            const struct vt_pair *pair = &pairs->pair[p];
            const double minus_r[3] = {-pair->r * pair->u[0], -pair->r * pair->u[1],
                                       -pair->r * pair->u[2]};
            for (int d = 0; d < 3; d++) {
                out[i][d] += (*f)[d];
                out[j][d] -= (*f)[d];
            }
            vt_add_outer(force->results.virial, minus_r, *f);
            if (force->options.atom_virials)
                vt_add_outer(virials[j], minus_r, *f);
        }
}

/* Born charges: half of r_ij h for the centre, minus that for the neighbour, h = dq0_i/dr_ij. */
static void scatter_born(struct vt_force *force, size_t i)
{
    const struct vt_pairs *pairs = &force->pairs;
    double(*born)[9] = tensors(force, BORN);
    const double(*h)[3] = (const double(*)[3])force->pair_force;
    for (size_t g = i * (size_t)pairs->n_types; g < (i + 1) * (size_t)pairs->n_types; g++)
        for (size_t p = pairs->first[g]; p < pairs->last[g]; p++, h++) {
            const struct vt_pair *pair = &pairs->pair[p];
            double plus[3], minus[3];
            for (int d = 0; d < 3; d++) {
                plus[d] = 0.5 * pair->r * pair->u[d];
                minus[d] = -plus[d];
            }
            vt_add_outer(born[i], plus, *h);
            vt_add_outer(born[pairs->neighbour[p]], minus, *h);
        }
}

/* Second loop: pair forces of every centre. */
static void add_pair_forces(struct vt_force *force)
{
    const struct vt_plan *plan = &force->plan;
    if (plan->model->charge_mode)
        add_charge_weights(force);
    const size_t dimension = (size_t)plan->dimension;
    for (size_t i = 0; i < n_local(force); i++) {
        const double *sums = force->row[ANGULAR_SUMS] + i * (size_t)plan->n_sums;
        vt_pair_forces(plan, &force->pairs, centre(force, i), force->row[WEIGHT] + i * dimension,
                       sums, force->pair_force);
        if (plan->model->zbl != VT_ZBL_NONE)
            add_zbl(force, i);
        scatter_forces(force, i);
        if (width(force, BORN)) {
            vt_pair_forces(plan, &force->pairs, centre(force, i),
                           force->row[CHARGE_GRADIENT] + i * dimension, sums, force->pair_force);
            scatter_born(force, i);
        }
    }
}

static struct vt_mixed_output mixed_output(struct vt_force *force)
{
    return (struct vt_mixed_output){.network = force->row[ENERGY_NETWORK],
                                    .zbl = force->row[ENERGY_ZBL],
                                    .charge = force->row[CHARGE],
                                    .radial_sums = force->row[RADIAL_SUMS],
                                    .force = vectors(force, FORCE),
                                    .virial = force->results.virial};
}

/* Up to energies and raw charges; what a rank can do by itself. */
static enum vt_code do_first_half(struct vt_force *force, struct vt_error *error)
{
    const bool charges = force->plan.model->charge_mode != 0;
    const struct vt_domain *domain = force->domain;
    const struct vt_view view = {&domain->atoms, &force->neighbours, force->plan.cutoff};
    enum vt_code code = VT_OK;
    if (!force->mixed || (charges && vt_electric_wants_pairs(force->electric))) {
        const int outer = enter(force, force->mixed ? VT_PART_COULOMB : VT_PART_SHORT_RANGE);
        code = vt_pairs_update(&force->pairs, &view, error);
        leave(force, outer);
    }
    if (!code && !force->mixed)
        code = vt_reserve(&force->pair_force, &force->pair_force_capacity, force->pairs.n_most,
                          sizeof *force->pair_force, "pairs", error);
    if (code)
        return code;
    if (!force->mixed) {
        evaluate_networks(force);
        return VT_OK;
    }
    code = vt_mixed_start(force->mixed, domain, &force->neighbours, error);
    const struct vt_mixed_output out = mixed_output(force);
    if (!code)
        code = charges ? vt_mixed_describe(force->mixed, &out, error)
                       : vt_mixed_evaluate(force->mixed, &out, error);
    return code;
}

/* Forces, once the charges and their potentials are known, of ghosts too. */
static void do_second_half(struct vt_force *force)
{
    if (force->mixed) {
        const struct vt_mixed_output out = mixed_output(force);
        if (force->plan.model->charge_mode)
            vt_mixed_push(force->mixed, force->row[POTENTIAL], force->mean_potential, &out);
        vt_mixed_collect(force->mixed, &out);
    } else
        add_pair_forces(force);
}

/* What belongs to ghosts is added to their atoms. */
static void collect_ghosts(struct vt_force *force)
{
    const int outer = enter(force, VT_PART_HALO);
    for (enum row r = FORCE; r < N_ROWS; r++)
        if (width(force, r))
            vt_halo_reverse(force->domain->halo, force->row[r], (int)width(force, r));
    leave(force, outer);
}

/* Born charges: the derivatives and the charge itself, unscreened. */
static void finish_born(struct vt_force *force)
{
    const double scale = vt_nep_sqrt_epsilon(force->plan.model);
    for (size_t i = 0; i < n_local(force); i++)
        for (int c = 0; c < 9; c++) {
            double *z = &tensors(force, BORN)[i][c];
            *z = scale * (*z + (c % 4 == 0 ? force->row[CHARGE][i] : 0));
        }
}

/* The parts of energies and forces of each atom together. */
static void add_parts(struct vt_force *force)
{
    const bool charges = force->plan.model->charge_mode != 0;
    for (size_t i = 0; i < n_local(force); i++) {
        force->row[ENERGY][i] = force->row[ENERGY_NETWORK][i] + force->row[ENERGY_ZBL][i];
        if (!charges)
            continue;
        force->row[ENERGY][i] += force->row[ENERGY_COULOMB][i];
        for (int d = 0; d < 3; d++)
            vectors(force, FORCE)[i][d] += vectors(force, COULOMB_FORCE)[i][d];
    }
}

/* Totals over all ranks, if all have theirs. */
static enum vt_code add_totals(struct vt_force *force, enum vt_code code, struct vt_list_age *age,
                               struct vt_error *error)
{
    struct vt_results *r = &force->results;
    double total[11 + RIDERS];
    memcpy(total, r->virial, sizeof r->virial);
    total[9] = sum(force->row[ENERGY_NETWORK], n_local(force)) +
               sum(force->row[ENERGY_ZBL], n_local(force));
    total[10] = r->energy_coulomb;
    code = sum_and_agree(force, total, 11, code, age, error);
    if (code || age->stale)
        return code;
    memcpy(r->virial, total, sizeof r->virial);
    r->energy_short_range = total[9];
    r->energy_coulomb = total[10];
    r->energy = total[9] + total[10];
    return VT_OK;
}

/* Where the results lie. Rows that have no use are NULL. */
static void set_results(struct vt_force *force)
{
    struct vt_results *r = &force->results;
    r->energies = force->row[ENERGY];
    r->energies_network = force->row[ENERGY_NETWORK];
    r->energies_zbl = force->row[ENERGY_ZBL];
    r->energies_coulomb = force->row[ENERGY_COULOMB];
    r->forces = (const double(*)[3])vectors(force, FORCE);
    r->virials = (const double(*)[9])tensors(force, VIRIAL);
    r->charges = force->row[CHARGE];
    r->potentials = force->row[POTENTIAL];
    r->born = (const double(*)[9])tensors(force, BORN);
    r->descriptors = force->row[DESCRIPTOR];
    r->radial_sums = force->row[RADIAL_SUMS];
}

/* How far ghosts must reach. */
static double largest_reach(const struct vt_force *force)
{
    const double lists = force->plan.largest_cutoff;
    return force->electric ? fmax(lists, vt_electric_reach(force->electric)) : lists;
}

enum vt_code vt_force_plan(struct vt_force *force, const struct vt_electric_basis *basis,
                           const struct vt_grid *grid, struct vt_error *error)
{
    assert(force && basis && grid);
    return force->electric ? vt_electric_plan(force->electric, basis, grid, error) : VT_OK;
}

bool vt_force_basis(const struct vt_force *force, struct vt_electric_basis *basis)
{
    return force->electric && vt_electric_basis(force->electric, basis);
}

struct vt_electric_choice vt_force_electrostatics(const struct vt_force *force)
{
    assert(force->electric);
    return vt_electric_choice(force->electric);
}

enum vt_code vt_force_measure(const struct vt_force *force, struct vt_measured *measured,
                              struct vt_error *error)
{
    const struct vt_nep *model = force->plan.model;
    assert(model->charge_mode == 1 || model->charge_mode == 2);
    const struct vt_measure_input input = {
        .domain = force->domain,
        .target_alpha = model->charge_mode == 2 ? VT_PI / force->plan.cutoff_radial[0] : 0,
        .charges = force->row[CHARGE],
        .potentials = force->row[POTENTIAL],
        .forces = (const double(*)[3])vectors(force, COULOMB_FORCE)};
    return vt_measure_electrostatics(&input, measured, error);
}

/* Ghosts and lists. */
static enum vt_code build_lists(struct vt_force *force, struct vt_domain *domain, double reach,
                                double skin, struct vt_error *error)
{
    const struct vt_plan *plan = &force->plan;
    for (int pair = 0; pair < plan->n_types * plan->n_types; pair++)
        force->list_cutoff[pair] = plan->cutoff[pair] + skin;
    enum vt_code code = vt_halo_build(domain->halo, &domain->atoms, reach + skin, error);
    if (code)
        return code;
    force->domain = domain;
    code =
        vt_neighbours_build(&force->neighbours, domain, plan->n_types, force->list_cutoff, error);
    if (!code && force->checks) {
        assert(vt_atoms_is_valid(&domain->atoms));
        assert(vt_halo_is_valid(domain->halo, &domain->atoms));
        assert(vt_neighbours_is_valid(&force->neighbours, domain, force->list_cutoff));
    }
    if (!code)
        code = reserve_rows(force, error);
    return vt_agree(domain->grid.comm, code, 0, error);
}

/* What the atoms have, which takes a first half of an evaluation. */
static enum vt_code look_at_charges(struct vt_force *force, struct vt_domain *domain,
                                    struct vt_error *error)
{
    enum vt_code code = build_lists(force, domain, force->plan.largest_cutoff, 0, error);
    if (code)
        return code;
    clear_sums(force);
    code = vt_agree(domain->grid.comm, do_first_half(force, error), 0, error);
    vt_electric_sum_charges(n_local(force), force->row[CHARGE], force->charge_sums);
    vt_sum_over_ranks(domain->grid.comm, force->charge_sums, 2);
    return code;
}

/* The charges of the last evaluation are known to all ranks, and the same after a restart. */
static enum vt_code plan_electrostatics(struct vt_force *force, struct vt_domain *domain,
                                        struct vt_error *error)
{
    struct vt_electric_basis basis;
    if (!vt_electric_basis(force->electric, &basis)) {
        const enum vt_code code = look_at_charges(force, domain, error);
        if (code)
            return code;
    }
    basis = vt_electric_basis_of((double)domain->n_global, force->charge_sums, &domain->cell);
    basis.is_for_once = domain == &force->own;
    return vt_electric_follow_charges(force->electric, &basis, &domain->grid, error);
}

enum vt_code vt_force_rebuild(struct vt_force *force, struct vt_domain *domain, double skin,
                              struct vt_error *error)
{
    assert(force && domain && skin >= 0);
    enum vt_code code = vt_domain_migrate(domain, error);
    if (!code && force->electric && vt_electric_is_planned(force->electric))
        code = plan_electrostatics(force, domain, error);
    if (!code)
        code = build_lists(force, domain, largest_reach(force), skin, error);
    return code || !force->electric ? code
                                    : vt_electric_rebuild(force->electric, domain, skin, error);
}

/* Charges of all ranks, and what comes of them. */
static enum vt_code evaluate_charges(struct vt_force *force, enum vt_code code,
                                     struct vt_list_age *age, struct vt_error *error)
{
    code = neutralise(force, code, age, error);
    if (code || age->stale)
        return code;
    const int outer = enter(force, VT_PART_COULOMB);
    code = add_coulomb(force, error);
    leave(force, outer);
    return code;
}

/* All of it; what is not booked elsewhere is the short-ranged part. The first sum over the ranks
 * tells whether all are well. Without charges there is none before the totals: a rank that is not
 * well exchanges zeros until then, since the others do not know. */
static enum vt_code evaluate(struct vt_force *force, struct vt_list_age *age,
                             struct vt_error *error)
{
    clear_sums(force);
    enum vt_code code = age->stale ? VT_OK : do_first_half(force, error);
    if (force->plan.model->charge_mode) {
        code = evaluate_charges(force, code, age, error);
        if (code || age->stale)
            return code;
    }
    const bool is_well = !code && !age->stale;
    if (is_well)
        do_second_half(force);
    else
        clear_row(force, FORCE);
    collect_ghosts(force);
    if (is_well) {
        add_parts(force);
        if (width(force, BORN))
            finish_born(force);
    }
    code = add_totals(force, code, age, error);
    if (!code && !age->stale)
        set_results(force);
    return code;
}

enum vt_code vt_force_evaluate_fresh(struct vt_force *force, struct vt_list_age *age,
                                     struct vt_error *error)
{
    assert(force && age && force->domain && force->domain->n_global > 0);
    force->results = (struct vt_results){0};
    const int outer = enter(force, VT_PART_SHORT_RANGE);
    const enum vt_code code = evaluate(force, age, error);
    leave(force, outer);
    return code;
}

enum vt_code vt_force_evaluate(struct vt_force *force, struct vt_domain *domain,
                               struct vt_error *error)
{
    assert(force && domain && domain == force->domain); /* whose lists they are */
    struct vt_list_age age = {0};
    return vt_force_evaluate_fresh(force, &age, error);
}

void vt_force_watch(struct vt_force *force, struct vt_timers *timers)
{
    static const char *const names[VT_FORCE_PARTS] = {[VT_PART_LISTS] = "lists",
                                                      [VT_PART_HALO] = "halo",
                                                      [VT_PART_SHORT_RANGE] = "short range",
                                                      [VT_PART_COULOMB] = "coulomb"};
    assert(force && timers && timers->count == 0);
    for (int part = 0; part < VT_FORCE_PARTS; part++)
        vt_timers_add(timers, names[part]);
    force->timers = timers;
}

struct vt_timers *vt_force_timers(const struct vt_force *force)
{
    return force->timers;
}

enum vt_code vt_force_compute(struct vt_force *force, const struct vt_system *system,
                              struct vt_error *error)
{
    assert(force && system && system->n_atoms > 0 && system->position && system->type);
    const struct vt_domain_input input = {
        .n = system->n_atoms, .position = system->position, .type = system->type};
    if (force->electric)
        vt_electric_forget_plan(force->electric); /* one configuration knows nothing of another */
    force->own.open = system->open;
    enum vt_code code = vt_domain_reset(&force->own, system->cell, error);
    if (!code)
        code = vt_domain_add(&force->own, &input, error);
    if (!code)
        code = vt_force_rebuild(force, &force->own, 0, error);
    if (!code)
        code = vt_force_evaluate(force, &force->own, error);
    return code;
}

const struct vt_kernel *vt_force_kernel(const struct vt_force *force)
{
    return force->mixed ? vt_mixed_kernel(force->mixed) : NULL;
}

const struct vt_results *vt_force_results(const struct vt_force *force)
{
    return &force->results;
}

static enum vt_code create_electrostatics(struct vt_force *force, struct vt_error *error)
{
    const struct vt_force_options *options = &force->options;
    if (force->plan.model->charge_mode == 0)
        return VT_OK;
    const struct vt_electric_settings settings = {
        .charge_mode = force->plan.model->charge_mode,
        .cutoff = force->plan.cutoff_radial[0], /* the same for all types with charges */
        .method = options->electrostatics,
        .accuracy = options->accuracy,
        .kernel = force->mixed ? vt_mixed_kernel(force->mixed) : NULL,
        .atomic_number = force->plan.model->atomic_number,
        .atom_virials = options->atom_virials};
    return vt_electric_create(&force->electric, &settings, error);
}

/* One rank without MPI; vt_domain_reset gives it the cells to come. */
static enum vt_code create_own_domain(struct vt_force *force, struct vt_error *error)
{
    static const double any_cell[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    static const int one_brick[3] = {1, 1, 1};
    return vt_domain_create(&force->own, MPI_COMM_NULL, any_cell, one_brick, error);
}

enum vt_code vt_force_create(struct vt_force **force, const struct vt_nep *model,
                             const struct vt_force_options *options, struct vt_error *error)
{
    assert(force && model && options);
    assert(options->electrostatics == VT_EWALD_GPUMD ||
           (options->accuracy > 0 && options->accuracy < 1));
    enum vt_code code = vt_alloc(force, 1, sizeof **force, "force evaluator", error);
    if (code)
        return code;
    (*force)->options = *options;
    (*force)->checks = vt_checks_are_wanted();
    code = vt_plan_create(&(*force)->plan, model, error);
    if (!code)
        code = vt_alloc(&(*force)->list_cutoff, (size_t)(model->n_types * model->n_types),
                        sizeof(double), "cutoffs", error);
    if (!code && options->precision == VT_MIXED && !options->born_charges &&
        !options->atom_virials && !options->descriptors)
        code = vt_mixed_create(&(*force)->mixed, &(*force)->plan,
                               options->kernel ? options->kernel : vt_kernel_best(), error);
    if (!code)
        code = create_own_domain(*force, error);
    if (!code)
        code = create_electrostatics(*force, error);
    if (code) {
        vt_force_destroy(*force);
        *force = NULL;
    }
    return code;
}

void vt_force_destroy(struct vt_force *force)
{
    if (!force)
        return;
    vt_mixed_destroy(force->mixed);
    vt_plan_destroy(&force->plan);
    vt_electric_destroy(force->electric);
    vt_domain_destroy(&force->own);
    vt_free(force->list_cutoff);
    vt_neighbours_destroy(&force->neighbours);
    vt_pairs_destroy(&force->pairs);
    for (enum row r = 0; r < N_ROWS; r++)
        vt_free(force->row[r]);
    vt_free(force->pair_force);
    vt_free(force);
}
