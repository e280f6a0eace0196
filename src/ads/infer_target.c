/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/infer_follow.h"
#include "ads/infer_pins.h"
#include "ads/onshell.h"
#include "common/linalg.h"

static const size_t NONE = (size_t)-1;
/* Rows of the Jacobian cancel over seven digits (docs/inference.md).  Newton converges quadratically: after a step this small the root is
 * good to its square, times the curvature of F, which a zero mode raises to 1e3. */
static const double ROOT_TOL = 1e-7;

static const double LIMIT = 40; /* exp of more than that is no parameter */

/* What one chain needs for itself. */
typedef struct work {
  ads_model **models; /* [n_groups] */
  double *full, *p, *row, *R, *rq, *J, *Jx, *D, *q, *q2, *r, *g;
  unsigned char *ok;
  ads_infer_pins_state pins;
  /* Predictions of the groups that are followed, as the last change of variables left them at q = kept_q, with rows when kept = 2; 0: none */
  double *kept_q, *kept_R, *kept_J, *alpha, *beta;
  int kept;
  double *
      seen; /* [room][stride]: (x, q, R, logp, chi2) of the calls of density since the chain moved; entry 0: where it stands */
  size_t n_seen, room;
  ads_infer_point here;
} work;

struct ads_infer_target {
  com_ctx *c;
  ads_fit *fit;
  ads_infer_space *space;
  size_t n, nq, n_full, n_groups, n_chains, n_factors;
  size_t *first; /* [n_groups + 1] */
  double *y, *reference, *precision, *centre;
  double **chol; /* [n_groups] lower factor of the covariance; diagonal matrices too, the sets are small */
  double range;  /* log of prior.range, 0 = none */
  work *chains;
  ads_infer_pins pins;
  size_t n_follow;
  ads_infer_follow *follow;
};

/* ---- life ---- */

static com_status make_work(ads_infer_target *t, const com_choice *flow, work *w) {
  com_ctx *c = t->c;
  const ads_config *cfg = ads_fit_config(t->fit);
  const ads_model_parts parts = {&cfg->metric, &cfg->bulk, &cfg->dictionary, flow};
  const size_t n = t->n, nq = t->nq, nf = t->n_full, m = ads_infer_target_n_squares(t);
  COM_ALLOC(c, w->models = calloc(t->n_groups, sizeof *w->models));
  for (size_t g = 0; g < t->n_groups; g++) COM_TRY(ads_model_create(c, &parts, NULL, w->models + g));
  COM_ALLOC(c, w->full =
                   calloc(3 * nf + 3 * n + m * nq + 2 * n * nq + nq * nq + 6 * nq + m + 8, sizeof *w->full));
  w->p = w->full + nf;
  w->row = w->p + nf;
  w->R = w->row + nf;
  w->rq = w->R + n;
  w->J = w->rq + n;
  w->Jx = w->J + m * nq;
  w->D = w->Jx + n * nq;
  w->q = w->D + nq * nq;
  w->g = w->q + nq;
  w->q2 = w->g + nq;
  w->kept_q = w->q2 + nq;
  w->alpha = w->kept_q + nq;
  w->beta = w->alpha + nq;
  w->kept_R = w->beta + nq;
  w->kept_J = w->kept_R + n;
  w->r = w->kept_J + n * nq;
  memcpy(w->full, com_params_values(ads_fit_params(t->fit)), nf * sizeof *w->full);
  COM_ALLOC(c, w->ok = calloc(n + 1, 1));
  return ads_infer_pins_state_init(c, nq, &w->pins);
}

static com_status covariance(ads_infer_target *t, size_t g, size_t left_out) {
  const ads_dataset *d = ads_fit_group(t->fit, g)->data;
  const size_t n = d->n;
  double *a = t->chol[g];
  static const double AWAY = 1e6; /* a point with an error this many times larger says nothing */
  memset(a, 0, n * n * sizeof *a);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < n && d->cov; k++) a[i * n + k] = d->cov[i * n + k];
    if (!d->cov) a[i * n + i] = d->error[i] * d->error[i];
  }
  if (left_out >= t->first[g] && left_out < t->first[g + 1]) {
    const size_t i = left_out - t->first[g];
    const double var = a[i * n + i];
    for (size_t k = 0; k < n; k++) a[i * n + k] = a[k * n + i] = 0;
    a[i * n + i] = var * AWAY * AWAY;
  }
  return com_linalg_chol(t->c, n, a);
}

/* Diagonal of the inverse covariance of group g, from its factor. */
static com_status precision(ads_infer_target *t, size_t g) {
  const size_t n = t->first[g + 1] - t->first[g];
  double *e = malloc((n + 1) * sizeof *e);
  COM_ALLOC(t->c, e);
  for (size_t i = 0; i < n; i++) {
    memset(e, 0, n * sizeof *e);
    e[i] = 1;
    com_linalg_forward(n, t->chol[g], e);
    t->precision[t->first[g] + i] = 0;
    for (size_t k = 0; k < n; k++) t->precision[t->first[g] + i] += e[k] * e[k];
  }
  free(e);
  return COM_OK;
}

static com_status make_data(ads_infer_target *t, const double *reference) {
  com_ctx *c = t->c;
  COM_ALLOC(c, t->first = calloc(t->n_groups + 1, sizeof *t->first));
  COM_ALLOC(c, t->chol = calloc(t->n_groups, sizeof *t->chol));
  for (size_t g = 0; g < t->n_groups; g++) {
    const ads_dataset *d = ads_fit_group(t->fit, g)->data;
    COM_CHECK(c, d->kind != ADS_DATASET_LABELLED && d->error, COM_E_CONFIG,
              "dataset %s: inference needs (source, response) pairs with errors; give errors, or loss.noise",
              d->name);
    t->first[g + 1] = t->first[g] + d->n;
  }
  t->n = t->first[t->n_groups];
  COM_ALLOC(c, t->y = calloc(3 * t->n + t->nq + t->n_factors + 1, sizeof *t->y));
  t->reference = t->y + t->n;
  t->precision = t->reference + t->n;
  t->centre = t->precision + t->n;
  for (size_t g = 0; g < t->n_groups; g++) {
    const ads_dataset *d = ads_fit_group(t->fit, g)->data;
    memcpy(t->y + t->first[g], d->response, d->n * sizeof *t->y);
    COM_ALLOC(c, t->chol[g] = calloc(d->n * d->n, sizeof **t->chol));
    COM_TRY(covariance(t, g, NONE));
    COM_TRY(precision(t, g));
  }
  memcpy(t->reference, reference ? reference : t->y, t->n * sizeof *t->y);
  return COM_OK;
}

static com_status build(ads_infer_target *t, const ads_infer_target_spec *spec) {
  COM_TRY(make_data(t, spec->reference));
  COM_ALLOC(t->c, t->chains = calloc(t->n_chains, sizeof *t->chains));
  for (size_t k = 0; k < t->n_chains; k++) COM_TRY(make_work(t, spec->flow, t->chains + k));
  COM_TRY(ads_infer_follow_init(t->c, t->fit, t->space, &t->n_follow, &t->follow));
  return ads_infer_pins_init(t->c, t->nq, t->n, &t->pins);
}

com_status ads_infer_target_create(com_ctx *c, const ads_infer_target_spec *spec, ads_infer_target **out) {
  ads_infer_target *t = calloc(1, sizeof *t);
  *out = NULL;
  COM_ALLOC(c, t);
  t->c = c;
  t->fit = spec->fit;
  t->space = spec->space;
  t->nq = ads_infer_space_n(spec->space);
  t->n_factors = ads_infer_space_n_factors(spec->space);
  t->n_full = com_params_n(ads_fit_params(spec->fit));
  t->n_groups = ads_fit_n_groups(spec->fit);
  t->n_chains = spec->chains;
  t->range = ads_infer_space_range(spec->space) > 1 ? log(ads_infer_space_range(spec->space)) : 0;
  const com_status status = build(t, spec);
  if (status)
    ads_infer_target_destroy(t);
  else
    *out = t;
  return status;
}

void ads_infer_target_destroy(ads_infer_target *t) {
  if (!t) return;
  for (size_t k = 0; t->chains && k < t->n_chains; k++) {
    work *w = t->chains + k;
    for (size_t g = 0; w->models && g < t->n_groups; g++) ads_model_destroy(w->models[g]);
    free(w->models);
    free(w->full);
    free(w->seen);
    free(w->ok);
    ads_infer_pins_state_finish(&w->pins);
  }
  for (size_t g = 0; t->chol && g < t->n_groups; g++) free(t->chol[g]);
  free(t->chains);
  free(t->chol);
  free(t->first);
  free(t->y);
  ads_infer_pins_finish(&t->pins);
  ads_infer_follow_finish(t->n_follow, t->follow);
  free(t);
}

size_t ads_infer_target_points(const ads_infer_target *t) { return t->n; }
size_t ads_infer_target_n(const ads_infer_target *t) { return t->nq; }
const ads_infer_space *ads_infer_target_space(const ads_infer_target *t) { return t->space; }
com_ctx *ads_infer_target_context(const ads_infer_target *t) { return t->c; }
ads_fit *ads_infer_target_fit(const ads_infer_target *t) { return t->fit; }
double *ads_infer_target_data(ads_infer_target *t) { return t->y; }
double *ads_infer_target_pull_of_prior(ads_infer_target *t) { return t->centre; }
size_t ads_infer_target_n_squares(const ads_infer_target *t) { return t->n + t->nq + t->n_factors; }

void ads_infer_target_noise(const ads_infer_target *t, double *z) {
  for (size_t g = 0; g < t->n_groups; g++) {
    const size_t m = t->first[g + 1] - t->first[g];
    double *v = z + t->first[g];
    for (size_t i = m; i-- > 0;) { /* from below: row i of L needs the z above it */
      double sum = 0;
      for (size_t k = 0; k <= i; k++) sum += t->chol[g][i * m + k] * v[k];
      v[i] = sum;
    }
  }
}

void ads_infer_target_whiten(const ads_infer_target *t, const double *R, double *r) {
  for (size_t i = 0; i < t->n; i++) r[i] = t->y[i] - R[i];
  for (size_t g = 0; g < t->n_groups; g++)
    com_linalg_forward(t->first[g + 1] - t->first[g], t->chol[g], r + t->first[g]);
}

void ads_infer_target_conditional(const ads_infer_target *t, const double *R, double *z) {
  ads_infer_target_whiten(t, R, z);
  for (size_t g = 0; g < t->n_groups; g++) {
    const size_t at = t->first[g], m = t->first[g + 1] - at;
    const double *L = t->chol[g];
    double *v = z + at;
    for (size_t i = m; i-- > 0;) { /* L^-T v */
      for (size_t k = i + 1; k < m; k++) v[i] -= L[k * m + i] * v[k];
      v[i] /= L[i * m + i];
    }
    for (size_t i = 0; i < m; i++) v[i] /= sqrt(t->precision[at + i]);
  }
}

com_status ads_infer_target_leave_out(ads_infer_target *t, size_t i) {
  for (size_t g = 0; g < t->n_groups; g++) COM_TRY(covariance(t, g, i));
  return COM_OK;
}

/* ---- responses ---- */

/* A numerical failure inside the model means "not here", not "stop". */
static com_status admissible(const ads_infer_target *t, com_status status, int *ok) {
  if (status != COM_E_NUM) return status;
  com_ctx_clear(t->c);
  *ok = 0;
  return COM_OK;
}

/* Rows dR/dq of group g:  R = k r,  dr/dp = -F_p / F_r. */
static void rows(const ads_infer_target *t, work *w, size_t g, const ads_model_eval *ev, double k,
                 const double *q, double *J) {
  const ads_group *a = ads_fit_group(t->fit, g);
  double spread = 0;
  const size_t at = ads_infer_space_scale_index(t->space, g, &spread);
  for (size_t i = 0; i < ev->n; i++) {
    double *out = J + (t->first[g] + i) * t->nq;
    memset(w->row, 0, t->n_full * sizeof *w->row);
    for (size_t j = 0; j < ev->np; j++) w->row[a->map[j]] -= k * ev->Fp[i * ev->np + j] / ev->Fr[i];
    ads_infer_space_chain(t->space, q, w->full, w->row, out);
    if (at != NONE) out[at] += spread * w->R[t->first[g] + i];
  }
}

/* n predictions of group g at the parameters w->p by the theory of its loss, with rows by q (J may be NULL). */
static com_status by_loss(const ads_infer_target *t, work *w, size_t g, const double *q, size_t n,
                          const double *source, double *R, double *J, int *ok) {
  const ads_group *a = ads_fit_group(t->fit, g);
  const double T = ads_infer_space_temperature(t->space, g, q);
  double error = 0, *own = NULL, *dT = NULL;
  const size_t at = ads_infer_space_temperature_index(t->space, g, &error);
  if (J) {
    COM_ALLOC(t->c, own = malloc(n * (a->np + 1) * sizeof *own));
    dT = own + n * a->np;
  }
  const com_status s = admissible(
      t, ads_loss_operations(a->loss)->predict(ads_loss_self(a->loss), w->p, T, n, source, R, own, dT), ok);
  for (size_t i = 0; i < n && J && !s && *ok; i++) {
    memset(w->row, 0, t->n_full * sizeof *w->row);
    for (size_t j = 0; j < a->np; j++) w->row[a->map[j]] += own[i * a->np + j];
    ads_infer_space_chain(t->space, q, w->full, w->row, J + i * t->nq);
    if (at != NONE) J[i * t->nq + at] += error * dT[i];
  }
  free(own);
  return s;
}

static int predicts(const ads_infer_target *t, size_t g) {
  return ads_loss_operations(ads_fit_group(t->fit, g)->loss)->predict != NULL;
}

/* Is what the change of variables has predicted at q all that is wanted? */
static int is_kept(const ads_infer_target *t, const work *w, const double *q, const double *J) {
  return w->kept >= (J ? 2 : 1) && memcmp(w->kept_q, q, t->nq * sizeof *q) == 0;
}

static com_status predict_group(ads_infer_target *t, work *w, size_t g, const double *q, double *J, int *ok) {
  const ads_dataset *d = ads_fit_group(t->fit, g)->data;
  const double k = ads_infer_space_scale(t->space, g, q);
  double *R = w->R + t->first[g], *r = w->rq;
  ads_model_eval ev;
  if (ads_loss_operations(ads_fit_group(t->fit, g)->loss)->affine && is_kept(t, w, q, J)) {
    const size_t at = t->first[g], nq = t->nq;
    memcpy(R, w->kept_R + at, d->n * sizeof *R);
    if (J) memcpy(J + at * nq, w->kept_J + at * nq, d->n * nq * sizeof *J);
    return COM_OK;
  }
  ads_fit_gather(t->fit, g, w->full, w->p);
  if (predicts(t, g)) return by_loss(t, w, g, q, d->n, d->source, R, J ? J + t->first[g] * t->nq : NULL, ok);
  for (size_t i = 0; i < d->n; i++) r[i] = t->y[t->first[g] + i] / k;
  COM_TRY(admissible(t, ads_onshell_response(w->models[g], w->p, d->n, d->source, ROOT_TOL, r, w->ok), ok));
  for (size_t i = 0; i < d->n && *ok; i++) *ok = w->ok[i];
  if (!*ok) return COM_OK;
  COM_TRY(admissible(
      t, ads_model_run(w->models[g], J ? ADS_MODEL_JAC : ADS_MODEL_SR, w->p, d->n, d->source, r, &ev), ok));
  for (size_t i = 0; i < d->n && *ok; i++) {
    R[i] = k * (r[i] - ev.F[i] / ev.Fr[i]);
    *ok = !ev.frozen[i] && isfinite(R[i]);
    if (t->range > 0 && *ok) {
      const double ratio = R[i] / t->reference[t->first[g] + i];
      *ok = ratio > 0 && fabs(log(ratio)) < t->range;
    }
  }
  if (J && *ok) rows(t, w, g, &ev, k, q, J);
  return COM_OK;
}

com_status ads_infer_target_predict(ads_infer_target *t, size_t chain, const double *q, double *R, double *J,
                                    int *ok) {
  work *w = t->chains + chain;
  *ok = 1;
  for (size_t k = 0; k < t->nq && *ok; k++) *ok = fabs(q[k]) < LIMIT;
  if (!*ok) return COM_OK;
  ads_infer_space_full(t->space, q, w->full);
  for (size_t g = 0; g < t->n_groups && *ok; g++) COM_TRY(predict_group(t, w, g, q, J, ok));
  if (*ok && R != w->R) memcpy(R, w->R, t->n * sizeof *R);
  return COM_OK;
}

com_status ads_infer_target_curve(ads_infer_target *t, size_t chain, const double *q, size_t g, size_t m,
                                  const double *source, double *R, unsigned char *ok) {
  work *w = t->chains + chain;
  const double k = ads_infer_space_scale(t->space, g, q);
  int fine = 1;
  ads_infer_space_full(t->space, q, w->full);
  ads_fit_gather(t->fit, g, w->full, w->p);
  if (predicts(t, g)) {
    COM_TRY(by_loss(t, w, g, q, m, source, R, NULL, &fine));
    memset(ok, fine, m);
    return COM_OK;
  }
  for (size_t i = 0; i < m; i++) R[i] /= k;
  COM_TRY(admissible(t, ads_onshell_response(w->models[g], w->p, m, source, 1e-8, R, ok), &fine));
  for (size_t i = 0; i < m; i++) {
    R[i] *= k;
    if (!fine) ok[i] = 0;
  }
  return COM_OK;
}

com_status ads_infer_target_residuals(ads_infer_target *t, size_t chain, const double *q, double *r,
                                      double *J, int *ok) {
  work *w = t->chains + chain;
  COM_TRY(ads_infer_target_predict(t, chain, q, w->R, J, ok));
  if (!*ok) return COM_OK;
  ads_infer_target_whiten(t, w->R, r);
  for (size_t g = 0; g < t->n_groups; g++) {
    const size_t at = t->first[g], m = t->first[g + 1] - at;
    for (size_t k = 0; J && k < t->nq; k++) {
      for (size_t i = 0; i < m; i++) w->rq[i] = -J[(at + i) * t->nq + k];
      com_linalg_forward(m, t->chol[g], w->rq);
      for (size_t i = 0; i < m; i++) J[(at + i) * t->nq + k] = w->rq[i];
    }
  }
  return COM_OK;
}

/* ---- posterior ---- */

/* Stacked residuals (data, prior, factors) by q. */
static com_status stacked(ads_infer_target *t, size_t chain, const double *q, double *r, double *J, int *ok) {
  const size_t n = t->n, nq = t->nq;
  work *w = t->chains + chain;
  COM_TRY(ads_infer_target_residuals(t, chain, q, r, J, ok));
  if (!*ok) return COM_OK;
  for (size_t k = 0; k < nq; k++) {
    r[n + k] = q[k] - t->centre[k];
    if (J) {
      memset(J + (n + k) * nq, 0, nq * sizeof *J);
      J[(n + k) * nq + k] = 1;
    }
  }
  if (t->n_factors == 0) return COM_OK;
  COM_TRY(admissible(
      t, ads_infer_space_factors(t->space, q, w->full, r + n + nq, J ? J + (n + nq) * nq : NULL), ok));
  for (size_t k = 0; k < t->n_factors && *ok; k++) r[n + nq + k] -= t->centre[nq + k];
  return COM_OK;
}

com_status ads_infer_target_logp(ads_infer_target *t, size_t chain, const double *q, double *logp, double *g,
                                 double *chi2) {
  work *w = t->chains + chain;
  const size_t m = ads_infer_target_n_squares(t);
  int ok = 1;
  *logp = -INFINITY;
  COM_TRY(stacked(t, chain, q, w->r, g ? w->J : NULL, &ok));
  if (!ok) return COM_OK;
  double sum = 0;
  for (size_t i = 0; i < m; i++) {
    sum += w->r[i] * w->r[i];
    if (i + 1 == t->n && chi2) *chi2 = sum;
  }
  *logp = -0.5 * sum;
  if (!g) return COM_OK;
  memset(g, 0, t->nq * sizeof *g);
  for (size_t i = 0; i < m; i++)
    for (size_t k = 0; k < t->nq; k++) g[k] -= w->r[i] * w->J[i * t->nq + k];
  return COM_OK;
}

/* ---- nuisance that follows the metric ---- */

/* Predictions of a followed group at q, with its factor and constant. */
static com_status followed(const ads_infer_target *t, work *w, const ads_infer_follow *f, const double *q,
                           double *J, double *kappa, double *constant, int *ok) {
  const ads_group *a = ads_fit_group(t->fit, f->group);
  const size_t at = t->first[f->group], nm = ads_model_n_params(a->model);
  double *R = w->kept_R + at;
  for (size_t k = 0; k < t->nq && *ok; k++) *ok = fabs(q[k]) < LIMIT;
  if (!*ok) return COM_OK;
  ads_infer_space_full(t->space, q, w->full);
  ads_fit_gather(t->fit, f->group, w->full, w->p);
  *kappa = w->p[nm];
  *constant = w->p[nm + 1];
  return by_loss(t, w, f->group, q, f->n, a->data->source, R, J ? J + at * t->nq : NULL, ok);
}

/* q' to q, and dq'/dx in D (may be NULL) to dq/dx. */
static com_status follow(const ads_infer_target *t, work *w, double *q, double *D, int *ok) {
  const size_t nq = t->nq;
  w->kept = 0;
  for (size_t i = 0; i < t->n_follow && *ok; i++) {
    const ads_infer_follow *f = t->follow + i;
    const size_t at = t->first[f->group];
    double kappa, constant, *J = D ? w->kept_J : NULL;
    COM_TRY(followed(t, w, f, q, J, &kappa, &constant, ok));
    if (!*ok) return COM_OK;
    ads_infer_follow_forward(f, nq, kappa, constant, q, w->kept_R + at, J ? J + at * nq : NULL, w->alpha,
                             w->beta);
    for (size_t k = 0; k < f->n; k++) *ok &= isfinite(w->kept_R[at + k]) != 0;
    if (!D) continue;
    double *into[2] = {f->own_kappa ? D + f->kappa * nq : NULL,
                       f->own_constant ? D + f->constant * nq : NULL};
    com_linalg_gemm(0, 0, 1, nq, nq, 1, w->alpha, nq, D, nq, 0, w->g, nq);
    com_linalg_gemm(0, 0, 1, nq, nq, 1, w->beta, nq, D, nq, 0, w->q2, nq);
    for (size_t k = 0; k < nq; k++) {
      if (into[0]) into[0][k] += w->g[k];
      if (into[1]) into[1][k] += w->q2[k];
    }
  }
  if (t->n_follow == 0 || !*ok) return COM_OK;
  memcpy(w->kept_q, q, nq * sizeof *q);
  w->kept = D ? 2 : 1;
  return COM_OK;
}

/* q to q' in place: the last map first. */
static com_status unfollow(const ads_infer_target *t, work *w, double *q, int *ok) {
  w->kept = 0;
  for (size_t i = t->n_follow; i-- > 0 && *ok;) {
    double kappa, constant;
    COM_TRY(followed(t, w, t->follow + i, q, NULL, &kappa, &constant, ok));
    if (*ok)
      ads_infer_follow_back(t->follow + i, kappa, constant, w->kept_R + t->first[t->follow[i].group], q);
  }
  return COM_OK;
}

/* The maps become the identity at q; rows of J[m][nq] by q there to rows by q'. */
static com_status follow_anchor(ads_infer_target *t, work *w, const double *q, size_t m, double *J, int *ok) {
  const size_t nq = t->nq;
  for (size_t i = t->n_follow; i-- > 0 && *ok;) {
    ads_infer_follow *f = t->follow + i;
    const size_t at = t->first[f->group];
    double kappa, constant;
    COM_TRY(followed(t, w, f, q, w->kept_J, &kappa, &constant, ok));
    if (!*ok) return COM_OK;
    memcpy(w->q2, q, nq * sizeof *q);
    ads_infer_follow_anchor(f, kappa, constant, w->kept_R + at);
    ads_infer_follow_forward(f, nq, kappa, constant, w->q2, w->kept_R + at, w->kept_J + at * nq, w->alpha,
                             w->beta);
    for (size_t r = 0; r < m; r++) {
      const double by_kappa = f->own_kappa ? J[r * nq + f->kappa] : 0,
                   by_constant = f->own_constant ? J[r * nq + f->constant] : 0;
      for (size_t k = 0; k < nq; k++) J[r * nq + k] += by_kappa * w->alpha[k] + by_constant * w->beta[k];
    }
  }
  w->kept = 0;
  return COM_OK;
}

/* ---- sheared coordinates ---- */

com_status ads_infer_target_anchor(ads_infer_target *t, const double *q, double stiff) {
  work *w = t->chains;
  int ok = 1;
  double *J = w->J, *R = w->R;
  COM_TRY(ads_infer_target_residuals(t, 0, q, w->r, J, &ok));
  COM_CHECK(t->c, ok, COM_E_NUM, "no response exists at the parameters from which the inference starts");
  COM_TRY(ads_infer_space_factors(t->space, q, w->full, w->r + t->n, J + t->n * t->nq));
  COM_TRY(follow_anchor(t, w, q, t->n + t->n_factors, J, &ok));
  COM_CHECK(t->c, ok, COM_E_NUM, "no prediction exists at the parameters from which the inference starts");
  const ads_infer_pins_spec spec = {t->c, t->fit, t->n, t->nq, t->first, R, J, t->n_factors, q, stiff};
  COM_TRY(ads_infer_pins_choose(&t->pins, &spec));
  for (size_t k = 0; k < t->n_chains; k++) ads_infer_target_home(t, k);
  return COM_OK;
}

void ads_infer_target_home(ads_infer_target *t, size_t chain) {
  ads_infer_pins_reset(&t->pins, &t->chains[chain].pins);
  t->chains[chain].n_seen = 0;
}

size_t ads_infer_target_n_stiff(const ads_infer_target *t) { return t->pins.K; }
double ads_infer_target_log_det(const ads_infer_target *t) { return t->pins.log_det; }
const double *ads_infer_target_origin(const ads_infer_target *t) { return t->pins.q; }

static ads_infer_pins_at place(const ads_infer_target *t, work *w) {
  return (ads_infer_pins_at){t->c, t->fit, t->space, w->models, w->full, w->p, w->row, w->g, w->q2, w->rq};
}

com_status ads_infer_target_q(ads_infer_target *t, size_t chain, const double *x, double *q, double *D,
                              int *ok) {
  work *w = t->chains + chain;
  const ads_infer_pins_at at = place(t, w);
  *ok = 1;
  COM_TRY(admissible(t, ads_infer_pins_q(&t->pins, &w->pins, &at, x, q, D, ok), ok));
  return *ok ? follow(t, w, q, D, ok) : COM_OK;
}

com_status ads_infer_target_x(ads_infer_target *t, size_t chain, const double *q, double *x, int *ok) {
  work *w = t->chains + chain;
  const ads_infer_pins_at at = place(t, w);
  double *primed = w->q; /* not q itself, which the caller keeps */
  *ok = 1;
  memmove(primed, q, t->nq * sizeof *primed);
  COM_TRY(unfollow(t, w, primed, ok));
  if (!*ok) return COM_OK;
  return admissible(t, ads_infer_pins_x(&t->pins, &w->pins, &at, primed, x, ok), ok);
}

static size_t stride_of(const ads_infer_target *t) { return 2 * t->nq + t->n + 2; }

static com_status note(ads_infer_target *t, work *w, const double *x, double logp, double chi2) {
  const size_t stride = stride_of(t);
  if (w->n_seen + 1 >= w->room) {
    const size_t room = w->room ? 2 * w->room : 64;
    double *p = realloc(w->seen, room * stride * sizeof *p);
    COM_ALLOC(t->c, p);
    w->seen = p;
    w->room = room;
  }
  double *at = w->seen + ++w->n_seen * stride;
  memcpy(at, x, t->nq * sizeof *at);
  memcpy(at + t->nq, w->q, t->nq * sizeof *at);
  memcpy(at + 2 * t->nq, w->R, t->n * sizeof *at);
  at[stride - 2] = logp;
  at[stride - 1] = chi2;
  return COM_OK;
}

com_status ads_infer_target_stand(ads_infer_target *t, size_t chain, const double *x,
                                  const ads_infer_point **out) {
  work *w = t->chains + chain;
  const size_t stride = stride_of(t), bytes = t->nq * sizeof *x;
  size_t k = w->n_seen;
  while (k > 0 && memcmp(w->seen + k * stride, x, bytes) != 0) k--;
  COM_CHECK(t->c, w->seen && memcmp(w->seen + k * stride, x, bytes) == 0, COM_E_NUM,
            "chain %zu stands at a point that it did not evaluate", chain);
  if (k > 0) memcpy(w->seen, w->seen + k * stride, stride * sizeof *w->seen);
  w->n_seen = 0;
  w->here = (ads_infer_point){w->seen, w->seen + t->nq, w->seen + 2 * t->nq, w->seen[stride - 2],
                              w->seen[stride - 1]};
  *out = &w->here;
  return COM_OK;
}

com_status ads_infer_target_density(size_t chain, const double *x, double *logp, double *g, void *user) {
  ads_infer_target *t = user;
  work *w = t->chains + chain;
  const size_t n = t->nq;
  double *gq = w->Jx, chi2 = 0; /* free between the calls */
  int ok = 1;
  *logp = -INFINITY;
  COM_TRY(ads_infer_target_q(t, chain, x, w->q, w->D, &ok));
  if (!ok) return COM_OK;
  COM_TRY(ads_infer_target_logp(t, chain, w->q, logp, gq, &chi2));
  if (!isfinite(*logp)) return COM_OK;
  COM_TRY(note(t, w, x, *logp, chi2));
  *logp += t->pins.log_det;
  memset(g, 0, n * sizeof *g);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n; k++) g[k] += gq[i] * w->D[i * n + k];
  return COM_OK;
}

com_status ads_infer_target_squares(ads_infer_target *t, size_t chain, const double *x, double *r, double *J,
                                    int *ok) {
  work *w = t->chains + chain;
  const size_t n = t->nq, m = ads_infer_target_n_squares(t);
  COM_TRY(ads_infer_target_q(t, chain, x, w->q, J ? w->D : NULL, ok));
  if (!*ok) return COM_OK;
  COM_TRY(stacked(t, chain, w->q, r, J ? w->J : NULL, ok));
  if (*ok && J) com_linalg_gemm(0, 0, m, n, n, 1, w->J, n, w->D, n, 0, J, n);
  return COM_OK;
}
