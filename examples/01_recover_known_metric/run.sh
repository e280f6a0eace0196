#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The data from the truth, the metric from the data, and the two metrics in one figure.
set -e
H=${HOLOGRAD:-holograd}
"$H" generate truth.json -q --force -o data.json
"$H" train config.json --data data.json -q --force -o result.json
"$H" compare compare.json --data data.json -q --force -o comparison.json --plot recovered.svg --report recovered.html
