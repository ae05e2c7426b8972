# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of what `vitrion analyze` leaves, for vitrion-plot: a function each takes PREFIX and returns a figure."""
import csv
import json
import math
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # after the backend is chosen

COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")


def summary_of(prefix):
    with open(prefix + ".json", encoding="utf-8") as file:
        return json.load(file)


def columns_of(prefix):
    """{name: values}, NaN where a field is empty; texts stay texts."""
    with open(prefix + ".csv", encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    columns = {}
    for name, *words in zip(*rows):
        try:
            columns[name] = [float(word) if word else math.nan for word in words]
        except ValueError:
            columns[name] = words
    return columns


def thinned(columns, most=600):
    """Rows whose times are about equally spaced on a logarithmic axis: enough for a line."""
    n = len(next(iter(columns.values())))
    keep = sorted({min(n - 1, round(n ** (i / most))) for i in range(most + 1)})
    return {name: [values[i] for i in keep] for name, values in columns.items()}


def finish(axes, **labels):
    axes.set(**labels)
    axes.grid(alpha=0.25, which="both", lw=0.4)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, frameon=False)


def msd(prefix):
    summary, columns = summary_of(prefix), thinned(columns_of(prefix))
    time = columns["time_ps"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), constrained_layout=True)
    for found, colour in zip(summary["results"], COLOURS * 20):
        species = found["species"]
        mean, sigma = columns[species + "_msd_A2"], columns[species + "_sigma_A2"]
        left.plot(time, mean, color=colour, label="{}  D = {:.3g} ± {:.1g} cm²/s{}".format(
            species, found["D_cm2_per_s"], found["D_sigma_cm2_per_s"], "" if found["diffusive"] else ", not significant"))
        left.fill_between(time, [max(m - s, 1e-12) for m, s in zip(mean, sigma)], [m + s for m, s in zip(mean, sigma)], color=colour, alpha=0.2, lw=0)
        left.plot(time, columns[species + "_line_A2"], "--", color="black", lw=1)
        left.axvline(found["fit_from_ps"], color=colour, lw=0.6, ls=":")
        points = [(t, a) for t, a in zip(time, columns[species + "_alpha2"]) if not math.isnan(a)]
        right.plot([t for t, _ in points], [a for _, a in points], ".-", color=colour, ms=3, lw=0.8, label=species)
    positive = [m for found in summary["results"] for m in columns[found["species"] + "_msd_A2"] if m > 0]
    left.set_ylim(bottom=min(positive) / 2)
    finish(left, xscale="log", yscale="log", xlabel="time, ps", ylabel="mean square displacement, Å²", title="dashes: the line that gives D; dots: its start")
    finish(right, xscale="log", xlabel="time, ps", ylabel="non-Gaussian parameter α₂")
    return figure


def conductivity(prefix):
    summary, columns = summary_of(prefix), thinned(columns_of(prefix))
    figure, axes = plt.subplots(figsize=(6.4, 4.6), constrained_layout=True)
    time = columns["time_ps"]
    axes.plot(time, columns["charge_msd_e2_A2"], color=COLOURS[0], label="all correlations: {:.3g} ± {:.1g} mS/cm".format(
        1e3 * summary["sigma_collective_S_per_cm"], 1e3 * summary["sigma_collective_sigma_S_per_cm"]))
    axes.plot(time, columns["charge_line_e2_A2"], "--", color="black", lw=1)
    axes.plot(time, columns["independent_ions_msd_e2_A2"], color=COLOURS[1], label="independent ions: {:.3g} ± {:.1g} mS/cm".format(
        1e3 * summary["sigma_NE_S_per_cm"], 1e3 * summary["sigma_NE_sigma_S_per_cm"]))
    finish(axes, xscale="log", yscale="log", xlabel="time, ps", ylabel="mean square displacement of charge, e² Å²",
           title="{:.0f} K, Haven ratio {:.2f} ± {:.2f}".format(summary["temperature_K"], summary["haven_ratio"], summary["haven_ratio_sigma"]))
    return figure


def arrhenius(prefix):
    summary, columns = summary_of(prefix), columns_of(prefix)
    unit = summary["unit"]
    names = {"cm2_per_s": "D, cm²/s", "S_per_cm": "σ, S/cm", "S_K_per_cm": "σT, S K/cm"}
    rows = list(zip(*(columns[name] for name in ("kind", "temperature_K", "value_" + unit, "sigma_" + unit, "line_" + unit, "line_low_" + unit, "line_high_" + unit))))
    values = [row for row in rows if row[0] == "value"]
    band = [row for row in rows if row[0] == "band"]
    figure, axes = plt.subplots(figsize=(6.4, 4.8), constrained_layout=True)
    x = [1e3 / row[1] for row in band]
    axes.fill_between(x, [row[5] for row in band], [row[6] for row in band], color=COLOURS[0], alpha=0.2, lw=0)
    axes.plot(x, [row[4] for row in band], color=COLOURS[0], label="Ea = {:.3f} ± {:.3f} eV".format(summary["Ea_eV"], summary["Ea_sigma_eV"]))
    axes.errorbar([1e3 / row[1] for row in values], [row[2] for row in values], [row[3] for row in values], fmt="o", ms=4, color="black", capsize=2)
    for at in summary["at"]:
        factor = at["T_K"] if unit == "S_K_per_cm" else 1
        axes.errorbar([1e3 / at["T_K"]], [factor * at["value"]], [[factor * (at["value"] - at["low"])], [factor * (at["high"] - at["value"])]], fmt="s", ms=5,
                      mfc="white", color=COLOURS[1], capsize=2, label="{:g} K: {:.3g}".format(at["T_K"], at["value"]))
    finish(axes, yscale="log", xlabel="1000/T, 1/K", ylabel=names[unit])
    top = axes.secondary_xaxis("top", functions=(lambda x: x, lambda x: x))
    ticks = sorted({round(row[1]) for row in values} | {round(at["T_K"]) for at in summary["at"]})
    top.set_xticks([1e3 / t for t in ticks], ["{:g} K".format(t) for t in ticks], fontsize=7)
    return figure


def rdf(prefix):
    columns = columns_of(prefix)
    r = columns["r_A"]
    pairs = [name[:-2] for name in columns if name.endswith("_g")]
    side = math.ceil(math.sqrt(len(pairs)))
    figure, axes = plt.subplots(math.ceil(len(pairs) / side), side, figsize=(2.6 * side + 1, 2.1 * math.ceil(len(pairs) / side) + 0.6), squeeze=False,
                                sharex=True, constrained_layout=True)
    for place, pair in zip(axes.flat, pairs):
        place.plot(r, columns[pair + "_g"], color=COLOURS[0], lw=1)
        place.axhline(1, color="black", lw=0.4)
        place.set_title(pair, fontsize=9)
        place.grid(alpha=0.25, lw=0.4)
    for place in list(axes.flat)[len(pairs):]:
        place.set_visible(False)
    figure.supxlabel("r, Å")
    figure.supylabel("g(r)")
    return figure


def doas(prefix):
    columns = columns_of(prefix)
    energy = columns["energy_eV"]
    names = [name[:-len("_per_eV")] for name in columns if name.endswith("_per_eV")]
    parts = [part for part in ("total", "network", "electrostatic") if any(name.endswith("_" + part) for name in names)]
    figure, axes = plt.subplots(len(parts), 1, figsize=(5.6, 2.3 * len(parts) + 0.6), squeeze=False, constrained_layout=True)
    for place, part in zip(axes[:, 0], parts):
        for k, name in enumerate(name for name in names if name.endswith("_" + part)):
            curve = columns[name + "_per_eV"]
            there = [i for i, value in enumerate(curve) if value > 1e-4 * max(curve)]
            shown = slice(there[0], there[-1] + 1)
            place.fill_between(energy[shown], curve[shown], color=COLOURS[k % len(COLOURS)], alpha=0.3, lw=0)
            place.plot(energy[shown], curve[shown], color=COLOURS[k % len(COLOURS)], lw=1, label=name[:-len(part) - 1])
        finish(place, xlabel="{} energy of an atom, eV".format(part), ylabel="1/eV")
    return figure


def read_cube(path):
    """Cell (Å, rows), atoms [(number, place)], size of the grid, values x slowest."""
    bohr = 0.529177210903
    with open(path, encoding="ascii") as file:
        file.readline()
        file.readline()
        n_atoms = int(file.readline().split()[0])
        axes = [file.readline().split() for _ in range(3)]
        size = [int(words[0]) for words in axes]
        cell = [[float(word) * bohr * n for word in words[1:]] for n, words in zip(size, axes)]
        atoms = [(int(words[0]), [float(word) * bohr for word in words[2:]]) for words in (file.readline().split() for _ in range(n_atoms))]
        values = [float(word) for word in file.read().split()]
    return cell, atoms, size, values


def density(prefix):
    """What is above in each of three directions, averaged along it, with the framework; and how much of the ions an isovalue holds."""
    summary, columns = summary_of(prefix), columns_of(prefix)
    cell, atoms, size, values = read_cube(prefix + ".cube")
    figure, axes = plt.subplots(2, 2, figsize=(11, 9.5), constrained_layout=True)
    for place, along in zip(axes.flat, (2, 1, 0)):
        across = [d for d in range(3) if d != along]
        sums = [[0.0] * size[across[1]] for _ in range(size[across[0]])]
        for k, value in enumerate(values):
            at = (k // (size[1] * size[2]), k // size[2] % size[1], k % size[2])
            sums[at[across[0]]][at[across[1]]] += value / size[along]
        lengths = [math.sqrt(sum(x * x for x in cell[d])) for d in across]
        drawn = place.imshow([list(row) for row in zip(*sums)], origin="lower", extent=(0, lengths[0], 0, lengths[1]), cmap="viridis", aspect="equal")
        for number, at in atoms:
            # fractions along two vectors of a cell that is nearly orthogonal: for the eye
            shown = [sum(x * c for x, c in zip(at, cell[d])) / lengths[i] for i, d in enumerate(across)]
            place.plot([shown[0] % lengths[0]], [shown[1] % lengths[1]], ".", ms=3, color="white" if number == 17 else "#ee6677")
        place.set(xlabel="along {}, Å".format("abc"[across[0]]), ylabel="along {}, Å".format("abc"[across[1]]), title="mean along {}".format("abc"[along]))
        figure.colorbar(drawn, ax=place, label="1/Å³", shrink=0.8)
    last = axes[1][1]
    last.plot(columns["isovalue_per_A3"], columns["fraction_of_ions"], color=COLOURS[0], label="ions above")
    last.plot(columns["isovalue_per_A3"], columns["fraction_of_volume"], color=COLOURS[1], label="volume above")
    for way, style in zip(summary["percolates_in_dimensions"], (":", "--", "-")):
        last.axvline(way["isovalue_per_A3"], color="black", ls=style, lw=1, label="ways through in {}".format(way["dimensions"]))
    finish(last, xscale="log", xlabel="isovalue, 1/Å³", ylabel="fraction")
    return figure


KINDS = {"msd": msd, "conductivity": conductivity, "arrhenius": arrhenius, "rdf": rdf, "density": density, "doas": doas}


def draw(kind, prefix, out, dpi):
    try:
        figure = KINDS[kind](prefix)
    except (OSError, json.JSONDecodeError, KeyError) as problem:
        sys.exit("vitrion-plot: {}.json and {}.csv are not those of `vitrion analyze {}`: {}".format(prefix, prefix, kind, problem))
    figure.savefig(out, dpi=dpi)
