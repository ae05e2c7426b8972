/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/train_config.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"

static const struct vt_word optimizers[] = {
    {"auto", VT_TRAIN_AUTO,
     "soap, then a few steps of lbfgs: the study in docs/training.md says why"},
    {"soap", VT_TRAIN_SOAP,
     "adam along axes that follow the gradients: a tenth of its steps; settings under `adam`"},
    {"adam", VT_TRAIN_ADAM, "mini-batches: settings under `adam`"},
    {"lbfgs", VT_TRAIN_LBFGS, "whole set, quasi-Newton: settings under `lbfgs`"},
    {"newton", VT_TRAIN_NEWTON, "whole set, damped Gauss-Newton: settings under `newton`"},
    {"snes", VT_TRAIN_SNES,
     "evolution strategy without gradients, as GPUMD: settings under `snes`"},
    {0}};
static const struct vt_word forms[] = {
    {"roots", VT_LOSS_ROOTS, "sum of weight x RMSE, as GPUMD: each kind of error keeps its part"},
    {"squares", VT_LOSS_SQUARES, "sum of weight x mean square"},
    {0}};
static const struct vt_word zeros[] = {
    {"elements", VT_ZERO_ELEMENTS,
     "an energy of each element, by least squares, is taken off: summary.json has them"},
    {"common", VT_ZERO_COMMON, "the energies of the set; only their mean is given to the model"},
    {0}};

/* ---- tables ---- */

#define MODEL struct vt_train_model_config
static const struct vt_entry model_entries[] = {
    {"version", VT_INTEGER_FIELD(MODEL, version), .fallback = "4", .minimum = "3", .maximum = "5",
     .help = "of NEP"},
    {"charge_mode", VT_INTEGER_FIELD(MODEL, charge_mode), .fallback = "0", .minimum = "0",
     .maximum = "2", .help = "0: no charges; 1, 2: as in docs/theory.md"},
    {"cutoff", VT_REAL_LIST(MODEL, cutoff, n_cutoff, VT_LENGTH, 2, 2 * VT_NEP_MAX_TYPES),
     .fallback = "[8 A, 4 A]", .minimum = "3 A", .maximum = "100 A",
     .help = "radial and angular; or two for each element"},
    {"n_max", VT_INTEGER_ARRAY(MODEL, n_max), .fallback = "[6, 6]", .minimum = "0", .maximum = "12",
     .help = "radial functions, counted from 0: radial, angular"},
    {"basis_size", VT_INTEGER_ARRAY(MODEL, basis_size), .fallback = "[6, 6]", .minimum = "0",
     .maximum = "16", .help = "Chebyshev functions, counted from 0: radial, angular"},
    {"l_max", VT_INTEGER_LIST(MODEL, l_max, n_l_max, 1, 1 + VT_NEP_TERMS), .fallback = "[4, 1, 0]",
     .minimum = "0", .maximum = "8",
     .help = "of 3-body terms, then switches of 222, 1111, 112, 123, 233, 134"},
    {"neurons", VT_INTEGER_FIELD(MODEL, neurons), .fallback = "30", .minimum = "1",
     .maximum = "1000", .help = "of the hidden layer"},
    {"zbl", VT_REAL_FIELD(MODEL, zbl, VT_LENGTH), .given = VT_GIVEN(MODEL, has_zbl),
     .minimum = "1 A", .maximum = "4 A", .help = "outer cutoff of the ZBL repulsion"},
    {"zbl_factor", VT_REAL_FIELD(MODEL, zbl_factor, VT_NUMBER),
     .given = VT_GIVEN(MODEL, has_zbl_factor), .minimum = "0.5", .maximum = "100",
     .help = "its outer cutoff is at most this times the sum of the covalent radii"},
    {"zbl_from_set", VT_BOOL_FIELD(MODEL, zbl_from_set), .fallback = "false",
     .help =
         "its outer cutoff is, up to zbl, 0.9 of the shortest distance of the two elements in the "
         "training frames, so that it fills the gap that the frames leave"},
    {0}};
#undef MODEL

static void check_zbl(const struct vt_train_model_config *model, struct vt_config_check *check)
{
    if (model->has_zbl_factor && !model->has_zbl)
        vt_hint(vt_check_fail(check, "zbl_factor", "there is no ZBL repulsion to scale"),
                "zbl: 2 A");
    if (model->zbl_from_set && !model->has_zbl)
        vt_hint(vt_check_fail(check, "zbl_from_set", "there is no ZBL repulsion to end"),
                "zbl: 3 A");
    if (model->zbl_from_set && model->has_zbl_factor)
        vt_hint(vt_check_fail(check, "zbl_from_set", "zbl_factor says where the repulsion ends"),
                "leave one of them out");
    double angular = INFINITY;
    for (size_t i = 0; i + 1 < model->n_cutoff; i += 2)
        angular = fmin(angular, model->cutoff[i + 1]);
    if (model->has_zbl && model->zbl > angular)
        vt_check_fail(check, "zbl",
                      "%g A is beyond the angular cutoff, %g A, and so would be cut off there",
                      model->zbl, angular);
}

static void check_model(const void *config, struct vt_config_check *check)
{
    const struct vt_train_model_config *model = config;
    if (model->n_cutoff % 2 != 0)
        vt_hint(vt_check_fail(check, "cutoff", "%zu cutoffs are no pairs", model->n_cutoff),
                "cutoff: [RADIAL, ANGULAR], or both for each element");
    for (size_t i = 0; i + 1 < model->n_cutoff; i += 2)
        if (model->cutoff[i + 1] > model->cutoff[i])
            vt_check_fail(check, "cutoff", "the angular cutoff %g A is above the radial one, %g A",
                          model->cutoff[i + 1], model->cutoff[i]);
    if (model->charge_mode > 0 && model->n_cutoff > 2)
        vt_check_fail(check, "cutoff", "models with charges have one pair of cutoffs");
    if (model->charge_mode > 0 && model->version != 4)
        vt_check_fail(check, "version", "models with charges are of version 4");
    check_zbl(model, check);
    if (model->n_l_max > 0 && model->l_max[0] < 2)
        vt_check_fail(check, "l_max", "the first number is %lld, and 2 to %d are possible",
                      (long long)model->l_max[0], VT_NEP_MAX_L);
    for (size_t i = 1; i < model->n_l_max; i++)
        if (model->l_max[i] > 2)
            vt_hint(
                vt_check_fail(check, "l_max", "switch %zu is %lld", i, (long long)model->l_max[i]),
                "0: off, 1: on (222 may be written 2)");
}

static const struct vt_table model_table = {
    "model", "What is trained", sizeof(struct vt_train_model_config), model_entries, check_model};

#define LOSS struct vt_train_loss_config
#define WEIGHT(name, value, of)                                                                    \
    {                                                                                              \
#name, VT_REAL_FIELD(LOSS, name, VT_NUMBER), .fallback = value, .minimum = "0",            \
                                                     .maximum = "1e6", .help = of                  \
    }
static const struct vt_entry loss_entries[] = {
    {"form", VT_WORD_FIELD(LOSS, form, forms), .fallback = "roots", .help = "what is minimised"},
    WEIGHT(energy, "1", "weight of energies, eV/atom"),
    WEIGHT(force, "1", "weight of forces, eV/A"),
    WEIGHT(virial, "0.1", "weight of virials, eV/atom"),
    WEIGHT(charge, "0.1", "weight of the total charge of a frame, e/atom"),
    WEIGHT(born, "0.5", "weight of Born charges, e"),
    {"l1", VT_REAL_FIELD(LOSS, l1, VT_NUMBER), .given = VT_GIVEN(LOSS, has_l1), .minimum = "0",
     .maximum = "1e6", .help = "weight of the mean magnitude of parameters; else as for l2"},
    {"l2", VT_REAL_FIELD(LOSS, l2, VT_NUMBER), .given = VT_GIVEN(LOSS, has_l2), .minimum = "0",
     .maximum = "1e6",
     .help = "weight of their root mean square; else sqrt(1e-6 parameters / elements), as GPUMD"},
    {"shear", VT_REAL_FIELD(LOSS, shear, VT_NUMBER), .fallback = "1", .minimum = "0",
     .maximum = "1e3", .help = "factor on errors of virials off the diagonal"},
    {"force_delta", VT_REAL_FIELD(LOSS, force_delta, VT_FORCE), .fallback = "0 eV/A",
     .minimum = "0 eV/A", .help = "forces F count by delta/(delta + F); 0: all alike"},
    {"huber", VT_REAL_FIELD(LOSS, huber, VT_FORCE), .fallback = "0 eV/A", .minimum = "0 eV/A",
     .help = "errors of forces beyond this count by their first power; 0: by the second, all"},
    {"type_weight", VT_REAL_LIST(LOSS, type_weight, n_type_weight, VT_NUMBER, 1, VT_NEP_MAX_TYPES),
     .minimum = "0", .maximum = "1e3", .help = "of errors of forces on each element; else 1"},
    {0}};
#undef WEIGHT
#undef LOSS
static const struct vt_table loss_table = {"loss", "What is minimised",
                                           sizeof(struct vt_train_loss_config), loss_entries, NULL};

#define ADAM struct vt_train_adam_config
static const struct vt_entry adam_entries[] = {
    {"batch", VT_INTEGER_FIELD(ADAM, batch), .fallback = "1", .minimum = "1", .maximum = "1000000",
     .help = "frames of a mini-batch"},
    {"epochs", VT_INTEGER_FIELD(ADAM, epochs), .fallback = "400", .minimum = "1",
     .maximum = "10000000", .help = "passes over the set, in which the rate decays"},
    {"rate", VT_REAL_FIELD(ADAM, rate, VT_NUMBER), .fallback = "0.01", .above = "0", .maximum = "1",
     .help = "largest change of a parameter in a step"},
    {"last_rate", VT_REAL_FIELD(ADAM, last_rate, VT_NUMBER), .fallback = "1e-5", .minimum = "0",
     .maximum = "1", .help = "the same at the end"},
    {0}};
#undef ADAM
static const struct vt_table adam_table = {"adam", "Mini-batches, by soap or adam",
                                           sizeof(struct vt_train_adam_config), adam_entries, NULL};

#define STEPS struct vt_train_steps_config
static const struct vt_entry lbfgs_entries[] = {
    {"steps", VT_INTEGER_FIELD(STEPS, steps), .fallback = "100", .minimum = "1",
     .maximum = "10000000", .help = "iterations; without soap before it, a thousand and more"},
    {0}};
static const struct vt_table lbfgs_table = {
    "lbfgs", "L-BFGS on the whole set", sizeof(struct vt_train_steps_config), lbfgs_entries, NULL};
static const struct vt_entry newton_entries[] = {
    {"steps", VT_INTEGER_FIELD(STEPS, steps), .fallback = "50", .minimum = "1",
     .maximum = "10000000", .help = "iterations, each of up to 60 products of the curvature"},
    {0}};
static const struct vt_table newton_table = {"newton", "Damped Gauss-Newton on the whole set",
                                             sizeof(struct vt_train_steps_config), newton_entries,
                                             NULL};
#undef STEPS

#define SNES struct vt_train_snes_config
static const struct vt_entry snes_entries[] = {
    {"population", VT_INTEGER_FIELD(SNES, population), .fallback = "50", .minimum = "10",
     .maximum = "200", .help = "individuals of a generation"},
    {"generations", VT_INTEGER_FIELD(SNES, generations), .fallback = "100000", .minimum = "1",
     .maximum = "10000000", .help = "steps"},
    {"batch", VT_INTEGER_FIELD(SNES, batch), .fallback = "1000", .minimum = "1",
     .maximum = "1000000", .help = "frames of a batch"},
    {"sigma", VT_REAL_FIELD(SNES, sigma, VT_NUMBER), .fallback = "0.1", .minimum = "0.01",
     .maximum = "0.1", .help = "first width of the parameters"},
    {"initial_para", VT_REAL_FIELD(SNES, initial_para, VT_NUMBER), .fallback = "1",
     .minimum = "0.1", .maximum = "1", .help = "of all parameters when q_scaler is computed"},
    {0}};
#undef SNES
static const struct vt_table snes_table = {"snes", "The evolution strategy of GPUMD",
                                           sizeof(struct vt_train_snes_config), snes_entries, NULL};

#define OUTPUT struct vt_train_output_config
static const struct vt_entry output_entries[] = {
    {"directory", VT_PATH_FIELD(OUTPUT, directory), .required = true,
     .help = "all results go here; refused if it holds another run"},
    {"record", VT_REAL_FIELD(OUTPUT, record, VT_NUMBER), .fallback = "5", .above = "0",
     .maximum = "1e9",
     .help = "passes over the set from line to line of loss.out; for snes, generations by 50"},
    {"checkpoint", VT_REAL_FIELD(OUTPUT, checkpoint, VT_WALLTIME), .fallback = "60 s",
     .minimum = "0 s", .help = "time between checkpoints"},
    {0}};
#undef OUTPUT
static const struct vt_table output_table = {
    "output", "What is written", sizeof(struct vt_train_output_config), output_entries, NULL};

#define TRAIN struct vt_train_config
static const struct vt_entry test_choices[] = {
    {"fraction", VT_REAL_FIELD(TRAIN, test_fraction, VT_FRACTION), .above = "0", .below = "1",
     .help = "of the training frames, held back"},
    {"path", VT_PATH_FIELD(TRAIN, test_file), .help = "frames of its own"},
    {0}};

#define RESULT_ENTRIES                                                                             \
    {"train", VT_PATH_FIELD(TRAIN, train), .required = true,                                       \
     .help = "frames with energy and forces: extended XYZ, CP2K or VASP output"},                  \
        {"test", VT_UNION_FIELD(TRAIN, test, test_choices),                                        \
         .help = "frames that the model is judged by; without them by the training frames"},       \
        {"elements", VT_STRING_LIST(TRAIN, elements, n_elements, 1, VT_NEP_MAX_TYPES),             \
         .help = "of the model, in its order; else those of the frames as they come"},             \
        {"model", VT_MAP_FIELD(TRAIN, model, &model_table), .help = "what is trained"},            \
        {"loss", VT_MAP_FIELD(TRAIN, loss, &loss_table), .help = "what is minimised"},             \
        {"optimizer", VT_WORD_FIELD(TRAIN, optimizer, optimizers), .fallback = "auto",             \
         .help = "how"},                                                                           \
        {"adam", VT_MAP_FIELD(TRAIN, adam, &adam_table), .help = "of soap, adam and auto"},        \
        {"lbfgs", VT_MAP_FIELD(TRAIN, lbfgs, &lbfgs_table), .help = "of lbfgs and auto"},          \
        {"newton", VT_MAP_FIELD(TRAIN, newton, &newton_table), .help = "of newton"},               \
        {"snes", VT_MAP_FIELD(TRAIN, snes, &snes_table), .help = "of snes"},                       \
        {"seed",         VT_INTEGER_FIELD(TRAIN, seed), .fallback = "1",                           \
         .minimum = "0", .maximum = "4294967295",       .help = "of all random numbers"},          \
        {"bootstrap", VT_BOOL_FIELD(TRAIN, bootstrap), .fallback = "false",                        \
         .help =                                                                                   \
             "train with as many frames, drawn by the seed with repetition from those of each "    \
             "config_type: for committees"},                                                       \
        {"energy_zero", VT_WORD_FIELD(TRAIN, zero, zeros), .fallback = "elements",                 \
         .help = "of the model"},                                                                  \
        {"fine_tune", VT_PATH_FIELD(TRAIN, fine_tune),                                             \
         .help = "start from this model, of the same shape; its elements may be others"},          \
    {                                                                                              \
        "early_stop", VT_INTEGER_FIELD(TRAIN, early_stop), .fallback = "0", .minimum = "0",        \
                                                           .maximum = "1000000",                   \
                                                           .help = "records without a better one " \
                                                                   "before training ends; 0: not " \
                                                                   "at all"                        \
    }

static const struct vt_entry identity_entries[] = {RESULT_ENTRIES, {0}};
static const struct vt_table identity_table = {"training", "What makes the result", sizeof(TRAIN),
                                               identity_entries, NULL};

static const struct vt_entry entries[] = {
    RESULT_ENTRIES,
    {"walltime", VT_REAL_FIELD(TRAIN, walltime, VT_WALLTIME), .above = "0 s",
     .given = VT_GIVEN(TRAIN, has_walltime),
     .help = "training ends with results and a checkpoint when this time is over"},
    {"memory", VT_REAL_FIELD(TRAIN, memory, VT_NUMBER), .fallback = "2", .minimum = "0",
     .maximum = "1e6", .help = "GB of a rank for what of frames is kept; the rest is recomputed"},
    {"output", VT_MAP_FIELD(TRAIN, output, &output_table), .required = true,
     .help = "what is written"},
    {0}};
#undef TRAIN

static void check_elements(const struct vt_train_config *config, struct vt_config_check *check)
{
    for (size_t i = 0; i < config->n_elements; i++) {
        const char *symbol = config->elements[i];
        const int number = vt_atomic_number(symbol, strlen(symbol));
        if (number == 0 || number > VT_NEP_MAX_TYPES)
            vt_hint(vt_check_fail(check, "elements", "'%.20s' is no element of a model", symbol),
                    "symbols from H to Pu, case-sensitive");
        for (size_t j = 0; j < i; j++)
            if (strcmp(symbol, config->elements[j]) == 0)
                vt_check_fail(check, "elements", "%.20s is there twice", symbol);
    }
}

static void check_train(const void *pointer, struct vt_config_check *check)
{
    const struct vt_train_config *config = pointer;
    check_elements(config, check);
    if (config->n_elements > 0 && config->model.n_cutoff > 2 &&
        config->model.n_cutoff != 2 * config->n_elements)
        vt_check_fail(check, "model", "%zu cutoffs for %zu elements: two, or two for each",
                      config->model.n_cutoff, config->n_elements);
    if (config->n_elements > 0 && config->loss.n_type_weight > 0 &&
        config->loss.n_type_weight != config->n_elements)
        vt_check_fail(check, "loss", "%zu type weights for %zu elements",
                      config->loss.n_type_weight, config->n_elements);
    if (config->n_elements == 0 && (config->model.n_cutoff > 2 || config->loss.n_type_weight > 0))
        vt_hint(vt_check_fail(check, "elements", "what is said of each element needs their order"),
                "elements: [Li, O]");
    if (config->adam.last_rate > config->adam.rate)
        vt_check_fail(check, "adam", "last_rate %g is above rate %g", config->adam.last_rate,
                      config->adam.rate);
}

const struct vt_table vt_train_table = {"train", "Keywords of `vitrion train`",
                                        sizeof(struct vt_train_config), entries, check_train};

void vt_train_config_echo_identity(const struct vt_train_config *config, FILE *file)
{
    vt_config_echo(&identity_table, config, file);
}

/* ---- to a model ---- */

static void set_cutoffs(const struct vt_train_model_config *config, struct vt_nep *model)
{
    for (int t = 0; t < model->n_types; t++) {
        const size_t i = config->n_cutoff > 2 ? 2 * (size_t)t : 0;
        assert(i + 1 < config->n_cutoff);
        model->cutoff_radial[t] = config->cutoff[i];
        model->cutoff_angular[t] = config->cutoff[i + 1];
    }
}

static void set_zbl(const struct vt_train_model_config *config, struct vt_nep *model)
{
    assert(!config->has_zbl_factor || config->has_zbl);
    if (!config->has_zbl)
        return;
    if (config->zbl_from_set) {
        model->zbl = VT_ZBL_FLEXIBLE;
        return;
    }
    model->zbl = config->has_zbl_factor ? VT_ZBL_TYPEWISE : VT_ZBL_UNIVERSAL;
    model->zbl_outer = config->zbl;
    model->zbl_inner = 0.5 * config->zbl;
    model->zbl_factor = config->zbl_factor;
}

enum vt_code vt_train_config_model(const struct vt_train_config *config, struct vt_nep *model,
                                   struct vt_error *error)
{
    const struct vt_train_model_config *from = &config->model;
    assert(config->n_elements >= 1 && from->n_cutoff >= 2 && from->n_l_max >= 1);
    *model = (struct vt_nep){.version = (int)from->version,
                             .charge_mode = (int)from->charge_mode,
                             .n_types = (int)config->n_elements,
                             .n_radial = (int)from->n_max[0],
                             .n_angular = (int)from->n_max[1],
                             .k_radial = (int)from->basis_size[0],
                             .k_angular = (int)from->basis_size[1],
                             .l_max = (int)from->l_max[0],
                             .neurons = (int)from->neurons};
    for (int t = 0; t < model->n_types; t++)
        model->atomic_number[t] =
            vt_atomic_number(config->elements[t], strlen(config->elements[t]));
    for (size_t i = 1; i < from->n_l_max; i++)
        model->term[i - 1] = from->l_max[i] != 0;
    set_cutoffs(from, model);
    set_zbl(from, model);
    return vt_nep_finish_header(model, error);
}

/* ---- to stages ---- */

/* Of adam or soap. */
static struct vt_training_stage adam_stage(const struct vt_train_config *config,
                                           enum vt_optimiser_kind kind, size_t n_frames)
{
    struct vt_training_stage stage = {.optimiser = vt_optimiser_defaults(kind, n_frames)};
    struct vt_adam_settings *adam = &stage.optimiser.adam;
    adam->batch = (size_t)config->adam.batch < n_frames ? (size_t)config->adam.batch : n_frames;
    assert(adam->batch >= 1);
    const int64_t per_epoch = (int64_t)((n_frames - 1) / adam->batch + 1);
    adam->rate = config->adam.rate;
    adam->last_rate = config->adam.last_rate;
    adam->warm_up = per_epoch;
    stage.n_steps = adam->n_steps = per_epoch * config->adam.epochs;
    adam->average_decay = 1 - 1 / fmax(10, fmin(1000, 0.01 * (double)stage.n_steps));
    return stage;
}

static struct vt_training_stage plain_stage(enum vt_optimiser_kind kind, int64_t n_steps,
                                            size_t n_frames)
{
    return (struct vt_training_stage){.optimiser = vt_optimiser_defaults(kind, n_frames),
                                      .n_steps = n_steps};
}

static struct vt_training_stage snes_stage(const struct vt_train_config *config, size_t n_frames)
{
    struct vt_training_stage stage =
        plain_stage(VT_OPTIMISER_SNES, config->snes.generations, n_frames);
    stage.optimiser.snes.population = (int)config->snes.population;
    stage.optimiser.snes.sigma = config->snes.sigma;
    return stage;
}

size_t vt_train_config_stages(const struct vt_train_config *config, size_t n_frames,
                              struct vt_training_stage stage[VT_TRAIN_STAGES])
{
    assert(config && n_frames >= 1);
    const struct vt_training_stage soap = adam_stage(config, VT_OPTIMISER_SOAP, n_frames);
    const struct vt_training_stage lbfgs =
        plain_stage(VT_OPTIMISER_LBFGS, config->lbfgs.steps, n_frames);
    size_t n = 0;
    switch ((enum vt_train_optimizer)config->optimizer) {
    case VT_TRAIN_AUTO:
        stage[n++] = soap;
        stage[n++] = lbfgs;
        break;
    case VT_TRAIN_SOAP:
        stage[n++] = soap;
        break;
    case VT_TRAIN_ADAM:
        stage[n++] = adam_stage(config, VT_OPTIMISER_ADAM, n_frames);
        break;
    case VT_TRAIN_LBFGS:
        stage[n++] = lbfgs;
        break;
    case VT_TRAIN_NEWTON:
        stage[n++] = plain_stage(VT_OPTIMISER_NEWTON, config->newton.steps, n_frames);
        break;
    case VT_TRAIN_SNES:
        stage[n++] = snes_stage(config, n_frames);
        break;
    }
    for (size_t i = 0; i < n; i++) {
        stage[i].optimiser.seed = (uint32_t)config->seed;
        stage[i].record_passes =
            config->output.record *
            (stage[i].optimiser.kind == VT_OPTIMISER_SNES ? (double)config->snes.population : 1);
    }
    return n;
}
