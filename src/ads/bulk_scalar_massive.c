/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar field of bulk_scalar_phi4.c with the mass as a coupling that may be trained (1802.08313 experiment 2):
 *   phi' = pi,   pi' = -h pi + m2 phi + lambda phi^3,   kappa = (m2, lambda). */
#include <math.h>
#include <string.h>
#include "ads/bulk.h"

typedef struct massive_opts {
  double d, m2, lambda;
} massive_opts;

static const com_field fields[] = {{.key = "d",
                                    .doc = "dimension of the boundary theory",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(massive_opts, d),
                                    .def = 4,
                                    .lo = 1,
                                    .hi = 20},
                                   {.key = "m2",
                                    .doc = "mass squared of the field; drawn at random when absent",
                                    .unit = "1/L^2",
                                    .type = COM_F_REAL,
                                    .off = offsetof(massive_opts, m2),
                                    .def = NAN},
                                   {.key = "lambda",
                                    .doc = "quartic coupling; drawn at random when absent",
                                    .unit = "1/L",
                                    .type = COM_F_REAL,
                                    .off = offsetof(massive_opts, lambda),
                                    .def = NAN},
                                   {0}};

/* Starts of the experiment: m2 ~ N(2,1), lambda ~ N(1,1). */
static const ads_trainable kappa_rows[] = {
    {"m2", offsetof(massive_opts, m2), ADS_DRAW_NORMAL, 2, 1, 0, -100, 1000},
    {"lambda", offsetof(massive_opts, lambda), ADS_DRAW_NORMAL, 1, 1, 0, -1e3, 1e3},
    {0}};

static double dimension(const void *o) { return ((const massive_opts *)o)->d; }
/* What the dictionary is checked against before training; the running value is kappa's. */
static double mass2(const void *o) {
  const double m2 = ((const massive_opts *)o)->m2;
  return isnan(m2) ? kappa_rows[0].a : m2;
}

static int rhs(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               double *f) {
  (void)o, (void)eta;
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    f[i] = y[n + i];
    f[n + i] = -h * y[n + i] + (kappa[0] + kappa[1] * y[i] * y[i]) * y[i];
    bad |= !isfinite(f[i]) || !isfinite(f[n + i]);
  }
  return bad;
}

static int vjp(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               const double *lam, double *lam_fy, double *lam_fh, double *lam_fk) {
  (void)o, (void)eta;
  for (size_t i = 0; i < n; i++) {
    const double l = lam[n + i], phi = y[i];
    if (lam_fy) lam_fy[i] = (kappa[0] + 3 * kappa[1] * phi * phi) * l, lam_fy[n + i] = lam[i] - h * l;
    if (lam_fh) lam_fh[i] = -y[n + i] * l;
    if (lam_fk) lam_fk[i] = phi * l, lam_fk[n + i] = phi * phi * phi * l;
  }
  return 0;
}

static int ir(const void *o, const double *kappa, int horizon, double eta, double h, size_t n,
              const double *y, double *res, double *d_dy, double *d_dk, double *d_dh) {
  (void)o, (void)h;
  const double on = horizon ? 1 : 0, slope = horizon ? 2 / eta : 1;
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    const double phi = y[i], phi3 = phi * phi * phi;
    res[i] = slope * y[n + i] - on * (kappa[0] * phi + kappa[1] * phi3);
    if (d_dy) d_dy[i] = -on * (kappa[0] + 3 * kappa[1] * phi * phi), d_dy[n + i] = slope;
    if (d_dk) d_dk[i] = -on * phi, d_dk[n + i] = -on * phi3;
    bad |= !isfinite(res[i]);
  }
  if (d_dh) memset(d_dh, 0, n * sizeof *d_dh);
  return bad;
}

static void cubic(const void *o, const double *kappa, double c[3], double *dc) {
  (void)o;
  c[0] = -1, c[1] = kappa[0], c[2] = kappa[1];
  memset(dc, 0, 6 * sizeof *dc);
  dc[2] = 1, dc[5] = 1;
}

const ads_bulk_ops ads_bulk_scalar_massive = {
    .c = {.name = "scalar_massive",
          .doc = "scalar field with quartic potential, mass and coupling both trainable",
          .ref = "arXiv:1802.08313 section IV",
          .fields = fields,
          .opt_size = sizeof(massive_opts)},
    .dim = 2,
    .n_kappa = 2,
    .kappa = kappa_rows,
    .d = dimension,
    .m2 = mass2,
    .rhs = rhs,
    .vjp = vjp,
    .ir = ir,
    .cubic = cubic};
