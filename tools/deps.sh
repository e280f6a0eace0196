#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Install what holograd needs to build and to test itself, and nothing else.  Does nothing when all is there.
set -eu
packages="gcc libc6-dev make pkg-config libsundials-dev libgsl-dev libopenblas-dev libcjson-dev check"

# Ask for the things themselves, so that other distributions and hand-built libraries count, too.
complete() {
  command -v "${CC:-cc}" >/dev/null && command -v make >/dev/null && command -v pkg-config >/dev/null &&
    pkg-config --exists gsl libcjson openblas check &&
    printf '#include <math.h>\n#include <cvodes/cvodes.h>\n' | "${CC:-cc}" ${CPPFLAGS:-} -fsyntax-only -x c - 2>/dev/null
}
complete && exit 0

missing=
for p in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $p"
done
fail() {
  echo "make deps: $1" >&2
  exit 1
}
command -v apt-get >/dev/null ||
  fail "no apt-get here; install the equivalents of: $packages"
[ -n "$missing" ] || missing=" $packages" # all installed and yet not complete: a broken installation
root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || fail "not root and no sudo; as root run: apt-get install$missing"
  root=sudo
fi
echo "make deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$root apt-get -q update || fail "apt-get update failed; check the network, then run: apt-get install$missing"
# shellcheck disable=SC2086
$root apt-get -q -y --no-install-recommends install $missing ||
  fail "apt-get failed; run by hand: apt-get install$missing"
complete || fail "installed, yet something is still missing; try: pkg-config --print-errors --exists gsl libcjson openblas check"
