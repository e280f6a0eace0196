#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deb.sh VERSION OUT  Debian source and binary packages of the tracked files, into OUT.
set -eu
version=$1 out=$2
for tool in dpkg-buildpackage dh git; do
  command -v $tool >/dev/null || { echo "make deb: $tool is missing: apt-get install build-essential debhelper git" >&2; exit 1; }
done
case $(sed -n '1s/^holograd (\([^-]*\)-.*/\1/p' debian/changelog) in "$version") ;; *)
  echo "make deb: debian/changelog is not about version $version: add an entry" >&2
  exit 1 ;;
esac
rm -rf "$out"
mkdir -p "$out/holograd-$version"
git ls-files | tar -cf - -T - | tar -xf - -C "$out/holograd-$version"
cd "$out"
tar --exclude=debian --sort=name --owner=0 --group=0 -czf "holograd_$version.orig.tar.gz" "holograd-$version"
cd "holograd-$version"
# Not the commit of a repository that happens to lie around it.
GIT_CEILING_DIRECTORIES=$(cd .. && pwd) dpkg-buildpackage -us -uc "-j$(nproc)" ${DEB_FLAGS:-}
