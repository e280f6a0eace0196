#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# examples.sh  Every examples/NAME is run in a copy (its run.sh, or else `holograd train config.json -o result.json`),
# and each examples/NAME/expected[-X].json is compared with what it wrote (result.json or X.json), field by field:
# {"result": {"chi2": 72.57, "chi2_error": 0.02, ...}}, where NAME_error is the tolerance of NAME (without: 1e-6 relative).
# A field that the output lacks is a failure.  Every train config of an example must also pass gradcheck.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
HOLOGRAD=${HOLOGRAD:-$root/build/holograd}
export HOLOGRAD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp -r "$root/examples" "$root/data" "$work"
passed=0
failed=0
for dir in "$work"/examples/*/; do
  cd "$dir" || exit 1
  name=$(basename "$dir")
  set -- expected*.json
  [ -e "$1" ] || [ -e run.sh ] || continue
  if [ -e run.sh ]; then sh run.sh >log 2>&1; else "$HOLOGRAD" train config.json -q --force -o result.json >log 2>&1; fi
  code=$?
  for expected in "$@"; do
    if ! [ -e "$expected" ]; then # nothing is promised but that it runs
      [ $code = 0 ] && passed=$((passed + 1)) && continue
      failed=$((failed + 1))
      echo "FAILED: examples/$name: exit code $code" && tail -n 5 log
      continue
    fi
    out=$(echo "$expected" | sed 's/^expected\.json$/result.json/; s/^expected-//')
    if [ $code = 0 ] && "$HOLOGRAD" diff "$expected" "$out" --all --sigma 1 >diff.log 2>&1; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "FAILED: examples/$name: $expected (exit code $code)"
      [ $code = 0 ] && cat diff.log || tail -n 5 log
    fi
  done
  for config in "$root/examples/$name"/*.json; do # those of the source: outputs hold their config as well
    grep -q '"schema": *"holograd/train/1"' "$config" && grep -q '"datasets\{0,1\}":' "$config" || continue
    if "$HOLOGRAD" gradcheck -q "$(basename "$config")" >gradcheck.log 2>&1; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "FAILED: examples/$name: gradcheck $(basename "$config")"
      cat gradcheck.log
    fi
  done
done
# Every file that they read and wrote is valid, by an independent validator.
for p in python3 /usr/bin/python3; do "$p" -c 'import jsonschema' 2>/dev/null && python=$p && break; done
if [ -n "${python:-}" ]; then
  "$python" -W ignore "$root/tests/cli/schema_check.py" "$root/data/schema" good="$work/examples" >"$work/valid"
  grep -v ' passed, ' "$work/valid"
  passed=$((passed + $(sed -n 's/ passed, .*//p' "$work/valid")))
  failed=$((failed + $(sed -n 's/.* passed, \([0-9]*\) failed/\1/p' "$work/valid")))
else
  echo "SKIPPED: validation of the results: no python3-jsonschema (apt-get install python3-jsonschema)" >&2
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
