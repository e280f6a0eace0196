#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
# the papers' way: labelled points, ten Euler layers
$H generate truth.json -q --force -o points.json
$H train network.json -q --force -o network-result.json --plot network.svg
# the continuum: 29 points of the on-shell curve with 1 % noise, without and with Einstein's equation
FINE='flow={"type":"rk","order":8,"grid":"log","n_steps":100,"eta_uv":1,"eta_ir":0.1}'
$H generate truth.json -q --force --set "$FINE" --set 'generate={"n":29,"given":"response","relative_error":0.01}' --seed 3 -o pairs.json
$H train continuum.json -q --force -o data-result.json
$H train continuum.json -q --force --set 'penalties=[{"type":"einstein","weight":100}]' -o einstein-result.json
# the curve that the data alone predict, and the true one
$H generate truth.json -q --force --set "$FINE" --set 'generate={"n":29,"given":"response"}' -o true-curve.json
$H generate data-result.json -q --force -o data-curve.json
