/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data are the initial state itself: (phi, pi) = (source, response) at eta_uv, or the other way round ("pi_phi").  For the
 * mechanical toy (position, velocity) and for on-shell pairs of the AdS-Schwarzschild test, where pi(phi) folds and phi is the
 * response in which the curve is single-valued. */
#include <string.h>
#include "ads/dictionary.h"

typedef struct state_opts {
  int order;
} state_opts;
static const char *const orders[] = {"phi_pi", "pi_phi", NULL};
static const com_field fields[] = {{.key = "order",
                                    .doc = "what source and response are",
                                    .type = COM_F_ENUM,
                                    .off = offsetof(state_opts, order),
                                    .aux = orders,
                                    .sdef = "phi_pi"},
                                   {0}};
static int swapped(const void *o) { return ((const state_opts *)o)->order; }

static int uv(const void *o, const double *par, const ads_uv *at, size_t n, const double *s, const double *r,
              double *y0) {
  (void)par, (void)at;
  memcpy(y0, swapped(o) ? r : s, n * sizeof *s);
  memcpy(y0 + n, swapped(o) ? s : r, n * sizeof *r);
  return 0;
}

static int uv_jac(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                  const double *r, double *ds, double *dr, double *dpar, double *dlambda, double *dhuv) {
  (void)par, (void)at, (void)s, (void)r, (void)dpar;
  const double first = swapped(o) ? 0 : 1;
  for (size_t i = 0; i < n; i++) {
    if (ds) ds[i] = first, ds[n + i] = 1 - first;
    if (dr) dr[i] = 1 - first, dr[n + i] = first;
  }
  if (dlambda) memset(dlambda, 0, 2 * n * sizeof *dlambda);
  if (dhuv) memset(dhuv, 0, 2 * n * sizeof *dhuv);
  return 0;
}

const ads_dictionary_ops ads_dictionary_state = {
    .c = {.name = "state",
          .doc = "the data are (phi, pi) at eta_uv, or position and velocity",
          .ref = "arXiv:1802.08313",
          .fields = fields,
          .opt_size = sizeof(state_opts)},
    .uv = uv,
    .uv_jac = uv_jac};
