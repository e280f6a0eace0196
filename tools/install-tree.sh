#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install-tree.sh FROM TO  Copy the files that belong to the project below FROM to TO, readable by all; what runs of the
# examples left in the folders, and what the version control ignores, stays behind.
set -eu
from=$1 to=$2
files=$(git ls-files -- "$from" 2>/dev/null || true)
[ -n "$files" ] || files=$(find "$from" -type f ! -name ".*") # not a working copy
printf "%s\n" "$files" |
  while read -r f; do
    mode=644
    [ -x "$f" ] && mode=755
    install -D -m $mode "$f" "$to/${f#"$from"/}"
  done
