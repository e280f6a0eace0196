#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# every.sh  What holds for every command, asked of whatever `holograd list commands` names: help, usage errors, inputs
# that do not exist or are damaged, outputs that cannot be made.  One line on stderr, the exit code, nothing left behind.
set -u
here=$(cd "$(dirname "$0")" && pwd)
H=${HOLOGRAD:-$here/../../build/holograd}
case $H in /*) ;; *) H=$(pwd)/$H ;; esac
work=$(mktemp -d)
tmp=$(mktemp -d)
trap 'rm -rf "$work" "$tmp"' EXIT INT TERM
cp "$here"/base/* "$work"
cd "$work" || exit 1
mkdir sub
echo '{"schema":"holograd/nonsense/1"}' >nonsense.json
head -c 200 config.json >truncated.json
echo '[1,2' >bracket.json
echo hi >taken
passed=0
failed=0
before=$(ls -AR)
# refuse CODES ARGUMENT...: one of these exit codes, one error line, the folder as it was
refuse() {
  codes=$1
  shift
  "$H" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  code=$?
  after=$(ls -AR)
  why=
  case " $codes " in *" $code "*) ;; *) why="exit code $code, want $codes" ;; esac
  { read -r line && ! read -r second && [ -z "$second" ]; } <"$tmp/err" || why="$why; stderr is not one line"
  case $line in 'holograd: error: '*) ;; *) why="$why; no 'holograd: error:'" ;; esac
  [ "$before" = "$after" ] || why="$why; left something behind"
  before=$after
  if [ -z "$why" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: holograd $*: $why"
    head -n 3 "$tmp/err" | cut -c1-250
  fi
}
answer() {
  if "$H" "$@" >/dev/null 2>&1; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: holograd $*: exit code not 0"
  fi
}
"$H" list commands | sed 's/^  //; s/   *.*//' >"$tmp/commands"
while read -r name; do
  # shellcheck disable=SC2086  # two words of one command
  set -- $name
  answer "$@" --help
  answer help "$@"
  refuse 64 "$@" --no-such-option
  refuse 64 "$@" config.json data.json nonsense.json --threads x
  files=$("$H" "$@" --help | sed -n 's/^usage: holograd .*\[options\] *//p')
  [ "$files" ] || continue
  case $name in list | help | schema | completion) continue ;; esac # their arguments are words, not files
  refuse 64 "$@"
  for bad in "66 nofile.json" "66 sub" "65 truncated.json" "65 bracket.json"; do
    [ "$name" = import ] && continue # reads CSV
    code=${bad%% *} file=${bad#* }
    case $files in
    *' '*) refuse "$code" "$@" "$file" "$file" ;;
    *) refuse "$code" "$@" "$file" ;;
    esac
  done
  case $name in import | diff | cite) continue ;; esac # read any document
  refuse "78 65" "$@" nonsense.json
  refuse 73 "$@" config.json -o no/such/x.json
  refuse 73 "$@" config.json -o taken
  refuse 73 "$@" config.json -o sub
done <"$tmp/commands"
rm -f "$tmp/commands"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
