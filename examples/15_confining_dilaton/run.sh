#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H background confining.json -q --force -o background.json --plot dilaton.svg
$H potential confining.json -q --force -o potential.json --plot potential.svg
