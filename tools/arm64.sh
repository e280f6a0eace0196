#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# arm64.sh ROOT  The arm64 libraries of this Debian that holograd and its tests need, unpacked in ROOT; nothing is installed,
# and apt keeps the lists of that architecture in ROOT, too.  Does nothing when they are there.
set -eu
root=$1
[ -e "$root/complete" ] && exit 0
for tool in aarch64-linux-gnu-gcc qemu-aarch64-static; do
  command -v $tool >/dev/null || { echo "make check-arm64: no $tool (apt-get install gcc-aarch64-linux-gnu qemu-user-static)" >&2; exit 1; }
done
mkdir -p "$root/apt/lists/partial" "$root/apt/cache/archives/partial"
root=$(cd "$root" && pwd)
: >"$root/apt/status"
cat >"$root/apt/conf" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
Dir::State "$root/apt";
Dir::State::status "$root/apt/status";
Dir::Cache "$root/apt/cache";
Debug::NoLocking "true";
END
export APT_CONFIG="$root/apt/conf"
apt-get -qq update
apt-get -qq -y --download-only install libc6-dev libsundials-dev libgsl-dev libopenblas-dev libcjson-dev check
for deb in "$root"/apt/cache/archives/*.deb; do dpkg -x "$deb" "$root"; done
# Absolute links would lead out of ROOT.
find "$root" -type l -lname '/*' | while read -r link; do ln -sfn "$root$(readlink "$link")" "$link"; done
rm -rf "$root/apt"
: >"$root/complete"
