#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A short run, stopped after its first stage and gone on with: run.sh [VITRION [OUT]]
#
# The model is synthetic (random parameters): this shows what a run writes and that a restart changes nothing, and nothing about a material. Without OUT
# the results are not kept. Exit status 1 if the two runs differ.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
vitrion=${1:-$here/../../build/vitrion}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
out=${2:-$scratch/out}

echo 'In one go:'
"$vitrion" run "$here/run.yaml" --force --set output.directory="$out"
echo
echo 'The first stage alone, then all of them from its checkpoint:'
"$vitrion" run "$here/run.yaml" --set output.directory="$scratch/parts" --set 'stages=[{name: free, ensemble: nve, steps: 40}]'
"$vitrion" run "$here/run.yaml" --set output.directory="$scratch/parts" --restart "$scratch/parts/checkpoint.h5"
echo
for file in thermo.csv final.xyz check.xyz; do
    cmp "$out/$file" "$scratch/parts/$file"
    echo "$file: the same bytes"
done
[ $# -lt 2 ] || printf '\nThe results: %s\n' "$out"
