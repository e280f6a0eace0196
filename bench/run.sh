#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh  The speed of flows and Monte Carlo, one JSON line per case (the accuracy runs are `make bench-nqs`).  BUILD: the build folder; ROUNDS of the flows (default 9); THREADS: the most
# threads (default: all cores).  Quiet machine: compare wall times; shared machine: compare cpu_ms_per_gradient and cpu_ratio_to_plain.
set -eu
build=${BUILD:-build}
threads=${THREADS:-$(nproc)}
"$build/bench/flow" "${ROUNDS:-9}" "$threads"
"$build/bench/vmc" 1 "${ITERATIONS:-5}"
