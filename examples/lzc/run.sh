#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# From a crystal to a conductivity: run.sh [VITRION [OUT]]
#
# Li2ZrCl6 at four temperatures, one run a core, then displacements, conductivities, the Arrhenius line, distances, pictures and a report.
# TIME and EQUILIBRATE (ps of each temperature, sampled and before that: 80 and 10) and KELVIN (the temperatures) may be set in the environment.
# Without OUT the results go to build/lzc; what is there already is replaced.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
vitrion=${1:-$root/build/vitrion}
out=${2:-$root/build/lzc}
ps=${TIME:-80}
before=${EQUILIBRATE:-10}
kelvin=${KELVIN:-500 600 700 800}
mkdir -p "$out"
out=$(cd "$out" && pwd)

one() {
    "$vitrion" run "$here/lzc.yaml" --force --set output.directory="$out/$1K" --set velocities="$1 K" \
        --set stages.0.temperature="$1 K" --set stages.1.temperature="$1 K" \
        --set stages.0.duration="$before ps" --set stages.1.duration="$ps ps" >"$out/$1K.log" 2>&1 ||
        { cat "$out/$1K.log" >&2; return 1; }
    for what in msd conductivity; do
        "$vitrion" analyze "$what" --species Li --temperature "$1 K" --from "$before ps" --out "$out/$1K/$what" --force "$out/$1K/trajectory.h5" \
            >"$out/$1K/$what.log" 2>&1 || { [ $? -eq 1 ] && [ "$what" = msd ]; } || { cat "$out/$1K/$what.log" >&2; return 1; }
    done
    "$vitrion" analyze rdf --cutoff "8 A" --from "$before ps" --out "$out/$1K/rdf" --force "$out/$1K/trajectory.h5" >"$out/$1K/rdf.log" 2>&1
    sed -n 's/^sigma, independent.*)/  sigma (Nernst-Einstein)/p' "$out/$1K/conductivity.log" | sed "s/^/$1 K/"
}

if [ "${3:-}" = one ]; then # called by xargs below
    one "$4"
    exit
fi

atoms=$(sed -n 1p "$here/lzc.xyz")
echo "Li2ZrCl6, $((6 * atoms)) atoms, $ps ps at each of: $kelvin K"
printf '%s\n' $kelvin | xargs -n 1 -P "$(nproc)" "$0" "$vitrion" "$out" one
echo
set --
for t in $kelvin; do
    set -- "$@" "$out/${t}K/conductivity.json"
done
"$vitrion" analyze arrhenius --quantity NE --times-temperature --at "300 K" --out "$out/arrhenius" --force "$@"
echo
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import matplotlib' 2>/dev/null; then
        "$python" "$root/tools/vitrion-report" --title 'Li2ZrCl6' --out "$out/report.html" "$out"
        exit
    fi
done
echo 'no pictures and no report: python3-matplotlib is not there (apt-get install python3-matplotlib)'
