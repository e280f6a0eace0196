#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check-symbols.sh BUILD/src/DIR/FILE.o...  Every exported symbol begins with its path: ads/metric.o -> ads_metric.
# The program's entry point is main.o -> main, by the same rule of the C language.
nm -A -g --defined-only "$@" | awk '
  NF == 3 {
    object = want = $1
    sub(/:[^:]*$/, "", object)
    sub(/:[^:]*$/, "", want)
    sub(/.*\/src\//, "", want)
    sub(/\.o$/, "", want)
    gsub("/", "_", want)
    sub(/^common_/, "com_", want)
    sub(/^api_/, "holograd_", want)
    sub(/^cli_main$/, "main", want)
    if (index($3, want) == 1) next
    print object ": exports what does not begin with " want ": " $3 > "/dev/stderr"
    bad = 1
  }
  END { exit bad || !NR }'
