#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check-docs.sh  Links of all pages lead somewhere, headings included; every page is in the index; the messages that
# docs/troubleshooting.md explains are still in the source; docs/gallery.md is made of today's examples; CITATION.cff has
# what its format demands, and one version everywhere.
set -u
status=0
bad() {
  echo "docs: $*" >&2
  status=1
}
if command -v python3 >/dev/null; then
  python3 tools/gallery.py --print | cmp -s - docs/gallery.md || bad "docs/gallery.md is not what the examples say; run: make gallery-text"
fi
pages=$(git ls-files -co --exclude-standard -- '*.md')
# GitHub's anchors of a page.
anchors() {
  sed -n '/^```/,/^```/d; s/^##* *//p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}
for page in $pages; do
  dir=$(dirname "$page")
  sed '/^```/,/^```/d' "$page" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//' | sort -u | while read -r link; do
    case $link in http://* | https://* | mailto:*) continue ;; esac
    file=${link%%#*} anchor=
    case $link in *'#'*) anchor=${link#*#} ;; esac
    [ -n "$file" ] && target=$dir/$file || target=$page
    [ -e "$target" ] || { echo "docs: $page: link to $link leads nowhere" >&2; continue; }
    [ -z "$anchor" ] || anchors "$target" | grep -qx -- "$anchor" || echo "docs: $page: no heading for $link" >&2
  done
done 2>&1 | grep . && status=1
for page in docs/*.md; do
  [ "$page" = docs/README.md ] || grep -q "(${page#docs/})" docs/README.md || bad "$page is not in docs/README.md"
done
# String literals of the source, with what the preprocessor would join joined.
said=$(cat src/*/*.c Makefile | tr '\n' ' ' | sed 's/" *"//g; s/\\"/"/g')
sed -n 's/^### `\(.*\)`$/\1/p' docs/troubleshooting.md | while read -r message; do
  case $said in *"$message"*) ;; *) echo "docs: troubleshooting.md: the program does not say: $message" >&2 ;; esac
done 2>&1 | grep . && status=1
for key in cff-version message title authors version license; do
  grep -q "^$key:" CITATION.cff || bad "CITATION.cff: $key is missing"
done
version=$(sed -n 's/^VERSION := //p' Makefile)
grep -qx "version: $version" CITATION.cff || bad "CITATION.cff: version is not $version"
[ ! -f debian/changelog ] || head -n 1 debian/changelog | grep -q "($version-" || bad "debian/changelog: version is not $version"
exit $status
