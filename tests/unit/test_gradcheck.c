/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The check of gradients: passes on right ones, also where the loss is flat to its last digit, and fails on wrong ones. */
#include "ads/gradcheck.h"
#include "../pieces.h"
#include "ads/loss.h"

extern const ads_loss_ops ads_loss_classifier, ads_loss_response;
extern const ads_bulk_ops ads_bulk_scalar_even;
extern const ads_metric_ops ads_metric_poly_t, ads_metric_pole_poly;

#define LATTICE                                                                                              \
  "{\"schema\":\"holograd/dataset/1\",\"name\":\"qcd\",\"title\":\"t\",\"kind\":\"response\","               \
  "\"source\":{\"name\":\"m\",\"unit\":\"GeV\",\"values\":[0.000673563,0.001347125,0.00269425,0.0053885,0."  \
  "010777,0.021554]},\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.006323923,0.0115084,"     \
  "0.021364605,0.037943538,0.067569123,0.102948908],\"errors\":[0.000114,0.000228,0.000285,0.000456,"        \
  "0.000285,0.000228]},\"provenance\":{\"citation\":\"c\"}}"
/* The public start of 2006.00712: every sample inside the bump, t = 2e-9, loss 1/4 to nine digits. */
#define SATURATED                                                                                            \
  "{\"schema\":\"holograd/train/1\",\"dataset\":" LATTICE ",\"metric\":{\"type\":\"poly_t\",\"theta\":"      \
  "[1.3928,0.3398,1.1214,0.0414,1.7631,0.8964,0.8892,1.7096,1.2679]},\"bulk\":{\"type\":\"scalar_phi4\","    \
  "\"lambda\":0.005,\"train\":[\"lambda\"]},\"dictionary\":{\"type\":\"qcd\",\"L\":0.78,\"train\":[\"L\"]}," \
  "\"flow\":{\"type\":\"rk\",\"n_steps\":60,\"eta_ir\":0.1},"                                                \
  "\"loss\":{\"type\":\"classifier\",\"band\":{\"points\":200}},\"optimizer\":{\"type\":\"adam\"}}"
#define RESPONSE                                                                                             \
  "{\"schema\":\"holograd/train/1\",\"dataset\":" LATTICE ",\"metric\":{\"type\":\"pole_poly\",\"n\":4},"    \
  "\"bulk\":{\"type\":\"scalar_phi4\",\"train\":[\"lambda\"]},\"dictionary\":{\"type\":\"qcd\",\"train\":"   \
  "[\"L\"]},\"flow\":{\"type\":\"rk\",\"order\":8,\"grid\":\"log\",\"n_steps\":40,\"eta_ir\":0.0667},"       \
  "\"loss\":{\"type\":\"response\"},\"penalties\":[{\"type\":\"uv_value\"},{\"type\":\"smooth\"}],"          \
  "\"optimizer\":{\"type\":\"lm\"}}"

/* c16 = 0 is not trained but checked: dF/dc16 is 4e11 times F at the steepest point, so no common step serves it and theta. */
#define STEEP                                                                                                \
  "{\"schema\":\"holograd/train/1\",\"dataset\":" MAGNET                                                     \
  ",\"metric\":{\"type\":\"pole_poly\",\"theta\":[4,-4,"                                                     \
  "7]},\"bulk\":{\"type\":\"scalar_even\",\"d\":3,\"m2\":-1.25,\"lambda\":0.01},\"dictionary\":{\"type\":"   \
  "\"generic\"},"                                                                                            \
  "\"flow\":{\"type\":\"rk\",\"n_steps\":60,\"eta_ir\":0.0667},\"loss\":{\"type\":\"response\"}}"
#define MAGNET                                                                                               \
  "{\"schema\":\"holograd/dataset/"                                                                          \
  "1\",\"name\":\"m\",\"title\":\"t\",\"kind\":\"response\",\"source\":{\"name\":"                           \
  "\"H\",\"unit\":\"1\",\"values\":[0.02,0.1,0.25,0.55]},\"response\":{\"name\":\"M\",\"unit\":\"1\","       \
  "\"values\":"                                                                                              \
  "[0.0288,0.14,0.31,0.507],\"errors\":[1e-3,1e-3,1e-3,1e-3]},\"provenance\":{\"citation\":\"c\"}}"

static void read_config(com_ctx *c, const char *text, ads_config *cfg) {
  cJSON *j = NULL;
  const cJSON *parameters = NULL;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, ads_config_read(c, "test", j, cfg, &parameters));
  com_json_free(j);
}

/* Error of a row of the table, NAN when it was not judged. */
static double row(const com_table *t, const char *quantity, const char *column) {
  for (size_t i = 0; i < com_table_rows(t); i++)
    if (strcmp(com_table_text_at(t, com_table_find(t, "quantity"), i), quantity) == 0)
      return com_table_values(t, com_table_find(t, column))[i];
  ck_abort_msg("no row %s", quantity);
}

static double worst_of(com_ctx *c, const ads_config *cfg, com_table **t) {
  double worst = NAN;
  TEST_OK(c, ads_gradcheck_run(c, cfg, "test", NULL, t, &worst));
  return worst;
}

START_TEST(right_gradients) {
  com_ctx *c = test_ctx();
  const char *const texts[] = {SATURATED, RESPONSE};
  for (int i = 0; i < 2; i++) {
    ads_config cfg;
    com_table *t = NULL;
    read_config(c, texts[i], &cfg);
    ck_assert_double_le(worst_of(c, &cfg, &t), 1e-6);
    ck_assert_double_gt(row(t, "loss", "error"), 0);
    com_table_destroy(t);
    ads_config_finish(&cfg);
  }
  com_ctx_destroy(c);
}
END_TEST

/* From a random start no point has a root in the response direction: the rows are looked at where training meets them. */
START_TEST(response_rows_are_alive) {
  com_ctx *c = test_ctx();
  ads_config cfg;
  com_table *t = NULL;
  read_config(c, RESPONSE, &cfg);
  worst_of(c, &cfg, &t);
  ck_assert_double_eq(row(t, "residuals (response)", "without_answer"), 0);
  ck_assert_double_eq(row(t, "residuals (response)", "rows"), 6 + 1 + 64);
  ck_assert_double_gt(row(t, "penalty smooth", "error"), 0);
  com_table_destroy(t);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

/* ---- wrong on purpose: each by a part in 1e5, or not a number ---- */

static const double WRONG = 1e-5;
static double factor = 1;

static com_status loss_off(void *self, int stage, size_t start, long step, const double *p, double *f,
                           double *g, size_t *n_bad) {
  COM_TRY(ads_loss_classifier.value(self, stage, start, step, p, f, g, n_bad));
  if (g)
    for (int k = 0; k < 11; k++) g[k] *= factor;
  return COM_OK;
}

START_TEST(wrong_loss) {
  com_ctx *c = test_ctx();
  ads_loss_ops wrong = ads_loss_classifier;
  ads_config cfg;
  wrong.value = loss_off;
  read_config(c, SATURATED, &cfg);
  cfg.loss.type = &wrong.c;
  const double factors[] = {1 + WRONG, -1, NAN};
  for (int i = 0; i < 3; i++) {
    com_table *t = NULL;
    factor = factors[i];
    const double worst = worst_of(c, &cfg, &t);
    ck_assert_msg(worst > 0.9 * WRONG, "factor %g is not found: %g", factor, worst);
    ck_assert_double_lt(row(t, "dF/dparameters", "error"), 1e-6);
    com_table_destroy(t);
  }
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

static void vjp_off(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                    const double *w, const double *dw, double *g) {
  const double before = g[1];
  ads_metric_pole_poly.vjp(opts, s, theta, n, eta, w, dw, g);
  g[1] = before + (g[1] - before) * (1 + WRONG);
}

static void worst_steep(com_ctx *c, const ads_bulk_ops *bulk, double *worst, double *at_model) {
  ads_config cfg;
  com_table *t = NULL;
  read_config(c, STEEP, &cfg);
  if (bulk) cfg.bulk.type = &bulk->c;
  *worst = worst_of(c, &cfg, &t);
  *at_model = row(t, "dF/dparameters", "error");
  com_table_destroy(t);
  ads_config_finish(&cfg);
}

static int kappa_off(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
                     const double *lam, double *lam_fy, double *lam_fh, double *lam_fk) {
  const int code = ads_bulk_scalar_even.vjp(o, kappa, eta, h, n, y, lam, lam_fy, lam_fh, lam_fk);
  for (size_t i = 0; lam_fk && i < n; i++) lam_fk[7 * n + i] *= 1 + WRONG; /* c16 */
  return code;
}

START_TEST(steps_of_their_own) {
  com_ctx *c = test_ctx();
  ads_bulk_ops wrong = ads_bulk_scalar_even;
  double worst, model;
  wrong.vjp = kappa_off;
  worst_steep(c, NULL, &worst, &model);
  ck_assert_msg(worst <= 1e-6, "%g", worst);
  worst_steep(c, &wrong, &worst, &model);
  ck_assert_msg(fabs(model / WRONG - 1) < 0.1, "%g", model);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(wrong_metric) {
  com_ctx *c = test_ctx();
  ads_metric_ops wrong = ads_metric_pole_poly;
  ads_config cfg;
  com_table *t = NULL;
  wrong.vjp = vjp_off;
  read_config(c, RESPONSE, &cfg);
  cfg.metric.type = &wrong.c;
  ck_assert_double_gt(worst_of(c, &cfg, &t), 0.1 * WRONG);
  ck_assert_double_gt(row(t, "penalty smooth", "error"), 0.1 * WRONG);
  ck_assert_double_gt(row(t, "dF/dparameters", "error"), 0.1 * WRONG);
  com_table_destroy(t);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

/* A straight line through the truth, with rounding of 1e-12; or with derivatives that the residuals do not have. */
static double truth, claim;
static com_status straight(void *self, int stage, const double *p, double *r, double *J, size_t *n_bad) {
  COM_TRY(ads_loss_response.residuals(self, stage, p, r, J, n_bad));
  for (int i = 0; i < 6; i++) {
    r[i] = (i + 1) * (p[0] - truth) + 1e-12 * sin(1e17 * (p[0] + i)); /* another in each last digit of p */
    if (!J) continue;
    memset(J + 6 * i, 0, 6 * sizeof *J);
    J[6 * i] = claim * (i + 1);
  }
  return COM_OK;
}

/* A perfect fit: the gradient of the loss is its own rounding.  That is said and is no verdict; the residual rows are judged all the same. */
START_TEST(unresolved) {
  com_ctx *c = test_ctx();
  ads_loss_ops flat = ads_loss_response;
  ads_config cfg;
  flat.residuals = straight;
  read_config(c, RESPONSE, &cfg);
  const com_choices penalties = cfg.penalties;
  cfg.loss.type = &flat.c;
  cfg.penalties.n = 0;
  ((ads_metric_shared *)cfg.metric.shared)->theta = (com_reals){.n = 4, .v = (double[]){0.7, -2, 3, 1}};
  truth = 0.7;
  for (claim = 1; claim < 3; claim++) {
    com_table *t = NULL;
    const double worst = worst_of(c, &cfg, &t);
    ck_assert(claim > 1 || isnan(row(t, "loss", "error")));
    ck_assert_str_eq(com_ctx_warnings(c)[com_ctx_n_warnings(c) - 1].code, "unresolved");
    ck_assert_msg(claim < 2 ? worst < 1e-6 : worst > 0.9, "claim %g: %g", claim, worst);
    com_table_destroy(t);
  }
  ((ads_metric_shared *)cfg.metric.shared)->theta = (com_reals){0};
  cfg.penalties = penalties;
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("gradcheck", right_gradients, response_rows_are_alive, wrong_loss, wrong_metric, steps_of_their_own,
          unresolved)
