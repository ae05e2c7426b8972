#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, and disks that fail: crashes.py VITRION SOURCE_ROOT GROUP FAULTS

GROUP is a class below (Kills, Calls, Ranks, Disks), as tests/cli/meson.build lists them; FAULTS is the library made of faults.c.
CRASHES, from the environment, is how many kills there are: 50 by default. The dice have fixed seeds.
"""
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import cli
import dynamics

CONFIG = """\
model: {model}
structure: start.xyz
timestep: 0.2 fs
velocities: 100 K
output:
  thermo: {{every: 1}}
  trajectory:
    - {{every: 3, format: extxyz, fields: [position, image, velocity, charge]}}
    - {{name: fine, every: 1, format: h5md, fields: [unwrapped, force], precision: double}}
    - {{name: coarse, every: 7, format: h5md, fields: [position, image, velocity, charge, energy], precision: single}}
  checkpoint: {{every: 10}}
stages:
  - {{name: free, ensemble: nve, steps: 40}}
  - {{name: hold, ensemble: nvt, temperature: [100 K, 300 K], steps: 30}}
  - {{name: press, ensemble: npt, temperature: 300 K, pressure: 1 GPa, barostat: {{coupling: anisotropic}}, steps: 30}}
"""
FAULTS = None  # set by main
CRASHES = int(os.environ.get("CRASHES", "50"))


def holds(path):
    """All that an HDF5 file holds: datasets and attributes, with their types."""
    found = {}

    def add(name, item):
        if isinstance(item, dynamics.h5py.Dataset):
            found[name] = (item.dtype.str, item.shape, item[()].tobytes())
        for key, value in item.attrs.items():
            found[name + "@" + key] = repr(value)

    with dynamics.h5py.File(path, "r") as file:
        add("", file)
        file.visititems(add)
    return found


class Crashes(dynamics.Dynamics):
    def setUp(self):
        super().setUp()
        if os.access("/dev/shm", os.W_OK):  # a disk that is fast, so that there is time for more
            room = tempfile.TemporaryDirectory(dir="/dev/shm")
            self.addCleanup(room.cleanup)
            for path in list(self.folder.iterdir()):
                shutil.copy(path, room.name)
            self.folder = pathlib.Path(room.name)
        (self.folder / "config.yaml").write_text(CONFIG.format(model=self.model))

    def words(self, out, ranks=1):
        """Go on from the checkpoint, if there is one; else from the start, in place of what is there."""
        launcher = [] if ranks == 1 else ["mpirun", "-n", str(ranks), "--oversubscribe"]
        checkpoint = self.folder / out / "checkpoint.h5"
        how = ["--restart", str(checkpoint)] if checkpoint.exists() else ["--force"]
        return launcher + [cli.VITRION, "run", "config.yaml", "--set", "output.directory=" + out] + how

    def start(self, out, ranks=1, most=resource.RLIM_INFINITY, **fault):
        """most: bytes that a file may grow to. fault: see ../common/faults.c."""
        environment = cli.environment(ranks)
        if fault:
            environment.update(LD_PRELOAD=FAULTS, FAULT_FOLDER="/{}/".format(out), **fault)
            environment["ASAN_OPTIONS"] += ":verify_asan_link_order=0:detect_leaks=0"
        return subprocess.Popen(self.words(out, ranks), cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY)))

    def end(self, process):
        text, errors = process.communicate(timeout=120)
        return process.returncode, text, errors

    def finish(self, out, ranks=1):
        status, text, errors = self.end(self.start(out, ranks))
        self.assertEqual(status, 0, text + errors)

    def kill_group_after(self, process, seconds):
        """Kill -9 it and all that it started; False if it had ended."""
        try:
            process.wait(timeout=seconds)
            killed = False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            killed = True
            self.kill_orphans()
        process.communicate()
        return killed

    def kill_orphans(self):
        """Ranks are groups of their own, and live on for a while without mpirun: one of them could write a checkpoint beside the next run."""
        left = True
        while left:
            left = [number for number, _ in self.processes()]
            for number in left:
                try:
                    os.kill(number, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.005)

    def processes(self):
        """Number and command of each process that runs in the folder."""
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(path / "cwd") == str(self.folder):
                    yield int(path.name), (path / "cmdline").read_bytes()
            except OSError:
                continue

    def run_whole(self, ranks=1):
        start = time.monotonic()
        self.finish("whole", ranks)
        return time.monotonic() - start

    def assert_whole(self, out):
        """The files are those of the run that nothing happened to."""
        names = [{path.name for path in (self.folder / run).iterdir() if not path.name.startswith(".vitrion-")}
                 for run in ("whole", out)]
        self.assertEqual(*names)
        compared = 0
        for name in names[0] - {"checkpoint.h5", "checkpoint.prev.h5", "config.yaml", "run.log"}:
            whole, found = self.folder / "whole" / name, self.folder / out / name
            compared += 1
            if not name.endswith(".h5"):
                self.assertTrue(whole.read_bytes() == found.read_bytes(), "{} of {} differs".format(name, out))
            elif dynamics.h5py is not None:
                whole, found = holds(whole), holds(found)
                self.assertGreater(len(whole), 15)
                self.assertEqual(sorted(whole), sorted(found))
                self.assertEqual([key for key in whole if whole[key] != found[key]], [], name)
        self.assertGreaterEqual(compared, 2)


class Kills(Crashes):
    """However often a run is killed: started again until it ends, it leaves what it would have left."""

    def test_random_moments(self):
        whole, dice, kills, runs = self.run_whole(), random.Random(11), 0, 0
        while kills < CRASHES:
            out = "run{}".format(runs)
            for _ in range(5):
                kills += self.kill_group_after(self.start(out), dice.uniform(0, whole))
            self.finish(out)
            self.assert_whole(out)
            shutil.rmtree(self.folder / out)
            runs += 1
            self.assertLess(runs, CRASHES)
        print("{} kills in {} runs".format(kills, runs))

    def test_without_checkpoint(self):
        status, _, _ = self.end(self.start("early", FAULT_KIND="kill", FAULT_AT="20"))
        self.assertEqual(status, -signal.SIGKILL)
        self.fail_with(2, "it ended before its first checkpoint: start it again with --force", "run", "config.yaml", "--set",
                       "output.directory=early")
        self.run_whole()
        self.finish("early")  # with --force
        self.assert_whole("early")


class Calls(Crashes):
    def test_kills(self):
        """In the midst of what is done to the files, from the first call to the last."""
        self.run_whole()
        status, text, errors = self.end(self.start("counted", FAULT_COUNT=str(self.folder / "count")))
        self.assertEqual(status, 0, text + errors)
        self.assert_whole("counted")
        calls = int((self.folder / "count").read_text())
        self.assertGreater(calls, 500)
        dice, n = random.Random(12), max(4, CRASHES // 4)
        for k in range(n):
            out = "call{}".format(k)
            first = 1 + int(calls * (k + dice.random()) / n)
            for at in (first, dice.randint(1, 30)):  # the second: while it goes on from where it was
                status, text, errors = self.end(self.start(out, FAULT_KIND="kill", FAULT_AT=str(at)))
                self.assertIn(status, (0, -signal.SIGKILL), text + errors)
            self.finish(out)
            self.assert_whole(out)
            shutil.rmtree(self.folder / out)


class Ranks(Crashes):
    def test_group_killed(self):
        whole, dice, kills, runs = self.run_whole(ranks=2), random.Random(13), 0, 0
        while kills < max(2, CRASHES // 12):
            out = "run{}".format(runs)
            for _ in range(2):
                kills += self.kill_group_after(self.start(out, ranks=2), dice.uniform(0, whole))
            self.finish(out, ranks=2)
            self.assert_whole(out)
            runs += 1
            self.assertLess(runs, CRASHES)

    def test_one_rank_dies(self):
        self.run_whole(ranks=2)
        for rank, at in (("0", "700"), ("1", None)):
            out = "rank" + rank
            process = self.start(out, 2, FAULT_KIND="kill", FAULT_RANK="0", FAULT_AT=at) if at else self.start(out, 2)
            if not at:
                self.kill_child(process, out)
            status, _, _ = self.end(process)
            self.assertNotEqual(status, 0)
            self.assertTrue((self.folder / out / "checkpoint.h5").exists())
            self.assertFalse((self.folder / out / "final.xyz").exists())
            self.finish(out, ranks=2)
            self.assert_whole(out)

    def kill_child(self, process, out):
        """Kill -9 the process of rank 1, once there is a checkpoint."""
        while process.poll() is None and not (self.folder / out / "checkpoint.prev.h5").exists():
            time.sleep(0.005)
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words, variables = (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
            except OSError:
                continue
            if os.fsencode("output.directory=" + out) in words and b"OMPI_COMM_WORLD_RANK=1\0" in variables and \
                    os.readlink(path / "cwd") == str(self.folder):
                os.kill(int(path.name), signal.SIGKILL)
                return
        self.fail("rank 1 is not there")


class Disks(Crashes):
    """A disk that fails ends a run with status 1 and one message, on any number of ranks; nothing is lost."""

    def assert_ends(self, result, place, message):
        status, _, errors = result
        self.assertEqual(status, 1, errors)
        self.assertEqual(errors.count("error:"), 1, errors)
        self.assertRegex(errors, place + r".*error: .*" + message)

    def test_write_fails(self):
        """Where it happens depends on the call: as HDF5 makes a file, in a frame, in a checkpoint."""
        faults = [("full", 3), ("full", 60), ("full", 500), ("sync", 700), ("full", 1100)]
        for ranks in (1, 2):
            self.run_whole(ranks)
            for kind, at in faults if ranks == 1 else faults[1:] if CRASHES >= 50 else faults[-1:]:
                message = {"full": "No space left on device", "sync": "Input/output error"}[kind]
                out = "{}{}on{}".format(kind, at, ranks)
                self.assert_ends(self.end(self.start(out, ranks, FAULT_KIND=kind, FAULT_AT=str(at))), out + "/", message)
                self.assertTrue((self.folder / out / "checkpoint.h5").exists() or at < 100)
                self.finish(out, ranks)
                self.assert_whole(out)
            shutil.rmtree(self.folder / "whole")

    def test_limit_of_files(self):
        """ulimit -f, which a checkpoint does not reach."""
        config = CONFIG.format(model=self.model).replace("steps: 40", "steps: 400").replace("0.2 fs", "0.02 fs")
        none = "  trajectory: []\n"
        start, end = config.index("  trajectory:"), config.index("  checkpoint:")
        for name, kept in (("thermo.csv", none), ("trajectory.xyz", config[start:end].split("    - {name")[0]),
                           ("fine.h5", config[start:end])):
            (self.folder / "config.yaml").write_text(config[:start] + kept + config[end:])
            self.run_whole()
            size = (self.folder / "whole" / name).stat().st_size
            self.assert_ends(self.end(self.start("limited", most=size * 4 // 5)), "limited/" + name,
                             "(File too large|beyond the limit for files)")
            self.assertTrue((self.folder / "limited" / "checkpoint.h5").exists())
            self.finish("limited")
            self.assert_whole("limited")
            for out in ("whole", "limited"):
                shutil.rmtree(self.folder / out)

    def test_full_disk(self):
        """A real one: a tmpfs of a size that is not enough, then enough. Skipped where none can be mounted."""
        self.run_whole()
        script = """
            mkdir -p small && mount -t tmpfs -o size=$1 none small || exit 77
            $2 run config.yaml --set output.directory=small/out >text 2>errors
            echo $? >status
            mount -o remount,size=64m none small || exit 77
            $2 run config.yaml --set output.directory=small/out --restart small/out/checkpoint.h5 >text 2>&1 || exit 1
            cp -r small/out $3
        """
        total = sum(path.stat().st_size for path in (self.folder / "whole").iterdir())
        for share in (40, 60, 80):
            size, out = "{}k".format(total * share // 100 // 1024), "after{}".format(share)
            result = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", size, cli.VITRION, out], cwd=self.folder,
                                    env=cli.environment(), check=False, text=True, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
            if result.returncode in (77, 126, 127) or "unshare" in result.stderr:
                self.skipTest("no tmpfs can be mounted: " + result.stderr)
            self.assertEqual(result.returncode, 0, result.stderr + (self.folder / "text").read_text())
            errors = (self.folder / "errors").read_text()
            self.assert_ends((int((self.folder / "status").read_text()), "", errors), "small/out/",
                             "(the disk is full|No space left on device)")
            self.assert_whole(out)


def main(vitrion, source, group, faults):
    global FAULTS
    FAULTS = os.path.abspath(faults)
    cli.VITRION, cli.SOURCE = os.path.abspath(vitrion), pathlib.Path(source).resolve()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(globals()[group])
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
