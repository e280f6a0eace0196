#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
: "${HOLOGRAD:=holograd}"
"$HOLOGRAD" nqs response boundary.json -q --force -o data.json
"$HOLOGRAD" train config.json -q --force -o result.json --plot metric.svg
# m2 = -3/4, dimension 3/2, held fixed: another basin, found by 2 of 16 random starts
"$HOLOGRAD" train config-fixed.json -q --force -o fixed.json
