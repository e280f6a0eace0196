#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# newcomer.sh  The promise of the architecture, as docs/extending.md makes it: a component is one file and one line.  The
# page is followed word for word in a copy of the tree: its files are written, its lines appended, its commands run.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
build=${BUILD:-build}
tree=$work/tree
passed=0
failed=0
mkdir "$tree"
for d in src include tools data examples tests Makefile; do cp -a "$root/$d" "$tree"; done
mkdir "$tree/build"
cp -a "$root/$build/src" "$root/$build/git.txt" "$tree/build"
[ -d "$root/$build/tests" ] && cp -a "$root/$build/tests" "$tree/build"

# Blocks of the page, one file each: 01.file, 01.append or 01.run, whose first line is the path.
awk -v dir="$work" '
  /^<!-- (file|append): .* -->$/ { kind = substr($2, 1, length($2) - 1); path = $3; next }
  /^<!-- run -->$/ { kind = "run"; path = "-"; next }
  /^```/ { if (out) { close(out); out = kind = "" } else if (kind) { out = sprintf("%s/%02d.%s", dir, ++n, kind); print path > out }; next }
  out { print > out }' "$root/docs/extending.md"

run_block() { # every command of a block must succeed
  sed 1d "$1" >"$work/commands"
  while read -r line; do
    case $line in make*) line="$line BUILD=build WERROR=1 -j${CHECK_JOBS:-2}" ;; esac
    if (cd "$tree" && CK_FORK=no sh -c "$line") >"$work/log" 2>&1 </dev/null; then passed=$((passed + 1)); else
      failed=$((failed + 1))
      echo "FAILED: docs/extending.md: $line"
      grep -E 'error|warning|%|holograd' "$work/log" | head -n 5 | cut -c1-300
    fi
  done <"$work/commands"
}
for block in "$work"/[0-9][0-9].*; do
  path=$(head -n 1 "$block")
  case $block in
    *.file) mkdir -p "$tree/$(dirname "$path")" && sed 1d "$block" >"$tree/$path" ;;
    *.append) sed 1d "$block" >>"$tree/$path" ;;
    *.run) run_block "$block" ;;
  esac
done
[ $passed -ge 25 ] || { failed=$((failed + 1)) && echo "FAILED: newcomer.sh: only $passed commands of docs/extending.md were run"; }
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
