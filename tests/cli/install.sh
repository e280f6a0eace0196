#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install.sh  What `make install` puts down is complete: the program finds its data wherever the tree is moved to, a foreign
# C program builds and runs shared and static by the pkg-config file alone, Python drives the library through ctypes, nothing
# but public symbols is exported, and uninstall removes every file.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
passed=0
failed=0
check() {
  what=$1
  shift
  if "$@" >"$work/log" 2>&1; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $what"
    tail -n 5 "$work/log" | cut -c1-300
  fi
}
make() { command make -C "$root" BUILD="${BUILD:-build}" --no-print-directory "$@"; }
P=$work/opt
S="$work/a stage"
export PKG_CONFIG_PATH="$P/lib/pkgconfig" LD_LIBRARY_PATH="$P/lib"

check "make install" make install PREFIX="$P"
check "the installed program runs" "$P/bin/holograd" version
check "the data are there" test -f "$P/share/holograd/data/qcd_condensate_T207/data.json"
check "the man page is formatted" grep -q '^.SH EXIT STATUS' "$P/share/man/man1/holograd.1"
check "list finds the installed data" sh -c "cd / && '$P/bin/holograd' list datasets | grep -q qcd_condensate_T207"
check "an installed example runs from anywhere" \
  sh -c "cd / && '$P/bin/holograd' train '$P/share/holograd/examples/02_qcd_condensate/config.json' --restarts 1 -q -o '$work/r.json'"
for f in bash-completion/completions/holograd zsh/site-functions/_holograd fish/vendor_completions.d/holograd.fish \
  doc/holograd/README.md doc/holograd/docs/formats.md doc/holograd/examples/02_qcd_condensate/config.json man/man1/holograd.1; do
  check "share/$f" test -s "$P/share/$f"
done

# The libraries.
check "the soname" sh -c "readelf -d '$P/lib/libholograd.so' | grep -q 'SONAME.*\[libholograd\.so\.0\]'"
# Declarations may go over two lines.
cat "$P"/include/holograd/*.h | tr '\n' ' ' | grep -o 'HOLOGRAD_API [^(;]*(' | sed -n 's/.*[ *]\(holograd_[a-z_]*\)($/\1/p' |
  LC_ALL=C sort >"$work/declared"
for lib in "-D $P/lib/libholograd.so" "-g $P/lib/libholograd.a"; do
  # shellcheck disable=SC2086
  nm --defined-only $lib | awk 'NF == 3 {print $3}' | LC_ALL=C sort >"$work/exported"
  check "what the headers declare, and nothing else, in $lib" cmp "$work/declared" "$work/exported"
done
check "the headers declare functions" test "$(wc -l <"$work/declared")" -gt 40
for lang in "cc -std=c99 -Wall -Wextra -Wpedantic -Werror -x c" "c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -x c++"; do
  command -v "${lang%% *}" >/dev/null || continue
  for h in common ads nqs; do
    check "holograd/$h.h alone, ${lang%% *}" sh -c "echo '#include <holograd/$h.h>' | $lang -fsyntax-only -I'$P/include' -"
  done
done

# Foreign programs: those of the examples, copied out of the tree.
cp -r "$P/share/holograd/examples/61_c_library" "$P/share/holograd/examples/62_python" "$work"
config=$P/share/holograd/examples/02_qcd_condensate/config.json
check "a foreign program builds, shared and static" \
  command make -C "$work/61_c_library" CFLAGS="-O2 -Wall -Wextra -Werror ${FOREIGN_CFLAGS:-}"
check "it trains" sh -c "'$work/61_c_library/train' '$config' >'$work/shared'"
check "it finds what the program finds" grep -q 'chi2 73\.2' "$work/shared"
check "static: the same to the last digit, without the library" \
  sh -c "LD_LIBRARY_PATH= '$work/61_c_library/train-static' '$config' | cmp - '$work/shared'"
check "it passes an error on" sh -c "echo '{}' >'$work/e.json'; ! '$work/61_c_library/train' '$work/e.json' 2>'$work/err' &&
  grep -q 'e.json: schema: missing' '$work/err'"

python=
for p in python3 /usr/bin/python3; do "$p" -c 'import numpy' 2>/dev/null && python=$p && break; done
if [ -n "$python" ]; then
  check "Python drives the library" sh -c "cd '$work/62_python' && HOLOGRAD_LIBRARY='$P/lib/libholograd.so.0' '$python' train.py \
    '$P/share/holograd/data/qcd_condensate_T207/data.json' >'$work/python'"
  check "it finds what the program finds" grep -q 'stopped by .* chi2 73\.2' "$work/python"
  check "its gradient is right" "$python" -c "import json; assert json.load(open('$work/62_python/python.json'))['result']['worst_gradient_error'] < 1e-5"
  check "what it trains is what the program trains" "$python" "$root/tests/cli/python_api.py" "$work/62_python" "$P/bin/holograd" "$config"
else
  echo "SKIPPED: the Python example: no python3 with numpy (apt-get install python3-numpy)" >&2
fi

check "make uninstall" make uninstall PREFIX="$P"
check "nothing is left" test -z "$(find "$P" -type f -o -type l)"

# Staging, into a folder with a space; the tree runs from there.
check "make install DESTDIR" make install PREFIX=/usr LIBDIR=/usr/lib/triplet DESTDIR="$S"
check "the pkg-config file does not know the stage" sh -c "! grep -q '$work' '$S/usr/lib/triplet/pkgconfig/holograd.pc'"
check "it runs from the stage" sh -c "cd / && '$S/usr/bin/holograd' list datasets | grep -q qcd_condensate_T207"
check "HOLOGRAD_DATA_DIR wins" \
  sh -c "cd / && HOLOGRAD_DATA_DIR='$root/examples' '$S/usr/bin/holograd' list datasets | grep -c . | grep -qx 0"
check "make uninstall DESTDIR" make uninstall PREFIX=/usr LIBDIR=/usr/lib/triplet DESTDIR="$S"
check "nothing is left in the stage" test -z "$(find "$S" -type f -o -type l)"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
