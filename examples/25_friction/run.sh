#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H generate truth.json -q --force -o stops.json
$H train config.json -q --force -o quartic-result.json --plot quartic.svg
# the same with a linear force: the program says that one number is determined
LINEAR='bulk.potential="harmonic"'
$H generate truth.json -q --force --set "$LINEAR" -o linear-stops.json
$H train config.json -q --force --set "$LINEAR" --data linear-stops.json -o linear-result.json
