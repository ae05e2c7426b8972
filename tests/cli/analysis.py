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
import re
import sys
import unittest

import cli

BOLTZMANN = 8.617333262e-5  # eV/K
STEP_PS = 0.1


def write_walk(path, n=40, frames=400, step=0.3, kelvin=None, seed=1, charge=None, edge=30.0, paired=False):
    """n ions of Li that walk freely and n of Cl that only shake, wrapped into a cube; D = step^2/(2 * 0.1 ps). paired: each
    second ion makes the step of the one before it."""
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
                    if not (paired and i % 2):
                        steps = [dice.gauss(0, step) for _ in range(3)]
                    for d in range(3):
                        place[d] += steps[d]
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
        self.assertEqual(type(one), type(other), (one, other))
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

    def test_a_dump_of_lammps(self):
        """The same walk, atoms in another order in each frame, times in fs."""
        dice = random.Random(3)
        with open(self.folder / "walk.dump", "w", encoding="ascii") as file:
            for k, (comment, atoms) in enumerate(cli.split_frames((self.folder / "walk.xyz").read_text())):
                edge = float(re.search('Lattice="(\\S+)', comment).group(1))
                rows = [" ".join([str(i + 1)] + atom[:7]) for i, atom in enumerate(atoms)]
                dice.shuffle(rows)
                file.write("{}ITEM: TIME\n{}\nITEM: TIMESTEP\n{}\nITEM: NUMBER OF ATOMS\n{}\nITEM: BOX BOUNDS pp pp pp\n{}"
                           "ITEM: ATOMS id element x y z vx vy vz\n{}\n".format("" if k else "ITEM: UNITS\nreal\n", 1000 * STEP_PS * k, k, len(rows),
                                                                      "0 {}\n".format(edge) * 3, "\n".join(rows)))
        one, _ = self.analyze("msd", "--force", "walk.xyz", out="one")
        other, _ = self.analyze("msd", "--force", "walk.dump", out="other")
        del one["files"], other["files"]
        self.assert_same(one, other, 1e-9)

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

    def test_ions_that_move_in_pairs(self):
        """The charge moves by twice the step, half as often: twice the conductivity, a Haven ratio of one half."""
        write_walk(self.folder / "pairs.xyz", frames=3000, paired=True)
        summary, _ = self.analyze("conductivity", "--species", "Li", "--temperature", "500 K", "pairs.xyz")
        self.assertLess(abs(summary["haven_ratio"] - 0.5), 3 * summary["haven_ratio_sigma"])
        self.assertLess(summary["haven_ratio_sigma"], 0.06)

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


class Rdf(Analysis):
    def test_rock_salt(self):
        edge, sites = 5.0, []
        for x in range(6):
            for y in range(6):
                for z in range(6):
                    sites.append(("Na" if (x + y + z) % 2 else "Cl", x * edge / 2, y * edge / 2, z * edge / 2))
        with open(self.folder / "salt.xyz", "w", encoding="ascii") as file:
            for _ in range(3):
                file.write('216\nLattice="15 0 0 0 15 0 0 0 15" Properties=species:S:1:pos:R:3\n')
                file.writelines("{} {} {} {}\n".format(*site) for site in sites)
        one, rows = self.analyze("rdf", "--cutoff", "9 A", "salt.xyz")
        shells = {(shell["around"], shell["of"]): shell for shell in one["shells"]}
        self.assertAlmostEqual(shells["Na", "Cl"]["distance_A"], 2.5, delta=0.02)
        self.assertAlmostEqual(shells["Na", "Cl"]["number"], 6)
        self.assertAlmostEqual(shells["Cl", "Cl"]["number"], 12)
        self.assertAlmostEqual(shells["Cl", "Cl"]["distance_A"], 5 / math.sqrt(2), delta=0.02)
        self.assertIsNone(shells["Na", "Cl"]["number_sigma"])
        self.assertEqual(len(rows), 450)
        self.assertAlmostEqual(float(rows[-1]["Na-Cl_number"]), 6 + 8 + 24 + 30 + 24)  # up to 3.6 times the shortest distance
        more, same = self.analyze("rdf", "--cutoff", "9 A", "salt.xyz", out="more", ranks=2)
        self.assert_same(one, more, 1e-15)
        self.assertEqual(rows, same)

    def test_as_ase_counts(self):
        try:
            import numpy
            from ase import Atoms
            from ase.io import write
            from ase.neighborlist import neighbor_list
        except ImportError:
            self.skipTest("ASE is not there")
        dice = numpy.random.default_rng(3)
        cell = numpy.array([[7, 0, 0], [-3, 8, 0], [1, 2, 9]])
        frames = [Atoms("Li8Cl12", scaled_positions=dice.random((20, 3)), cell=cell * (1 + 0.02 * k), pbc=True) for k in range(4)]
        write(str(self.folder / "frames.xyz"), frames, format="extxyz")
        _, rows = self.analyze("rdf", "--cutoff", "12 A", "--width", "0.1 A", "frames.xyz")
        edges = numpy.linspace(0, 12, 121)
        counts = numpy.zeros(120)
        for atoms in frames:
            i, j, d = neighbor_list("ijd", atoms, 12.0)
            symbols = numpy.array(atoms.get_chemical_symbols())
            counts += numpy.histogram(d[(symbols[i] == "Li") & (symbols[j] == "Cl")], edges)[0]
        density = sum(1 / atoms.get_volume() for atoms in frames)
        expected = counts / (8 * 12 * density * 4 * math.pi / 3 * (edges[1:]**3 - edges[:-1]**3))
        for row, value in zip(rows, expected):
            self.assertLess(abs(float(row["Li-Cl_g"]) - value), 1e-6)


class Polyhedra(Analysis):
    def setUp(self):
        """ReO3: octahedra that share all corners; atoms shake a little."""
        super().setUp()
        dice = random.Random(2)
        with open(self.folder / "reo3.xyz", "w", encoding="ascii") as file:
            for _ in range(40):
                file.write('108\nLattice="11.25 0 0 0 11.25 0 0 0 11.25" Properties=species:S:1:pos:R:3\n')
                for k in range(27):
                    corner = (k % 3, k // 3 % 3, k // 9)
                    for element, site in (("Re", (0, 0, 0)), ("O", (0.5, 0, 0)), ("O", (0, 0.5, 0)), ("O", (0, 0, 0.5))):
                        file.write(element + " " + " ".join("%.5f" % (3.75 * (c + s) + dice.gauss(0, 0.03)) for c, s in zip(corner, site)) + "\n")

    def test_found_and_given_cutoffs(self):
        words = ("--centres", "Re", "--ligands", "O", "reo3.xyz")
        one, rows = self.analyze("polyhedra", *words)
        (bond,) = one["bonds"]
        self.assertTrue(2.0 < bond["cutoff_A"] < 3.2, bond)
        self.assertEqual(bond["number"], 6)
        self.assertAlmostEqual(bond["length_A"], 1.875, delta=0.005)
        self.assertLess(abs(bond["length_deviation_A"] - 0.03 * math.sqrt(2)), 0.005)
        self.assertEqual(one["sharing"]["corner"], 1)
        self.assertEqual((one["links_of_a_centre"], one["centres_in_largest_cluster"]), (3, 1))
        self.assertEqual([(row["environment"], float(row["fraction"])) for row in rows], [("ReO6", 1)])
        given, _ = self.analyze("polyhedra", "--cutoffs", "Re-O=2.5", *words, out="given", ranks=3)
        del one["bonds"][0]["cutoff_A"], given["bonds"][0]["cutoff_A"]
        self.assert_same(one, given, 1e-5)

    def test_wrong_words(self):
        for option, value, message in (("--centres", "Xx", "'Xx' is no element"), ("--cutoffs", "O-Re=2", "'O-Re' is not a centre and a ligand"),
                                       ("--cutoffs", "Re-O=2.2A", "'2.2A' is no cutoff"), ("--ligands", "F,Cl,O,S,N", "4 elements at most")):
            words = {"--centres": "Re", "--ligands": "O", option: value}
            self.fail_with(2, message, "analyze", "polyhedra", "--out", "out", *(w for pair in words.items() for w in pair), "reo3.xyz")
        self.fail_with(2, "has no centres of the elements", "analyze", "polyhedra", "--out", "out", "reo3.xyz")
        self.assertEqual(self.files(), ["reo3.xyz"])


class Density(Analysis):
    def setUp(self):
        """Ions that walk along x in a channel, in a box of atoms that shake."""
        super().setUp()
        dice = random.Random(3)
        place = 0.0
        with open(self.folder / "channel.xyz", "w", encoding="ascii") as file:
            for frame in range(600):
                place += dice.gauss(0, 1)
                rows = ["Li {:.5f} {:.5f} {:.5f}".format(place % 8, 3 + dice.gauss(0, 0.2), 5 + dice.gauss(0, 0.2))]
                rows += ["Cl {} 7 7.5".format(2 * k) for k in range(4)]
                file.write('5\nLattice="8 0 0 0 8 0 0 0 8" Properties=species:S:1:pos:R:3 time_ps={}\n{}\n'.format(0.1 * frame, "\n".join(rows)))

    def test_channel(self):
        one, rows = self.analyze("density", "--species", "Li", "--temperature", "600 K", "--isovalue", "1e-4", "channel.xyz")
        along = one["percolates_along_a_b_c_per_A3"]
        self.assertGreater(along[0], 0)
        self.assertEqual(along[1:], [0, 0])
        (way,) = one["percolates_in_dimensions"]
        self.assertEqual((way["dimensions"], one["percolates_at_isovalue"]), ("one", True))
        self.assertAlmostEqual(way["barrier_eV"], BOLTZMANN * 600 * math.log(one["highest_per_A3"] / along[0]), delta=1e-9)
        self.assertLess(way["barrier_eV"], 0.15)
        self.assertEqual([float(row["fraction_of_ions"]) for row in rows], [x / 100 for x in range(5, 100, 5)])
        more, same = self.analyze("density", "--species", "Li", "--temperature", "600 K", "--isovalue", "1e-4", "channel.xyz", out="more", ranks=3)
        self.assert_same(one, more, 1e-9)
        self.assertEqual(self.files(), ["channel.xyz", "more.csv", "more.cube", "more.json", "out.csv", "out.cube", "out.json"])

    def test_cube_is_read_by_ase(self):
        try:
            from ase.io.cube import read_cube
        except ImportError:
            self.skipTest("ASE is not there")
        one, _ = self.analyze("density", "--species", "Li", "channel.xyz")
        with open(self.folder / "out.cube", encoding="ascii") as file:
            cube = read_cube(file)
        self.assertEqual(cube["atoms"].get_chemical_formula(), "Cl4")
        self.assertAlmostEqual(cube["atoms"].get_volume(), 512, delta=1e-2)
        self.assertAlmostEqual(cube["data"].sum() * 512 / cube["data"].size, 1, delta=1e-4)
        self.assertEqual([float(n) for n in cube["data"].shape], one["points"])


class Doas(Analysis):
    """Energies of atoms: those of the frames, and those of a model."""

    def test_energies_of_the_frames(self):
        """Two kinds of sites; on any number of ranks."""
        dice = random.Random(5)
        with open(self.folder / "sites.xyz", "w", encoding="ascii") as file:
            for frame in range(300):
                file.write('20\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3:energies:R:1 time_ps={}\n'.format(frame))
                for i in range(20):
                    file.write("{} {} 0 0 {}\n".format("Li" if i < 10 else "Cl", 0.4 * i, (-1 if i % 2 else -2) + dice.gauss(0, 0.1)))
        one, rows = self.analyze("doas", "--species", "Li", "--width", "0.05 eV", "sites.xyz")
        (found,) = one["results"]
        self.assertEqual((found["species"], found["energy"], len(found["peaks_eV"])), ("Li", "total", 2))
        self.assertLess(abs(found["mean_eV"] + 1.5), 0.01)
        self.assertLess(abs(found["between_atoms_eV"] - 0.5), 0.01)
        self.assertLess(abs(found["within_atoms_eV"] - 0.1), 0.01)
        self.assertLess(abs(sum(float(row["Li_total_per_eV"]) for row in rows) * 0.01 - 1), 1e-3)
        other, same = self.analyze("doas", "--force", "--species", "Li", "--width", "0.05 eV", "sites.xyz", ranks=3)
        self.assert_same(one, other, 1e-12)
        self.assertEqual(rows, same)

    def test_energies_of_a_model(self):
        data = cli.SOURCE / "tests" / "data" / "oxyhalide"
        model, frames = str(data / "nep.txt"), str(data / "300K.xyz")
        self.succeed("predict", "--model", model, frames, "--out", "predicted.xyz")
        given, _ = self.analyze("doas", "predicted.xyz", out="given")
        made, _ = self.analyze("doas", "--model", model, frames, out="made")
        totals = [result for result in made["results"] if result["energy"] == "total"]
        self.assertEqual(len(made["results"]), 3 * len(totals))
        self.assert_same(given["results"], totals, 1e-8)
        for k in range(0, len(made["results"]), 3):
            total, network, electrostatic = (made["results"][k + part]["mean_eV"] for part in range(3))
            self.assertAlmostEqual(total, network + electrostatic, delta=1e-6)

    def test_slab(self):
        """What is a slab for predict is one here."""
        data = cli.SOURCE / "tests" / "data" / "oxyhalide"
        count, comment, *atoms = (data / "300K.xyz").read_text().splitlines()
        cell = [float(word) for word in re.search('Lattice="([^"]+)"', comment).group(1).split()]
        cell[8] += 50
        atoms = [" ".join(atom.split()[:4]) for atom in atoms]
        lattice = " ".join(map(str, cell))
        words = ("--electrostatics", "ewald:1e-4")
        means = {}
        for pbc in ("T T F", "T T T"):
            (self.folder / "slab.xyz").write_text("\n".join(
                [count, 'Lattice="{}" Properties=species:S:1:pos:R:3 pbc="{}"'.format(lattice, pbc), *atoms]) + "\n")
            self.succeed("predict", "--force", "--model", data / "nep.txt", *words, "slab.xyz", "--out", "predicted.xyz")
            given, _ = self.analyze("doas", "--force", "predicted.xyz", out="given")
            made, _ = self.analyze("doas", "--force", "--model", data / "nep.txt", *words, "slab.xyz", out="made")
            self.assert_same(given["results"], [result for result in made["results"] if result["energy"] == "total"], 1e-8)
            means[pbc] = given["results"][0]["mean_eV"]
        self.assertNotAlmostEqual(means["T T F"], means["T T T"], delta=1e-4)

    def test_no_energies(self):
        write_walk(self.folder / "walk.xyz", frames=3)
        self.assertIn("--model", self.fail_with(2, "walk.xyz:1: error: the frame has no energies", "analyze", "doas", "--out", "out", "walk.xyz"))
        self.assertEqual(self.files(), ["walk.xyz"])


class H5md(Analysis):
    """H5MD from this program and from others; files that are broken."""

    RUN = """\
model: {data}/nep.txt
structure: {data}/300K.xyz
timestep: 1 fs
output:
  directory: out
  trajectory:
    - {{every: 5, format: h5md, fields: [position, image, velocity, force, charge, energy]}}
    - {{every: 5, format: extxyz, name: same, fields: [position, image, velocity, force, charge, energy]}}
stages: [{{name: a, ensemble: npt, temperature: 600 K, pressure: 0 GPa, duration: 0.2 ps}}]
"""

    def setUp(self):
        super().setUp()
        try:
            import h5py
        except ImportError:
            self.skipTest("h5py is not there")
        self.h5py = h5py

    def simulate(self):
        (self.folder / "run.yaml").write_text(self.RUN.format(data=cli.SOURCE / "tests" / "data" / "oxyhalide"))
        self.succeed("run", "run.yaml")
        return self.folder / "out" / "trajectory.h5"

    def test_as_extended_xyz(self):
        self.simulate()
        for what, words in (("msd", ("--drift", "none")), ("conductivity", ("--species", "Li", "--charges", "dynamic"))):
            one, rows = self.analyze(what, "--force", *words, "out/trajectory.h5", out="one")
            other, same = self.analyze(what, "--force", *words, "out/same.xyz", out="other")
            del one["files"], other["files"]
            self.assert_same(one, other, 1e-3)  # single precision
            self.assertEqual(len(rows), len(same))

    def foreign(self, change=lambda file: None):
        """As other programs write it: nm, lengths of the box, one distance of the times, elements by name."""
        path = self.folder / "foreign.h5"
        with self.h5py.File(path, "w") as file:
            group = file.create_group("particles/all")
            box = group.create_group("box")
            box.attrs["dimension"] = 3
            box.attrs["boundary"] = ["periodic"] * 3
            box["edges"] = [3.0, 3.0, 3.0]
            box["edges"].attrs["unit"] = "nm"
            group.create_dataset("species", data=[0, 0, 1], dtype=self.h5py.enum_dtype({"Li": 0, "Cl": 1}, basetype="i"))
            place = group.create_group("position")
            dice = random.Random(1)
            at, frames = [[1.0, 1.0, 1.0] for _ in range(3)], []
            for _ in range(200):
                for atom in at[:2]:
                    for d in range(3):
                        atom[d] += dice.gauss(0, 0.05)
                frames.append([[x % 3.0 for x in atom] for atom in at])
            place["value"] = frames
            place["value"].attrs["unit"] = "nm"
            place["step"] = 10
            place["time"] = 20.0
            place["time"].attrs["unit"] = "fs"
            change(file)
        return path

    def test_foreign_file(self):
        summary, _ = self.analyze("msd", "--species", "Li", str(self.foreign()))
        (found,) = summary["results"]
        self.assertEqual((found["ions"], summary["frames"]), (2, 200))
        self.assertAlmostEqual(summary["to_ps"], 199 * 0.02)
        self.assertAlmostEqual(found["volume_A3"], 27000)
        expected = 0.25 / (2 * 0.02) * 1e-4
        self.assertLess(abs(found["D_cm2_per_s"] - expected), 4 * found["D_sigma_cm2_per_s"])

    def test_what_is_missing_is_named(self):
        cases = {"position: the unit is not written": lambda file: file["particles/all/position/value"].attrs.__delitem__("unit"),
                 "the unit 'furlong' is not known": lambda file: file["particles/all/position/value"].attrs.__setitem__("unit", "furlong"),
                 "species: there is no such dataset": lambda file: file["particles/all"].__delitem__("species"),
                 "position/value: there is no such dataset": lambda file: file["particles/all"].__delitem__("position"),
                 "box: there is no such group": lambda file: file["particles/all"].__delitem__("box"),
                 "neither a group `trajectory` nor just one group": lambda file: file["particles"].create_group("second"),
                 "this is no H5MD": lambda file: file.__delitem__("particles")}
        for message, change in cases.items():
            self.fail_with(2, message, "analyze", "msd", "--species", "Li", "--out", "out", str(self.foreign(change)))
        self.assertEqual(self.files(), ["foreign.h5"])

    def test_truncated_files_end_in_a_message(self):
        """Bits that flip within a file can crash HDF5 itself (1.10, heap of texts), which no caller can prevent."""
        whole = self.simulate().read_bytes()
        dice = random.Random(5)
        for _ in range(30):
            (self.folder / "broken.h5").write_bytes(whole[:dice.randrange(len(whole))])
            self.fail_with(2, "broken.h5", "analyze", "msd", "--force", "--out", "b", "broken.h5")
        self.assertEqual(self.files(), ["broken.h5", "out", "run.yaml"])


def main(vitrion, source, group):
    """Exit status 77, which counts as skipped, if anything of the group was."""
    cli.VITRION, cli.SOURCE = os.path.abspath(vitrion), pathlib.Path(source).resolve()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(globals()[group])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if not result.wasSuccessful():
        return 1
    return 77 if result.skipped else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
