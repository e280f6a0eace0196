#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh BUILD HOLOGRAD SECONDS [FAMILY...]  libFuzzer on the readers: BUILD/fuzz for SECONDS of each family (default: all),
# from seeds made of the examples, the data, the tests' bases and short runs, with a dictionary made of the schemas.  What
# is learned stays in BUILD/corpus/FAMILY; a finding is left in BUILD/findings.  Each line of BUILD/fuzz.log is one session.
# FUZZ_SEED fixes the random numbers.  FUZZ_JOBS families run at a time (default: the processors); an input that takes longer than
# FUZZ_TIMEOUT seconds (60; more on a busy machine) is a finding.  The last line is "N passed, N failed".
set -eu
build=$1 H=$2 seconds=$3
shift 3
root=$(pwd)
fuzz=$root/$build/fuzz
mkdir -p "$build/findings"
# shellcheck disable=SC2046 # one word per family
[ $# -gt 0 ] || set -- $("$fuzz")
seeds=$build/seeds

export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=256:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
one() {
  f=$1 log=$build/fuzz-$1.out
  corpus=$build/corpus/$f
  mkdir -p "$corpus" "$build/cwd"
  code=0 start=$(date +%s)
  (cd "$build/cwd" && exec "$fuzz" --family="$f" -seed="${FUZZ_SEED:-0}" -max_total_time="$seconds" -timeout="${FUZZ_TIMEOUT:-60}" -rss_limit_mb=2500 -max_len=65536 \
    -close_fd_mask=3 -print_final_stats=1 -dict="$root/$build/dictionary" -artifact_prefix="$root/$build/findings/$f-" \
    "$root/$corpus" "$root/$seeds/$f") >"$log" 2>&1 </dev/null || code=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  kept=$(find "$corpus" -type f | wc -l)
  [ "$code" != 72 ] || code=0 # interrupted: what it has done counts
  [ "$code" = 0 ] && verdict='no finding' || verdict="FINDING (exit code $code, see $log and $build/findings)"
  times >"$log.cpu" # its second line is of the children: user and system, 1m2.3s each
  cpu=$(sed -n 2p "$log.cpu" | tr 'ms' '  ' | awk '{printf "%.0f", 60 * ($1 + $3) + $2 + $4}')
  echo "$(date -u +%FT%TZ) $f: $(($(date +%s) - start)) s ($cpu s of a processor), ${runs:-?} executions, $(find "$seeds/$f" -type f | wc -l) seeds, $kept inputs kept: $verdict" | tee -a "$build/fuzz.log"
  [ "$code" = 0 ] && return
  grep -aE 'runtime error|ERROR:|^ +#[0-9]+ |^SUMMARY|broken promise' "$log" | head -n 20 # what a log of CI must hold
  return 1
}
if [ "${FUZZ_ONE:-}" ]; then
  one "$1"
  exit
fi

# Words that a mutation may put in: the keys and values of every schema.
"$H" list schemas | awk '{print $1}' | while read -r kind; do "$H" schema "$kind" 2>/dev/null || true; done |
  grep -oE '"[a-zA-Z][A-Za-z0-9_]*"' | sort -u | sed 's/"\(.*\)"/"\\"\1\\""/' >"$build/dictionary"

# Results of every kind, from runs of a second.
make_results() {
  run() { "$H" "$@" -q --force --threads 1 --no-progress >made.log 2>&1 || { echo "fuzz.sh: no seed from: holograd $*: $(cat made.log)" >&2; exit 1; }; }
  mkdir -p "$1" && cd "$1"
  cp "$root"/tests/cli/base/*.json .
  run train config.json --restarts 2 --set optimizer.max_iter=20 -o r-train.json --checkpoint c-train.json
  run evaluate config.json --jacobian -o r-evaluation.json
  run gradcheck config.json -o r-gradcheck.json
  run infer config.json --starts 1 --draws 60 --warmup 60 --chains 2 --bands 4 --set infer.bootstrap=6 --set infer.profile=3 --set infer.sensitivity=false --set infer.refit=false -o r-inference.json
  run compare config.json --set 'flows=[{"type":"resnet","n_layers":15},{"type":"rk","n_steps":10}]' --set compare.repeats=1 --set restarts=1 --set optimizer.max_iter=20 -o r-comparison.json
  run study config.json -n 4 --set restarts=1 -o r-study.json
  run potential r-train.json -o r-potential.json
  run potential r-inference.json -o r-potential-bands.json
  run background r-train.json -o r-background.json
  run spectrum "$root/examples/13_soft_wall/soft_wall.json" -o r-spectrum.json
  run diff r-potential.json r-potential.json -o r-diff.json
  run nqs run nqs.json -o r-nqs.json --checkpoint c-nqs.json
  run nqs response "$root/examples/50_boundary_ising/boundary.json" --method exact -o r-dataset.json
  run nqs evolve nqs.json --set evolve.time=0.1 --set evolve.points=2 -o r-evolution.json
  run nqs exact nqs.json -o r-exact.json
  run nqs dbm "$root/examples/51_exact_dbm/dbm.json" --set steps=4 --set sweeps=40 -o r-dbm.json
  run nqs path "$root/examples/52_path_integral/path.json" --set path.steps=[0.2,0.4] --set path.draws=100 -o r-path.json
  cd "$root"
}
if [ ! -d "$seeds/made" ]; then
  make_results "$seeds/made"
  for f in $("$fuzz"); do
    mkdir -p "$seeds/$f"
    case $f in
    svg) printf '%s' '0.123456789012345678901234567890123456789012345678901234567890ab m_q [GeV^3] <&"' >"$seeds/$f/label" ;;
    csv)
      printf 's,r,e\n0.1,0.2,0.01\n0.3,1e-5,2\n' >"$seeds/$f/comma"
      printf '# note\ns;r;e\n0.1;0.2;0.01\n' >"$seeds/$f/semicolon"
      printf '"s" r  e\n-0.1 1e300 0.01\n' >"$seeds/$f/blank"
      find data -name '*.csv' -size -64k -exec cp {} "$seeds/$f" \;
      ;;
    options)
      grep -hoE '\$H [a-z][^|>;]*' tests/cli/*.tbl | sed 's/^\$H //' | sort -u | awk '{n++; gsub(/ +/, "\n"); print > (dir "/" n); close(dir "/" n)}' dir="$seeds/$f"
      ;;
    json)
      for s in metric.n=3 'a.b[2].c="x"' 'penalties[0]={"weight":1}'; do
        { echo "$s" && cat tests/cli/base/config.json; } >"$seeds/$f/set-${#s}"
      done
      cp "$seeds"/made/*.json "$seeds/$f"
      ;;
    checkpoint) cp "$seeds"/made/c-*.json "$seeds/$f" ;;
    weights) cp "$seeds"/made/r-nqs.json "$seeds/$f" ;;
    *)
      cp "$seeds"/made/r-*.json "$seeds/$f"
      find examples data tests/cli/base -name '*.json' -size -64k ! -path 'data/schema/*' ! -name 'expected*' | while read -r j; do
        cp "$j" "$seeds/$f/$(echo "$j" | tr / _)"
      done
      ;;
    esac
  done
fi

passed=0 failed=0
rm -f "$build/failed" # of a run that was killed
printf '%s\n' "$@" | FUZZ_ONE=1 xargs -P "${FUZZ_JOBS:-$(nproc)}" -I '{}' sh -c 'sh tools/fuzz.sh "$1" "$2" "$3" "$4" || echo "$4" >>"$1/failed"' sh "$build" "$H" "$seconds" '{}'
if [ -f "$build/failed" ]; then
  failed=$(wc -l <"$build/failed")
  rm -f "$build/failed"
fi
passed=$(($# - failed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
