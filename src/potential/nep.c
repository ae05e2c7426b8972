/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each block of the numbers lies. The order is that of the file:
 *
 *     networks (one, or one per type)   w0, b0, w1, charges: wq, NEP5: bias
 *     charges: sqrt(epsilon_inf)
 *     common bias
 *     radial coefficients, angular coefficients
 *     q_scaler
 *     flexible ZBL: one row per pair of types
 *
 * Every size below is bounded by the limits of nep.h, so no product can overflow. */
#include "potential/nep.h"

#include <assert.h>
#include <stdio.h>

#include "base/elements.h"
#include "base/memory.h"
#include "potential/covalent_radii_table.h"
#include "potential/nep_check.h"
#include "potential/nep_token.h"

/* NEP3 has one network, which all types share. */
static size_t network_count(const struct vt_nep *model)
{
    return model->version == 3 ? 1 : (size_t)model->n_types;
}

static size_t network_size(const struct vt_nep *model)
{
    const size_t neurons = (size_t)model->neurons;
    const size_t per_neuron = (size_t)model->dimension + 2 + (model->charge_mode ? 1 : 0);
    return neurons * per_neuron + (model->version == 5 ? 1 : 0);
}

static size_t common_bias_index(const struct vt_nep *model)
{
    return network_count(model) * network_size(model) + (model->charge_mode ? 1 : 0);
}

static size_t expansion_size(const struct vt_nep *model, int n_max, int k_max)
{
    assert(n_max >= 0 && k_max >= 0);
    const size_t types = (size_t)model->n_types;
    return (size_t)(n_max + 1) * (size_t)(k_max + 1) * types * types;
}

static size_t radial_index(const struct vt_nep *model)
{
    return common_bias_index(model) + 1;
}

static size_t angular_index(const struct vt_nep *model)
{
    return radial_index(model) + expansion_size(model, model->n_radial, model->k_radial);
}

static size_t zbl_index(const struct vt_nep *model)
{
    return model->n_trainable + (size_t)model->dimension;
}

void vt_nep_set_sizes(struct vt_nep *model)
{
    assert(model);
    assert(model->n_types > 0 && model->neurons > 0);
    model->n_blocks = model->l_max;
    for (int i = 0; i < VT_NEP_TERMS; i++)
        model->n_blocks += model->term[i] ? 1 : 0;
    model->dimension = model->n_radial + 1 + (model->n_angular + 1) * model->n_blocks;
    model->n_trainable =
        angular_index(model) + expansion_size(model, model->n_angular, model->k_angular);
    model->n_numbers = zbl_index(model);
    if (model->zbl == VT_ZBL_FLEXIBLE) {
        const size_t types = (size_t)model->n_types;
        model->n_numbers += VT_ZBL_ROW * (types * (types + 1) / 2);
    }
}

enum vt_code vt_nep_finish_header(struct vt_nep *model, struct vt_error *error)
{
    assert(model && !model->numbers);
    static enum vt_code (*const checks[])(const struct vt_nep *, int *, struct vt_error *) = {
        vt_nep_check_elements,   vt_nep_check_zbl,   vt_nep_check_cutoffs, vt_nep_check_n_max,
        vt_nep_check_basis_size, vt_nep_check_l_max, vt_nep_check_neurons,
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        int word = 0;
        const enum vt_code code = checks[i](model, &word, error);
        if (code)
            return code;
    }
    vt_nep_set_sizes(model);
    return vt_alloc(&model->numbers, model->n_numbers, sizeof *model->numbers,
                    "the numbers of the model", error);
}

void vt_nep_destroy(struct vt_nep *model)
{
    if (!model)
        return;
    vt_free(model->numbers);
    *model = (struct vt_nep){0};
}

struct vt_nep_network vt_nep_network(const struct vt_nep *model, int type)
{
    assert(model->numbers && type >= 0 && type < model->n_types);
    const size_t which = model->version == 3 ? 0 : (size_t)type;
    const size_t neurons = (size_t)model->neurons;
    struct vt_nep_network network = {.w0 = model->numbers + which * network_size(model)};
    network.b0 = network.w0 + neurons * (size_t)model->dimension;
    network.w1 = network.b0 + neurons;
    const double *end = network.w1 + neurons;
    if (model->charge_mode) {
        network.wq = end;
        end += neurons;
    }
    if (model->version == 5)
        network.bias = *end;
    return network;
}

double vt_nep_sqrt_epsilon(const struct vt_nep *model)
{
    assert(model && model->numbers);
    return model->charge_mode ? model->numbers[common_bias_index(model) - 1] : 1.0;
}

double vt_nep_common_bias(const struct vt_nep *model)
{
    assert(model && model->numbers);
    return model->numbers[common_bias_index(model)];
}

const double *vt_nep_radial(const struct vt_nep *model)
{
    assert(model && model->numbers);
    return model->numbers + radial_index(model);
}

const double *vt_nep_angular(const struct vt_nep *model)
{
    assert(model && model->numbers);
    return model->numbers + angular_index(model);
}

const double *vt_nep_scaler(const struct vt_nep *model)
{
    assert(model && model->numbers);
    return model->numbers + model->n_trainable;
}

const double *vt_nep_zbl_row(const struct vt_nep *model, int t1, int t2)
{
    assert(model->zbl == VT_ZBL_FLEXIBLE);
    assert(t1 >= 0 && t1 < model->n_types && t2 >= 0 && t2 < model->n_types);
    const int low = t1 < t2 ? t1 : t2;
    const int high = t1 < t2 ? t2 : t1;
    const int row = low * model->n_types - low * (low - 1) / 2 + (high - low);
    return model->numbers + zbl_index(model) + (size_t)(VT_ZBL_ROW * row);
}

int vt_nep_type(const struct vt_nep *model, int atomic_number)
{
    assert(model);
    assert(atomic_number >= 0);
    for (int t = 0; t < model->n_types; t++)
        if (model->atomic_number[t] == atomic_number)
            return t;
    return -1;
}

bool vt_nep_has_uniform_cutoffs(const struct vt_nep *model)
{
    assert(model);
    assert(model->n_types > 0);
    for (int t = 1; t < model->n_types; t++)
        if (model->cutoff_radial[t] != model->cutoff_radial[0] ||
            model->cutoff_angular[t] != model->cutoff_angular[0])
            return false;
    return true;
}

static double pair_cutoff(const struct vt_nep *model, const double *cutoff, double factor, int t1,
                          int t2)
{
    assert(t1 >= 0 && t1 < model->n_types && t2 >= 0 && t2 < model->n_types);
    const double mean = 0.5 * (cutoff[t1] + cutoff[t2]);
    if (factor <= 0.0)
        return mean;
    const double typewise = factor * (vt_covalent_radius(model->atomic_number[t1]) +
                                      vt_covalent_radius(model->atomic_number[t2]));
    return typewise < mean ? typewise : mean;
}

double vt_nep_pair_cutoff_radial(const struct vt_nep *model, int t1, int t2)
{
    assert(model);
    assert(t1 >= 0 && t1 < model->n_types);
    assert(t2 >= 0 && t2 < model->n_types);
    return pair_cutoff(model, model->cutoff_radial, model->factor_radial, t1, t2);
}

double vt_nep_pair_cutoff_angular(const struct vt_nep *model, int t1, int t2)
{
    assert(model);
    assert(t1 >= 0 && t1 < model->n_types);
    assert(t2 >= 0 && t2 < model->n_types);
    return pair_cutoff(model, model->cutoff_angular, model->factor_angular, t1, t2);
}

double vt_nep_largest_cutoff(const struct vt_nep *model)
{
    assert(model);
    assert(model->n_types > 0);
    double largest = 0.0;
    for (int t1 = 0; t1 < model->n_types; t1++) {
        for (int t2 = t1; t2 < model->n_types; t2++) {
            const double radial = vt_nep_pair_cutoff_radial(model, t1, t2);
            const double angular = vt_nep_pair_cutoff_angular(model, t1, t2);
            const double pair = radial > angular ? radial : angular;
            largest = pair > largest ? pair : largest;
        }
    }
    return largest;
}

/* "NAME of ELEMENT, number I of COUNT" if the index lies in the block, which then moves past it. */
static bool describe_in_block(size_t *index, size_t count, const char *name, char *text,
                              size_t size)
{
    if (*index < count) {
        snprintf(text, size, "%s, number %zu of %zu", name, *index + 1, count);
        return true;
    }
    *index -= count;
    return false;
}

static bool describe_in_network(const struct vt_nep *model, int type, size_t *index, char *text,
                                size_t size)
{
    assert(type >= 0 && type < model->n_types);
    const size_t neurons = (size_t)model->neurons;
    const struct {
        const char *name;
        size_t count;
    } parts[] = {
        {"w0", neurons * (size_t)model->dimension},
        {"b0", neurons},
        {"w1", neurons},
        {"wq (charge weights)", model->charge_mode ? neurons : 0},
        {"the bias", model->version == 5 ? 1 : 0},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char name[64];
        if (model->version == 3)
            snprintf(name, sizeof name, "%s", parts[i].name);
        else
            snprintf(name, sizeof name, "%s of %s", parts[i].name,
                     vt_element_symbol(model->atomic_number[type]));
        if (describe_in_block(index, parts[i].count, name, text, size))
            return true;
    }
    return false;
}

char *vt_nep_describe(const struct vt_nep *model, size_t index, char *text, size_t size)
{
    assert(index < model->n_numbers && size > 0);
    for (size_t t = 0; t < network_count(model); t++)
        if (describe_in_network(model, (int)t, &index, text, size))
            return text;
    const struct {
        const char *name;
        size_t count;
    } blocks[] = {
        {"sqrt_epsilon_inf", model->charge_mode ? 1 : 0},
        {"the common bias b1", 1},
        {"radial coefficients", expansion_size(model, model->n_radial, model->k_radial)},
        {"angular coefficients", expansion_size(model, model->n_angular, model->k_angular)},
        {"q_scaler", (size_t)model->dimension},
        {"flexible ZBL parameters", model->n_numbers - zbl_index(model)},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        if (describe_in_block(&index, blocks[i].count, blocks[i].name, text, size))
            return text;
    assert(false && "the blocks cover all numbers");
    return text;
}
