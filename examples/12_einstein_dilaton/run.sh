#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H background schwarzschild.json -q --force -o schwarzschild-background.json
$H background deformed.json -q --force -o deformed-background.json --plot dilaton.svg
$H potential deformed.json -q --force -o deformed-potential.json
$H potential deformed.json -q --force --frame string -o string-potential.json
