#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill the writer of checkpoints at random moments: the last two stay whole. tests/mpi/kill_checkpoint.py CHECKPOINTS [KILLS]"""
import os
import random
import subprocess
import sys
import tempfile
import time


def main(program, kills="8"):
    random.seed(1)
    program = os.path.abspath(program)
    with tempfile.TemporaryDirectory() as folder:
        for k in range(int(kills)):
            with subprocess.Popen([program, "write"], cwd=folder, stdout=subprocess.PIPE, text=True) as writer:
                if writer.stdout.readline() != "go\n":
                    print("the writer does not write")
                    return 1
                time.sleep(0.08 * random.random())
                writer.kill()
            reader = subprocess.run([program, "read"], cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
            if reader.returncode:
                print("kill {}: {}".format(k, reader.stdout))
                return 1
    print("{} kills, two whole checkpoints after each".format(kills))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
