/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/model_report.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "base/elements.h"

static const char *const charge_modes[] = {
    "none", "mode 1: point charges with screened pairs and Ewald sum",
    "mode 2: Gaussian charges, Ewald sum alone", "mode 3: screened pairs alone (withdrawn)"};

static const char *const zbl_kinds[] = {[VT_ZBL_NONE] = "none",
                                        [VT_ZBL_UNIVERSAL] = "universal",
                                        [VT_ZBL_TYPEWISE] = "universal, outer cutoff by element",
                                        [VT_ZBL_FLEXIBLE] = "flexible: parameters for each pair"};

static const char *const term_names[VT_NEP_TERMS] = {"222", "1111", "112", "123", "233", "134"};

static bool one_cutoff(const struct vt_nep *model)
{
    for (int t = 1; t < model->n_types; t++)
        if (model->cutoff_radial[t] != model->cutoff_radial[0] ||
            model->cutoff_angular[t] != model->cutoff_angular[0])
            return false;
    return true;
}

static void report_cutoffs(FILE *file, const struct vt_nep *model)
{
    if (one_cutoff(model))
        fprintf(file, "cutoffs          radial %g A, angular %g A\n", model->cutoff_radial[0],
                model->cutoff_angular[0]);
    else
        for (int t = 0; t < model->n_types; t++)
            fprintf(file, "%s %-2s radial %g A, angular %g A\n",
                    t ? "             " : "cutoffs      ",
                    vt_element_symbol(model->atomic_number[t]), model->cutoff_radial[t],
                    model->cutoff_angular[t]);
    if (model->factor_radial > 0)
        fprintf(file,
                "                 of a pair at most %g (radial) and %g (angular) times the sum "
                "of the covalent radii\n",
                model->factor_radial, model->factor_angular);
    if (model->has_max_neighbours)
        fprintf(file, "                 at most %d radial and %d angular neighbours in training\n",
                model->max_neighbours_radial, model->max_neighbours_angular);
}

static void report_zbl(FILE *file, const struct vt_nep *model)
{
    fprintf(file, "ZBL              %s", zbl_kinds[model->zbl]);
    if (model->zbl == VT_ZBL_UNIVERSAL || model->zbl == VT_ZBL_TYPEWISE)
        fprintf(file, "; inner %g A, outer %g A", model->zbl_inner, model->zbl_outer);
    if (model->zbl == VT_ZBL_TYPEWISE)
        fprintf(file, ", at most %g times the sum of the covalent radii", model->zbl_factor);
    fputc('\n', file);
}

static void report_descriptor(FILE *file, const struct vt_nep *model)
{
    fprintf(file, "radial           %d functions of %d Chebyshev polynomials each\n",
            model->n_radial + 1, model->k_radial + 1);
    fprintf(file, "angular          %d functions of %d Chebyshev polynomials each, l = 1..%d",
            model->n_angular + 1, model->k_angular + 1, model->l_max);
    bool first = true;
    for (int term = 0; term < VT_NEP_TERMS; term++)
        if (model->term[term]) {
            fprintf(file, "%s %s", first ? ", terms" : "", term_names[term]);
            first = false;
        }
    fprintf(file, "\ndescriptor       %d numbers: %d radial, %d angular\n", model->dimension,
            model->n_radial + 1, model->dimension - model->n_radial - 1);
    fprintf(file, "network          %d -> %d -> %d, %s\n", model->dimension, model->neurons,
            model->charge_mode ? 2 : 1,
            model->version == 3 ? "one for all elements" : "one for each element");
}

static void report_count(FILE *file, const char *name, size_t count)
{
    if (count > 0)
        fprintf(file, "  %-25s %9zu\n", name, count);
}

static void report_parameters(FILE *file, const struct vt_nep *model)
{
    const size_t types = (size_t)model->n_types, networks = model->version == 3 ? 1 : types;
    const size_t neurons = (size_t)model->neurons, dimension = (size_t)model->dimension;
    const size_t outputs = model->charge_mode ? 2 : 1, own_bias = model->version == 5 ? 1 : 0;
    const size_t radial = types * types * (size_t)((model->n_radial + 1) * (model->k_radial + 1));
    const size_t angular =
        types * types * (size_t)((model->n_angular + 1) * (model->k_angular + 1));
    fprintf(file, "numbers in the file\n");
    report_count(file, "networks", networks * ((dimension + 1 + outputs) * neurons + own_bias));
    report_count(file, "sqrt(epsilon_inf)", model->charge_mode ? 1 : 0);
    report_count(file, "common bias", 1);
    report_count(file, "radial coefficients", radial);
    report_count(file, "angular coefficients", angular);
    report_count(file, "= trainable", model->n_trainable);
    report_count(file, "q_scaler", dimension);
    report_count(file, "flexible ZBL",
                 model->zbl == VT_ZBL_FLEXIBLE ? types * (types + 1) / 2 * VT_ZBL_ROW : 0);
    report_count(file, "= all", model->n_numbers);
}

void vt_model_report(FILE *file, const struct vt_nep *model, const char *path)
{
    assert(file && model && path);
    assert(model->n_types > 0);
    char token[32];
    vt_nep_token(model, token);
    fprintf(file, "model            %s\n", path);
    fprintf(file, "hash             %s\n", model->hash);
    fprintf(file, "kind             %s: NEP%d%s%s\n", token, model->version,
            model->charge_mode ? " with charges" : "", model->zbl ? " and ZBL" : "");
    fprintf(file, "elements         %d:", model->n_types);
    for (int t = 0; t < model->n_types; t++)
        fprintf(file, " %s", vt_element_symbol(model->atomic_number[t]));
    fprintf(file, "\ncharges          %s\n", charge_modes[model->charge_mode]);
    if (model->charge_mode)
        fprintf(file, "                 sqrt(epsilon_inf) = %g\n", vt_nep_sqrt_epsilon(model));
    report_zbl(file, model);
    report_cutoffs(file, model);
    report_descriptor(file, model);
    report_parameters(file, model);
}

void vt_model_report_cost(FILE *file, const struct vt_nep *model,
                          const struct vt_surroundings *around, const char *where)
{
    assert(file && model && around && where);
    const struct vt_cost cost = vt_cost_estimate(model, around);
    const double total = cost.radial + cost.angular + cost.network + cost.coulomb_near;
    fprintf(file, "cost of one evaluation, counted from the formulas\n");
    fprintf(file, "  neighbours of an atom     %9.1f radial, %.1f angular (%s)\n", around->radial,
            around->angular, where);
    fprintf(file, "  radial descriptors        %9.0f operations/atom, forces included\n",
            cost.radial);
    fprintf(file, "  angular descriptors       %9.0f\n", cost.angular);
    fprintf(file, "  network                   %9.0f\n", cost.network);
    if (cost.coulomb_near > 0)
        fprintf(file, "  screened pairs            %9.0f\n", cost.coulomb_near);
    fprintf(file, "  = short-ranged            %9.0f\n", total);
    if (cost.coulomb_far > 0)
        fprintf(file,
                "  Ewald sum, gpumd setting  %9.0f with %.0f waves for %.0f atoms (grows with the "
                "volume)\n",
                cost.coulomb_far, cost.waves, around->n_atoms);
}

/* q_scaler is one over the range of a descriptor in training; the reader has refused negative ones.
 */
static int warn_of_scaler(FILE *file, const struct vt_nep *model, const char *path)
{
    int n = 0;
    const double *scaler = vt_nep_scaler(model);
    for (int d = 0; d < model->dimension; d++) {
        if (scaler[d] > 0 && scaler[d] < 1e6)
            continue;
        n++;
        fprintf(file, "%s: warning: q_scaler of descriptor %d is %g: %s\n", path, d, scaler[d],
                scaler[d] > 0 ? "it hardly varied in training" : "the network does not see it");
    }
    return n;
}

static bool all_zero(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] != 0)
            return false;
    return true;
}

static int warn_of_networks(FILE *file, const struct vt_nep *model, const char *path)
{
    int n = 0;
    const size_t neurons = (size_t)model->neurons;
    for (int t = 0; t < model->n_types; t++) {
        const struct vt_nep_network network = vt_nep_network(model, t);
        const char *symbol = vt_element_symbol(model->atomic_number[t]);
        if (all_zero(network.w1, neurons)) {
            n++;
            fprintf(
                file,
                "%s: warning: the energy of %s does not depend on its surroundings: all w1 are 0\n",
                path, symbol);
        }
        if (network.wq && all_zero(network.wq, neurons)) {
            n++;
            fprintf(file, "%s: warning: the charge of %s is always 0: all wq are 0\n", path,
                    symbol);
        }
    }
    return n;
}

int vt_model_report_warnings(FILE *file, const struct vt_nep *model, const char *path)
{
    assert(file && model && path);
    int n = warn_of_scaler(file, model, path) + warn_of_networks(file, model, path);
    if (model->charge_mode == 3) {
        n++;
        fprintf(
            file,
            "%s: warning: charge mode 3 was withdrawn: train the model again with mode 1 or 2\n",
            path);
    }
    if (model->charge_mode && !(vt_nep_sqrt_epsilon(model) >= 1)) {
        n++;
        fprintf(file, "%s: warning: sqrt(epsilon_inf) is %g, below that of vacuum\n", path,
                vt_nep_sqrt_epsilon(model));
    }
    if (!model->has_max_neighbours) {
        n++;
        fprintf(file,
                "%s: warning: the cutoff line has no neighbour counts: other programs refuse such "
                "files\n",
                path);
    }
    return n;
}
