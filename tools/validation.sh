#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# validation.sh  The published numbers of docs/validation.md, from the examples that rerun the papers, and the comparison of flows.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
H=${HOLOGRAD:-$root/build/holograd}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp -r "$root/examples" "$root/data" "$work"
export HOLOGRAD="$H" OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"
# field FILE KEY: the number after the first "KEY":
field() { sed -n 's/.*"'"$2"'": \([-0-9][-0-9.e+]*\).*/\1/p' "$1" | head -n 1; }
cd "$work/examples"
echo "== examples"
for e in 21_ads_schwarzschild 22_magnetisation 23_lattice_resnet 24_neural_ode; do
  (cd $e && if [ -e run.sh ]; then sh run.sh; else "$H" train config.json -q --force -o result.json; fi) >/dev/null 2>&1
  for r in $e/result.json $e/[!e]*-result.json $e/einstein-result.json; do
    [ -e "$r" ] || continue
    echo "  $r: loss $(field "$r" loss), chi2 $(field "$r" chi2), L $(field "$r" dictionary.L), lambda $(field "$r" bulk.lambda)"
  done
done
"$H" gradcheck 23_lattice_resnet/config.json 2>/dev/null | sed 's/^/  /' || true
"$H" compare 26_compare_flows/config.json --force -o compare.json 2>/dev/null | sed -n '1,40s/^/  /p'
