#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check-symbols.sh BUILD/src/DIR/FILE.o...  Every exported symbol begins with its path: ads/metric.o -> ads_metric.
# The program's entry point is main.o -> main, by the same rule of the C language.
status=0
for o in "$@"; do
  want=$(echo "${o##*/src/}" | sed 's|/|_|g; s|\.o$||; s|^common_|com_|; s|^api_|holograd_|; s|^cli_main$|main|')
  foreign=$(nm -g --defined-only "$o" | awk 'NF == 3 {print $3}' | grep -v "^$want")
  [ -z "$foreign" ] && continue
  echo "$o: exports what does not begin with $want:" $foreign >&2
  status=1
done
exit $status
