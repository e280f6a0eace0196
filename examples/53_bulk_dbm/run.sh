#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
: "${HOLOGRAD:=holograd}"
"$HOLOGRAD" dbm background.json -q --force -o machine.json
"$HOLOGRAD" dbm machine.json -q --force -o again.json --metric learned.json
"$HOLOGRAD" background learned.json -q --force -o learned-background.json
"$HOLOGRAD" dbm ads2.json -q --force -o result.json
