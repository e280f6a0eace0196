#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
: "${HOLOGRAD:=holograd}"
"$HOLOGRAD" nqs dbm dbm.json -q --force -o result.json
"$HOLOGRAD" nqs dbm small.json -q --force -o small-result.json
"$HOLOGRAD" nqs run state.json -q --force -o state-result.json
"$HOLOGRAD" nqs dbm heisenberg.json -q --force -o heisenberg-result.json
