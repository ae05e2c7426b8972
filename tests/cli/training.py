#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""vitrion train as users run it: training.py VITRION SOURCE_ROOT GROUP

GROUP is a class below (Files, Same, Interrupted), as tests/cli/meson.build lists them. The set is the eight frames of examples/predict, labelled by the
synthetic model there.
"""
import itertools
import json
import math
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import cli

CONFIG = """\
train: frames.xyz
test: 25 %
elements: [Ba, Ti, O]
model: {charge_mode: 1, cutoff: [5 A, 4 A], n_max: [2, 2], basis_size: [3, 3], l_max: [3, 1], neurons: 4}
optimizer: adam
adam: {epochs: 4, batch: 2}
lbfgs: {steps: 8}
newton: {steps: 2}
snes: {generations: 4, population: 10, batch: 3}
output: {directory: out, record: 1}
"""


def numbers(path):
    return [[float(word) for word in line.split()] for line in path.read_text().splitlines()]


def parameters(path):
    return [float(line) for line in path.read_text().splitlines()[6:]]


class Training(cli.Case):
    def setUp(self):
        super().setUp()
        room = tempfile.TemporaryDirectory()  # Open MPI's programs must not share theirs
        self.addCleanup(room.cleanup)
        os.environ["TMPDIR"] = room.name
        shutil.copy(cli.SOURCE / "examples" / "predict" / "frames.xyz", self.folder)
        (self.folder / "config.yaml").write_text(CONFIG)

    def train(self, out="out", *settings, words=(), **options):
        changes = ["output.directory={}".format(out), *settings]
        return self.succeed("train", "config.yaml", *words, *(w for s in changes for w in ("--set", s)), **options)

    def out(self, *names):
        return self.folder.joinpath(*names)


class Files(Training):
    """What is written, and that it is what the model says."""

    def test_outputs(self):
        text = self.train()
        self.assertEqual(sorted(os.listdir(self.out("out"))), sorted(
            ["active_set.txt", "checkpoint.h5", "config.yaml", "loss.out", "nep.txt", "summary.json"] +
            ["{}_{}.out".format(kind, part) for kind in ("energy", "force", "virial", "stress", "charge", "labels") for part in ("train", "test")]))
        self.assertIn("6 frames to train with, 2 to test with; nep4_charge1", text)
        summary = json.loads(self.out("out", "summary.json").read_text())
        self.assertEqual(summary["end"], "finished")
        self.assertEqual((summary["train"]["rmse"]["frames"], summary["test"]["rmse"]["frames"]), (6, 2))
        history = summary["history"]
        self.assertEqual([record["step"] for record in history], [0, 3, 6, 9, 12])
        self.assertLess(history[-1]["loss"], history[0]["loss"])
        best = min(history, key=lambda record: record["test_energy"] + record["test_force"] + 0.1 * record["test_virial"] + 0.1 * record["test_charge"])
        self.assertEqual(history.index(best), summary["best_record"])  # the best on test frames is kept
        loss = numbers(self.out("out", "loss.out"))
        self.assertEqual([len(row) for row in loss], [14] * 5)
        for row in loss:
            total = row[2] + row[3] + row[4] + row[5] + 0.1 * row[6] + 0.1 * row[7] + 0.5 * row[8]
            self.assertAlmostEqual(row[1], total, 8)
        for part, n in (("train", 6), ("test", 2)):
            for kind, rows, columns in (("energy", n, 2), ("force", 40 * n, 6), ("virial", n, 12), ("stress", n, 12), ("charge", 40 * n, 1)):
                table = numbers(self.out("out", "{}_{}.out".format(kind, part)))
                self.assertEqual((len(table), {len(row) for row in table}), (rows, {columns}))
                if kind in ("energy", "force", "virial"):
                    half, column = columns // 2, {"energy": 4, "force": 5, "virial": 6}[kind] + (5 if part == "test" else 0)
                    squares = [(row[k] - row[half + k]) ** 2 for row in table for k in range(half)]
                    self.assertAlmostEqual(math.sqrt(sum(squares) / len(squares)), loss[summary["best_record"]][column], 8)

    def test_model_is_what_was_trained(self):
        """predict with the nep.txt that was written gives the numbers of the trainer."""
        for charges, *flavour in ((1, "model.l_max=[3, 1, 1]"), (2, "model.l_max=[3, 1]"), (0, "model.zbl=2 A"),
                                  (1, "model.zbl=2.5 A", "model.zbl_from_set=true")):
            self.train("out", "test=0.3", "model.charge_mode={}".format(charges), *flavour, words=["--force"])
            self.succeed("predict", "--model", "out/nep.txt", "--out", "predicted.xyz", "--force", "frames.xyz")
            frames = cli.split_frames(self.out("predicted.xyz").read_text())
            found = {}
            for part in ("train", "test"):
                energies, forces = numbers(self.out("out", "energy_{}.out".format(part))), numbers(self.out("out", "force_{}.out".format(part)))
                for i, (energy, reference) in enumerate(energies):
                    found[reference] = energy, forces[40 * i:40 * (i + 1)]
            self.assertEqual(len(found), 8)
            for (comment, atoms), (old, _) in zip(frames, cli.split_frames(self.out("frames.xyz").read_text())):
                energy, forces = found[min(found, key=lambda e: abs(e - float(cli.keys_of(old)["energy"]) / 40))]
                self.assertAlmostEqual(float(cli.keys_of(comment)["energy"]) / 40, energy, 10)
                predicted = [float(x) for atom in cli.columns_of(comment, atoms)["forces"] for x in atom]
                self.assert_near(predicted, [x for row in forces for x in row[:3]], 1e-10)

    def test_active_set(self):
        """What the training frames span: they have grades of at most 1; `model active` finds the same."""
        self.train()
        self.succeed("predict", "--model", "out/nep.txt", "--active", "out/active_set.txt", "--out", "graded.xyz", "frames.xyz")
        frames = cli.split_frames(self.out("graded.xyz").read_text())
        grades = {float(cli.keys_of(comment)["energy"]) / 40: max(float(g) for g, in cli.columns_of(comment, atoms)["grade"]) for comment, atoms in frames}
        trained = {row[0] for row in numbers(self.out("out", "energy_train.out"))}
        of_training = [g for e, g in grades.items() if min(abs(e - t) for t in trained) < 1e-9]
        self.assertEqual((len(grades), len(of_training)), (8, 6))
        self.assertLess(max(of_training), 1.0011)
        self.assertGreater(max(grades.values()), 1.05)  # the others are new
        text = self.out("frames.xyz").read_text()
        wanted = [e for e, g in grades.items() if g in of_training]
        chosen = [frame for frame, e in zip(text.split("40\nLattice")[1:], grades) if e in wanted]
        self.out("trained.xyz").write_text("".join("40\nLattice" + frame for frame in chosen))
        told = self.succeed("model", "active", "--model", "out/nep.txt", "--out", "found.txt", "trained.xyz")
        self.assertRegex(told, r"Ba +48 atoms, of which \d+ span \d+ of 13 directions")
        for one, other in zip(self.out("out", "active_set.txt").read_text().split(), self.out("found.txt").read_text().split()):
            if one != other:
                self.assertAlmostEqual(float(one), float(other), 12)
        active = self.out("out", "active_set.txt").read_text()
        self.out("out", "active_set.txt").write_text(active.replace("elements Ba Ti O", "elements Ti Ba O"))
        self.fail_with(2, "active_set.txt:2:10: error: the active set has Ti where the model has Ba", "predict", "--model", "out/nep.txt",
                       "--active", "out/active_set.txt", "--out", "no.xyz", "frames.xyz")

    def test_one_test_frame_hides_the_others(self):
        text = self.out("frames.xyz").read_text()
        (self.folder / "test.xyz").write_text(text)
        self.assertNotIn("which model is the best", self.train("out", "test=test.xyz", "adam.epochs=1"))
        lines = text.splitlines()
        lines[44] = " ".join(word if k < 4 else "900" for k, word in enumerate(lines[44].split()))
        (self.folder / "test.xyz").write_text("\n".join(lines) + "\n")
        self.assertRegex(self.train("odd", "test=test.xyz", "adam.epochs=1"),
                         r"warning: \S+test.xyz:43, one of 8 test frames, has (9\d|100) % of the squared errors of forces: which model is the best depends on it")

    def test_bootstrap(self):
        """As many frames, drawn with repetition, each from those of its config_type: one of a kind is always there."""
        text, kinds = self.out("frames.xyz").read_text(), itertools.cycle(["one", "other"])
        text = re.sub("config_type=\\S+", lambda match: "config_type=" + next(kinds), text).replace("config_type=other", "config_type=alone", 1)
        self.out("frames.xyz").write_text(text)
        self.train("out", "bootstrap=true", "adam.epochs=1", "lbfgs.steps=1")
        self.train("plain", "adam.epochs=1", "lbfgs.steps=1")
        drawn, all_of_them = ([row[1] for row in numbers(self.out(name, "energy_train.out"))] for name in ("out", "plain"))
        self.assertEqual((len(drawn), len(set(all_of_them))), (6, 6))
        self.assertLess(len(set(drawn)), 6)
        self.assertLessEqual(set(drawn), set(all_of_them))
        self.assertEqual(*(sorted(self.out(name, "labels_train.out").read_text().splitlines()) for name in ("out", "plain")))
        self.assertEqual(*(numbers(self.out(name, "energy_test.out"))[0][1] for name in ("out", "plain")))

    def test_walls_end_at_the_shortest_distances(self):
        """zbl_from_set: nine tenths of those of the frames trained with, by pairs of elements; at most zbl."""
        (self.folder / "config.yaml").write_text(CONFIG.replace("test: 25 %\n", ""))
        self.assertNotIn("warning: ZBL", self.train("out", "model.zbl=2 A", "model.zbl_from_set=true", "adam.epochs=1"))
        shortest = {}
        for comment, atoms in cli.split_frames(self.out("frames.xyz").read_text()):
            cell = [float(x) for x in cli.keys_of(comment)["Lattice"].split()]
            columns = cli.columns_of(comment, atoms)
            places = [[float(x) for x in place] for place in columns["pos"]]
            kinds = [kind[0] for kind in columns["species"]]
            images = [[sum(n[k] * cell[3 * k + d] for k in range(3)) for d in range(3)] for n in itertools.product((-1, 0, 1), repeat=3)]
            for i, j in itertools.combinations_with_replacement(range(len(places)), 2):
                r = min(math.dist(places[i], [x + y for x, y in zip(places[j], image)]) for image in images if i != j or any(image))
                pair = frozenset((kinds[i], kinds[j]))
                shortest[pair] = min(shortest.get(pair, r), r)
        self.assertLess(shortest[frozenset(("Ti", "O"))], 2)
        rows = [float(line) for line in self.out("out", "nep.txt").read_text().splitlines()[-60:]]
        for k, pair in enumerate(itertools.combinations_with_replacement(("Ba", "Ti", "O"), 2)):
            row = rows[10 * k:10 * k + 10]
            self.assertEqual(row[0], 0)
            self.assertAlmostEqual(row[1], min(2, 0.9 * shortest[frozenset(pair)]), 7)
            self.assertEqual(row[2:], [0.18175, 3.1998, 0.50986, 0.94229, 0.28022, 0.4029, 0.02817, 0.20162])
        self.assertEqual(self.out("out", "nep.txt").read_text().splitlines()[1], "zbl 0 0")
        self.assertIn("warning: ZBL between Ti and O ends at 2.00 A, among the distances of the set (from {:.2f} A on)".format(shortest[frozenset(("Ti", "O"))]),
                      self.train("fixed", "model.zbl=2 A", "adam.epochs=1"))

    def test_nep_in(self):
        """A folder of GPUMD's trainer, as it is."""
        self.out("gpumd").mkdir()
        for name in ("train.xyz", "test.xyz"):
            shutil.copy(self.out("frames.xyz"), self.out("gpumd", name))
        self.out("gpumd", "nep.in").write_text("type 3 Ba Ti O\ncutoff 5 4\nn_max 2 2\nbasis_size 3 3\nl_max 3 1\nneuron 4\ngeneration 100\n"
                                               "lambda_v 0.3\npopulation 20\n")
        before = self.out("gpumd", "nep.in").read_bytes()
        self.succeed("train", "gpumd", "--set", "adam.epochs=2", "--set", "lbfgs.steps=2")
        self.assertEqual(self.out("gpumd", "nep.in").read_bytes(), before)
        self.assertEqual(self.out("gpumd", "nep.txt").read_text().splitlines()[0], "nep4 3 Ba Ti O")
        self.assertEqual([len(row) for row in numbers(self.out("gpumd", "loss.out"))][0], 10)
        self.assertRegex(self.out("gpumd", "config.yaml").read_text(), r"virial: 0\.3\n")
        self.succeed("train", "gpumd/nep.in", "--force", "--set", "optimizer=snes", "--set", "snes.generations=2")

    def test_echo_runs(self):
        """config.yaml is a configuration that does the same again."""
        self.train("out", "optimizer=lbfgs", "lbfgs.steps=3")
        shutil.copy(self.out("out", "config.yaml"), self.out("again.yaml"))
        self.succeed("train", "again.yaml", "--set", "output.directory=again")
        self.assertEqual(self.out("out", "nep.txt").read_bytes(), self.out("again", "nep.txt").read_bytes())
        self.assertEqual(self.out("out", "loss.out").read_bytes(), self.out("again", "loss.out").read_bytes())

    def test_folder_of_another_run(self):
        self.train()
        before = {path.name: path.read_bytes() for path in self.out("out").iterdir()}
        text = self.fail_with(2, "the output folder holds another run: checkpoint.h5 is there", "train", "config.yaml")
        self.assertIn("go on with it (--restart), replace it (--force)", text)
        self.assertEqual({path.name: path.read_bytes() for path in self.out("out").iterdir()}, before)
        self.train(words=["--force"])

    def test_dry_run(self):
        text = self.succeed("train", "config.yaml", "--dry-run")
        self.assertIn("optimizer: adam", text)
        self.assertFalse(self.out("out").exists())

    def test_fine_tune(self):
        """Networks of known elements are taken over; a model with charges may start from one without."""
        self.train("first", "model.charge_mode=0")
        first = json.loads(self.out("first", "summary.json").read_text())
        self.train("more", "model.charge_mode=0", "fine_tune=first/nep.txt")
        more = json.loads(self.out("more", "summary.json").read_text())
        self.assertAlmostEqual(more["history"][0]["test_force"], first["history"][first["best_record"]]["test_force"], 8)
        self.train("charged", "fine_tune=first/nep.txt", "elements=[O, Ba, Ti, Sr]")
        charged = json.loads(self.out("charged", "summary.json").read_text())
        self.assertLess(charged["history"][0]["train_force"], 1.5 * first["history"][-1]["train_force"])
        self.fail_with(2, "first/nep.txt: error: the model to start from has another shape", "train", "config.yaml", "--set", "fine_tune=first/nep.txt",
                       "--set", "model.neurons=5")

    def test_each_optimizer_learns(self):
        for name in ("soap", "adam", "lbfgs", "newton", "snes", "auto"):
            self.train(name, "optimizer={}".format(name))
            history = json.loads(self.out(name, "summary.json").read_text())["history"]
            self.assertLess(history[-1]["loss"], history[0]["loss"], name)

    def test_early_stop(self):
        text = self.train("out", "early_stop=3", "adam.epochs=1000", "adam.rate=0.5", "adam.last_rate=0.5")
        self.assertIn("no better model for a while", text)
        summary = json.loads(self.out("out", "summary.json").read_text())
        self.assertEqual(len(summary["history"]) - 1 - summary["best_record"], 3)

    def test_energies_of_elements(self):
        """Constants of elements do not matter, if compositions differ: they are found and taken off."""
        frames = cli.split_frames(self.out("frames.xyz").read_text())
        constants, shifted = {"Ba": -700.0, "Ti": -1500.0, "O": -430.0}, []
        for i, (comment, atoms) in enumerate(frames):
            species = [atom[0] for atom in atoms]
            if i % 2:
                at = species.index("Ti")
                species[at], atoms[at][0] = "Ba", "Ba"
            energy = float(cli.keys_of(comment)["energy"]) + sum(constants[s] for s in species)
            comment = comment.replace(cli.keys_of(comment)["energy"], repr(energy))
            shifted.append("{}\n{}\n{}\n".format(len(atoms), comment, "\n".join(" ".join(atom) for atom in atoms)))
        self.out("shifted.xyz").write_text("".join(shifted))
        self.train("out", "train=shifted.xyz", "test=0.2")
        summary = json.loads(self.out("out", "summary.json").read_text())
        self.assertEqual(set(summary["energy_of_element_eV"]), {"Ba", "Ti", "O"})
        self.assertLess(summary["train"]["rmse"]["energy_meV_per_atom"], 200)
        for predicted, reference in numbers(self.out("out", "energy_train.out")):
            self.assertLess(abs(reference), 2)


class Same(Training):
    """The number of ranks changes nothing but rounding."""

    def test_ranks(self):
        for name, settings in (("adam", ["adam.epochs=17"]), ("soap", ["adam.epochs=17"]), ("auto", ["adam.epochs=4", "lbfgs.steps=4"]), ("newton", []), ("snes", [])):
            self.train(name + "1", "optimizer=" + name, *settings)
            self.train(name + "3", "optimizer=" + name, *settings, ranks=3)
            one, three = parameters(self.out(name + "1", "nep.txt")), parameters(self.out(name + "3", "nep.txt"))
            self.assert_near(one, three, 1e-8)
            self.assertEqual(self.out(name + "1", "active_set.txt").read_bytes(), self.out(name + "3", "active_set.txt").read_bytes())
            for kind in ("force_train", "energy_test", "charge_test"):
                a, b = (numbers(self.out(name + n, kind + ".out")) for n in "13")
                self.assert_near([x for row in a for x in row], [x for row in b for x in row], 1e-7)

    def test_seeds(self):
        self.train("a")
        self.train("b", "seed=2")
        self.assertNotEqual(parameters(self.out("a", "nep.txt")), parameters(self.out("b", "nep.txt")))

    def test_committee(self):
        """Members are what their seeds alone would have made of them, also when they were gone on with."""
        self.train("one", "seed=5")
        self.train("two", "seed=6")
        text = self.train("all", "seed=5", words=["--committee", "2"])
        self.assertIn("member 2 of 2, seed 6", text)
        self.assertIn("the wall time is over", self.train("cut", "seed=5", "walltime=0.001 s", words=["--committee", "2"]))
        self.assertFalse(self.out("cut", "member2").exists())
        self.train("cut", "seed=5", words=["--committee", "2", "--restart"])
        self.train("cut", "seed=5", words=["--committee", "2", "--restart"])
        for member, alone in (("member1", "one"), ("member2", "two")):
            for out in ("all", "cut"):
                self.assertEqual(self.out(out, member, "nep.txt").read_bytes(), self.out(alone, "nep.txt").read_bytes(), (out, member))
        self.assertEqual(sorted(path.name for path in self.out("all").iterdir()), ["member1", "member2"])

    def test_committee_side_by_side(self):
        """On several ranks each group of them trains members of its own, which are the same."""
        self.train("one", "bootstrap=true", words=["--committee", "3"])
        for ranks in (2, 5):
            out = "on{}".format(ranks)
            text = self.train(out, "bootstrap=true", words=["--committee", "3"], ranks=ranks)
            self.assertEqual(text.count("nep.txt"), 3, text)
            for member in ("member1", "member2", "member3"):
                one, other = (parameters(self.out(name, member, "nep.txt")) for name in ("one", out))
                self.assert_near(one, other, 1e-8)
        self.assertNotEqual(*(self.out("one", member, "energy_train.out").read_text() for member in ("member1", "member2")))
        code = cli.run("train", "config.yaml", "--committee", "3", "--set", "output.directory=one", folder=self.folder, ranks=2)
        self.assertEqual(code.returncode, 2)
        self.assertIn("holds another run", code.stderr)


class Interrupted(Training):
    """Killed at any moment, a training goes on with the same curve, bit for bit."""

    SETTINGS = {"adam": ["adam.epochs=60"], "soap": ["adam.epochs=60"], "lbfgs": ["lbfgs.steps=60"], "newton": ["newton.steps=4"],
                "snes": ["snes.generations=15"], "auto": ["adam.epochs=25", "lbfgs.steps=25"]}

    def start(self, out, name):
        changes = ["output.directory=" + out, "optimizer=" + name, "output.checkpoint=0.01 s", *self.SETTINGS[name]]
        return subprocess.Popen([cli.VITRION, "train", "config.yaml", *(w for s in changes for w in ("--set", s))], cwd=self.folder,
                                env=cli.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for(self, path):
        end = time.time() + 30
        while not path.exists() and time.time() < end:
            time.sleep(0.01)
        self.assertTrue(path.exists())

    def check(self, name, number, ends):
        with self.start("whole", name) as process:
            self.assertEqual(process.communicate()[1], "")
        process = self.start("cut", name)
        self.wait_for(self.out("cut", "checkpoint.h5"))
        time.sleep(0.05)
        process.send_signal(number)
        process.communicate()
        self.assertIn(process.returncode, ends)
        if process.returncode == -signal.SIGKILL:
            self.assertFalse(self.out("cut", "nep.txt").exists())  # whole or not at all
        else:
            self.assertIn(json.loads(self.out("cut", "summary.json").read_text())["end"], ("stopped", "finished"))
        self.train("cut", "optimizer=" + name, *self.SETTINGS[name], words=["--restart"])
        for file in ("loss.out", "nep.txt", "force_train.out"):
            self.assertEqual(self.out("whole", file).read_bytes(), self.out("cut", file).read_bytes(), file)
        shutil.rmtree(self.out("whole"))
        shutil.rmtree(self.out("cut"))

    def test_kill(self):
        for name in self.SETTINGS:
            self.check(name, signal.SIGKILL, (-signal.SIGKILL, 0))

    def test_sigterm(self):
        for name in ("auto", "newton"):
            self.check(name, signal.SIGTERM, (0,))

    def test_walltime(self):
        self.train("whole")
        text = self.train("cut", "walltime=0.001 s")
        self.assertIn("the wall time is over: go on with --restart", text)
        self.train("cut", words=["--restart"])
        self.assertEqual(self.out("whole", "nep.txt").read_bytes(), self.out("cut", "nep.txt").read_bytes())

    def test_other_training(self):
        """A checkpoint goes with its configuration and its frames."""
        self.train()
        frames = self.out("frames.xyz").read_text()
        self.refuse("the checkpoint is of another training", "seed=2")
        self.refuse("there is no checkpoint.h5 to go on from", "output.directory=new")
        self.out("frames.xyz").write_text(frames.replace("energy=-19.748838413996097", "energy=-19.7488384139"))
        self.refuse("the checkpoint is of another training", "seed=1")

    def refuse(self, message, setting):
        result = cli.run("train", "config.yaml", "--restart", "--set", setting, folder=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertIn(message, result.stderr)


def main(vitrion, source, group):
    cli.VITRION, cli.SOURCE = os.path.abspath(vitrion), pathlib.Path(source).resolve()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(globals()[group])
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
