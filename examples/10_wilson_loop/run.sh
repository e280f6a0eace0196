#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H potential ads.json -q --force -o ads-result.json
$H potential schwarzschild.json -q --force -o schwarzschild-result.json --plot schwarzschild.svg
$H potential schwarzschild.json -q --force --set L=2.5 --T 0.15,0.2,0.3 --set potential.calibrate=none -o temperatures-result.json --plot temperatures.svg
