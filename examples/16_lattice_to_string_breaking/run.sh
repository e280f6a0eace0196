#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
D=../../data
$H train ../02_qcd_condensate/config.json -q --force -o fit.json
for closure in exp cosh einstein string; do
  $H background fit.json -q --force --closure $closure -o $closure-background.json
  $H potential fit.json -q --force --closure $closure -o $closure-potential.json
done
$H potential fit.json -q --force --lattice $D/lattice_F1_singlet/data.json --lattice $D/static_potential_T0_HISQ/data.json \
  --closure string --calibrate lattice --shift plateau -o potential.json --plot potential.svg
