#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh  Every benchmark, one JSON line per case.  BUILD: the build folder; ROUNDS of the flows (default 9); THREADS: the most
# threads (default: all cores).  Quiet machine: compare wall times; shared machine: compare cpu_ms_per_gradient and cpu_ratio_to_plain.
set -eu
build=${BUILD:-build}
threads=${THREADS:-$(nproc)}
"$build/bench/flow" "${ROUNDS:-9}" "$threads"
"$build/bench/vmc" 1 "${ITERATIONS:-5}"
for b in "$build"/bench/*; do
  case $b in */flow | */vmc | *.o | *.d) ;; *) [ -x "$b" ] && "$b" ;; esac
done
