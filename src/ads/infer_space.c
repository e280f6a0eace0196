/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/quad.h"

enum { N_NODES = 64 };
static const size_t NONE = (size_t)-1;

/* The parameters of one metric; several groups may share it. */
typedef struct curve {
  const ads_metric *metric;
  size_t off, n, at; /* entries off.. of full, at.. of q */
  int linear;
  double *mean, *C, *back; /* [n], [n][n] with theta = mean + sigma C xi, its pseudo-inverse */
  double T;
} curve;

typedef struct scalar {
  size_t off, at; /* entry of full, of q */
  int log, own_scale;
  double centre, spread;
} scalar;

struct ads_infer_space {
  com_ctx *c;
  ads_fit *fit;
  const ads_infer_prior *prior;
  size_t n, n_full, n_curves, n_scalars, n_groups, n_factors;
  curve *curves;
  scalar *scalars;
  double *mix;     /* [n_curves][n_curves] lower factor of the correlation between the curves */
  size_t sigma_at; /* NONE: fixed */
  double sigma_spread;
  struct {
    size_t scale_at, T_at; /* NONE: no such nuisance */
    double scale_spread, T, T_error;
  } * groups;
};

/* ---- the Gaussian process on a metric ---- */

static int is_linear(const ads_metric *m, const double *eta, double *J, double *J2) {
  double *theta = J2 + N_NODES * m->n_theta, worst = 0, size = 0;
  for (size_t k = 0; k < m->n_theta; k++) theta[k] = 0.3 + 0.17 * (double)k;
  ads_metric_jac(m, theta, N_NODES, eta, J2);
  memset(theta, 0, m->n_theta * sizeof *theta);
  ads_metric_jac(m, theta, N_NODES, eta, J);
  for (size_t i = 0; i < N_NODES * m->n_theta; i++) {
    worst = fmax(worst, fabs(J[i] - J2[i]));
    size = fmax(size, fabs(J[i]));
  }
  return worst <= 1e-10 * size;
}

/* Projection A = (J^T W J)^-1 J^T W of functions at the nodes onto the metric, by the singular values of W^1/2 J. */
static com_status projector(com_ctx *c, size_t n, const double *J, const double *w, double *A) {
  const size_t r = n < N_NODES ? n : N_NODES;
  double *a = malloc((N_NODES * n + r + N_NODES * r + r * n) * sizeof *a);
  COM_ALLOC(c, a);
  double *s = a + N_NODES * n, *u = s + r, *vt = u + N_NODES * r;
  for (size_t i = 0; i < N_NODES; i++)
    for (size_t k = 0; k < n; k++) a[i * n + k] = sqrt(w[i]) * J[i * n + k];
  const com_status status = com_linalg_svd(c, N_NODES, n, a, s, u, vt);
  memset(A, 0, n * N_NODES * sizeof *A);
  for (size_t j = 0; j < r && !status; j++) {
    if (s[j] < 1e-12 * s[0]) continue;
    for (size_t k = 0; k < n; k++)
      for (size_t i = 0; i < N_NODES; i++)
        A[k * N_NODES + i] += vt[j * n + k] / s[j] * u[i * r + j] * sqrt(w[i]);
  }
  free(a);
  return status;
}

/* C C^T = A K A^T and its inverse, by eigenvectors. */
static com_status roots(com_ctx *c, size_t n, const double *A, const double *eta, double length, double *C,
                        double *back) {
  double *K = malloc((N_NODES * N_NODES + n * N_NODES + n * n + n) * sizeof *K);
  COM_ALLOC(c, K);
  double *AK = K + N_NODES * N_NODES, *S = AK + n * N_NODES, *w = S + n * n;
  for (size_t i = 0; i < N_NODES; i++)
    for (size_t j = 0; j < N_NODES; j++) {
      const double z = (eta[i] - eta[j]) / length;
      K[i * N_NODES + j] = exp(-0.5 * z * z);
    }
  com_linalg_gemm(0, 0, n, N_NODES, N_NODES, 1, A, N_NODES, K, N_NODES, 0, AK, N_NODES);
  com_linalg_gemm(0, 1, n, n, N_NODES, 1, AK, N_NODES, A, N_NODES, 0, S, n);
  const com_status status = com_linalg_eigh(c, n, S, w);
  for (size_t j = 0; j < n && !status;
       j++) { /* row j of S: eigenvector; the stiffest direction of the process comes first */
    const double *v = S + (n - 1 - j) * n, l = w[n - 1 - j], root = sqrt(fmax(l, 0));
    for (size_t k = 0; k < n; k++) {
      C[k * n + j] = root * v[k];
      back[j * n + k] = l > 1e-14 * w[n - 1] ? v[k] / root : 0;
    }
  }
  free(K);
  return status;
}

/* theta of the metric nearest to d coth(d eta). */
static void nearest(const curve *q, const double *eta, const double *A, double *theta) {
  const ads_metric *m = q->metric;
  double h0[N_NODES * 16], dh[N_NODES];
  memset(theta, 0, q->n * sizeof *theta);
  ads_metric_eval(m, theta, N_NODES, eta, h0, NULL);
  for (size_t i = 0; i < N_NODES; i++) dh[i] = m->span.d / tanh(m->span.d * eta[i]) - h0[i];
  for (size_t k = 0; k < q->n; k++)
    for (size_t i = 0; i < N_NODES; i++) theta[k] += A[k * N_NODES + i] * dh[i];
}

static com_status make_curve(ads_infer_space *s, curve *q) {
  const size_t n = q->n;
  double eta[N_NODES], w[N_NODES];
  com_ctx *c = s->c;
  COM_ALLOC(c, q->mean = calloc(n + 2 * n * n, sizeof *q->mean));
  q->C = q->mean + n;
  q->back = q->C + n * n;
  const ads_span *at = &q->metric->span;
  COM_TRY(com_quad_legendre(c, N_NODES, at->eta_ir, at->eta_uv, eta, w));
  for (size_t i = 0; i < N_NODES; i++) w[i] = fabs(w[i]);
  double *J = malloc((3 * N_NODES * n + n) * sizeof *J);
  COM_ALLOC(c, J);
  com_status status = COM_OK;
  q->linear = is_linear(q->metric, eta, J, J + N_NODES * n);
  if (q->linear) {
    double *A = J + N_NODES * n;
    status = projector(c, n, J, w, A);
    if (!status) nearest(q, eta, A, q->mean);
    if (!status) status = roots(c, n, A, eta, s->prior->length, q->C, q->back);
  } else
    for (size_t k = 0; k < n; k++) {
      q->C[k * n + k] = s->prior->theta * s->prior->width;
      q->back[k * n + k] = 1 / q->C[k * n + k];
    }
  free(J);
  return status;
}

/* Correlation of the curves of a joint fit: exp(-(T - T')^2 / (2 length^2)). */
static com_status make_mix(ads_infer_space *s) {
  const size_t n = s->n_curves;
  const double length = s->prior->temperature_length;
  COM_ALLOC(s->c, s->mix = calloc(n * n + 1, sizeof *s->mix));
  for (size_t i = 0; i < n; i++) s->mix[i * n + i] = 1;
  if (!(length > 0) || n < 2) return COM_OK;
  for (size_t i = 0; i < n; i++)
    COM_CHECK(s->c, isfinite(s->curves[i].T) && s->curves[i].n == s->curves[0].n && s->curves[i].linear,
              COM_E_CONFIG,
              "infer.prior.temperature_length: every dataset needs a temperature, and the metric must be "
              "linear in its "
              "parameters");
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      const double z = (s->curves[i].T - s->curves[j].T) / length;
      s->mix[i * n + j] = exp(-0.5 * z * z) + (i == j ? 1e-10 : 0);
    }
  return com_linalg_chol(s->c, n, s->mix);
}

/* ---- scalars ---- */

/* The table row of parameter k >= n_theta of a group; NULL: a nuisance parameter of its loss. */
static const ads_trainable *row_of(const ads_group *g, size_t k) {
  const size_t nt = ads_model_n_theta(g->model), nk = ads_model_n_kappa(g->model);
  if (k >= ads_model_n_params(g->model)) return NULL;
  return k < nt + nk ? ads_model_bulk(g->model)->ops->kappa + (k - nt)
                     : ads_model_dictionary(g->model)->ops->par + (k - nt - nk);
}

/* Default prior of a scalar: that of its random start, half as wide again; a given centre and spread win. */
static com_status make_scalar(ads_infer_space *s, const ads_group *g, size_t k, const com_block *b,
                              scalar *out) {
  const ads_trainable *t = row_of(g, k);
  out->off = b->off;
  out->log = b->log;
  out->own_scale = !t;
  if (!t) {
    ads_loss_extra e;
    ads_loss_operations(g->loss)->extra(ads_loss_self(g->loss), k - ads_model_n_params(g->model), &e);
    out->centre = e.centre;
    out->spread = e.spread;
  } else if (t->draw == ADS_DRAW_LOGUNIFORM) {
    out->centre = t->a;
    out->spread = 1.5 * log(t->b);
  } else {
    out->centre = t->draw == ADS_DRAW_NORMAL ? t->a : 0.5 * (t->a + t->b);
    out->spread = t->draw == ADS_DRAW_NORMAL ? 2 * t->b : t->b - t->a;
    if (t->log) out->spread /= fabs(out->centre);
  }
  const cJSON *centre = com_json_get(s->prior->centre, b->name),
              *spread = com_json_get(s->prior->spread, b->name);
  out->centre = com_json_num(centre, out->centre);
  out->spread = com_json_num(spread, out->spread);
  if (t || !ads_loss_has_scale(g->loss))
    out->spread *= s->prior->width; /* a scale error is a fact of the data */
  COM_CHECK(s->c, out->spread > 0 && (!out->log || out->centre > 0), COM_E_CONFIG,
            "infer.prior: %s has centre %g and spread %g: both must be positive", b->name, out->centre,
            out->spread);
  return COM_OK;
}

static com_status check_names(const ads_infer_space *s, const cJSON *j, const char *key) {
  const com_params *p = ads_fit_params(s->fit);
  for (const cJSON *e = com_json_first(j); e; e = com_json_next(e)) {
    const com_block *b = com_params_find(p, com_json_key(e) ? com_json_key(e) : "");
    COM_CHECK(s->c, b && b->scalar && b->trained && com_json_is_number(e), COM_E_CONFIG,
              "infer.prior.%s: %s: must be a trained scalar of this config with a number, e.g. "
              "{\"dictionary.L\": 3}",
              key, com_json_key(e) ? com_json_key(e) : "not an object");
  }
  return COM_OK;
}

/* ---- construction ---- */

static int seen_curve(const ads_infer_space *s, size_t off) {
  for (size_t i = 0; i < s->n_curves; i++)
    if (s->curves[i].off == off) return 1;
  return 0;
}

static int seen_scalar(const ads_infer_space *s, size_t off) {
  for (size_t i = 0; i < s->n_scalars; i++)
    if (s->scalars[i].off == off) return 1;
  return 0;
}

static const com_block *block_at(const ads_infer_space *s, size_t off) {
  const com_params *p = ads_fit_params(s->fit);
  for (size_t b = 0; b < com_params_n_blocks(p); b++) {
    const com_block *q = com_params_block(p, b);
    if (off >= q->off && off < q->off + q->n) return q;
  }
  return NULL;
}

static com_status add_group(ads_infer_space *s, size_t g) {
  const ads_group *q = ads_fit_group(s->fit, g);
  const size_t nt = ads_model_n_theta(q->model);
  const com_block *b = nt ? block_at(s, q->map[0]) : NULL;
  s->groups[g].T = q->data->T;
  if (b && b->trained && !seen_curve(s, b->off)) {
    curve *k = s->curves + s->n_curves++;
    *k = (curve){.metric = ads_model_metric(q->model), .off = b->off, .n = nt, .at = s->n, .T = q->data->T};
    s->n += nt;
    COM_TRY(make_curve(s, k));
  }
  for (size_t k = nt; k < q->np; k++) {
    b = block_at(s, q->map[k]);
    if (!b->trained || seen_scalar(s, b->off)) continue;
    COM_TRY(make_scalar(s, q, k, b, s->scalars + s->n_scalars));
    s->scalars[s->n_scalars++].at = s->n++;
  }
  return COM_OK;
}

static void add_nuisance(ads_infer_space *s, size_t g) {
  const ads_group *q = ads_fit_group(s->fit, g);
  s->groups[g].scale_at = s->groups[g].T_at = NONE;
  if (q->data->scale_error > 0 && !ads_loss_has_scale(q->loss)) {
    s->groups[g].scale_at = s->n++;
    s->groups[g].scale_spread = q->data->scale_error;
  }
  if (q->data->T_error > 0) {
    s->groups[g].T_at = s->n++;
    s->groups[g].T_error = q->data->T_error;
  }
}

static com_status build(ads_infer_space *s) {
  const size_t ng = s->n_groups;
  size_t linear = 0;
  COM_ALLOC(s->c, s->curves = calloc(ng, sizeof *s->curves));
  COM_ALLOC(s->c, s->scalars = calloc(s->n_full + 1, sizeof *s->scalars));
  COM_ALLOC(s->c, s->groups = calloc(ng, sizeof *s->groups));
  COM_TRY(check_names(s, s->prior->centre, "centre"));
  COM_TRY(check_names(s, s->prior->spread, "spread"));
  for (size_t g = 0; g < ng; g++) COM_TRY(add_group(s, g));
  COM_CHECK(s->c, s->n > 0, COM_E_CONFIG,
            "nothing is trained: set metric.train, or name trainables in bulk.train or dictionary.train");
  COM_CHECK(s->c,
            ads_penalty_pair_count(&s->prior->factors, ads_model_metric(ads_fit_group(s->fit, 0)->model)) ==
                0,
            COM_E_CONFIG,
            "infer.prior.factors: temperature stands between groups; use infer.prior.temperature_length");
  for (size_t i = 0; i < s->n_curves; i++) {
    const size_t m = ads_penalty_count(&s->prior->factors, s->curves[i].metric);
    s->n_factors += m;
    linear += (size_t)s->curves[i].linear;
  }
  s->sigma_at = NONE;
  if (linear > 0 && s->prior->scale_spread > 0) s->sigma_at = s->n++;
  for (size_t g = 0; g < ng; g++) add_nuisance(s, g);
  return make_mix(s);
}

com_status ads_infer_space_create(com_ctx *c, ads_fit *fit, const ads_infer_prior *prior,
                                  ads_infer_space **out) {
  ads_infer_space *s = calloc(1, sizeof *s);
  *out = NULL;
  COM_ALLOC(c, s);
  s->c = c;
  s->fit = fit;
  s->prior = prior;
  s->n_full = com_params_n(ads_fit_params(fit));
  s->n_groups = ads_fit_n_groups(fit);
  const com_status status = build(s);
  if (status)
    ads_infer_space_destroy(s);
  else
    *out = s;
  return status;
}

void ads_infer_space_destroy(ads_infer_space *s) {
  if (!s) return;
  for (size_t i = 0; s->curves && i < s->n_curves; i++) free(s->curves[i].mean);
  free(s->curves);
  free(s->scalars);
  free(s->groups);
  free(s->mix);
  free(s);
}

/* ---- queries ---- */

size_t ads_infer_space_n(const ads_infer_space *s) { return s->n; }
size_t ads_infer_space_n_factors(const ads_infer_space *s) { return s->n_factors; }

int ads_infer_space_scalar(const ads_infer_space *s, size_t k) {
  for (size_t i = 0; i < s->n_scalars; i++)
    if (s->scalars[i].at == k) return !s->scalars[i].own_scale;
  return 0;
}

size_t ads_infer_space_entry(const ads_infer_space *s, size_t off, double *spread) {
  for (size_t i = 0; i < s->n_scalars; i++)
    if (s->scalars[i].off == off) {
      *spread = s->scalars[i].spread;
      return s->scalars[i].at;
    }
  return NONE;
}

int ads_infer_space_seen(const ads_infer_space *s, size_t k) {
  for (size_t g = 0; g < s->n_groups; g++)
    if (s->groups[g].T_at == k) return ads_loss_operations(ads_fit_group(s->fit, g)->loss)->predict != NULL;
  return 1;
}

void ads_infer_space_name(const ads_infer_space *s, size_t k, char out[96]) {
  for (size_t i = 0; i < s->n_curves; i++) {
    const curve *q = s->curves + i;
    if (k < q->at || k >= q->at + q->n) continue;
    const char *name = block_at(s, q->off)->name, *dot = strrchr(name, '.');
    snprintf(out, 96, "%.*s.xi[%zu]", (int)(dot ? dot - name : 0), name, k - q->at);
    return;
  }
  for (size_t i = 0; i < s->n_scalars; i++)
    if (s->scalars[i].at == k) {
      snprintf(out, 96, "%s", block_at(s, s->scalars[i].off)->name);
      return;
    }
  snprintf(out, 96, "prior.scale");
  for (size_t g = 0; g < s->n_groups; g++) {
    const char *name = ads_fit_group(s->fit, g)->name;
    if (s->groups[g].scale_at == k) snprintf(out, 96, *name ? "data[%s].scale" : "data%s.scale", name);
    if (s->groups[g].T_at == k) snprintf(out, 96, *name ? "data[%s].T" : "data%s.T", name);
  }
}

double ads_infer_space_sigma(const ads_infer_space *s, const double *q) {
  int linear = 0;
  for (size_t i = 0; i < s->n_curves; i++) linear |= s->curves[i].linear;
  if (!linear) return NAN;
  const double sigma = s->prior->scale * s->prior->width;
  return s->sigma_at == NONE ? sigma : sigma * exp(s->prior->scale_spread * q[s->sigma_at]);
}

double ads_infer_space_scale(const ads_infer_space *s, size_t g, const double *q) {
  const size_t at = s->groups[g].scale_at;
  if (at != NONE) return exp(s->groups[g].scale_spread * q[at]);
  const ads_group *a = ads_fit_group(s->fit, g);
  if (!ads_loss_has_scale(a->loss)) return 1;
  const size_t off = a->map[a->np - 1];
  for (size_t i = 0; i < s->n_scalars; i++)
    if (s->scalars[i].off == off)
      return s->scalars[i].centre * exp(s->scalars[i].spread * q[s->scalars[i].at]);
  return 1;
}

size_t ads_infer_space_scale_index(const ads_infer_space *s, size_t g, double *spread) {
  const ads_group *a = ads_fit_group(s->fit, g);
  *spread = s->groups[g].scale_spread;
  if (s->groups[g].scale_at != NONE || !ads_loss_has_scale(a->loss)) return s->groups[g].scale_at;
  for (size_t i = 0; i < s->n_scalars; i++)
    if (s->scalars[i].off == a->map[a->np - 1]) {
      *spread = s->scalars[i].spread;
      return s->scalars[i].at;
    }
  return NONE;
}

double ads_infer_space_temperature(const ads_infer_space *s, size_t g, const double *q) {
  const size_t at = s->groups[g].T_at;
  return at == NONE ? s->groups[g].T : s->groups[g].T + s->groups[g].T_error * q[at];
}

size_t ads_infer_space_temperature_index(const ads_infer_space *s, size_t g, double *error) {
  *error = s->groups[g].T_error;
  return s->groups[g].T_at;
}

double ads_infer_space_range(const ads_infer_space *s) { return s->prior->range; }

/* ---- the map ---- */

static double sigma_of(const ads_infer_space *s, const curve *k, const double *q) {
  return k->linear ? ads_infer_space_sigma(s, q) : 1;
}

void ads_infer_space_full(const ads_infer_space *s, const double *q, double *full) {
  for (size_t i = 0; i < s->n_curves; i++) {
    const curve *k = s->curves + i;
    const double sigma = sigma_of(s, k, q);
    for (size_t a = 0; a < k->n; a++) {
      double v = 0;
      for (size_t j = 0; j <= i; j++) {
        const double mix = s->mix[i * s->n_curves + j];
        for (size_t b = 0; b < k->n && mix != 0; b++) v += mix * k->C[a * k->n + b] * q[s->curves[j].at + b];
      }
      full[k->off + a] = k->mean[a] + sigma * v;
    }
  }
  for (size_t i = 0; i < s->n_scalars; i++) {
    const scalar *v = s->scalars + i;
    full[v->off] = v->log ? v->centre * exp(v->spread * q[v->at]) : v->centre + v->spread * q[v->at];
  }
}

void ads_infer_space_chain(const ads_infer_space *s, const double *q, const double *full, const double *row,
                           double *out) {
  memset(out, 0, s->n * sizeof *out);
  for (size_t i = 0; i < s->n_curves; i++) {
    const curve *k = s->curves + i;
    const double sigma = sigma_of(s, k, q);
    for (size_t a = 0; a < k->n; a++) {
      const double g = row[k->off + a];
      if (g == 0) continue;
      for (size_t j = 0; j <= i; j++) {
        const double mix = s->mix[i * s->n_curves + j] * sigma * g;
        for (size_t b = 0; b < k->n && mix != 0; b++) out[s->curves[j].at + b] += mix * k->C[a * k->n + b];
      }
      if (k->linear && s->sigma_at != NONE)
        out[s->sigma_at] += g * s->prior->scale_spread * (full[k->off + a] - k->mean[a]);
    }
  }
  for (size_t i = 0; i < s->n_scalars; i++) {
    const scalar *v = s->scalars + i;
    out[v->at] += row[v->off] * v->spread * (v->log ? full[v->off] : 1);
  }
}

void ads_infer_space_back(const ads_infer_space *s, const double *full, double *q) {
  double sum = 0;
  size_t count = 0;
  memset(q, 0, s->n * sizeof *q);
  for (size_t i = 0; i < s->n_scalars; i++) {
    const scalar *v = s->scalars + i;
    q[v->at] = (v->log ? log(full[v->off] / v->centre) : full[v->off] - v->centre) / v->spread;
  }
  for (size_t i = 0; i < s->n_curves; i++) { /* xi of curve i less what the earlier ones bring in */
    const curve *k = s->curves + i;
    const double own = s->mix[i * s->n_curves + i];
    for (size_t b = 0; b < k->n; b++) {
      double v = 0;
      for (size_t a = 0; a < k->n; a++) v += k->back[b * k->n + a] * (full[k->off + a] - k->mean[a]);
      for (size_t j = 0; j < i; j++) v -= s->mix[i * s->n_curves + j] * q[s->curves[j].at + b];
      q[k->at + b] = v / own;
      if (k->linear) sum += q[k->at + b] * q[k->at + b];
      count += (size_t)k->linear;
    }
  }
  if (count == 0) return;
  double sigma = ads_infer_space_sigma(s, q); /* q[sigma] is 0 here */
  if (s->sigma_at !=
      NONE) { /* the size that makes the xi of unit variance, within three spreads of its prior */
    const double want = log(sqrt(sum / (double)count + 1e-12) / sigma) / s->prior->scale_spread;
    q[s->sigma_at] = fmin(fmax(want, -3), 3);
    sigma = ads_infer_space_sigma(s, q);
  }
  for (size_t i = 0; i < s->n_curves; i++)
    for (size_t b = 0; b < s->curves[i].n && s->curves[i].linear; b++) q[s->curves[i].at + b] /= sigma;
}

com_status ads_infer_space_factors(const ads_infer_space *s, const double *q, const double *full, double *r,
                                   double *J) {
  size_t at = 0;
  double *own = NULL, *row = NULL;
  if (J) { /* local: several chains work at the same time */
    COM_ALLOC(s->c, own = calloc(s->n_factors * s->n_full + s->n_full + 1, sizeof *own));
    row = own + s->n_factors * s->n_full;
  }
  com_status status = COM_OK;
  for (size_t i = 0; i < s->n_curves && !status; i++) {
    const curve *k = s->curves + i;
    const size_t m = ads_penalty_count(&s->prior->factors, k->metric);
    status = ads_penalty_eval(s->c, &s->prior->factors, k->metric, full + k->off, r + at, own);
    for (size_t a = 0; a < m && !status; a++, at++) {
      r[at] /= s->prior->width;
      if (!J) continue;
      memset(row, 0, s->n_full * sizeof *row);
      for (size_t b = 0; b < k->n; b++) row[k->off + b] = own[a * k->n + b] / s->prior->width;
      ads_infer_space_chain(s, q, full, row, J + at * s->n);
    }
  }
  free(own);
  return status;
}
