#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw how fast a step of dynamics is beside an evaluation of the peer, from the record of the benchmarks.

usage: tools/plot_speed.py [tests/bench/record.csv [docs/speed.svg]]

Takes the newest date of the figures that have a peer's beside them. Needs matplotlib (python3-matplotlib).
"""
import csv
import sys

import matplotlib
matplotlib.use('svg')
import matplotlib.pyplot as plt


def newest(path):
    with open(path) as file:
        rows = [row for row in csv.DictReader(line for line in file if not line.startswith('#')) if row['peer_us_per_atom']]
    newest = max((row['date'], row['measured'] == 'step') for row in rows)
    return [row for row in rows if (row['date'], row['measured'] == 'step') == newest]


def draw(rows, path):
    names = ['%s, %s atoms' % (row['workload'], row['atoms']) for row in rows]
    ours = [float(row['us_per_atom']) for row in rows]
    peer = [float(row['peer_us_per_atom']) for row in rows]
    place = range(len(rows))
    figure, axes = plt.subplots(figsize=(7.2, 0.42 * len(rows) + 1.1))
    axes.barh([p - 0.2 for p in place], ours, 0.38, color='#0b7285', label='vitrion: a whole step')
    axes.barh([p + 0.2 for p in place], peer, 0.38, color='#ced4da', label='NEP_CPU: an evaluation')
    for p, a, b in zip(place, ours, peer):
        axes.text(a * 1.08, p - 0.2, '%.3g   (%.1f x faster)' % (a, b / a), va='center', fontsize=8)
    axes.set_yticks(list(place), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale('log')
    axes.set_xlim(0.3, 3000)
    axes.set_xticks([1, 10, 100, 1000], ['1', '10', '100', '1000'])
    axes.set_xlabel('microseconds per atom, one core', fontsize=8)
    axes.tick_params(axis='x', labelsize=8)
    axes.legend(fontsize=8, frameon=False, loc='lower center', ncols=2,
                bbox_to_anchor=(0.3, 1.0))
    for side in ('top', 'right'):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={'Date': None})


if __name__ == '__main__':
    if len(sys.argv) > 3:
        sys.exit(__doc__.strip())
    source, target = (sys.argv[1:] + ['tests/bench/record.csv', 'docs/speed.svg'][len(sys.argv) - 1:])[:2]
    draw(newest(source), target)
