#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh [NAME]  Every case of tests/cli/*.tbl (or those whose name begins with NAME).  A line is
#   name | exit code | pattern | setup | command
# Each case starts in a folder of its own with copies of tests/cli/base; setup and command are shell, $H is the program.
# bad*.tbl: the command must fail with this code and exactly one line "holograd: error: ..." on stderr that matches the
# pattern (grep -E), and leave nothing behind.  good*.tbl: the pattern must be in stdout.  Silent but for failures.
# TABLES: patterns of the tables (default: all but inference, which infer.sh runs, beside this).
set -u
here=$(cd "$(dirname "$0")" && pwd)
H=${HOLOGRAD:-$here/../../build/holograd}
case $H in /*) ;; *) H=$(pwd)/$H ;; esac
export H
only=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
passed=0
failed=0

# Helper of the tables: N opening brackets.
brackets() { head -c "$1" /dev/zero | tr '\0' '['; }

fail() {
  echo "FAILED: $name: $1"
  sed 's/^/    stderr: /' "$work/err" | cut -c1-400 | head -n 8
}

# What follows starts no process where the shell can do it: there are hundreds of cases, and most of them end in milliseconds.

# trim TEXT: without blanks at its ends, into $trimmed
trim() {
  trimmed=${1#"${1%%[! ]*}"}
  trimmed=${trimmed%"${trimmed##*[! ]}"}
}

# one_line FILE: exactly one, into $line
one_line() {
  { read -r line && ! read -r second && [ -z "$second" ]; } <"$1"
}

inside() { (cd "$work/dir" && eval "$1"); }

check_bad() {
  after=$(ls -AR "$work/dir")
  [ "$code" = "$want" ] || { fail "exit code $code, want $want"; return 1; }
  one_line "$work/err" || { fail "stderr must be exactly one line"; return 1; }
  case $line in 'holograd: error: '*) ;; *) fail "stderr must begin with 'holograd: error: '"; return 1 ;; esac
  grep -qE -- "$pattern" "$work/err" || { fail "stderr does not match: $pattern"; return 1; }
  case $code$line in 78*.json* | 78*' -: '*) ;; 78*) fail "which file is not acceptable?"; return 1 ;; esac
  if [ -s "$work/out" ] && [ "$want" != 1 ]; then fail "stdout must be empty"; return 1; fi
  [ "$before" = "$after" ] || { fail "left behind: $after (was: $before)"; return 1; }
}

check_good() {
  [ "$code" = "$want" ] || { fail "exit code $code, want $want"; return 1; }
  grep -qE -- "$pattern" "$work/out" || { fail "stdout does not match: $pattern"; head -n 5 "$work/out"; return 1; }
}

run_table() {
  kind=$1
  while IFS='|' read -r name want pattern setup command; do
    trim "$name" && name=$trimmed
    case $name in '' | \#*) continue ;; esac
    case $name in "$only"*) ;; *) continue ;; esac
    trim "$want" && want=$trimmed
    trim "$pattern" && pattern=$trimmed
    rm -rf "$work/dir"
    cp -R "$here/base" "$work/dir"
    : >"$work/err"
    before=$untouched
    case $setup in *[!\ ]*)
      inside "$setup" >"$work/setup" 2>&1 || { echo "FAILED: $name: its setup"; cat "$work/setup"; failed=$((failed + 1)); continue; }
      before=$(ls -AR "$work/dir")
      ;;
    esac
    inside "$command" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    if check_"$kind"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
}

cp -R "$here/base" "$work/dir"
untouched=$(ls -AR "$work/dir")
# shellcheck disable=SC2086 # patterns, expanded in the folder of the tables
tables=$(cd "$here" && ls ${TABLES:-bad*.tbl good.tbl good_[!i]*.tbl}) || exit 1
for table in $tables; do
  table=$here/$table
  case ${table##*/} in bad*) run_table bad <"$table" ;; *) run_table good <"$table" ;; esac
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
