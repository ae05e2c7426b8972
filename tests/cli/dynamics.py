#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""vitrion run as users run it: dynamics.py VITRION SOURCE_ROOT GROUP

GROUP is a class below (Outputs, Restarts, Guards), as tests/cli/meson.build lists them. The model is the synthetic one of
examples/predict: random parameters, so that forces are rough and every term and the electrostatics take part.
"""
import csv
import os
import random
import re
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

    def rows(self, out):
        lines = (self.folder / out / "thermo.csv").read_text().splitlines()
        self.assertTrue(lines[0].startswith("# vitrion "))
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines[1:])]

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
        names = ("final.xyz", "thermo.csv", "trajectory.xyz")
        for name, first, second in zip(names, self.bytes_of(one, *names), self.bytes_of(other, *names)):
            self.assertTrue(first == second, name + " differs")
        self.assertTrue(self.frames(one) == self.frames(other), "fine.h5 differs")


class Outputs(Dynamics):
    """What a run leaves behind."""

    def test_files(self):
        text = self.run_into("out")
        self.assertIn("us/atom/step", text)
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["checkpoint.h5", "checkpoint.prev.h5", "config.yaml", "final.xyz", "fine.h5", "run.log", "thermo.csv",
                          "trajectory.xyz"])
        rows = self.rows("out")
        self.assertEqual([row["step"] for row in rows], list(range(0, 181, 5)))
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

    def test_final_structure_starts_a_run(self):
        self.run_into("out")
        before = self.rows("out")[-1]
        self.run_into("next", "--set", "structure=out/final.xyz", "--set", "stages=[{ensemble: nve, steps: 5}]", "--set",
                      "velocities=300 K", "--set", "output.trajectory=[]")
        self.assertNotEqual(before["kinetic_eV"], self.rows("next")[0]["kinetic_eV"])
        text = (self.folder / "config.yaml").read_text().replace("velocities: 100 K\n", "")
        (self.folder / "config.yaml").write_text(text)
        self.run_into("third", "--set", "structure=out/final.xyz", "--set", "stages=[{ensemble: nve, steps: 5}]", "--set",
                      "output.trajectory=[]")
        first = self.rows("third")[0]
        for name in ("potential_eV", "kinetic_eV"):
            self.assertAlmostEqual(before[name], first[name], delta=1e-6 * abs(before[name]))

    def test_replicate(self):
        nve = ("--set", "stages=[{ensemble: nve, steps: 2}]", "--set", "velocities=0 K", "--set", "output.thermo.every=1")
        self.run_into("one", *nve)
        self.run_into("many", "--set", "replicate=[2, 1, 3]", *nve)
        for one, many in zip(self.rows("one"), self.rows("many")):
            self.assertAlmostEqual(6 * one["potential_eV"], many["potential_eV"], delta=1e-5)
            self.assertAlmostEqual(one["pressure_GPa"], many["pressure_GPa"], delta=1e-4)

    def test_reference_of_keywords(self):
        text = (cli.SOURCE / "docs" / "keywords.md").read_text()
        self.assertEqual(text, self.succeed("help", "--keywords"), "vitrion help --keywords >docs/keywords.md brings it up to date")

    def test_dry_run_writes_nothing(self):
        before = self.files()
        text = self.run_into("out", "--dry-run")
        self.assertEqual(self.files(), before)
        for word in ("timestep: 0.2 fs", "# 40 atoms", "1 x 1 x 1 bricks", "wave vectors", "MB", "# 180 steps"):
            self.assertIn(word, text)

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

    def test_ranks_agree(self):
        self.compare_ranks("double", 1e-8, 1e-9)

    def test_ranks_agree_in_mixed_precision(self):
        self.compare_ranks("mixed", 1e-6, 1e-8)

    def test_arithmetic_is_told(self):
        brief = ("--set", "stages=[{ensemble: nve, steps: 5}]")
        for name, words, line in (("generic", ("--isa", "generic"), "mixed precision, generic kernels"),
                                  ("double", ("--set", "precision=double"), "double precision")):
            self.run_into(name, *brief, *words)
            self.assertIn(line + "\n", (self.folder / name / "run.log").read_text())
            self.assertIn("isa: " + ("generic" if name == "generic" else "auto"), (self.folder / name / "config.yaml").read_text())
        one, other = self.rows("generic")[-1], self.rows("double")[-1]
        self.assertNotEqual(one["potential_eV"], other["potential_eV"])
        self.assertAlmostEqual(one["potential_eV"], other["potential_eV"], delta=1e-5)


class Restarts(Dynamics):
    """However a run ends, going on gives what it would have given."""

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

    def go_on(self, out, *words, **options):
        return self.run_into(out, "--restart", "{}/checkpoint.h5".format(out), *words, **options)

    def time_whole(self):
        start = time.monotonic()
        self.run_into("whole")
        return time.monotonic() - start

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
            self.go_on(out)
            self.assert_same("whole", out)
        self.assertGreater(killed, 0)

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
        (self.folder / "out" / "thermo.csv").write_text("short\n")
        self.fail_with(2, "the file has 6 bytes", *restart)

    def test_other_runs_stay(self):
        self.run_into("out")
        whole = self.bytes_of("out", "thermo.csv", "final.xyz")
        self.fail_with(2, "holds another run", "run", "config.yaml")
        self.assertEqual(self.bytes_of("out", "thermo.csv", "final.xyz"), whole)
        self.run_into("out", "--force", "--set", "seed=2")
        self.assertNotEqual(self.bytes_of("out", "thermo.csv", "final.xyz"), whole)


class Guards(Dynamics):
    """Runs that go wrong end with status 1, the step, and a whole checkpoint."""

    def fail_at(self, message, *words):
        result = cli.run("run", "config.yaml", *words, folder=self.folder)
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


def main(vitrion, source, group):
    cli.VITRION, cli.SOURCE = os.path.abspath(vitrion), cli.pathlib.Path(source).resolve()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(globals()[group])
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
