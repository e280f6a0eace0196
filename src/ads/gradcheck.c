/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/gradcheck.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/evaluate.h"

static const double TIGHT = 1e-12;
static const double STEP =
    1e-3; /* of max(|p|, 0.1): fourth-order differences balance (1e-3)^4 against 1e-12/1e-3 */

/* A vector function of the full parameters and its analytic Jacobian J[m][n], for one quantity of one fit. */
typedef struct probe probe;
typedef com_status (*probe_fn)(probe *p, const double *full, double *v, double *J);
struct probe {
  const char *name;
  ads_fit *f;
  size_t group, m, n;
  int stage;
  int axis;     /* data probes: 0 parameters, 1 source, 2 response */
  double shift; /* of the source or response, relative */
  double finer; /* factor of STEP */
  probe_fn fn;
};

static com_status loss_probe(probe *p, const double *full, double *v, double *J) {
  size_t n_bad = 0;
  return ads_fit_value(p->f, ADS_LOSS_PROPER, 1, -1, full, v, J, &n_bad);
}

static com_status residual_probe(probe *p, const double *full, double *v, double *J) {
  size_t n_bad = 0;
  return ads_fit_residuals(p->f, p->stage, full, v, J, &n_bad);
}

/* F of all points of a group at shifted data; J over the parameters, or the one column of the shift. */
static com_status model_probe(probe *p, const double *full, double *v, double *J) {
  const ads_group *q = ads_fit_group(p->f, p->group);
  const ads_dataset *d = q->data;
  const int labelled = d->kind == ADS_DATASET_LABELLED;
  const size_t n = d->n;
  ads_model_eval ev;
  com_status status = COM_OK;
  double *par = malloc((q->np + 2 * n + 1) * sizeof *par);
  if (!par) return COM_E_MEM;
  double *s = par + q->np, *r = s + n;
  ads_fit_gather(p->f, p->group, full, par);
  for (size_t i = 0; i < n; i++) {
    s[i] = (labelled ? d->phi : d->source)[i] * (p->axis == 1 ? 1 + p->shift : 1);
    r[i] = (labelled ? d->pi : d->response)[i] * (p->axis == 2 ? 1 + p->shift : 1);
  }
  const int what = J ? ADS_MODEL_JAC : ADS_MODEL_F;
  status = labelled ? ads_model_run_bulk(q->model, what, par, n, s, r, &ev)
                    : ads_model_run(q->model, what, par, n, s, r, &ev);
  for (size_t i = 0; i < n && !status; i++) {
    v[i] = ev.F[i];
    if (!J) continue;
    if (p->axis == 1)
      J[i] = ev.Fs[i] * s[i];
    else if (p->axis == 2)
      J[i] = ev.Fr[i] * r[i];
    else
      for (size_t k = 0; k < ev.np; k++) J[i * p->n + q->map[k]] = ev.Fp[i * ev.np + k];
  }
  free(par);
  return status;
}

/* One column by the fourth-order difference (v(-2) - 8 v(-1) + 8 v(1) - v(2)) / (12 step). */
static com_status column(probe *p, double *full, size_t k, double *v, double *col) {
  static const double weight[4] = {1, -8, 8, -1}, at[4] = {-2, -1, 1, 2};
  const double x = p->axis ? 0 : full[k], step = p->finer * (p->axis ? STEP : STEP * fmax(fabs(x), 0.1));
  com_status status = COM_OK;
  memset(col, 0, p->m * sizeof *col);
  for (int j = 0; j < 4 && !status; j++) {
    if (p->axis)
      p->shift = at[j] * step;
    else
      full[k] = x + at[j] * (x > 0 && x < 2 * step ? 0.2 * x : step);
    status = p->fn(p, full, v, NULL);
    for (size_t i = 0; i < p->m; i++) col[i] += weight[j] * v[i];
  }
  const double h = p->axis ? step : (x > 0 && x < 2 * step ? 0.2 * x : step);
  if (p->axis)
    p->shift = 0;
  else
    full[k] = x;
  for (size_t i = 0; i < p->m; i++) col[i] /= 12 * h;
  return status;
}

/* max|J - D| / max|D| over all rows and columns, at one step. */
static com_status compare_at(probe *p, double *full, double *error) {
  const size_t cols = p->axis ? 1 : p->n;
  double *v = malloc((2 * p->m + p->m * cols + 1) * sizeof *v);
  if (!v) return COM_E_MEM;
  double *col = v + p->m, *J = col + p->m;
  memset(J, 0, p->m * cols * sizeof *J);
  double worst = 0, scale = 0;
  com_status status = p->fn(p, full, v, J);
  for (size_t k = 0; k < cols && !status; k++) {
    status = column(p, full, k, v, col);
    for (size_t i = 0; i < p->m; i++) {
      const double e = fabs(J[i * cols + k] - col[i]);
      worst = e > worst || isnan(e) ? e : worst;
      scale = fmax(scale, fabs(col[i]));
    }
  }
  *error = worst == 0 ? 0 : worst / scale;
  free(v);
  return status;
}

/* A steep loss (the classifier's bump) needs a finer step, noise a coarser one; a wrong gradient is wrong at every step. */
static com_status compare(probe *p, double *full, double *error) {
  static const double factors[] = {1, 0.1, 0.01}, GOOD = 1e-7;
  *error = INFINITY;
  for (size_t k = 0; k < sizeof factors / sizeof *factors && !(*error < GOOD); k++) {
    double e = 0;
    p->finer = factors[k];
    COM_TRY(compare_at(p, full, &e));
    if (!(e > *error)) *error = e;
  }
  return COM_OK;
}

enum { MAX_PROBES = 6 };

static size_t list_probes(ads_fit *f, probe out[MAX_PROBES]) {
  const size_t n = com_params_n(ads_fit_params(f)), nd = ads_fit_group(f, 0)->data->n;
  size_t k = 0;
  out[k++] = (probe){.name = "loss", .f = f, .m = 1, .n = n, .fn = loss_probe};
  out[k++] = (probe){.name = "dF/dparameters", .f = f, .m = nd, .n = n, .fn = model_probe};
  out[k++] = (probe){.name = "dF/dsource", .f = f, .m = nd, .n = n, .axis = 1, .fn = model_probe};
  out[k++] = (probe){.name = "dF/dresponse", .f = f, .m = nd, .n = n, .axis = 2, .fn = model_probe};
  if (!(ads_fit_wants(f) & COM_WANT_RJ)) return k;
  const int last = ads_fit_n_stages(f) ? (int)ads_fit_n_stages(f) - 1 : ADS_LOSS_PROPER;
  out[k++] = (probe){.name = "residuals (source)",
                     .f = f,
                     .m = ads_fit_n_res(f, ADS_LOSS_PROPER),
                     .n = n,
                     .stage = ADS_LOSS_PROPER,
                     .fn = residual_probe};
  out[k++] = (probe){.name = "residuals (response)",
                     .f = f,
                     .m = ads_fit_n_res(f, last),
                     .n = n,
                     .stage = last,
                     .fn = residual_probe};
  return k;
}

/* Errors of all quantities with one flow. */
static com_status run(com_ctx *c, const ads_config *cfg, const com_choice *flow, const char *file,
                      const cJSON *parameters, const char *names[MAX_PROBES], double error[MAX_PROBES],
                      size_t *n) {
  ads_fit *f = NULL;
  double *full = NULL;
  probe p[MAX_PROBES];
  com_status status = COM_OK;
  COM_TRY(ads_fit_create(c, cfg, flow, &f));
  full = malloc((com_params_n(ads_fit_params(f)) + 1) * sizeof *full);
  if (!full) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, ads_evaluate_parameters(c, f, file, parameters, full));
  *n = list_probes(f, p);
  for (size_t k = 0; k < *n; k++) {
    names[k] = p[k].name;
    COM_GOTO(done, compare(&p[k], full, &error[k]));
  }
done:
  free(full);
  ads_fit_destroy(f);
  return status;
}

com_status ads_gradcheck_run(com_ctx *c, const ads_config *cfg, const char *file, const cJSON *parameters,
                             com_table **table, double *worst) {
  const char *names[MAX_PROBES];
  double tight[MAX_PROBES], own[MAX_PROBES];
  size_t n = 0;
  com_choice flow = {0};
  com_status status = COM_OK;
  *table = NULL;
  *worst = 0;
  COM_TRY(ads_fit_tight_flow(c, &cfg->flow, TIGHT, &flow));
  COM_GOTO(done, run(c, cfg, &flow, file, parameters, names, tight, &n));
  COM_GOTO(done, run(c, cfg, &cfg->flow, file, parameters, names, own, &n));
  for (size_t k = 0; k < n; k++) *worst = tight[k] > *worst || isnan(tight[k]) ? tight[k] : *worst;
  COM_GOTO(done, com_table_create(c, table));
  COM_GOTO(done, com_table_add_text(c, *table, "quantity", n, names));
  COM_GOTO(done, com_table_add(c, *table, "error", "1", NULL, n, tight, NULL));
  COM_GOTO(done, com_table_add(c, *table, "error_at_config_tolerance", "1", NULL, n, own, NULL));
done:
  if (status) {
    com_table_destroy(*table);
    *table = NULL;
  }
  com_field_choice_finish(&ads_flow_kind, &flow);
  return status;
}
