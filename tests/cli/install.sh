#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install.sh  What `make install` puts down is complete: the program finds its data, a foreign program builds and links
# against headers, library and pkg-config file, and uninstall removes every file.
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
make() { command make -C "$root" BUILD="${BUILD:-build}" DESTDIR="$work/dest" PREFIX=/usr "$@"; }
cat >"$work/use.c" <<'C'
#include <holograd/ads.h>
#include <stdio.h>
int main(void) {
  com_ctx *c = NULL;
  if (com_ctx_create(NULL, &c)) return 1;
  puts(ads_metric_kind.all()[0]->name);
  com_ctx_destroy(c);
  return 0;
}
C
build_foreign() {
  # shellcheck disable=SC2046
  PKG_CONFIG_PATH=$work/dest/usr/lib/pkgconfig cc -std=c17 ${FOREIGN_CFLAGS:-} "$work/use.c" -o "$work/use" \
    $(PKG_CONFIG_PATH=$work/dest/usr/lib/pkgconfig pkg-config --define-variable=prefix="$work/dest/usr" --cflags --libs holograd)
}
check "make install" make install
check "the installed program runs" "$work/dest/usr/bin/holograd" version
check "the data are there" test -f "$work/dest/usr/share/holograd/data/qcd_condensate_T207/data.json"
check "the man page is formatted" grep -q '^.SH EXIT STATUS' "$work/dest/usr/share/man/man1/holograd.1"
check "a foreign program builds" build_foreign
check "a foreign program runs" "$work/use"
check "make uninstall" make uninstall
check "nothing is left" test -z "$(find "$work/dest" -type f)"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
