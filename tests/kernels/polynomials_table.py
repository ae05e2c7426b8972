#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of polynomials is what its generator writes: the same numbers, to the rounding of their last digits.

usage: test_kernel_polynomials.py GENERATOR TABLE      (exit status 77 without numpy)
"""
import re
import subprocess
import sys

try:
    import numpy  # noqa: F401
except ImportError:
    print("SKIPPED: numpy is not there")
    sys.exit(77)


def split(text):
    """Words between numbers, and the numbers; where line breaks are is up to the formatter."""
    number = r"-?\d+\.\d+e[+-]\d+"
    words = re.sub(r"\s+", "", re.sub(number, "#", text))
    return words, [float(n) for n in re.findall(number, text)]


made = subprocess.run([sys.executable, sys.argv[1]], check=True, capture_output=True, text=True).stdout
words, numbers = split(made)
with open(sys.argv[2]) as file:
    table_words, table_numbers = split(file.read())
assert words == table_words, "the table's text is not the generator's"
assert len(numbers) > 20 and len(numbers) == len(table_numbers)
for a, b in zip(numbers, table_numbers):
    # least squares to the last digit of a float; the errors in the comments have two digits
    assert abs(a - b) <= 1e-6 * abs(b) or abs(b) < 1e-7 and abs(a - b) <= 0.1 * abs(b), (a, b)
