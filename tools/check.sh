#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check.sh LOGDIR TEST...  Run test programs (check framework) and scripts (*.sh, last line "N passed, M failed"),
# CHECK_JOBS at a time.  Silent but for failures; the last line is "N passed, M failed".
# LOGDIR/seconds has the processor seconds of each, the longest first.  CHECK_RUN: what runs the programs, where this
# machine cannot by itself.
set -eu
logs=$1
shift
rm -rf "$logs"
mkdir -p "$logs"
# shellcheck disable=SC2016  # expanded by the inner shell
printf '%s\n' "$@" | xargs -P "${CHECK_JOBS:-1}" -n 1 sh -c '
  name=$(echo "$2" | tr "/" "_"); log=$1/$name
  case $2 in *.sh) run=sh ;; *) run=${CHECK_RUN:-} ;; esac
  code=0
  timeout "${CHECK_TIMEOUT:-900}" $run "$2" >"$log.log" 2>&1 || code=$?
  counts=$(sed -n -e "s/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p" \
    -e "s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2 new/p" "$log.log" | tail -n 1)
  times >"$log.times" # the second line is of the children: user and system, 1m2.3s each
  cpu=$(sed -n 2p "$log.times" | tr ms "  " | awk "{printf \"%.0f\", 60 * (\$1 + \$3) + \$2 + \$4}")
  rm -f "$log.times"
  echo "$cpu $2" >>"$1/seconds"
  set -- "$2" $counts
  if [ $# -lt 4 ]; then passed=0 failed=1
  elif [ "$4" = new ]; then passed=$2 failed=$3
  else failed=$(($3 + $4)) passed=$(($2 - $3 - $4)); fi
  [ "$code" = 0 ] || [ "$failed" != 0 ] || failed=1
  echo "$passed $failed $code $1" >"$log.count"
' sh "$logs"
sort -rn -o "$logs/seconds" "$logs/seconds"
passed=0
failed=0
for t in "$@"; do
  log=$logs/$(echo "$t" | tr '/' '_')
  [ -f "$log.count" ] || echo "0 1 - $t" >"$log.count"
  read -r p f code name <"$log.count"
  passed=$((passed + p))
  failed=$((failed + f))
  if [ "$f" != 0 ]; then
    echo "FAILED: $name (exit code $code); $log.log:"
    grep -v '^[0-9]*%: Checks:\|:P:\|^Running suite' "$log.log" | tail -n 40 | sed 's/^/  /' || true
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
