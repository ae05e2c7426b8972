#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others read in our H5MD files: tests/mpi/h5md_reads.py MPIRUN TEST_H5MD

The numbers are those of sample_at() in test_h5md.c. h5py reads the structure and every value; MDAnalysis, where it is installed,
reads a frame in its own units (A, ps). Skips (77) without h5py.
"""
import subprocess
import sys
import tempfile
import warnings

try:
    import h5py
    import numpy as np
except ImportError:
    print("skipped: h5py is not installed (python3-h5py)")
    sys.exit(77)

STEPS = np.arange(0, 250, 10)
KJ_PER_MOL = 96.48533212331


def expected(ids):
    step = STEPS[:, None, None]
    i, k = ids[None, :, None], np.arange(3)[None, None, :]
    return {
        "position": i + 0.1 * k + 0.001 * step,
        "velocity": 1000 * (0.01 * (i % 7) - 0.001 * k + 1e-5 * step),
        "force": KJ_PER_MOL * ((k - 1) * i / 100 + step),
        "image": i % 5 - k + 0 * step,
        "charge": (i % 3 - 1 + step / 1000)[:, :, 0],
        "potential_energy": (-1 / (1 + i + step))[:, :, 0],
    }


UNITS = {"position": "Angstrom", "velocity": "Angstrom ps-1", "force": "kJ mol-1 Angstrom-1", "image": None, "charge": "e",
         "potential_energy": "eV"}


def faults_of_values(group, ids, tolerance):
    for name, values in expected(ids).items():
        value = group[name]["value"]
        if value.shape != values.shape or not np.allclose(value[()], values, rtol=tolerance, atol=tolerance):
            yield "{}: other values".format(name)
        if value.attrs.get("unit") != UNITS[name]:
            yield "{}: unit {!r}".format(name, value.attrs.get("unit"))
        for shared in ("step", "time"):
            if group[name][shared] != group["box/edges"][shared]:
                yield "{}: its own {}".format(name, shared)


def faults_of_file(path, name, ids, tolerance):
    with h5py.File(path, "r") as file:
        if list(file["h5md"].attrs["version"]) != [1, 1]:
            yield "h5md version"
        if file["h5md/author"].attrs["name"] != "A. Tester":
            yield "author"
        if (file["h5md/creator"].attrs["name"], file["h5md/creator"].attrs["version"]) != ("vitrion", "0.1"):
            yield "creator"
        if file["parameters/vitrion/configuration"][()] != b"a: 1\n" or file["parameters/vitrion/commit"][()] != b"0123abcd":
            yield "notes"
        group = file["particles"][name]
        box = group["box"]
        if box.attrs["dimension"] != 3 or list(box.attrs["boundary"]) != ["periodic", "periodic", "none"]:
            yield "box"
        edges = np.array([[[20 + s, 0, 0], [1, 21, 0], [0.5, 2, 22]] for s in STEPS])
        if not np.array_equal(box["edges/value"][()], edges) or box["edges/value"].attrs["unit"] != "Angstrom":
            yield "edges"
        if not np.array_equal(box["edges/step"][()], STEPS) or not np.allclose(box["edges/time"][()], 0.002 * STEPS):
            yield "step or time"
        if box["edges/time"].attrs["unit"] != "ps":
            yield "unit of time"
        if not np.array_equal(group["id"][()], 1 + ids) or not np.array_equal(group["species"][()], 1 + ids % 17):
            yield "id or species"
        yield from faults_of_values(group, ids, tolerance)


def faults_of_mdanalysis(path):
    try:
        warnings.simplefilter("ignore")
        import MDAnalysis
    except ImportError:
        print("not checked: MDAnalysis is not installed (python3-mdanalysis)")
        return
    values = expected(np.arange(700))
    universe = MDAnalysis.Universe(path)
    if len(universe.trajectory) != len(STEPS):
        yield "MDAnalysis: {} frames".format(len(universe.trajectory))
    for k, frame in enumerate(universe.trajectory):
        for name, found in (("position", frame.positions), ("velocity", frame.velocities), ("force", frame.forces)):
            if not np.allclose(found, values[name][k], rtol=1e-5, atol=1e-5):
                yield "MDAnalysis: {} of frame {}".format(name, k)
        if abs(frame.time - 0.002 * STEPS[k]) > 1e-9 or abs(frame.dimensions[0] - 20 - STEPS[k]) > 1e-4:
            yield "MDAnalysis: time or box of frame {}".format(k)


def main(mpirun, program):
    faults = []
    for ranks in ("1", "3"):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([mpirun, "-n", ranks, program, folder], check=True, stdout=subprocess.DEVNULL)
            faults += faults_of_file(folder + "/all.h5md", "trajectory", np.arange(700), 1e-14)
            faults += faults_of_file(folder + "/group.h5md", "third", np.arange(0, 700, 3), 1e-6)
            faults += faults_of_mdanalysis(folder + "/all.h5md")
    print("\n".join(faults) if faults else "others read what was written")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
