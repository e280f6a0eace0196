#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
: "${HOLOGRAD:=holograd}"
"$HOLOGRAD" nqs response boundary.json -q --force -o data.json
"$HOLOGRAD" train config.json -q --force -o result.json
