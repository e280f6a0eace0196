#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# coverage.sh BUILD MINIMUM FOLDER...  Line coverage of what was run in BUILD, file by file (worst first) and in all; fails
# below MINIMUM per cent in a folder.  Debian's gcov.
set -eu
build=$1 least=$2
shift 2
status=0
for folder in "$@"; do
  for f in "$folder"/*.c; do
    gcov -n -o "$build/$folder" "$f" 2>/dev/null |
      awk -v f="$f" '$0 == "File \x27" f "\x27" {mine = 1} mine && /^Lines executed/ {sub("Lines executed:", ""); sub("% of ", " "); print $1, $2, f; exit}'
  done | sort -n | awk -v folder="$folder" -v least="$least" '
    { lines += $2; hit += $1 / 100 * $2; if ($1 < 90) printf "  %6.2f %% of %4d lines  %s\n", $1, $2, $3 }
    END { printf "%s: %.2f %% of %d lines\n", folder, 100 * hit / lines, lines; exit 100 * hit / lines < least }' || status=1
done
exit $status
