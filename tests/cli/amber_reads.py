#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Others read the NetCDF trajectories of vitrion run, and find what extended XYZ has of the same run: amber_reads.py VITRION SOURCE_ROOT

scipy reads every variable, MDAnalysis, where it is installed, what the AMBER convention knows. The cell is turned and triclinic, once
right-handed and once left-handed, and changes its shape. Exit status 77 (skipped) without scipy.
"""
import os
import pathlib
import sys
import tempfile
import warnings

import cli

try:
    import numpy as np
    from scipy.io import netcdf_file
except ImportError as missing:
    print("SKIPPED: {} (python3-scipy)".format(missing))
    sys.exit(77)

CONFIG = """\
model: {source}/examples/predict/synthetic.txt
structure: start.xyz
timestep: 0.2 fs
velocities: 300 K
output:
  trajectory:
    - {{name: all, every: 10, format: extxyz, precision: double, fields: [position, image, velocity, force, charge, energy]}}
    - {{name: all_double, every: 10, format: amber, precision: double, fields: [position, image, velocity, force, charge, energy]}}
    - {{name: all_single, every: 10, format: amber, fields: [position, image, velocity, force, charge, energy]}}
    - {{name: paths, every: 10, format: extxyz, precision: double, fields: [unwrapped]}}
    - {{name: paths_single, every: 10, format: amber, fields: [unwrapped]}}
    - {{name: some, every: 10, format: extxyz, precision: double, group: metal, fields: [position]}}
    - {{name: some_single, every: 10, format: amber, group: metal, fields: [position]}}
groups: [{{name: metal, elements: [Ti]}}]
stages: [{{ensemble: npt, temperature: 300 K, pressure: 1 GPa, barostat: {{coupling: anisotropic}}, steps: 60}}]
"""
TURNED = np.array([[0.2, -0.9, 0.4], [0.8, 0.3, 0.1], [-0.3, 0.3, 1.0]])  # rows: where x, y and z go
KCAL_PER_MOL = 23.0605478306
NUMBERS = {"Ba": 56, "Ti": 22, "O": 8}


def write_start(folder, source, left_handed):
    lines = (source / "examples" / "predict" / "frames.xyz").read_text().splitlines()[:42]
    cell = np.array(cli.numbers(cli.keys_of(lines[1])["Lattice"].split())).reshape(3, 3) @ TURNED
    assert np.linalg.det(cell) > 0
    if left_handed:
        cell = cell[[1, 0, 2]]
    words = [line.split() for line in lines[2:]]
    atoms = ["{} {} {} {}".format(word[0], *(np.array(cli.numbers(word[1:4])) @ TURNED)) for word in words]
    comment = 'Lattice="{}" Properties=species:S:1:pos:R:3 pbc="T T T"'.format(" ".join(map(str, cell.ravel())))
    (folder / "start.xyz").write_text("\n".join(["40", comment] + atoms) + "\n")


def frames_of(path):
    for comment, atoms in cli.split_frames(path.read_text()):
        keys, columns = cli.keys_of(comment), cli.columns_of(comment, atoms)
        values = {name: np.squeeze(np.array(rows, float)) for name, rows in columns.items() if name != "species"}
        values["cell"] = np.array(cli.numbers(keys["Lattice"].split())).reshape(3, 3)
        values["time"], values["species"] = float(keys["time_ps"]), [NUMBERS[row[0]] for row in columns["species"]]
        yield values


def expected(frame):
    """What the NetCDF file should have of a frame of extended XYZ."""
    cell, order = frame["cell"], [0, 1, 2]
    if np.linalg.det(cell) < 0:
        cell, order = cell[[1, 0, 2]], [1, 0, 2]
    standard = np.linalg.cholesky(cell @ cell.T)  # lower triangle, positive diagonal: a along x, b in the plane of x and y
    turn = np.linalg.inv(cell) @ standard
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-10) and np.linalg.det(turn) > 0
    lengths = np.linalg.norm(cell, axis=1)
    cosines = (cell @ cell.T) / np.outer(lengths, lengths)
    found = {"time": frame["time"], "cell_lengths": lengths, "coordinates": frame["pos"] @ turn,
             "cell_angles": np.degrees(np.arccos([cosines[1, 2], cosines[0, 2], cosines[0, 1]]))}
    if "vel" in frame:
        found.update(velocities=1000 * frame["vel"] @ turn, forces=KCAL_PER_MOL * frame["forces"] @ turn, charge=frame["charges"],
                     potential_energy=frame["energies"], image=frame["image"][:, order])
    return found


def check_scipy(path, frames, tolerance):
    with netcdf_file(path, mmap=False) as file:
        assert (file.version_byte, file.Conventions, file.ConventionVersion, file.program) == (2, b"AMBER", b"1.0", b"vitrion")
        values = {name: variable[:] for name, variable in file.variables.items()}
        units = {name: getattr(variable, "units", None) for name, variable in file.variables.items()}
    assert list(values["atom_types"]) == frames[0]["species"]
    assert list(values["id"]) == list(frames[0].get("id", range(1, len(frames[0]["species"]) + 1)))
    assert values["spatial"].tobytes() == b"xyz" and values["cell_spatial"].tobytes() == b"abc"
    assert values["cell_angular"].tobytes() == b"alphabeta gamma"
    wanted = [expected(frame) for frame in frames]
    assert set(values) == {"atom_types", "id", "spatial", "cell_spatial", "cell_angular"} | set(wanted[0])
    for name in wanted[0]:
        rows = np.array([frame[name] for frame in wanted])
        assert values[name].shape == rows.shape, name
        bound = 1e-9 if name.startswith(("cell", "time")) else tolerance
        assert np.allclose(values[name], rows, rtol=bound, atol=bound * max(1, abs(rows).max())), name
    known = {"coordinates": b"angstrom", "velocities": b"angstrom/picosecond", "forces": b"kilocalorie/mole/angstrom", "charge": b"e",
             "potential_energy": b"eV", "time": b"picosecond", "cell_lengths": b"angstrom", "cell_angles": b"degree"}
    assert all(units[name] == known.get(name) for name in units), units


def check_mdanalysis(out, name, frames):
    warnings.simplefilter("ignore")
    try:
        import MDAnalysis
    except ImportError:
        print("not checked: MDAnalysis is not installed (python3-mdanalysis)")
        return
    universe = MDAnalysis.Universe(str(out / "final.xyz"), str(out / name))
    assert len(universe.trajectory) == len(frames) and [NUMBERS[atom.name] for atom in universe.atoms] == frames[0]["species"]
    for frame, found in zip(frames, universe.trajectory):
        wanted = expected(frame)
        assert np.allclose(found.positions, wanted["coordinates"], rtol=0, atol=1e-5)
        assert np.allclose(found.dimensions, np.concatenate([wanted["cell_lengths"], wanted["cell_angles"]]), rtol=1e-6)
        assert abs(found.time - wanted["time"]) < 1e-12
        if "velocities" in wanted:
            assert np.allclose(found.velocities, wanted["velocities"], rtol=1e-5, atol=1e-5)
            assert np.allclose(found.forces, 4.184 * wanted["forces"], rtol=1e-5, atol=1e-3)


def check(vitrion, source, ranks, left_handed):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ["TMPDIR"] = name  # Open MPI's programs must not share theirs
        write_start(folder, source, left_handed)
        (folder / "run.yaml").write_text(CONFIG.format(source=source))
        cli.VITRION = os.path.abspath(vitrion)
        result = cli.run("run", "run.yaml", ranks=ranks, folder=folder)
        assert result.returncode == 0, result.stderr
        out = folder / "out"
        whole, paths = list(frames_of(out / "all.xyz")), list(frames_of(out / "paths.xyz"))
        assert len(whole) == 7 and (np.linalg.det(whole[-1]["cell"]) < 0) == left_handed
        assert not np.allclose(whole[0]["cell"], whole[-1]["cell"])
        check_scipy(out / "all_double.nc", whole, 1e-11)
        check_scipy(out / "all_single.nc", whole, 1e-6)
        check_scipy(out / "paths_single.nc", paths, 1e-6)
        some = list(frames_of(out / "some.xyz"))
        assert 0 < len(some[0]["id"]) < len(whole[0]["species"])
        check_scipy(out / "some_single.nc", some, 1e-6)
        check_mdanalysis(out, "all_single.nc", whole)
        check_mdanalysis(out, "paths_single.nc", paths)


def main(vitrion, source):
    for ranks, left_handed in ((1, False), (1, True), (2, True), (3, False)):
        check(vitrion, pathlib.Path(source).resolve(), ranks, left_handed)
    print("others read the frames of runs")


if __name__ == "__main__":
    main(*sys.argv[1:])
