#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gen-man.sh PROGRAM > holograd.1  The man page, made of the program's own help, so that it cannot drift.
set -eu
H=$1
version=$("$H" version | awk '{print $2}')
day=$(git log -1 --format=%cs 2>/dev/null || true)
[ -n "$day" ] || day=$(date -u -r "$0" +%F)
# Help text to roff: "usage: ..." in bold, "  word  text" as a tagged paragraph, examples as they are, the rest as paragraphs.
roff() {
  awk '
    function safe(s) { gsub(/\\/, "\\e", s); gsub(/"/, "\\(dq", s); gsub(/-/, "\\-", s); sub(/^[.\x27]/, "\\\\&&", s); return s }
    function close_example() { if (example) print ".EE"; example = 0 }
    /^$/ { close_example(); para = 1; next }
    /^usage: / { print ".B " safe(substr($0, 8)); para = started = 1; next }
    /^examples?:/ { print ".PP\nExamples:\n.PP\n.EX"; example = 1; next }
    example { print safe($0); next }
    /^[a-z][a-z ]*:$/ { print ".PP\n" safe(toupper(substr($0, 1, 1)) substr($0, 2)); para = 0; next }
    match($0, /^ +[^ ]+( [^ ]+)*   */) && RLENGTH < length($0) && $0 !~ /^ *[^ ]([^ ]| [^ ])*[.,;:]  / {
      tag = substr($0, 1, RLENGTH); gsub(/^ +| +$/, "", tag)
      print ".TP\n.B " safe(tag) "\n" safe(substr($0, RLENGTH + 1)); para = 0; next }
    { sub(/^ +/, ""); if (para && started) print ".PP"; para = 0; started = 1; print safe($0) }
    END { close_example() }'
}
printf '.TH HOLOGRAD 1 "%s" "holograd %s" "User Commands"\n' "$day" "$version"
printf '.SH NAME\nholograd \\- learn the metric of an emergent bulk spacetime from boundary data\n'
printf '.SH SYNOPSIS\n.B holograd\n.I COMMAND\n[options]\n.RI [ FILE ...]\n'
printf '.SH DESCRIPTION\n'
printf 'holograd reads a neural network as a bulk spacetime: its depth is the holographic coordinate eta, its weights are the metric\n'
printf 'function h(eta). It learns h, the coupling and the AdS radius from boundary data in JSON, says what the data determine,\n'
printf 'and computes what the geometry predicts. A companion module has neural\\-network quantum states for the boundary side.\n'
printf '.SH COMMANDS\n'
"$H" list commands | sed 's/^  //; s/   *.*//' | while read -r name; do
  printf '.SS %s\n' "$name"
  # shellcheck disable=SC2086  # two words of one command
  "$H" help $name | sed '/^options of every command:/,/^$/d; /^exit codes:/,/^$/d; /^more: /d' | roff
done
printf '.SH OPTIONS OF EVERY COMMAND\n'
"$H" version --help | sed -n '/^options of every command:/,/^$/p' | sed 1d | roff
printf '.SH FILES\n'
"$H" help files | roff
printf '.SH CHANGING KEYS\n'
"$H" help set | roff
printf '.SH PRESETS\n'
"$H" help presets | roff
printf '.SH ENVIRONMENT\n'
"$H" help environment | roff
printf '.SH EXIT STATUS\n'
"$H" help exit-codes | roff
printf '.SH SEE ALSO\n.BR gnuplot (1),\n.BR rsvg\\-convert (1)\n.PP\n'
printf 'Formulas, formats, examples and validation: docs/ of the source, or the share/doc folder of the installation.\n'
