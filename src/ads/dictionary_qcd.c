/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quark mass and chiral condensate, arXiv:1809.10536 section III (d = 4, Delta = 3, L = 1 in the bulk, e = eta_uv):
 *   alpha = sqrt(Nc)/(2 pi) m_q L,   beta = pi/sqrt(Nc) <qbar q> L^3,
 *   phi =  alpha e^-e + beta e^-3e - (lambda alpha^3/2) e e^-3e,
 *   pi  = -alpha e^-e - (3 beta + lambda alpha^3/2) e^-3e + (3 lambda alpha^3/2) e e^-3e  (= dphi/de).
 * The condensate is taken positive. */
#include <math.h>
#include <stddef.h>
#include "ads/dictionary.h"

typedef struct options {
  int Nc;
  double L;
} options;

static const com_field fields[] = {
    {"Nc", "number of colours", "1", COM_F_INT, offsetof(options, Nc), 3, 1, 1000, NULL, NULL, 0},
    {"L", "AdS radius; drawn at random when absent", "GeV^-1", COM_F_REAL, offsetof(options, L), NAN, 0,
     INFINITY, NULL, NULL, COM_FF_LO_OPEN | COM_FF_HI_OPEN},
    {0}};

static const ads_trainable par_rows[] = {{"L", offsetof(options, L), ADS_DRAW_LOGUNIFORM, 2, 3, 1, 0.05, 50},
                                         {0}};

/* Coefficients of the map at one (Nc, L, eta): alpha = ca s, beta = cb r; x1, x3 the two falloffs. */
typedef struct map {
  double ca, cb, x1, x3, e;
} map;

static const double pi_ = 3.14159265358979323846;

static map map_at(const void *opts, double L, double eta) {
  double root = sqrt((double)((const options *)opts)->Nc);
  return (map){root / (2 * pi_) * L, pi_ / root * L * L * L, exp(-eta), exp(-3 * eta), eta};
}

static int uv(const void *o, const double *par, const ads_uv *at, size_t n, const double *s, const double *r,
              double *y0) {
  map m = map_at(o, par[0], at->eta_uv);
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    double alpha = m.ca * s[i], beta = m.cb * r[i], c = 0.5 * at->lambda * alpha * alpha * alpha;
    y0[i] = alpha * m.x1 + (beta - c * m.e) * m.x3;
    y0[n + i] = -alpha * m.x1 - (3 * beta + c - 3 * c * m.e) * m.x3;
    bad |= !isfinite(y0[i]) || !isfinite(y0[n + i]);
  }
  return bad;
}

/* d(phi, pi) = da (d/dalpha) + db (d/dbeta) + dc (d/dc) with c = lambda alpha^3/2 held as its own variable. */
static void push(const map *m, double da, double db, double dc, size_t n, size_t i, double *out) {
  out[i] = da * m->x1 + (db - dc * m->e) * m->x3;
  out[n + i] = -da * m->x1 - (3 * db + dc - 3 * dc * m->e) * m->x3;
}

static int uv_jac(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                  const double *r, double *ds, double *dr, double *dpar, double *dlambda, double *dhuv) {
  map m = map_at(o, par[0], at->eta_uv);
  for (size_t i = 0; i < n; i++) {
    double alpha = m.ca * s[i], beta = m.cb * r[i], a3 = alpha * alpha * alpha;
    double dc_dalpha = 1.5 * at->lambda * alpha * alpha;
    if (ds) push(&m, m.ca, 0, dc_dalpha * m.ca, n, i, ds);
    if (dr) push(&m, 0, m.cb, 0, n, i, dr);
    if (dpar) push(&m, alpha / par[0], 3 * beta / par[0], dc_dalpha * alpha / par[0], n, i, dpar);
    if (dlambda) push(&m, 0, 0, 0.5 * a3, n, i, dlambda);
    if (dhuv) dhuv[i] = dhuv[n + i] = 0;
  }
  return 0;
}

static com_status check(com_ctx *ctx, const void *o, double d, double m2) {
  (void)o;
  COM_CHECK(ctx, d == 4 && m2 == -3, COM_E_CONFIG,
            "dictionary.type = \"qcd\": holds for a bulk field of d = 4, m2 = -3 only (here %g, %g); use "
            "another dictionary",
            d, m2);
  return COM_OK;
}

const ads_dictionary_ops ads_dictionary_qcd = {.c = {.name = "qcd",
                                                     .doc = "quark mass and chiral condensate of QCD",
                                                     .ref = "arXiv:1809.10536 section III",
                                                     .fields = fields,
                                                     .opt_size = sizeof(options)},
                                               .n_par = 1,
                                               .par = par_rows,
                                               .source_unit = "GeV",
                                               .response_unit = "GeV^3",
                                               .check = check,
                                               .uv = uv,
                                               .uv_jac = uv_jac,
                                               .at_boundary = 1};
