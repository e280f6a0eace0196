#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# newcomer.sh  The promise of the architecture: a new metric is one file and one line.  A copy of the tree gets both, and
# the metric must be listed, explained, in the schema, trainable, and its gradient right.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
build=${BUILD:-build}
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
mkdir "$work/tree"
cp -a "$root/src" "$root/include" "$root/Makefile" "$root/tools" "$work/tree"
mkdir "$work/tree/$build" && cp -a "$root/$build/src" "$root/$build/git.txt" "$work/tree/$build"
cp "$root"/tests/cli/base/* "$work"
cat >"$work/tree/src/ads/metric_demo.c" <<'C'
/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/metric.h"
/* h(eta) = theta_0/eta + theta_1 + theta_2 eta^2 */
static com_status n_params(com_ctx *c, void *o, size_t given, size_t *n) {
  (void)o;
  COM_CHECK(c, !given || given == 3, COM_E_CONFIG, "metric.theta has %zu entries: must have 3", given);
  *n = 3;
  return COM_OK;
}
static void eval(const void *o, const ads_span *s, const double *th, size_t n, const double *eta, double *h, double *dh) {
  (void)o, (void)s;
  for (size_t i = 0; i < n; i++) {
    h[i] = th[0] / eta[i] + th[1] + th[2] * eta[i] * eta[i];
    if (dh) dh[i] = -th[0] / (eta[i] * eta[i]) + 2 * th[2] * eta[i];
  }
}
static void vjp(const void *o, const ads_span *s, const double *th, size_t n, const double *eta, const double *w,
                const double *dw, double *g) {
  (void)o, (void)s, (void)th;
  for (size_t i = 0; i < n; i++) {
    const double a = w ? w[i] : 0, b = dw ? dw[i] : 0, e = eta[i];
    g[0] += a / e - b / (e * e);
    g[1] += a;
    g[2] += a * e * e + 2 * b * e;
  }
}
const ads_metric_ops ads_metric_demo = {.c = {.name = "demo", .doc = "three terms", .ref = "arXiv:1802.08313"},
                                        .n_params = n_params, .eval = eval, .vjp = vjp};
C
echo 'ADS_METRIC(demo)' >>"$work/tree/src/ads/metric_list.h"
H=$work/tree/$build/holograd
check "it builds without a warning" make -C "$work/tree" BUILD="$build" WERROR=1 all
check "list names it" sh -c "'$H' list metrics | grep -q '^  demo .*three terms'"
check "help explains it" sh -c "'$H' help metric demo | grep -q 1802.08313"
check "the schema has it" sh -c "'$H' schema train | grep -q '\"demo\"'"
check "completion has it" sh -c "'$H' completion fish | grep -q demo"
check "its gradient is right" "$H" gradcheck "$work/config.json" --set 'metric={"type":"demo","theta":[0.93,-0.41,2.3]}'
check "it trains" "$H" train "$work/config.json" --set 'metric={"type":"demo"}' -q -o "$work/r.json"
check "cite knows its paper" sh -c "'$H' cite '$work/r.json' | grep -q 1802.08313"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
