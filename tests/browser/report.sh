#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# report.sh  Pages of `holograd report` in headless Chromium, at 360 and 1200 pixels, in light and dark: nothing scrolls
# sideways, every figure is there and its labels stay inside, text has contrast, nothing is loaded, the console is silent.
# Then every picture as a gnuplot script that gnuplot runs without a word, and as a PNG.
# The pages stay in $BUILD/browser, with SHOTS=1 as
# pictures, too.  The last line is "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
H=${HOLOGRAD:-$root/build/holograd}
out=${BUILD:-$root/build}/browser
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
  echo "report.sh: no Chromium (apt-get install chromium)" >&2
  exit 1
}
rm -rf "$out"
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)
cp "$here/harness.html" "$out"
passed=0
failed=0

# Results of every kind, as small as they can be.
make_results() {
  cd "$out" || exit 1
  "$H" train "$root/examples/02_qcd_condensate/config.json" -q --set restarts=2 -o train.json &&
    "$H" compare "$root/examples/26_compare_flows/config.json" -q --set restarts=1 -o compare.json &&
    "$H" background train.json -q --closure einstein -o background.json &&
    "$H" potential train.json -q --closure string --lattice "$root/data/lattice_F1_singlet/data.json" \
      --calibrate lattice --shift plateau -o potential.json &&
    "$H" spectrum "$root/examples/13_soft_wall/soft_wall.json" -q -o spectrum.json &&
    "$H" evaluate train.json -q -o evaluation.json &&
    "$H" infer train.json -q --chains 2 --draws 100 --warmup 100 --starts 1 --bands 10 --set infer.bootstrap=6 --set infer.profile=3 --set infer.refit=false -o inference.json &&
    "$H" nqs run "$root/examples/30_nqs_ground/config.json" -q --iterations 20 -o nqs.json &&
    "$H" nqs evolve "$root/examples/31_nqs_quench/config.json" -q --set iterations=5 --points 3 --time 0.1 -o evolve.json &&
    "$H" nqs exact "$root/examples/30_nqs_ground/config.json" -q --set lattice.n=8 --levels 8 --temperatures 0.1:4:20 \
      -o exact.json &&
    cp "$root/data/synthetic_dip/data.json" dataset.json &&
    # a hostile file: markup and long words wherever a user can write
    sed 's#"title": *"[^"]*"#"title": "<script>alert(1)</script><img src=x onerror=alert(1)> verylongwordwithoutanybreak_verylongwordwithoutanybreak_verylongword"#' \
      dataset.json >hostile.json
}

chromium() {
  timeout 300 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
    --allow-file-access-from-files --enable-logging=stderr --user-data-dir="$out/profile" "$@"
}

# view NAME FIGURES: a page that `look` will open
pages=
view() {
  "$H" report "$out/$1.json" -q --force -o "$out/$1.html" && pages="$pages $1 $2" || failed=$((failed + 1))
}

# look: all pages in light and in dark, one browser for each, since starting it is what takes long
look() {
  # shellcheck disable=SC2086 # names and numbers
  words=$(printf "file://$out/%s.html%%20%s%%20" $pages)
  for scheme in light dark; do
    settings=
    [ $scheme = light ] || settings=--blink-settings=preferredColorScheme=0
    chromium $settings --virtual-time-budget=60000 --dump-dom --window-size=1300,1000 \
      "file://$out/harness.html#${words%\%20}" >"$out/dom" 2>"$out/log"
    # shellcheck disable=SC2086
    set -- $pages
    while [ $# -gt 0 ]; do
      said=$(sed -n "s|.*file://$out/$1\.html \(.*\)|\1|p" "$out/dom")
      [ "$said" = PASSED ]
      verdict "$1, $scheme: ${said:-no answer}" $?
      [ -z "${SHOTS:-}" ] || for width in 360 1200; do
        chromium $settings --window-size=$width,4000 --screenshot="$out/$1-$width-$scheme.png" "file://$out/$1.html" \
          >/dev/null 2>&1
      done
      shift 2
    done
    ! grep -h 'CONSOLE' "$out/log" >"$out/console"
    verdict "the console, $scheme: $(head -n 3 "$out/console")" $?
  done
}

verdict() { # verdict NAME CODE: counts
  if [ "$2" = 0 ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $1"
  fi
}

# drawn NAME: through gnuplot and through rsvg-convert, where these are installed.
drawn() {
  if command -v gnuplot >/dev/null; then
    "$H" plot "$out/$1.json" -q --force -o "$out/$1.gp" &&
      gnuplot -e "$(sed -n 's/^# \(set terminal svg [^;]*\);.*/\1/p' "$out/$1.gp"); set output '$out/gnuplot.svg'" "$out/$1.gp" >"$out/log" 2>&1 &&
      [ ! -s "$out/log" ] && grep -q '</svg>' "$out/gnuplot.svg"
    verdict "$1 in gnuplot: $(head -n 1 "$out/log")" $?
  fi
  if command -v rsvg-convert >/dev/null; then
    "$H" plot "$out/$1.json" -q --force -o "$out/$1.png" && [ "$(head -c 4 "$out/$1.png" | tail -c 3)" = PNG ]
    verdict "$1 as PNG" $?
  fi
}

make_results || {
  echo "report.sh: a result could not be made" >&2
  exit 1
}
view train 4
view compare 4
view background 2
view potential 1
view spectrum 2
view evaluation 2
view inference 4
view nqs 2
view evolve 2
view exact 5
view dataset 1
view hostile 1
look
for name in train compare background potential spectrum evaluation inference nqs evolve exact dataset hostile; do
  drawn $name
done
rm -rf "$out/profile"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
