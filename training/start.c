/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/start.h"

#include <assert.h>
#include <math.h>

#include "base/elements.h"
#include "base/random.h"
#include "training/streams.h"

static const double first_sqrt_epsilon = 2;
static const double bias_width = 0.01;   /* of b0 */
static const double noise_width = 0.1;   /* of coefficients, on top of the uniform part */
static const double charge_width = 0.05; /* of charge weights, as part of that of w1 */

/* ---- places among the numbers ---- */

/* Of a network: from w0 to the end, w1, and wq (0 numbers without charges). */
struct network_range {
    size_t w0, b0, w1, wq, end;
};

static struct network_range network_range(const struct vt_nep *model, int type)
{
    const struct vt_nep_network network = vt_nep_network(model, type);
    const size_t neurons = (size_t)model->neurons;
    assert(model->numbers && type >= 0 && type < model->n_types);
    const size_t w1 = (size_t)(network.w1 - model->numbers);
    const size_t wq = w1 + neurons;
    return (struct network_range){.w0 = (size_t)(network.w0 - model->numbers),
                                  .b0 = (size_t)(network.b0 - model->numbers),
                                  .w1 = w1,
                                  .wq = wq,
                                  .end = wq + (model->charge_mode ? neurons : 0) +
                                         (model->version == 5 ? 1 : 0)};
}

static int network_count(const struct vt_nep *model)
{
    return model->version == 3 ? 1 : model->n_types;
}

static size_t radial_start(const struct vt_nep *model)
{
    return (size_t)(vt_nep_radial(model) - model->numbers);
}

size_t vt_start_bias_index(const struct vt_nep *model)
{
    return radial_start(model) - 1;
}

/* [n][k][t1][t2] of one t1. */
static struct vt_parameter_matrix coefficients(const struct vt_nep *model, size_t first, int n,
                                               int k)
{
    const size_t types = (size_t)model->n_types, functions = (size_t)k + 1;
    return (struct vt_parameter_matrix){.rows = (size_t)n + 1,
                                        .columns = functions * types,
                                        .first = first,
                                        .row_step = functions * types * types,
                                        .inner = types,
                                        .outer_step = types * types,
                                        .inner_step = 1};
}

size_t vt_start_matrices(const struct vt_nep *model, struct vt_parameter_matrix *matrix)
{
    assert(model && model->numbers && matrix);
    const size_t types = (size_t)model->n_types, dimension = (size_t)model->dimension;
    const size_t angular = (size_t)(vt_nep_angular(model) - model->numbers);
    size_t n = 0;
    for (int t = 0; t < network_count(model); t++)
        matrix[n++] = (struct vt_parameter_matrix){
            .rows = (size_t)model->neurons,
            .columns = dimension,
            .first = (size_t)(vt_nep_network(model, t).w0 - model->numbers),
            .row_step = dimension,
            .inner = dimension,
            .inner_step = 1};
    for (size_t t = 0; t < types; t++) {
        matrix[n++] =
            coefficients(model, radial_start(model) + t * types, model->n_radial, model->k_radial);
        matrix[n++] = coefficients(model, angular + t * types, model->n_angular, model->k_angular);
    }
    return n;
}

void vt_start_owners(const struct vt_nep *model, int *owner)
{
    assert(model && model->numbers && owner);
    const size_t types = (size_t)model->n_types;
    for (size_t i = 0; i < radial_start(model); i++)
        owner[i] = -1;
    for (int t = 0; t < network_count(model); t++) {
        const struct network_range range = network_range(model, t);
        for (size_t i = range.w0; i < range.end; i++)
            owner[i] = t;
    }
    for (size_t i = radial_start(model); i < model->n_trainable; i++)
        owner[i] = (int)((i - radial_start(model)) / types % types);
}

/* ---- drawing ---- */

static double normal(uint32_t seed, size_t place)
{
    double value;
    vt_random_gaussian((struct vt_random){seed, VT_STREAM_START},
                       (struct vt_random_point){0, place, 0}, 1, &value);
    return value;
}

static double uniform(uint32_t seed, size_t place)
{
    double value;
    vt_random_uniform((struct vt_random){seed, VT_STREAM_START},
                      (struct vt_random_point){1, place, 0}, 1, &value);
    return value;
}

static void draw_network(struct vt_nep *model, int type, uint32_t seed)
{
    const struct network_range range = network_range(model, type);
    const double w0 = sqrt(2.0 / (model->dimension + model->neurons));
    const double w1 = sqrt(2.0 / (model->neurons + 1));
    for (size_t i = range.w0; i < range.end; i++) {
        const bool is_charge = model->charge_mode && i >= range.wq;
        const double width = i < range.b0   ? w0
                             : i < range.w1 ? bias_width
                             : is_charge    ? charge_width * w1
                             : i < range.wq ? w1
                                            : 0;
        model->numbers[i] = width * normal(seed, i);
    }
}

/* What both draws leave the same. */
static void set_rest(struct vt_nep *model)
{
    if (model->charge_mode)
        model->numbers[vt_start_bias_index(model) - 1] = first_sqrt_epsilon;
    for (size_t i = 0; i < (size_t)model->dimension; i++)
        model->numbers[model->n_trainable + i] = 1;
}

void vt_start_draw(struct vt_nep *model, uint32_t seed)
{
    assert(model && model->numbers);
    for (int t = 0; t < network_count(model); t++)
        draw_network(model, t, seed);
    model->numbers[vt_start_bias_index(model)] = 0;
    for (size_t i = radial_start(model); i < model->n_trainable; i++)
        model->numbers[i] = uniform(seed, i) - 0.5 + noise_width * normal(seed, i);
    set_rest(model);
}

void vt_start_draw_uniform(struct vt_nep *model, uint32_t seed)
{
    assert(model && model->numbers);
    for (size_t i = 0; i < model->n_trainable; i++)
        model->numbers[i] = 2 * uniform(seed, i) - 1;
    for (int t = 0; model->charge_mode && t < network_count(model); t++) {
        const struct network_range range = network_range(model, t);
        for (size_t i = range.wq; i < range.wq + (size_t)model->neurons; i++)
            model->numbers[i] = 0;
    }
    set_rest(model);
}

/* ---- from another model ---- */

static bool has_same_shape(const struct vt_nep *a, const struct vt_nep *b)
{
    bool same = a->version == b->version && a->n_radial == b->n_radial &&
                a->n_angular == b->n_angular && a->k_radial == b->k_radial &&
                a->k_angular == b->k_angular && a->l_max == b->l_max && a->neurons == b->neurons;
    for (int i = 0; i < VT_NEP_TERMS; i++)
        same = same && a->term[i] == b->term[i];
    return same;
}

static bool has_same_cutoffs(const struct vt_nep *a, int ta, const struct vt_nep *b, int tb)
{
    return fabs(a->cutoff_radial[ta] - b->cutoff_radial[tb]) < 1e-9 &&
           fabs(a->cutoff_angular[ta] - b->cutoff_angular[tb]) < 1e-9;
}

static enum vt_code check_fit(const struct vt_nep *model, const struct vt_nep *from, int *common,
                              struct vt_error *error)
{
    *common = 0;
    if (!has_same_shape(model, from)) {
        vt_fail(error, VT_INPUT, "the model to start from has another shape");
        vt_hint(error, "it has version %d, n_max %d %d, basis_size %d %d, l_max %d, %d neurons",
                from->version, from->n_radial, from->n_angular, from->k_radial, from->k_angular,
                from->l_max, from->neurons);
        return VT_INPUT;
    }
    if (from->charge_mode && from->charge_mode != model->charge_mode)
        return vt_fail(error, VT_INPUT, "the model to start from has charge mode %d, not %d",
                       from->charge_mode, model->charge_mode);
    for (int t = 0; t < model->n_types; t++) {
        const int other = vt_nep_type(from, model->atomic_number[t]);
        if (other < 0)
            continue;
        (*common)++;
        if (!has_same_cutoffs(model, t, from, other))
            return vt_fail(error, VT_INPUT,
                           "the model to start from has the cutoffs %g and %g A for %s",
                           from->cutoff_radial[other], from->cutoff_angular[other],
                           vt_element_symbol(model->atomic_number[t]));
    }
    return *common > 0
               ? VT_OK
               : vt_fail(error, VT_INPUT, "the model to start from has none of the elements");
}

static void take_network(struct vt_nep *model, int type, const struct vt_nep *from, int other)
{
    const struct network_range to = network_range(model, type), source = network_range(from, other);
    for (size_t i = 0; i < to.wq - to.w0; i++)
        model->numbers[to.w0 + i] = from->numbers[source.w0 + i];
    for (size_t i = 0; model->charge_mode && from->charge_mode && i < (size_t)model->neurons; i++)
        model->numbers[to.wq + i] = from->numbers[source.wq + i];
    if (model->version == 5)
        model->numbers[to.end - 1] = from->numbers[source.end - 1];
}

/* Coefficients of pairs of types that both know, of the radial and the angular functions. */
static void take_coefficients(struct vt_nep *model, const struct vt_nep *from)
{
    const size_t types = (size_t)model->n_types, others = (size_t)from->n_types;
    const size_t functions = (model->n_trainable - radial_start(model)) / (types * types);
    double *to = model->numbers + radial_start(model);
    const double *source = vt_nep_radial(from);
    for (size_t f = 0; f < functions; f++)
        for (size_t a = 0; a < types; a++)
            for (size_t b = 0; b < types; b++) {
                const int oa = vt_nep_type(from, model->atomic_number[a]);
                const int ob = vt_nep_type(from, model->atomic_number[b]);
                if (oa >= 0 && ob >= 0)
                    to[(f * types + a) * types + b] =
                        source[(f * others + (size_t)oa) * others + (size_t)ob];
            }
}

enum vt_code vt_start_from(struct vt_nep *model, const struct vt_nep *from, struct vt_error *error)
{
    assert(model && model->numbers && from && from->numbers);
    int common;
    const enum vt_code code = check_fit(model, from, &common, error);
    if (code)
        return code;
    for (int t = 0; t < model->n_types; t++) {
        const int other = vt_nep_type(from, model->atomic_number[t]);
        if (other >= 0)
            take_network(model, t, from, other);
    }
    take_coefficients(model, from);
    if (model->charge_mode && from->charge_mode)
        model->numbers[vt_start_bias_index(model) - 1] = vt_nep_sqrt_epsilon(from);
    model->numbers[vt_start_bias_index(model)] = vt_nep_common_bias(from);
    for (size_t i = 0; i < (size_t)model->dimension; i++)
        model->numbers[model->n_trainable + i] = vt_nep_scaler(from)[i];
    return VT_OK;
}
