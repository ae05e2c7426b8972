/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of keywords, each with the function that takes its values. The functions get the settings
 * and the words; what they need of other keywords must stand before, as GPUMD demands (type). */
#include "training/nep_in.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/elements.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "io/scan.h"

enum { MOST_WORDS = 2 * VT_NEP_MAX_TYPES + 2, MOST_BYTES = 1 << 20 };

/* A line: its keyword, its values, and where it stands. */
struct line {
    struct vt_word keyword;
    struct vt_word value[MOST_WORDS];
    size_t n;
};

struct keyword {
    const char *name;
    size_t least, most; /* values */
    enum vt_code (*take)(struct vt_train_settings *settings, const struct line *line,
                         struct vt_error *error);
    size_t offset; /* of the number, for those that are just one */
    double minimum, maximum;
};

/* ---- values ---- */

static enum vt_code real(const struct line *line, size_t i, const double bounds[2], double *value,
                         struct vt_error *error)
{
    char what[64];
    snprintf(what, sizeof what, "%.*s", (int)line->keyword.length, line->keyword.text);
    double number = 0;
    const enum vt_code code = vt_word_real(&line->value[i], what, &number, error);
    if (code)
        return code;
    if (number < bounds[0] || number > bounds[1])
        return vt_fail_at(error, line->value[i].place, VT_INPUT, "%s is %g, not from %g to %g",
                          what, number, bounds[0], bounds[1]);
    *value = number;
    return VT_OK;
}

static enum vt_code integer(const struct line *line, size_t i, const int64_t bounds[2],
                            int64_t *value, struct vt_error *error)
{
    char what[64];
    snprintf(what, sizeof what, "%.*s", (int)line->keyword.length, line->keyword.text);
    return vt_word_integer(&line->value[i], what, bounds[0], bounds[1], value, error);
}

static enum vt_code small_integer(const struct line *line, size_t i, const int64_t bounds[2],
                                  int *value, struct vt_error *error)
{
    int64_t number = 0;
    const enum vt_code code = integer(line, i, bounds, &number, error);
    if (!code)
        *value = (int)number;
    return code;
}

static enum vt_code flag(const struct line *line, size_t i, bool *value, struct vt_error *error)
{
    int64_t number = 0;
    const enum vt_code code = integer(line, i, (const int64_t[2]){0, 1}, &number, error);
    if (!code)
        *value = number == 1;
    return code;
}

static enum vt_code not_trained(const struct line *line, const char *what, struct vt_error *error)
{
    return vt_fail_at(error, line->keyword.place, VT_UNSUPPORTED, "%s are not trained here", what);
}

/* ---- keywords ---- */

static enum vt_code take_type(struct vt_train_settings *settings, const struct line *line,
                              struct vt_error *error)
{
    struct vt_train_model *model = &settings->model;
    int n = 0;
    enum vt_code code = small_integer(line, 0, (const int64_t[2]){1, VT_NEP_MAX_TYPES}, &n, error);
    if (code)
        return code;
    if (line->n - 1 != (size_t)n)
        return vt_fail_at(error, line->value[0].place, VT_INPUT,
                          "%d elements are announced, but %zu are there", n, line->n - 1);
    for (int t = 0; t < n; t++) {
        const struct vt_word *word = &line->value[t + 1];
        const int number = vt_atomic_number(word->text, word->length);
        if (number == 0)
            return vt_fail_at(error, word->place, VT_INPUT, "unknown element '%s'",
                              vt_word_shown(word).text);
        for (int s = 0; s < t; s++)
            if (model->atomic_number[s] == number)
                return vt_fail_at(error, word->place, VT_INPUT, "%s is there twice",
                                  vt_element_symbol(number));
        model->atomic_number[t] = number;
    }
    model->n_types = n;
    return VT_OK;
}

static enum vt_code need_types(const struct vt_train_settings *settings, const struct line *line,
                               struct vt_error *error)
{
    if (settings->model.n_types > 0)
        return VT_OK;
    vt_fail_at(error, line->keyword.place, VT_INPUT, "'%s' needs the elements",
               vt_word_shown(&line->keyword).text);
    vt_hint(error, "put 'type' before it");
    return VT_INPUT;
}

static enum vt_code take_model_type(struct vt_train_settings *settings, const struct line *line,
                                    struct vt_error *error)
{
    static const char *const names[] = {"", "dipole models", "polarizability models",
                                        "temperature-dependent models"};
    int kind = 0;
    (void)settings;
    const enum vt_code code = small_integer(line, 0, (const int64_t[2]){0, 3}, &kind, error);
    return code || kind == 0 ? code : not_trained(line, names[kind], error);
}

static enum vt_code take_version(struct vt_train_settings *settings, const struct line *line,
                                 struct vt_error *error)
{
    int version = 0;
    enum vt_code code = small_integer(line, 0, (const int64_t[2]){3, 5}, &version, error);
    if (!code && version != 4)
        code = vt_fail_at(error, line->value[0].place, VT_UNSUPPORTED,
                          "version %d is not trained by a nep.in, only 4", version);
    settings->model.version = code ? 4 : version;
    return code;
}

static enum vt_code take_vdw(struct vt_train_settings *settings, const struct line *line,
                             struct vt_error *error)
{
    bool on = false;
    (void)settings;
    const enum vt_code code = flag(line, 0, &on, error);
    return code || !on ? code : not_trained(line, "van der Waals models", error);
}

static enum vt_code take_cutoff(struct vt_train_settings *settings, const struct line *line,
                                struct vt_error *error)
{
    struct vt_train_model *model = &settings->model;
    enum vt_code code = need_types(settings, line, error);
    if (code)
        return code;
    const size_t n_types = (size_t)model->n_types;
    if (line->n != 2 && line->n != 2 * n_types)
        return vt_fail_at(error, line->keyword.place, VT_INPUT,
                          "expected 2 cutoffs (radial, angular), or 2 for each of %zu elements, "
                          "found %zu",
                          n_types, line->n);
    for (size_t t = 0; t < n_types && !code; t++) {
        const size_t i = line->n == 2 ? 0 : 2 * t;
        code = real(line, i, (const double[2]){3, 100}, &model->cutoff_radial[t], error);
        if (!code)
            code = real(line, i + 1, (const double[2]){3, 100}, &model->cutoff_angular[t], error);
        if (!code && model->cutoff_angular[t] > model->cutoff_radial[t])
            code = vt_fail_at(error, line->value[i + 1].place, VT_INPUT,
                              "the angular cutoff is above the radial one (%g)",
                              model->cutoff_radial[t]);
    }
    return code;
}

static enum vt_code take_n_max(struct vt_train_settings *settings, const struct line *line,
                               struct vt_error *error)
{
    const enum vt_code code =
        small_integer(line, 0, (const int64_t[2]){0, 12}, &settings->model.n_radial, error);
    return code ? code
                : small_integer(line, 1, (const int64_t[2]){0, 8}, &settings->model.n_angular,
                                error);
}

static enum vt_code take_basis_size(struct vt_train_settings *settings, const struct line *line,
                                    struct vt_error *error)
{
    const enum vt_code code =
        small_integer(line, 0, (const int64_t[2]){0, 16}, &settings->model.k_radial, error);
    return code ? code
                : small_integer(line, 1, (const int64_t[2]){0, 12}, &settings->model.k_angular,
                                error);
}

/* The switch of 4-body terms was once written as the largest l: 2 means on. */
static enum vt_code take_l_max(struct vt_train_settings *settings, const struct line *line,
                               struct vt_error *error)
{
    struct vt_train_model *model = &settings->model;
    enum vt_code code = small_integer(line, 0, (const int64_t[2]){2, 8}, &model->l_max, error);
    memset(model->term, 0, sizeof model->term);
    for (size_t k = 1; k < line->n && !code; k++) {
        int on = 0;
        code = small_integer(line, k, (const int64_t[2]){0, 2}, &on, error);
        model->term[k - 1] = on != 0;
    }
    return code;
}

static enum vt_code take_neuron(struct vt_train_settings *settings, const struct line *line,
                                struct vt_error *error)
{
    int second = 0;
    enum vt_code code =
        small_integer(line, 0, (const int64_t[2]){1, 120}, &settings->model.neurons, error);
    if (!code && line->n > 1)
        code = small_integer(line, 1, (const int64_t[2]){0, 120}, &second, error);
    return code || second == 0 ? code : not_trained(line, "models with two hidden layers", error);
}

static enum vt_code take_charge_mode(struct vt_train_settings *settings, const struct line *line,
                                     struct vt_error *error)
{
    const enum vt_code code =
        small_integer(line, 0, (const int64_t[2]){0, 2}, &settings->model.charge_mode, error);
    return code || line->n < 2 ? code : flag(line, 1, &settings->model.flip_charges, error);
}

static enum vt_code take_zbl(struct vt_train_settings *settings, const struct line *line,
                             struct vt_error *error)
{
    struct vt_train_model *model = &settings->model;
    const enum vt_code code = real(line, 0, (const double[2]){1, 4}, &model->zbl_outer, error);
    if (code)
        return code;
    model->zbl_inner = 0.5 * model->zbl_outer;
    if (model->zbl == VT_ZBL_NONE)
        model->zbl = VT_ZBL_UNIVERSAL;
    return VT_OK;
}

static enum vt_code take_typewise_zbl(struct vt_train_settings *settings, const struct line *line,
                                      struct vt_error *error)
{
    settings->model.zbl = VT_ZBL_TYPEWISE;
    settings->model.zbl_factor = 0.7;
    return line->n == 0
               ? VT_OK
               : real(line, 0, (const double[2]){0.5, 100}, &settings->model.zbl_factor, error);
}

static enum vt_code take_type_weight(struct vt_train_settings *settings, const struct line *line,
                                     struct vt_error *error)
{
    enum vt_code code = need_types(settings, line, error);
    if (!code && line->n != (size_t)settings->model.n_types)
        code = vt_fail_at(error, line->keyword.place, VT_INPUT,
                          "expected a weight for each of %d elements, found %zu",
                          settings->model.n_types, line->n);
    for (size_t t = 0; t < line->n && !code; t++)
        code = real(line, t, (const double[2]){0, 1e6}, &settings->loss.type_weight[t], error);
    return code;
}

static enum vt_code take_batch(struct vt_train_settings *settings, const struct line *line,
                               struct vt_error *error)
{
    const enum vt_code code =
        integer(line, 0, (const int64_t[2]){1, INT32_MAX}, &settings->batch, error);
    return code || line->n < 2 ? code : flag(line, 1, &settings->accumulate_batches, error);
}

static enum vt_code take_population(struct vt_train_settings *settings, const struct line *line,
                                    struct vt_error *error)
{
    return small_integer(line, 0, (const int64_t[2]){10, 200}, &settings->snes.population, error);
}

static enum vt_code take_prediction(struct vt_train_settings *settings, const struct line *line,
                                    struct vt_error *error)
{
    return flag(line, 0, &settings->predict_only, error);
}

static enum vt_code take_save_potential(struct vt_train_settings *settings, const struct line *line,
                                        struct vt_error *error)
{
    enum vt_code code =
        integer(line, 0, (const int64_t[2]){1, INT32_MAX}, &settings->save_interval, error);
    if (!code && line->n > 1)
        code = small_integer(line, 1, (const int64_t[2]){0, 1}, &settings->save_name, error);
    if (!code && line->n > 2)
        code = flag(line, 2, &settings->save_restart, error);
    return code;
}

static enum vt_code take_output_descriptor(struct vt_train_settings *settings,
                                           const struct line *line, struct vt_error *error)
{
    return small_integer(line, 0, (const int64_t[2]){0, 2}, &settings->output_descriptor, error);
}

static enum vt_code take_import_q_scaler(struct vt_train_settings *settings,
                                         const struct line *line, struct vt_error *error)
{
    settings->import_q_scaler = true;
    return line->n == 0 ? VT_OK : flag(line, 0, &settings->import_q_scaler, error);
}

static enum vt_code take_fine_tune(struct vt_train_settings *settings, const struct line *line,
                                   struct vt_error *error)
{
    (void)settings;
    vt_fail_at(error, line->keyword.place, VT_UNSUPPORTED,
               "'fine_tune' needs the state of an evolution strategy, which is not read here");
    vt_hint(error, "start from a nep.txt by the settings in YAML");
    return VT_UNSUPPORTED;
}

/* A single number goes to its field. */
static const struct keyword *find(const struct vt_word *word);

static enum vt_code take_real(struct vt_train_settings *settings, const struct line *line,
                              struct vt_error *error)
{
    const struct keyword *keyword = find(&line->keyword);
    return real(line, 0, (const double[2]){keyword->minimum, keyword->maximum},
                (double *)(void *)((char *)settings + keyword->offset), error);
}

static enum vt_code take_integer(struct vt_train_settings *settings, const struct line *line,
                                 struct vt_error *error)
{
    const struct keyword *keyword = find(&line->keyword);
    return integer(line, 0,
                   (const int64_t[2]){(int64_t)keyword->minimum, (int64_t)keyword->maximum},
                   (int64_t *)(void *)((char *)settings + keyword->offset), error);
}

#define FIELD(field) offsetof(struct vt_train_settings, field)

static const struct keyword keywords[] = {
    {"type", 2, VT_NEP_MAX_TYPES + 1, take_type, 0, 0, 0},
    {"model_type", 1, 1, take_model_type, 0, 0, 0},
    {"mode", 1, 1, take_model_type, 0, 0, 0},
    {"prediction", 1, 1, take_prediction, 0, 0, 0},
    {"version", 1, 1, take_version, 0, 0, 0},
    {"cutoff", 2, 2 * VT_NEP_MAX_TYPES, take_cutoff, 0, 0, 0},
    {"n_max", 2, 2, take_n_max, 0, 0, 0},
    {"basis_size", 2, 2, take_basis_size, 0, 0, 0},
    {"l_max", 1, 1 + VT_NEP_TERMS, take_l_max, 0, 0, 0},
    {"neuron", 1, 2, take_neuron, 0, 0, 0},
    {"charge_mode", 1, 2, take_charge_mode, 0, 0, 0},
    {"vdw", 1, 1, take_vdw, 0, 0, 0},
    {"charge_vdw", 1, 1, take_vdw, 0, 0, 0},
    {"zbl", 1, 1, take_zbl, 0, 0, 0},
    {"use_typewise_cutoff_zbl", 0, 1, take_typewise_zbl, 0, 0, 0},
    {"lambda_1", 1, 1, take_real, FIELD(loss.l1), 0, 1e6},
    {"lambda_2", 1, 1, take_real, FIELD(loss.l2), 0, 1e6},
    {"lambda_e", 1, 1, take_real, FIELD(loss.energy), 0, 1e6},
    {"lambda_f", 1, 1, take_real, FIELD(loss.force), 0, 1e6},
    {"lambda_v", 1, 1, take_real, FIELD(loss.virial), 0, 1e6},
    {"lambda_q", 1, 1, take_real, FIELD(loss.charge), 0, 1e6},
    {"lambda_z", 1, 1, take_real, FIELD(loss.born), 0, 1e6},
    {"lambda_shear", 1, 1, take_real, FIELD(loss.shear), 0, 1e6},
    {"force_delta", 1, 1, take_real, FIELD(loss.force_delta), 0, 1e6},
    {"type_weight", 1, VT_NEP_MAX_TYPES, take_type_weight, 0, 0, 0},
    {"batch", 1, 2, take_batch, 0, 0, 0},
    {"population", 1, 1, take_population, 0, 0, 0},
    {"generation", 1, 1, take_integer, FIELD(snes.generations), 0, 1e7},
    {"initial_para", 1, 1, take_real, FIELD(snes.initial_para), 0.1, 1},
    {"sigma0", 1, 1, take_real, FIELD(snes.sigma0), 0.01, 0.1},
    {"output_interval", 1, 1, take_integer, FIELD(output_interval), 1, 1e9},
    {"save_potential", 1, 3, take_save_potential, 0, 0, 0},
    {"output_descriptor", 1, 1, take_output_descriptor, 0, 0, 0},
    {"fine_tune", 1, 3, take_fine_tune, 0, 0, 0},
    {"import_q_scaler", 0, 1, take_import_q_scaler, 0, 0, 0},
};

enum { N_KEYWORDS = sizeof keywords / sizeof *keywords };

static const struct keyword *find(const struct vt_word *word)
{
    for (size_t k = 0; k < N_KEYWORDS; k++)
        if (vt_word_is(word, keywords[k].name))
            return &keywords[k];
    return NULL;
}

/* ---- lines ---- */

static void add_unknown(const struct vt_word *word, struct vt_error_list *errors)
{
    char text[44];
    const char *names[N_KEYWORDS + 1] = {NULL};
    snprintf(text, sizeof text, "%s", vt_word_shown(word).text);
    struct vt_error *error =
        vt_error_list_add(errors, word->place, VT_INPUT, "unknown keyword '%s'", text);
    for (size_t k = 0; k < N_KEYWORDS; k++)
        names[k] = keywords[k].name;
    const char *nearest = vt_nearest(text, names);
    if (nearest)
        vt_hint(error, "did you mean '%s'?", nearest);
    else
        vt_hint(error, "see the keywords of nep.in in docs/training.md");
}

static void check_count(const struct keyword *keyword, const struct line *line,
                        struct vt_error_list *errors)
{
    char range[48];
    if (keyword->least == keyword->most)
        snprintf(range, sizeof range, "%zu", keyword->least);
    else
        snprintf(range, sizeof range, "%zu to %zu", keyword->least, keyword->most);
    vt_error_list_add(errors, line->keyword.place, VT_INPUT, "'%s' takes %s value%s, not %zu",
                      keyword->name, range, keyword->most == 1 ? "" : "s", line->n);
}

static void take_line(struct vt_train_settings *settings, const struct line *line,
                      long seen[N_KEYWORDS], struct vt_error_list *errors)
{
    struct vt_error error = {0};
    const struct keyword *keyword = find(&line->keyword);
    if (!keyword) {
        add_unknown(&line->keyword, errors);
        return;
    }
    long *first = &seen[keyword - keywords];
    if (*first > 0) {
        vt_error_list_add(errors, line->keyword.place, VT_INPUT,
                          "'%s' is there twice; the first is in line %ld", keyword->name, *first);
        return;
    }
    *first = line->keyword.place.line;
    if (line->n < keyword->least || line->n > keyword->most)
        check_count(keyword, line, errors);
    else if (keyword->take(settings, line, &error))
        vt_error_list_copy(errors, &error);
}

static size_t index_of(const char *name)
{
    size_t k = 0;
    while (k < N_KEYWORDS && strcmp(keywords[k].name, name) != 0)
        k++;
    assert(k < N_KEYWORDS);
    return k;
}

/* Rules between keywords. */
static void check_together(const struct vt_train_settings *settings, const char *name,
                           const long seen[N_KEYWORDS], struct vt_error_list *errors)
{
    const struct vt_train_model *model = &settings->model;
    if (seen[index_of("type")] == 0)
        vt_hint(vt_error_list_add(errors, (struct vt_place){name, 0, 0}, VT_INPUT,
                                  "the elements are missing"),
                "add a line such as 'type 2 Te Pb'");
    for (int t = 1; t < model->n_types && model->charge_mode > 0; t++)
        if (model->cutoff_radial[t] != model->cutoff_radial[0] ||
            model->cutoff_angular[t] != model->cutoff_angular[0]) {
            vt_error_list_add(errors, (struct vt_place){name, seen[index_of("cutoff")], 0},
                              VT_INPUT, "models with charges need one cutoff for all elements");
            break;
        }
    if (model->zbl == VT_ZBL_TYPEWISE && seen[index_of("zbl")] == 0)
        vt_error_list_add(errors,
                          (struct vt_place){name, seen[index_of("use_typewise_cutoff_zbl")], 0},
                          VT_INPUT, "'use_typewise_cutoff_zbl' needs 'zbl'");
}

enum vt_code vt_nep_in_parse(struct vt_train_settings *settings, const char *name, const char *text,
                             size_t size, struct vt_error_list *errors)
{
    assert(settings && name && errors);
    struct vt_scan scan;
    long seen[N_KEYWORDS] = {0};
    vt_train_settings_init(settings);
    vt_scan_start(&scan, name, text, size);
    while (vt_scan_line(&scan)) {
        struct line line;
        vt_scan_cut(&scan, '#', NULL);
        if (!vt_scan_word(&scan, &line.keyword))
            continue;
        line.n = vt_scan_words(&scan, line.value, MOST_WORDS);
        take_line(settings, &line, seen, errors);
        if (errors->n_kept > 0 && vt_word_is(&line.keyword, "type"))
            return vt_error_list_code(errors); /* what follows depends on it */
    }
    check_together(settings, name, seen, errors);
    return vt_error_list_code(errors);
}

/* ---- zbl.in ---- */

enum { PATH = 4096 };

/* "FOLDER/zbl.in" beside a nep.in; false: the path is too long. */
static bool zbl_beside(const char *nep_in_path, char path[PATH])
{
    const char *slash = strrchr(nep_in_path, '/');
    const int folder = slash ? (int)(slash - nep_in_path) + 1 : 0;
    return snprintf(path, PATH, "%.*szbl.in", folder, nep_in_path) < PATH;
}

enum vt_code vt_zbl_in_parse(double (*rows)[VT_ZBL_ROW], int n_types, const char *name,
                             const char *text, size_t size, struct vt_error *error)
{
    assert(rows && n_types > 0 && name);
    struct vt_scan scan;
    const int n_rows = n_types * (n_types + 1) / 2;
    int n = 0;
    vt_scan_start(&scan, name, text, size);
    for (; vt_scan_line_with_words(&scan); n++) {
        struct vt_word words[VT_ZBL_ROW];
        if (n == n_rows)
            return vt_fail_at(error, vt_scan_place(&scan), VT_INPUT,
                              "more than the %d rows that %d elements have", n_rows, n_types);
        enum vt_code code = vt_scan_expect(&scan, words, VT_ZBL_ROW, "parameters of a pair", error);
        for (int k = 0; k < VT_ZBL_ROW && !code; k++)
            code = vt_word_real(&words[k], "parameter", &rows[n][k], error);
        if (!code && !(rows[n][0] >= 0 && rows[n][1] > rows[n][0]))
            code = vt_fail_at(error, words[0].place, VT_INPUT,
                              "the outer cutoff is not above the inner one");
        if (code)
            return code;
    }
    if (n == n_rows)
        return VT_OK;
    return vt_fail_at(error, vt_scan_place(&scan), VT_INPUT,
                      "%d elements need %d rows, but the file ends after %d", n_types, n_rows, n);
}

enum vt_code vt_zbl_in_read(double (*rows)[VT_ZBL_ROW], int n_types, const char *nep_in_path,
                            struct vt_error *error)
{
    char path[PATH], *text = NULL;
    size_t size = 0;
    if (!zbl_beside(nep_in_path, path))
        return vt_fail(error, VT_INPUT, "the path of zbl.in is too long");
    enum vt_code code = vt_file_read(path, MOST_BYTES, &text, &size, error);
    if (!code)
        code = vt_zbl_in_parse(rows, n_types, path, text, size, error);
    vt_free(text);
    return code;
}

enum vt_code vt_nep_in_read(struct vt_train_settings *settings, const char *path,
                            struct vt_error_list *errors)
{
    char *text = NULL;
    size_t size = 0;
    struct vt_error error = {0};
    enum vt_code code = vt_file_read(path, MOST_BYTES, &text, &size, &error);
    if (code)
        vt_error_list_copy(errors, &error);
    else
        code = vt_nep_in_parse(settings, path, text, size, errors);
    vt_free(text);
    char zbl[PATH];
    if (!code && settings->model.zbl == VT_ZBL_UNIVERSAL && zbl_beside(path, zbl) &&
        access(zbl, F_OK) == 0)
        settings->model.zbl = VT_ZBL_FLEXIBLE;
    return code;
}
