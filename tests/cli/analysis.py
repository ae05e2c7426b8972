#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""vitrion analyze as users run it: analysis.py VITRION SOURCE_ROOT GROUP

GROUP is a class below, as tests/cli/meson.build lists them. The trajectories are random walks with known answers; what the numbers are worth
statistically is tested in tests/unit.
"""
import csv
import json
import math
import os
import pathlib
import random
import sys
import unittest

import cli

BOLTZMANN = 8.617333262e-5  # eV/K
STEP_PS = 0.1


def write_walk(path, n=40, frames=400, step=0.3, kelvin=None, seed=1, charge=None, edge=30.0):
    """n ions of Li that walk freely and n of Cl that only shake, wrapped into a cube; D = step^2/(2 * 0.1 ps)."""
    dice = random.Random(seed)
    mass = 6.94
    at = [[dice.random() * edge for _ in range(3)] for _ in range(2 * n)]
    with open(path, "w", encoding="ascii") as file:
        for frame in range(frames):
            extra = (":vel:R:3" if kelvin else "") + (":charges:R:1" if charge else "")
            file.write('{}\nLattice="{e} 0 0 0 {e} 0 0 0 {e}" Properties=species:S:1:pos:R:3{} time_ps={:.6g} pbc="T T T"\n'.format(
                2 * n, extra, STEP_PS * frame, e=edge))
            for i, place in enumerate(at):
                walks = i < n
                if walks:
                    for d in range(3):
                        place[d] += dice.gauss(0, step)
                words = ["Li" if walks else "Cl"] + ["%.6f" % ((x + (0 if walks else dice.gauss(0, 0.1))) % edge) for x in place]
                if kelvin:  # as if they were of 3 N - 3 freedoms
                    spread = math.sqrt(BOLTZMANN * kelvin * (1 - 0.5 / n) / (mass if walks else 35.45) / 103.6426965)
                    words += ["%.8f" % dice.gauss(0, spread) for _ in range(3)]
                if charge:
                    words.append("%.6f" % ((charge if walks else -charge) + dice.gauss(0, 0.01)))
                file.write(" ".join(words) + "\n")


def rows_of(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


class Analysis(cli.Case):
    def analyze(self, what, *words, out="out", **options):
        self.succeed("analyze", what, "--out", out, *words, **options)
        return self.summary(out), rows_of(self.folder / (out + ".csv"))

    def summary(self, out="out"):
        return json.loads((self.folder / (out + ".json")).read_text())

    def assert_same(self, one, other, tolerance=1e-6):
        """The same numbers, but for the ranks."""
        self.assertEqual(type(one), type(other))
        if isinstance(one, dict):
            self.assertEqual(one.keys(), other.keys())
            for key in one:
                if key != "ranks":
                    self.assert_same(one[key], other[key], tolerance)
        elif isinstance(one, list):
            self.assertEqual(len(one), len(other))
            for a, b in zip(one, other):
                self.assert_same(a, b, tolerance)
        elif isinstance(one, float):
            self.assertLessEqual(abs(one - other), tolerance * max(abs(one), abs(other)) + 1e-30)
        else:
            self.assertEqual(one, other)


class Msd(Analysis):
    D = 0.09 / (2 * STEP_PS) * 1e-4  # cm2/s

    def setUp(self):
        super().setUp()
        write_walk(self.folder / "walk.xyz", kelvin=500)

    def test_random_walk(self):
        summary, rows = self.analyze("msd", "--species", "Li", "walk.xyz")
        (found,) = summary["results"]
        self.assertEqual((found["species"], found["ions"], found["diffusive"]), ("Li", 40, True))
        self.assertLess(abs(found["D_cm2_per_s"] - self.D), 3 * found["D_sigma_cm2_per_s"])
        self.assertLess(found["D_sigma_cm2_per_s"], 0.03 * self.D)
        self.assertLess(abs(found["temperature_K"] - 500), 5)
        self.assertAlmostEqual(found["volume_A3"], 27000)
        self.assertEqual((summary["frames"], summary["from_ps"], summary["to_ps"]), (400, 0, 39.9))
        self.assertEqual(len(rows), 400)
        self.assertLess(abs(float(rows[10]["Li_msd_A2"]) / (3 * 10 * 0.09) - 1), 0.1)
        self.assertEqual(self.files(), ["out.csv", "out.json", "walk.xyz"])

    def test_ranks(self):
        one, _ = self.analyze("msd", "--species", "Li", "walk.xyz")
        for ranks in 2, 3:
            more, _ = self.analyze("msd", "--species", "Li", "walk.xyz", out="on{}".format(ranks), ranks=ranks)
            self.assertEqual(more["ranks"], ranks)
            self.assert_same(one, more)

    def test_choices(self):
        summary, rows = self.analyze("msd", "--species", "Li", "--from", "10 ps", "--to", "30 ps", "--every", "2", "--fit-from", "1 ps",
                                     "--fit-to", "3 ps", "--temperature", "600 K", "--drift", "all", "walk.xyz")
        (found,) = summary["results"]
        self.assertEqual((summary["frames"], summary["from_ps"], summary["to_ps"]), (101, 10, 30))
        self.assertTrue(0.9 < found["fit_from_ps"] < 1.5 and 2 < found["fit_to_ps"] <= 3.1, found)
        self.assertEqual(found["temperature_K"], 600)
        self.assertEqual(len(rows), 101)

    def test_no_diffusion_is_said_and_the_results_stand(self):
        result = cli.run("analyze", "msd", "--species", "Cl", "--drift", "none", "--out", "out", "walk.xyz", folder=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no diffusion of Cl is seen: D is below", result.stderr)
        (found,) = self.summary()["results"]
        self.assertFalse(found["diffusive"])
        self.assertLess(found["D_upper_bound_cm2_per_s"], 1e-2 * self.D)
        self.analyze("msd", "walk.xyz", out="both")  # not asked for by name: no failure

    def test_existing_results(self):
        (self.folder / "out.json").write_text("mine")
        self.assertIn("--force", self.fail_with(2, "out.json", "analyze", "msd", "--out", "out", "walk.xyz"))
        self.assertEqual(self.files(), ["out.json", "walk.xyz"])

    def test_a_truncated_trajectory_leaves_nothing(self):
        text = (self.folder / "walk.xyz").read_text()
        (self.folder / "walk.xyz").write_text(text[:len(text) // 2])
        for ranks in 1, 2:
            self.fail_with(2, "walk.xyz:", "analyze", "msd", "--out", "out", "walk.xyz", ranks=ranks)
            self.assertEqual(self.files(), ["walk.xyz"])


class Conductivity(Analysis):
    def test_independent_ions(self):
        write_walk(self.folder / "walk.xyz", frames=1000)
        summary, rows = self.analyze("conductivity", "--species", "Li", "--temperature", "500 K", "walk.xyz")
        diffusion = 0.09 / (2 * STEP_PS) * 1e-8  # m2/s
        expected = 40 / 27000e-30 * 1.602176634e-19**2 * diffusion / (1.380649e-23 * 500) / 100  # S/cm
        for kind in "NE", "collective":
            off = summary["sigma_{}_S_per_cm".format(kind)] - expected
            self.assertLess(abs(off), 3 * summary["sigma_{}_sigma_S_per_cm".format(kind)])
        self.assertLess(summary["sigma_NE_sigma_S_per_cm"], 0.02 * expected)
        self.assertLess(summary["sigma_collective_sigma_S_per_cm"], 0.2 * expected)
        self.assertLess(abs(summary["haven_ratio"] - 1), 3 * summary["haven_ratio_sigma"])
        self.assertEqual(len(rows), 1000)

    def test_ranks_and_charges(self):
        write_walk(self.folder / "walk.xyz", charge=0.5, kelvin=400)
        words = ("--species", "Li", "--species", "Cl", "--drift", "none", "walk.xyz")
        one, _ = self.analyze("conductivity", "--charges", "dynamic", *words)
        for carrier, charge in zip(one["carriers"], (0.5, -0.5)):  # in the order of the periodic table
            self.assertAlmostEqual(carrier["charge_e"], charge, delta=1e-3)
        self.assertEqual([(pair["a"], pair["b"]) for pair in one["onsager"]], [("Li", "Li"), ("Li", "Cl"), ("Cl", "Cl")])
        more, _ = self.analyze("conductivity", "--charges", "dynamic", *words, out="more", ranks=3)
        self.assert_same(one, more)
        double, _ = self.analyze("conductivity", "--charge", "Li=2,Cl=-2", *words, out="double")
        single, _ = self.analyze("conductivity", *words, out="single")
        self.assertAlmostEqual(double["sigma_collective_S_per_cm"] / single["sigma_collective_S_per_cm"], 4, delta=1e-5)
        # sigma = sum of z_a z_b L_ab
        total = sum((1 if pair["a"] == pair["b"] else -2) * pair["L_S_per_cm_e2"] for pair in single["onsager"])
        self.assertAlmostEqual(total / single["sigma_collective_S_per_cm"], 1, delta=0.05)


class Arrhenius(Analysis):
    def setUp(self):
        super().setUp()
        (self.folder / "runs" / "deep").mkdir(parents=True)
        (self.folder / "runs" / "other.json").write_text('{"command": "something else", "x": 1}')
        (self.folder / "runs" / "notes.txt").write_text("no JSON")
        (self.folder / "runs" / "broken.json").write_text("{{{{")
        for i, kelvin in enumerate((400, 500, 600, 800)):
            folder = self.folder / "runs" / ("deep" if i % 2 else ".")
            self.write(folder / "at{}.json".format(kelvin), kelvin, 2e-3 * math.exp(-0.25 / (BOLTZMANN * kelvin)))

    @staticmethod
    def write(path, kelvin, value, sigma=0.05, diffusive=True):
        result = {"species": "Li", "temperature_K": kelvin, "D_cm2_per_s": value, "D_sigma_cm2_per_s": sigma * value, "diffusive": diffusive}
        other = dict(result, species="Cl", D_cm2_per_s=1e-9)
        path.write_text(json.dumps({"command": "analyze msd", "results": [result, other]}, indent=2))

    def test_folder(self):
        self.write(self.folder / "runs" / "cold.json", 300, -1e-9, diffusive=False)
        summary, rows = self.analyze("arrhenius", "--species", "Li", "--at", "300 K", "--at", "350 K", "runs")
        self.assertAlmostEqual(summary["Ea_eV"], 0.25, delta=1e-9)
        self.assertAlmostEqual(summary["ln_prefactor"], math.log(2e-3), delta=1e-8)
        self.assertEqual((summary["values"], summary["passed_over"], summary["temperatures"]), (4, 1, 4))
        self.assertEqual([at["T_K"] for at in summary["at"]], [300, 350])
        at = summary["at"][0]
        self.assertAlmostEqual(at["value"] / (2e-3 * math.exp(-0.25 / (BOLTZMANN * 300))), 1, delta=1e-7)
        self.assertAlmostEqual(math.log(at["high"] / at["value"]), at["sigma_ln"], delta=1e-9)
        self.assertEqual([row["kind"] for row in rows].count("value"), 4)
        band = [float(row["temperature_K"]) for row in rows if row["kind"] == "band"]
        self.assertEqual((band[0], band[-1]), (300, 800))

    def test_several_species_need_a_choice(self):
        self.assertIn("--species", self.fail_with(2, "this is of Cl, others are of Li", "analyze", "arrhenius", "--out", "out", "runs"))

    def test_conductivity_times_temperature(self):
        for kelvin in 400, 500:
            value = 30 / kelvin * math.exp(-0.3 / (BOLTZMANN * kelvin))
            (self.folder / "c{}.json".format(kelvin)).write_text(json.dumps({
                "command": "analyze conductivity", "temperature_K": kelvin, "sigma_NE_S_per_cm": value, "sigma_NE_sigma_S_per_cm": 0.1 * value}))
        summary, _ = self.analyze("arrhenius", "--quantity", "NE", "--times-temperature", "c400.json", "c500.json")
        self.assertAlmostEqual(summary["Ea_eV"], 0.3, delta=1e-9)
        self.assertAlmostEqual(summary["at"][0]["value"] * 300 / 30 / math.exp(-0.3 / (BOLTZMANN * 300)), 1, delta=1e-7)
        self.assertEqual(summary["unit"], "S_K_per_cm")


def main(vitrion, source, group):
    cli.VITRION, cli.SOURCE = os.path.abspath(vitrion), pathlib.Path(source).resolve()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(globals()[group])
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
