#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gen-man.sh PROGRAM > holograd.1  The man page, made of the program's own help, so that it cannot drift.
set -eu
H=$1
version=$("$H" version | awk '{print $2}')
verbatim() { # indented text as it is, with what roff would obey made harmless
  printf '.nf\n'
  sed 's/\\/\\\\/g; s/^\([.'"'"']\)/\\\&\1/; s/-/\\-/g'
  printf '.fi\n'
}
printf '.TH HOLOGRAD 1 "" "holograd %s" "User Commands"\n' "$version"
printf '.SH NAME\nholograd \\- learn the metric of an emergent bulk spacetime from boundary data\n'
printf '.SH SYNOPSIS\n.B holograd\n.I COMMAND\n[options]\n.RI [ FILE ...]\n'
printf '.SH COMMANDS\n'
"$H" list commands | verbatim
"$H" list commands | sed 's/^  //; s/   *.*//' | while read -r name; do
  printf '.SS %s\n' "$name"
  # shellcheck disable=SC2086  # two words of one command
  "$H" $name --help | sed '/^options of every command:/,/^$/d; /^more: /d' | verbatim
done
printf '.SH OPTIONS OF EVERY COMMAND\n'
"$H" version --help | sed -n '/^options of every command:/,/^$/p' | sed 1d | verbatim
printf '.SH FILES\n'
"$H" help files | verbatim
printf '.SH CHANGING KEYS\n'
"$H" help set | verbatim
printf '.SH ENVIRONMENT\n'
"$H" help environment | verbatim
printf '.SH EXIT STATUS\n'
"$H" help exit-codes | verbatim
printf '.SH SEE ALSO\n.BR gnuplot (1),\n.BR rsvg-convert (1);\ndocs/ of the source for physics, formats and training.\n'
