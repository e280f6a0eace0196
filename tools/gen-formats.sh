#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gen-formats.sh PROGRAM PAGE > PAGE.new  The page with every block between "<!-- help TOPIC -->" and "<!-- end -->" replaced by what
# the program's help prints, so that tables in prose cannot drift from those that parse.
set -eu
H=$1
inside=
while IFS= read -r line; do
  case $line in
    '<!-- help '*' -->')
      inside=1
      topic=${line#<!-- help }
      topic=${topic% -->}
      printf '%s\n```text\n' "$line"
      # shellcheck disable=SC2086  # words of a topic
      "$H" help $topic
      printf '```\n'
      ;;
    '<!-- end -->') inside= && printf '%s\n' "$line" ;;
    *) [ -n "$inside" ] || printf '%s\n' "$line" ;;
  esac
done <"$2"
