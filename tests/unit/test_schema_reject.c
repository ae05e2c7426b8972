/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations that are wrong, each with all that is said about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "io/yaml_tree.h"
#include "schema_examples.h"

/* The keywords that have to be there, in lines 1 to 3. */
#define RUN   "model: m\nstructure: s\nstages: [{name: a, steps: 1}]\n"
#define TRAIN "train: t\nelements: [Li]\noutput: {directory: o}\n"

#define TEXT(text) text, sizeof(text) - 1

static const struct {
    const char *name;
    const struct vt_table *table;
    const char *text;
    size_t size;
    const char *report;
} cases[] = {
    {"unknown keyword", &run_table, TEXT(RUN "tmestep: 1 fs\n"),
     "c.yaml:4:1: error: 'tmestep' is not a keyword here\n"
     "  did you mean 'timestep'?\n"},
    {"unknown keyword, nothing near", &run_table, TEXT(RUN "frobnicate: 1\n"),
     "c.yaml:4:1: error: 'frobnicate' is not a keyword here\n"
     "  keywords here: model, structure, replicate, velocities, seed, timestep, precision, "
     "electrostatics, neighbour, output, stages\n"},
    {"unknown keyword inside", &run_table, TEXT(RUN "output: {thermo: {evry: 1}}\n"),
     "c.yaml:4:19: error: 'evry' is not a keyword here\n"
     "  did you mean 'every'?\n"},
    {"unknown keyword in an item", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages:\n"
          "  - name: a\n"
          "    step: 1\n"
          "    steps: 1\n"),
     "c.yaml:5:5: error: 'step' is not a keyword here\n"
     "  did you mean 'steps'?\n"},
    {"keyword twice", &run_table,
     TEXT(RUN "seed: 1\n"
              "seed: 2\n"),
     "c.yaml:5:1: error: 'seed' is given twice\n"
     "  first in line 4\n"},
    {"keyword twice inside", &run_table, TEXT(RUN "neighbour: {skin: 1 A, skin: 2 A}\n"),
     "c.yaml:4:24: error: 'skin' is given twice\n"
     "  first in line 4\n"},
    {"wrong unit", &run_table, TEXT(RUN "timestep: 1 K\n"),
     "c.yaml:4:11: error: 'timestep': 'K' is a unit of temperature, not of time\n"
     "  units of time: fs, ps, ns, us\n"},
    {"unknown unit", &run_table, TEXT(RUN "timestep: 1 fz\n"),
     "c.yaml:4:11: error: 'timestep': unknown unit 'fz'\n"
     "  did you mean 'fs'? Units of time: fs, ps, ns, us\n"},
    {"no unit", &run_table, TEXT(RUN "timestep: 1\n"),
     "c.yaml:4:11: error: 'timestep': '1' has no unit\n"
     "  units of time: fs, ps, ns, us\n"},
    {"no unit for zero", &run_table, TEXT(RUN "velocities: 0\n"),
     "c.yaml:4:13: error: 'velocities': '0' has no unit\n"
     "  units of temperature: K\n"},
    {"unit where none belongs", &run_table, TEXT(RUN "electrostatics: {accuracy: 1 eV}\n"),
     "c.yaml:4:28: error: 'accuracy': '1 eV' is not a plain number\n"
     "  a number without a unit is wanted\n"},
    {"walltime in simulated time", &train_table, TEXT(TRAIN "walltime: 30 fs\n"),
     "c.yaml:4:11: error: 'walltime': 'fs' is a unit of time, not of wall time\n"
     "  units of wall time: s, min, h, d\n"},
    {"not above", &run_table, TEXT(RUN "timestep: 0 fs\n"),
     "c.yaml:4:11: error: 'timestep' must be above 0 fs, not '0 fs'\n"},
    {"above the most, in another unit", &run_table, TEXT(RUN "timestep: 1 ps\n"),
     "c.yaml:4:11: error: 'timestep' must be at most 100 fs, not '1 ps'\n"},
    {"below the least", &run_table, TEXT(RUN "neighbour: {skin: -1 A}\n"),
     "c.yaml:4:19: error: 'skin' must be at least 0 A, not '-1 A'\n"},
    {"integer out of bounds", &run_table, TEXT(RUN "replicate: [1, 0, 1001]\n"),
     "c.yaml:4:16: error: item 2 of 'replicate' must be at least 1, not '0'\n"
     "c.yaml:4:19: error: item 3 of 'replicate' must be at most 1000, not '1001'\n"},
    {"not below", &run_table, TEXT(RUN "electrostatics: {accuracy: 1}\n"),
     "c.yaml:4:28: error: 'accuracy' must be below 1, not '1'\n"},
    {"no integer", &run_table, TEXT(RUN "seed: one\n"),
     "c.yaml:4:7: error: 'seed' must be an integer, not 'one'\n"},
    {"digits with a tail", &run_table, TEXT(RUN "seed: 10abc\n"),
     "c.yaml:4:7: error: 'seed' must be an integer, not '10abc'\n"},
    {"integer with a point", &run_table, TEXT(RUN "seed: 1.5\n"),
     "c.yaml:4:7: error: 'seed' must be an integer, not '1.5'\n"},
    {"integer with an exponent", &run_table, TEXT(RUN "seed: 1e6\n"),
     "c.yaml:4:7: error: 'seed' must be an integer, not '1e6'\n"
     "  write 1000000\n"},
    {"integer with underscores", &run_table, TEXT(RUN "seed: 1_000\n"),
     "c.yaml:4:7: error: 'seed' must be an integer, not '1_000'\n"},
    {"hexadecimal", &run_table, TEXT(RUN "seed: 0x10\n"),
     "c.yaml:4:7: error: 'seed' must be an integer, not '0x10'\n"},
    {"integer too large", &run_table, TEXT(RUN "seed: 9223372036854775808\n"),
     "c.yaml:4:7: error: 'seed' must be an integer, not '9223372036854775808'\n"},
    {"nan", &run_table, TEXT(RUN "electrostatics: {accuracy: .nan}\n"),
     "c.yaml:4:28: error: 'accuracy': '.nan' is not a number\n"
     "  a number without a unit is wanted\n"},
    {"nan in words", &run_table, TEXT(RUN "timestep: nan fs\n"),
     "c.yaml:4:11: error: 'timestep': 'nan fs' is not a number with a unit\n"
     "  units of time: fs, ps, ns, us\n"},
    {"infinity", &run_table, TEXT(RUN "timestep: inf fs\n"),
     "c.yaml:4:11: error: 'timestep': 'inf fs' is not a number with a unit\n"
     "  units of time: fs, ps, ns, us\n"},
    {"overflow", &run_table, TEXT(RUN "timestep: 1e999 fs\n"),
     "c.yaml:4:11: error: 'timestep': '1e999 fs' is not a number with a unit\n"
     "  units of time: fs, ps, ns, us\n"},
    {"quantity with a tail", &run_table, TEXT(RUN "timestep: 1 fs please\n"),
     "c.yaml:4:11: error: 'timestep': unknown unit 'fs please'\n"
     "  units of time: fs, ps, ns, us\n"},
    {"yes is no boolean", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages: [{name: a, minimise: {force: 1 meV/A, cell: yes}}]\n"),
     "c.yaml:3:53: error: 'cell' must be true or false, not 'yes'\n"
     "  write true\n"},
    {"Off is no boolean", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages: [{name: a, minimise: {force: 1 meV/A, cell: Off}}]\n"),
     "c.yaml:3:53: error: 'cell' must be true or false, not 'Off'\n"
     "  write false\n"},
    {"maybe is no boolean", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages: [{name: a, minimise: {force: 1 meV/A, cell: maybe}}]\n"),
     "c.yaml:3:53: error: 'cell' must be true or false, not 'maybe'\n"},
    {"unknown word", &run_table, TEXT(RUN "precision: doubel\n"),
     "c.yaml:4:12: error: 'precision' cannot be 'doubel'\n"
     "  did you mean 'double'?\n"},
    {"unknown word, nothing near", &run_table, TEXT(RUN "precision: quadruple\n"),
     "c.yaml:4:12: error: 'precision' cannot be 'quadruple'\n"
     "  it takes one of: mixed, double\n"},
    {"unknown word in a list", &run_table,
     TEXT(RUN "output: {trajectory: {fields: [position, velocities]}}\n"),
     "c.yaml:4:42: error: item 2 of 'fields' cannot be 'velocities'\n"
     "  did you mean 'velocity'?\n"},
    {"list for a value", &run_table, TEXT(RUN "timestep: [1 fs]\n"),
     "c.yaml:4:11: error: 'timestep' takes a single value, not a list\n"},
    {"mapping for a value", &run_table, TEXT(RUN "seed: {value: 1}\n"),
     "c.yaml:4:7: error: 'seed' takes a single value, not a mapping\n"},
    {"value for a list", &run_table, TEXT(RUN "replicate: 2\n"),
     "c.yaml:4:12: error: 'replicate' takes a list, not a single value\n"
     "  write [2]\n"},
    {"value for a mapping", &run_table, TEXT(RUN "output: out\n"),
     "c.yaml:4:9: error: 'output' takes a mapping of keywords, not a single value\n"
     "  its keywords: directory, thermo, trajectory, checkpoint\n"},
    {"list for a mapping", &run_table, TEXT(RUN "output: [out]\n"),
     "c.yaml:4:9: error: 'output' takes a mapping of keywords, not a list\n"
     "  its keywords: directory, thermo, trajectory, checkpoint\n"},
    {"mapping for a list", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages: {name: a}\n"),
     "c.yaml:3:9: error: 'stages' takes a list, not a mapping\n"},
    {"word in a list of mappings", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages: [heat]\n"),
     "c.yaml:3:10: error: item 1 of 'stages' takes a mapping of keywords, not a single value\n"
     "  its keywords: name, ensemble, temperature, pressure, thermostat, duration, steps, "
     "minimise\n"},
    {"list too long", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages: [{name: a, steps: 1, temperature: [1 K, 2 K, 3 K]}]\n"),
     "c.yaml:3:43: error: 'temperature' takes at most 2 items, not 3\n"},
    {"a ramp without an end", &run_table,
     TEXT("structure: s\nmodel: m\n"
          "stages: [{name: a, steps: 1, temperature: [1 K]}]\n"),
     "c.yaml:3:43: error: 'temperature' is a ramp without an end\n"
     "  a list is start and end; a value that stays has no brackets\n"},
    {"list too short", &study_table,
     TEXT("model: m\n"
          "mobile: Li\n"
          "system: {composition: LiCl}\n"
          "temperatures: [1 K]\n"),
     "c.yaml:4:15: error: 'temperatures' takes at least 2 items, not 1\n"},
    {"list of the wrong length", &run_table, TEXT(RUN "replicate: [2, 2]\n"),
     "c.yaml:4:12: error: 'replicate' takes 3 items, not 2\n"},
    {"empty list", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages: []\n"),
     "c.yaml:3:9: error: 'stages' takes at least 1 item, not 0\n"},
    {"no value", &run_table, TEXT(RUN "timestep:\n"),
     "c.yaml:4:10: error: 'timestep' has no value\n"
     "  leave the keyword out to get the default, 1 fs\n"},
    {"null", &run_table, TEXT(RUN "seed: ~\n"),
     "c.yaml:4:7: error: 'seed' has no value\n"
     "  leave the keyword out to get the default, 1\n"},
    {"required, no value", &run_table,
     TEXT("model:\n"
          "structure: s\n"
          "stages: [{name: a, steps: 1}]\n"),
     "c.yaml:1:7: error: 'model' has no value\n"},
    {"empty path", &run_table,
     TEXT("model: ''\n"
          "structure: s\n"
          "stages: [{name: a, steps: 1}]\n"),
     "c.yaml:1:8: error: 'model' must name a file\n"},
    {"missing keyword", &run_table,
     TEXT("structure: s\n"
          "stages: [{name: a, steps: 1}]\n"),
     "c.yaml:1:1: error: the keyword 'model' is missing\n"
     "  model: the potential, nep.txt\n"},
    {"missing in an item", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages:\n"
          "  - steps: 1\n"),
     "c.yaml:4:5: error: the keyword 'name' is missing\n"
     "  name: for files and the log\n"},
    {"rule of a table", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages:\n"
          "  - name: a\n"
          "    steps: 1\n"
          "    duration: 1 ps\n"),
     "c.yaml:5:12: error: a stage has one of duration, steps and minimise\n"
     "  give one of them\n"},
    {"rule of a table, absent keyword", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages:\n"
          "  - name: a\n"),
     "c.yaml:4:5: error: a stage has one of duration, steps and minimise\n"
     "  give one of them\n"},
    {"rule between word and list", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages:\n"
          "  - {name: a, steps: 1, ensemble: nvt}\n"),
     "c.yaml:4:35: error: this ensemble needs a temperature\n"},
    {"an item without a value", &train_table,
     TEXT("train: t\n"
          "elements: [Li, ~]\n"
          "output: {directory: o}\n"),
     "c.yaml:2:16: error: item 2 of 'elements' has no value\n"},
    {"an item left empty", &run_table,
     TEXT("model: m\n"
          "structure: s\n"
          "stages:\n"
          "  -\n"),
     "c.yaml:4:4: error: item 1 of 'stages' takes a mapping of keywords, not a single value\n"
     "  its keywords: name, ensemble, temperature, pressure, thermostat, duration, steps, "
     "minimise\n"},
    {"union, a list that none takes", &train_table, TEXT(TRAIN "test: [1, 2]\n"),
     "c.yaml:4:7: error: 'test' cannot be a list\n"
     "  it takes one of: fraction, path\n"},
    {"union, one alternative fits", &train_table, TEXT(TRAIN "optimizer: {methd: adam}\n"),
     "c.yaml:4:12: error: the keyword 'method' is missing\n"
     "  method: which\n"
     "c.yaml:4:13: error: 'methd' is not a keyword here\n"
     "  did you mean 'method'?\n"},
    {"union, wrong word", &train_table, TEXT(TRAIN "optimizer: adamm\n"),
     "c.yaml:4:12: error: 'optimizer' cannot be 'adamm'\n"
     "  did you mean 'adam'?\n"},
    {"union of words and paths, neither", &train_table, TEXT(TRAIN "test: ''\n"),
     "c.yaml:4:7: error: 'test' cannot be ''\n"
     "  it takes one of: fraction, path\n"},
    {"tab", &run_table,
     TEXT("model: m\n"
          "output:\n"
          "\tdirectory: out\n"),
     "c.yaml:3:1: error: a tab, where only spaces may indent\n"
     "  replace the tabs by spaces\n"},
    {"tab first", &run_table, TEXT("\tmodel: m\n"),
     "c.yaml:1:1: error: a tab, where only spaces may indent\n"
     "  replace the tabs by spaces\n"},
    {"quote never closed", &run_table,
     TEXT("model: m\n"
          "structure: \"s\n"
          "stages: [{name: a, steps: 1}]\n"),
     "c.yaml:2:12: error: the quote that starts here is never closed\n"
     "  put the same quote at the end of the text\n"},
    {"single quote never closed", &run_table,
     TEXT("model: 'm\n"
          "structure: s\n"),
     "c.yaml:1:8: error: the quote that starts here is never closed\n"
     "  put the same quote at the end of the text\n"},
    {"bracket never closed", &run_table,
     TEXT("model: m\n"
          "stages: [{name: a, steps: 1}\n"
          "seed: 1\n"),
     "c.yaml:2:9: error: the list that starts here is broken\n"
     "  separate its items by ',' and end it with ']'\n"},
    {"brace never closed", &run_table,
     TEXT("model: m\n"
          "neighbour: {skin: 1 A\n"
          "seed: 1\n"),
     "c.yaml:2:12: error: the mapping that starts here is broken\n"
     "  separate its keywords by ',' and end it with '}'\n"},
    {"no colon", &run_table,
     TEXT("model: m\n"
          "timestep 1 fs\n"
          "seed: 1\n"),
     "c.yaml:2:1: error: a ':' is missing after this keyword\n"
     "  write 'keyword: value', with a blank after the colon\n"},
    {"no blank after the colon", &run_table,
     TEXT("model:m\n"
          "seed: 1\n"),
     "c.yaml:2:5: error: unexpected ':'\n"
     "  check the indentation and the line before; put a value that contains ': ' in quotes\n"},
    {"colon in a value", &run_table, TEXT("model: a: b\n"),
     "c.yaml:1:9: error: unexpected ':'\n"
     "  check the indentation and the line before; put a value that contains ': ' in quotes\n"},
    {"indented too far", &run_table,
     TEXT("model: m\n"
          "  structure: s\n"),
     "c.yaml:2:12: error: unexpected ':'\n"
     "  check the indentation and the line before; put a value that contains ': ' in quotes\n"},
    {"indented too little", &run_table,
     TEXT("output:\n"
          "    directory: o\n"
          "  thermo: {}\n"),
     "c.yaml:3:3: error: this does not continue the mapping above\n"
     "  the keywords of a mapping start in the same column\n"},
    {"dash beside a keyword", &run_table, TEXT("stages: - name: a\n"),
     "c.yaml:1:9: error: unexpected '-'\n"
     "  start each item of a list on a line of its own, or write [first, second]\n"},
    {"dash among keywords", &run_table,
     TEXT("model: m\n"
          "- a\n"),
     "c.yaml:2:1: error: this does not continue the mapping above\n"
     "  the keywords of a mapping start in the same column\n"},
    {"bad start", &run_table, TEXT("model: @home/nep.txt\n"),
     "c.yaml:1:8: error: a value cannot start with '@'\n"
     "  put it in quotes\n"},
    {"percent", &run_table, TEXT("model: %m\n"),
     "c.yaml:1:8: error: a value cannot start with '%'\n"
     "  put it in quotes\n"},
    {"bad escape", &run_table, TEXT("model: \"C:\\models\\nep.txt\"\n"),
     "c.yaml:1:11: error: unknown character after '\\' in double quotes\n"
     "  use single quotes, in which '\\' is an ordinary character\n"},
    {"escaped zero", &run_table, TEXT("model: \"a\\0b\"\n"),
     "c.yaml:1:8: error: a value cannot hold the character \\0\n"},
    {"anchor", &run_table, TEXT("model: &m nep.txt\n"),
     "c.yaml:1:8: error: anchors ('&m') are not supported\n"
     "  write the value out wherever it is needed, or put it in quotes\n"},
    {"alias", &run_table, TEXT("model: *m\n"),
     "c.yaml:1:8: error: aliases ('*m') are not supported\n"
     "  write the value out, or put it in quotes\n"},
    {"alias bomb", &run_table,
     TEXT("a: &a [x, x]\n"
          "b: &b [*a, *a]\n"
          "c: [*b, *b]\n"),
     "c.yaml:1:4: error: anchors ('&a') are not supported\n"
     "  write the value out wherever it is needed, or put it in quotes\n"},
    {"tag", &run_table, TEXT("model: !!str nep.txt\n"),
     "c.yaml:1:8: error: tags (words that start with '!') are not supported\n"
     "  put text that starts with '!' in quotes\n"},
    {"tag of a list", &run_table, TEXT("stages: !x [a]\n"),
     "c.yaml:1:9: error: tags (words that start with '!') are not supported\n"
     "  put text that starts with '!' in quotes\n"},
    {"merge", &run_table,
     TEXT("<<: {model: m}\n"
          "model: m\n"
          "structure: s\n"
          "stages: [{name: a, steps: 1}]\n"),
     "c.yaml:1:1: error: '<<' is not a keyword here\n"
     "  keywords here: model, structure, replicate, velocities, seed, timestep, precision, "
     "electrostatics, neighbour, output, stages\n"},
    {"complex keyword", &run_table,
     TEXT("? [a, b]\n"
          ": c\n"),
     "c.yaml:1:3: error: a keyword is wanted here, not a list or mapping\n"},
    {"second document", &run_table,
     TEXT(RUN "---\n"
              "seed: 1\n"),
     "c.yaml:4:1: error: a second document starts here\n"
     "  a file holds one configuration: remove the '---'\n"},
    {"text after the end", &run_table,
     TEXT(RUN "...\n"
              "seed: 1\n"),
     "c.yaml:5:1: error: nothing may follow the configuration\n"},
    {"empty", &run_table, TEXT(""), "c.yaml:1:1: error: the configuration is empty\n"},
    {"blanks and comments only", &run_table,
     TEXT("\n"
          "  \n"
          "# nothing\n"),
     "c.yaml:1:1: error: the configuration is empty\n"},
    {"only a marker", &run_table, TEXT("---\n"), "c.yaml:1:1: error: the configuration is empty\n"},
    {"a word", &run_table, TEXT("nep.txt\n"),
     "c.yaml:1:1: error: a configuration is a mapping, not a single value\n"
     "  write lines of 'keyword: value'\n"},
    {"a list", &run_table, TEXT("- model: m\n"),
     "c.yaml:1:1: error: a configuration is a mapping, not a list\n"
     "  write lines of 'keyword: value'\n"},
    {"binary", &run_table, TEXT("\177ELF\002\001\001\000\000\000\n"),
     "c.yaml:1:1: error: this is not a text in UTF-8 (control characters are not allowed)\n"
     "  a configuration is a plain text file\n"},
    {"latin 1", &run_table,
     TEXT("model: m\n"
          "structure: caf\351\n"),
     "c.yaml:2:15: error: this is not a text in UTF-8 (incomplete UTF-8 octet sequence)\n"
     "  a configuration is a plain text file\n"},
    {"zero byte", &run_table,
     TEXT("model: m\n"
          "structure: a\000b\n"),
     "c.yaml:2:13: error: this is not a text in UTF-8 (control characters are not allowed)\n"
     "  a configuration is a plain text file\n"},
    {"UTF-16", &run_table,
     TEXT("\377\376m\000o\000d\000e\000l\000:\000 \000m\000\n"
          "\000"),
     "c.yaml:1:1: error: this is not a text in UTF-8 (invalid leading UTF-8 octet)\n"
     "  a configuration is a plain text file\n"},
    {"carriage returns alone", &run_table,
     TEXT("model: m\rtmestep: 1 fs\rstructure: s\rstages: [{name: a, steps: 1}]\r"),
     "c.yaml:2:1: error: 'tmestep' is not a keyword here\n"
     "  did you mean 'timestep'?\n"},
    {"byte order mark, columns as in an editor", &run_table,
     TEXT("\357\273\277modle: m\n"
          "structure: s\n"
          "stages: [{name: a, steps: 1}]\n"),
     "c.yaml:1:1: error: 'modle' is not a keyword here\n"
     "  did you mean 'model'?\n"
     "c.yaml:1:1: error: the keyword 'model' is missing\n"
     "  model: the potential, nep.txt\n"},
    {"characters, not bytes, make columns", &run_table,
     TEXT(RUN "neighbour: {\"gr\303\266\303\237e\": 1, skin: 1 K}\n"),
     "c.yaml:4:13: error: 'gr\303\266\303\237e' is not a keyword here\n"
     "  keywords here: skin\n"
     "c.yaml:4:31: error: 'skin': 'K' is a unit of temperature, not of length\n"
     "  units of length: A, nm, pm, angstrom, bohr\n"},
    {"several at once", &run_table,
     TEXT("stages:\n"
          "  - {name: a, steps: -1}\n"
          "  - {ensemble: nvx, duration: 1}\n"
          "timestep: 1 K\n"
          "model: m\n"
          "sed: 1\n"
          "precision: high\n"),
     "c.yaml:1:1: error: the keyword 'structure' is missing\n"
     "  structure: extended XYZ, POSCAR or LAMMPS data\n"
     "c.yaml:2:22: error: 'steps' must be at least 0, not '-1'\n"
     "c.yaml:3:5: error: the keyword 'name' is missing\n"
     "  name: for files and the log\n"
     "c.yaml:3:16: error: 'ensemble' cannot be 'nvx'\n"
     "  did you mean 'nve'?\n"
     "c.yaml:3:31: error: 'duration': '1' has no unit\n"
     "  units of time: fs, ps, ns, us\n"
     "c.yaml:4:11: error: 'timestep': 'K' is a unit of temperature, not of time\n"
     "  units of time: fs, ps, ns, us\n"
     "c.yaml:6:1: error: 'sed' is not a keyword here\n"
     "  did you mean 'seed'?\n"
     "c.yaml:7:12: error: 'precision' cannot be 'high'\n"
     "  it takes one of: mixed, double\n"},
    {"a wrong value silences the rule it breaks", &study_table,
     TEXT("model: m\nmobile: Li\nsystem: {composition: [LiCl]}\ntemperatures: [1 K, 2 K]\n"),
     "c.yaml:3:23: error: 'composition' takes a single value, not a list\n"},
};

#define LONG "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh"

enum { MOST_SETTINGS = 3 };

static const struct {
    const char *name;
    const char *text;
    struct vt_setting settings[MOST_SETTINGS];
    const char *report;
} setting_cases[] = {
    {"settings: unknown",
     RUN,
     {{"tmestep", "1 fs", "--set tmestep"},
      {"stages.0.stps", "1", "--set stages.0.stps"},
      {"ouput.thermo.every", "1", "--set ouput.thermo.every"}},
     "--set tmestep: error: 'tmestep' is not a keyword here\n"
     "  did you mean 'timestep'?\n"
     "--set ouput.thermo.every: error: 'ouput' is not a keyword here\n"
     "  did you mean 'output'?\n"
     "--set stages.0.stps: error: 'stps' is not a keyword here\n"
     "  did you mean 'steps'?\n"},
    {"settings: no item",
     RUN,
     {{"stages.1.steps", "1", "--set stages.1.steps"},
      {"stages.x", "1", "--set stages.x"},
      {"stages.-1.steps", "1", "--set stages.-1.steps"}},
     "--set stages.1.steps: error: the list has no item '1'\n"
     "  its items are 0 to 0\n"
     "--set stages.x: error: the list has no item 'x'\n"
     "  its items are 0 to 0\n"
     "--set stages.-1.steps: error: the list has no item '-1'\n"
     "  its items are 0 to 0\n"},
    {"settings: below a value",
     RUN "seed: 1\n",
     {{"seed.x", "1", "--set seed.x"}, {"model.a.b", "1", "--set model.a.b"}},
     "--set seed.x: error: 'x' is not there: the configuration has the single value '1'\n"
     "--set model.a.b: error: 'a' is not there: the configuration has the single value 'm'\n"},
    {"settings: no key",
     RUN,
     {{"", "1", "--set "}, {"stages..x", "1", "--set stages..x"}, {"seed.", "1", "--set seed."}},
     "--set : error: '' is not the name of a value\n"
     "  join keywords by dots, and count the items of lists from 0: stages.0.duration\n"
     "--set stages..x: error: 'stages..x' is not the name of a value\n"
     "  join keywords by dots, and count the items of lists from 0: stages.0.duration\n"
     "--set seed.: error: 'seed.' is not the name of a value\n"
     "  join keywords by dots, and count the items of lists from 0: stages.0.duration\n"},
    {"settings: wrong value",
     RUN "seed: -1\n",
     {{"timestep", "10 K", "--set timestep"},
      {"replicate", "[1", "--set replicate"},
      {"output", "{thermo: {every: x}}", "--set output"}},
     "c.yaml:4:7: error: 'seed' must be at least 0, not '-1'\n"
     "--set replicate: error: the list that starts here is broken\n"
     "  separate its items by ',' and end it with ']'\n"
     "--set timestep: error: 'timestep': 'K' is a unit of temperature, not of time\n"
     "  units of time: fs, ps, ns, us\n"
     "--set output: error: 'every' must be an integer, not 'x'\n"},
    {"settings: twice",
     RUN,
     {{"seed", "1", "--set seed"}, {"seed", "2", "--set seed"}},
     "--set seed: error: given twice\n"},
    {"settings: list item that is not there yet",
     "model: m\n"
     "structure: s\n",
     {{"stages.0.name", "a", "--set stages.0.name"}},
     "--set stages.0.name: error: 'stages' takes a list, not a mapping\n"},
    {"settings: key too long",
     RUN,
     {{LONG, "1", "--set"}},
     "--set: error: '" LONG "' is not the name of a value\n"
     "  join keywords by dots, and count the items of lists from 0: stages.0.duration\n"},
};

static union {
    struct run run;
    struct train train;
    struct study study;
} config;

/* What is said about the text, with memory from malloc. Nothing is left in the struct. */
static char *report(const struct vt_table *table, const struct vt_config_text *text,
                    const struct vt_settings *settings)
{
    static struct vt_error_list errors;
    char *written = NULL;
    size_t size = 0;
    errors = (struct vt_error_list){0};
    memset(&config, 0xff, sizeof config);
    const enum vt_code code = vt_config_parse(table, &config, text, settings, &errors);
    assert_int_equal(code, VT_INPUT);
    for (size_t i = 0; i < table->size; i++)
        assert_int_equal(((const char *)&config)[i], 0);
    FILE *file = open_memstream(&written, &size);
    assert_non_null(file);
    vt_error_list_write(&errors, file);
    fclose(file);
    return written;
}

static void check(const char *name, const char *written, const char *expected)
{
    if (strcmp(written, expected) != 0)
        fail_msg("%s:\n%swanted:\n%s", name, written, expected);
}

static void test_wrong_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct vt_config_text text = {"c.yaml", cases[i].text, cases[i].size, "/d"};
        char *written = report(cases[i].table, &text, NULL);
        check(cases[i].name, written, cases[i].report);
        free(written);
    }
}

static void test_wrong_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof setting_cases / sizeof *setting_cases; i++) {
        const char *const base = setting_cases[i].text;
        const struct vt_config_text text = {"c.yaml", base, strlen(base), "/d"};
        struct vt_settings settings = {.setting = setting_cases[i].settings, .n = 0};
        while (settings.n < MOST_SETTINGS && settings.setting[settings.n].key)
            settings.n++;
        char *written = report(&run_table, &text, &settings);
        check(setting_cases[i].name, written, setting_cases[i].report);
        free(written);
    }
}

static void test_wrong_options(void **state)
{
    (void)state;
    static struct vt_error_list errors;
    const struct vt_setting setting[] = {
        {"modle", "m", "--modle"}, {"seed", "x", "--seed"}, {"structure", "", "--structure"}};
    const struct vt_settings settings = {.setting = setting, .n = 3};
    static const char *const expected[] = {
        "--modle: error: 'modle' is not an option here\n  did you mean 'model'?",
        "vitrion run: error: the option 'model' is missing\n  model: the potential, nep.txt",
        "--structure: error: 'structure' must name a file",
        "--seed: error: 'seed' must be an integer, not 'x'",
        ("vitrion run: error: the option 'stages' is missing\n"
         "  stages: the parts of the run, in order")};
    errors = (struct vt_error_list){0};
    assert_int_equal(
        vt_config_from_settings(&run_table, &config, "vitrion run", &settings, &errors), VT_INPUT);
    assert_int_equal(errors.n_kept, 5);
    for (size_t i = 0; i < 5; i++) {
        char text[sizeof(struct vt_error) + 32];
        assert_string_equal(vt_error_text(&errors.error[i], text, sizeof text), expected[i]);
    }
}

/* `head`, then n times `body`, then `tail`. */
static char *repeat(const char *head, const char *body, size_t n, const char *tail, size_t *size)
{
    const size_t step = strlen(body);
    char *text = malloc(strlen(head) + n * step + strlen(tail) + 1);
    assert_non_null(text);
    char *p = stpcpy(text, head);
    for (size_t i = 0; i < n; i++)
        p = stpcpy(p, body);
    p = stpcpy(p, tail);
    *size = (size_t)(p - text);
    return text;
}

/* Files that are made to be large: refused at once, whatever their size. */
static void test_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *head, *body;
        size_t n;
        const char *tail, *report;
    } large[] = {
        {"a: ", "[", 33, "",
         "c.yaml:1:35: error: lists and mappings are nested more than 32 deep\n"},
        {"a: ", "[", 1000000, "",
         "c.yaml:1:35: error: lists and mappings are nested more than 32 deep\n"},
        {"", "{a: ", 1000000, "",
         "c.yaml:1:129: error: lists and mappings are nested more than 32 deep\n"},
        {"", "- ", 1000000, "",
         "c.yaml:1:65: error: lists and mappings are nested more than 32 deep\n"},
        {"", "? ", 1000000, "",
         "c.yaml:1:3: error: a keyword is wanted here, not a list or mapping\n"},
        {"stages: [", "1,", 30000, "]",
         "c.yaml:1:40004: error: more than 20000 values in one text\n"},
        {"#", "x", 5000000, "", "c.yaml: error: a configuration of more than 4194304 bytes\n"},
        {"model: '", "x", 3000000, "",
         "c.yaml:1:8: error: the quote that starts here is never closed\n"
         "  put the same quote at the end of the text\n"}};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        size_t size = 0;
        char *wrong = repeat(large[i].head, large[i].body, large[i].n, large[i].tail, &size);
        const struct vt_config_text text = {"c.yaml", wrong, size, "/d"};
        char *written = report(&run_table, &text, NULL);
        check(large[i].head, written, large[i].report);
        free(written);
        free(wrong);
    }
}

/* The first twenty mistakes of the file are shown, though others were found before them; the rest
 * is counted. */
static void test_many_mistakes(void **state)
{
    (void)state;
    size_t size = 0;
    char *wrong = repeat("x: 1\n", "time: 1\n", 9000, "", &size);
    const struct vt_config_text text = {"c.yaml", wrong, size, "/d"};
    char *written = report(&run_table, &text, NULL);
    assert_non_null(strstr(written, "c.yaml:1:1: error: the keyword 'model' is missing\n"));
    assert_non_null(strstr(written, "c.yaml:1:1: error: the keyword 'stages' is missing\n"));
    assert_non_null(strstr(written, "c.yaml:17:1: error: 'time' is not a keyword here\n"));
    assert_null(strstr(written, "c.yaml:18:1"));
    assert_non_null(strstr(written, "\nand 8984 more\n"));
    free(written);
    free(wrong);
}

/* A text of the file appears in a message cut, and without its control characters. */
static void test_texts_in_messages(void **state)
{
    (void)state;
    size_t size = 0;
    char *wrong = repeat(RUN "seed: \"", "\\e[1m", 1000, "\"\n", &size);
    const struct vt_config_text text = {"c.yaml", wrong, size, "/d"};
    char *written = report(&run_table, &text, NULL);
    assert_true(strlen(written) < 200 && !strchr(written, 0x1b));
    assert_non_null(strstr(written, "'?[1m?[1m"));
    free(written);
    free(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_texts),   cmocka_unit_test(test_wrong_settings),
        cmocka_unit_test(test_wrong_options), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_many_mistakes), cmocka_unit_test(test_texts_in_messages),
    };
    return VT_RUN_TESTS(tests);
}
