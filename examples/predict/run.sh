#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Predict eight frames and compare with the reference values they carry: run.sh [VITRION [OUT.xyz]]
#
# The model is synthetic (random parameters): this shows that the evaluator agrees with an independent program, and nothing about a material. Without
# OUT.xyz the predicted frames are not kept. Exit status 1 if an energy differs by more than 1e-9 eV/atom.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
vitrion=${1:-$here/../../build/vitrion}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
out=${2:-$scratch/predicted.xyz}

cat <<TEXT
A synthetic qNEP model (random parameters; every angular term; charges) on eight frames of 40 atoms.
The reference values come from an independent implementation in double precision.

TEXT
"$vitrion" predict --model "$here/synthetic.txt" --bec --force --out "$out" "$here/frames.xyz"

# the frame's label and energy of each comment line
table() {
    sed -n 's/^.*[ ]energy=\([^ ]*\).*config_type=\([^ ]*\).*$/\2 \1/p; s/^.*config_type=\([^ ]*\).*[ ]energy=\([^ ]*\).*$/\1 \2/p' "$1"
}
table "$out" >"$scratch/predicted"
table "$here/frames.xyz" >"$scratch/reference"
echo
paste -d ' ' "$scratch/predicted" "$scratch/reference" | awk '
    BEGIN { printf "%-12s %22s %22s %12s\n", "frame", "predicted (eV/atom)", "reference (eV/atom)", "difference" }
    {
        difference = ($2 - $4) / 40
        printf "%-12s %22.12f %22.12f %12.1e\n", $1, $2 / 40, $4 / 40, difference
        if ($1 != $3 || difference > 1e-9 || difference < -1e-9) wrong++
    }
    END { exit NR == 8 && !wrong ? 0 : 1 }' || {
    echo 'run.sh: energies differ from the reference' >&2
    exit 1
}
[ $# -lt 2 ] || printf '\nThe predicted frames, with forces, charges and Born charges: %s\n' "$out"
