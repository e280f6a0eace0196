/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_bands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/infer_geometry.h"
#include "ads/report.h"
#include "ads/units.h"
#include "ads/wilson.h"
#include "common/sample_stats.h"

enum { N_LEVELS = 5, N_D = 24, N_PHI = 24, N_GEO = 25 };

/* ---- tables ---- */

/* Quantiles of the finite entries of one column. */
static void quantiles(size_t n_draws, size_t m, size_t k, const double *values, double credible, double *work,
                      double out[N_LEVELS + 1]) {
  const double level[N_LEVELS] = {0.5, 0.16, 0.84, 0.5 * (1 - credible), 0.5 * (1 + credible)};
  size_t n = 0;
  for (size_t i = 0; i < n_draws; i++)
    if (isfinite(values[i * m + k])) work[n++] = values[i * m + k];
  com_sample_stats_sort(n, work);
  for (size_t l = 0; l < N_LEVELS; l++) out[l] = com_sample_stats_quantile(n, work, level[l]);
  out[N_LEVELS] = n_draws ? (double)n / (double)n_draws : NAN;
}

com_status ads_infer_bands_table(com_ctx *c, const char *name, const char *unit, const char *value_unit,
                                 size_t m, const double *x, size_t n_draws, const double *values,
                                 double credible, com_table **out) {
  static const char *const names[] = {"median", "lo68", "hi68", "lo", "hi", "share"};
  double *work = malloc((n_draws + 6 * m + 1) * sizeof *work), *col = work ? work + n_draws : NULL;
  COM_ALLOC(c, work);
  for (size_t k = 0; k < m; k++) {
    double q[N_LEVELS + 1];
    quantiles(n_draws, m, k, values, credible, work, q);
    for (size_t l = 0; l <= N_LEVELS; l++) col[l * m + k] = q[l];
  }
  com_status status = com_table_create(c, out);
  if (!status) status = com_table_add(c, *out, name, unit, NULL, m, x, NULL);
  for (size_t l = 0; l <= N_LEVELS && !status; l++)
    status = com_table_add(c, *out, names[l], l < N_LEVELS ? value_unit : "1", NULL, m, col + l * m, NULL);
  free(work);
  return status;
}

static com_status add_table(com_ctx *c, cJSON *out, const char *key, const char *name, const char *unit,
                            const char *value_unit, size_t m, const double *x, size_t n_draws,
                            const double *values, double credible) {
  com_table *t = NULL;
  COM_TRY(ads_infer_bands_table(c, name, unit, value_unit, m, x, n_draws, values, credible, &t));
  const com_status s = com_json_add(c, out, key, com_table_json(t));
  com_table_destroy(t);
  return s;
}

/* One number of every draw: {"median", "lo68", ..., "share"}. */
static com_status add_number(com_ctx *c, cJSON *out, const char *key, const char *unit, size_t n_draws,
                             const double *v, double credible) {
  static const char *const names[] = {"median", "lo68", "hi68", "lo", "hi", "share"};
  double q[N_LEVELS + 1], *work = malloc((n_draws + 1) * sizeof *work);
  COM_ALLOC(c, work);
  quantiles(n_draws, 1, 0, v, credible, work, q);
  free(work);
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "unit", com_json_string(unit));
  for (size_t l = 0; l <= N_LEVELS && !s; l++) s = com_json_add(c, j, names[l], com_json_real(q[l]));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, key, j);
}

/* ---- metric and couplings ---- */

/* h on a grid and the depth of its dip (lowest h in the span), of one group. */
static com_status metric(com_ctx *c, const ads_infer_bands_job *job, size_t g, cJSON *out) {
  ads_fit *fit = ads_infer_target_fit(job->target);
  const ads_group *q = ads_fit_group(fit, g);
  const ads_metric *m = ads_model_metric(q->model);
  const size_t n = job->n_eta, nf = com_params_n(ads_fit_params(fit)), nq = ads_infer_target_n(job->target);
  double *mem = malloc((n + nf + q->np + job->n_draws * (n + 2) + 1) * sizeof *mem);
  COM_ALLOC(c, mem);
  double *eta = mem, *full = eta + n, *p = full + nf, *h = p + q->np, *dip = h + job->n_draws * n,
         *at = dip + job->n_draws;
  memcpy(full, com_params_values(ads_fit_params(fit)), nf * sizeof *full);
  for (size_t i = 0; i < n; i++)
    eta[i] = m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * (double)i / (double)(n - 1);
  for (size_t d = 0; d < job->n_draws; d++) {
    ads_infer_space_full(ads_infer_target_space(job->target), job->q + d * nq, full);
    ads_fit_gather(fit, g, full, p);
    ads_metric_eval(m, p, n, eta, h + d * n, NULL);
    size_t low = 0;
    for (size_t i = 1; i < n; i++)
      if (h[d * n + i] < h[d * n + low]) low = i;
    dip[d] = h[d * n + low];
    at[d] = eta[low];
  }
  char key[160];
  snprintf(key, sizeof key, *q->name ? "h[%s]" : "h%s", q->name);
  com_status s = add_table(c, out, key, "eta", "L", "1/L", n, eta, job->n_draws, h, job->credible);
  snprintf(key, sizeof key, *q->name ? "dip[%s]" : "dip%s", q->name);
  if (!s) s = add_number(c, out, key, "1/L", job->n_draws, dip, job->credible);
  snprintf(key, sizeof key, *q->name ? "dip_eta[%s]" : "dip_eta%s", q->name);
  if (!s) s = add_number(c, out, key, "L", job->n_draws, at, job->credible);
  free(mem);
  return s;
}

static com_status responses(com_ctx *c, const ads_infer_bands_job *job, size_t g, size_t first, cJSON *out) {
  const ads_group *q = ads_fit_group(ads_infer_target_fit(job->target), g);
  const size_t n = ads_infer_target_points(job->target), m = q->data->n;
  double *v = malloc((job->n_draws * m + 1) * sizeof *v);
  COM_ALLOC(c, v);
  for (size_t d = 0; d < job->n_draws; d++) memcpy(v + d * m, job->R + d * n + first, m * sizeof *v);
  char key[160];
  snprintf(key, sizeof key, *q->name ? "responses[%s]" : "responses%s", q->name);
  const com_status s = add_table(c, out, key, q->data->source_name, q->data->source_unit,
                                 q->data->response_unit, m, q->data->source, job->n_draws, v, job->credible);
  free(v);
  return s;
}

/* At most MOST draws, evenly, go into the result: what a corner plot needs. */
static com_status add_draws(com_ctx *c, com_table *t, const char *name, size_t n, const double *v) {
  enum { MOST = 400 };
  double few[MOST];
  const size_t m = n < MOST ? n : MOST;
  for (size_t i = 0; i < m; i++) few[i] = v[i * n / m];
  return com_table_add(c, t, name, "", NULL, m, few, NULL);
}

static com_status scalars(com_ctx *c, const ads_infer_bands_job *job, cJSON *out) {
  com_table *draws = NULL;
  ads_fit *fit = ads_infer_target_fit(job->target);
  const com_params *p = ads_fit_params(fit);
  const size_t nf = com_params_n(p), nq = ads_infer_target_n(job->target);
  double *full = malloc((nf + job->n_draws + 1) * sizeof *full), *v = full ? full + nf : NULL;
  COM_ALLOC(c, full);
  cJSON *j = com_json_object();
  com_status s = j ? com_table_create(c, &draws) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t b = 0; b < com_params_n_blocks(p) && !s; b++) {
    const com_block *q = com_params_block(p, b);
    if (!q->scalar || !q->trained) continue;
    for (size_t d = 0; d < job->n_draws; d++) {
      ads_infer_space_full(ads_infer_target_space(job->target), job->q + d * nq, full);
      v[d] = full[q->off];
    }
    s = add_number(c, j, q->name, "", job->n_draws, v, job->credible);
    if (!s) s = add_draws(c, draws, q->name, job->n_draws, v);
  }
  free(full);
  if (!s && com_table_cols(draws)) s = com_json_add(c, out, "draws", com_table_json(draws));
  com_table_destroy(draws);
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, "scalars", j);
}

/* ---- geometry ---- */

typedef struct geometry {
  com_ctx *c;
  const ads_infer_bands_job *job;
  const cJSON *config;
  size_t group, n, stride;
  const double *d_fm;                         /* [N_D] second pass */
  double *lnf, *lng, *V, *Vphi;               /* [n][N_GEO], [n][N_D], [n][N_PHI] */
  double *screening, *slope, *eta, *phi_grid; /* [n] fm, [n], [N_GEO], [N_PHI] */
  int pass;
} geometry;

/* What cannot be had from a draw (no horizon to continue to, no string) is NAN and lowers the "share". */
static com_status tolerate(com_ctx *c, com_status s) {
  if (s != COM_E_NUM) return s;
  com_ctx_clear(c);
  return COM_OK;
}

static com_status landmarks(geometry *w, const ads_background *b, size_t i) {
  ads_wilson_landmarks at;
  const com_status s = ads_wilson_find(w->c, b, &at);
  const double fm = ADS_UNITS_HBARC * ads_background_facts(b)->L;
  for (size_t k = 0; k < N_GEO; k++) {
    ads_geometry geo;
    ads_background_at(b, w->eta[k], &geo);
    w->lnf[i * N_GEO + k] = geo.lnf;
    w->lng[i * N_GEO + k] = geo.lng;
  }
  if (s) return tolerate(w->c, s);
  w->screening[i] = fm * at.screening;
  w->slope[i] = at.slope;
  return COM_OK;
}

/* The first group that is fitted to a potential; the number of groups when there is none. */
static size_t fitted_potential(const ads_fit *f) {
  size_t g = 0;
  while (g < ads_fit_n_groups(f) && ads_fit_group(f, g)->data->kind != ADS_DATASET_POTENTIAL) g++;
  return g;
}

/* Scale and constant of V_GeV = kappa V/L + constant at draw i: those of the joint fit, else sigma = 1 at the linear slope. */
static com_status calibration(const geometry *w, size_t i, double L, double slope, double out[2]) {
  ads_infer_target *t = w->job->target;
  const ads_fit *f = ads_infer_target_fit(t);
  const size_t g = fitted_potential(f);
  out[0] = slope > 0 ? ADS_UNITS_HBARC * L * L / slope : NAN; /* V in sigma fm */
  out[1] = 0;
  if (g == ads_fit_n_groups(f)) return COM_OK;
  const ads_group *q = ads_fit_group(f, g);
  const com_params *p = ads_fit_params((ads_fit *)f);
  double *full = malloc((com_params_n(p) + 1) * sizeof *full);
  COM_ALLOC(w->c, full);
  memcpy(full, com_params_values(p), com_params_n(p) * sizeof *full);
  ads_infer_space_full(ads_infer_target_space(t), w->job->q + i * w->stride * ads_infer_target_n(t), full);
  for (int k = 0; k < 2; k++) out[k] = full[q->map[q->np - 2 + (size_t)k]];
  free(full);
  return COM_OK;
}

/* Beyond the screening distance two straight strings, V = 0. */
static com_status potential(geometry *w, const ads_background *b, size_t i) {
  ads_wilson_landmarks at;
  const double L = ads_background_facts(b)->L;
  double unit[2];
  com_status s = ads_wilson_find(w->c, b, &at);
  if (!s) s = calibration(w, i, L, at.slope, unit);
  for (size_t k = 0; k < N_D && !s; k++) {
    ads_wilson_point p = {.V = 0};
    const double d = w->d_fm[k] / (ADS_UNITS_HBARC * L);
    const int whole = !(d < at.screening) && isfinite(at.screening);
    const com_status one = whole ? COM_OK : ads_wilson_turning_point(w->c, b, &at, d, &p);
    if (!one) w->V[i * N_D + k] = unit[0] * fmin(p.V, 0) / L + unit[1];
    s = tolerate(w->c, one);
  }
  return tolerate(w->c, s);
}

/* Distances of the band of V: over the data of a potential, else up to the median screening distance and a little beyond. */
static double reach(const ads_fit *f, double screening) {
  const size_t g = fitted_potential(f);
  if (g == ads_fit_n_groups(f)) return 1.2 * screening;
  const ads_dataset *d = ads_fit_group(f, g)->data;
  double r = 0;
  for (size_t i = 0; i < d->n; i++) r = fmax(r, d->source[i]);
  return 1.1 * r;
}

/* V at given Phi, by linear interpolation along the radial direction from the boundary inwards. */
static void dilaton(geometry *w, const ads_background *b, size_t i) {
  enum { STEPS = 160 };
  ads_dilaton last = {0}, now;
  const double top = 2.5, low = 0.02;
  size_t k = 0;
  if (!ads_background_dilaton(b, top, &last)) return;
  for (int s = 1; s <= STEPS && k < N_PHI; s++) {
    if (!ads_background_dilaton(b, top * pow(low / top, (double)s / STEPS), &now)) return;
    while (k < N_PHI && w->phi_grid[k] < last.phi) k++;
    while (k < N_PHI && w->phi_grid[k] <= now.phi && now.phi > last.phi) {
      w->Vphi[i * N_PHI + k] = last.V + (w->phi_grid[k] - last.phi) / (now.phi - last.phi) * (now.V - last.V);
      k++;
    }
    last = now;
  }
}

static com_status one_draw(size_t i, size_t worker, void *user) {
  (void)worker;
  geometry *w = user;
  ads_background *b = NULL;
  ads_infer_target *t = w->job->target;
  const ads_infer_geometry_at at = {ads_infer_target_fit(t), ads_infer_target_space(t), w->config, w->group};
  com_status s = ads_infer_geometry_background(w->c, &at, w->job->q + i * w->stride * ads_infer_target_n(t),
                                               w->pass == 2 ? "einstein" : NULL, &b);
  if (!s && w->pass == 0) s = landmarks(w, b, i);
  if (!s && w->pass == 1) s = potential(w, b, i);
  if (!s && w->pass == 2) dilaton(w, b, i);
  ads_background_destroy(b);
  return tolerate(w->c, s);
}

static com_status run_pass(geometry *w, int pass) {
  com_status s = COM_OK;
  w->pass = pass;
  if (w->job->pool) return com_pool_run(w->job->pool, w->n, one_draw, w);
  for (size_t i = 0; i < w->n && !s; i++) s = one_draw(i, 0, w);
  return s;
}

static com_status fill_geometry(geometry *w, const char *suffix, double *d_fm, cJSON *out) {
  com_ctx *c = w->c;
  const double credible = w->job->credible;
  char key[160];
  double q[N_LEVELS + 1];
  for (size_t k = 0; k < N_GEO; k++) w->eta[k] = 0.02 * pow(150, (double)k / (N_GEO - 1)); /* 0.02 .. 3 */
  for (size_t k = 0; k < N_PHI; k++) w->phi_grid[k] = 0.15 * (double)(k + 1);
  COM_TRY(run_pass(w, 0));
  double *work = malloc((w->n + 1) * sizeof *work);
  COM_ALLOC(c, work);
  quantiles(w->n, 1, 0, w->screening, credible, work, q);
  free(work);
  snprintf(key, sizeof key, "screening%s", suffix);
  COM_TRY(add_number(c, out, key, "fm", w->n, w->screening, credible));
  snprintf(key, sizeof key, "ln_f%s", suffix);
  COM_TRY(add_table(c, out, key, "eta", "L", "1", N_GEO, w->eta, w->n, w->lnf, credible));
  snprintf(key, sizeof key, "ln_g%s", suffix);
  COM_TRY(add_table(c, out, key, "eta", "L", "1", N_GEO, w->eta, w->n, w->lng, credible));
  const ads_fit *fit = ads_infer_target_fit(w->job->target);
  const double longest = reach(fit, q[0]);
  if (isfinite(longest)) {
    for (size_t k = 0; k < N_D; k++) d_fm[k] = longest * (double)(k + 1) / N_D;
    w->d_fm = d_fm;
    COM_TRY(run_pass(w, 1));
    snprintf(key, sizeof key, "potential%s", suffix);
    COM_TRY(add_table(c, out, key, "d", "fm",
                      fitted_potential(fit) < ads_fit_n_groups(fit) ? "GeV" : "sigma fm", N_D, d_fm, w->n,
                      w->V, credible));
  }
  COM_TRY(run_pass(w, 2));
  snprintf(key, sizeof key, "V_of_Phi%s", suffix);
  return add_table(c, out, key, "Phi", "1", "1/L^2", N_PHI, w->phi_grid, w->n, w->Vphi, credible);
}

static com_status geometry_of(com_ctx *c, const ads_infer_bands_job *job, const cJSON *config, size_t g,
                              cJSON *out) {
  const size_t n = job->n_geometry < job->n_draws ? job->n_geometry : job->n_draws,
               per = 2 * N_GEO + N_D + N_PHI + 3;
  if (n == 0) return COM_OK;
  ads_fit *fit = ads_infer_target_fit(job->target);
  const ads_infer_geometry_at at = {fit, ads_infer_target_space(job->target), config, g};
  const ads_group *q = ads_fit_group(fit, g);
  int stated = 0;
  COM_TRY(ads_infer_geometry_stated(c, &at, job->q, &stated));
  if (!stated) {
    com_ctx_warn(
        c, "no_temperature",
        "dataset %s and its dictionary state no T and L, which set the horizon of f and g: bands of h "
        "and the couplings only (or give background.T and background.L)",
        q->data->name);
    return COM_OK;
  }
  double *mem = malloc((n * per + N_GEO + N_PHI + N_D + 1) * sizeof *mem);
  COM_ALLOC(c, mem);
  for (size_t i = 0; i < n * per; i++) mem[i] = NAN;
  geometry w = {.c = c, .job = job, .config = config, .group = g, .n = n, .stride = job->n_draws / n};
  w.lnf = mem;
  w.lng = w.lnf + n * N_GEO;
  w.V = w.lng + n * N_GEO;
  w.Vphi = w.V + n * N_D;
  w.screening = w.Vphi + n * N_PHI;
  w.slope = w.screening + n;
  w.eta = w.slope + n;
  w.phi_grid = w.eta + N_GEO;
  char suffix[140];
  snprintf(suffix, sizeof suffix, *q->name ? "[%s]" : "%s", q->name);
  const com_status s = fill_geometry(&w, suffix, w.phi_grid + N_PHI, out);
  free(mem);
  return s;
}

com_status ads_infer_bands(com_ctx *c, const ads_infer_bands_job *job, cJSON **out) {
  ads_fit *fit = ads_infer_target_fit(job->target);
  cJSON *j = com_json_object(), *config = NULL;
  com_status status = j ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  size_t first = 0;
  if (!status) status = scalars(c, job, j);
  for (size_t g = 0; g < ads_fit_n_groups(fit) && !status; g++) {
    const int own = ads_fit_group(fit, g)->owner == g;
    if (own) status = metric(c, job, g, j);
    if (!status) status = responses(c, job, g, first, j);
    first += ads_fit_group(fit, g)->data->n;
  }
  if (!status && job->n_geometry > 0) status = ads_report_config(c, fit, &config);
  for (size_t g = 0; g < ads_fit_n_groups(fit) && !status && job->n_geometry > 0; g++)
    if (ads_fit_group(fit, g)->owner == g) status = geometry_of(c, job, config, g, j);
  com_json_free(config);
  if (status) com_json_free(j);
  *out = status ? NULL : j;
  return status;
}
