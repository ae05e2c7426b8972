#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run vitrion as users do and look at what it prints and writes: cli.py VITRION SOURCE_ROOT GROUP

GROUP is a class below (Words, Predict, Select, Ranks, Models, Build, Bench), as tests/cli/meson.build lists them. The golden values come
from tests/golden/data.
"""
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

VITRION = SOURCE = None  # set by main
ENERGY, FORCE, VIRIAL, CHARGE, BORN = 1e-9, 1e-8, 1e-8, 1e-9, 1e-8


def environment(ranks=1):
    """mpirun works as root. The leak sanitizer looks at programs that run alone: under mpirun its tracer crashes at times."""
    options = os.environ.get("ASAN_OPTIONS", "")
    return dict(os.environ, ASAN_OPTIONS=options if ranks == 1 else options + ":detect_leaks=0", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", LC_ALL="C")


def run(*words, ranks=1, folder=None, stdin=None):
    launcher = [] if ranks == 1 else [shutil.which("mpirun"), "-n", str(ranks), "--oversubscribe"]
    return subprocess.run(launcher + [VITRION] + [str(word) for word in words], cwd=folder, env=environment(ranks),
                          input=stdin, stdin=None if stdin else subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False, text=True)


def split_frames(text):
    """[(comment line, [atom words])]"""
    lines = text.splitlines()
    frames = []
    while lines:
        n = int(lines[0])
        frames.append((lines[1], [line.split() for line in lines[2:2 + n]]))
        lines = lines[2 + n:]
    return frames


def keys_of(comment):
    pairs = re.findall(r'([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))', comment)
    return {name: quoted or plain for name, quoted, plain in pairs}


def columns_of(comment, atoms):
    """{name: one list of words per atom}"""
    words = keys_of(comment)["Properties"].split(":")
    columns, at = {}, 0
    for name, width in zip(words[0::3], words[2::3]):
        columns[name] = [atom[at:at + int(width)] for atom in atoms]
        at += int(width)
    assert all(len(atom) == at for atom in atoms)
    return columns


def numbers(words):
    return [float(word) for word in words]


class Case(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.addCleanup(self.scratch.cleanup)

    def golden(self, name):
        data = SOURCE / "tests" / "golden" / "data" / name
        return data / "nep.txt", data / "frame.xyz", json.loads((data / "expected.json").read_text())

    def succeed(self, *words, **options):
        result = run(*words, folder=self.folder, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return result.stdout

    def fail_with(self, status, message, *words, **options):
        result = run(*words, folder=self.folder, **options)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertIn(message, result.stderr)
        self.assertEqual(result.stderr.count("error:"), 1, result.stderr)
        return result.stderr

    def assert_near(self, found, expected, tolerance):
        self.assertEqual(len(found), len(expected))
        worst = max((abs(a - b) for a, b in zip(found, expected)), default=0)
        self.assertLessEqual(worst, tolerance)

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())


class Words(Case):
    """What is said to the program and what it answers."""

    def test_version(self):
        self.assertRegex(self.succeed("--version"), r"^vitrion \d+\.\d+\.\d+ \(\S+\)\n$")

    def test_help_of_program(self):
        text = self.succeed("--help")
        self.assertEqual(text, self.succeed())
        self.assertEqual(text, self.succeed("help"))
        for command in ("predict", "model show", "model check", "build amorphous", "info"):
            self.assertRegex(text, r"(?m)^  {}\s".format(command))

    def test_help_of_commands(self):
        text = self.succeed("help", "predict")
        self.assertEqual(text, self.succeed("predict", "--help"))
        self.assertEqual(text, self.succeed("predict", "--model", "x", "--help"))
        for option in ("--model NEP.txt", "--out OUT.xyz", "--bec", "--precision", "--electrostatics", "--descriptors FILE",
                       "--force", "IN.xyz"):
            self.assertRegex(text, r"(?m)^  {}".format(re.escape(option)))
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertIn("usage: vitrion model show", self.succeed("model", "show", "--help"))
        self.assertIn("model check", self.succeed("model", "--help"))

    def test_unknown_command(self):
        self.assertIn("did you mean 'vitrion predict'?", self.fail_with(2, "unknown command 'predcit'", "predcit"))
        self.assertIn("did you mean 'vitrion model show'?", self.fail_with(2, "unknown command 'model shwo'", "model", "shwo"))
        self.assertIn("'vitrion help model' lists", self.fail_with(2, "'model' needs", "model"))
        self.fail_with(2, "unknown command 'nonsense'", "help", "nonsense")

    def test_unknown_option(self):
        text = self.fail_with(2, "unknown option '--modle'", "predict", "--modle", "x", "--out", "y", "z")
        self.assertIn("did you mean --model?", text)
        self.fail_with(2, "unknown option '-m'", "predict", "-m", "x")
        self.fail_with(2, "unknown option '--input'", "predict", "--model", "x", "--out", "y", "--input", "z")

    def test_missing_value(self):
        self.fail_with(2, "--out needs a value", "predict", "--out", "--model", "x", "z")
        self.fail_with(2, "--out needs a value", "predict", "--model", "x", "z", "--out")

    def test_all_mistakes_at_once(self):
        result = run("predict", "--precision", "quadruple")
        self.assertEqual(result.returncode, 2)
        for word in ("quadruple", "'model' is missing", "'out' is missing", "'input' is missing"):
            self.assertIn(word, result.stderr)
        self.assertGreaterEqual(result.stderr.count("error:"), 4)

    def test_repeated_option(self):
        self.fail_with(2, "--model", "predict", "--model", "x", "--out", "y", "z", "--model", "x")

    def test_too_many_words(self):
        self.fail_with(2, "unexpected argument 'b'", "model", "show", "a", "b")

    def test_two_dashes_end_the_options(self):
        self.fail_with(2, "--force", "model", "check", "--", "--force")

    def test_settings_that_are_not_there(self):
        base = ("predict", "--model", "x", "--out", "y", "z")
        self.assertIn("mixed, double", self.fail_with(2, "single", *base, "--precision", "single"))
        self.assertIn("auto, avx512", self.fail_with(2, "mmx", *base, "--isa", "mmx"))
        self.assertIn("ewald, gpumd", self.fail_with(2, "spme", *base, "--electrostatics", "spme"))
        for wrong in ("ewald:", "ewald:0", "ewald:2", "ewald:1e-6x", "ewaldx", "pppm:0.1", "gpumd:1e-5", ""):
            self.fail_with(2, "ewald, gpumd", *base, "--electrostatics=" + wrong)

    def test_outputs_that_cannot_be(self):
        self.fail_with(2, "standard output", "predict", "--model", "x", "--out", "-", "z")
        self.fail_with(2, "same file", "predict", "--model", "x", "--out", "y", "--descriptors", "y", "z")

    def test_info(self):
        text = self.succeed("info")
        for word in ("vitrion", "build", "MPI", "ranks", "processors", "vector level", "HDF5", "FFTW", "BLAS", "libyaml"):
            self.assertRegex(text, r"(?m)^{}\s+\S".format(word))

    def test_output_that_does_not_arrive(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        with open("/dev/full", "w") as full:
            result = subprocess.run([VITRION, "info"], stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=60,
                                    check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"writing to standard output failed", result.stderr)

    def test_reference_is_in_step(self):
        text = (SOURCE / "docs" / "commands.md").read_text()
        self.assertEqual(text, self.succeed("help", "--markdown"),
                         "vitrion help --markdown >docs/commands.md brings it up to date")


class Select(Case):
    """The frames on which a committee disagrees most."""

    def judged(self, name, spreads):
        text = ""
        for k, spread in enumerate(spreads):
            text += ('2\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3:forces:R:3:force_spread:R:1 energy=-3 energy_spread=0.1 '
                     'step={} config_type=melt\nLi 0 0 {} 1 2 3 0.01\nCl 1 2 3 4 5 6 {}\n').format(k, k, spread)
        (self.folder / name).write_text(text)

    def select(self, *words, **options):
        text = self.succeed("select", "--out", "out.xyz", *words, **options)
        frames = split_frames((self.folder / "out.xyz").read_text())
        return text, [keys_of(comment) for comment, _ in frames], [columns_of(*frame) for frame in frames]

    def test_most(self):
        self.judged("a.xyz", [0.2, 0.5, 0.1, 0.4])
        self.judged("b.xyz", [0.3, 0.05, 0.6])
        text, keys, columns = self.select("--most", "3", "a.xyz", "b.xyz")
        self.assertEqual([(key["source"], key["step"]) for key in keys], [("a.xyz:5", "1"), ("a.xyz:13", "3"), ("b.xyz:9", "2")])
        self.assertEqual([float(key["largest_spread"]) for key in keys], [0.5, 0.4, 0.6])
        self.assertIn("out.xyz: 3 of 7 frames, of which 5 have a spread above 100 meV/A", text)
        self.assertIn("600.00   Cl 2        2 of b.xyz", text)
        self.assertEqual([set(column) for column in columns], [{"species", "pos"}] * 3)  # no labels that are none
        self.assertEqual([set(key) & {"energy", "energy_spread"} for key in keys], [set()] * 3)
        self.assertEqual({key["config_type"] for key in keys}, {"melt"})
        other = self.select("--most", "3", "--force", "a.xyz", "b.xyz", ranks=2)[1]
        self.assertEqual(keys, other)

    def test_apart(self):
        self.judged("a.xyz", [0.5, 0.6, 0.55, 0.1, 0.3, 0.7])
        steps = [key["step"] for key in self.select("--apart", "3", "a.xyz")[1]]
        self.assertEqual(steps, ["1", "5"])
        steps = [key["step"] for key in self.select("--apart", "2", "--above", "0.2 eV/A", "--force", "a.xyz")[1]]
        self.assertEqual(steps, ["1", "5"])
        steps = [key["step"] for key in self.select("--above", "0.05 eV/A", "--force", "a.xyz")[1]]
        self.assertEqual(steps, list("012345"))

    def test_grades(self):
        self.judged("a.xyz", [0.9, 1.2, 3.5, 1.6])
        graded = (self.folder / "a.xyz").read_text().replace("force_spread:R:1", "grade:R:1")
        (self.folder / "a.xyz").write_text(graded)
        text, keys, columns = self.select("--by", "grade", "a.xyz")
        self.assertEqual([(key["step"], float(key["largest_grade"])) for key in keys], [("2", 3.5), ("3", 1.6)])
        self.assertIn("2 of 4 frames, of which 2 have a grade above 1.5\n", text)
        self.assertEqual([set(column) for column in columns], [{"species", "pos"}] * 2)
        self.assertEqual(len(self.select("--by", "grade", "--above-grade", "1", "--force", "a.xyz")[1]), 3)
        self.fail_with(2, "none of 4 frames has a grade above 5", "select", "--by", "grade", "--above-grade", "5", "--out", "no.xyz", "a.xyz")
        self.assertIn("--committee", self.fail_with(2, "no column force_spread", "select", "--out", "no.xyz", "a.xyz"))

    def test_refusals(self):
        self.judged("a.xyz", [0.01])
        self.assertIn("--above", self.fail_with(2, "none of 1 frames has a spread above 100 meV/A", "select", "--out", "out.xyz", "a.xyz"))
        (self.folder / "bare.xyz").write_text('1\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3\nLi 0 0 0\n')
        self.assertIn("--committee", self.fail_with(2, "bare.xyz:1: error: the frame has no column force_spread", "select", "--out", "out.xyz", "bare.xyz"))
        self.assertEqual(self.files(), ["a.xyz", "bare.xyz"])


class Predict(Case):
    """Values, files, and the comparison with reference values."""

    def predict(self, model, source, *words, out="out.xyz", **options):
        text = self.succeed("predict", "--model", model, *words, "--out", out, source, **options)
        return text, split_frames((self.folder / out).read_text())

    def check_golden(self, name, *words):
        model, source, expected = self.golden(name)
        text, frames = self.predict(model, source, *words)
        self.assertIn("1 frame, ", text)
        (comment, atoms), = frames
        keys, columns = keys_of(comment), columns_of(comment, atoms)
        n = len(atoms)
        self.assert_near([float(keys["energy"])], [expected["energy"]], ENERGY * n)
        virial = numbers(keys["virial"].split())
        self.assert_near(virial, expected["virial"], VIRIAL * n)
        self.assert_near(numbers(keys["stress"].split()), [-w / expected["volume"] for w in virial], 1e-12)
        self.assert_near([float(x[0]) for x in columns["energies"]], expected["energies"], ENERGY)
        self.assert_near(numbers(sum(columns["forces"], [])), sum(expected["forces"], []), FORCE)
        return keys, columns, expected

    def test_committee(self):
        """The spread of three models is that of their separate predictions, on any number of ranks."""
        data = SOURCE / "tests" / "data" / "oxyhalide"
        first, second = data / "nep.txt", SOURCE / "potentials" / "LiZrAlClOF" / "nep.txt"
        source = self.folder / "both.xyz"
        source.write_text("".join((data / name).read_text() for name in ("300K.xyz", "1000K.xyz")))
        text, frames = self.predict(first, source, "--committee", second, "--committee", first)
        alone = [self.predict(model, source, "--force", out="alone.xyz")[1] for model in (first, second)]
        judged_no_more = self.predict(first, "out.xyz", out="again.xyz")[1]
        self.assertFalse(any("spread" in comment for comment, _ in judged_no_more))
        squares, count, largest = 0, 0, []
        for (comment, atoms), (one, first_atoms), (other, second_atoms) in zip(frames, *alone):
            keys, n = keys_of(comment), len(atoms)
            energies = [float(keys_of(text)["energy"]) for text in (one, other, one)]
            mean = sum(energies) / 3
            self.assertAlmostEqual(float(keys["energy_spread"]), math.sqrt(sum((e - mean)**2 for e in energies) / 3) / n, delta=1e-6)
            self.assertEqual(float(keys["energy"]), energies[0])
            found = [float(word) for word, in columns_of(comment, atoms)["force_spread"]]
            pairs = zip(*(map(numbers, columns_of(*frame)["forces"]) for frame in ((one, first_atoms), (other, second_atoms))))
            expected = [math.sqrt(2 / 9 * sum((a - b)**2 for a, b in zip(f, g))) for f, g in pairs]
            self.assert_near(found, expected, 1e-7)
            squares += sum(x * x for x in expected)
            count += n
            largest.append(max(expected))
        told = re.search(r"committee of 3: forces spread by (\S+) meV/A .*, at most (\S+) meV/A, in frame (\d)", text).groups()
        self.assertAlmostEqual(float(told[0]), 1e3 * math.sqrt(squares / count), delta=0.1)
        self.assertAlmostEqual(float(told[1]), 1e3 * max(largest), delta=0.1)
        self.assertEqual(int(told[2]), largest.index(max(largest)))
        self.predict(first, source, "--committee", second, "--committee", first, out="ranks.xyz", ranks=3)
        self.assertEqual((self.folder / "out.xyz").read_bytes(), (self.folder / "ranks.xyz").read_bytes())

    def test_committee_of_equals(self):
        _, source, _ = self.golden("nep4_zbl_typewise_cutoffs")
        model = self.golden("nep4_zbl_typewise_cutoffs")[0]
        _, ((comment, atoms),) = self.predict(model, source, "--committee", model)
        self.assertEqual({float(word) for word, in columns_of(comment, atoms)["force_spread"]}, {0})
        self.assertEqual(float(keys_of(comment)["energy_spread"]), 0)

    def test_energy_model(self):
        keys, columns, _ = self.check_golden("nep4_zbl_typewise_cutoffs")
        self.assertEqual(set(columns), {"species", "pos", "forces", "energies"})
        self.assertNotIn("electrostatics", keys)
        self.assertRegex(keys["vitrion"], r"^\d+\.\d+\.\d+ \(\S+\)$")
        self.assertRegex(keys["model"], r"^hash:[0-9a-f]{16}$")

    def test_mixed_precision(self):
        for name in ("nep4_zbl_typewise_cutoffs", "qnep1_all_higher_orders"):
            model, source, expected = self.golden(name)
            for isa in ("auto", "generic"):
                text, frames = self.predict(model, source, "--precision", "mixed", "--isa", isa, "--force")
                self.assertIn("mixed precision", text)
                (comment, atoms), = frames
                keys, forces = keys_of(comment), columns_of(comment, atoms)["forces"]
                self.assertEqual(keys["precision"], "mixed")
                largest = max(map(abs, sum(expected["forces"], [])))  # a thousand eV/A where ZBL acts
                self.assert_near([float(keys["energy"])], [expected["energy"]], 3e-6 * len(atoms))
                self.assert_near(numbers(sum(forces, [])), sum(expected["forces"], []), 1e-6 * (largest + 10))
                self.assertNotEqual(numbers(sum(forces, [])), sum(expected["forces"], []))
            text, frames = self.predict(model, source, "--precision", "mixed", "--descriptors", "d.txt", "--force")
            self.assertIn("evaluated in double precision", text)
            self.assertNotIn("precision", keys_of(frames[0][0]))

    def test_charge_model(self):
        keys, columns, expected = self.check_golden("qnep1_all_higher_orders", "--bec")
        self.assertEqual(keys["electrostatics"], "gpumd")
        self.assert_near([float(x[0]) for x in columns["charges"]], expected["charges"], CHARGE)
        self.assert_near(numbers(sum(columns["bec"], [])), sum(expected["bec"], []), BORN)
        parts = [float(a[0]) + float(b[0]) for a, b in zip(columns["energies_nn"], columns["energies_coulomb"])]
        self.assert_near(parts, [float(x[0]) for x in columns["energies"]], 1e-12)

    def test_converged_ewald_differs_little(self):
        model, source, expected = self.golden("qnep1_all_higher_orders")
        _, frames = self.predict(model, source, "--electrostatics=ewald:1e-10")
        keys = keys_of(frames[0][0])
        self.assertEqual(keys["electrostatics"], "ewald:1e-10")
        self.assertNotIn("bec", frames[0][0])
        difference = abs(float(keys["energy"]) - expected["energy"])
        self.assertLess(difference, 0.1)
        self.assertGreater(difference, 1e-9)

    def test_descriptors(self):
        model, source, expected = self.golden("nep4_flexible_zbl")
        self.predict(model, source, "--descriptors", "d.txt")
        lines = (self.folder / "d.txt").read_text().splitlines()
        rows = [line.split() for line in lines if not line.startswith("#")]
        self.assertTrue(lines[0].startswith("# vitrion "))
        self.assertEqual([row[:2] for row in rows], [["0", str(i)] for i in range(len(rows))])
        wanted = expected.get("descriptor") or [expected["descriptor_first_atom"]]
        for row, descriptor in zip(rows, wanted):
            self.assert_near(numbers(row[2:]), descriptor, 1e-9)

    def test_bec_needs_charges(self):
        model, source, _ = self.golden("nep4_flexible_zbl")
        self.fail_with(2, "no charges", "predict", "--model", model, "--bec", "--out", "o", source)
        self.assertEqual(self.files(), [])

    def reference_frames(self):
        """Frames with known errors: 2 meV/atom and 3 meV/A in one, -4 meV/atom in the other, stress 1 GPa off in the first."""
        model, source, expected = self.golden("nep4_zbl_typewise_cutoffs")
        (comment, atoms), = split_frames(source.read_text())
        n = len(atoms)
        lattice = keys_of(comment)["Lattice"]
        virial = [w + expected["volume"] / 160.2176634 for w in expected["virial"]]
        text = ""
        for label, energy, extra in (("glass", expected["energy"] - 0.002 * n, 'virial="{}" '.format(
                " ".join(map(repr, virial)))), ("'two words'", expected["energy"] + 0.004 * n, "")):
            with_forces = label == "glass"
            text += '{}\nLattice="{}" Properties=species:S:1:pos:R:3:tag:I:1{} config_type={} {}energy={!r} note="kept \\"as\\" is"\n'.format(
                n, lattice, ":force:R:3" if with_forces else "", label.replace("'", '"'), extra, energy)
            for i, (atom, force) in enumerate(zip(atoms, expected["forces"])):
                words = atom[:4] + [str(i)] + ([repr(f - 0.003) for f in force] if with_forces else [])
                text += " ".join(words) + "\n"
        (self.folder / "in.xyz").write_text(text)
        return model, expected

    def test_errors_against_reference(self):
        model, expected = self.reference_frames()
        text, frames = self.predict(model, "in.xyz")
        rows = {line[:12].strip(): line[12:].split() for line in text.splitlines()[2:5]}
        self.assertEqual(set(rows), {"all", "glass", "two words"})
        glass = rows["glass"]
        self.assertEqual(glass[0], "1")
        self.assert_near(numbers(glass[2:9]), [2, 2, 2, 3, 3, 1, 1], 0.01)
        self.assert_near(numbers(rows["two words"][2:5]), [4, 4, -4], 0.01)
        self.assertEqual(rows["two words"][5:9], ["-"] * 4)
        self.assert_near(numbers(rows["all"][2:5]), [math.sqrt(10), 3, -1], 0.01)
        keys, columns = keys_of(frames[0][0]), columns_of(*frames[0])
        self.assert_near([float(keys["energy"])], [expected["energy"]], 1e-8)
        self.assertEqual(keys["note"], 'kept \\"as\\" is')
        self.assertEqual(keys_of(frames[1][0])["config_type"], "two words")
        self.assertNotIn("force", columns)
        self.assertEqual([int(x[0]) for x in columns["tag"]], list(range(len(columns["tag"]))))

    def test_own_output_is_exact_reference(self):
        model, source, _ = self.golden("qnep1_all_higher_orders")
        self.predict(model, source, out="first.xyz")
        text, _ = self.predict(model, "first.xyz", out="second.xyz")
        self.assertEqual((self.folder / "first.xyz").read_bytes(), (self.folder / "second.xyz").read_bytes())
        self.assertEqual(text.splitlines()[2].split()[3:6], ["0", "0", "0"])

    def test_existing_output(self):
        model, source, _ = self.golden("nep4_flexible_zbl")
        (self.folder / "out.xyz").write_text("mine")
        text = self.fail_with(2, "out.xyz", "predict", "--model", model, "--out", "out.xyz", source)
        self.assertIn("--force", text)
        self.assertEqual((self.folder / "out.xyz").read_text(), "mine")
        self.predict(model, source, "--force")
        self.assertNotEqual((self.folder / "out.xyz").read_text(), "mine")
        self.assertEqual(self.files(), ["out.xyz"])

    def test_poscar(self):
        model, _, _ = self.golden("nep4_flexible_zbl")
        symbol = model.read_text().split()[2]
        (self.folder / "POSCAR").write_text("x\n1.0\n6 0 0\n0 6 0\n0 0 6\n{}\n2\nDirect\n0 0 0\n0.4 0.5 0.5\n".format(symbol))
        text, frames = self.predict(model, "POSCAR")
        self.assertIn("no reference values", text)
        self.assertEqual(len(frames[0][1]), 2)

    def test_standard_input(self):
        model, source, _ = self.golden("nep4_flexible_zbl")
        _, frames = self.predict(model, "-", stdin=source.read_text())
        self.assertEqual(len(frames), 1)

    def frame_error(self, comment, atoms, message, ranks=1):
        """The second of two frames is wrong."""
        model, source, _ = self.golden("nep4_flexible_zbl")
        good = source.read_text()
        (self.folder / "in.xyz").write_text(good + "{}\n{}\n{}\n".format(len(atoms), comment, "\n".join(atoms)))
        text = self.fail_with(2, message, "predict", "--model", model, "--out", "o.xyz", "in.xyz", ranks=ranks)
        self.assertIn("in.xyz:{}: error: frame 1".format(1 + len(good.splitlines())), text)
        self.assertEqual(self.files(), ["in.xyz"])

    def test_frames_that_cannot_be(self):
        model, _, _ = self.golden("nep4_flexible_zbl")
        symbol = model.read_text().split()[2]
        here, cell = symbol + " 0 0 0", 'Lattice="6 0 0 0 6 0 0 0 6" '
        properties = "Properties=species:S:1:pos:R:3"
        self.frame_error(properties, [here], "no cell")
        self.frame_error('Lattice="6 0 0 6 0 0 0 0 6" ' + properties, [here], "volume")
        self.frame_error(cell + properties, [here, "Xe 3 3 3"], "atom 2 is Xe")
        self.frame_error(cell + properties, [here, symbol + " 6 0 0"], "place")

    def test_open_directions_are_noted(self):
        model, source, _ = self.golden("nep4_flexible_zbl")
        text = source.read_text()
        comment = text.splitlines()[1]
        (self.folder / "in.xyz").write_text(text.replace(comment, re.sub(r'\s*pbc="[^"]*"', "", comment) + ' pbc="T T F"'))
        self.assertIn("note: 1 of the frames", self.predict(model, "in.xyz")[0])
        self.assertNotIn("note:", self.predict(model, source, "--force")[0])

    def test_empty_file(self):
        model, _, _ = self.golden("nep4_flexible_zbl")
        (self.folder / "in.xyz").write_text("")
        self.fail_with(2, "in.xyz", "predict", "--model", model, "--out", "o.xyz", "in.xyz")
        self.assertEqual(self.files(), ["in.xyz"])


@unittest.skipUnless(shutil.which("mpirun"), "no mpirun")
class Bench(Case):
    """The figures fit together; what they are depends on the machine."""

    PARTS = ["lists", "halo", "short_range", "coulomb", "integration", "checks"]

    def bench(self, *words, **options):
        example = SOURCE / "examples" / "predict"
        return self.succeed("bench", "--model", example / "synthetic.txt", "--structure", example / "frames.xyz", "--timestep", "0.2 fs",
                            "--steps", "20", "--blocks", "3", "--warm-up", "3", *words, **options)

    def figures(self, name):
        return json.loads((self.folder / name).read_text())

    def test_figures(self):
        text = self.bench("--json", "b.json", "--isa", "generic", "--skin", "0.01 A")
        found = self.figures("b.json")
        self.assertLessEqual({"machine", "compiler", "commit", "model", "model_hash", "bandwidth_GB_per_s", "ns_per_day"}, set(found))
        self.assertEqual((found["atoms"], found["ranks"], found["steps"], found["blocks"]), (40, 1, 20, 3))
        self.assertEqual((found["isa"], found["precision"]), ("generic", "mixed"))
        self.assertEqual(list(found["parts"]), self.PARTS)
        step = found["us_per_atom_step"]
        self.assertAlmostEqual(sum(found["parts"].values()), step, delta=0.2 * step)
        for part in ("lists", "short_range", "coulomb", "integration", "checks"):
            self.assertGreater(found["parts"][part], 0)
        self.assertGreater(found["rebuilds"], 5)  # atoms at 300 K cross half of that skin in a step or two
        self.assertAlmostEqual(found["gflops"], 1e-3 * found["flops_per_atom"] / step, delta=1e-6)
        self.assertEqual(found["peak_gflops"], found["peak_gflops_float_core"])
        self.assertGreater(found["peak_gflops_float_core"], found["peak_gflops_double_core"])
        self.assertLess(found["gflops_short_range"], found["peak_gflops"])
        for word in ["mixed precision, generic", "us/atom/step", "ns/day", "GB/s"] + self.PARTS:
            self.assertIn(word, text)

    def test_neighbours_are_those_of_the_structure(self):
        still = ("--temperature", "0 K", "--timestep", "0.001 fs")
        example = SOURCE / "examples" / "predict"
        (self.folder / "one.xyz").write_text("".join((example / "frames.xyz").read_text().splitlines(keepends=True)[:42]))
        base = ("bench", "--model", example / "synthetic.txt", "--structure", "one.xyz", "--steps", "1", "--blocks", "1", *still)
        self.succeed(*base, "--json", "one.json")
        self.succeed(*base, "--json", "many.json", "--replicate", "[2, 1, 3]")
        self.succeed(*base, "--json", "ranks.json", "--precision", "double", ranks=2)
        shown = re.search(r"neighbours of an atom +([\d.]+) radial, ([\d.]+) angular",
                          self.succeed("model", "show", "--structure", "one.xyz", example / "synthetic.txt"))
        one, many, ranks = (self.figures(name + ".json") for name in ("one", "many", "ranks"))
        for found, atoms in ((one, 40), (many, 240), (ranks, 40)):
            self.assertEqual(found["atoms"], atoms)
            for name, words in (("neighbours_radial", shown.group(1)), ("neighbours_angular", shown.group(2))):
                self.assertAlmostEqual(found[name], float(words), delta=0.051)
        self.assertEqual((ranks["ranks"], ranks["isa"], ranks["precision"]), (2, "plain", "double"))
        self.assertAlmostEqual(ranks["peak_gflops"], 2 * ranks["peak_gflops_double_core"], delta=1e-6 * ranks["peak_gflops"])

    def test_comparison(self):
        self.bench("--json", "b.json")
        earlier = self.figures("b.json")
        earlier["us_per_atom_step"] = 1000
        earlier["parts"]["short_range"] = 500
        (self.folder / "b.json").write_text(json.dumps(earlier))
        text = self.bench("--compare", "b.json")
        step, before, ratio = re.search(r"(?m)^step +([\d.]+) +100.0% +([\d.]+) +([\d.]+)$", text).groups()
        self.assertEqual(float(before), 1000)
        self.assertAlmostEqual(float(ratio), float(step) / 1000, delta=1e-3)
        self.assertRegex(text, r"(?m)^short_range +\S+ +\S+% +500\.0000 ")

    def test_lattice(self):
        model, _, _ = self.golden("nep5_zbl_BaTiO3")
        self.succeed("bench", "--model", model, "--atoms", "200", "--temperature", "10 K", "--timestep", "0.1 fs", "--steps", "2",
                     "--blocks", "1", "--json", "b.json")
        found = self.figures("b.json")
        self.assertIn(found["atoms"], (162, 216, 243))  # edges of a multiple of three sites
        self.assertEqual(found["parts"]["coulomb"], 0)

    def test_refused(self):
        example = SOURCE / "examples" / "predict"
        base = ("bench", "--model", example / "synthetic.txt", "--structure", example / "frames.xyz", "--steps", "1")
        (self.folder / "b.json").write_text("{}")
        self.fail_with(2, "b.json", *base, "--json", "b.json")
        self.fail_with(2, "no us_per_atom_step", *base, "--compare", "b.json")
        (self.folder / "b.json").write_text("{")
        self.fail_with(2, "b.json:", *base, "--compare", "b.json")
        self.fail_with(2, "missing.json", *base, "--compare", "missing.json")
        self.assertEqual(self.files(), ["b.json"])


class Ranks(Case):
    """The same files and the same errors for every number of ranks."""

    def write_frames(self, n):
        model, source, _ = self.golden("qnep1_all_higher_orders")
        (comment, atoms), = split_frames(source.read_text())
        text = ""
        for frame in range(n):
            moved = [[atom[0]] + [repr(float(x) + 0.01 * math.sin(1 + i + 7 * frame)) for x in atom[1:4]]
                     for i, atom in enumerate(atoms)]
            lattice = keys_of(comment)["Lattice"]
            text += '{}\nLattice="{}" Properties=species:S:1:pos:R:3 config_type=c{} energy={}\n'.format(
                len(moved), lattice, frame % 2, frame) + "".join(" ".join(atom) + "\n" for atom in moved)
        (self.folder / "in.xyz").write_text(text)
        return model

    def test_same_for_every_number_of_ranks(self):
        model = self.write_frames(7)
        tables = []
        for ranks in (1, 2, 3):
            text = self.succeed("predict", "--model", model, "--bec", "--descriptors", "d{}".format(ranks), "--out",
                                "o{}".format(ranks), "in.xyz", ranks=ranks)
            tables.append(text.splitlines()[:5])
            self.assertIn("on {} rank".format(ranks), text)
        self.assertEqual(tables[0], tables[1])
        self.assertEqual(tables[0], tables[2])
        self.assertEqual(len(split_frames((self.folder / "o1").read_text())), 7)
        for kind in "od":
            first = (self.folder / (kind + "1")).read_bytes()
            for ranks in "23":
                self.assertEqual(first, (self.folder / (kind + ranks)).read_bytes())

    def test_frames_of_several_megabytes(self):
        model, source, _ = self.golden("nep4_lmax8")
        (comment, atoms), = split_frames(source.read_text())
        cell = numbers(keys_of(comment)["Lattice"].split())
        n = 4
        frame = '{}\nLattice="{}" Properties=species:S:1:pos:R:3\n'.format(len(atoms) * n ** 3, " ".join(repr(n * x) for x in cell))
        for shift in ((a, b, c) for a in range(n) for b in range(n) for c in range(n)):
            moved = [sum(shift[v] * cell[3 * v + d] for v in range(3)) for d in range(3)]
            frame += "".join("{} {!r} {!r} {!r}\n".format(atom[0], *(float(x) + m for x, m in zip(atom[1:4], moved)))
                             for atom in atoms)
        (self.folder / "in.xyz").write_text(2 * frame)
        for ranks in (1, 2):
            self.succeed("predict", "--model", model, "--descriptors", "d{}".format(ranks), "--out", "o{}".format(ranks), "in.xyz",
                         ranks=ranks)
        self.assertGreater((self.folder / "d1").stat().st_size, 2 << 20)  # more than one message
        for kind in "od":
            self.assertEqual((self.folder / (kind + "1")).read_bytes(), (self.folder / (kind + "2")).read_bytes())

    def mpi_failure(self, message, *words):
        result = run(*words, ranks=3, folder=self.folder)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(len(re.findall(r"(?m)\berror: ", result.stderr)), 1, result.stderr)
        self.assertIn(message, result.stderr)

    def test_error_on_one_rank_ends_all(self):
        model = self.write_frames(7)
        path = self.folder / "in.xyz"
        frames = path.read_text().split("Lattice=")
        for wrong in (1, 2, 3, 6):
            broken = list(frames)
            broken[wrong] = re.sub(r"(?m)^(\w+) (\S+)", "Xe \\2", broken[wrong], count=1) if wrong else broken[wrong]
            path.write_text("Lattice=".join(broken))
            self.mpi_failure("frame {}: ".format(wrong - 1), "predict", "--model", model, "--out", "o.xyz", "in.xyz")
            self.assertEqual(self.files(), ["in.xyz"])

    def test_errors_before_the_work(self):
        model = self.write_frames(2)
        self.mpi_failure("nothing.txt", "predict", "--model", "nothing.txt", "--out", "o.xyz", "in.xyz")
        self.mpi_failure("nothing.xyz", "predict", "--model", model, "--out", "o.xyz", "nothing.xyz")
        self.mpi_failure("unknown option", "predict", "--wrong")
        self.mpi_failure("standard input", "predict", "--model", model, "--out", "o.xyz", "-")

    def test_truncated_file(self):
        model = self.write_frames(4)
        path = self.folder / "in.xyz"
        path.write_text("\n".join(path.read_text().splitlines()[:-3]) + "\n")
        self.mpi_failure("in.xyz", "predict", "--model", model, "--out", "o.xyz", "in.xyz")
        self.assertEqual(self.files(), ["in.xyz"])


class Models(Case):
    def test_show(self):
        model, source, _ = self.golden("qnep1_all_higher_orders")
        text = self.succeed("model", "show", model, "--structure", source)
        self.assertIn("nep4_charge1", text)
        for term in ("222", "1111", "112", "123", "233", "134"):
            self.assertIn(" " + term, text)
        lines = model.read_text().split("\n")
        header = next(i for i, line in enumerate(lines) if line.startswith("ANN")) + 1
        count = sum(bool(line.strip()) for line in lines[header:])
        self.assertRegex(text, r"(?m)^  = all +{}$".format(count))
        parts = re.findall(r"(?m)^  (networks|sqrt\(epsilon_inf\)|common bias|\w+ coefficients|q_scaler|flexible ZBL) +(\d+)$", text)
        self.assertEqual(sum(int(number) for _, number in parts), count)
        self.assertIn("counted in", text)

    def test_show_density(self):
        model, _, _ = self.golden("nep5_zbl_BaTiO3")
        found = [float(re.search(r"neighbours of an atom +(\S+)", self.succeed("model", "show", model, "--density", d)).group(1))
                 for d in ("0.05", "0.1")]
        self.assertAlmostEqual(found[1] / found[0], 2, places=2)
        self.fail_with(2, "density", "model", "show", model, "--density", "0")

    def test_check(self):
        for name in ("nep4_lmax8", "nep5_zbl_BaTiO3", "qnep1_all_higher_orders"):
            model, _, _ = self.golden(name)
            self.assertIn(": ok: nep", self.succeed("model", "check", model))

    def test_check_warns(self):
        model, _, _ = self.golden("nep4_lmax8")
        lines = model.read_text().rstrip("\n").split("\n")
        lines[-1] = "1e12"
        (self.folder / "odd.txt").write_text("\n".join(lines) + "\n")
        text = self.succeed("model", "check", "odd.txt")
        self.assertIn("warning: q_scaler", text)
        self.assertIn("1 warning\n", text)

    def test_check_refuses(self):
        model, _, _ = self.golden("nep4_lmax8")
        (self.folder / "short.txt").write_text("\n".join(model.read_text().split("\n")[:50]) + "\n")
        self.fail_with(2, "short.txt", "model", "check", "short.txt")


class Build(Case):
    """Structures that are made, and what is said about them."""
    SALT = (("Li", 0, 0, 0), ("Li", 0, 2.5, 2.5), ("Li", 2.5, 0, 2.5), ("Li", 2.5, 2.5, 0),
            ("Cl", 2.5, 0, 0), ("Cl", 2.5, 2.5, 2.5), ("Cl", 0, 0, 2.5), ("Cl", 0, 2.5, 0))
    GLASS = ("build", "amorphous", "--composition", "Li18Zr6Al2Cl34O6F2", "--atoms", "200", "--density", "2.1 g/cm3")

    def salt(self, name="salt.xyz", comment="energy=-8.5", edges="5 0 0 0 5 0 0 0 5"):
        text = '8\nLattice="{}" Properties=species:S:1:pos:R:3:tag:I:1 pbc="T T T" {}\n'.format(edges, comment)
        text += "".join("{} {} {} {} {}\n".format(*atom, tag) for tag, atom in enumerate(self.SALT))
        (self.folder / name).write_text(text)

    def read(self, name):
        (comment, atoms), = split_frames((self.folder / name).read_text())
        return keys_of(comment), columns_of(comment, atoms)

    @staticmethod
    def rows(text):
        """{first word: rest of the line}"""
        return dict(line.split(None, 1) for line in text.splitlines())

    def test_supercell(self):
        self.salt()
        rows = self.rows(self.succeed("build", "supercell", "--repeat", "2x1x3", "--out", "out.xyz", "salt.xyz"))
        self.assertEqual((rows["copies"], rows["atoms"], rows["composition"]), ("6 of 8 atoms each", "48", "Li24Cl24"))
        keys, columns = self.read("out.xyz")
        self.assertEqual(numbers(keys["Lattice"].split()), [10, 0, 0, 0, 5, 0, 0, 0, 15])
        self.assertEqual(float(keys["energy"]), -51)
        self.assertRegex(keys["vitrion"], r"^\d+\.\d+\.\d+ \(\S+\)$")
        self.assertEqual([int(tag[0]) for tag in columns["tag"]], 6 * list(range(8)))
        self.assertEqual(numbers(columns["pos"][8]), [0, 0, 5])
        self.assertEqual(numbers(columns["pos"][24]), [5, 0, 0])

    def test_formats_by_name(self):
        self.salt()
        for name, count, words in (("POSCAR", "4 4", "Li Cl"), ("out.vasp", "4 4", "Li Cl"), ("out.data", "8 atoms", "2 atom types")):
            self.succeed("build", "supercell", "--matrix", "0 1 0 0 0 1 1 0 0", "--out", name, "salt.xyz")
            text = (self.folder / name).read_text()
            self.assertIn(count + "\n", text)
            self.assertIn(words + "\n", text)
            self.succeed("build", "supercell", "--repeat", "1", "--out", "back.xyz", "--force", name)
            _, columns = self.read("back.xyz")
            self.assertEqual(sorted(sum(columns["species"], [])), 4 * ["Cl"] + 4 * ["Li"])

    def test_substitute(self):
        self.salt()
        words = ("build", "substitute", "--replace", "Li=Mg:1", "--balance", "Li")
        rows = self.rows(self.succeed(*words, "--out", "out.xyz", "salt.xyz"))
        self.assertEqual((rows["replaced"], rows["removed"], rows["atoms"]), ("1 Li by Mg", "1 Li", "7"))
        self.assertEqual((rows["composition"], rows["charge"]), ("Li2Cl4Mg", "0 with Li +1, Cl -1, Mg +2"))
        keys, columns = self.read("out.xyz")
        self.assertNotIn("energy", keys)
        for (x, y, z), (tag,), (species,) in zip(columns["pos"], columns["tag"], columns["species"]):
            self.assertEqual(self.SALT[int(tag)][1:], (float(x), float(y), float(z)))
            self.assertIn(species, ("Mg", self.SALT[int(tag)][0]))
        self.succeed(*words, "--seed", "1", "--out", "same.xyz", "salt.xyz")
        self.assertEqual((self.folder / "same.xyz").read_bytes(), (self.folder / "out.xyz").read_bytes())
        choices = set()
        for seed in range(5):
            self.succeed(*words, "--seed", seed, "--out", "other.xyz", "--force", "salt.xyz")
            choices.add(tuple(sum(self.read("other.xyz")[1]["species"], [])))
        self.assertGreater(len(choices), 1)

    def test_substitute_adds_on_sites(self):
        self.salt()
        self.succeed("build", "supercell", "--repeat", "1", "--out", "sites.xyz", "salt.xyz")
        text = (self.folder / "sites.xyz").read_text().replace("Cl 2.5 2.5 2.5", "Cl 1.25 1.25 1.25")
        (self.folder / "sites.xyz").write_text(text)
        rows = self.rows(self.succeed("build", "substitute", "--replace", "Cl=O:1", "--balance", "Li", "--sites", "sites.xyz",
                                      "--out", "out.xyz", "salt.xyz"))
        self.assertEqual((rows["added"], rows["composition"]), ("1 Li", "Li5Cl3O"))
        _, columns = self.read("out.xyz")
        self.assertEqual((columns["species"][-1], numbers(columns["pos"][-1])), (["Li"], [1.25, 1.25, 1.25]))

    def test_substitute_charge(self):
        self.salt()
        words = ("build", "substitute", "--remove", "Li:1", "--out", "out.xyz", "salt.xyz")
        self.assertIn("--allow-charge", self.fail_with(2, "Li3Cl4 has a charge of -1", *words))
        self.assertEqual(self.rows(self.succeed(*words, "--allow-charge"))["charge"], "-1 with Li +1, Cl -1")
        text = self.succeed("build", "substitute", "--replace", "Li=Fe:1", "--out", "fe.xyz", "salt.xyz")
        self.assertIn("not checked", self.rows(text)["charge"])
        self.fail_with(2, "charge of +2", "build", "substitute", "--replace", "Li=Fe:1", "--charges", "Fe=3", "--out", "f.xyz",
                       "salt.xyz")

    def check_glass(self, name, text):
        """Every distance printed is kept, found again from the positions, and the density is right."""
        keys, columns = self.read(name)
        a = [numbers(keys["Lattice"].split()[3 * d:3 * d + 3]) for d in range(3)]
        species = sum(columns["species"], [])
        positions = [numbers(x) for x in columns["pos"]]
        shifts = [[sum(n[d] * a[d][e] for d in range(3)) for e in range(3)]
                  for n in ((i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1))]
        nearest = {}
        for i, (s, x) in enumerate(zip(species, positions)):
            for t, y in zip(species[i + 1:], positions[i + 1:]):
                r = min(math.dist(x, [y[e] + shift[e] for e in range(3)]) for shift in shifts)
                pair = "-".join(sorted((s, t)))
                nearest[pair] = min(r, nearest.get(pair, 99))
        table = re.findall(r"(?m)^  (\w+)-(\w+) +(\S+) +(> )?(\S+)$", text)
        self.assertEqual(len(table), 21)
        for one, other, least, beyond, found in table:
            r = nearest["-".join(sorted((one, other)))] if (one != other or species.count(one) > 1) else 99
            self.assertGreaterEqual(r, float(least))
            if beyond:
                self.assertGreater(r, float(found))
            else:
                self.assertAlmostEqual(r, float(found), places=3)
        mass = sum({"Li": 6.94, "Zr": 91.224, "Al": 26.9815384, "Cl": 35.45, "O": 15.999, "F": 18.998403162}[s] for s in species)
        volume = a[0][0] * a[1][1] * a[2][2]
        self.assertAlmostEqual(mass / volume * 1.66053906660, 2.1, places=4)
        return keys, species

    def test_amorphous(self):
        text = self.succeed(*self.GLASS, "--out", "out.xyz")
        rows = self.rows(text)
        self.assertEqual((rows["atoms"], rows["rounding"]), ("204", "none: 3 formula units, for 200 atoms asked for"))
        self.assertEqual(rows["composition"], "Li54Zr18Al6Cl102O18F6")
        self.assertEqual(rows["density"], "2.1 g/cm3")
        keys, species = self.check_glass("out.xyz", text)
        self.assertEqual(species, 54 * ["Li"] + 18 * ["Zr"] + 6 * ["Al"] + 102 * ["Cl"] + 18 * ["O"] + 6 * ["F"])
        self.assertIn("seed 1", keys["build"])
        self.succeed(*self.GLASS, "--out", "again.xyz", ranks=2)
        self.assertEqual((self.folder / "again.xyz").read_bytes(), (self.folder / "out.xyz").read_bytes())
        self.succeed(*self.GLASS, "--seed", "2", "--out", "other.xyz")
        self.assertNotEqual((self.folder / "other.xyz").read_bytes(), (self.folder / "out.xyz").read_bytes())

    def test_amorphous_shape_and_distance(self):
        text = self.succeed(*self.GLASS, "--shape", "1 1 2", "--distance", "Li-Cl=2.3,Zr-Zr=3.5 A", "--out", "out.xyz")
        keys, _ = self.check_glass("out.xyz", text)
        lattice = numbers(keys["Lattice"].split())
        self.assertAlmostEqual(lattice[8] / lattice[0], 2, places=9)
        self.assertRegex(text, r"(?m)^  Li-Cl +2\.300 ")
        self.assertRegex(text, r"(?m)^  Zr-Zr +3\.500 ")

    def test_amorphous_rounds(self):
        rows = self.rows(self.succeed("build", "amorphous", "--composition", "Li2.317Zr0.75Al0.2503Cl4.2679O0.8F0.2", "--atoms",
                                      "100", "--density", "2 g/cm3", "--out", "out.xyz"))
        self.assertTrue(rows["charge"].startswith("0 with "), rows["charge"])
        self.assertRegex(rows["rounding"], r"^\w+ changes most, by [+-]\S+ %, for 100 atoms asked for$")
        self.assertLessEqual(abs(int(rows["atoms"]) - 100), 3)

    def test_failure_leaves_nothing(self):
        self.assertIn("--density", self.fail_with(2, "take at least", *self.GLASS[:-1], "20 g/cm3", "--out", "out.xyz"))
        self.assertEqual(self.files(), [])
        (self.folder / "out.xyz").write_text("mine")
        self.assertIn("--force", self.fail_with(2, "out.xyz", *self.GLASS, "--out", "out.xyz"))
        self.assertEqual((self.folder / "out.xyz").read_text(), "mine")


def main():
    global VITRION, SOURCE
    VITRION, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as scratch:  # Open MPI's, which several programs at once must not share
        os.environ["TMPDIR"] = scratch
        unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)


if __name__ == "__main__":
    main()
