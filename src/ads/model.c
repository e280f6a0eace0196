/* SPDX-License-Identifier: GPL-3.0-or-later */
/* F(s, r; p) = ir( flow( uv(s, r) ) ) and its chain rule, p = [theta | kappa | par]:
 *   lam1 = dF/dy1,  lam0 = lam1 dy1/dy0 (adjoint),
 *   dF/ds      = lam0 dy0/ds,  dF/dr likewise,  dF/dpar = lam0 dy0/dpar,
 *   dF/dtheta  = flow + (lam0 dy0/dh_uv) dh(eta_uv)/dtheta + dF/dh_ir dh(eta_ir)/dtheta,
 *   dF/dlambda = flow + lam0 dy0/dlambda + dF/dlambda at the horizon, dF/dm2 likewise. */
#include "ads/model.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FN = 16 };
static const size_t NONE = (size_t)-1;

struct ads_model {
  com_ctx *ctx;
  ads_flow_shared at;
  const ads_metric_shared *metric_shared;
  const ads_bulk_shared *bulk_shared;
  const ads_dictionary_shared *dict_shared;
  ads_metric metric;
  ads_bulk bulk;
  ads_dictionary dict;
  ads_flow *flow;
  size_t nt, nk, nd, np;
  size_t k_lambda, k_m2;       /* which kappa is the quartic coupling, the mass squared; NONE when none */
  double *row_uv, *row_ir, *g; /* [nt] dh/dtheta at the ends; [nt + nk] */
  /* the batch of the last run; arrays grow only */
  size_t n, room, jac_room;
  int bypass; /* started from (phi, pi): the dictionary plays no part */
  double *mem;
  double *y0, *y1, *F, *Fs, *Fr;       /* results */
  double *lam1, *lam0, *tmp;           /* [2][n] each */
  double *ds, *dr, *dlam, *dhuv, *dm2; /* [2][n]: derivatives of y0 */
  double *dpar;                        /* [nd][2][n] */
  double *dk, *dh;                     /* [nk][n], [n]: dF/dkappa, dF/dh_ir at the horizon */
  double *flowJ, *Fp;                  /* [n][nt + nk], [n][np] */
  unsigned char *frozen;
};

/* ---- life ---- */

static com_status span_of(ads_model *m, const ads_model_parts *parts) {
  com_ctx *c = m->ctx;
  COM_TRY(ads_bulk_bind(c, parts->bulk, &m->bulk));
  COM_CHECK(c, m->bulk.ops->dim == 2, COM_E_CONFIG,
            "bulk.type = \"%s\": has %zu components; a model needs (phi, pi)", m->bulk.ops->c.name,
            m->bulk.ops->dim);
  COM_CHECK(c, parts->flow->type, COM_E_CONFIG, "flow: missing; give one, e.g. {\"type\":\"cvodes\"}");
  m->at = *(const ads_flow_shared *)parts->flow->shared;
  ads_span span = {m->bulk.ops->d(m->bulk.opts), m->at.eta_uv, m->at.eta_ir};
  COM_TRY(ads_metric_bind(c, parts->metric, &span, &m->metric));
  COM_TRY(ads_dictionary_bind(c, parts->dictionary, &m->dict));
  COM_CHECK(c, !m->dict.ops->at_boundary || span.eta_ir <= span.eta_uv, COM_E_CONFIG,
            "flow.eta_ir = %g: must be below eta_uv = %g, eta falls from the boundary to the horizon; the "
            "usual span is "
            "1 to 1/15",
            span.eta_ir, span.eta_uv);
  if (m->dict.ops->check)
    COM_TRY(m->dict.ops->check(c, m->dict.opts, span.d, m->bulk.ops->m2 ? m->bulk.ops->m2(m->bulk.opts) : 0));
  m->metric_shared = parts->metric->shared;
  m->bulk_shared = parts->bulk->shared;
  m->dict_shared = parts->dictionary->shared;
  m->nt = m->metric.n_theta;
  m->nk = m->bulk.ops->n_kappa;
  m->nd = m->dict.ops->n_par;
  m->np = m->nt + m->nk + m->nd;
  m->k_lambda = m->k_m2 = NONE;
  for (size_t k = 0; k < m->nk; k++) {
    if (!strcmp(m->bulk.ops->kappa[k].name, "lambda")) m->k_lambda = k;
    if (!strcmp(m->bulk.ops->kappa[k].name, "m2")) m->k_m2 = k;
  }
  return COM_OK;
}

/* Every name of a "train" list must be a trainable of the component. */
static com_status check_train(com_ctx *c, const char *kind, const com_strings *train, size_t n,
                              const ads_trainable *rows) {
  for (size_t i = 0; i < train->n; i++) {
    size_t k = 0;
    while (k < n && strcmp(rows[k].name, train->v[i])) k++;
    COM_CHECK(c, k < n, COM_E_CONFIG, "%s.train[%zu] = \"%s\": not a trainable constant here; %s%s", kind, i,
              train->v[i], n ? "try " : "there is none", n ? rows[0].name : "");
  }
  return COM_OK;
}

static com_status build(ads_model *m, const ads_model_parts *parts, com_pool *pool) {
  COM_TRY(span_of(m, parts));
  COM_TRY(check_train(m->ctx, "bulk", &m->bulk_shared->train, m->nk, m->bulk.ops->kappa));
  COM_TRY(check_train(m->ctx, "dictionary", &m->dict_shared->train, m->nd, m->dict.ops->par));
  COM_ALLOC(m->ctx, m->row_uv = calloc(3 * m->nt + m->nk + 1, sizeof(double)));
  m->row_ir = m->row_uv + m->nt;
  m->g = m->row_ir + m->nt;
  ads_problem problem = {.metric = m->metric, .bulk = m->bulk, .at = &m->at, .pool = pool};
  return ads_flow_create(m->ctx, parts->flow, &problem, &m->flow);
}

com_status ads_model_create(com_ctx *c, const ads_model_parts *parts, com_pool *pool, ads_model **out) {
  ads_model *m = NULL;
  *out = NULL;
  COM_ALLOC(c, m = calloc(1, sizeof *m));
  m->ctx = c;
  com_status status = build(m, parts, pool);
  if (status) {
    ads_model_destroy(m);
    return status;
  }
  *out = m;
  return COM_OK;
}

void ads_model_destroy(ads_model *m) {
  if (!m) return;
  ads_flow_destroy(m->flow);
  free(m->row_uv);
  free(m->mem);
  free(m->flowJ);
  free(m->frozen);
  free(m);
}

size_t ads_model_n_params(const ads_model *m) { return m->np; }
size_t ads_model_n_theta(const ads_model *m) { return m->nt; }
size_t ads_model_n_kappa(const ads_model *m) { return m->nk; }
const ads_metric *ads_model_metric(const ads_model *m) { return &m->metric; }
const ads_bulk *ads_model_bulk(const ads_model *m) { return &m->bulk; }
const ads_dictionary *ads_model_dictionary(const ads_model *m) { return &m->dict; }
ads_flow *ads_model_flow(ads_model *m) { return m->flow; }

/* ---- parameters ---- */

static int listed(const com_strings *list, const char *name) {
  for (size_t i = 0; i < list->n; i++)
    if (!strcmp(list->v[i], name)) return 1;
  return 0;
}

/* "bulk.lambda" or "bulk[T207].lambda" */
static com_status add_block(com_ctx *c, com_params *p, const char *kind, const char *group, const char *name,
                            com_block *b, const double *values) {
  char full[160];
  int in_group = group && *group;
  snprintf(full, sizeof full, "%s%s%s%s.%s", kind, in_group ? "[" : "", in_group ? group : "",
           in_group ? "]" : "", name);
  b->name = full;
  COM_TRY(com_params_add(c, p, b));
  const com_block *added = com_params_find(p, full);
  for (size_t i = 0; i < added->n; i++) com_params_data(p)[added->off + i] = values ? values[i] : NAN;
  return COM_OK;
}

static com_status add_scalars(com_ctx *c, com_params *p, const char *kind, const char *group,
                              const void *opts, const com_strings *train, int coordinates, size_t n,
                              const ads_trainable *rows) {
  for (size_t k = 0; k < n; k++) {
    double value = *(const double *)(const void *)((const char *)opts + rows[k].off);
    com_block b = {.n = 1,
                   .scalar = 1,
                   .trained = listed(train, rows[k].name),
                   .log = rows[k].log && coordinates != ADS_COORDINATES_NATURAL,
                   .lo = rows[k].lo,
                   .hi = rows[k].hi};
    if (rows[k].log && !b.log && !strcmp(kind, "bulk"))
      b.lo = -b.hi; /* a coupling may change sign, a radius may not */
    COM_TRY(add_block(c, p, kind, group, rows[k].name, &b, &value));
  }
  return COM_OK;
}

com_status ads_model_params(com_ctx *c, const ads_model *m, const char *group, com_params *p) {
  com_block theta = {.n = m->nt, .trained = m->metric_shared->train, .lo = -INFINITY, .hi = INFINITY};
  if (m->nt)
    COM_TRY(add_block(c, p, "metric", group, "theta", &theta,
                      m->metric_shared->theta.n ? m->metric_shared->theta.v : NULL));
  COM_TRY(add_scalars(c, p, "bulk", group, m->bulk.opts, &m->bulk_shared->train, m->bulk_shared->coordinates,
                      m->nk, m->bulk.ops->kappa));
  return add_scalars(c, p, "dictionary", group, m->dict.opts, &m->dict_shared->train,
                     m->dict_shared->coordinates, m->nd, m->dict.ops->par);
}

static double draw(const ads_trainable *t, com_rng *rng) {
  switch (t->draw) {
  case ADS_DRAW_LOGUNIFORM: return t->a * pow(t->b, 2 * com_rng_uniform(rng) - 1);
  case ADS_DRAW_UNIFORM: return t->a + (t->b - t->a) * com_rng_uniform(rng);
  case ADS_DRAW_NORMAL: return t->a + t->b * com_rng_normal(rng);
  }
  return NAN;
}

/* Everything is drawn, then only what is wanted is taken: a given value does not shift the draws of the others. */
void ads_model_start(const ads_model *m, com_rng *rng, int missing_only, double *p) {
  double *theta = m->g; /* scratch of length nt + nk, free between runs */
  ads_metric_start(&m->metric, rng, theta);
  for (size_t i = 0; i < m->np; i++) {
    double v = i < m->nt           ? theta[i]
               : i < m->nt + m->nk ? draw(&m->bulk.ops->kappa[i - m->nt], rng)
                                   : draw(&m->dict.ops->par[i - m->nt - m->nk], rng);
    if (!missing_only || isnan(p[i])) p[i] = v;
  }
}

/* ---- evaluation ---- */

static com_status reserve(ads_model *m, size_t n, int jac) {
  com_ctx *c = m->ctx;
  if (n > m->room) {
    size_t vectors = 10, scalars = 4 + m->nk;
    free(m->mem);
    free(m->frozen);
    m->mem = NULL;
    m->frozen = NULL;
    m->room = 0;
    COM_ALLOC(c, m->mem = calloc(n * (2 * (vectors + m->nd) + scalars) + 1, sizeof(double)));
    COM_ALLOC(c, m->frozen = calloc(n + 1, 1));
    m->room = n;
  }
  if (jac && n > m->jac_room) {
    free(m->flowJ);
    m->flowJ = NULL;
    m->jac_room = 0;
    COM_ALLOC(c, m->flowJ = calloc(n * (m->nt + m->nk + m->np) + 1, sizeof(double)));
    m->jac_room = n;
  }
  double **two[] = {&m->y0, &m->y1, &m->lam1, &m->lam0, &m->tmp, &m->ds, &m->dr, &m->dlam, &m->dhuv, &m->dm2},
         *next = m->mem;
  for (size_t k = 0; k < sizeof two / sizeof *two; k++, next += 2 * n) *two[k] = next;
  double **one[] = {&m->F, &m->Fs, &m->Fr, &m->dh};
  for (size_t k = 0; k < sizeof one / sizeof *one; k++, next += n) *one[k] = next;
  m->dk = next;
  m->dpar = next + m->nk * n;
  m->Fp = m->flowJ ? m->flowJ + n * (m->nt + m->nk) : NULL;
  m->n = n;
  return COM_OK;
}

static ads_uv at_uv(const ads_model *m, const double *p) {
  double h[MAX_FN];
  ads_metric_eval(&m->metric, p, 1, &m->at.eta_uv, h, NULL);
  return (ads_uv){.d = m->metric.span.d,
                  .m2 = m->k_m2 != NONE   ? p[m->nt + m->k_m2]
                        : m->bulk.ops->m2 ? m->bulk.ops->m2(m->bulk.opts)
                                          : 0,
                  .lambda = m->k_lambda == NONE ? 0 : p[m->nt + m->k_lambda],
                  .eta_uv = m->at.eta_uv,
                  .h_uv = h[0]};
}

/* Flow and horizon residual of the states in y0; what the derivatives need is kept in lam1, dk, dh and the rows. */
static com_status integrate(ads_model *m, int what, const double *p) {
  double h_ir[MAX_FN];
  size_t n = m->n;
  COM_TRY(ads_flow_forward(m->flow, n, p, m->y0, m->y1, m->frozen, what > ADS_MODEL_VALUE));
  ads_metric_eval(&m->metric, p, 1, &m->at.eta_ir, h_ir, NULL);
  int bad = m->bulk.ops->ir(m->bulk.opts, p + m->nt, m->at.ir, m->at.eta_ir, h_ir[0], n, m->y1, m->F, m->lam1,
                            m->nk ? m->dk : NULL, m->dh);
  for (size_t i = 0; i < n; i++) {
    if (!m->frozen[i]) continue;
    m->F[i] = copysign(m->at.cap, m->y1[n + i]);
    m->lam1[i] = m->lam1[n + i] = m->dh[i] = 0;
    for (size_t k = 0; k < m->nk; k++) m->dk[k * n + i] = 0;
  }
  for (size_t i = 0; bad && i < n; i++)
    COM_CHECK(m->ctx, isfinite(m->F[i]), COM_E_NUM,
              "the residual of sample %zu is not finite; lower flow.cap", i);
  ads_metric_jac(&m->metric, p, 1, &m->at.eta_uv, m->row_uv);
  ads_metric_jac(&m->metric, p, 1, &m->at.eta_ir, m->row_ir);
  return COM_OK;
}

/* lam0 . v, per sample, v[2][n] */
static double along(const ads_model *m, const double *v, size_t i) {
  return m->lam0[i] * v[i] + m->lam0[m->n + i] * v[m->n + i];
}

/* Does the start state depend on a mass that is a parameter? */
static int via_m2(const ads_model *m) { return m->k_m2 != NONE && m->dict.ops->uv_m2 && !m->bypass; }

static void chain(ads_model *m, int jac) {
  size_t n = m->n, nf = m->nt + m->nk;
  for (size_t i = 0; i < n; i++) {
    m->Fs[i] = m->bypass ? m->lam0[i] : along(m, m->ds, i);
    m->Fr[i] = m->bypass ? m->lam0[n + i] : along(m, m->dr, i);
    if (!jac) continue;
    const double *J = m->flowJ + i * nf;
    double *Fp = m->Fp + i * m->np, via_uv = m->bypass ? 0 : along(m, m->dhuv, i);
    for (size_t j = 0; j < m->nt; j++) Fp[j] = J[j] + via_uv * m->row_uv[j] + m->dh[i] * m->row_ir[j];
    for (size_t k = 0; k < m->nk; k++) Fp[m->nt + k] = J[m->nt + k] + m->dk[k * n + i];
    if (m->k_lambda != NONE && !m->bypass) Fp[m->nt + m->k_lambda] += along(m, m->dlam, i);
    if (via_m2(m)) Fp[m->nt + m->k_m2] += along(m, m->dm2, i);
    for (size_t k = 0; k < m->nd; k++) Fp[nf + k] = m->bypass ? 0 : along(m, m->dpar + 2 * n * k, i);
  }
}

static com_status evaluate(ads_model *m, int what, const double *p, ads_model_eval *out) {
  COM_TRY(integrate(m, what, p));
  if (what == ADS_MODEL_JAC) COM_TRY(ads_flow_jacobian(m->flow, m->lam1, m->lam0, m->flowJ));
  if (what == ADS_MODEL_SR) {
    memset(m->g, 0, (m->nt + m->nk) * sizeof *m->g);
    COM_TRY(ads_flow_backward(m->flow, m->lam1, m->lam0, m->g));
  }
  if (what >= ADS_MODEL_SR) chain(m, what == ADS_MODEL_JAC);
  *out = (ads_model_eval){.n = m->n, .np = m->np, .y0 = m->y0, .y1 = m->y1, .F = m->F, .frozen = m->frozen};
  for (size_t i = 0; i < m->n; i++) out->n_frozen += m->frozen[i];
  if (what >= ADS_MODEL_SR) {
    out->Fs = m->Fs;
    out->Fr = m->Fr;
  }
  if (what == ADS_MODEL_JAC) out->Fp = m->Fp;
  return COM_OK;
}

com_status ads_model_run(ads_model *m, int what, const double *p, size_t n, const double *s, const double *r,
                         ads_model_eval *out) {
  COM_TRY(reserve(m, n, what == ADS_MODEL_JAC));
  m->bypass = 0;
  ads_uv at = at_uv(m, p);
  const double *par = p + m->nt + m->nk;
  COM_CHECK(m->ctx, !m->dict.ops->uv(m->dict.opts, par, &at, n, s, r, m->y0), COM_E_NUM,
            "dictionary %s: (source, response) give no finite bulk field; are the parameters sensible?",
            m->dict.ops->c.name);
  if (what > ADS_MODEL_VALUE)
    COM_CHECK(
        m->ctx,
        !m->dict.ops->uv_jac(m->dict.opts, par, &at, n, s, r, what > ADS_MODEL_F ? m->ds : NULL,
                             what > ADS_MODEL_F ? m->dr : NULL, m->nd ? m->dpar : NULL, m->dlam, m->dhuv),
        COM_E_NUM, "dictionary %s: the bulk field has no finite derivative; are the parameters sensible?",
        m->dict.ops->c.name);
  if (what > ADS_MODEL_VALUE && via_m2(m)) m->dict.ops->uv_m2(m->dict.opts, par, &at, n, s, r, m->dm2);
  return evaluate(m, what, p, out);
}

com_status ads_model_run_bulk(ads_model *m, int what, const double *p, size_t n, const double *phi,
                              const double *pi, ads_model_eval *out) {
  COM_TRY(reserve(m, n, what == ADS_MODEL_JAC));
  m->bypass = 1;
  memcpy(m->y0, phi, n * sizeof *phi);
  memcpy(m->y0 + n, pi, n * sizeof *pi);
  return evaluate(m, what, p, out);
}

/* Fixed order of summation in eight lanes, which also keeps the adders busy. */
static double dot(size_t n, const double *a, const double *b) {
  double lane[8] = {0}, sum = 0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t l = 0; l < 8; l++) lane[l] += a[i + l] * b[i + l];
  for (; i < n; i++) sum += a[i] * b[i];
  for (size_t l = 0; l < 8; l++) sum += lane[l];
  return sum;
}

com_status ads_model_gradient(ads_model *m, const double *w, double *g) {
  const size_t n = m->n, nf = m->nt + m->nk;
  for (size_t i = 0; i < n; i++) {
    m->tmp[i] = w[i] * m->lam1[i];
    m->tmp[n + i] = w[i] * m->lam1[n + i];
  }
  COM_TRY(ads_flow_backward(m->flow, m->tmp, m->lam0, g));
  const double via_uv = m->bypass ? 0 : dot(2 * n, m->lam0, m->dhuv), via_ir = dot(n, w, m->dh);
  for (size_t j = 0; j < m->nt && (via_uv != 0 || via_ir != 0); j++)
    g[j] += via_uv * m->row_uv[j] + via_ir * m->row_ir[j];
  for (size_t k = 0; k < m->nk; k++) g[m->nt + k] += dot(n, w, m->dk + k * n);
  if (m->bypass) return COM_OK;
  if (m->k_lambda != NONE) g[m->nt + m->k_lambda] += dot(2 * n, m->lam0, m->dlam);
  if (via_m2(m)) g[m->nt + m->k_m2] += dot(2 * n, m->lam0, m->dm2);
  for (size_t k = 0; k < m->nd; k++) g[nf + k] += dot(2 * n, m->lam0, m->dpar + 2 * n * k);
  return COM_OK;
}
