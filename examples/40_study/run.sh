#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H study config.json -q --force -o result.json --plot pulls.svg
$H infer ../02_qcd_condensate/config.json -q --force --chains 2 --warmup 200 --draws 200 --starts 2 --bands 20 \
  --set infer.profile=0 --set infer.bootstrap=40 --set infer.refit=false --set infer.sensitivity=false -o inference.json --plot inference.svg
