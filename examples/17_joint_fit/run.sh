#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H train config.json -q --force -o exp.json
$H train config.json -q --force --set background.closure=string -o string.json
$H potential exp.json -q --force --lattice ../../data/lattice_F1_singlet/data.json -o potential.json --plot potential.svg
