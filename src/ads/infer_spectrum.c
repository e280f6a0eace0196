/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/table.h"

/* ---- directions ---- */

/* A unit step along v (in x) as a change of h(eta) of the first group, and of every scalar. */
static com_status direction(com_ctx *c, ads_fit *f, const double *full, double s, const double *v,
                            size_t n_eta, cJSON *list) {
  const com_params *p = ads_fit_params(f);
  const ads_group *g = ads_fit_group(f, 0);
  const ads_metric *m = ads_model_metric(g->model);
  const size_t nt = com_params_n_trained(p), n = m->n_theta;
  double *w = calloc((n + 2) * n_eta + com_params_n(p) + n + 1, sizeof *w);
  COM_ALLOC(c, w);
  double *dh = w + n_eta, *jac = dh + n_eta, *dp = jac + n_eta * n, *theta = dp + com_params_n(p);
  cJSON *j = com_json_object(), *scalars = com_json_object();
  com_status status = j && scalars ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < nt; k++) dp[com_params_trained_index(p, k)] = v[k];
  for (size_t i = 0; i < n_eta; i++)
    w[i] = m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * (double)i / (double)(n_eta - 1);
  for (size_t k = 0; k < n; k++) theta[k] = full[g->map[k]];
  if (n) ads_metric_jac(m, theta, n_eta, w, jac);
  for (size_t i = 0; i < n_eta; i++)
    for (size_t k = 0; k < n; k++) dh[i] += jac[i * n + k] * dp[g->map[k]];
  for (size_t b = 0; b < com_params_n_blocks(p) && !status; b++) {
    const com_block *q = com_params_block(p, b);
    if (q->scalar && q->trained) status = com_json_add(c, scalars, q->name, com_json_real(dp[q->off]));
  }
  if (!status) status = com_json_add(c, j, "singular_value", com_json_real(s));
  if (!status) status = com_json_add(c, j, "error", com_json_real(1 / s));
  if (!status) status = com_json_add(c, j, "eta", com_json_reals(w, n_eta));
  if (!status) status = com_json_add(c, j, "dh", com_json_reals(dh, n_eta));
  if (!status) {
    status = com_json_add(c, j, "dscalars", scalars);
    scalars = NULL;
  }
  if (!status) {
    status = com_json_push(c, list, j);
    j = NULL;
  }
  com_json_free(scalars);
  com_json_free(j);
  free(w);
  return status;
}

static cJSON *labels(const com_params *p) {
  cJSON *a = com_json_array();
  for (size_t k = 0; a && k < com_params_n_trained(p); k++) {
    char name[80] = "ln ";
    const int log_ = com_params_trained_log(p, k);
    com_params_label(p, com_params_trained_index(p, k), name + (log_ ? 3 : 0));
    if (com_json_push(NULL, a, com_json_string(name))) {
      com_json_free(a);
      return NULL;
    }
  }
  return a;
}

static com_status fill(com_ctx *c, ads_fit *f, const double *full, size_t n_eta, size_t *n_determined,
                       double *work, cJSON *out) {
  const com_params *p = ads_fit_params(f);
  const size_t n = ads_fit_n_points(f), nt = com_params_n_trained(p), r = n < nt ? n : nt;
  double *pred = work, *pull = pred + n, *J = pull + n, *s = J + n * nt, *vt = s + r, *fisher = vt + r * nt,
         chi2 = NAN;
  COM_TRY(ads_fit_predict(f, full, pred, pull, &chi2));
  COM_CHECK(c, isfinite(chi2), COM_E_NUM,
            "identifiability: some response does not exist at these parameters");
  COM_TRY(ads_fit_sensitivity(f, full, pred, J));
  com_linalg_syrk(nt, n, 1, J, 0, fisher);
  COM_TRY(com_linalg_svd(c, n, nt, J, s, NULL, vt));
  *n_determined = 0;
  while (*n_determined < r && s[*n_determined] > 1) ++*n_determined;
  COM_TRY(com_json_add(c, out, "chi2", com_json_real(chi2)));
  COM_TRY(com_json_add(c, out, "parameters", com_params_json(p, full)));
  COM_TRY(com_json_add(c, out, "singular_values", com_json_reals(s, r)));
  COM_TRY(com_json_add(c, out, "n_determined", com_json_int((long long)*n_determined)));
  COM_TRY(com_json_add(c, out, "n_trained", com_json_int((long long)nt)));
  COM_TRY(com_json_add(c, out, "rel_tol", com_json_real(1e-11)));
  COM_TRY(com_json_add(c, out, "coordinates", labels(p)));
  cJSON *list = com_json_array();
  com_status status = list ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < r && !status; k++) status = direction(c, f, full, s[k], vt + k * nt, n_eta, list);
  if (status)
    com_json_free(list);
  else
    status = com_json_add(c, out, "directions", list);
  COM_TRY(status);
  cJSON *rows = com_json_array();
  status = rows ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < nt && !status; k++)
    status = com_json_push(c, rows, com_json_reals(fisher + k * nt, nt));
  if (status) com_json_free(rows);
  return status ? status : com_json_add(c, out, "fisher", rows);
}

com_status ads_infer_spectrum(com_ctx *c, ads_fit *f, const double *full, size_t n_eta, size_t *n_determined,
                              cJSON **out) {
  const size_t n = ads_fit_n_points(f), nt = com_params_n_trained(ads_fit_params(f)), r = n < nt ? n : nt;
  double *work = malloc((2 * n + n * nt + r + r * nt + nt * nt + 1) * sizeof *work);
  COM_ALLOC(c, work);
  cJSON *j = com_json_object();
  const com_status status =
      j ? fill(c, f, full, n_eta, n_determined, work, j) : COM_FAIL(c, COM_E_MEM, "out of memory");
  free(work);
  if (status) com_json_free(j);
  *out = status ? NULL : j;
  return status;
}

/* ---- design ---- */

enum { N_CANDIDATES = 25 };
typedef struct candidate {
  size_t group;
  double source, mean, sd, error, gain;
} candidate;

static int by_gain(const void *a, const void *b) {
  const double x = ((const candidate *)a)->gain, y = ((const candidate *)b)->gain;
  return (x < y) - (x > y);
}

/* Candidates of one group: sources on a logarithmic grid (linear when a source is not positive). */
static void grid_of(const ads_dataset *d, size_t group, candidate *out) {
  double lo = INFINITY, hi = -INFINITY;
  for (size_t i = 0; i < d->n; i++) {
    lo = fmin(lo, d->source[i]);
    hi = fmax(hi, d->source[i]);
  }
  for (size_t k = 0; k < N_CANDIDATES; k++) {
    const double t = (double)k / (N_CANDIDATES - 1);
    out[k] =
        (candidate){.group = group, .source = lo > 0 ? 0.25 * lo * pow(16 * hi / lo, t) : lo + t * (hi - lo)};
  }
}

/* Nearest datum in the source; a guess of the response scales with the root of the distance. */
static size_t nearest(const ads_dataset *d, double s) {
  size_t best = 0;
  for (size_t i = 1; i < d->n; i++)
    if (fabs(d->source[i] - s) < fabs(d->source[best] - s)) best = i;
  return best;
}

static com_status spread(com_ctx *c, ads_infer_target *t, size_t n_draws, const double *q, const double *R,
                         size_t g, size_t first, candidate *cand) {
  const ads_dataset *d = ads_fit_group(ads_infer_target_fit(t), g)->data;
  const int absolute =
      d->kind == ADS_DATASET_POTENTIAL; /* V has no natural zero: its error is not relative */
  const size_t nq = ads_infer_target_n(t), n = ads_infer_target_points(t),
               stride = n_draws > 400 ? n_draws / 400 : 1;
  double s[N_CANDIDATES], r[N_CANDIDATES], sum[N_CANDIDATES] = {0}, sum2[N_CANDIDATES] = {0},
                                           count[N_CANDIDATES] = {0};
  unsigned char ok[N_CANDIDATES];
  (void)c;
  for (size_t k = 0; k < N_CANDIDATES; k++) s[k] = cand[k].source;
  for (size_t i = 0; i < n_draws; i += stride) {
    for (size_t k = 0; k < N_CANDIDATES; k++) {
      const size_t near = nearest(d, s[k]);
      const double ratio = d->source[near] > 0 && s[k] > 0 ? s[k] / d->source[near] : 1;
      r[k] = R[i * n + first + near] * (ratio < 1 ? ratio : sqrt(ratio));
    }
    COM_TRY(ads_infer_target_curve(t, 0, q + i * nq, g, N_CANDIDATES, s, r, ok));
    for (size_t k = 0; k < N_CANDIDATES; k++) {
      if (!ok[k]) continue;
      count[k]++;
      sum[k] += r[k];
      sum2[k] += r[k] * r[k];
    }
  }
  for (size_t k = 0; k < N_CANDIDATES; k++) {
    const size_t near = nearest(d, s[k]);
    cand[k].mean = count[k] > 0 ? sum[k] / count[k] : NAN;
    cand[k].sd = count[k] > 1 ? sqrt(fmax(0, sum2[k] / count[k] - cand[k].mean * cand[k].mean)) : NAN;
    cand[k].error = d->error[near] * (absolute ? 1 : fabs(cand[k].mean / d->response[near]));
    cand[k].gain = 0.5 * log1p(cand[k].sd * cand[k].sd / (cand[k].error * cand[k].error));
    if (!isfinite(cand[k].gain)) cand[k].gain = 0;
  }
  return COM_OK;
}

/* Candidates of all groups, best first.  With several groups their names and units are columns, as they differ. */
static com_status design_table(com_ctx *c, const ads_fit *f, size_t n, const candidate *cand,
                               com_table **out) {
  static const char *const names[] = {"source", "prediction", "spread", "error", "gain"};
  const int several = ads_fit_n_groups(f) > 1;
  const ads_dataset *d = ads_fit_group(f, 0)->data;
  const char *const units[] = {d->source_unit, d->response_unit, d->response_unit, d->response_unit, "nat"};
  double *col = malloc((5 * n + 1) * sizeof *col);
  const char **text = malloc((3 * n + 1) * sizeof *text);
  com_status s = col && text ? com_table_create(c, out) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < n && !s; k++) {
    const ads_group *q = ads_fit_group(f, cand[k].group);
    const double v[] = {cand[k].source, cand[k].mean, cand[k].sd, cand[k].error, cand[k].gain};
    for (size_t j = 0; j < 5; j++) col[j * n + k] = v[j];
    text[k] = q->name;
    text[n + k] = q->data->source_unit;
    text[2 * n + k] = q->data->response_unit;
  }
  if (!s && several) s = com_table_add_text(c, *out, "group", n, text);
  for (size_t j = 0; j < 5 && !s; j++)
    s = com_table_add(c, *out, names[j], several && j < 4 ? "" : units[j], NULL, n, col + j * n, NULL);
  if (!s && several) s = com_table_add_text(c, *out, "source_unit", n, text + n);
  if (!s && several) s = com_table_add_text(c, *out, "response_unit", n, text + 2 * n);
  free(text);
  free(col);
  return s;
}

com_status ads_infer_spectrum_design(com_ctx *c, ads_infer_target *t, size_t n_draws, const double *q,
                                     const double *R, cJSON **out) {
  const ads_fit *f = ads_infer_target_fit(t);
  const size_t n_groups = ads_fit_n_groups(f), n = n_groups * N_CANDIDATES;
  com_table *table = NULL;
  com_status status = COM_OK;
  size_t first = 0;
  *out = NULL;
  candidate *cand = malloc(n * sizeof *cand);
  COM_ALLOC(c, cand);
  for (size_t g = 0; g < n_groups && !status; g++) {
    grid_of(ads_fit_group(f, g)->data, g, cand + g * N_CANDIDATES);
    status = spread(c, t, n_draws, q, R, g, first, cand + g * N_CANDIDATES);
    first += ads_fit_group(f, g)->data->n;
  }
  if (!status) {
    qsort(cand, n, sizeof *cand, by_gain);
    status = design_table(c, f, n, cand, &table);
  }
  if (!status && !(*out = com_table_json(table))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  com_table_destroy(table);
  free(cand);
  return status;
}
