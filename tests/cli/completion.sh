#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# completion.sh  The completion scripts, in the shells themselves: bash by calling its function, fish by `complete -C`, zsh by typing
# into a pseudo terminal.  A shell that is not here is skipped aloud.  The man page is clean for mandoc and man.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
H=${HOLOGRAD:-$root/build/holograd}
case $H in /*) ;; *) H=$(pwd)/$H ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
passed=0
failed=0
for s in bash zsh fish; do "$H" completion $s >"$work/$s" || exit 1; done
# expect SHELL LINE WORD: after LINE and a tab, WORD is among what is offered
expect() {
  if grep -q -- "$3" "$work/out"; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $1: '$2' does not offer $3"
    head -n 3 "$work/out" | cut -c1-200
  fi
}
cat >"$work/cases" <<'T'
holograd trai|train
holograd train --fl|--flow
holograd train --flow res|resnet
holograd train --set flow.rel_t|flow.rel_tol
holograd train --set infer.prior.le|infer.prior.length
holograd nqs ex|exact
holograd help metric spl|spline
holograd help pres|presets
holograd help file inferen|inference
holograd schema train-r|train-result
holograd list met|metrics
T
if command -v bash >/dev/null; then
  while IFS='|' read -r line word; do
    bash -c '. "$1"; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _holograd; printf "%s\n" "${COMPREPLY[@]}"' \
      - "$work/bash" "$line" >"$work/out" 2>&1
    expect bash "$line" "$word"
  done <"$work/cases"
else echo "SKIPPED: bash completion: no bash" >&2; fi
if command -v fish >/dev/null; then
  while IFS='|' read -r line word; do
    HOME=$work fish -c 'source $argv[1]; complete -C $argv[2]' "$work/fish" "$line" >"$work/out" 2>&1
    expect fish "$line" "$word"
  done <"$work/cases"
else echo "SKIPPED: fish completion: no fish" >&2; fi
if command -v zsh >/dev/null; then
  cat >"$work/type.zsh" <<'Z'
zmodload zsh/zpty
zpty -b z zsh -f -i
zpty -w z "PROMPT='> '; autoload -U compinit; compinit -u -D; bindkey '^I' complete-word; source $1; print READY"
local o
repeat 200; do zpty -r -t z o && [[ $o == *READY* && $o != *print* ]] && break; sleep 0.05; done
zpty -n -w z "$2"$'\t'
local all= # what comes in pieces is one text; a busy machine may take its time
repeat 400; do while zpty -r -t z o; do all+=${(V)o}; done; [[ $all == *$3* ]] && break; sleep 0.05; done
print -r -- "$all"
Z
  for case in 'holograd trai|train' 'holograd train --flow res|resnet' 'holograd nqs ex|exact'; do
    TERM=dumb HOME=$work timeout 30 zsh -f "$work/type.zsh" "$work/zsh" "${case%%|*}" "${case##*|}" >"$work/out" 2>&1
    sed -i 's/\^H//g' "$work/out"
    expect zsh "${case%%|*}" "${case##*|}"
  done
else echo "SKIPPED: zsh completion: no zsh" >&2; fi

sh "$root/tools/gen-man.sh" "$H" >"$work/holograd.1" || exit 1
clean() { # clean NAME COMMAND...: the command says nothing
  what=$1
  shift
  said=$("$@" 2>&1 >/dev/null)
  if [ -z "$said" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: man page: $what: $said" | head -n 3
  fi
}
if command -v mandoc >/dev/null; then clean mandoc sh -c "mandoc -Tlint -W warning '$work/holograd.1' >&2"; else echo "SKIPPED: no mandoc" >&2; fi
if command -v man >/dev/null && command -v groff >/dev/null; then
  clean "man --warnings" env LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$work/holograd.1"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
