#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# schemas.sh PROGRAM DIR  The JSON schema of every kind of file, KIND.json, as the program prints it.
set -eu
H=$1 dir=$2
mkdir -p "$dir"
"$H" list schemas | while read -r kind _; do "$H" schema "$kind" -o "$dir/$kind.json" --force; done
