#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# From a Hamiltonian to a metric: the response of the ground state, then the training.
set -e
: "${HOLOGRAD:=holograd}"
"$HOLOGRAD" nqs response boundary.json -q --force -o data.json --plot response.svg
"$HOLOGRAD" train config.json -q --force -o result.json --plot metric.svg
