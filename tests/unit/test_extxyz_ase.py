#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ASE writes as extended XYZ, and what we write of it, must be the same to ASE: test_extxyz_ase.py COPY_EXTXYZ

Ends with status 77 (skipped) where ASE is missing.
"""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from ase import Atoms
    from ase.io import read, write
except ImportError as missing:
    print("SKIPPED: needs python3-ase ({})".format(missing))
    sys.exit(77)

KEYS = {
    "config_type": "glass of a kind", "energy": -3.25, "count": 12, "tiny": 1e-300, "yes": True, "no": False, "minus": -0.0, "large": 10**12,
    "integers": np.array([1, 2, 3]), "reals": np.array([1.5, 2.0]), "one": np.array([7]), "flags": np.array([True, False]),
    "matrix": np.arange(6).reshape(2, 3), "virial": np.arange(9.0).reshape(3, 3), "stress": 0.1 * np.eye(3),
    "quotes": 'say "hi"', "apostrophe": "it's", "braces": "{x}", "brackets": "[1, 2]x", "equals": "a=b=c", "commas": "p,q", "words": ["a", "b c"],
    "nested": {"k": [1, 2], "s": "a b"}, "odd key": 3, "key[0]": 4, "path": "a/b:c", "true_word": "true", "not_a_number": "nan",
}


def frames():
    random = np.random.default_rng(1)
    atoms = Atoms("LiCl", positions=5 * random.random((2, 3)), cell=[[4, 0, 0], [1, 5, 0], [0.3, 0.2, 6]], pbc=[True, False, True])
    atoms.info.update(KEYS)
    atoms.new_array("tag", np.array([3, -4]))
    atoms.new_array("mask", np.array([True, False]))
    atoms.new_array("name", np.array(["u", "vw"]))
    atoms.new_array("bec", random.random((2, 9)))
    atoms.new_array("force", random.random((2, 3)) - 0.5)
    yield atoms
    yield Atoms("H2O", positions=random.random((3, 3)))
    yield Atoms("Fe", positions=[[0, 0, 0]], cell=[3, 3, 3], pbc=True)


def same(a, b):
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b) and np.asarray(a).dtype.kind == np.asarray(b).dtype.kind
    return a == b or (a != a and b != b)


def differences(old, new):
    for name in ("pbc", "cell", "positions", "numbers"):
        if not np.array_equal(getattr(old, name), getattr(new, name)):
            yield name
    for kind in ("info", "arrays"):
        before, after = getattr(old, kind), getattr(new, kind)
        for name in sorted(set(before) | set(after)):
            if name not in before or name not in after or not same(before[name], after[name]):
                yield "{} {!r}: {!r} became {!r}".format(kind, name, before.get(name), after.get(name))


def copied(copy, folder, text):
    """Two files: the text, and what we write after reading it."""
    paths = [os.path.join(folder, name) for name in ("first.xyz", "second.xyz")]
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([copy, *paths], check=True)
    return paths


def faults_of_frames(copy, folder):
    written = os.path.join(folder, "written.xyz")
    write(written, list(frames()), format="extxyz")
    with open(written, encoding="utf-8") as file:
        before, after = (read(path, index=":", format="extxyz") for path in copied(copy, folder, file.read()))
    if len(before) != 3 or len(after) != 3:
        yield "{} frames became {}".format(len(before), len(after))
    for i, (old, new) in enumerate(zip(before, after)):
        for text in differences(old, new):
            yield "frame {}: {}".format(i, text)


def faults_of_keys(copy, folder):
    """Keys that ASE does not read right itself, but must read in what we write of them."""
    comment = 'empty="" energy_of=1 none=[] back="a\\\\b" array=[[1, 2], [3, 4]] last=2'
    expected = {"empty": "", "energy_of": 1, "none": np.array([]), "back": "a\\b", "array": np.array([1, 2, 3, 4]), "last": 2}
    _, path = copied(copy, folder, "1\nProperties=species:S:1:pos:R:3 {}\nH 0 0 0\n".format(comment))
    found = read(path, format="extxyz").info
    for name in sorted(set(found) | set(expected)):
        if name not in found or name not in expected or not same(found[name], expected[name]):
            yield "{}: {!r}, not {!r}".format(name, found.get(name), expected.get(name))


def main(copy):
    with tempfile.TemporaryDirectory() as folder:
        faults = [*faults_of_frames(copy, folder), *faults_of_keys(copy, folder)]
    print("\n".join(faults) if faults else "ASE finds the same in both")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
