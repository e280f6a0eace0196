#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fault.sh [quick]  Everything that can go wrong around a run: memory, disk, signals, concurrent runs, hostile numbers, files
# of other versions or that are no files.  Prints the table of docs/reliability.md; what is bad is said before it.
# `quick` takes a sample of each.  The last line is "N passed, N failed", counted in faults.
# FAULT_LIB is tests/fault/inject.c as a library for LD_PRELOAD, FAULT_API the program of tests/fault/library.c.
# FAULT_TIMEOUT: seconds after which a run hangs (default: 60).
# FAULT_SKIP: rows of the first part that are left out, a pattern for "FAULT RUN": the long form takes hours, and parts of
# it can run side by side.
set -u
quick=${1:-}
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
H=${HOLOGRAD:-$root/build/holograd}
case $H in /*) ;; *) H=$(pwd)/$H ;; esac
export OPENBLAS_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
table=$work/table
(cd "$here/../cli/base" && "$H" train config.json --restarts 1 --set optimizer.max_iter=3 --threads 1 -q -o "$work/result.json" >/dev/null 2>&1) # 1: no good fit
: >"$table"
passed=0
failed=0
# sample FULL QUICK
sample() { [ "$quick" ] && echo "$2" || echo "$1"; }
# fresh: an empty folder with the tests' bases
fresh() {
  rm -rf "$work/dir" && mkdir "$work/dir" && cd "$work/dir" || exit 1
  cp "$here"/../cli/base/* .
  seq 30 | sed 's/.*/&,&,1/; 1s/.*/s,r,e/' >small.csv
  cp "$work/result.json" .
}
# row FAULT RUN TRIED BAD WHAT
row() {
  echo "| $1 | $2 | $3 | $4 | $5 |" >>"$table"
  passed=$((passed + $3 - $4))
  failed=$((failed + $4))
}
# inject FAULT STRIDE RUN ARGUMENT...: the faults of inject.c in the program, one after the other; with RUN "library ..." in FAULT_API
inject() {
  fault=$1 stride=$2 run=$3
  shift 3
  [ -z "${FAULT_SKIP:-}" ] || ! echo "$fault $run" | grep -qE "$FAULT_SKIP" || return 0
  fresh
  out=out.json
  program=$H
  case $run in plot) out=out.svg ;; report) out=out.html ;; library*) program=$FAULT_API ;; esac
  "$program" "$@" --threads 1 -q -o "reference.$out" >/dev/null 2>&1 </dev/null
  timeout 3000 env FAULT="$fault" FAULT_STRIDE="$stride" FAULT_OUT=$out FAULT_REF="reference.$out" FAULT_NAME="$run" LD_PRELOAD="$FAULT_LIB" \
    "$program" "$@" --threads 1 -q -o $out >"$work/log" 2>&1 </dev/null
  grep BAD "$work/log"
  line=$(tail -n 1 "$work/log")
  tried=$(echo "$line" | sed -n 's/.*: \([0-9]*\) faults:.*/\1/p') bad=$(echo "$line" | sed -n 's/.* \([0-9]*\) bad$/\1/p')
  left=$(find . -name '.holograd*' | wc -l) # no half-written file stays, but where it was killed
  [ "$fault" = kill ] || bad=$((${bad:-1} + left))
  what=$(echo "$line" | sed 's/.*faults: *//; s/, [0-9]* bad$//')
  [ "$stride" = 1 ] || what="every $stride. call; $what"
  row "$fault" "$run" "${tried:-1}" "${bad:-1}" "$what"
}
fit="train config.json --restarts 1 --set optimizer.max_iter=3"
vmc="nqs run nqs.json --set sampler.sweeps=8 --iterations 2 --set measure.sweeps=20"
evolve="nqs evolve nqs.json --set sampler.sweeps=8 --set iterations=2 --set evolve.time=0.02 --set evolve.points=2"
post="infer config.json --starts 1 --chains 1 --draws 60 --warmup 20 --set infer.bands=0 --set infer.bootstrap=0 --set infer.profile=0"
post="$post --set infer.sensitivity=false --set infer.refit=false"
both="compare config.json --set compare.repeats=1 --set restarts=1 --set optimizer.max_iter=3"
csv="import small.csv --source s:1 --response r:1 --error e"

# ---- memory: one allocation fails; that one and all later ones fail ----
for fault in alloc alloc-from; do
  inject $fault "$(sample 1 13)" import $csv
  inject $fault "$(sample 1 97)" evaluate evaluate config.json --jacobian
  inject $fault "$(sample 1 97)" potential potential black.json
  inject $fault "$(sample 1 61)" background background black.json
  inject $fault "$(sample 23 1499)" train $fit
  inject $fault "$(sample 1 151)" compare $both --set 'flows=[{"type":"resnet","n_layers":15},{"type":"rk","n_steps":10}]'
  inject $fault "$(sample 1 97)" generate generate config.json
  inject $fault "$(sample 3 997)" spectrum spectrum "$root/examples/13_soft_wall/soft_wall.json"
  inject $fault "$(sample 101 9973)" infer $post
  inject $fault "$(sample 1 31)" dbm dbm "$root/examples/53_bulk_dbm/ads2.json" --layers 4 --draws 20
  inject $fault "$(sample 1 151)" "nqs run" $vmc
  inject $fault "$(sample 31 1499)" "nqs evolve" $evolve
  inject $fault "$(sample 1 31)" "nqs exact" nqs exact nqs.json
  inject $fault "$(sample 5 997)" "nqs response" nqs response "$root/examples/50_boundary_ising/boundary.json" --method exact
  inject $fault "$(sample 1 31)" "nqs dbm" nqs dbm "$root/examples/51_exact_dbm/dbm.json" --set steps=4 --set sweeps=40
  inject $fault "$(sample 1 61)" "nqs path" nqs path "$root/examples/52_path_integral/path.json" --set path.steps=[0.2,0.4] --set path.draws=100
  inject $fault "$(sample 1 97)" diff diff data.json data.json
  inject $fault "$(sample 1 31)" plot plot data.json
  inject $fault "$(sample 1 97)" report report result.json
  inject $fault "$(sample 97 4999)" "library train" train result.json
  inject $fault "$(sample 97 4999)" "library trainer, fit" objects result.json
  inject $fault "$(sample 1 97)" "library potential" potential black.json
  inject $fault "$(sample 1 97)" "library nqs" state nqs.json
done
# ---- disk: each open, write, fsync, link, rename of an output fails; reads fail; short and interrupted calls ----
for fault in disk read eintr; do
  inject $fault 1 import $csv
  inject $fault 1 train $fit
  inject $fault 1 "nqs run" $vmc
  inject $fault 1 potential potential black.json
done
# ---- signals at every n-th allocation: anywhere between the first line of main and the last ----
for fault in int term kill; do
  inject $fault "$(sample 101 1499)" train $fit --checkpoint ck.json
  inject $fault "$(sample 7 331)" "nqs run" $vmc --checkpoint ck.json
  inject $fault "$(sample 7 331)" import $csv
done

# try RUN CODES COMMAND...: one run; its exit code is one of these, a failure is one line, no crash, no hang
tried=0
bad=0
try() {
  codes=$1
  shift
  tried=$((tried + 1))
  timeout "${FAULT_TIMEOUT:-60}" "$@" >out 2>err </dev/null
  code=$?
  why=
  case " $codes " in *" $code "*) ;; *) why="exit code $code, want $codes" ;; esac
  [ $code -lt 2 ] || [ "$(wc -l <err) $(grep -c '^holograd: error: ' err)" = "1 1" ] || why="$why; not one error line"
  [ -z "$why" ] && return
  bad=$((bad + 1))
  echo "  BAD: $*: $why: $(head -n 1 err | cut -c1-200)"
}
# done_with FAULT RUN WHAT: a row from the tries since the last one
done_with() {
  row "$1" "$2" "$tried" "$bad" "$3"
  tried=0
  bad=0
}

# ---- signals at random moments of a long training ----
fresh
long="train config.json -q --restarts 5000 --set flow.rel_tol=1e-10 --checkpoint ck.json -o out.json --force"
n=$(sample 200 12)
for signal in INT TERM KILL; do
  for i in $(seq $((n / 3))); do
    rm -f ck.json out.json
    "$H" $long >out 2>err &
    pid=$!
    sleep "$(awk -v s="$i$signal" 'BEGIN { srand(length(s) + s * 7919); print rand() * 0.6 }')"
    # What a shell starts with & ignores Ctrl-C until it asks for it; before that the signal would be lost, and the run endless.
    while [ $signal = INT ] && grep -q '^SigIgn:.*[2367abef]$' "/proc/$pid/status" 2>/dev/null; do sleep 0.01; done
    kill -s $signal $pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    tried=$((tried + 1))
    why=
    case $signal$code in
    INT130 | TERM130) [ "$(wc -l <err)" -le 1 ] || why="not one line" ;;
    TERM143 | KILL137) ;; # before main; killed
    *) why="exit code $code" ;;
    esac
    [ ! -e out.json ] || why="$why; an output"
    if [ -e ck.json ]; then
      "$H" $long --resume ck.json --max-time 0.01 >out 2>err || [ $? = 1 ] || why="$why; the checkpoint does not resume: $(cat err)"
    fi
    [ -z "$why" ] || { bad=$((bad + 1)) && echo "  BAD: SIG$signal number $i: $why"; }
  done
done
done_with "signal at a random moment" train "130 or killed; no output; every checkpoint resumes"

# ---- full disks ----
fresh
try 74 "$H" $csv -q -o /dev/full --force
sh -c "\"$H\" schema train >/dev/full" 2>err </dev/null
code=$?
tried=$((tried + 1))
[ $code = 74 ] || { bad=$((bad + 1)) && echo "  BAD: /dev/full as standard output: exit code $code"; }
for blocks in 1 2 4 8; do # of 512 bytes: the file would be larger
  try 74 sh -c "ulimit -f $blocks; exec \"\$@\"" sh "$H" train config.json -q --restarts 1 --set optimizer.max_iter=3 -o out.json
  [ ! -e out.json ] && [ -z "$(find . -name '.holograd*')" ] || { bad=$((bad + 1)) && echo "  BAD: ulimit -f $blocks leaves something behind"; }
done
if [ "$(id -u)" = 0 ] && mkdir full && mount -t tmpfs -o size=4k tmpfs full 2>/dev/null; then
  try "73 74" "$H" train config.json -q --restarts 1 --set optimizer.max_iter=3 -o full/out.json
  try "73 74" "$H" train config.json -q --restarts 1 --set optimizer.max_iter=3 -o out.json --checkpoint full/ck.json
  # the first checkpoint fits and stays; nothing else may
  [ "$(ls -A full)" = ck.json ] || [ -z "$(ls -A full)" ] || { bad=$((bad + 1)) && echo "  BAD: a full file system keeps $(ls -A full)"; }
  umount full
  what="/dev/full, ulimit -f, a tmpfs of 4 KiB"
else
  what="/dev/full, ulimit -f"
fi
done_with "full disk" "import, train" "$what: 73 or 74, nothing left"

# ---- limited memory ----
fresh
for mb in 60 120 200 400 800; do
  try "0 1 71 127" sh -c "ulimit -v $((mb * 1024)); exec \"\$@\"" sh "$H" nqs exact nqs.json -q -o out.json --force --set lattice.n=18 --set exact.tol=1e-6 --threads 1
done
done_with "address space of 60 to 800 MB" "nqs exact" "71 or done"

# ---- things that are no input files ----
fresh
mkdir folder && mkfifo pipe && ln -s loop loop && : >empty && head -c 100 config.json >cut.json && printf '\377\376' >binary
for f in folder pipe loop /dev/zero /dev/null /dev/tty missing.json ""; do
  for command in train evaluate potential "nqs run" check plot; do try 66 "$H" $command "$f"; done
done
for f in empty cut.json binary; do
  for command in train evaluate potential "nqs run" check plot; do try 65 "$H" $command "$f"; done
done
[ "$(id -u)" != 0 ] && chmod 0 data.json && try 66 "$H" evaluate config.json
done_with "no regular file, empty, cut, not text" "six commands" "65 or 66"

# ---- files of other versions ----
fresh
for v in 0 2 99999999999999999999 -1 1x "" 1/2; do
  for pair in "train:config.json" "train:config.json" "potential:black.json" "nqs run:nqs.json" "check:data.json"; do
    f=${pair#*:}
    sed "s|\(\"schema\": *\"holograd/[a-z]*/\)1\"|\1$v\"|" "$f" >other.json
    try "65 78" "$H" ${pair%:*} other.json
    grep -q 'schema' err || { bad=$((bad + 1)) && echo "  BAD: version '$v' of $f: the message does not name the schema"; }
  done
done
done_with "schema of an older or newer version" "five kinds" "65 or 78, the line names it"

# ---- numbers at the ends of what a file can say ----
fresh
numbers="2147483647 2147483648 4294967296 9007199254740993 1e19 1e308 -1e308 1e-320 5e-324 -0.0 -1 0 1e400 null"
for value in $(sample "$numbers" "4294967296 1e308 5e-324 -0.0"); do
  for key in metric.n restarts seed bulk.d bulk.m2 bulk.lambda dictionary.L dictionary.Nc flow.rel_tol flow.abs_tol flow.eta_uv flow.eta_ir \
    optimizer.max_iter loss.noise 'dataset={"schema":"holograd/dataset/1","name":"x","kind":"response","source":{"name":"s","unit":"1","values":[V,1]},"response":{"name":"r","unit":"1","values":[1,V],"errors":[0.1,V]}}'; do
    case $key in *=*) set=$(echo "$key" | sed "s/V/$value/g") ;; *) set=$key=$value ;; esac
    try "0 1 64 65 70 71 78" "$H" train config.json -q --max-time 0.3 --threads 1 --set restarts=1 --set "$set" -o out.json --force
  done
  for key in lattice.n hamiltonian.J hamiltonian.h ansatz.alpha sampler.chains sampler.sweeps sampler.discard optimizer.rate optimizer.lambda0 iterations measure.sweeps measure.target_error; do
    try "0 1 64 65 70 71 78 130" "$H" nqs run nqs.json -q --max-time 0.3 --threads 1 --set iterations=1 --set measure.sweeps=20 --set "$key=$value" -o out.json --force
  done
  for key in r0 d L T potential.eta0 potential.sigma potential.kappa; do
    case $key in *eta0) v="[$value,1]" ;; *) v=$value ;; esac
    try "0 1 64 65 70 71 78" "$H" potential black.json -q --set "$key=$v" -o out.json --force
  done
done
done_with "hostile numbers: $(echo "$numbers" | wc -w) values x 34 keys" "train, nqs run, potential" "0, 1, 64, 65, 70, 71 or 78"

# ---- several runs at once ----
fresh
n=$(sample 16 6)
i=0
for i in $(seq "$n"); do
  ("$H" train config.json -q --restarts 1 --seed "$i" --threads 1 -o same.json 2>"err.$i"; echo $? >"code.$i") &
done
wait
won=$(cat code.* | grep -c '^[01]$') lost=$(cat code.* | grep -c '^73$')
tried=$((tried + n))
[ "$won" = 1 ] && [ "$lost" = $((n - 1)) ] && "$H" check same.json >/dev/null || { bad=$((bad + 1)) && echo "  BAD: $n runs, one output: $won wrote it, $lost were refused"; }
rm -f code.*
for i in $(seq "$n"); do
  ("$H" train config.json -q --restarts 1 --seed "$i" --threads 1 -o same.json --checkpoint same-ck.json --force 2>"err.$i"; echo $? >"code.$i") &
done
wait
tried=$((tried + n))
[ "$(cat code.* | grep -c '^[01]$')" = "$n" ] && "$H" check same.json >/dev/null && "$H" train config.json -q --restarts 1 --seed 1 --resume same-ck.json --max-time 0.01 -o r.json 2>/dev/null
[ $? -le 78 ] && [ -z "$(find . -name '.holograd*')" ] || { bad=$((bad + 1)) && echo "  BAD: $n runs, one output and checkpoint with --force"; }
done_with "concurrent runs, one output, one folder" train "one wins; with --force the last, whole"

echo "| fault | run | tried | bad | outcome |"
echo "|---|---|---|---|---|"
cat "$table"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
