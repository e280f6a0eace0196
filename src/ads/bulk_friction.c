/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A particle in a known potential with unknown time-dependent friction, the AdS/DL problem without gravity:
 *     mass x'' = h(t) x' - k x - g x^3,   state (x, x'), time in the place of eta; h < 0 damps.
 * The harmonic potential (g = 0) leaves the map linear: then the stop set x'(T) = 0 is one straight line, one number. */
#include <math.h>
#include <string.h>
#include "ads/bulk.h"

typedef struct friction_opts {
  int potential;
  double mass, k, g;
} friction_opts;
enum { HARMONIC, QUARTIC };
static const char *const potentials[] = {"harmonic", "quartic", NULL};

static const com_field fields[] = {{.key = "potential",
                                    .doc = "known force: -k x, or -k x - g x^3",
                                    .type = COM_F_ENUM,
                                    .off = offsetof(friction_opts, potential),
                                    .aux = potentials,
                                    .sdef = "quartic"},
                                   {.key = "mass",
                                    .doc = "mass of the particle",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(friction_opts, mass),
                                    .def = 1,
                                    .lo = 0,
                                    .hi = 1e6,
                                    .flags = COM_FF_LO_OPEN},
                                   {.key = "k",
                                    .doc = "linear stiffness",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(friction_opts, k),
                                    .def = 1},
                                   {.key = "g",
                                    .doc = "cubic stiffness (quartic potential only)",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(friction_opts, g),
                                    .def = 1},
                                   {0}};

typedef struct force {
  double h, p, p3;
} force;
static force force_of(const void *opts) {
  const friction_opts *o = opts;
  return (force){1 / o->mass, -o->k / o->mass, o->potential == QUARTIC ? -o->g / o->mass : 0};
}

static double dimension(const void *o) {
  (void)o;
  return 0; /* without damping before the start: h -> 0 */
}

static int rhs(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               double *f) {
  (void)kappa, (void)eta;
  const force c = force_of(o);
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    f[i] = y[n + i];
    f[n + i] = c.h * h * y[n + i] + (c.p + c.p3 * y[i] * y[i]) * y[i];
    bad |= !isfinite(f[i]) || !isfinite(f[n + i]);
  }
  return bad;
}

static int vjp(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               const double *lam, double *lam_fy, double *lam_fh, double *lam_fk) {
  (void)kappa, (void)eta, (void)lam_fk;
  const force c = force_of(o);
  for (size_t i = 0; i < n; i++) {
    const double l = lam[n + i];
    if (lam_fy) lam_fy[i] = (c.p + 3 * c.p3 * y[i] * y[i]) * l, lam_fy[n + i] = lam[i] + c.h * h * l;
    if (lam_fh) lam_fh[i] = c.h * y[n + i] * l;
  }
  return 0;
}

/* The particle stops: F = x'(T), with either form of the end condition. */
static int ir(const void *o, const double *kappa, int horizon, double eta, double h, size_t n,
              const double *y, double *res, double *d_dy, double *d_dk, double *d_dh) {
  (void)o, (void)kappa, (void)horizon, (void)eta, (void)h, (void)d_dk;
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    res[i] = y[n + i];
    if (d_dy) d_dy[i] = 0, d_dy[n + i] = 1;
    bad |= !isfinite(res[i]);
  }
  if (d_dh) memset(d_dh, 0, n * sizeof *d_dh);
  return bad;
}

static void cubic(const void *o, const double *kappa, double c[3], double *dc) {
  (void)kappa, (void)dc;
  const force f = force_of(o);
  c[0] = f.h, c[1] = f.p, c[2] = f.p3;
}

static const ads_trainable none[] = {{0}};

const ads_bulk_ops ads_bulk_friction = {
    .c = {.name = "friction",
          .doc = "particle with unknown time-dependent friction in a known potential",
          .ref = "arXiv:1802.08313 (mechanical analogue)",
          .fields = fields,
          .opt_size = sizeof(friction_opts)},
    .dim = 2,
    .n_kappa = 0,
    .kappa = none,
    .d = dimension,
    .rhs = rhs,
    .vjp = vjp,
    .ir = ir,
    .cubic = cubic};
