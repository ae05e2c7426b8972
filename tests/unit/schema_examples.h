/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables as rich as those of the commands, with a configuration for each: for the tests of
 * io/config.h and for the fuzzer. */
#ifndef VT_TESTS_SCHEMA_EXAMPLES_H
#define VT_TESTS_SCHEMA_EXAMPLES_H

#include "io/config.h"

/* ---- run ---- */

enum ensemble { NVE, NVT, NPT };
enum precision { MIXED, DOUBLE };

struct every {
    int64_t every;
};

struct trajectory {
    int64_t every;
    int format;
    int *fields;
    size_t n_fields;
};

struct output {
    char *directory;
    struct every thermo, checkpoint;
    struct trajectory trajectory;
};

struct electrostatics {
    int method;
    double accuracy;
};

struct thermostat {
    int kind;
    double time;
};

struct minimise {
    int method;
    double force;
    bool cell;
};

struct stage {
    char *name;
    enum ensemble ensemble;
    bool has_ensemble;
    double *temperature;
    size_t n_temperature;
    double *pressure;
    size_t n_pressure;
    struct thermostat thermostat;
    double duration;
    bool has_duration;
    int64_t steps;
    bool has_steps;
    struct minimise minimise;
    bool has_minimise;
};

struct run {
    char *model, *structure;
    int64_t replicate[3];
    double velocities;
    bool has_velocities;
    int64_t seed;
    double timestep;
    enum precision precision;
    struct electrostatics electrostatics;
    struct neighbour {
        double skin;
    } neighbour;
    struct output output;
    struct stage *stages;
    size_t n_stages;
};

static const struct vt_word ensembles[] = {{"nve", NVE, "constant energy"},
                                           {"nvt", NVT, "constant volume and temperature"},
                                           {"npt", NPT, "constant pressure and temperature"},
                                           {0}};
static const struct vt_word precisions[] = {{"mixed", MIXED, NULL}, {"double", DOUBLE, NULL}, {0}};
static const struct vt_word methods[] = {
    {"auto", 0, NULL}, {"gpumd", 1, NULL}, {"ewald", 2, NULL}, {"pppm", 3, NULL}, {0}};
static const struct vt_word formats[] = {{"h5md", 0, NULL}, {"extxyz", 1, NULL}, {0}};
static const struct vt_word fields[] = {
    {"position", 0, NULL}, {"image", 1, NULL}, {"velocity", 2, NULL}, {"charge", 3, NULL}, {0}};
static const struct vt_word thermostats[] = {{"bussi", 0, NULL}, {"langevin", 1, NULL}, {0}};
static const struct vt_word minimisers[] = {{"fire", 0, NULL}, {"cg", 1, NULL}, {0}};

static const struct vt_entry every_entries[] = {{"every", VT_INTEGER_FIELD(struct every, every),
                                                 .fallback = "100", .minimum = "1",
                                                 .help = "steps between two records"},
                                                {0}};
static const struct vt_table every_table = {"every", "How often", sizeof(struct every),
                                            every_entries, NULL};

static const struct vt_entry trajectory_entries[] = {
    {"every", VT_INTEGER_FIELD(struct trajectory, every), .fallback = "1000", .minimum = "1",
     .help = "steps between two frames"},
    {"format", VT_WORD_FIELD(struct trajectory, format, formats), .fallback = "h5md",
     .help = "kind of file"},
    {"fields", VT_WORD_LIST(struct trajectory, fields, n_fields, fields, 1, 4),
     .fallback = "[position, image]", .help = "what a frame holds"},
    {0}};
static const struct vt_table trajectory_table = {
    "trajectory", "The frames", sizeof(struct trajectory), trajectory_entries, NULL};

static const struct vt_entry output_entries[] = {
    {"directory", VT_PATH_FIELD(struct output, directory), .fallback = "out",
     .help = "where everything goes"},
    {"thermo", VT_MAP_FIELD(struct output, thermo, &every_table), .help = "thermo.csv"},
    {"trajectory", VT_MAP_FIELD(struct output, trajectory, &trajectory_table),
     .help = "the frames"},
    {"checkpoint", VT_MAP_FIELD(struct output, checkpoint, &every_table),
     .fallback = "{every: 10000}", .help = "checkpoint.h5"},
    {0}};
static const struct vt_table output_table = {"output", "What is written", sizeof(struct output),
                                             output_entries, NULL};

static const struct vt_entry electrostatics_entries[] = {
    {"method", VT_WORD_FIELD(struct electrostatics, method, methods), .fallback = "auto",
     .help = "how charges interact"},
    {"accuracy", VT_REAL_FIELD(struct electrostatics, accuracy, VT_NUMBER), .fallback = "1e-5",
     .above = "0", .below = "1", .help = "relative error of forces"},
    {0}};
static const struct vt_table electrostatics_table = {
    "electrostatics", "Charges", sizeof(struct electrostatics), electrostatics_entries, NULL};

static const struct vt_entry neighbour_entries[] = {
    {"skin", VT_REAL_FIELD(struct neighbour, skin, VT_LENGTH), .fallback = "1 A", .minimum = "0 A",
     .maximum = "10 A", .help = "reserve beyond the cutoff"},
    {0}};
static const struct vt_table neighbour_table = {"neighbour", "Neighbour lists",
                                                sizeof(struct neighbour), neighbour_entries, NULL};

static const struct vt_entry thermostat_entries[] = {
    {"kind", VT_WORD_FIELD(struct thermostat, kind, thermostats), .fallback = "bussi",
     .help = "method"},
    {"time", VT_REAL_FIELD(struct thermostat, time, VT_TIME), .fallback = "100 fs", .above = "0 fs",
     .help = "relaxation time"},
    {0}};
static const struct vt_table thermostat_table = {"thermostat", "Bath", sizeof(struct thermostat),
                                                 thermostat_entries, NULL};

static const struct vt_entry minimise_entries[] = {
    {"method", VT_WORD_FIELD(struct minimise, method, minimisers), .fallback = "fire",
     .help = "algorithm"},
    {"force", VT_REAL_FIELD(struct minimise, force, VT_FORCE), .required = true, .above = "0 eV/A",
     .help = "largest force left"},
    {"cell", VT_BOOL_FIELD(struct minimise, cell), .fallback = "false",
     .help = "relax the cell as well"},
    {0}};
static const struct vt_table minimise_table = {"minimise", "Relaxation", sizeof(struct minimise),
                                               minimise_entries, NULL};

static void check_stage(const void *config, struct vt_config_check *check)
{
    const struct stage *stage = config;
    if (stage->has_duration + stage->has_steps + stage->has_minimise != 1)
        vt_hint(vt_check_fail(check, "steps", "a stage has one of duration, steps and minimise"),
                "give one of them");
    if (stage->has_ensemble && stage->ensemble != NVE && !vt_check_given(check, "temperature"))
        vt_check_fail(check, "ensemble", "this ensemble needs a temperature");
}

static const struct vt_entry stage_entries[] = {
    {"name", VT_STRING_FIELD(struct stage, name), .required = true,
     .help = "for files and the log"},
    {"ensemble", VT_WORD_FIELD(struct stage, ensemble, ensembles),
     .given = VT_GIVEN(struct stage, has_ensemble), .help = "what is kept constant"},
    {"temperature", VT_REAL_LIST(struct stage, temperature, n_temperature, VT_TEMPERATURE, 1, 2),
     .one_is_a_list = true, .is_ramp = true, .minimum = "0 K", .help = "at start and end"},
    {"pressure", VT_REAL_LIST(struct stage, pressure, n_pressure, VT_PRESSURE, 1, 2),
     .one_is_a_list = true, .help = "at start and end"},
    {"thermostat", VT_MAP_FIELD(struct stage, thermostat, &thermostat_table), .help = "the bath"},
    {"duration", VT_REAL_FIELD(struct stage, duration, VT_TIME),
     .given = VT_GIVEN(struct stage, has_duration), .minimum = "0 fs", .help = "simulated time"},
    {"steps", VT_INTEGER_FIELD(struct stage, steps), .given = VT_GIVEN(struct stage, has_steps),
     .minimum = "0", .help = "number of steps"},
    {"minimise", VT_MAP_FIELD(struct stage, minimise, &minimise_table),
     .given = VT_GIVEN(struct stage, has_minimise), .help = "relax instead of moving"},
    {0}};
static const struct vt_table stage_table = {"stage", "One part of a run", sizeof(struct stage),
                                            stage_entries, check_stage};

static const struct vt_entry run_entries[] = {
    {"model", VT_PATH_FIELD(struct run, model), .required = true, .help = "the potential, nep.txt"},
    {"structure", VT_PATH_FIELD(struct run, structure), .required = true,
     .help = "extended XYZ, POSCAR or LAMMPS data"},
    {"replicate", VT_INTEGER_ARRAY(struct run, replicate), .fallback = "[1, 1, 1]", .minimum = "1",
     .maximum = "1000", .help = "copies along each cell vector"},
    {"velocities", VT_REAL_FIELD(struct run, velocities, VT_TEMPERATURE),
     .given = VT_GIVEN(struct run, has_velocities), .minimum = "0 K",
     .help = "draw them at this temperature"},
    {"seed", VT_INTEGER_FIELD(struct run, seed), .fallback = "1", .minimum = "0",
     .help = "of all random numbers"},
    {"timestep", VT_REAL_FIELD(struct run, timestep, VT_TIME), .fallback = "1 fs", .above = "0 fs",
     .maximum = "100 fs", .help = "time step"},
    {"precision", VT_WORD_FIELD(struct run, precision, precisions), .fallback = "mixed",
     .help = "arithmetic of the potential"},
    {"electrostatics", VT_MAP_FIELD(struct run, electrostatics, &electrostatics_table),
     .help = "how charges interact"},
    {"neighbour", VT_MAP_FIELD(struct run, neighbour, &neighbour_table), .help = "neighbour lists"},
    {"output", VT_MAP_FIELD(struct run, output, &output_table), .help = "what is written"},
    {"stages", VT_MAP_LIST(struct run, stages, n_stages, &stage_table, 1, VT_UNLIMITED),
     .required = true, .help = "the parts of the run, in order"},
    {0}};
static const struct vt_table run_table = {"vitrion run", "Molecular dynamics", sizeof(struct run),
                                          run_entries, NULL};

static const char run_example[] =
    "model: nep.txt\n"
    "structure: start.xyz            # extended XYZ | POSCAR | LAMMPS data\n"
    "replicate: [2, 2, 2]\n"
    "velocities: 300 K               # drawn\n"
    "seed: 1\n"
    "timestep: 1 fs\n"
    "precision: mixed                # mixed | double\n"
    "electrostatics: {method: auto, accuracy: 1e-5}\n"
    "neighbour: {skin: 1 A}\n"
    "output:\n"
    "  directory: out                # everything goes here\n"
    "  thermo: {every: 100}          # thermo.csv\n"
    "  trajectory: {every: 1000, format: h5md, fields: [position, image, charge]}\n"
    "  checkpoint: {every: 10000}\n"
    "stages:\n"
    "  - {name: heat, ensemble: npt, temperature: [300 K, 1500 K], pressure: 0 GPa, duration: 20 "
    "ps}\n"
    "  - {name: hold, ensemble: nvt, temperature: 1500 K, thermostat: {kind: bussi, time: 100 fs}, "
    "duration: 10 ps}\n"
    "  - {name: free, ensemble: nve, steps: 1000}\n"
    "  - {name: relax, minimise: {method: fire, force: 1 meV/A, cell: false}}\n";

/* ---- train ---- */

enum { TEST_NONE, TEST_FRACTION, TEST_FILE };
enum { OPTIMIZER_NONE, OPTIMIZER_NAME, OPTIMIZER_TUNED };

struct model {
    int64_t version, charge_mode;
    double *cutoff;
    size_t n_cutoff;
    int64_t n_max[2], basis_size[2];
    int64_t *l_max;
    size_t n_l_max;
    int64_t neurons;
};

struct loss {
    double energy, force, virial;
};

struct tuned {
    int method;
    double rate;
};

struct train {
    char *train;
    int test;
    double test_fraction;
    char *test_file;
    char **elements;
    size_t n_elements;
    struct model model;
    struct loss loss;
    int optimizer, optimizer_name;
    struct tuned optimizer_tuned;
    double walltime;
    bool has_walltime;
    int64_t seed;
    struct directory {
        char *directory;
    } output;
};

static const struct vt_word optimizers[] = {
    {"auto", 0, NULL}, {"adam", 1, NULL}, {"snes", 2, NULL}, {0}};

static const struct vt_entry test_choices[] = {
    {"fraction", VT_REAL_FIELD(struct train, test_fraction, VT_FRACTION), .above = "0",
     .below = "1", .help = "of the training set, held back"},
    {"path", VT_PATH_FIELD(struct train, test_file), .help = "a set of its own"},
    {0}};

static const struct vt_entry tuned_entries[] = {
    {"method", VT_WORD_FIELD(struct tuned, method, optimizers), .required = true, .help = "which"},
    {"rate", VT_REAL_FIELD(struct tuned, rate, VT_NUMBER), .fallback = "0.01", .above = "0",
     .help = "step size"},
    {0}};
static const struct vt_table tuned_table = {"optimizer", "Its settings", sizeof(struct tuned),
                                            tuned_entries, NULL};

static const struct vt_entry optimizer_choices[] = {
    {"name", VT_WORD_FIELD(struct train, optimizer_name, optimizers), .help = "with its defaults"},
    {"settings", VT_MAP_FIELD(struct train, optimizer_tuned, &tuned_table), .help = "in detail"},
    {0}};

static const struct vt_entry model_entries[] = {
    {"version", VT_INTEGER_FIELD(struct model, version), .fallback = "4", .minimum = "3",
     .maximum = "5", .help = "of NEP"},
    {"charge_mode", VT_INTEGER_FIELD(struct model, charge_mode), .fallback = "0", .minimum = "0",
     .maximum = "3", .help = "0: none"},
    {"cutoff", VT_REAL_LIST(struct model, cutoff, n_cutoff, VT_LENGTH, 2, 200),
     .fallback = "[8 A, 4 A]", .above = "0 A", .maximum = "100 A", .help = "radial and angular"},
    {"n_max", VT_INTEGER_ARRAY(struct model, n_max), .fallback = "[4, 4]", .minimum = "0",
     .maximum = "19", .help = "radial functions"},
    {"basis_size", VT_INTEGER_ARRAY(struct model, basis_size), .fallback = "[8, 8]", .minimum = "0",
     .maximum = "19", .help = "of the radial functions"},
    {"l_max", VT_INTEGER_LIST(struct model, l_max, n_l_max, 1, 3), .fallback = "[4, 2, 0]",
     .minimum = "0", .maximum = "8", .help = "angular terms"},
    {"neurons", VT_INTEGER_FIELD(struct model, neurons), .fallback = "30", .minimum = "1",
     .maximum = "1000", .help = "of the hidden layer"},
    {0}};
static const struct vt_table model_table = {"model", "What is fitted", sizeof(struct model),
                                            model_entries, NULL};

static const struct vt_entry loss_entries[] = {
    {"energy", VT_REAL_FIELD(struct loss, energy, VT_NUMBER), .fallback = "1", .minimum = "0",
     .help = "weight"},
    {"force", VT_REAL_FIELD(struct loss, force, VT_NUMBER), .fallback = "1", .minimum = "0",
     .help = "weight"},
    {"virial", VT_REAL_FIELD(struct loss, virial, VT_NUMBER), .fallback = "0.1", .minimum = "0",
     .help = "weight"},
    {0}};
static const struct vt_table loss_table = {"loss", "Weights", sizeof(struct loss), loss_entries,
                                           NULL};

static const struct vt_entry directory_entries[] = {
    {"directory", VT_PATH_FIELD(struct directory, directory), .required = true,
     .help = "where the results go"},
    {0}};
static const struct vt_table directory_table = {"output", "Results", sizeof(struct directory),
                                                directory_entries, NULL};

static const struct vt_entry train_entries[] = {
    {"train", VT_PATH_FIELD(struct train, train), .required = true, .help = "training set"},
    {"test", VT_UNION_FIELD(struct train, test, test_choices),
     .help = "what the model is tested on"},
    {"elements", VT_STRING_LIST(struct train, elements, n_elements, 1, 118), .required = true,
     .help = "in the order of the model"},
    {"model", VT_MAP_FIELD(struct train, model, &model_table), .help = "what is fitted"},
    {"loss", VT_MAP_FIELD(struct train, loss, &loss_table), .help = "weights"},
    {"optimizer", VT_UNION_FIELD(struct train, optimizer, optimizer_choices), .fallback = "auto",
     .help = "method"},
    {"walltime", VT_REAL_FIELD(struct train, walltime, VT_WALLTIME),
     .given = VT_GIVEN(struct train, has_walltime), .above = "0 s", .help = "stop after"},
    {"seed", VT_INTEGER_FIELD(struct train, seed), .fallback = "1", .help = "of random numbers"},
    {"output", VT_MAP_FIELD(struct train, output, &directory_table), .required = true,
     .help = "results"},
    {0}};
static const struct vt_table train_table = {"vitrion train", "Training", sizeof(struct train),
                                            train_entries, NULL};

static const char train_example[] =
    "train: train.xyz\n"
    "test: test.xyz                  # or a fraction: 0.1\n"
    "elements: [Li, Zr, Al, Cl, O, F]\n"
    "model: {version: 4, charge_mode: 1, cutoff: [6 A, 4 A], n_max: [6, 6], basis_size: [6, 6], "
    "l_max: [4, 2, 0], neurons: 30}\n"
    "loss: {energy: 1, force: 1, virial: 0.1}\n"
    "optimizer: auto\n"
    "walltime: 30 min\n"
    "seed: 1\n"
    "output: {directory: run1}\n";

/* ---- study ---- */

struct glass {
    int64_t samples;
};

struct material {
    char *composition;
    int64_t atoms;
    bool has_atoms;
    struct glass glass;
    char *structure;
    int64_t replicate[3];
};

struct study {
    char *model;
    struct material system;
    char *mobile;
    double *temperatures;
    size_t n_temperatures;
    double precision_of_d;
    double longest_run;
    char *report;
};

static void check_material(const void *config, struct vt_config_check *check)
{
    const struct material *material = config;
    if (!material->composition == !material->structure)
        vt_check_fail(check, "structure", "a system has either a composition or a structure");
}

static const struct vt_entry glass_entries[] = {{"samples", VT_INTEGER_FIELD(struct glass, samples),
                                                 .fallback = "1", .minimum = "1",
                                                 .help = "independent quenches"},
                                                {0}};
static const struct vt_table glass_table = {"glass", "Quenching", sizeof(struct glass),
                                            glass_entries, NULL};

static const struct vt_entry material_entries[] = {
    {"composition", VT_STRING_FIELD(struct material, composition), .help = "chemical formula"},
    {"atoms", VT_INTEGER_FIELD(struct material, atoms),
     .given = VT_GIVEN(struct material, has_atoms), .minimum = "1", .help = "about how many"},
    {"glass", VT_MAP_FIELD(struct material, glass, &glass_table), .help = "quenching"},
    {"structure", VT_PATH_FIELD(struct material, structure), .help = "a structure instead"},
    {"replicate", VT_INTEGER_ARRAY(struct material, replicate), .fallback = "[1, 1, 1]",
     .minimum = "1", .help = "copies of the structure"},
    {0}};
static const struct vt_table material_table = {"system", "What is studied", sizeof(struct material),
                                               material_entries, check_material};

static const struct vt_entry study_entries[] = {
    {"model", VT_PATH_FIELD(struct study, model), .required = true, .help = "the potential"},
    {"system", VT_MAP_FIELD(struct study, system, &material_table), .required = true,
     .help = "what is studied"},
    {"mobile", VT_STRING_FIELD(struct study, mobile), .required = true,
     .help = "the ion that moves"},
    {"temperatures",
     VT_REAL_LIST(struct study, temperatures, n_temperatures, VT_TEMPERATURE, 2, 100),
     .required = true, .above = "0 K", .help = "the ladder"},
    {"precision_of_D", VT_REAL_FIELD(struct study, precision_of_d, VT_FRACTION), .fallback = "10 %",
     .above = "0 %", .help = "relative error of D that ends a run"},
    {"longest_run", VT_REAL_FIELD(struct study, longest_run, VT_TIME), .fallback = "1 ns",
     .above = "0 ns", .help = "whatever the precision"},
    {"report", VT_PATH_FIELD(struct study, report), .fallback = "report", .help = "folder"},
    {0}};
static const struct vt_table study_table = {"vitrion study", "From composition to conductivity",
                                            sizeof(struct study), study_entries, NULL};

static const char study_example[] =
    "model: ../../potentials/LiZrAlClOF/nep.txt\n"
    "system: {composition: Li18Zr6Al2Cl34O6F2, atoms: 1000, glass: {samples: 3}}\n"
    "mobile: Li\n"
    "temperatures: [400 K, 500 K, 600 K, 700 K, 800 K]\n"
    "precision_of_D: 10 %\n"
    "longest_run: 1 ns\n"
    "report: report\n";

#endif
