#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# interrupt.sh  What happens when a training is stopped, killed, resumed, repeated.  Silent but for failures.
set -u
here=$(cd "$(dirname "$0")" && pwd)
H=${HOLOGRAD:-$here/../../build/holograd}
case $H in /*) ;; *) H=$(pwd)/$H ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp "$here"/base/* "$work"
cd "$work" || exit 1
passed=0
failed=0
# check NAME COMMAND...: one case
check() {
  what=$1
  shift
  if "$@" >log 2>&1; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $what"
    tail -n 5 log | cut -c1-300
  fi
}
# The result without what may differ.
steady() { sed '/^  "volatile": {/,/^  }/d' "$1"; }
same() {
  steady "$1" >a.txt && steady "$2" >b.txt && [ "$(wc -c <a.txt)" -gt 500 ] && cmp a.txt b.txt
}
train() { "$H" train config.json -q --force "$@"; }
# Resumed, whatever the verdict (1: not yet a good fit).
resumes() {
  train "$@"
  [ $? -le 1 ]
}
long="--restarts 5000 --set flow.rel_tol=1e-10"

# Same seed, same bytes; another seed, other bytes; 1 and 2 threads, same bytes.
train -o one.json --threads 1 --restarts 2
train -o again.json --threads 1 --restarts 2
train -o two.json --threads 2 --restarts 2
train -o other.json --threads 1 --restarts 2 --seed 2
check "same seed, same bytes" same one.json again.json
check "1 and 2 threads, same bytes" same one.json two.json
different() { ! same one.json other.json; }
check "another seed, other bytes" different

# 20 iterations = 10 + resume + 10, in the first stages and across a change of start.
for n in 10 130; do
  both=$((2 * n))
  train -o whole.json --restarts 3 --set optimizer.max_iter=$both
  train -o half.json --restarts 3 --set optimizer.max_iter=$n --checkpoint ck.json
  train -o resumed.json --restarts 3 --set optimizer.max_iter=$both --resume ck.json
  check "$both iterations = $n + resume + $n" same whole.json resumed.json
done

# started COMMAND...: in the background, until its first checkpoint is there; $pid is its process.
started() {
  rm -f ck.json
  "$H" "$@" >out 2>err &
  pid=$!
  while [ ! -e ck.json ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
}
# Ctrl-C: exit code 130, one line that says how to go on, a checkpoint that resumes.  A second signal at once is the
# same Ctrl-C (timeout(1) signals the process and its group); a second later, it kills.
stops() { # stops NAME: what holds however it was stopped
  wait $pid
  code=$?
  check "$1: exit code 130, not $code" test $code = 130
  check "$1: one line" test "$(wc -l <err) $(grep -c '^holograd: error: interrupted.*--resume ck.json' err)" = "1 1"
  check "$1: no result is written" test ! -e int.json
  check "$1: the checkpoint resumes" resumes $long --resume ck.json -o r.json --max-time 0.2
}
for signal in INT TERM; do
  started train config.json -q $long -o int.json --checkpoint ck.json
  kill -s $signal $pid
  stops $signal
  started train config.json -q $long -o int.json --checkpoint ck.json
  kill -s $signal $pid
  kill -s $signal $pid
  stops "$signal twice at once"
done
timeout -s INT --preserve-status 2 "$H" train config.json -q $long -o int.json --checkpoint ck.json 2>err &
pid=$!
stops "timeout -s INT"
# Reading from a pipe that says nothing.
mkfifo quiet
sleep 60 >quiet &
holder=$!
"$H" train - -q -o int.json <quiet 2>err &
pid=$!
sleep 0.5
kill -s INT $pid
wait $pid
check "interrupted while reading standard input" test $? = 130
check "it says so" grep -q 'standard input: interrupted' err
{ kill $holder; wait $holder; } 2>/dev/null
# A program that cannot get rid of its output finishes when asked once, and dies when asked again later.
seq 20000 | sed 's/.*/&,&/; 1s/.*/s,r/' >big.csv
mkfifo stuck
sleep 60 <stuck &
holder=$!
"$H" import big.csv --source s:1 --response r:1 >stuck 2>err &
pid=$!
sleep 0.5
kill -s TERM $pid
sleep 0.5
check "asked once, it goes on" kill -0 $pid
kill -s TERM $pid
wait $pid
check "asked again later, it dies" test $? = 143
{ kill $holder; wait $holder; } 2>/dev/null
# Every command that may take long: in the middle of its work, exit code 130 and one line.
# worked: until $pid has used 0.2 s of CPU time
worked() {
  while [ "$(cut -d' ' -f14 /proc/$pid/stat 2>/dev/null || echo 99)" -lt 20 ]; do sleep 0.02; done
}
examples=$here/../../examples
while read -r command; do
  # shellcheck disable=SC2086 # words of a command line
  "$H" $command -q --force -o int.json >out 2>err &
  pid=$!
  worked
  kill -s INT $pid 2>/dev/null
  kill -s INT $pid 2>/dev/null
  wait $pid
  check "interrupted in: $command" test $? = 130
  check "one line: $command" test "$(wc -l <err) $(grep -c '^holograd: error: .*\(interrupted\|stopped\)' err)" = "1 1"
  case $command in 'nqs evolve'*) ;; *) check "nothing written: $command" test ! -e int.json ;; esac
  rm -f int.json
done <<END
train config.json $long
compare $examples/26_compare_flows/config.json --restarts 5000
infer $examples/02_qcd_condensate/config.json --draws 100000
study $examples/02_qcd_condensate/config.json -n 100000
study config.json --set restarts=5000 --set flow.rel_tol=1e-10
gradcheck config.json --set metric.n=30 --set flow.rel_tol=1e-13
potential $examples/10_wilson_loop/ads.json --eta0=-3:3:100000
spectrum $examples/14_mesons_from_masses/mesons.json
dbm $examples/53_bulk_dbm/ads2.json --layers 20 --draws 300000
nqs run nqs.json --iterations 100000
nqs run nqs.json --set measure.sweeps=100000000
nqs evolve $examples/31_nqs_quench/config.json
nqs evolve $examples/31_nqs_quench/config.json --set iterations=1 --set evolve.time=50
nqs exact nqs.json --set lattice.n=22
nqs response $examples/50_boundary_ising/boundary.json
nqs dbm $examples/51_exact_dbm/dbm.json --set sweeps=1000000
nqs path $examples/52_path_integral/path.json
END
# A measurement that was interrupted is repeated with the same random numbers.
nqs() { "$H" nqs run nqs.json -q --force --threads 1 --set measure.sweeps=200000 -o "$@"; }
nqs whole.json
rm -f ck.json
nqs nint.json --checkpoint ck.json 2>err &
pid=$!
while ! grep -q '"iteration": *4' ck.json 2>/dev/null && kill -0 $pid 2>/dev/null; do sleep 0.01; done
kill -s INT $pid 2>/dev/null
wait $pid
code=$?
[ -e ck.json ] && nqs resumed.json --resume ck.json
check "interrupted while measuring ($code), resumed" same whole.json resumed.json
# Without --checkpoint nothing is lost, either.
timeout -s INT --preserve-status 2 "$H" train config.json -q --force $long -o int.json 2>err
check "a checkpoint is written beside the output" resumes $long --resume int.json.checkpoint -o r.json --max-time 0.2
# --max-time is a stop, not a failure.
check "--max-time ends with a result" resumes $long --max-time 0.3 -o r.json
check "--max-time is its stop reason" grep -q '"stop": "max_time"' r.json
# The trainings of a spectrum, of its own profile and of five others, are stopped and resumed in the same way.
masses=$examples/14_mesons_from_masses/mesons.json
spectrum() { "$H" spectrum "$masses" -q --force "$@"; }
spectrum -o whole.json
for n in 1 5 17; do
  spectrum -o half.json --set spectrum.optimizer.max_iter=$n --checkpoint ck.json
  spectrum -o resumed.json --set spectrum.optimizer.max_iter=0 --resume ck.json
  check "spectrum: $n iterations of each + resume" same whole.json resumed.json
done
rm -f ck.json int.json
"$H" spectrum "$masses" -q -o int.json --checkpoint ck.json --set spectrum.points=4000 2>err &
pid=$!
worked
kill -s INT $pid 2>/dev/null
wait $pid
check "spectrum interrupted: exit code 130" test $? = 130
check "spectrum interrupted: says how to go on" grep -q 'interrupted; go on with --resume ck.json' err
check "spectrum interrupted: no result" test ! -e int.json
spectrum -o whole.json --set spectrum.points=4000 &
spectrum -o resumed.json --set spectrum.points=4000 --resume ck.json
wait
check "spectrum interrupted and resumed" same whole.json resumed.json
check "spectrum: --max-time ends with a result" spectrum --set spectrum.points=4000 --max-time 0.3 -o r.json
check "spectrum: --max-time is its stop reason" grep -q '"stop": "max_time"' r.json

# kill -9 at any moment leaves a readable checkpoint.
for delay in 0.05 0.13 0.29 0.53 0.61 0.74 0.97 1.08 1.21 1.43; do
  rm -f ck.json
  timeout -s KILL $delay "$H" train config.json -q --force $long -o int.json --checkpoint ck.json 2>/dev/null
  [ -e ck.json ] || continue # killed before the first one
  check "readable after kill -9 at $delay s" resumes $long --resume ck.json -o r.json --max-time 0.01
done
check "kill -9 leaves no result" test ! -e int.json

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
