#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASE reads what vitrion predict and vitrion run write, and makes of it what is meant: ase_reads.py VITRION SOURCE_ROOT

Exit status 77 (skipped) without ASE.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import cli

try:
    import ase.io
    import numpy as np
except ImportError as missing:
    print("SKIPPED: {} (python3-ase)".format(missing))
    sys.exit(77)


def main(vitrion, source):
    data = pathlib.Path(source) / "tests" / "golden" / "data" / "qnep1_all_higher_orders"
    expected = json.loads((data / "expected.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.xyz"
        subprocess.run([vitrion, "predict", "--model", data / "nep.txt", "--bec", "--out", out, data / "frame.xyz"],
                       check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=cli.environment())
        atoms, = ase.io.read(out, ":")
    n = len(expected["energies"])
    virial = np.reshape(expected["virial"], (3, 3))
    assert len(atoms) == n and all(atoms.pbc)
    assert abs(atoms.get_potential_energy() - expected["energy"]) < 1e-9 * n
    assert np.allclose(atoms.get_forces(), expected["forces"], rtol=0, atol=1e-8)
    assert np.allclose(atoms.get_potential_energies(), expected["energies"], rtol=0, atol=1e-9)
    assert np.allclose(atoms.get_stress(voigt=False), -virial / atoms.get_volume(), rtol=0, atol=1e-10)
    # ASE makes of the column what its version thinks best
    charges = atoms.calc.results.get("charges", atoms.arrays.get("charges", atoms.get_initial_charges()))
    assert np.allclose(charges, expected["charges"], rtol=0, atol=1e-9)
    assert np.allclose(np.ravel(atoms.info["virial"]), expected["virial"], rtol=0, atol=1e-7)
    assert np.shape(atoms.arrays["bec"]) == (n, 9)
    assert np.allclose(atoms.arrays["bec"].ravel(), np.ravel(expected["bec"]), rtol=0, atol=1e-8)
    assert np.shape(atoms.arrays["energies_nn"]) == (n,) and np.shape(atoms.arrays["energies_coulomb"]) == (n,)
    assert isinstance(atoms.info["model"], str) and atoms.info["electrostatics"] == "gpumd"
    print("ASE {} reads energy, forces, stress, charges and Born charges of {} atoms".format(ase.__version__, n))
    check_run(vitrion, pathlib.Path(source) / "examples" / "run" / "run.yaml")


def check_run(vitrion, config):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        subprocess.run([vitrion, "run", config, "--set", "output.directory={}".format(out)], check=True,
                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=dict(cli.environment(), TMPDIR=folder))
        frames = ase.io.read(out / "check.xyz", ":")
        final = ase.io.read(out / "final.xyz")
        thermo = np.genfromtxt(out / "thermo.csv", delimiter=",", skip_header=1, names=True)
    assert [atoms.info["step"] for atoms in frames] == [0, 40, 80] and all(len(atoms) == 40 for atoms in frames)
    assert np.array_equal(frames[-1].arrays["vel"], final.arrays["vel"])
    assert np.allclose(frames[-1].positions, final.positions + final.arrays["image"] @ final.cell[:], rtol=0, atol=1e-12)
    rows = [list(thermo["step"]).index(step) for step in (0, 40, 80)]
    assert np.allclose([atoms.get_potential_energy() for atoms in frames], thermo["potential_eV"][rows], rtol=1e-10)
    assert np.allclose([atoms.get_volume() for atoms in frames], thermo["volume_A3"][rows], rtol=1e-10)
    assert all(np.allclose(atoms.get_forces().sum(axis=0), 0, atol=1e-4) for atoms in frames)  # mixed precision
    print("ASE reads the frames of a run")
    check_group(vitrion, config)


def check_group(vitrion, config):
    """Frames of a group: ASE finds the numbers of its atoms, MDAnalysis (if it is there) as many of them."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        subprocess.run([vitrion, "run", config, "--set", "output.directory={}".format(out), "--set", "groups={name: some, elements: [Ba, O]}",
                        "--set", "output.trajectory.0.group=some", "--set", "output.trajectory.1.group=some"], check=True,
                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=dict(cli.environment(), TMPDIR=folder))
        frames = ase.io.read(out / "check.xyz", ":")
        final = ase.io.read(out / "final.xyz")
        members = np.flatnonzero(np.array(list(final.symbols)) != "Ti")
        assert all(np.array_equal(atoms.arrays["id"], members + 1) for atoms in frames)
        assert all(str(atoms.symbols) == str(final.symbols[members]) for atoms in frames)
        assert np.array_equal(frames[-1].arrays["vel"], final.arrays["vel"][members])
        assert all("energy" not in (atoms.calc.results if atoms.calc else {}) for atoms in frames)
        print("ASE reads the frames of a group")
        try:
            warnings.simplefilter("ignore")
            import MDAnalysis
        except ImportError:
            print("not checked: MDAnalysis is not installed (python3-mdanalysis)")
            return
        universe = MDAnalysis.Universe.empty(len(members), trajectory=True)
        universe.load_new(str(out / "trajectory.h5"), format="H5MD")
        assert len(universe.trajectory) == 5
        assert np.allclose(universe.trajectory[-1].positions, final.positions[members], rtol=0, atol=1e-5)
        print("MDAnalysis reads them as well")


if __name__ == "__main__":
    main(*sys.argv[1:])
