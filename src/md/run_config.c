/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/run_config.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "force/arithmetic.h"

static const struct vt_word ensembles[] = {{"nve", VT_RUN_NVE, "constant energy and volume"},
                                           {"nvt", VT_RUN_NVT, "constant temperature and volume"},
                                           {"npt", VT_RUN_NPT, "constant temperature and pressure"},
                                           {0}};
static const struct vt_word minimisers[] = {
    {"fire", VT_FIRE, "damped dynamics: robust, also far from a minimum"},
    {"lbfgs", VT_LBFGS, "quasi-Newton: fewer force calls near one"},
    {0}};
static const struct vt_word cells[] = {
    {"fixed", VT_MINIMISE_FIXED, "stays"},
    {"isotropic", VT_MINIMISE_ISOTROPIC, "the volume"},
    {"orthorhombic", VT_MINIMISE_ORTHORHOMBIC, "the lengths along x, y and z"},
    {"anisotropic", VT_MINIMISE_ANISOTROPIC, "lengths and angles, without rotation"},
    {"false", VT_MINIMISE_FIXED, "fixed"},
    {"true", VT_MINIMISE_ANISOTROPIC, "anisotropic"},
    {0}};
static const struct vt_word rotations[] = {
    {"keep", VT_RUN_KEEP, "as it comes"}, {"remove", VT_RUN_REMOVE, "of a cluster in vacuum"}, {0}};
static const struct vt_word formats[] = {
    {"h5md", VT_DUMP_H5MD, "NAME.h5"},
    {"extxyz", VT_DUMP_EXTXYZ, "NAME.xyz"},
    {"amber", VT_DUMP_AMBER, "NAME.nc, NetCDF by the AMBER convention"},
    {0}};
static const struct vt_word dump_precisions[] = {
    {"single", VT_DUMP_SINGLE, "9 digits"}, {"double", VT_DUMP_DOUBLE, "17 digits"}, {0}};
static const struct vt_word fields[] = {
    {"position", VT_DUMP_POSITION, "A, inside the cell"},
    {"unwrapped", VT_DUMP_UNWRAPPED, "A, as the atoms went: instead of position"},
    {"image", VT_DUMP_IMAGE, "cells that an atom has crossed"},
    {"velocity", VT_DUMP_VELOCITY, "A/fs"},
    {"force", VT_DUMP_FORCE, "eV/A, of the potential: without an electric field"},
    {"charge", VT_DUMP_CHARGE, "e"},
    {"energy", VT_DUMP_ENERGY, "eV, potential energy of an atom"},
    {"born", VT_DUMP_BORN, "e, Born charges: nine numbers, first index polarisation"},
    {"grade", VT_DUMP_GRADE, "how far from the training set; with extrapolation"},
    {0}};
static const struct vt_word thermostats[] = {
    {"bussi", VT_BUSSI, "stochastic velocity rescaling"},
    {"nose_hoover", VT_NOSE_HOOVER, "Nose-Hoover chain"},
    {"langevin", VT_LANGEVIN, "Langevin dynamics, time = 1/friction"},
    {0}};
static const struct vt_word barostats[] = {
    {"rescale", VT_CELL_RESCALE, "stochastic cell rescaling"},
    {"mttk", VT_MTTK, "Martyna-Tobias-Tuckerman-Klein"},
    {0}};
static const struct vt_word couplings[] = {
    {"isotropic", VT_ISOTROPIC, "the shape stays"},
    {"orthorhombic", VT_ORTHORHOMBIC, "the three lengths, the angles stay"},
    {"anisotropic", VT_ANISOTROPIC, "lengths and angles, without rotation"},
    {0}};

static const struct vt_word field_couplings[] = {
    {"charge", VT_FIELD_ON_CHARGES, "F = q E"},
    {"born", VT_FIELD_ON_BORN, "F = E Z with the Born charges Z"},
    {0}};

/* ---- stages ---- */

static const struct vt_entry thermostat_entries[] = {
    {"kind", VT_WORD_FIELD(struct vt_run_thermostat, kind, thermostats), .fallback = "bussi",
     .help = "method"},
    {"time", VT_REAL_FIELD(struct vt_run_thermostat, time, VT_TIME), .fallback = "100 fs",
     .above = "0 fs", .help = "relaxation time"},
    {"chain", VT_INTEGER_FIELD(struct vt_run_thermostat, chain), .fallback = "3", .minimum = "1",
     .maximum = "10", .help = "thermostats in a Nose-Hoover chain"},
    {0}};
static const struct vt_table thermostat_table = {"thermostat", "The heat bath of nvt and npt",
                                                 sizeof(struct vt_run_thermostat),
                                                 thermostat_entries, NULL};

static const struct vt_entry barostat_entries[] = {
    {"kind", VT_WORD_FIELD(struct vt_run_barostat, kind, barostats), .fallback = "rescale",
     .help = "method"},
    {"coupling", VT_WORD_FIELD(struct vt_run_barostat, coupling, couplings),
     .fallback = "isotropic", .help = "what of the cell may change"},
    {"time", VT_REAL_FIELD(struct vt_run_barostat, time, VT_TIME), .fallback = "1 ps",
     .above = "0 fs", .help = "relaxation time"},
    {"bulk_modulus", VT_REAL_FIELD(struct vt_run_barostat, bulk_modulus, VT_PRESSURE),
     .fallback = "20 GPa", .above = "0 GPa",
     .help = "rough value for the material: with rescale it sets the pace, not the result"},
    {0}};
static const struct vt_table barostat_table = {
    "barostat", "The pressure bath of npt", sizeof(struct vt_run_barostat), barostat_entries, NULL};

static const struct vt_entry strain_rate_entries[] = {
    {"xx", VT_REAL_FIELD(struct vt_run_strain_rate, xx, VT_STRAIN_RATE), .fallback = "0 /ps",
     .help = "stretch along x"},
    {"yy", VT_REAL_FIELD(struct vt_run_strain_rate, yy, VT_STRAIN_RATE), .fallback = "0 /ps",
     .help = "stretch along y"},
    {"zz", VT_REAL_FIELD(struct vt_run_strain_rate, zz, VT_STRAIN_RATE), .fallback = "0 /ps",
     .help = "stretch along z"},
    {"yz", VT_REAL_FIELD(struct vt_run_strain_rate, yz, VT_STRAIN_RATE), .fallback = "0 /ps",
     .help = "shear: y grows with z"},
    {"xz", VT_REAL_FIELD(struct vt_run_strain_rate, xz, VT_STRAIN_RATE), .fallback = "0 /ps",
     .help = "shear: x grows with z"},
    {"xy", VT_REAL_FIELD(struct vt_run_strain_rate, xy, VT_STRAIN_RATE), .fallback = "0 /ps",
     .help = "shear: x grows with y"},
    {0}};
static const struct vt_table strain_rate_table = {
    "strain_rate", "Rates of strain, referred to the lengths at the start of the stage",
    sizeof(struct vt_run_strain_rate), strain_rate_entries, NULL};

static void check_deform(const void *config, struct vt_config_check *check)
{
    const struct vt_run_deform *deform = config;
    static const char *const ways[] = {"volume", "density", "lengths", "strain_rate"};
    const bool given[] = {deform->has_volume, deform->has_density, deform->has_lengths,
                          deform->has_strain_rate};
    int n = 0, last = 0;
    for (int w = 0; w < 4; w++)
        if (given[w]) {
            n++;
            last = w;
        }
    if (n != 1)
        vt_hint(
            vt_check_fail(check, ways[last], "%s",
                          n ? "a cell is driven in one way" : "what drives the cell is missing"),
            "one of volume: 0.9, density: 2.3 g/cm3, lengths: [1, 1, 1.05], strain_rate: "
            "{zz: 0.1 %%/ps}");
}

static const struct vt_entry deform_entries[] = {
    {"volume", VT_REAL_FIELD(struct vt_run_deform, volume, VT_FRACTION), .above = "0",
     .given = VT_GIVEN(struct vt_run_deform, has_volume),
     .help = "at the end, as a part of that at the start of the stage; the shape stays"},
    {"density", VT_REAL_FIELD(struct vt_run_deform, density, VT_DENSITY), .above = "0 g/cm3",
     .given = VT_GIVEN(struct vt_run_deform, has_density), .help = "at the end; the shape stays"},
    {"lengths", VT_REAL_ARRAY(struct vt_run_deform, lengths, VT_FRACTION), .above = "0",
     .given = VT_GIVEN(struct vt_run_deform, has_lengths),
     .help = "of a, b, c at the end, as parts of those at the start; the angles stay"},
    {"strain_rate", VT_MAP_FIELD(struct vt_run_deform, strain_rate, &strain_rate_table),
     .given = VT_GIVEN(struct vt_run_deform, has_strain_rate),
     .help = "constant for the whole stage"},
    {0}};
static const struct vt_table deform_table = {
    "deform", "A cell that is driven, in nve and nvt: its vectors change linearly in time",
    sizeof(struct vt_run_deform), deform_entries, check_deform};

static const struct vt_entry electric_field_entries[] = {
    {"field", VT_REAL_ARRAY(struct vt_run_field, field, VT_FIELD), .required = true,
     .help = "x, y and z"},
    {"coupling", VT_WORD_FIELD(struct vt_run_field, coupling, field_couplings),
     .fallback = "charge", .help = "what the field acts on"},
    {0}};
static const struct vt_table electric_field_table = {
    "electric_field", "A constant field on all atoms; for models with charges",
    sizeof(struct vt_run_field), electric_field_entries, NULL};
static void check_minimise(const void *config, struct vt_config_check *check)
{
    const struct vt_run_minimise *minimise = config;
    if (minimise->cell == VT_MINIMISE_FIXED && minimise->pressure != 0)
        vt_hint(vt_check_fail(check, "pressure", "a fixed cell follows no pressure"),
                "cell: isotropic, orthorhombic or anisotropic");
}

static const struct vt_entry minimise_entries[] = {
    {"method", VT_WORD_FIELD(struct vt_run_minimise, method, minimisers), .fallback = "fire",
     .help = "the way down"},
    {"force", VT_REAL_FIELD(struct vt_run_minimise, force, VT_FORCE), .fallback = "1 meV/A",
     .above = "0 eV/A", .help = "reached when no atom feels a larger force"},
    {"cell", VT_WORD_FIELD(struct vt_run_minimise, cell, cells), .fallback = "fixed",
     .help = "what of the cell may change"},
    {"pressure", VT_REAL_FIELD(struct vt_run_minimise, pressure, VT_PRESSURE), .fallback = "0 GPa",
     .help = "that the cell is to have"},
    {"pressure_accuracy", VT_REAL_FIELD(struct vt_run_minimise, pressure_accuracy, VT_PRESSURE),
     .fallback = "0.01 GPa", .above = "0 GPa",
     .help = "reached when no stress that the cell can follow is further off"},
    {"steps", VT_INTEGER_FIELD(struct vt_run_minimise, steps), .fallback = "10000", .minimum = "1",
     .maximum = "1000000000000", .help = "at most; each is a force call or a few"},
    {0}};
static const struct vt_table minimise_table = {
    "minimise", "The way to the nearest minimum of the energy, or with the cell of the enthalpy",
    sizeof(struct vt_run_minimise), minimise_entries, check_minimise};

/* What only dynamics has. */
static void check_minimisation(const struct vt_run_stage *stage, struct vt_config_check *check)
{
    if (stage->has_duration || stage->has_steps)
        vt_hint(vt_check_fail(check, stage->has_steps ? "steps" : "duration",
                              "a minimisation ends where it arrives"),
                "minimise: {steps: 1000} limits it");
    if (stage->n_temperature > 0)
        vt_hint(vt_check_fail(check, "temperature", "a minimisation has no temperature"),
                "the dynamics after it starts at its own");
    if (stage->n_pressure > 0)
        vt_hint(vt_check_fail(check, "pressure", "a minimisation has its pressure inside"),
                "minimise: {cell: anisotropic, pressure: 1 GPa}");
    if (stage->has_deform)
        vt_hint(vt_check_fail(check, "deform", "a minimisation does not drive the cell"),
                "deform in nve or nvt; or minimise: {cell: anisotropic, pressure: 1 GPa}");
    if (stage->has_electric_field)
        vt_hint(vt_check_fail(check, "electric_field", "a minimisation has no electric field"),
                "electric_field in nve, nvt or npt");
}

/* Baths that are not used do no harm: the echo of a configuration has them in every stage. */
static void check_unused(const struct vt_run_stage *stage, struct vt_config_check *check)
{
    const char *ensemble = ensembles[stage->ensemble].name;
    if (stage->ensemble < VT_RUN_NVT && stage->n_temperature > 0)
        vt_check_fail(check, "temperature", "%s stages have no temperature to hold", ensemble);
    if (stage->ensemble < VT_RUN_NPT && stage->n_pressure > 0)
        vt_check_fail(check, "pressure", "%s stages have no pressure to hold", ensemble);
}

static void check_dynamics(const struct vt_run_stage *stage, struct vt_config_check *check)
{
    const char *ensemble = ensembles[stage->ensemble].name;
    if (stage->has_duration == stage->has_steps)
        vt_hint(vt_check_fail(check, stage->has_steps ? "steps" : "duration", "%s",
                              stage->has_steps ? "a stage has either duration or steps"
                                               : "the length of the stage is missing"),
                "duration: 10 ps, or steps: 10000");
    if (stage->ensemble >= VT_RUN_NVT && stage->n_temperature == 0)
        vt_hint(vt_check_fail(check, "temperature", "%s stages need a temperature", ensemble),
                "temperature: 300 K, or [300 K, 600 K] for a ramp");
    if (stage->ensemble == VT_RUN_NPT && stage->n_pressure == 0)
        vt_hint(vt_check_fail(check, "pressure", "npt stages need a pressure"),
                "pressure: 0 GPa, or [0 GPa, 1 GPa] for a ramp");
    if (stage->ensemble == VT_RUN_NPT && stage->has_deform)
        vt_hint(vt_check_fail(check, "deform", "npt stages leave the cell to the pressure"),
                "nvt or nve with deform; or npt without");
    check_unused(stage, check);
}

static void check_stage(const void *config, struct vt_config_check *check)
{
    const struct vt_run_stage *stage = config;
    if (stage->has_ensemble == stage->has_minimise)
        vt_hint(vt_check_fail(check, stage->has_minimise ? "minimise" : "ensemble", "%s",
                              stage->has_minimise ? "a stage is either dynamics or a minimisation"
                                                  : "what the stage does is missing"),
                "ensemble: nvt, or minimise: {force: 1 meV/A}");
    else if (stage->has_minimise)
        check_minimisation(stage, check);
    else
        check_dynamics(stage, check);
}

static const struct vt_entry stage_entries[] = {
    {"name", VT_STRING_FIELD(struct vt_run_stage, name), .fallback = "run",
     .help = "for the log and thermo.csv"},
    {"ensemble", VT_WORD_FIELD(struct vt_run_stage, ensemble, ensembles),
     .given = VT_GIVEN(struct vt_run_stage, has_ensemble),
     .help = "dynamics: what is held constant"},
    {"minimise", VT_MAP_FIELD(struct vt_run_stage, minimise, &minimise_table),
     .given = VT_GIVEN(struct vt_run_stage, has_minimise),
     .help = "instead: go to the nearest minimum"},
    {"temperature",
     VT_REAL_LIST(struct vt_run_stage, temperature, n_temperature, VT_TEMPERATURE, 1, 2),
     .one_is_a_list = true, .is_ramp = true, .minimum = "0 K",
     .help = "of the bath: a value, or start and end"},
    {"pressure", VT_REAL_LIST(struct vt_run_stage, pressure, n_pressure, VT_PRESSURE, 1, 2),
     .one_is_a_list = true, .is_ramp = true, .help = "of the bath: a value, or start and end"},
    {"thermostat", VT_MAP_FIELD(struct vt_run_stage, thermostat, &thermostat_table),
     .help = "the heat bath"},
    {"barostat", VT_MAP_FIELD(struct vt_run_stage, barostat, &barostat_table),
     .help = "the pressure bath"},
    {"deform", VT_MAP_FIELD(struct vt_run_stage, deform, &deform_table),
     .given = VT_GIVEN(struct vt_run_stage, has_deform), .help = "a cell that is driven"},
    {"electric_field", VT_MAP_FIELD(struct vt_run_stage, electric_field, &electric_field_table),
     .given = VT_GIVEN(struct vt_run_stage, has_electric_field), .help = "a field on all atoms"},
    {"duration", VT_REAL_FIELD(struct vt_run_stage, duration, VT_TIME), .above = "0 fs",
     .given = VT_GIVEN(struct vt_run_stage, has_duration),
     .help = "length of the stage, rounded to whole steps"},
    {"steps", VT_INTEGER_FIELD(struct vt_run_stage, steps), .minimum = "1",
     .maximum = "1000000000000", .given = VT_GIVEN(struct vt_run_stage, has_steps),
     .help = "length of the stage, in steps"},
    {"freeze", VT_STRING_LIST(struct vt_run_stage, freeze, n_freeze, 1, VT_GROUPS_MOST),
     .one_is_a_list = true,
     .help = "groups whose atoms stay where they are and count for no temperature; not where the "
             "cell changes"},
    {0}};
static const struct vt_table stage_table = {
    "stage", "A part of the run", sizeof(struct vt_run_stage), stage_entries, check_stage};

/* ---- output ---- */

static const struct vt_entry thermo_entries[] = {
    {"every", VT_INTEGER_FIELD(struct vt_run_every, every), .fallback = "100", .minimum = "1",
     .help = "steps from row to row"},
    {0}};
static const struct vt_table thermo_table = {"thermo", "The table thermo.csv",
                                             sizeof(struct vt_run_every), thermo_entries, NULL};

static const struct vt_entry checkpoint_entries[] = {
    {"every", VT_INTEGER_FIELD(struct vt_run_every, every), .fallback = "10000", .minimum = "1",
     .help = "steps from checkpoint to checkpoint; there is one at the start and the end besides"},
    {0}};
static const struct vt_table checkpoint_table = {"checkpoint", "The state of the run, to go on",
                                                 sizeof(struct vt_run_every), checkpoint_entries,
                                                 NULL};

bool vt_run_dump_holds(const struct vt_run_dump *dump, enum vt_dump_field field)
{
    for (size_t i = 0; i < dump->n_fields; i++)
        if (dump->fields[i] == (int)field)
            return true;
    return false;
}

static void check_dump(const void *config, struct vt_config_check *check)
{
    const struct vt_run_dump *dump = config;
    if (vt_run_dump_holds(dump, VT_DUMP_POSITION) == vt_run_dump_holds(dump, VT_DUMP_UNWRAPPED))
        vt_check_fail(check, "fields", "a frame has either position or unwrapped");
    if (vt_run_dump_holds(dump, VT_DUMP_BORN) && dump->format == VT_DUMP_AMBER)
        vt_hint(vt_check_fail(check, "fields", "amber files have no place for born"),
                "format: h5md, or extxyz");
    if (vt_run_dump_holds(dump, VT_DUMP_GRADE) && dump->format != VT_DUMP_EXTXYZ)
        vt_hint(vt_check_fail(check, "fields", "only extended XYZ has a place for grade"),
                "format: extxyz");
    if (vt_run_dump_holds(dump, VT_DUMP_UNWRAPPED) && vt_run_dump_holds(dump, VT_DUMP_IMAGE))
        vt_check_fail(check, "fields", "unwrapped positions need no image");
    bool right = dump->name[0] != '\0';
    for (const char *c = dump->name; *c; c++)
        right = right && (isalnum((unsigned char)*c) || *c == '_');
    if (!right)
        vt_hint(vt_check_fail(check, "name", "'%.80s' is no name for a trajectory", dump->name),
                "it becomes the name of a file: letters, digits and '_'");
    if (strcmp(dump->name, "final") == 0)
        vt_check_fail(check, "name", "final.xyz is the last frame of the run");
    if (strcmp(dump->name, "checkpoint") == 0)
        vt_check_fail(check, "name", "checkpoint.h5 is the state of the run");
    if (strcmp(dump->name, "last_good") == 0)
        vt_check_fail(check, "name", "last_good.xyz is the last frame before a run went wrong");
}

static const struct vt_entry dump_entries[] = {
    {"name", VT_STRING_FIELD(struct vt_run_dump, name), .fallback = "trajectory",
     .help = "of the file, without its ending"},
    {"every", VT_INTEGER_FIELD(struct vt_run_dump, every), .fallback = "1000", .minimum = "1",
     .help = "steps from frame to frame"},
    {"format", VT_WORD_FIELD(struct vt_run_dump, format, formats), .fallback = "h5md",
     .help = "kind of file"},
    {"fields", VT_WORD_LIST(struct vt_run_dump, fields, n_fields, fields, 1, VT_DUMP_FIELDS),
     .fallback = "[position, image]", .help = "what a frame holds of each atom"},
    {"precision", VT_WORD_FIELD(struct vt_run_dump, precision, dump_precisions),
     .fallback = "single", .help = "of the numbers"},
    {"group", VT_STRING_FIELD(struct vt_run_dump, group), .fallback = "all",
     .help = "the atoms that a frame holds"},
    {"above_grade", VT_REAL_FIELD(struct vt_run_dump, above_grade, VT_NUMBER), .minimum = "0",
     .given = VT_GIVEN(struct vt_run_dump, has_above_grade),
     .help = "only frames with an atom (of any group) beyond this grade; with extrapolation"},
    {0}};
static const struct vt_table dump_table = {"trajectory", "A file of frames",
                                           sizeof(struct vt_run_dump), dump_entries, check_dump};

static void check_output(const void *config, struct vt_config_check *check)
{
    const struct vt_run_output *output = config;
    for (size_t i = 0; i < output->n_trajectory; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(output->trajectory[i].name, output->trajectory[j].name) == 0)
                vt_hint(vt_check_fail(check, "trajectory", "two trajectories are named '%s'",
                                      output->trajectory[i].name),
                        "give each a name of its own");
}

static const struct vt_entry output_entries[] = {
    {"directory", VT_PATH_FIELD(struct vt_run_output, directory), .fallback = "out",
     .help = "where everything goes; made if it is not there"},
    {"thermo", VT_MAP_FIELD(struct vt_run_output, thermo, &thermo_table), .help = "thermo.csv"},
    {"trajectory", VT_MAP_LIST(struct vt_run_output, trajectory, n_trajectory, &dump_table, 0, 16),
     .one_is_a_list = true, .help = "files of frames; none: no trajectory"},
    {"checkpoint", VT_MAP_FIELD(struct vt_run_output, checkpoint, &checkpoint_table),
     .help = "checkpoint.h5"},
    {0}};
static const struct vt_table output_table = {
    "output", "What is written", sizeof(struct vt_run_output), output_entries, check_output};

/* ---- the rest ---- */

static const struct vt_entry electrostatics_entries[] = {
    {"method", VT_WORD_FIELD(struct vt_run_charges, method, vt_electrostatics_words),
     .fallback = "auto", .help = "how charges interact"},
    {"accuracy", VT_REAL_FIELD(struct vt_run_charges, accuracy, VT_NUMBER), .fallback = "1e-5",
     .minimum = "1e-14", .maximum = "0.01",
     .help = "of all but gpumd: error of the forces, relative to that of two unit charges at 1 A"},
    {0}};
static const struct vt_table electrostatics_table = {"electrostatics", "Models with charges",
                                                     sizeof(struct vt_run_charges),
                                                     electrostatics_entries, NULL};

static const struct vt_entry neighbour_entries[] = {
    {"skin", VT_REAL_FIELD(struct vt_run_neighbour, skin, VT_LENGTH), .fallback = "1 A",
     .minimum = "0 A", .maximum = "10 A",
     .help = "reserve beyond the cutoff: lists last until an atom has moved half of it"},
    {0}};
static const struct vt_table neighbour_table = {
    "neighbour", "Neighbour lists", sizeof(struct vt_run_neighbour), neighbour_entries, NULL};

static const struct vt_entry extrapolation_entries[] = {
    {"active_set", VT_PATH_FIELD(struct vt_run_extrapolation, active_set), .required = true,
     .help = "active set of the model, as `vitrion train` and `vitrion model active` write it"},
    {"every", VT_INTEGER_FIELD(struct vt_run_extrapolation, every), .fallback = "100",
     .minimum = "1", .help = "steps from look to look"},
    {0}};
static const struct vt_table extrapolation_table = {
    "extrapolation", "How far the atoms are from what the model was trained with",
    sizeof(struct vt_run_extrapolation), extrapolation_entries, NULL};

static void check_guards(const void *config, struct vt_config_check *check)
{
    const struct vt_run_guards *guards = config;
    if (!(guards->volume[0] < 1 && guards->volume[1] > 1))
        vt_hint(vt_check_fail(check, "volume", "the volume at the start lies outside the bounds"),
                "volume: [0.5, 2] lets it halve and double");
}

static const struct vt_entry guards_entries[] = {
    {"temperature", VT_REAL_FIELD(struct vt_run_guards, temperature, VT_TEMPERATURE),
     .fallback = "20000 K", .above = "0 K", .help = "highest temperature of the system"},
    {"displacement", VT_REAL_FIELD(struct vt_run_guards, displacement, VT_LENGTH),
     .fallback = "0.5 A", .above = "0 A", .help = "longest way of an atom in one step"},
    {"volume", VT_REAL_ARRAY(struct vt_run_guards, volume, VT_FRACTION), .fallback = "[0.5, 2]",
     .above = "0",
     .help =
         "least and largest volume, as fractions of that at the start or after the last deform"},
    {"grade", VT_REAL_FIELD(struct vt_run_guards, grade, VT_NUMBER), .above = "1",
     .given = VT_GIVEN(struct vt_run_guards, has_grade),
     .help = "largest grade of an atom; with extrapolation, and no bound if it is not given"},
    {0}};
static const struct vt_table guards_table = {"guards", "Bounds at which the run ends as failed",
                                             sizeof(struct vt_run_guards), guards_entries,
                                             check_guards};

#define VT_PHYSICS_ENTRIES                                                                         \
    {"replicate",                                                                                  \
     VT_INTEGER_ARRAY(struct vt_run_config, replicate),                                            \
     .fallback = "[1, 1, 1]",                                                                      \
     .minimum = "1",                                                                               \
     .maximum = "10000",                                                                           \
     .help = "copies along the three cell vectors"},                                               \
        {"groups",                                                                                 \
         VT_MAP_LIST(struct vt_run_config, groups, n_groups, &vt_group_table, 0, VT_GROUPS_MOST),  \
         .one_is_a_list = true, .help = "atoms under a name, for freeze and trajectories"},        \
        {"velocities", VT_REAL_FIELD(struct vt_run_config, velocities, VT_TEMPERATURE),            \
         .minimum = "0 K", .given = VT_GIVEN(struct vt_run_config, has_velocities),                \
         .help =                                                                                   \
             "drawn at this temperature; without it those of the structure, else drawn at the "    \
             "first stage's temperature; at rest in a minimisation"},                              \
        {"rotation", VT_WORD_FIELD(struct vt_run_config, rotation, rotations), .fallback = "keep", \
         .help = "taken out with the motion as a whole, or not, where velocities are drawn and "   \
                 "stages begin"},                                                                  \
        {"seed",                                                                                   \
         VT_INTEGER_FIELD(struct vt_run_config, seed),                                             \
         .fallback = "1",                                                                          \
         .minimum = "0",                                                                           \
         .maximum = "4294967295",                                                                  \
         .help = "of all random numbers"},                                                         \
        {"timestep",         VT_REAL_FIELD(struct vt_run_config, timestep, VT_TIME),               \
         .fallback = "1 fs", .above = "0 fs",                                                      \
         .maximum = "10 fs", .help = "time step"},                                                 \
        {"precision", VT_WORD_FIELD(struct vt_run_config, precision, vt_precision_words),          \
         .fallback = "mixed", .help = "arithmetic of the potential"},                              \
    {                                                                                              \
        "electrostatics",                                                                          \
            VT_MAP_FIELD(struct vt_run_config, electrostatics, &electrostatics_table),             \
            .help = "models with charges"                                                          \
    }

static const struct vt_entry physics_entries[] = {VT_PHYSICS_ENTRIES, {0}};
static const struct vt_table physics_table = {"physics", "What makes the trajectory",
                                              sizeof(struct vt_run_config), physics_entries, NULL};

static const struct vt_entry entries[] = {
    {"model", VT_PATH_FIELD(struct vt_run_config, model), .required = true,
     .help = "the potential, a NEP or qNEP model"},
    {"structure", VT_PATH_FIELD(struct vt_run_config, structure), .required = true,
     .help = "the atoms: extended XYZ, POSCAR or LAMMPS data; of several frames the first"},
    VT_PHYSICS_ENTRIES,
    {"isa", VT_WORD_FIELD(struct vt_run_config, isa, vt_isa_words), .fallback = "auto",
     .help = "instruction set of mixed precision; the same bits come from the same one"},
    {"neighbour", VT_MAP_FIELD(struct vt_run_config, neighbour, &neighbour_table),
     .help = "neighbour lists"},
    {"grid", VT_INTEGER_ARRAY(struct vt_run_config, grid), .fallback = "[0, 0, 0]", .minimum = "0",
     .maximum = "1000000", .help = "bricks along the three cell vectors, one a rank; 0: chosen"},
    {"output", VT_MAP_FIELD(struct vt_run_config, output, &output_table),
     .help = "what is written"},
    {"walltime", VT_REAL_FIELD(struct vt_run_config, walltime, VT_WALLTIME), .above = "0 s",
     .given = VT_GIVEN(struct vt_run_config, has_walltime),
     .help = "the run ends with a checkpoint before this time is over"},
    {"extrapolation", VT_MAP_FIELD(struct vt_run_config, extrapolation, &extrapolation_table),
     .given = VT_GIVEN(struct vt_run_config, has_extrapolation),
     .help = "how far the atoms are from what the model was trained with"},
    {"guards", VT_MAP_FIELD(struct vt_run_config, guards, &guards_table),
     .help = "bounds at which the run ends as failed"},
    {"stages", VT_MAP_LIST(struct vt_run_config, stages, n_stages, &stage_table, 1, 1000),
     .required = true, .help = "one after the other"},
    {0}};

/* Groups that are named anywhere are there. */
static void check_groups(const struct vt_run_config *run, struct vt_config_check *check)
{
    const struct vt_groups groups = vt_run_groups(run);
    char where[64];
    vt_groups_check(groups, check, "groups");
    for (size_t i = 0; i < run->n_stages; i++) {
        const struct vt_run_stage *stage = &run->stages[i];
        snprintf(where, sizeof where, "stages.%zu.freeze", i);
        vt_groups_check_names(groups, stage->freeze, stage->n_freeze, where, check, "stages");
    }
    for (size_t i = 0; i < run->output.n_trajectory; i++) {
        snprintf(where, sizeof where, "output.trajectory.%zu.group", i);
        vt_groups_check_names(groups, &run->output.trajectory[i].group, 1, where, check, "output");
    }
}

/* Is there a temperature for its velocities? */
static void check_start(const struct vt_run_config *run, size_t i, struct vt_config_check *check)
{
    const struct vt_run_stage *stage = &run->stages[i];
    double temperature;
    if (vt_run_stage_draws(run, i, &temperature) && temperature < 0)
        vt_hint(vt_check_fail(check, "stages",
                              "stage %zu (%s) follows a minimisation, which leaves the atoms at "
                              "rest, and has no temperature to draw velocities at",
                              i, stage->name),
                "velocities: 300 K, or 0 K for atoms at rest");
}

/* The rotation stays zero, and degrees of freedom less, only where nothing outside turns the
 * cluster. */
static void check_rotation(const struct vt_run_config *run, size_t i, struct vt_config_check *check)
{
    const struct vt_run_stage *stage = &run->stages[i];
    if (run->rotation != VT_RUN_REMOVE)
        return;
    if (vt_run_stage_moves_cell(stage))
        vt_hint(
            vt_check_fail(check, "rotation",
                          "stage %zu (%s) changes the cell: a cluster in vacuum has no pressure", i,
                          stage->name),
            "rotation: keep, or stages of constant volume");
    if (stage->n_freeze > 0)
        vt_hint(vt_check_fail(check, "rotation",
                              "stage %zu (%s) freezes atoms, which hold the cluster", i,
                              stage->name),
                "rotation: keep, or no freeze");
    if (stage->has_electric_field)
        vt_hint(vt_check_fail(check, "rotation",
                              "stage %zu (%s) has an electric field, which turns the cluster", i,
                              stage->name),
                "rotation: keep, or no electric_field");
}

/* Who asks for grades must say by which active set. */
static void check_extrapolation(const struct vt_run_config *run, struct vt_config_check *check)
{
    static const char hint[] = "extrapolation: {active_set: active_set.txt}";
    if (run->has_extrapolation)
        return;
    if (run->guards.has_grade)
        vt_hint(vt_check_fail(check, "guards", "a bound on the grade needs an active set"), hint);
    for (size_t i = 0; i < run->output.n_trajectory; i++) {
        const struct vt_run_dump *dump = &run->output.trajectory[i];
        if (dump->has_above_grade || vt_run_dump_holds(dump, VT_DUMP_GRADE))
            vt_hint(vt_check_fail(check, "output",
                                  "the grades of trajectory '%.80s' need an active set",
                                  dump->name),
                    hint);
    }
}

static void check_run(const void *config, struct vt_config_check *check)
{
    const struct vt_run_config *run = config;
    vt_check_isa(run->isa, check);
    check_groups(run, check);
    check_extrapolation(run, check);
    for (size_t i = 0; i < run->n_stages; i++) {
        if (run->stages[i].has_duration && run->stages[i].duration < 0.5 * run->timestep)
            vt_check_fail(check, "stages", "stage %zu (%s) is shorter than a time step", i,
                          run->stages[i].name);
        check_start(run, i, check);
        check_rotation(run, i, check);
    }
}

const struct vt_table vt_run_table = {"run", "Keywords of `vitrion run`",
                                      sizeof(struct vt_run_config), entries, check_run};

const char *vt_run_dump_ending(enum vt_dump_format format)
{
    static const char *const endings[] = {
        [VT_DUMP_EXTXYZ] = "xyz", [VT_DUMP_H5MD] = "h5", [VT_DUMP_AMBER] = "nc"};
    return endings[format];
}

struct vt_groups vt_run_groups(const struct vt_run_config *config)
{
    assert(config);
    return (struct vt_groups){config->groups, config->n_groups};
}

uint32_t vt_run_stage_frozen(const struct vt_run_config *config, size_t stage)
{
    assert(stage < config->n_stages);
    const struct vt_run_stage *s = &config->stages[stage];
    return vt_groups_find(vt_run_groups(config), s->freeze, s->n_freeze);
}

int64_t vt_run_stage_steps(const struct vt_run_config *config, size_t stage)
{
    assert(stage < config->n_stages);
    const struct vt_run_stage *s = &config->stages[stage];
    if (s->has_minimise)
        return s->minimise.steps;
    const int64_t steps = s->has_steps ? s->steps : llround(s->duration / config->timestep);
    return steps > 0 ? steps : 1;
}

bool vt_run_stage_moves_cell(const struct vt_run_stage *stage)
{
    assert(stage);
    return stage->has_minimise ? stage->minimise.cell != VT_MINIMISE_FIXED
                               : stage->ensemble == VT_RUN_NPT || stage->has_deform;
}

/* Before the first dynamics `velocities` comes first, as where there is no minimisation. A
 * temperature below zero, if there is none, is refused when the configuration is read. */
bool vt_run_stage_draws(const struct vt_run_config *config, size_t stage, double *temperature)
{
    assert(stage < config->n_stages);
    const struct vt_run_stage *s = &config->stages[stage];
    if (stage == 0 || s->has_minimise || !s[-1].has_minimise)
        return false;
    bool is_first = true;
    for (size_t i = 0; i < stage; i++)
        is_first = is_first && config->stages[i].has_minimise;
    *temperature = s->n_temperature > 0 ? s->temperature[0] : -1;
    if (config->has_velocities && (is_first || s->n_temperature == 0))
        *temperature = config->velocities;
    return true;
}

void vt_run_echo_physics(const struct vt_run_config *config, FILE *file)
{
    assert(config && file);
    vt_config_echo(&physics_table, config, file);
}

void vt_run_echo_stage(const struct vt_run_config *config, size_t stage, FILE *file)
{
    assert(stage < config->n_stages);
    vt_config_echo(&stage_table, &config->stages[stage], file);
}

/* One value stands for both ends. */
static void set_ramp(double ramp[2], const double *values, size_t n)
{
    assert(n <= 2);
    if (n == 0)
        return;
    ramp[0] = values[0];
    ramp[1] = values[n - 1];
}

static struct vt_cell_ramp ramp_of(const struct vt_run_deform *deform)
{
    const struct vt_run_strain_rate *rate = &deform->strain_rate;
    return (struct vt_cell_ramp){
        .kind = deform->has_volume    ? VT_RAMP_VOLUME
                : deform->has_density ? VT_RAMP_DENSITY
                : deform->has_lengths ? VT_RAMP_LENGTHS
                                      : VT_RAMP_STRAIN_RATE,
        .volume = deform->volume,
        .density = deform->density,
        .lengths = {deform->lengths[0], deform->lengths[1], deform->lengths[2]},
        .strain_rate = {{rate->xx, 0, 0}, {rate->xy, rate->yy, 0}, {rate->xz, rate->yz, rate->zz}}};
}

struct vt_ensemble_settings vt_run_stage_ensemble(const struct vt_run_config *config, size_t stage,
                                                  int64_t first_step)
{
    assert(stage < config->n_stages);
    const struct vt_run_stage *s = &config->stages[stage];
    struct vt_ensemble_settings settings = {.first_step = first_step,
                                            .n_steps = vt_run_stage_steps(config, stage),
                                            .frozen = vt_run_stage_frozen(config, stage)};
    if (s->ensemble >= VT_RUN_NVT) {
        settings.thermostat = s->thermostat.kind;
        settings.temperature_time = s->thermostat.time;
        settings.chain = (int)s->thermostat.chain;
        set_ramp(settings.temperature, s->temperature, s->n_temperature);
    }
    if (s->ensemble == VT_RUN_NPT) {
        settings.barostat = s->barostat.kind;
        settings.coupling = s->barostat.coupling;
        settings.pressure_time = s->barostat.time;
        settings.compressibility = 1 / s->barostat.bulk_modulus;
        set_ramp(settings.pressure, s->pressure, s->n_pressure);
    }
    if (s->has_deform) {
        settings.barostat = VT_CELL_RAMP;
        settings.ramp = ramp_of(&s->deform);
    }
    if (s->has_electric_field) {
        settings.field.coupling = s->electric_field.coupling;
        for (int d = 0; d < 3; d++)
            settings.field.strength[d] = s->electric_field.field[d];
    }
    return settings;
}

struct vt_minimise_settings vt_run_stage_minimise(const struct vt_run_config *config, size_t stage)
{
    assert(stage < config->n_stages && config->stages[stage].has_minimise);
    const struct vt_run_minimise *minimise = &config->stages[stage].minimise;
    return (struct vt_minimise_settings){.method = minimise->method,
                                         .cell = minimise->cell,
                                         .force = minimise->force,
                                         .pressure = minimise->pressure,
                                         .pressure_accuracy = minimise->pressure_accuracy,
                                         .n_steps = minimise->steps};
}

const char *vt_run_method_name(enum vt_minimise_method method)
{
    return minimisers[method].name;
}
