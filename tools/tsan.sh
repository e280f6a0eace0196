#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tsan.sh  With HOLOGRAD and BUILD made by TSAN=1: what runs on several threads, under ThreadSanitizer (exit code 66 for a
# race); and the same digits as with one thread.  The last line is "N passed, N failed".
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 log_path=$work/race"
passed=0
failed=0
check() {
  name=$1
  shift
  "$@" >"$work/log" 2>&1
  code=$?
  if [ $code -le 1 ] && ! ls "$work"/race* >/dev/null 2>&1; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $name (exit code $code)"
    cat "$work"/race* "$work/log" 2>/dev/null | head -n 40
    rm -f "$work"/race*
  fi
}
steady() { sed '/^  "volatile": {/,/^  }/d' "$1"; }
same() { steady "$1" >"$work/a" && steady "$2" >"$work/b" && cmp "$work/a" "$work/b"; }
check pool env CK_FORK=no "$BUILD/tests/unit/test_pool"
for threads in 1 2 3; do
  t="--threads $threads -q --force"
  # shellcheck disable=SC2086 # words
  check "train, $threads threads" "$HOLOGRAD" train tests/cli/base/config.json $t --set restarts=1 --set optimizer.max_iter=6 -o "$work/t$threads.json"
  # shellcheck disable=SC2086
  check "nqs run, $threads threads" "$HOLOGRAD" nqs run tests/cli/base/nqs.json $t -o "$work/n$threads.json"
  [ $threads = 1 ] || check "the digits of 1 and $threads threads" same "$work/t1.json" "$work/t$threads.json"
  [ $threads = 1 ] || check "the digits of 1 and $threads threads, nqs" same "$work/n1.json" "$work/n$threads.json"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
