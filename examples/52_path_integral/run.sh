#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
: "${HOLOGRAD:=holograd}"
"$HOLOGRAD" nqs path path.json -q --force -o result.json
"$HOLOGRAD" nqs path path.json -q --force -o weak.json --set path.lambda=0.1
