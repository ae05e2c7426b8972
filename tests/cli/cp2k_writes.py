#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/vitrion-cp2k: what its inputs ask for, what it refuses, and what its script runs: cp2k_writes.py SOURCE_ROOT

CP2K itself is played by a script. Exit status 77 (skipped) without ASE.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import ase.io  # noqa: F401 (the tool needs it)
except ImportError as missing:
    print("SKIPPED: {} (python3-ase)".format(missing))
    sys.exit(77)

TOOL = None  # set by main

CELL = 'Lattice="{0} 0 0 0 {0} 0 0 0 {0}" Properties=species:S:1:pos:R:3'
WIDE, THIN = CELL.format(11.5), CELL.format(5.1)

# notes where it is, and adds to the output that it was asked for, as CP2K does
PROGRAM = """#!/bin/sh
echo "$(pwd)" >>"$NOTES"
[ "$1 $2 $3 $4" = "-i label.inp -o label.part" ] && test -s label.inp || exit 1
echo 'PROGRAM ENDED AT' >>label.part
"""


def frame(comment, *symbols):
    return "{}\n{}\n".format(len(symbols), comment) + "".join("{} {} 0.5 0.25\n".format(s, i + 0.125) for i, s in enumerate(symbols))


class Inputs(unittest.TestCase):
    def setUp(self):
        room = tempfile.TemporaryDirectory()
        self.addCleanup(room.cleanup)
        self.folder = pathlib.Path(room.name)

    def write(self, *frames, words=()):
        (self.folder / "frames.xyz").write_text("".join(frames))
        return subprocess.run([sys.executable, TOOL, "--out", self.folder / "out", self.folder / "frames.xyz", *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)

    def refused(self, expected, *frames, words=()):
        done = self.write(*frames, words=words)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(expected, done.stderr)
        self.assertFalse((self.folder / "out").exists())

    def lines(self, *path):
        return [line.strip() for line in self.folder.joinpath("out", *path, "label.inp").read_text().splitlines()]

    def test_frames_and_kinds(self):
        done = self.write(frame(WIDE + " config_type=glass", "Li", "Cl"), frame(THIN + ' config_type=crystal kpts="2 1 3"', "Li", "Cl"),
                          frame(WIDE + " config_type=glass", "Al", "O", "Cl"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(sorted(str(p.relative_to(self.folder / "out")) for p in self.folder.glob("out/*/*")), ["crystal/0001", "glass/0001", "glass/0002"])
        plain, crystal, hard = self.lines("glass", "0001"), self.lines("crystal", "0001"), self.lines("glass", "0002")
        for text in plain, crystal, hard:
            for line in ("STRESS_TENSOR ANALYTICAL", "&FORCES ON", "CUTOFF 400", "&XC_FUNCTIONAL PBE", "A {} 0.000000000000 0.000000000000".format(
                    "5.100000000000" if text is crystal else "11.500000000000")):
                self.assertIn(line, text)
        self.assertIn("SCHEME MONKHORST-PACK 2 1 3", crystal)
        self.assertNotIn("&KPOINTS", plain + hard)
        self.assertIn("METHOD GPW", plain)
        self.assertIn("EPS_SCF 1e-5", plain)
        self.assertIn("METHOD GAPW", hard)
        self.assertIn("EPS_SCF 1e-4", hard)
        kinds = {hard[i].split()[1]: hard[i:hard.index("&END KIND", i)] for i, line in enumerate(hard) if line.startswith("&KIND")}
        self.assertEqual({kind: "GPW_TYPE T" in text for kind, text in kinds.items()}, {"Al": True, "Cl": True, "O": False})
        self.assertIn("O  1.125000000000 0.500000000000 0.250000000000", hard)

    def test_thin_cells_need_kpoints(self):
        self.refused("frame 1: the cell is 5.10 A thin", frame(WIDE, "Li"), frame(THIN, "Li"))
        self.refused("k-points '2 2' are not three whole numbers", frame(THIN, "Li"), words=["--kpoints", "2 2"])
        self.assertEqual(self.write(frame(THIN, "Li"), words=["--kpoints", "2 2 2"]).returncode, 0)
        self.assertIn("SCHEME MONKHORST-PACK 2 2 2", self.lines("frame", "0001"))

    def test_refused(self):
        self.refused("has no atoms or no cell", frame("Properties=species:S:1:pos:R:3", "Li"))
        self.refused("cannot be the name of a folder", frame(WIDE + " config_type=../glass", "Li"))
        self.refused("frames.xyz", "nonsense\n")
        self.assertEqual(self.write(frame(WIDE, "Li")).returncode, 0)
        again = self.write(frame(WIDE, "Cl"))
        self.assertEqual(again.returncode, 2)
        self.assertIn("does not exist yet", again.stderr)
        self.assertIn("&KIND Li", self.lines("frame", "0001"))

    def test_run(self):
        """Those that have not ended are run, each in its folder; then it says how they are read."""
        self.write(frame(WIDE, "Li"), frame(WIDE, "Cl"), frame(WIDE, "Zr"))
        (self.folder / "out" / "frame" / "0002" / "label.out").write_text("PROGRAM ENDED AT\n")
        (self.folder / "out" / "frame" / "0003" / "label.part").write_text("killed\n")
        program = self.folder / "bin" / "cp2k.psmp"
        program.parent.mkdir()
        program.write_text(PROGRAM)
        program.chmod(0o755)
        environment = dict(os.environ, PATH="{}:{}".format(program.parent, os.environ["PATH"]), NOTES=str(self.folder / "notes"))
        done = subprocess.run([self.folder / "out" / "run", "2"], env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        places = sorted(pathlib.Path(line).name for line in (self.folder / "notes").read_text().splitlines())
        self.assertEqual(places, ["0001", "0003"])
        self.assertEqual([path.read_text() for path in self.folder.glob("out/frame/*/label.out")], 3 * ["PROGRAM ENDED AT\n"])
        self.assertIn("vitrion build import --skip-bad --config-type frame --out frame.xyz", done.stdout)


if __name__ == "__main__":
    TOOL = pathlib.Path(sys.argv.pop(1)) / "tools" / "vitrion-cp2k"
    unittest.main()
