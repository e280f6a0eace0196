#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mpi.sh PROGRAM   PROGRAM, built with MPI=1, gives the same results with 1, 2 and 3 processes: samplers metropolis, sum,
# direct, observables, evolution; checkpoints of 1 and 3 processes are the same bytes, and 2 processes go on from one.
set -u
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
run=${MPIRUN:-mpirun --allow-run-as-root --oversubscribe --mca mpi_yield_when_idle 1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work" || exit 1
failed=0

cat >metropolis.json <<END
{"schema":"holograd/nqs/1","lattice":{"type":"chain","n":12},"hamiltonian":{"type":"heisenberg"},"ansatz":{"type":"rbm","symmetry":"translation"},
 "iterations":12,"measure":{"sweeps":500,"observables":["magnetisation","correlations","renyi2"]},"seed":"3"}
END
cat >sum.json <<END
{"schema":"holograd/nqs/1","lattice":{"type":"chain","n":8},"hamiltonian":{"type":"tfim"},"ansatz":{"type":"rbm","alpha":4},"sampler":{"type":"sum"},"iterations":5}
END
cat >direct.json <<END
{"schema":"holograd/nqs/1","lattice":{"type":"chain","n":6},"hamiltonian":{"type":"heisenberg"},"ansatz":{"type":"arnn"},"sampler":{"type":"direct","sweeps":200},
 "iterations":5,"measure":{"sweeps":500}}
END
cat >evolve.json <<END
{"schema":"holograd/nqs/1","lattice":{"type":"chain","n":6},"hamiltonian":{"type":"tfim","h":2},"ansatz":{"type":"rbm"},"sampler":{"type":"sum"},"iterations":20,
 "evolve":{"time":0.1,"points":2,"hamiltonian":{"type":"tfim"}}}
END
# what the run computed, without build, host and times
digits() { sed -n '/^  "result"/,/^  "volatile"/p' "$1"; }

for case in metropolis sum direct evolve; do
  verb=run
  [ $case = evolve ] && verb=evolve
  for n in 1 2 3; do
    $run -n $n "$program" nqs $verb $case.json --threads 1 -q --force --seed 5 -o $case-$n.out </dev/null || { echo "FAILED: $case with $n processes does not run"; exit 1; }
    digits $case-$n.out >$case-$n.txt
    [ -s $case-$n.txt ] && cmp -s $case-1.txt $case-$n.txt || { echo "FAILED: $case with $n processes differs"; failed=1; }
  done
done
for n in 1 3; do
  $run -n $n "$program" nqs run metropolis.json --threads 1 -q --force --checkpoint ck-$n -o first.out </dev/null || { echo "FAILED: no checkpoint with $n processes"; exit 1; }
done
cmp -s ck-1 ck-3 || { echo "FAILED: checkpoints differ"; failed=1; }
# half way by the clock is not reproducible, so go on from the complete state: only the measurement is done again
for n in 1 2; do
  $run -n $n "$program" nqs run metropolis.json --threads 1 -q --force --resume ck-3 -o resumed-$n.out </dev/null || { echo "FAILED: resume with $n processes"; exit 1; }
  digits resumed-$n.out >resumed-$n.txt
done
cmp -s resumed-1.txt resumed-2.txt || { echo "FAILED: resumed runs differ"; failed=1; }
# chains, profiles, bootstraps and replicas of the holographic side
cp "$here"/../cli/base/config.json "$here"/../cli/base/data.json .
"$program" train config.json -q -o fit.json || { echo "FAILED: no fit"; exit 1; }
infer="infer fit.json --chains 3 --draws 60 --warmup 60 --starts 1 --bands 0 --set infer.bootstrap=5 --set infer.profile=0 --set infer.sensitivity=false --set infer.refit=false"
study="study fit.json -n 5"
for case in infer study; do
  eval "words=\$$case"
  for n in 1 2; do
    # shellcheck disable=SC2086
    $run -n $n "$program" $words --threads 1 -q --force -o $case-$n.out </dev/null || { echo "FAILED: $case with $n processes does not run"; exit 1; }
    digits $case-$n.out >$case-$n.txt
    [ -s $case-$n.txt ] && cmp -s $case-1.txt $case-$n.txt || { echo "FAILED: $case with $n processes differs"; failed=1; }
  done
done
[ $failed = 0 ] && echo "same digits with 1, 2 and 3 processes"
exit $failed
