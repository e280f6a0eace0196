#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# schema.sh  data/schema and docs/formats.md are what the program prints; by an independent validator every shipped config and dataset is valid,
# and wrong files are not.  What the examples write is validated at the end of examples.sh.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
H=${HOLOGRAD:-$root/build/holograd}
case $H in /*) ;; *) H=$(pwd)/$H ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
sh "$root/tools/schemas.sh" "$H" "$work/schema" || exit 1
sh "$root/tools/gen-formats.sh" "$H" "$root/docs/formats.md" >"$work/formats.md" || exit 1
if diff -rq "$work/schema" "$root/data/schema" && diff -q "$work/formats.md" "$root/docs/formats.md"; then current=1; else
  current=0
  echo "FAILED: data/schema and docs/formats.md are not what the program prints; run: make schemas"
fi
python=
for p in python3 /usr/bin/python3; do "$p" -c 'import jsonschema' 2>/dev/null && python=$p && break; done
if [ -z "$python" ]; then
  echo "SKIPPED: validation by python3-jsonschema, which is not here (apt-get install python3-jsonschema)" >&2
  echo "$current passed, $((1 - current)) failed"
  [ $current = 1 ]
  exit
fi
# Wrong files: one mistake each, by the program's own setter; those that it refuses itself, too.
mkdir "$work/bad"
n=0
wrong() { # FILE SED-EXPRESSION
  n=$((n + 1))
  sed "$2" "$root/tests/cli/base/$1" >"$work/bad/$n.json"
  cmp -s "$root/tests/cli/base/$1" "$work/bad/$n.json" && echo "FAILED: schema.sh: '$2' changes nothing in $1"
}
wrong config.json 's/"metric"/"metrik"/'
wrong config.json 's/"pole_poly"/"pole"/'
wrong config.json 's/"n": *[0-9]*/"n": "four"/'
wrong config.json 's/"restarts": *[0-9]*/"restarts": 0/'
wrong config.json 's/"eta_uv": 1/"eta_uv": "one"/'
wrong config.json 's|"holograd/train/1"|"holograd/train/2"|'
wrong data.json 's/"values"/"vals"/'
wrong data.json 's/"kind": *"response"/"kind":"respons"/'
wrong nqs.json 's/"tfim"/"ising"/'
wrong nqs.json 's/"lattice"/"latice"/'
"$python" -W ignore "$root/tests/cli/schema_check.py" "$work/schema" good="$root/data" good="$root/examples" \
  good="$root/tests/cli/base" bad="$work/bad" >"$work/out"
grep -v ' passed, ' "$work/out"
p=$(sed -n 's/ passed, .*//p' "$work/out")
f=$(sed -n 's/.* passed, \([0-9]*\) failed/\1/p' "$work/out")
[ "${p:-0}" -gt "$n" ] || { echo "FAILED: schema.sh: the validator looked at nothing" && f=$((${f:-0} + 1)); }
echo "$((p + current)) passed, $((f + 1 - current)) failed"
[ $((f + 1 - current)) = 0 ]
