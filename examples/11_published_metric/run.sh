#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H background table_ii.json -q --force -o exp-background.json --plot background.svg
$H potential table_ii.json -q --force -o exp-potential.json --plot potential.svg
$H potential table_ii.json -q --force --closure cosh --eta0 0.88,0.9,1 -o cosh-potential.json
$H background table_ii.json -q --force --closure einstein -o einstein-background.json
