/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations that are right: what arrives in the structs, the echo, the help. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balance.h"
#include "io/manual.h"
#include "schema_examples.h"
#include "schema_same.h"

static enum vt_code parse(const struct vt_table *table, void *config, const char *text,
                          const struct vt_settings *settings)
{
    static struct vt_error_list errors;
    const struct vt_config_text source = {
        .name = "config.yaml", .text = text, .size = strlen(text), .directory = "/home/me"};
    errors = (struct vt_error_list){0};
    const enum vt_code code = vt_config_parse(table, config, &source, settings, &errors);
    vt_error_list_write(&errors, stderr);
    return code;
}

/* The struct as text, with memory from malloc. */
static char *echo(const struct vt_table *table, const void *config)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    vt_config_echo(table, config, file);
    fclose(file);
    return text;
}

/* The echo reads back as the same struct, and its echo is the same text. */
static void check_echo(const struct vt_table *table, const void *config, void *again)
{
    char *text = echo(table, config);
    assert_int_equal(parse(table, again, text, NULL), VT_OK);
    assert_true(same_config(table, config, again));
    char *text_again = echo(table, again);
    assert_string_equal(text, text_again);
    vt_config_destroy(table, again);
    free(text);
    free(text_again);
}

static void test_tables_are_right(void **state)
{
    (void)state;
    struct vt_error error = {0};
    const struct vt_table *const tables[] = {&run_table, &train_table, &study_table};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const enum vt_code code = vt_table_check(tables[i], &error);
        if (code)
            fail_msg("%s", error.message);
    }
}

static void test_run(void **state)
{
    (void)state;
    struct run run, again;
    assert_int_equal(parse(&run_table, &run, run_example, NULL), VT_OK);
    assert_string_equal(run.model, "/home/me/nep.txt");
    assert_string_equal(run.structure, "/home/me/start.xyz");
    assert_int_equal(run.replicate[2], 2);
    assert_true(run.has_velocities && run.velocities == 300);
    assert_true(run.seed == 1 && run.timestep == 1 && run.precision == MIXED);
    assert_true(run.electrostatics.method == 0 && run.electrostatics.accuracy == 1e-5);
    assert_true(run.neighbour.skin == 1);
    assert_string_equal(run.output.directory, "/home/me/out");
    assert_int_equal(run.output.thermo.every, 100);
    assert_int_equal(run.output.trajectory.n_fields, 3);
    assert_int_equal(run.output.trajectory.fields[2], 3);
    assert_int_equal(run.output.checkpoint.every, 10000);

    assert_int_equal(run.n_stages, 4);
    const struct stage *stage = run.stages;
    assert_string_equal(stage[0].name, "heat");
    assert_true(stage[0].has_ensemble && stage[0].ensemble == NPT);
    assert_true(stage[0].n_temperature == 2 && stage[0].temperature[1] == 1500);
    assert_true(stage[0].n_pressure == 1 && stage[0].pressure[0] == 0);
    assert_true(stage[0].has_duration && stage[0].duration == 20000 && !stage[0].has_steps);
    assert_true(stage[1].n_temperature == 1 && stage[1].temperature[0] == 1500);
    assert_true(stage[1].thermostat.kind == 0 && stage[1].thermostat.time == 100);
    assert_true(stage[2].has_steps && stage[2].steps == 1000 && stage[2].n_temperature == 0);
    assert_true(stage[2].thermostat.time == 100); /* the fallback of an absent mapping */
    assert_true(stage[3].has_minimise && !stage[3].minimise.cell && !stage[3].has_ensemble);
    assert_true(stage[3].minimise.force == 1e-3);
    check_echo(&run_table, &run, &again);
    vt_config_destroy(&run_table, &run);
}

static void test_echo_of_run(void **state)
{
    (void)state;
    struct run run;
    assert_int_equal(parse(&run_table, &run,
                           "model: nep.txt\n"
                           "structure: 'a b.xyz'\n"
                           "stages: [{name: \"\", steps: 5}]\n",
                           NULL),
                     VT_OK);
    char *text = echo(&run_table, &run);
    assert_string_equal(text, "model: /home/me/nep.txt\n"
                              "structure: \"/home/me/a b.xyz\"\n"
                              "replicate: [1, 1, 1]\n"
                              "seed: 1\n"
                              "timestep: 1 fs\n"
                              "precision: mixed\n"
                              "electrostatics:\n"
                              "  method: auto\n"
                              "  accuracy: 0.00001\n"
                              "neighbour:\n"
                              "  skin: 1 A\n"
                              "output:\n"
                              "  directory: /home/me/out\n"
                              "  thermo:\n"
                              "    every: 100\n"
                              "  trajectory:\n"
                              "    every: 1000\n"
                              "    format: h5md\n"
                              "    fields: [position, image]\n"
                              "  checkpoint:\n"
                              "    every: 10000\n"
                              "stages:\n"
                              "  - name: \"\"\n"
                              "    thermostat:\n"
                              "      kind: bussi\n"
                              "      time: 100 fs\n"
                              "    steps: 5\n");
    free(text);
    vt_config_destroy(&run_table, &run);
}

static void test_train(void **state)
{
    (void)state;
    struct train train, again;
    assert_int_equal(parse(&train_table, &train, train_example, NULL), VT_OK);
    assert_int_equal(train.test, TEST_FILE);
    assert_string_equal(train.test_file, "/home/me/test.xyz");
    assert_int_equal(train.n_elements, 6);
    assert_string_equal(train.elements[4], "O");
    assert_true(train.model.n_cutoff == 2 && train.model.cutoff[0] == 6);
    assert_true(train.model.n_max[1] == 6 && train.model.n_l_max == 3);
    assert_true(train.model.l_max[1] == 2 && train.model.neurons == 30);
    assert_true(train.loss.virial == 0.1);
    assert_true(train.optimizer == OPTIMIZER_NAME && train.optimizer_name == 0);
    assert_true(train.has_walltime && train.walltime == 1800);
    assert_string_equal(train.output.directory, "/home/me/run1");
    check_echo(&train_table, &train, &again);
    vt_config_destroy(&train_table, &train);
}

static void test_union_takes_what_fits(void **state)
{
    (void)state;
    struct train train, again;
    static const char rest[] = "train: t.xyz\nelements: [N, No, Y]\noutput: {directory: o}\n";
    char text[400];
    snprintf(text, sizeof text, "%stest: 10 %%\noptimizer: {method: adam}\n", rest);
    assert_int_equal(parse(&train_table, &train, text, NULL), VT_OK);
    assert_true(train.test == TEST_FRACTION && train.test_fraction == 0.1 && !train.test_file);
    assert_int_equal(train.optimizer, OPTIMIZER_TUNED);
    assert_true(train.optimizer_tuned.method == 1 && train.optimizer_tuned.rate == 0.01);
    assert_string_equal(train.elements[1], "No"); /* no boolean, whatever YAML 1.1 says */
    check_echo(&train_table, &train, &again);
    vt_config_destroy(&train_table, &train);

    assert_int_equal(parse(&train_table, &train, rest, NULL), VT_OK);
    assert_true(train.test == TEST_NONE && train.optimizer == OPTIMIZER_NAME);
    assert_false(train.has_walltime);
    check_echo(&train_table, &train, &again);
    vt_config_destroy(&train_table, &train);
}

/* What a refused alternative had read already does not stay in the struct. */
static void test_union_leaves_nothing(void **state)
{
    (void)state;
    struct toy {
        int kind;
        double *numbers;
        char **names;
        size_t n_numbers, n_names;
    } toy;
    static const struct vt_entry choices[] = {
        {"temperatures", VT_REAL_LIST(struct toy, numbers, n_numbers, VT_TEMPERATURE, 1, 9),
         .help = "in order"},
        {"names", VT_STRING_LIST(struct toy, names, n_names, 1, 9), .help = "of a ladder"},
        {0}};
    static const struct vt_entry entries[] = {
        {"ladder", VT_UNION_FIELD(struct toy, kind, choices), .help = "of temperatures"}, {0}};
    static const struct vt_table table = {"toy", "Toy", sizeof(struct toy), entries, NULL};
    assert_int_equal(vt_table_check(&table, NULL), VT_OK);
    assert_int_equal(parse(&table, &toy, "ladder: [1 K, short]", NULL), VT_OK);
    assert_true(toy.kind == 2 && toy.n_names == 2 && !toy.numbers && toy.n_numbers == 0);
    vt_config_destroy(&table, &toy);
    assert_int_equal(parse(&table, &toy, "ladder: [1 K, 2 K]", NULL), VT_OK);
    assert_true(toy.kind == 1 && toy.n_numbers == 2 && !toy.names);
    vt_config_destroy(&table, &toy);
}

static void test_study(void **state)
{
    (void)state;
    struct study study, again;
    assert_int_equal(parse(&study_table, &study, study_example, NULL), VT_OK);
    assert_string_equal(study.model, "/home/me/../../potentials/LiZrAlClOF/nep.txt");
    assert_string_equal(study.system.composition, "Li18Zr6Al2Cl34O6F2");
    assert_true(study.system.has_atoms && study.system.atoms == 1000);
    assert_true(study.system.glass.samples == 3 && !study.system.structure);
    assert_true(study.n_temperatures == 5 && study.temperatures[4] == 800);
    assert_true(study.precision_of_d == 0.1 && study.longest_run == 1e6);
    check_echo(&study_table, &study, &again);
    vt_config_destroy(&study_table, &study);

    const char *structure = "model: m\nsystem: {structure: /lzc.xyz, replicate: [3, 3, 4]}\n"
                            "mobile: Li\ntemperatures: [400 K, 500 K]\n";
    assert_int_equal(parse(&study_table, &study, structure, NULL), VT_OK);
    assert_string_equal(study.system.structure, "/lzc.xyz");
    assert_int_equal(study.system.replicate[2], 4);
    check_echo(&study_table, &study, &again);
    vt_config_destroy(&study_table, &study);
}

/* Numbers and texts that are hard to write: the echo keeps every bit. */
static void test_echo_keeps_bits(void **state)
{
    (void)state;
    struct run run, again;
    static const char *const times[] = {
        "0.1 fs",    "3.0000000000000004 fs",      "0.0123456789012345678 ps",
        "1e-300 fs", "2.2250738585072014e-308 fs", "100 fs"};
    static const char *const names[] = {
        "null",       "~",   "yes",       "- a",   "a: b",        "a #b",        "\\\\x", "a\\\"b",
        "5",          "\\t", "\\u2028 x", "\\x9b", "\\xe9\u00e9", "\\U0001F600", " a ",   "[x]",
        "line\\nnew", "%",   "\\uFEFF",   "&a",    "\\x7f",       "\\u2029 x"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "model: m\nstructure: s\ntimestep: %s\nvelocities: -0.0 K\n"
                 "stages: [{name: \"%s\", steps: 1, pressure: 0.%zu GPa}]\n",
                 times[i % (sizeof times / sizeof *times)], names[i], i);
        assert_int_equal(parse(&run_table, &run, text, NULL), VT_OK);
        check_echo(&run_table, &run, &again);
        vt_config_destroy(&run_table, &run);
    }
}

static void test_layouts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\xef\xbb\xbfmodel: m\nstructure: s\nstages: [{name: a, steps: 1}]\n",
        "model: m\r\nstructure: s\r\nstages:\r\n  - name: a\r\n    steps: 1\r\n",
        "---\nmodel: m\nstructure: s\nstages: [{name: a, steps: 1}]\n...\n",
        "%YAML 1.2\n---\n{model: m, structure: s, stages: [{name: a, steps: 1}]}",
        "# only this\n\n\n'model': \"m\"\nstructure: s\nstages:\n- name: a\n  steps: +1\n",
        "model: m\nstructure: s\nseed: \"1\"\nstages: [{name: a, steps: 1,},]",
        "model: >-\n  m\nstructure: |-\n  s\nstages: [{name: a, steps: 1}]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct run run;
        assert_int_equal(parse(&run_table, &run, texts[i], NULL), VT_OK);
        assert_string_equal(run.model, "/home/me/m");
        assert_string_equal(run.stages[0].name, "a");
        assert_true(run.stages[0].steps == 1 && run.seed == 1);
        vt_config_destroy(&run_table, &run);
    }
}

static void test_settings(void **state)
{
    (void)state;
    const struct vt_setting setting[] = {
        {"stages.0.duration", "5 ps", "--set stages.0.duration"},
        {"stages.3", "{name: 'x: y', steps: 7}", "--set stages.3"},
        {"stages.3.name", "a: [b", "--set stages.3.name"},
        {"electrostatics.method", "ewald", "--set electrostatics.method"},
        {"replicate", "[3, 1, 1]", "--set replicate"},
        {"replicate.2", "4", "--set replicate.2"},
        {"output", "{}", "--set output"},
        {"output.thermo.every", "10", "--set output.thermo.every"},
        {"timestep", "2 fs", "--set timestep"}};
    const struct vt_settings settings = {.setting = setting, .n = sizeof setting / sizeof *setting};
    struct run run, again;
    assert_int_equal(parse(&run_table, &run, run_example, &settings), VT_OK);
    assert_true(run.stages[0].duration == 5000 && run.timestep == 2);
    assert_string_equal(run.stages[3].name, "a: [b");
    assert_true(run.stages[3].steps == 7 && !run.stages[3].has_minimise);
    assert_true(run.electrostatics.method == 2 && run.electrostatics.accuracy == 1e-5);
    assert_true(run.replicate[0] == 3 && run.replicate[2] == 4);
    assert_true(run.output.thermo.every == 10 && run.output.trajectory.n_fields == 2);
    check_echo(&run_table, &run, &again);
    vt_config_destroy(&run_table, &run);
}

static void test_options(void **state)
{
    (void)state;
    const struct vt_setting setting[] = {{"structure", "[odd].xyz", "--structure"},
                                         {"model", "nep.txt", "--model"},
                                         {"stages", "[{name: a, steps: 1}]", "--stages"}};
    const struct vt_settings right = {.setting = setting + 1, .n = 2};
    struct vt_error_list errors = {0};
    struct run run;
    assert_int_equal(vt_config_from_settings(&run_table, &run, "vitrion run", &right, &errors),
                     VT_INPUT);
    char text[sizeof(struct vt_error)];
    assert_int_equal(errors.n_kept, 1);
    assert_string_equal(vt_error_text(&errors.error[0], text, sizeof text),
                        "vitrion run: error: the option 'structure' is missing\n"
                        "  structure: extended XYZ, POSCAR or LAMMPS data");
    const struct vt_setting complete[] = {
        setting[1], setting[2], {"structure", "./s", "--structure"}};
    const struct vt_settings all = {.setting = complete, .n = 3};
    errors = (struct vt_error_list){0};
    assert_int_equal(vt_config_from_settings(&run_table, &run, "vitrion run", &all, &errors),
                     VT_OK);
    assert_string_equal(run.model, "nep.txt"); /* as it stands */
    vt_config_destroy(&run_table, &run);
}

static void test_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/vt_schema_XXXXXX", path[64], model[64];
    struct vt_error_list errors = {0};
    struct study study;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/c.yaml", folder);
    snprintf(model, sizeof model, "%s/../../potentials/LiZrAlClOF/nep.txt", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(study_example, file);
    fclose(file);
    assert_int_equal(vt_config_read(&study_table, &study, path, NULL, &errors), VT_OK);
    assert_string_equal(study.model, model);
    vt_config_destroy(&study_table, &study);

    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(vt_config_read(&study_table, &study, "c.yaml", NULL, &errors), VT_OK);
    assert_string_equal(study.model, model);
    vt_config_destroy(&study_table, &study);
    assert_int_equal(vt_config_read(&study_table, &study, "none.yaml", NULL, &errors), VT_INPUT);
    assert_string_equal(errors.error[0].file, "none.yaml");
    assert_null(study.model);
    assert_int_equal(chdir(here), 0);
    unlink(path);
    rmdir(folder);
}

/* Every allocation in turn fails: an error, never a leak (the balance is checked at the end). */
static void test_memory_failures(void **state)
{
    (void)state;
    const struct vt_setting setting = {"stages.0.duration", "5 ps", "--set stages.0.duration"};
    const struct vt_settings settings = {.setting = &setting, .n = 1};
    const struct vt_table *const tables[] = {&run_table, &train_table};
    const char *const texts[] = {run_example, train_example};
    static union {
        struct run run;
        struct train train;
    } config;
    for (int i = 0; i < 2; i++) {
        long n = 0;
        enum vt_code code;
        do {
            static struct vt_error_list errors;
            const struct vt_config_text text = {"c.yaml", texts[i], strlen(texts[i]), "/d"};
            errors = (struct vt_error_list){0};
            vt_balance_fail(++n);
            code = vt_config_parse(tables[i], &config, &text, i == 0 ? &settings : NULL, &errors);
            if (vt_balance_failed())
                assert_int_equal(code, VT_MEMORY);
        } while (vt_balance_failed());
        vt_balance_fail(0);
        assert_int_equal(code, VT_OK);
        assert_true(n > 20);
        vt_config_destroy(tables[i], &config);
    }
}

static char *print(void (*write)(const struct vt_table *table, FILE *file),
                   const struct vt_table *table)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    write(table, file);
    fclose(file);
    return text;
}

static void test_help(void **state)
{
    (void)state;
    char *text = print(vt_manual_keywords, &study_table);
    assert_string_equal(
        text,
        "  model: path                       the potential (required)\n"
        "  system:                           what is studied (required)\n"
        "    composition: text               chemical formula\n"
        "    atoms: integer, at least 1      about how many\n"
        "    glass:                          quenching\n"
        "      samples: integer, at least 1  independent quenches (default: 1)\n"
        "    structure: path                 a structure instead\n"
        "    replicate: list of 3: integer, at least 1\n"
        "                                    copies of the structure (default: [1, 1, 1])\n"
        "  mobile: text                      the ion that moves (required)\n"
        "  temperatures: list of 2 to 100: temperature, above 0 K\n"
        "                                    the ladder (required)\n"
        "  precision_of_D: fraction, above 0 %\n"
        "                                    relative error of D that ends a run (default: 10 %)\n"
        "  longest_run: time, above 0 ns     whatever the precision (default: 1 ns)\n"
        "  report: path                      folder (default: report)\n");
    free(text);
    text = print(vt_manual_options, &train_table);
    assert_string_equal(text,
                        "  --train path                      training set (required)\n"
                        "  --test fraction | path            what the model is tested on\n"
                        "    fraction: fraction, above 0, below 1\n"
                        "                                    of the training set, held back\n"
                        "    path: path                      a set of its own\n"
                        "  --elements list of 1 to 118: text\n"
                        "                                    in the order of the model (required)\n"
                        "  --model keywords                  what is fitted\n"
                        "  --loss keywords                   weights\n"
                        "  --optimizer name | settings       method (default: auto)\n"
                        "    name: auto | adam | snes        with its defaults\n"
                        "    settings: keywords              in detail\n"
                        "  --walltime wall time, above 0 s   stop after\n"
                        "  --seed integer                    of random numbers (default: 1)\n"
                        "  --output keywords                 results (required)\n");
    free(text);
}

/* Items of lists, words with help. */
static void test_help_of_lists(void **state)
{
    (void)state;
    char *text = print(vt_manual_keywords, &run_table);
    assert_non_null(strstr(
        text, "  stages: list of 1 or more: keywords\n"
              "                                    the parts of the run, in order (required)\n"
              "    - name: text                    for files and the log (required)\n"
              "      ensemble: nve | nvt | npt     what is kept constant\n"
              "        nve                         constant energy\n"
              "        nvt                         constant volume and temperature\n"
              "        npt                         constant pressure and temperature\n"
              "      temperature: one or a list of 2: temperature, at least 0 K\n"
              "                                    at start and end\n"
              "      pressure: one or a list of 1 to 2: pressure\n"
              "                                    at start and end\n"));
    free(text);
}

static void test_reference(void **state)
{
    (void)state;
    char *text = print(vt_manual_markdown, &train_table);
    assert_non_null(strstr(
        text,
        "# vitrion train\n"
        "\n"
        "Training.\n"
        "\n"
        "| keyword | value | default | meaning |\n"
        "|---|---|---|---|\n"
        "| `train` | path | required | training set |\n"
        "| `test` | fraction \\| path |  | what the model is tested on; fraction: fraction, above "
        "0, below 1, of the training set, held back; path: path, a set of its own |\n"));
    assert_non_null(strstr(text, "## `optimizer`\n"
                                 "\n"
                                 "Its settings.\n"
                                 "\n"
                                 "| keyword | value | default | meaning |\n"
                                 "|---|---|---|---|\n"
                                 "| `method` | auto \\| adam \\| snes | required | which |\n"
                                 "| `rate` | number, above 0 | `0.01` | step size |\n"));
    free(text);
}

/* What vt_table_check is for: tables that compile and are wrong. */
static void test_wrong_tables(void **state)
{
    (void)state;
    struct toy {
        int64_t n;
        double x, *list;
        size_t n_list;
        int word;
        char *text;
        struct directory map;
        bool has;
    };
    static const struct vt_word twice[] = {{"a", 0, NULL}, {"a", 1, NULL}, {0}};
    static const struct vt_word none[] = {{0}};
    static const struct vt_entry required[] = {
        {"x", VT_REAL_FIELD(struct toy, x, VT_TIME), .required = true, .help = "x"}, {0}};
    static const struct {
        struct vt_entry entry;
        const char *what;
    } cases[] = {
        {{"n", VT_INTEGER_FIELD(struct toy, n), .fallback = "1"}, "has no help"},
        {{"n", VT_INTEGER_FIELD(struct toy, n), .help = "n"},
         "has neither fallback nor a way to show its absence"},
        {{"n", VT_INTEGER_FIELD(struct toy, n), .help = "n", .fallback = "one"},
         "'n' must be an integer, not 'one'"},
        {{"n", VT_INTEGER_FIELD(struct toy, n), .help = "n", .fallback = "0", .minimum = "1"},
         "'n' must be at least 1, not '0'"},
        {{"n", VT_INTEGER_FIELD(struct toy, n), .help = "n", .fallback = "1", .required = true},
         "is required, and has a fallback"},
        {{"n.m", VT_INTEGER_FIELD(struct toy, n), .help = "n", .fallback = "1"},
         "has a name with a dot or blank"},
        {{"x", VT_REAL_FIELD(struct toy, x, VT_TIME), .help = "x", .fallback = "1 K"},
         "'x': 'K' is a unit of temperature, not of time"},
        {{"x", VT_REAL_FIELD(struct toy, x, VT_TIME), .help = "x", .required = true, .above = "0"},
         "has a bound that is not of its dimension"},
        {{"x", VT_REAL_FIELD(struct toy, x, VT_TIME), .help = "x", .required = true,
          .above = "0 fs", .minimum = "0 fs"},
         "has two lower bounds"},
        {{"text", VT_STRING_FIELD(struct toy, text), .help = "t", .minimum = "0"},
         "has bounds, but is no number"},
        {{"word", VT_WORD_FIELD(struct toy, word, twice), .help = "w", .required = true},
         "has a word twice"},
        {{"word", VT_WORD_FIELD(struct toy, word, none), .help = "w", .required = true},
         "has no words"},
        {{"list", VT_REAL_LIST(struct toy, list, n_list, VT_TIME, 2, 1), .help = "l"},
         "has impossible lengths"},
        {{"list", VT_REAL_LIST(struct toy, list, n_list, VT_TIME, 1, 3), .one_is_a_list = true,
          .is_ramp = true, .help = "l"},
         "is a ramp, but no list of one or two"},
        {{"map", VT_MAP_FIELD(struct toy, map, &directory_table), .help = "m"},
         "may be absent without `given`, but requires keywords"},
        {{"map", VT_MAP_FIELD(struct toy, map, &study_table), .help = "m"},
         "has no table, or one for a struct of another size"},
        {{"u", VT_UNION_FIELD(struct toy, word, required), .help = "u"},
         "has an alternative that says when it may be absent"},
        {{"n", .kind = VT_KIND_INTEGER, .help = "n", .required = true},
         "was not made with the macros"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct vt_entry entries[] = {cases[i].entry, {0}};
        const struct vt_table table = {"toy", "Toy", sizeof(struct toy), entries, NULL};
        struct vt_error error = {0};
        char expected[256];
        snprintf(expected, sizeof expected, "table 'toy', entry '%s': %s", entries[0].name,
                 cases[i].what);
        assert_int_equal(vt_table_check(&table, &error), VT_FAILED);
        assert_string_equal(error.message, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_right),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_echo_of_run),
        cmocka_unit_test(test_train),
        cmocka_unit_test(test_union_takes_what_fits),
        cmocka_unit_test(test_union_leaves_nothing),
        cmocka_unit_test(test_study),
        cmocka_unit_test(test_echo_keeps_bits),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_memory_failures),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_help_of_lists),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_wrong_tables),
    };
    return VT_RUN_TESTS(tests);
}
