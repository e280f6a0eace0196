#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
: "${HOLOGRAD:=holograd}"
"$HOLOGRAD" nqs response boundary.json -q --force -o data.json
"$HOLOGRAD" infer config.json --force -o result.json --plot bands.svg
