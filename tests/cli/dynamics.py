#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""vitrion run as users run it: dynamics.py VITRION SOURCE_ROOT GROUP

GROUP is a class below (Outputs, Slabs, Restarts, Groups, Driven, Minimise, Guards, Disks), as tests/cli/meson.build lists them. The model is the synthetic one of
examples/predict: random parameters, so that forces are rough and every term and the electrostatics take part.
"""
import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import cli

try:
    import h5py
except ImportError:
    h5py = None  # then H5MD files are not compared

CONFIG = """\
model: {model}
structure: start.xyz
timestep: 0.2 fs
velocities: 100 K
output:
  thermo: {{every: 5}}
  trajectory:
    - {{every: 10, format: extxyz, fields: [position, image, velocity, charge]}}
    - {{name: fine, every: 20, format: h5md, fields: [unwrapped, force], precision: double}}
    - {{name: net, every: 5, format: amber, fields: [position, velocity, charge]}}
  checkpoint: {{every: 50}}
stages:
  - {{name: free, ensemble: nve, steps: {free}}}
  - {{name: hold, ensemble: nvt, temperature: [100 K, 300 K], steps: 60}}
  - {{name: press, ensemble: npt, temperature: 300 K, pressure: 1 GPa, barostat: {{coupling: anisotropic}}, steps: 40}}
"""


class Dynamics(cli.Case):
    def setUp(self):
        super().setUp()
        room = tempfile.TemporaryDirectory()  # Open MPI's programs must not share theirs
        self.addCleanup(room.cleanup)
        os.environ["TMPDIR"] = room.name
        example = cli.SOURCE / "examples" / "predict"
        lines = (example / "frames.xyz").read_text().splitlines(keepends=True)
        (self.folder / "start.xyz").write_text("".join(lines[:42]))
        self.model = example / "synthetic.txt"
        self.configure(free=80)

    def configure(self, **values):
        (self.folder / "config.yaml").write_text(CONFIG.format(model=self.model, **values))

    def run_into(self, out, *words, **options):
        return self.succeed("run", "config.yaml", "--set", "output.directory={}".format(out), *words, **options)

    def go_on(self, out, *words, **options):
        return self.run_into(out, "--restart", "{}/checkpoint.h5".format(out), *words, **options)

    def rows(self, out):
        lines = (self.folder / out / "thermo.csv").read_text().splitlines()
        self.assertTrue(lines[0].startswith("# vitrion "))
        return [{name: value if name == "stage" else float(value) for name, value in row.items()}
                for row in csv.DictReader(lines[1:])]

    def bytes_of(self, out, *names):
        return [(self.folder / out / name).read_bytes() for name in names]

    def frames(self, out):
        """What the H5MD file holds, as bytes."""
        if h5py is None:
            return None
        found = {}
        with h5py.File(self.folder / out / "fine.h5", "r") as file:
            file["particles"].visititems(
                lambda name, item: found.update({name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None)
        self.assertGreaterEqual(len([name for name in found if name.endswith(("position/value", "force/value"))]), 2)
        return found

    def assert_same(self, one, other):
        names = ("final.xyz", "thermo.csv", "trajectory.xyz", "net.nc")
        for name, first, second in zip(names, self.bytes_of(one, *names), self.bytes_of(other, *names)):
            self.assertTrue(first == second, name + " differs")
        self.assertTrue(self.frames(one) == self.frames(other), "fine.h5 differs")

    def compare_ranks(self, precision, of_rows, of_velocities):
        nve = ("--set", "stages=[{ensemble: nve, steps: 100}]", "--set", "precision=" + precision)
        self.run_into("one", *nve)
        for ranks in (2, 3):
            out = "on{}".format(ranks)
            self.run_into(out, *nve, ranks=ranks)
            for one, many in zip(self.rows("one"), self.rows(out)):
                for name in ("temperature_K", "potential_eV", "conserved_eV", "pressure_GPa"):
                    self.assertAlmostEqual(one[name], many[name], delta=of_rows * max(1, abs(one[name])))
            frames = [cli.split_frames((self.folder / name / "trajectory.xyz").read_text()) for name in ("one", out)]
            for (_, one), (_, many) in zip(*frames):
                for a, b in zip(one, many):
                    self.assertEqual(a[0], b[0])
                    self.assert_near(cli.numbers(a[7:10]), cli.numbers(b[7:10]), of_velocities)


class Outputs(Dynamics):
    """What a run leaves behind."""

    def test_files(self):
        text = self.run_into("out")
        self.assertIn("us/atom/step", text)
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["checkpoint.h5", "checkpoint.prev.h5", "config.yaml", "final.xyz", "fine.h5", "net.nc", "run.log",
                          "thermo.csv", "trajectory.xyz"])
        rows = self.rows("out")
        self.assertEqual([row["step"] for row in rows], list(range(0, 181, 5)))
        self.assertEqual([row["stage"] for row in rows], 17 * ["free"] + 12 * ["hold"] + 8 * ["press"])
        self.assertAlmostEqual(rows[-1]["time_ps"], 0.036, places=12)
        self.assertAlmostEqual(rows[0]["temperature_K"], 100, places=9)
        for row in rows[:17]:  # nve: total energy is what is conserved
            self.assertAlmostEqual(row["conserved_eV"], row["kinetic_eV"] + row["potential_eV"], places=9)
            self.assertLess(abs(row["drift_eV_per_atom"]), 1e-5)
            self.assertEqual(row["volume_A3"], rows[0]["volume_A3"])
        self.assertNotEqual(rows[-1]["volume_A3"], rows[0]["volume_A3"])
        frames = cli.split_frames((self.folder / "out" / "trajectory.xyz").read_text())
        self.assertEqual([cli.keys_of(comment)["step"] for comment, _ in frames], [str(step) for step in range(0, 181, 10)])
        (comment, atoms), = cli.split_frames((self.folder / "out" / "final.xyz").read_text())
        self.assertEqual(len(atoms), 40)
        self.assertLessEqual({"species", "pos", "image", "vel"}, set(cli.columns_of(comment, atoms)))
        log = (self.folder / "out" / "run.log").read_text()
        for word in ("vitrion 0.", "model", "40 atoms", "stage 3 of 3", "checkpoint"):
            self.assertIn(word, log)

    def test_echo_is_the_run(self):
        self.run_into("out", "--set", "seed=7")
        echo = (self.folder / "out" / "config.yaml").read_text()
        self.assertIn("seed: 7", echo)
        (self.folder / "config.yaml").write_text(echo)
        self.run_into("again")
        self.assert_same("out", "again")

    EWALD = ("--set", "electrostatics.method=ewald")  # whose error does not depend on a mesh that is chosen anew

    def test_final_structure_starts_a_run(self):
        self.run_into("out", *self.EWALD)
        before = self.rows("out")[-1]
        self.run_into("next", "--set", "structure=out/final.xyz", "--set", "stages=[{ensemble: nve, steps: 5}]", "--set",
                      "velocities=300 K", "--set", "output.trajectory=[]")
        self.assertNotEqual(before["kinetic_eV"], self.rows("next")[0]["kinetic_eV"])
        text = (self.folder / "config.yaml").read_text().replace("velocities: 100 K\n", "")
        (self.folder / "config.yaml").write_text(text)
        self.run_into("third", "--set", "structure=out/final.xyz", "--set", "stages=[{ensemble: nve, steps: 5}]", "--set",
                      "output.trajectory=[]", *self.EWALD)
        first = self.rows("third")[0]
        for name in ("potential_eV", "kinetic_eV"):
            self.assertAlmostEqual(before[name], first[name], delta=1e-6 * abs(before[name]))

    def test_replicate(self):
        nve = ("--set", "stages=[{ensemble: nve, steps: 2}]", "--set", "velocities=0 K", "--set", "output.thermo.every=1", *self.EWALD)
        self.run_into("one", *nve)
        self.run_into("many", "--set", "replicate=[2, 1, 3]", *nve)
        for one, many in zip(self.rows("one"), self.rows("many")):
            self.assertAlmostEqual(6 * one["potential_eV"], many["potential_eV"], delta=1e-5)
            self.assertAlmostEqual(one["pressure_GPa"], many["pressure_GPa"], delta=1e-4)

    def test_reference_of_keywords(self):
        text = (cli.SOURCE / "docs" / "keywords.md").read_text()
        self.assertEqual(text, self.succeed("help", "--keywords"), "vitrion help --keywords >docs/keywords.md brings it up to date")

    def test_names_of_stages(self):
        name = 'a "b", c'
        self.run_into("out", "--set", "stages=[{name: 'a \"b\", c', ensemble: nve, steps: 10}, {ensemble: nve, steps: 5}]")
        self.assertEqual([row["stage"] for row in self.rows("out")], 3 * [name] + ["run"])

    def test_dry_run_counts_what_precision_needs(self):
        def megabytes(*words):
            return float(re.search(r"([0-9.]+) MB", self.run_into("out", "--dry-run", "--set", "replicate=[4, 4, 4]", *words)).group(1))
        double, mixed = megabytes("--set", "precision=double"), megabytes("--set", "precision=mixed")
        self.assertLess(mixed, 0.9 * double)
        self.assertGreater(mixed, 0.1 * double)
    def test_dry_run_tells_the_electrostatics(self):
        """What auto has chosen, and the error that it has on the structure."""
        for method, chosen in (("auto", "pppm:1e-05, pairs within"), ("pppm", "pppm:1e-05, pairs within"),
                               ("ewald", "ewald:1e-05, about")):
            text = self.run_into("out", "--dry-run", "--set", "electrostatics.method=" + method)
            self.assertIn("# electrostatics: " + chosen, text)
            error = float(re.search(r"# measured on 40 atoms, against exact sums: (\S+),", text).group(1))
            self.assertLess(error, 1.5e-5)
        text = self.run_into("out", "--dry-run", "--set", "electrostatics.accuracy=1e-3")
        self.assertRegex(text, r"# split by .*, mesh of \d+ x \d+ x \d+ points in float, \w+ window of \d points")
        self.assertRegex(text, r"# its error of forces, expected: \d")

    def test_dry_run_writes_nothing(self):
        before = self.files()
        text = self.run_into("out", "--dry-run")
        self.assertEqual(self.files(), before)
        for word in ("timestep: 0.2 fs", "# 40 atoms", "1 x 1 x 1 bricks", "electrostatics", "MB", "# 180 steps"):
            self.assertIn(word, text)

    def test_ranks_agree(self):
        self.compare_ranks("double", 1e-8, 1e-9)

    def test_ranks_agree_in_mixed_precision(self):
        self.compare_ranks("mixed", 1e-6, 1e-8)

    def test_arithmetic_is_told(self):
        brief = ("--set", "stages=[{ensemble: nve, steps: 5}]", *self.EWALD)
        for name, words, line in (("generic", ("--isa", "generic"), "mixed precision, generic kernels"),
                                  ("double", ("--set", "precision=double"), "double precision")):
            self.run_into(name, *brief, *words)
            self.assertIn(line + "\n", (self.folder / name / "run.log").read_text())
            self.assertIn("isa: " + ("generic" if name == "generic" else "auto"), (self.folder / name / "config.yaml").read_text())
        one, other = self.rows("generic")[-1], self.rows("double")[-1]
        self.assertNotEqual(one["potential_eV"], other["potential_eV"])
        self.assertAlmostEqual(one["potential_eV"], other["potential_eV"], delta=1e-5)


class Slabs(Dynamics):
    """A slab of charges, open along c, that stands across the face of its cell."""

    VACUUM = 45

    def setUp(self):
        super().setUp()
        count, comment, *atoms = (self.folder / "start.xyz").read_text().splitlines()
        edge = float(re.search('Lattice="(\\S+)', comment).group(1))  # of a cube
        lines = [count, 'Lattice="{0} 0 0 0 {0} 0 0 0 {1}" Properties=species:S:1:pos:R:3 pbc="T T F"'.format(edge, edge + self.VACUUM)]
        for atom in atoms:
            word, x, y, z = atom.split()[:4]
            lines.append("{} {} {} {}".format(word, x, y, float(z) % edge - 3))
        (self.folder / "start.xyz").write_text("\n".join(lines) + "\n")
        text = (self.folder / "config.yaml").read_text()
        (self.folder / "config.yaml").write_text("".join(line for line in text.splitlines(keepends=True) if "npt" not in line))

    def test_correction(self):
        """What a run starts with is what predict gives, and not that of a crystal of slabs."""
        self.run_into("out", "--set", "stages=[{ensemble: nve, steps: 200}]", "--set", "precision=double", "--set", "timestep=0.05 fs")
        self.assertIn("a slab, open along c, with", (self.folder / "out" / "run.log").read_text())
        rows = self.rows("out")
        self.assertLess(abs(rows[-1]["drift_eV_per_atom"]), 1e-5)
        energies = {}
        for name, structure in (("slab", (self.folder / "start.xyz").read_text()),
                                ("bulk", (self.folder / "start.xyz").read_text().replace("T T F", "T T T"))):
            (self.folder / (name + ".xyz")).write_text(structure)
            text = self.succeed("predict", "--model", self.model, name + ".xyz", "--out", name + "-out.xyz", "--electrostatics", "ewald")
            self.assertNotIn("evaluated as periodic", text)
            comment = (self.folder / (name + "-out.xyz")).read_text().splitlines()[1]
            energies[name] = float(re.search(r"\benergy=(\S+)", comment).group(1))
        self.assertAlmostEqual(rows[0]["potential_eV"], energies["slab"], delta=1e-3)
        self.assertGreater(abs(energies["bulk"] - energies["slab"]), 1e-2)
        text = self.succeed("predict", "--model", self.model, "slab.xyz", "--out", "published.xyz")
        self.assertIn("1 of the frames say that they are not periodic", text)

    def test_ranks_agree(self):
        self.compare_ranks("double", 1e-8, 1e-9)

    def test_goes_on(self):
        """A slab that has left the cell is still in one piece after a restart."""
        stages = "{ensemble: nve, steps: 50}"
        self.run_into("whole", "--set", "stages=[{0}, {0}]".format(stages))
        self.run_into("parts", "--set", "stages=[{}]".format(stages))
        self.go_on("parts", "--set", "stages=[{0}, {0}]".format(stages))
        self.assertEqual(*(self.bytes_of(out, "final.xyz") for out in ("whole", "parts")))


class Interrupted(Dynamics):
    """Runs that are stopped or killed, and gone on with."""

    def start(self, out, ranks=1):
        launcher = [] if ranks == 1 else ["mpirun", "-n", str(ranks), "--oversubscribe"]
        return subprocess.Popen(launcher + [cli.VITRION, "run", "config.yaml", "--set", "output.directory={}".format(out)],
                                cwd=self.folder, env=cli.environment(ranks), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def has_checkpoint(self, out):
        return (self.folder / out / "checkpoint.h5").exists()

    def interrupt(self, out, number, after):
        """Start it, wait for its first checkpoint and a while, send the signal."""
        process = self.start(out)
        while process.poll() is None and not self.has_checkpoint(out):
            time.sleep(0.002)
        time.sleep(after)
        process.send_signal(number)
        text, errors = process.communicate(timeout=60)
        return process.returncode, text, errors

    def time_whole(self):
        start = time.monotonic()
        self.run_into("whole")
        return time.monotonic() - start


class Restarts(Interrupted):
    """However a run ends, going on gives what it would have given."""

    def test_stopped_in_double_precision(self):
        text = (self.folder / "config.yaml").read_text()
        (self.folder / "config.yaml").write_text("precision: double\n" + text)
        self.test_stopped()

    def test_on_another_instruction_set(self):
        best = re.search(r"(\w+) kernels in use", self.succeed("info")).group(1)
        self.run_into("out", "--set", "stages=[{ensemble: nve, steps: 20}]")
        whole = "--set", "stages=[{ensemble: nve, steps: 20}, {ensemble: nve, steps: 20}]"
        self.go_on("out", *whole)
        self.assertNotIn("bit by bit", (self.folder / "out" / "run.log").read_text())
        self.go_on("out", *whole[:1], whole[1].replace("}]", "}, {ensemble: nve, steps: 20}]"), "--isa", "generic")
        expected = "warning: the checkpoint was written with {} kernels".format(best)
        self.assertEqual(expected in (self.folder / "out" / "run.log").read_text(), best != "generic")

    def test_stopped(self):
        whole = self.time_whole()
        dice, stopped = random.Random(5), 0
        for trial in range(8):
            if trial >= 3 and stopped:
                break
            out = "stopped{}".format(trial)
            status, text, errors = self.interrupt(out, signal.SIGTERM, dice.uniform(0, 0.4 * whole))
            if status == -signal.SIGTERM:  # it had ended, but for the farewell
                continue
            self.assertEqual((status, errors), (0, ""), text)
            stopped += "go on with --restart" in text
            self.go_on(out)
            self.assert_same("whole", out)
        self.assertGreater(stopped, 0)

    def test_killed(self):
        whole = self.time_whole()
        dice, killed = random.Random(6), 0
        for trial in range(8):
            if trial >= 4 and killed:
                break
            out = "killed{}".format(trial)
            status, _, _ = self.interrupt(out, signal.SIGKILL, dice.uniform(0, 0.5 * whole))
            killed += status == -signal.SIGKILL
            self.check_killed_netcdf(out)
            self.go_on(out)
            self.assert_same("whole", out)
        self.assertGreater(killed, 0)

    def check_killed_netcdf(self, out):
        """At any moment the file is a whole one of the frames that it counts."""
        whole, part = self.bytes_of("whole", "net.nc")[0], self.bytes_of(out, "net.nc")[0]
        frame = 7 * 8 + 40 * 7 * 4  # cell and time, 7 single numbers of 40 atoms
        self.assertEqual(int.from_bytes(whole[4:8], "big"), 37)
        end = len(whole) - (37 - int.from_bytes(part[4:8], "big")) * frame
        self.assertTrue(len(part) >= end and part[8:end] == whole[8:end])

    def test_walltime(self):
        self.run_into("whole")
        text = self.run_into("short", "--set", "walltime=0.3 s")
        if "go on with --restart" in text:
            self.assertFalse((self.folder / "short" / "final.xyz").exists())
        self.go_on("short")
        self.assert_same("whole", "short")

    def test_stage_added_at_the_end(self):
        stages = ["{ensemble: nve, steps: 30}", "{ensemble: nvt, temperature: 200 K, steps: 20}"]
        self.run_into("whole", "--set", "stages=[{}]".format(", ".join(stages)))
        self.run_into("part", "--set", "stages=[{}]".format(stages[0]))
        self.go_on("part", "--set", "stages=[{}]".format(", ".join(stages)))
        self.assert_same("whole", "part")

    def test_on_several_ranks(self):
        self.run_into("whole", ranks=2)
        self.run_into("part", "--set", "walltime=0.1 s", ranks=2)
        self.go_on("part", ranks=2)
        self.assert_same("whole", "part")
        self.go_on("part", ranks=2)  # nothing left to do: the same state, in a cell of another shape
        self.assert_same("whole", "part")

    def test_on_another_number_of_ranks(self):
        self.configure(free=40)
        double = ("--set", "precision=double")
        self.run_into("whole", *double)
        stages = (self.folder / "config.yaml").read_text()
        self.run_into("part", *double, "--set", "stages=[{name: free, ensemble: nve, steps: 40}]")
        (self.folder / "config.yaml").write_text(stages)
        self.go_on("part", *double, ranks=2)
        for whole, part in zip(self.rows("whole"), self.rows("part")):
            for name in ("step", "temperature_K", "potential_eV", "conserved_eV", "volume_A3"):
                self.assertAlmostEqual(whole[name], part[name], delta=1e-6 * max(1, abs(whole[name])))
        self.assertEqual(len(self.rows("whole")), len(self.rows("part")))

    def test_refused(self):
        self.run_into("out")
        whole = self.bytes_of("out", "thermo.csv")
        restart = ("run", "config.yaml", "--set", "output.directory=out", "--restart", "out/checkpoint.h5")
        self.fail_with(2, "it has 'timestep: 0.2 fs', not 'timestep: 0.3 fs'", *restart, "--set", "timestep=0.3 fs")
        self.fail_with(2, "in stage 1: it has 'steps: 60', not 'steps: 70'", *restart, "--set", "stages.1.steps=70")
        self.fail_with(2, "in stage 2: it has 'name: press', not 'nothing'", *restart, "--set",
                       "stages=[{name: free, ensemble: nve, steps: 80}, "
                       "{name: hold, ensemble: nvt, temperature: [100 K, 300 K], steps: 60}]")
        self.fail_with(2, "of 40 atoms, the structure has 80", *restart, "--set", "replicate=[1, 2, 1]")
        other = self.folder / "other.txt"
        other.write_bytes(self.model.read_bytes() + b"\n")
        self.fail_with(2, "of another model", *restart, "--set", "model=other.txt")
        self.assertEqual(self.bytes_of("out", "thermo.csv"), whole)
        self.fail_with(2, "its 'charge' is not wanted now", *restart, "--set", "output.trajectory.2.fields=[position, velocity]")
        self.fail_with(2, "its 'coordinates' is inside the cell", *restart, "--set",
                       "output.trajectory.2.fields=[unwrapped, velocity, charge]")
        self.fail_with(2, "its 'coordinates' is another one", *restart, "--set", "output.trajectory.2.precision=double")
        (self.folder / "out" / "thermo.csv").write_text("short\n")
        self.fail_with(2, "the file has 6 bytes", *restart)

    def test_other_runs_stay(self):
        self.run_into("out")
        whole = self.bytes_of("out", "thermo.csv", "final.xyz")
        self.fail_with(2, "holds another run", "run", "config.yaml")
        self.assertEqual(self.bytes_of("out", "thermo.csv", "final.xyz"), whole)
        self.run_into("out", "--force", "--set", "seed=2")
        self.assertNotEqual(self.bytes_of("out", "thermo.csv", "final.xyz"), whole)


GROUPS = """\
model: {model}
structure: start.xyz
timestep: 0.2 fs
precision: double
velocities: 100 K
groups:
  - {{name: heavy, elements: [Ba, Ti]}}
  - {{name: first, ids: [1-5, 7]}}
  - {{name: wall, z: [-1 A, 2.5 A]}}
  - {{name: rest, except: wall}}
output:
  thermo: {{every: 5}}
  trajectory:
    - {{every: 10, format: extxyz, fields: [unwrapped, velocity], precision: double, group: rest}}
    - {{name: fine, every: 20, fields: [position, velocity, force], precision: double, group: heavy}}
    - {{name: whole, every: 20, format: extxyz, fields: [position, velocity, force], precision: double}}
    - {{name: net, every: 20, format: amber, fields: [position], group: first}}
  checkpoint: {{every: 50}}
stages:
  - {{ensemble: nve, steps: 60, freeze: wall}}
  - {{ensemble: nvt, temperature: 300 K, steps: 60, freeze: [wall, first]}}
  - {{ensemble: nve, steps: 40}}
"""


class Groups(Dynamics):
    """Groups of atoms: frozen, and written alone."""

    def setUp(self):
        super().setUp()
        (self.folder / "config.yaml").write_text(GROUPS.format(model=self.model))
        lines = (self.folder / "start.xyz").read_text().splitlines()[2:]
        self.elements = [line.split()[0] for line in lines]
        self.heights = [float(line.split()[3]) for line in lines]
        self.wall = {i + 1 for i, z in enumerate(self.heights) if -1 <= z < 2.5}
        self.heavy = [i + 1 for i, element in enumerate(self.elements) if element != "O"]
        self.assertTrue(5 < len(self.wall) < 30)

    def frames_of(self, out, name):
        """{step: {column: words of each atom}}"""
        frames = cli.split_frames((self.folder / out / name).read_text())
        return {int(cli.keys_of(comment)["step"]): cli.columns_of(comment, atoms) for comment, atoms in frames}

    def test_frozen_stay(self):
        self.run_into("out")
        frames = self.frames_of("out", "whole.xyz")
        for first, last, frozen in ((0, 60, self.wall), (60, 120, self.wall | {1, 2, 3, 4, 5, 7}), (120, 160, set())):
            before, after = (frames[step]["pos"] for step in (first, last))
            self.assertEqual({i + 1 for i in range(40) if before[i] == after[i]}, frozen)
        for step, frame in frames.items():
            still = {i + 1 for i in range(40) if all(float(v) == 0 for v in frame["vel"][i])}
            frozen = {0: self.wall, 20: self.wall, 40: self.wall, 60: self.wall, 140: set(), 160: set()}
            self.assertEqual(still, frozen.get(step, self.wall | {1, 2, 3, 4, 5, 7}))
        rows = self.rows("out")
        self.assertAlmostEqual(rows[0]["temperature_K"], 100, places=9)
        for row in rows[:12]:
            self.assertLess(abs(row["drift_eV_per_atom"]), 1e-5)
        log = (self.folder / "out" / "run.log").read_text()
        for line in ("group heavy: 16 atoms", "group first: 6 atoms", "group wall: {} atoms".format(len(self.wall))):
            self.assertIn(line, log)

    def test_frames_of_groups(self):
        self.run_into("out")
        whole, rest = self.frames_of("out", "whole.xyz"), self.frames_of("out", "trajectory.xyz")
        ids = [i for i in range(1, 41) if i not in self.wall]
        self.assertEqual(sorted(rest), list(range(0, 161, 10)))
        for step, frame in rest.items():
            self.assertEqual([int(i) for i, in frame["id"]], ids)
            self.assertEqual([e for e, in frame["species"]], [self.elements[i - 1] for i in ids])
            if step in whole:
                self.assertEqual(frame["vel"], [whole[step]["vel"][i - 1] for i in ids])
        self.assertNotIn(" energy=", (self.folder / "out" / "trajectory.xyz").read_text())
        self.assertNotIn("id", whole[0])
        net, = self.bytes_of("out", "net.nc")
        self.assertIn(b", group first", net)
        dimension = b"\0\0\0\x04atom"  # name of the dimension, before its length
        self.assertEqual(int.from_bytes(net.partition(dimension)[2][:4], "big"), 6)
        if h5py is None:
            return
        with h5py.File(self.folder / "out" / "fine.h5", "r") as file:
            group = file["particles/trajectory"]
            self.assertEqual(list(group["id"]), self.heavy)
            self.assertEqual([{56: "Ba", 22: "Ti"}[z] for z in group["species"]], [self.elements[i - 1] for i in self.heavy])
            self.assertEqual(file["parameters/vitrion/group"][()], b"heavy")
            self.assertEqual(list(group["position/step"]), list(range(0, 161, 20)))
            for k, step in enumerate(group["position/step"]):
                for name, column, factor in (("position", "pos", 1), ("velocity", "vel", 1e3)):
                    for found, i in zip(group[name + "/value"][k], self.heavy):
                        self.assert_near(list(found), [factor * x for x in cli.numbers(whole[step][column][i - 1])], 1e-12)

    def test_replicated(self):
        self.run_into("out", "--set", "replicate=[1, 1, 2]", "--set", "stages=[{ensemble: nve, steps: 10, freeze: first}]", "--set",
                      "groups=[{name: first, ids: [39-42, 80]}, {name: heavy, elements: Ba}, {name: rest, z: [8.5 A, 20 A]}]")
        velocities = self.frames_of("out", "whole.xyz")[0]["vel"]
        still = [i + 1 for i in range(80) if all(float(v) == 0 for v in velocities[i])]
        self.assertEqual(still, [39, 40, 41, 42, 80])
        upper = [int(i) for i, in self.frames_of("out", "trajectory.xyz")[0]["id"]]
        self.assertEqual(upper, [41 + i for i, z in enumerate(self.heights) if 8.5 <= 8.018124 + z < 20])

    def test_column(self):
        lines = (self.folder / "start.xyz").read_text().splitlines()
        lines[1] = lines[1].replace("forces:R:3", "forces:R:3:move_mask:L:1")
        lines[2:] = [line + (" F" if i < 8 else " T") for i, line in enumerate(lines[2:])]
        (self.folder / "start.xyz").write_text("\n".join(lines) + "\n")
        self.run_into("out", "--set", "stages=[{ensemble: nve, steps: 10, freeze: wall}]", "--set",
                      "groups=[{name: wall, column: move_mask, values: 0}, {name: rest, column: move_mask}, {name: first, ids: 1}, "
                      "{name: heavy, elements: Ba}]")
        self.assertEqual([int(i) for i, in self.frames_of("out", "trajectory.xyz")[0]["id"]], list(range(9, 41)))
        lines[1] = lines[1].replace("move_mask", "mask")
        (self.folder / "start.xyz").write_text("\n".join(lines) + "\n")
        self.fail_with(2, "the structure has no column 'move_mask' for the group 'wall'", "run", "out/config.yaml", "--set",
                       "output.directory=next")
        self.assertFalse((self.folder / "next").exists())

    def test_ranks_agree(self):
        self.run_into("one")
        for ranks in (2, 3):
            out = "on{}".format(ranks)
            self.run_into(out, ranks=ranks)
            for name in ("trajectory.xyz", "whole.xyz"):
                one, many = self.frames_of("one", name), self.frames_of(out, name)
                self.assertEqual(list(one), list(many))
                for step in one:
                    self.assertEqual(one[step].get("id"), many[step].get("id"))
                    for a, b in zip(one[step]["pos"], many[step]["pos"]):
                        self.assert_near(cli.numbers(a), cli.numbers(b), 1e-9)
            if h5py is not None:
                with h5py.File(self.folder / out / "fine.h5", "r") as file:
                    self.assertEqual(list(file["particles/trajectory/id"]), self.heavy)

    def go_on(self, out, **options):
        """From step 90, within the second stage: what comes after is written again."""
        self.run_into(out, "--restart", out + "/checkpoint.prev.h5", **options)
        self.assertIn("goes on from step 90", (self.folder / out / "run.log").read_text())

    def test_ranks_without_members(self):
        words = ("--set", "stages=[{ensemble: nve, steps: 20, freeze: first}]", "--set", "output.trajectory.0.group=first", "--set",
                 "output.trajectory.1.group=first")
        self.run_into("one", *words)
        self.run_into("many", *words, ranks=4)  # three of them have none of the numbers 1 to 7
        self.assertEqual(*(self.frames_of(out, "trajectory.xyz") for out in ("one", "many")))
        self.assertEqual([int(i) for i, in self.frames_of("many", "trajectory.xyz")[20]["id"]], [1, 2, 3, 4, 5, 7])
        if h5py is not None:
            with h5py.File(self.folder / "many" / "fine.h5", "r") as file:
                self.assertEqual(list(file["particles/trajectory/id"]), [1, 2, 3, 4, 5, 7])

    def test_restart_is_exact(self):
        for ranks in (1, 2):
            whole, part = "whole{}".format(ranks), "part{}".format(ranks)
            self.run_into(whole, ranks=ranks)
            self.run_into(part, "--set", "output.checkpoint.every=90", ranks=ranks)
            for name in ("thermo.csv", "trajectory.xyz"):  # nothing of what is there may show in what comes
                lines = (self.folder / part / name).read_bytes()
                (self.folder / part / name).write_bytes(lines[:-100] + bytes(100))
            self.go_on(part, ranks=ranks)
            self.assert_same(whole, part)
            self.assertEqual(*(self.bytes_of(out, "whole.xyz", "net.nc") for out in (whole, part)))

    def test_restart_on_other_ranks(self):
        self.run_into("part", "--set", "output.checkpoint.every=90")
        before = self.frames_of("part", "trajectory.xyz")
        self.go_on("part", ranks=3)
        after = self.frames_of("part", "trajectory.xyz")
        self.assertEqual(list(before), list(after))
        for step in before:
            self.assertEqual(before[step]["id"], after[step]["id"])
            for a, b in zip(before[step]["pos"], after[step]["pos"]):
                self.assert_near(cli.numbers(a), cli.numbers(b), 1e-7)

    def test_restart_refused(self):
        self.run_into("out")
        whole = self.bytes_of("out", "trajectory.xyz", "fine.h5", "thermo.csv")
        restart = ("run", "config.yaml", "--set", "output.directory=out", "--restart", "out/checkpoint.h5")
        for item, message in (("trajectory.0.group=all", "'trajectory' has the atoms of the group 'rest', not 'all'"),
                              ("trajectory.1.group=rest", "'fine' has the atoms of the group 'heavy', not 'rest'")):
            self.fail_with(2, message, *restart, "--set", "output." + item)
        self.fail_with(2, "it has 'elements: [Ba, Ti]', not 'elements: [Ba]'", *restart, "--set", "groups.0.elements=Ba")
        self.fail_with(2, "in stage 0: it has 'freeze: [wall]', not 'freeze: [first]'", *restart, "--set", "stages.0.freeze=first")
        self.assertEqual(self.bytes_of("out", "trajectory.xyz", "fine.h5", "thermo.csv"), whole)


DRIVEN = """\
model: {model}
structure: start.xyz
timestep: 0.2 fs
velocities: 100 K
output:
  thermo: {{every: 5}}
  trajectory:
    - {{every: 10, format: extxyz, fields: [position, image, velocity, charge, born], precision: double}}
    - {{name: fine, every: 20, format: h5md, fields: [unwrapped, force, born], precision: double}}
    - {{name: net, every: 20, format: amber, fields: [position, velocity]}}
  checkpoint: {{every: 30}}
stages:
  - {{name: squeeze, ensemble: nve, deform: {{density: 5 g/cm3}}, steps: 50}}
  - {{name: shear, ensemble: nvt, temperature: 100 K, deform: {{strain_rate: {{xy: 4 /ps, zz: -1 /ps}}}}, steps: 50,
     electric_field: {{field: [0 V/A, 0.2 V/A, 0.1 V/A], coupling: born}}}}
  - {{name: pull, ensemble: nve, electric_field: {{field: [0.2 V/A, 0 V/A, 0 V/A]}}, steps: 60}}
"""


class Driven(Dynamics):
    """Cells that are driven, and electric fields."""

    def setUp(self):
        super().setUp()
        (self.folder / "config.yaml").write_text(DRIVEN.format(model=self.model))

    def cell_of(self, row):
        return [[row[vector + direction + "_A"] for direction in "xyz"] for vector in "abc"]

    def test_cell_and_energy(self):
        self.run_into("out")
        rows = {row["step"]: row for row in self.rows("out")}
        first, squeezed, sheared = (self.cell_of(rows[step]) for step in (0, 50, 100))
        factor = (rows[0]["density_g_per_cm3"] / 5) ** (1 / 3)
        for before, after in zip(first, squeezed):
            self.assert_near(after, [factor * x for x in before], 1e-9)
        self.assertAlmostEqual(rows[50]["density_g_per_cm3"], 5, places=9)
        for before, after in zip(squeezed, sheared):  # 0.01 ps
            self.assert_near(after, [before[0] + 0.04 * before[1], before[1], 0.99 * before[2]], 1e-9)
        self.assertEqual(self.cell_of(rows[160]), sheared)
        for step, row in rows.items():
            self.assertLess(abs(row["drift_eV_per_atom"]), 2e-4)
        for begin, end in ((0, 50), (50, 100), (100, 160)):  # that is small beside what was exchanged
            changes = [rows[end][name] - rows[begin][name] for name in ("potential_eV", "kinetic_eV")]
            self.assertGreater(abs(sum(changes)), 20 * 40 * abs(rows[end]["drift_eV_per_atom"]))

    def test_born_charges_are_those_of_predict(self):
        self.run_into("out")
        self.succeed("predict", "--model", str(self.model), "--bec", "--out", "predicted.xyz", "out/trajectory.xyz",
                     "--electrostatics", "ewald:1e-5")
        frames = [cli.split_frames((self.folder / name).read_text()) for name in ("out/trajectory.xyz", "predicted.xyz")]
        self.assertEqual(len(frames[0]), 17)
        if h5py is not None:
            with h5py.File(self.folder / "out" / "fine.h5", "r") as file:
                h5md = file["particles/trajectory/born_charge/value"][()]
            for values, (comment, atoms) in zip(h5md, frames[0][::2]):
                for ours, text in zip(values, cli.columns_of(comment, atoms)["bec"]):
                    self.assertEqual(list(ours), cli.numbers(text))
        for (comment, atoms), (other_comment, others) in zip(*frames):
            bec = cli.columns_of(comment, atoms)["bec"], cli.columns_of(other_comment, others)["bec"]
            self.assertEqual([len(rows) for rows in bec], [40, 40])
            for ours, theirs in zip(*bec):
                self.assertEqual(len(ours), 9)
                self.assert_near(cli.numbers(ours), cli.numbers(theirs), 1e-6)

    def test_charges_that_grow(self):
        """The mesh is chosen anew, on any number of ranks and after a restart at the same steps."""
        stages = "stages=[{ensemble: nvt, temperature: 100 K, steps: 120, deform: {lengths: [1.25, 1.25, 1.25]}}]"
        lines = (self.folder / "start.xyz").read_text().splitlines()
        edge = 0.88 * float(re.search('Lattice="(\\S+)', lines[1]).group(1))  # of a cube
        lines[1] = 'Lattice="{0} 0 0 0 {0} 0 0 0 {0}" Properties=species:S:1:pos:R:3 pbc="T T T"'.format(edge)
        for row, atom in enumerate(lines[2:], 2):
            lines[row] = " ".join([atom.split()[0]] + [repr(0.88 * float(x)) for x in atom.split()[1:4]])
        (self.folder / "start.xyz").write_text("\n".join(lines) + "\n")

        def news(out):
            text = (self.folder / out / "run.log").read_text()
            return re.findall(r"step (\d+): the charges have grown from \S+ to \S+ e \(rms\), and the mesh was chosen anew", text)
        self.run_into("whole", "--set", stages)
        steps = [int(step) for step in news("whole")]
        self.assertGreaterEqual(len(steps), 2)
        for ranks in (2, 3):
            out = "on{}".format(ranks)
            self.run_into(out, "--set", stages, ranks=ranks)
            self.assertEqual([int(step) for step in news(out)], steps)
            for one, many in zip(self.rows("whole"), self.rows(out)):
                self.assertAlmostEqual(one["potential_eV"], many["potential_eV"], delta=1e-6 * abs(one["potential_eV"]))
        for step in (steps[0] - 1, steps[0], steps[-1] + 1):
            out = "part{}".format(step)
            self.run_into(out, "--set", stages, "--set", "output.checkpoint.every={}".format(step))
            (self.folder / out / "run.log").unlink()
            (self.folder / out / "checkpoint.h5").write_bytes((self.folder / out / "checkpoint.prev.h5").read_bytes())
            self.run_into(out, "--set", stages, "--restart", out + "/checkpoint.h5")
            begin = max(k for k in range(0, 120, step))
            self.assertIn("goes on from step {} ".format(begin), (self.folder / out / "run.log").read_text())
            self.assertEqual([int(step) for step in news(out)], [step for step in steps if step > begin])
            self.assert_same("whole", out)

    def test_restart_is_exact(self):
        self.run_into("whole")
        text = (self.folder / "config.yaml").read_text()
        for steps in (35, 75, 130):  # in the middle of each stage
            out = "part{}".format(steps)
            self.run_into(out, "--set", "output.checkpoint.every={}".format(steps))
            (self.folder / out / "checkpoint.h5").write_bytes((self.folder / out / "checkpoint.prev.h5").read_bytes())
            self.run_into(out, "--restart", out + "/checkpoint.h5")
            self.assertEqual((self.folder / "config.yaml").read_text(), text)
            self.assertIn("goes on from step {} ".format(max(k for k in range(0, 160, steps))),
                          (self.folder / out / "run.log").read_text())
            self.assert_same("whole", out)

    def test_ranks_agree(self):
        self.run_into("one")
        for ranks in (2, 3):
            out = "on{}".format(ranks)
            self.run_into(out, ranks=ranks)
            for one, many in zip(self.rows("one"), self.rows(out)):
                for name in ("potential_eV", "conserved_eV", "pressure_GPa", "volume_A3"):
                    self.assertAlmostEqual(one[name], many[name], delta=1e-6 * max(1, abs(one[name])))

    def test_bounds_of_the_volume_follow(self):
        stages = ["{ensemble: nve, deform: {volume: 2.2}, steps: 100}", "{ensemble: nve, steps: 5}",
                  "{ensemble: nvt, temperature: 300 K, deform: {volume: 1.7}, steps: 60}"]
        self.run_into("out", "--set", "stages=[{}]".format(", ".join(stages)))
        first, last = self.rows("out")[0], self.rows("out")[-1]
        self.assertAlmostEqual(last["volume_A3"] / first["volume_A3"], 2.2 * 1.7, places=9)
MINIMISE = """\
model: bound.txt
structure: start.xyz
timestep: 0.2 fs
output:
  thermo: {{every: 5}}
  trajectory:
    - {{every: 10, format: extxyz, fields: [position, image, velocity, force], precision: double}}
    - {{name: fine, every: 20, format: h5md, fields: [unwrapped, force, velocity], precision: double}}
    - {{name: net, every: 20, format: amber, fields: [position, velocity]}}
  checkpoint: {{every: 7}}
stages:
  - {{name: relax, minimise: {{method: {method}, force: {force}, cell: {cell}, steps: {steps}}}}}
  - {{name: hold, ensemble: nvt, temperature: [100 K, 300 K], steps: 20}}
"""


FROZEN = """\
velocities: 50 K
groups:
  - {{name: wall, z: [-1 A, 2.5 A]}}
stages:
  - {{name: pull, ensemble: nve, deform: {{volume: 1.01}}, electric_field: {{field: [0 V/A, 0 V/A, 0.2 V/A]}}, steps: 10}}
  - {{name: relax, minimise: {{method: {method}, force: 0.1 eV/A}}, freeze: wall}}
  - {{name: hold, ensemble: nvt, temperature: 100 K, freeze: wall, steps: 20}}
"""


class Minimise(Interrupted):
    """Minimisations as stages of a run."""

    def setUp(self):
        super().setUp()
        # without repulsion at short distance the synthetic model has no minimum
        lines = self.model.read_text().splitlines(keepends=True)
        lines[0] = lines[0].replace("nep4_charge1", "nep4_zbl_charge1")
        (self.folder / "bound.txt").write_text("".join(lines[:1] + ["zbl 1 2\n"] + lines[1:]))
        self.choose()

    def configure(self, **values):
        pass  # choose() does

    def choose(self, method="fire", force="0.1 eV/A", cell="false", steps=10000):
        (self.folder / "config.yaml").write_text(MINIMISE.format(method=method, force=force, cell=cell, steps=steps))

    def lines_of(self, out, word):
        return [line for line in (self.folder / out / "run.log").read_text().splitlines() if word in line]

    def steps_of(self, out):
        """Of the minimisation."""
        (line,) = self.lines_of(out, " force calls: ")
        return int(line.split("; ")[1].split(" steps")[0])

    def check_force(self, out, step, force):
        frames = cli.split_frames((self.folder / out / "trajectory.xyz").read_text())
        (atoms,) = [atoms for comment, atoms in frames if cli.keys_of(comment)["step"] == str(step)]
        largest = max(sum(value * value for value in cli.numbers(atom[-3:])) ** 0.5 for atom in atoms)
        self.assertLessEqual(largest, force)

    def test_arrives_and_goes_on(self):
        for method, cell in (("fire", "true"), ("lbfgs", "fixed")):
            out = method
            self.choose(method, cell=cell)
            text = self.run_into(out, "--set", "output.trajectory.0.every=1")
            self.assertIn("relax: converged; ", text)
            self.assertIn("velocities drawn at 100 K", text)
            last = self.steps_of(out)
            self.assertGreater(last, 5)
            self.check_force(out, last, 0.1)
            rows = self.rows(out)
            still = [row for row in rows if row["step"] <= last]
            self.assertEqual([row["step"] for row in rows], list(range(0, last + 21, 5)))
            self.assertEqual({row["temperature_K"] for row in still}, {0})
            for before, after in zip(still, still[1:]):
                self.assertLessEqual(after["conserved_eV"], before["conserved_eV"])
                self.assertLess(after["drift_eV_per_atom"], 0)
            self.assertGreater(rows[-1]["temperature_K"], 10)
            self.assertEqual(len({row["volume_A3"] for row in still}) > 1, cell == "true")
            if cell == "true":
                self.assertLess(max(abs(rows[len(still) - 1][name]) for name in ("pxx_GPa", "pyz_GPa")), 10)
            (_, atoms), = cli.split_frames((self.folder / out / "final.xyz").read_text())
            self.assertTrue(any(float(word) != 0 for word in atoms[0][-3:]))

    def test_out_of_steps(self):
        self.choose(steps=3)
        text = self.run_into("out")
        self.assertIn("warning: relax: not converged: no steps left; 3 steps", text)
        self.assertIn("stage 2 of 2, hold: steps 3 to 23", text)
        self.assertTrue((self.folder / "out" / "final.xyz").exists())

    def test_velocities(self):
        self.run_into("out", "--set", "stages.1={name: free, ensemble: nve, steps: 5}", "--set", "velocities=50 K")
        (line,) = self.lines_of("out", "velocities drawn")
        self.assertEqual(line, "velocities drawn at 50 K")

    def test_dry_run(self):
        text = self.run_into("out", "--dry-run")
        for word in ("# 20 steps, 0.004 ps, and at most 10000 of minimisation", "minimise:", "force: 0.1 eV/A", "cell: fixed"):
            self.assertIn(word, text)
        (self.folder / "config.yaml").write_text(text)
        self.assertEqual(text, self.run_into("out", "--dry-run"))

    def test_interrupted(self):
        dice = random.Random(8)
        for method, cell, number in (("fire", "true", signal.SIGTERM), ("lbfgs", "false", signal.SIGKILL)):
            self.choose(method, cell=cell)
            whole, gone_on = self.time_whole(), 0
            for trial in range(8):
                if gone_on == 2:
                    break
                out = "{}{}".format(method, trial)
                self.interrupt(out, number, dice.uniform(0, 0.6) * whole)
                if (self.folder / out / "final.xyz").exists():
                    continue
                self.go_on(out)
                self.assert_same("whole", out)
                (line,) = self.lines_of(out, "goes on from step")
                gone_on += 0 < int(line.split()[4]) < self.steps_of("whole")
            self.assertGreater(gone_on, 0)
            (self.folder / "whole").rename(self.folder / "whole-{}".format(method))

    def test_on_several_ranks(self):
        self.choose("lbfgs")
        self.run_into("whole", ranks=2)
        self.run_into("part", "--set", "walltime=0.1 s", ranks=2)
        for _ in range(3):
            self.go_on("part", "--set", "walltime=0.5 s", ranks=2)
        self.go_on("part", ranks=2)
        self.assert_same("whole", "part")

    def test_on_another_number_of_ranks(self):
        self.choose("lbfgs", steps=20)
        self.run_into("part", "--set", "stages=[{name: relax, minimise: {method: lbfgs, force: 0.1 eV/A, steps: 20}}]")
        self.go_on("part", ranks=2)
        self.assertEqual(self.rows("part")[-1]["step"], 40)

    def test_stage_added_at_the_end(self):
        relax = "{name: relax, minimise: {method: lbfgs, force: 0.1 eV/A}}"
        hold = "{name: hold, ensemble: nvt, temperature: [100 K, 300 K], steps: 20}"
        self.choose("lbfgs")
        self.run_into("whole")
        self.run_into("part", "--set", "stages=[{}]".format(relax))
        self.go_on("part", "--set", "stages=[{}, {}]".format(relax, hold))
        self.assert_same("whole", "part")

    def freeze(self, method):
        """After a cell that was driven in a field: a minimisation and dynamics with frozen atoms, whose numbers it gives."""
        self.choose(method)
        text = (self.folder / "config.yaml").read_text()
        head, _, _ = text.partition("stages:")
        (self.folder / "config.yaml").write_text(head + FROZEN.format(method=method))
        heights = [float(line.split()[3]) for line in (self.folder / "start.xyz").read_text().splitlines()[2:]]
        return {i for i, z in enumerate(heights) if z < 2.5}

    def test_frozen(self):
        for method in ("fire", "lbfgs"):
            wall = self.freeze(method)
            text = self.run_into(method, "--set", "output.trajectory.0.every=1")
            self.assertIn("relax: converged; ", text)
            self.assertIn("velocities drawn at 100 K", text)
            last = 10 + self.steps_of(method)
            frames = [(int(cli.keys_of(comment)["step"]), cli.columns_of(comment, atoms))
                      for comment, atoms in cli.split_frames((self.folder / method / "trajectory.xyz").read_text())]
            frames = {step: columns for step, columns in frames if step >= 10}
            for step, columns in frames.items():
                same = {i for i in range(40) if columns["pos"][i] == frames[10]["pos"][i] and columns["image"][i] == frames[10]["image"][i]}
                self.assertEqual(same, wall if step > 10 else set(range(40)))
                still = {i for i in range(40) if all(float(v) == 0 for v in columns["vel"][i])}
                if step > 10:
                    self.assertEqual(still, wall if step > last else set(range(40)))
            forces = [sum(f * f for f in cli.numbers(force)) ** 0.5 for force in frames[last]["forces"]]
            self.assertLessEqual(max(f for i, f in enumerate(forces) if i not in wall), 0.1)
            self.assertGreater(max(forces[i] for i in wall), 0.1)
            row = self.rows(method)[-1]
            self.assertAlmostEqual(row["kinetic_eV"], 1.5 * (40 - len(wall)) * 8.617333262e-5 * row["temperature_K"], delta=1e-6)
            self.assertAlmostEqual(row["temperature_K"], 100, delta=60)

    def test_velocities_of_those_that_are_free_again(self):
        self.freeze("lbfgs")
        self.run_into("out", "--set", "stages.2={ensemble: nvt, temperature: 100 K, steps: 5}", "--set", "output.thermo.every=1")
        self.assertAlmostEqual(self.rows("out")[-5]["temperature_K"], 100, delta=10)

    def test_frozen_on_several_ranks(self):
        self.freeze("lbfgs")
        for ranks in (1, 2):
            self.run_into("on{}".format(ranks), ranks=ranks)
        for name in ("potential_eV", "volume_A3"):
            self.assertAlmostEqual(self.rows("on1")[4][name], self.rows("on2")[4][name], delta=1e-6 * abs(self.rows("on1")[4][name]))

    def test_restart_with_another_trajectory(self):
        """Its checkpoint at the start of the restart has all of the minimisation that goes on."""
        for method in ("fire", "lbfgs"):
            self.freeze(method)
            whole, part = method, "part-" + method
            self.run_into(whole)
            middle = 10 + self.steps_of(whole) - 3
            self.assertGreaterEqual(2 * middle, middle + 3 + 20)  # the one before the last is of the middle
            self.run_into(part, "--set", "output.checkpoint.every={}".format(middle))
            text = (self.folder / "config.yaml").read_text()
            (self.folder / "config.yaml").write_text(text.replace("  checkpoint:", "    - {name: more, every: 1, format: extxyz}\n  checkpoint:"))
            (self.folder / part / "checkpoint.h5").write_bytes((self.folder / part / "checkpoint.prev.h5").read_bytes())
            self.go_on(part)
            self.assertEqual(len(self.lines_of(part, "goes on from step {} ".format(middle))), 1)
            self.assert_same(whole, part)

    def test_cluster(self):
        """Its rotation is removed only if it is one."""
        words = ("--set", "rotation=remove", "--set", "stages=[{ensemble: nve, steps: 5}]", "--set", "velocities=200 K")
        self.fail_with(2, "no cluster in vacuum", "run", "config.yaml", *words)
        lines = (self.folder / "start.xyz").read_text().splitlines()
        lines[1] = 'Lattice="30 0 0 0 30 0 0 0 30" Properties=species:S:1:pos:R:3 pbc="F F F"'
        (self.folder / "start.xyz").write_text("\n".join(["8", lines[1]] + [" ".join(line.split()[:4]) for line in lines[2:10]]) + "\n")
        self.run_into("out", *words, "--set", "output.trajectory=[]", "--set", "output.thermo.every=1")
        first = self.rows("out")[0]
        self.assertAlmostEqual(first["kinetic_eV"], 9 * 8.617333262e-5 * 200, delta=1e-9)  # 18 degrees of freedom
        self.assertAlmostEqual(first["temperature_K"], 200, places=9)


class Guards(Dynamics):
    """Runs that go wrong end with status 1, the step, and a whole checkpoint."""

    def fail_at(self, message, *words, ranks=1):
        result = cli.run("run", "config.yaml", *words, folder=self.folder, ranks=ranks)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stderr, message)
        self.assertIn("is whole", (self.folder / "out" / "run.log").read_text())
        self.assertTrue((self.folder / "out" / "checkpoint.h5").exists())
        self.assertFalse((self.folder / "out" / "final.xyz").exists())

    def test_displacement(self):
        self.fail_at(r"step \d+, rank 0: atom \d+ moves 0\.\d+ A in a step, the bound is 0\.0", "--set",
                     "guards.displacement=0.001 A")

    def test_temperature(self):
        self.fail_at(r"step 1: the temperature is 10\d(\.\d)? K, the bound is 90 K", "--set", "guards.temperature=90 K")

    def test_volume(self):
        self.fail_at(r"step \d+: the volume is", "--set", "guards.volume=[0.99999, 1.00001]")

    def test_explosion(self):
        self.fail_at(r"step \d+", "--set", "velocities=300000 K")

    def grade(self):
        """An active set of the start alone, so that the run soon leaves it."""
        self.succeed("model", "active", "--model", str(self.model), "--out", "active_set.txt", "start.xyz")
        return "--set", "extrapolation={active_set: active_set.txt, every: 5}", "--set", "precision=double"

    def test_grade(self):
        words = self.grade()
        for ranks in (1, 2):
            self.fail_at(r"step 125: atom \d+ \((Ba|Ti|O)\) is far from all that the model was trained with \(grade 1[0-9]\.\d\d, the bound is 10\); the "
                         "frame is in extrapolated.xyz", "--set", "guards.grade=10", *words, ranks=ranks)
            (comment, _), = cli.split_frames((self.folder / "out" / "extrapolated.xyz").read_text())
            self.assertEqual(cli.keys_of(comment)["step"], "125")
            self.go_on("out", *words)  # from the checkpoint of that step
            self.assertIn("goes on from step 125", (self.folder / "out" / "run.log").read_text())
            shutil.rmtree(self.folder / "out")

    def test_frames_that_are_far(self):
        """They are those that predict says are far; nothing else of the run changes."""
        words = self.grade()
        far = "output.trajectory=[{name: far, every: 10, format: extxyz, fields: [position, grade], precision: double, above_grade: 10}, " \
              "{name: all, every: 10, format: extxyz, precision: double}]"
        self.run_into("plain", "--set", "precision=double")
        self.run_into("out", "--set", far, *words)
        self.assertEqual(self.bytes_of("plain", "final.xyz"), self.bytes_of("out", "final.xyz"))
        self.succeed("predict", "--model", str(self.model), "--active", "active_set.txt", "--out", "graded.xyz", "out/all.xyz")
        frames = cli.split_frames((self.folder / "graded.xyz").read_text())
        expected = {}
        for comment, atoms in frames:
            grades = [float(g) for g, in cli.columns_of(comment, atoms)["grade"]]
            if max(grades) > 10:
                expected[cli.keys_of(comment)["step"]] = grades
        found = {cli.keys_of(comment)["step"]: [float(g) for g, in cli.columns_of(comment, atoms)["grade"]]
                 for comment, atoms in cli.split_frames((self.folder / "out" / "far.xyz").read_text())}
        self.assertEqual(list(found), list(expected))
        self.assertTrue(0 < len(found) < len(frames))
        for step in found:
            self.assert_near(found[step], expected[step], 1e-9 * max(expected[step]))
        largest = max(max(grades) for grades in expected.values())
        told = float(re.search(r"largest grade ([\d.]+): atom", (self.folder / "out" / "run.log").read_text()).group(1))
        self.assertGreaterEqual(told, largest - 0.01)
        self.go_on("out", "--set", far, *words)  # no step is left, and nobody looks
        self.run_into("three", "--set", far, *words, ranks=3)
        self.assertEqual([cli.keys_of(comment)["step"] for comment, _ in cli.split_frames((self.folder / "three" / "far.xyz").read_text())], list(found))

    def check_last_good_frame(self, message, bound, *words, ranks=1):
        """It is what a run writes that ends one step earlier. Gives the step."""
        words += ("--set", "precision=double")  # in mixed precision energies depend on where lists are built
        self.fail_at(message + r".*; step \d+, the last good one, is in last_good.xyz", "--set", bound, *words, ranks=ranks)
        (comment, atoms), = cli.split_frames((self.folder / "out" / "last_good.xyz").read_text())
        step = int(cli.keys_of(comment)["step"])
        self.assertRegex((self.folder / "out" / "run.log").read_text(), "step {}: ".format(step + 1))
        self.run_into("whole", "--set", "output.trajectory={every: 1, format: extxyz, precision: double, "
                      "fields: [position, image, velocity]}", *words, ranks=ranks)
        frames = cli.split_frames((self.folder / "whole" / "trajectory.xyz").read_text())
        self.assertEqual(cli.keys_of(frames[step][0])["step"], str(step))
        cell = cli.numbers(cli.keys_of(comment)["Lattice"].split())[::4]  # at right angles
        self.assertEqual(cell, cli.numbers(cli.keys_of(frames[step][0])["Lattice"].split())[::4])
        self.assertEqual(len(atoms), len(frames[step][1]))
        for one, other in zip(atoms, frames[step][1]):
            self.assertEqual(one[0], other[0])
            self.assert_near(cli.numbers(one[7:10]), cli.numbers(other[7:10]), 1e-15)  # a stage may have begun since
            places = [[x + image * edge for x, image, edge in zip(*(cli.numbers(part) for part in (atom[1:4], atom[4:7])), cell)]
                      for atom in (one, other)]
            self.assert_near(places[0], places[1], 1e-13)
        self.assertAlmostEqual(float(cli.keys_of(comment)["energy"]), float(cli.keys_of(frames[step][0])["energy"]), places=9)
        shutil.rmtree(self.folder / "out")
        shutil.rmtree(self.folder / "whole")
        return step

    def test_last_good_frame(self):
        for ranks in (1, 2):
            step = self.check_last_good_frame(r"step \d+: the volume is", "guards.volume=[0.99999, 1.00001]", ranks=ranks)
            self.assertEqual(step, 140)  # the first step under pressure ends it

    def test_last_good_frame_in_a_field(self):
        """Also of a cell that is driven, where some atoms belong to groups."""
        stage = "{ensemble: nve, deform: {lengths: [1.02, 0.97, 1]}, electric_field: {field: [0 V/A, 0 V/A, 2 V/A]}, steps: 60}"
        for ranks in (1, 2):
            step = self.check_last_good_frame(r"step \d+: the temperature is", "guards.temperature=130 K", "--set",
                                              "stages=[{}]".format(stage), "--set", "groups={name: oxygen, elements: O}", ranks=ranks)
            self.assertGreater(step, 5)

    def test_last_good_frame_of_the_start(self):
        self.fail_at("step 1: .*; step 0, the last good one", "--set", "guards.temperature=90 K")
        (comment, atoms), = cli.split_frames((self.folder / "out" / "last_good.xyz").read_text())
        self.assertEqual((cli.keys_of(comment)["step"], len(atoms)), ("0", 40))


ON_SMALL_DISK = """\
mount -t tmpfs -o size=$0 none disk
mkdir disk/out
mount -o remount,$1 disk
shift
"$@"
status=$?
cp -r disk/out left
exit $status
"""


class Disks(Dynamics):
    """Disks that take no more, as small file systems in a name space of their own."""

    def setUp(self):
        super().setUp()
        text = (self.folder / "config.yaml").read_text()
        (self.folder / "config.yaml").write_text(re.sub(".*h5md.*\n", "", text))  # it would always be the first to find no room
        (self.folder / "disk").mkdir()
        if not shutil.which("unshare") or self.on_disk("64k", "rw", "true").returncode != 0:
            self.skipTest("no file systems can be mounted here")
        (self.folder / "left").rmdir()

    def frames(self, out):
        return None  # of H5MD

    def on_disk(self, size, mode, *words):
        """Afterwards the folder 'left' is what was in disk/out."""
        return subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-c", ON_SMALL_DISK, size, mode] + list(words),
                              cwd=self.folder, env=cli.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120, check=False, text=True)

    def run_on_disk(self, size, mode, *words, out="disk/out", ranks=1):
        launcher = [] if ranks == 1 else ["mpirun", "-n", str(ranks), "--oversubscribe"]
        return self.on_disk(size, mode, *launcher, cli.VITRION, "run", "config.yaml", "--set", "output.directory={}".format(out), *words)

    def test_full(self):
        """The run ends with one message; what there is by then is whole, and the run can go on from it elsewhere."""
        full = r"^\S*/disk/out/(\S+?)(\.tmp)?: error: .*(No space left on device|the disk is full: .*)$"
        victims = set()
        for ranks in (1, 2):
            self.run_into("whole{}".format(ranks), ranks=ranks)
            for size in (4, 8, 40, 68, 80, 128) if ranks == 1 else (68, 80):
                result = self.run_on_disk("{}k".format(size), "rw", ranks=ranks)
                self.assertEqual(result.returncode, 1, result.stderr)
                lines = [line for line in result.stderr.splitlines() if "error" in line]
                self.assertEqual(len(lines), 1, result.stderr)
                self.assertRegex(lines[0], full)
                victims.add(re.match(full, lines[0]).group(1))
                self.assertEqual([path.name for path in (self.folder / "left").iterdir() if path.suffix == ".tmp"], [])
                if (self.folder / "left" / "checkpoint.h5").exists():
                    self.go_on("left", ranks=ranks)
                    self.assert_same("whole{}".format(ranks), "left")
                shutil.rmtree(self.folder / "left")
        self.assertGreaterEqual(len(victims), 3, victims)

    def test_read_only(self):
        result = self.run_on_disk("64k", "ro")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"^\S*/disk/out: error: cannot write to the output folder: Read-only file system\n$")
        result = self.run_on_disk("64k", "ro", out="disk/new")
        self.assertEqual(result.returncode, 2)
        self.assertIn("/disk/new: error: cannot make the output folder: Read-only file system\n", result.stderr)
        self.run_into("out", "--set", "walltime=0.1 s")
        result = self.run_on_disk("64k", "ro", "--restart", "out/checkpoint.h5")
        self.assertEqual(result.returncode, 2)
        self.assertIn("/disk/out: error: cannot write to the output folder: Read-only file system\n", result.stderr)


def main(vitrion, source, group):
    cli.VITRION, cli.SOURCE = os.path.abspath(vitrion), cli.pathlib.Path(source).resolve()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(globals()[group])
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
