#!/bin/sh
set -e
H=${HOLOGRAD:-holograd}
$H spectrum mesons.json -q --force -o result.json --plot spectrum.svg
