/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data are the initial state itself: phi = source, pi = response at eta_uv.  For the mechanical toy (position, velocity)
 * and for on-shell pairs (phi, pi) of the AdS-Schwarzschild test. */
#include <string.h>
#include "ads/dictionary.h"

static int uv(const void *o, const double *par, const ads_uv *at, size_t n, const double *s, const double *r,
              double *y0) {
  (void)o, (void)par, (void)at;
  memcpy(y0, s, n * sizeof *s);
  memcpy(y0 + n, r, n * sizeof *r);
  return 0;
}

static int uv_jac(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                  const double *r, double *ds, double *dr, double *dpar, double *dlambda, double *dhuv) {
  (void)o, (void)par, (void)at, (void)s, (void)r, (void)dpar;
  for (size_t i = 0; i < n; i++) {
    if (ds) ds[i] = 1, ds[n + i] = 0;
    if (dr) dr[i] = 0, dr[n + i] = 1;
  }
  if (dlambda) memset(dlambda, 0, 2 * n * sizeof *dlambda);
  if (dhuv) memset(dhuv, 0, 2 * n * sizeof *dhuv);
  return 0;
}

const ads_dictionary_ops ads_dictionary_state = {
    .c = {.name = "state",
          .doc = "the data are (phi, pi) at eta_uv, or position and velocity",
          .ref = "arXiv:1802.08313"},
    .uv = uv,
    .uv_jac = uv_jac};
