#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H compare config.json -q --force -o comparison.json --plot comparison.svg --report comparison.html
