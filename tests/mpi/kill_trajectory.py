#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill the writer of a trajectory in the midst of what it does to its files: no frame is lost, none is half.

kill_trajectory.py TRAJECTORIES FAULTS [KILLS]; by default as many kills as the environment's CRASHES says, or 40. Skips (77) without h5py.
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

try:
    import h5py
except ImportError:
    print("skipped: h5py is not installed (python3-h5py)")
    sys.exit(77)

FRAMES, ATOMS = 400, 20


def start(program, words, folder, **fault):
    environment = dict(os.environ, OMPI_MCA_ess_singleton_isolated="1", **fault)
    if fault:
        environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:detect_leaks=0"
    return subprocess.run([program] + words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False, timeout=100)


def problem(folder, acknowledged):
    """What is wrong with the file; None: nothing. acknowledged: the step of a frame that was written."""
    with h5py.File(folder / "trajectory.h5", "r") as file:
        box, atoms = file["particles/trajectory/box/edges"], file["particles/trajectory"]
        steps = box["step"][()].tolist()
        if steps != list(range(len(steps))) or len(steps) <= acknowledged:
            return "steps {}, written up to {}".format(steps, acknowledged)
        for step, position, charge in zip(steps, atoms["position/value"][()], atoms["charge/value"][()]):
            for i in range(ATOMS):
                if position[i].tolist() != [step + 0.1 * i + 0.01 * k for k in range(3)] or charge[i] != step / (i + 1):
                    return "frame {} is wrong".format(step)
        if len(box["time"]) != len(steps) or len(box["value"]) != len(steps):
            return "times or cells are missing"
    return None


def main(program, faults, kills=os.environ.get("CRASHES", "40")):
    random.seed(3)
    program, faults, killed = os.path.abspath(program), os.path.abspath(faults), 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as scratch:
        folder = pathlib.Path(scratch)
        for trial in range(int(kills)):
            at = random.randint(25, 1500)
            writer = start(program, ["write", str(FRAMES)], folder, LD_PRELOAD=faults, FAULT_FOLDER=str(folder), FAULT_KIND="kill",
                           FAULT_AT=str(at))
            killed += writer.returncode == -signal.SIGKILL
            lines = writer.stdout.split()
            acknowledged = int(lines[-1]) if lines and lines[-1].isdigit() else -1
            looker = start(program, ["look"], folder)
            try:
                wrong = looker.stdout if looker.returncode else problem(folder, acknowledged)
            except (OSError, KeyError) as error:
                wrong = str(error)
            if writer.returncode not in (0, -signal.SIGKILL) or wrong:
                print("trial {}, call {}: {}{}".format(trial, at, writer.stdout[-300:], wrong))
                return 1
            if writer.returncode == 0:
                (folder / "trajectory.h5").unlink()
    print("{} kills, and each frame was there after each".format(killed))
    return 0 if killed > int(kills) // 2 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
