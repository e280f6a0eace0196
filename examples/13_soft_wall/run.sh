#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H spectrum soft_wall.json -q --force -o result.json --plot spectrum.svg
$H spectrum soft_wall.json -q --force --set 'spectrum.sectors=["rho","a2","a1","f0"]' -n 3 -o chiral-result.json
