#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tour.sh  Every line of docs/tour.md and of the README's tour, in a copy of examples and data, as somebody who only has the page.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
H=${HOLOGRAD:-$root/build/holograd}
case $H in /*) ;; *) H=$(pwd)/$H ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
passed=0
failed=0
mkdir "$work/build"
ln -s "$H" "$work/build/holograd"
cp -r "$root/data" "$root/examples" "$work"
cd "$work" || exit 1
for page in docs/tour.md README.md; do
  awk '/^<!-- run -->$/ { run = 1; next } /^```/ { if (on) on = run = 0; else if (run) on = 1; next } on' "$root/$page" >"$work/lines"
  [ -s "$work/lines" ] || { failed=$((failed + 1)) && echo "FAILED: $page has nothing to run"; }
  while read -r line; do
    case $line in H=* | make*) continue ;; esac
    if (H=build/holograd && eval "$line") >"$work/log" 2>&1 </dev/null; then passed=$((passed + 1)); else
      failed=$((failed + 1))
      echo "FAILED: $page: $line"
      tail -n 3 "$work/log" | cut -c1-300
    fi
  done <"$work/lines"
done
grep -q '"chi2": 73.2' result.json || { failed=$((failed + 1)) && echo "FAILED: the tour's chi2"; }
for f in lattice.svg potential.svg compare.svg result.html; do
  if [ -s "$f" ]; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "FAILED: the tour left no $f"; fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
