/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior of condensate and potential in one fit: the map from the sampler's coordinates, with kappa and the constant following the
 * metric, against differences and its inverse; what a further datum would add, against fits that have it. */
#include "../test.h"
#include "ads/infer_posterior.h"
#include "ads/infer_spectrum.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"
#include "common/linalg.h"

static const char form[] = /* a further point of either dataset: source, response, error */
    "{\"schema\":\"holograd/train/1\",\"metric\":{\"type\":\"pole_poly\",\"n\":4},"
    "\"bulk\":{\"type\":\"scalar_phi4\",\"d\":4,\"m2\":-3,\"train\":[\"lambda\"]},"
    "\"dictionary\":{\"type\":\"qcd\",\"Nc\":3,\"train\":[\"L\"]},"
    "\"flow\":{\"type\":\"rk\",\"order\":8,\"n_steps\":30,\"grid\":\"log\",\"eta_uv\":1,\"eta_ir\":0."
    "0666666666666667},"
    "\"background\":{\"closure\":\"exp\",\"uv\":{\"type\":\"exp\",\"c4\":4}},"
    "\"penalties\":[{\"type\":\"uv_value\",\"weight\":0.01},{\"type\":\"smooth\",\"weight\":0.01,\"power\":"
    "4}],"
    "\"restarts\":1,\"datasets\":["
    "{\"group\":\"T207\",\"file\":{\"schema\":\"holograd/dataset/1\",\"name\":\"c\",\"kind\":\"response\","
    "\"temperature\":{\"value\":0.207},"
    "\"source\":{\"name\":\"m_q\",\"unit\":\"GeV\",\"values\":[0.000673563,0.001347125,0.00269425,0.0053885,"
    "0.010777,0.021554%s]},"
    "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.006323923,0.0115084,0.021364605,0."
    "037943538,0.067569123,0.102948908%s],"
    "\"errors\":[0.000113944558,0.000227889116,0.000284861394,0.000455778231,0.000284861394,0.000227889116%s]"
    "}"
    "}},"
    "{\"group\":\"V\",\"file\":{\"schema\":\"holograd/dataset/1\",\"name\":\"V\",\"kind\":\"potential\","
    "\"temperature\":{\"value\":0.2,\"error\":0.004},"
    "\"source\":{\"name\":\"r\",\"unit\":\"fm\",\"values\":[0.25,0.35,0.5,0.7,1.0,1.4%s]},"
    "\"response\":{\"name\":\"V\",\"unit\":\"GeV\",\"values\":[-0.06,0.14,0.33,0.45,0.52,0.56%s],"
    "\"errors\":[0.03,0.03,0.025,0.025,0.02,0.02%s]}}}]}";

typedef struct setting {
  com_ctx *c;
  cJSON *json, *block;
  ads_config cfg;
  ads_fit *fit;
  ads_infer_opts o;
  ads_infer_space *space;
  ads_infer_target *target;
  double q[16], logp;
  size_t nq, n;
} setting;

/* further[0], further[1]: one more point of the condensate, of the potential; NULL: none. */
static void open_target(setting *s, const double *const further[2]) {
  const cJSON *parameters = NULL;
  char text[4096], more[2][3][40] = {{""}};
  for (int g = 0; g < 2; g++)
    for (int k = 0; k < 3 && further[g]; k++)
      snprintf(more[g][k], sizeof more[g][k], ",%.15g", further[g][k]);
  snprintf(text, sizeof text, form, more[0][0], more[0][1], more[0][2], more[1][0], more[1][1], more[1][2]);
  *s = (setting){.c = test_ctx()};
  com_ctx *c = s->c;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &s->json));
  TEST_OK(c, com_json_parse(c, "test", "{}", 2, &s->block));
  TEST_OK(c, ads_config_read(c, "test", s->json, &s->cfg, &parameters));
  TEST_OK(c, ads_fit_create(c, &s->cfg, NULL, &s->fit));
  TEST_OK(c, ads_infer_opts_read(c, "test", s->block, &s->o));
  TEST_OK(c, ads_infer_space_create(c, s->fit, &s->o.prior, &s->space));
  const ads_infer_target_spec spec = {s->fit, s->space, &s->cfg.flow, 2, NULL};
  TEST_OK(c, ads_infer_target_create(c, &spec, &s->target));
  s->nq = ads_infer_target_n(s->target);
  s->n = ads_infer_target_points(s->target);
}

static void open_setting(setting *s) {
  static const double *const none[2] = {NULL, NULL};
  ads_trainer *t = NULL;
  double chi2 = 0;
  int ok = 1;
  open_target(s, none);
  com_ctx *c = s->c;
  TEST_OK(c, ads_trainer_create(c, ads_fit_task(s->fit), &t));
  while (!ads_trainer_stop(t)) TEST_OK(c, ads_trainer_iterate(t));
  ads_infer_space_back(s->space, ads_trainer_best(t), s->q);
  ads_trainer_destroy(t);
  TEST_OK(c, ads_infer_posterior_climb(c, s->target, s->q, &s->logp, &chi2, &ok));
  ck_assert(ok);
}

static void close_setting(setting *s) {
  ads_infer_target_destroy(s->target);
  ads_infer_space_destroy(s->space);
  com_field_finish(ads_infer_opts_fields, &s->o);
  ads_fit_destroy(s->fit);
  ads_config_finish(&s->cfg);
  com_json_free(s->json);
  com_json_free(s->block);
  com_ctx_destroy(s->c);
}

/* Density at y by the map and by the density in q, which knows nothing of the map's cached predictions. */
static double density_of(setting *s, const double *y, double *g, double *q) {
  double logp = 0, again = 0, chi2 = 0;
  int ok = 1;
  TEST_OK(s->c, ads_infer_target_density(0, y, &logp, g, s->target));
  TEST_OK(s->c, ads_infer_target_q(s->target, 0, y, q, NULL, &ok));
  ck_assert(ok);
  TEST_OK(s->c, ads_infer_target_logp(s->target, 1, q, &again, NULL, &chi2));
  TEST_NEAR(logp - ads_infer_target_log_det(s->target), again, 1e-8);
  return logp;
}

START_TEST(gradient_and_inverse) {
  setting s;
  double x[16], g[16], other[16], q[16], back[16];
  int ok = 1;
  open_setting(&s);
  ck_assert_uint_eq(s.nq, 10); /* 4 xi, lambda, L, kappa, constant, size, T */
  TEST_OK(s.c, ads_infer_target_x(s.target, 0, s.q, x, &ok));
  TEST_NEAR(density_of(&s, x, g, q) - ads_infer_target_log_det(s.target), s.logp, 1e-7);
  for (size_t k = 0; k < s.nq; k++) TEST_NEAR(q[k], s.q[k], 1e-7); /* the anchor stays */
  for (size_t k = 0; k < s.nq; k++) x[k] += 0.3 * sin(1.7 * (double)k + 1);
  density_of(&s, x, g, q);
  double moved = 0;
  for (size_t k = 6; k < 8; k++) moved = fmax(moved, fabs(q[k] - s.q[k]));
  ck_assert(moved > 1e-3); /* kappa and the constant have followed */
  for (size_t k = 0; k < s.nq; k++) {
    double y[16], f[2];
    for (int side = 0; side < 2; side++) {
      memcpy(y, x, sizeof y);
      y[k] += side ? 1e-4 : -1e-4;
      f[side] = density_of(&s, y, other, back);
    }
    TEST_NEAR(g[k], (f[1] - f[0]) / 2e-4, 5e-5);
  }
  TEST_OK(s.c, ads_infer_target_x(s.target, 1, q, back, &ok));
  ck_assert(ok);
  for (size_t k = 0; k < s.nq; k++) TEST_NEAR(back[k], x[k], 1e-5);
  close_setting(&s);
}
END_TEST

/* |dq/dx| by differences of the map is the constant that the target states. */
START_TEST(volume) {
  setting s;
  double x[16], q[16], D[256], M[256], S[16];
  int ok = 1;
  open_setting(&s);
  TEST_OK(s.c, ads_infer_target_x(s.target, 0, s.q, x, &ok));
  for (size_t k = 0; k < s.nq; k++) x[k] += 0.2 * cos(2.3 * (double)k);
  TEST_OK(s.c, ads_infer_target_q(s.target, 0, x, q, D, &ok));
  ck_assert(ok);
  for (size_t k = 0; k < s.nq; k++) {
    double lo[16], hi[16];
    const double x0 = x[k];
    x[k] = x0 + 1e-4;
    TEST_OK(s.c, ads_infer_target_q(s.target, 0, x, hi, NULL, &ok));
    x[k] = x0 - 1e-4;
    TEST_OK(s.c, ads_infer_target_q(s.target, 0, x, lo, NULL, &ok));
    x[k] = x0;
    for (size_t i = 0; i < s.nq; i++) {
      M[i * s.nq + k] = (hi[i] - lo[i]) / 2e-4;
      TEST_NEAR(D[i * s.nq + k], M[i * s.nq + k], 1e-5);
    }
  }
  double log_det = 0;
  TEST_OK(s.c, com_linalg_svd(s.c, s.nq, s.nq, D, S, NULL, NULL));
  for (size_t k = 0; k < s.nq; k++) log_det += log(S[k]);
  TEST_NEAR(log_det, ads_infer_target_log_det(s.target), 1e-6);
  close_setting(&s);
}
END_TEST

/* Curvature of -log posterior at q by the Jacobian of all its residuals, as a lower factor; returns its log determinant. */
static double curvature(setting *s, const double *q, double *L) {
  enum { ROWS = 32 };
  const size_t nq = s->nq, nf = ads_infer_space_n_factors(s->space);
  double r[ROWS], J[ROWS * 16], full[16], log_det = 0;
  int ok = 1;
  ck_assert(s->n + nf <= ROWS);
  TEST_OK(s->c, ads_infer_target_residuals(s->target, 0, q, r, J, &ok));
  ck_assert(ok);
  ads_infer_space_full(s->space, q, full);
  TEST_OK(s->c, ads_infer_space_factors(s->space, q, full, r + s->n, J + s->n * nq));
  for (size_t a = 0; a < nq; a++)
    for (size_t b = 0; b < nq; b++) {
      L[a * nq + b] = a == b;
      for (size_t i = 0; i < s->n + nf; i++) L[a * nq + b] += J[i * nq + a] * J[i * nq + b];
    }
  TEST_OK(s->c, com_linalg_chol(s->c, nq, L));
  for (size_t k = 0; k < nq; k++) log_det += 2 * log(L[k * nq + k]);
  return log_det;
}

/* The gain of one further datum, of either kind, against the ratio of the determinants of the curvature with and without it: the fit is made
 * again with the datum in its dataset.  "Draws": the 2 nq points q0 +- eps sqrt(nq) L^-T e_k, L L^T the curvature, which have eps^2 times its
 * inverse as their covariance; taken in the sampler's coordinates, in which the on-shell curve is straight over that distance.  There
 * exp(2 gain) - 1 is eps^2 times what it is for eps = 1. */
START_TEST(design_against_a_fit_with_the_datum) {
  const double eps = 3e-4;
  setting s;
  double L[256], D[256], D2[256], x[16], draws[2 * 16 * 16], R[2 * 16 * 16];
  cJSON *table = NULL;
  int ok = 1, seen[2] = {0, 0};
  open_setting(&s);
  const size_t nq = s.nq, n_draws = 2 * nq;
  const double before = curvature(&s, s.q, L);
  TEST_OK(s.c, ads_infer_target_x(s.target, 0, s.q, x, &ok));
  TEST_OK(s.c, ads_infer_target_q(s.target, 0, x, draws, D, &ok));
  for (size_t k = 0; k < n_draws; k++) {
    double v[16] = {0};
    v[k / 2] = (k % 2 ? -1 : 1) * eps * sqrt((double)nq);
    com_linalg_backward(nq, L, v);
    memcpy(D2, D, sizeof D2);
    TEST_OK(s.c, com_linalg_solve(s.c, nq, D2, v));
    for (size_t i = 0; i < nq; i++) v[i] += x[i];
    TEST_OK(s.c, ads_infer_target_q(s.target, 0, v, draws + k * nq, NULL, &ok));
    ck_assert(ok);
    TEST_OK(s.c, ads_infer_target_predict(s.target, 0, draws + k * nq, R + k * s.n, NULL, &ok));
    ck_assert(ok);
  }
  TEST_OK(s.c, ads_infer_spectrum_design(s.c, s.target, n_draws, draws, R, &table));
  const cJSON *rows = com_json_get(table, "rows");
  ck_assert_uint_eq(com_json_size(rows), 50);
  for (size_t k = 0; k < 50; k += 3) { /* group, source, prediction, spread, error, gain */
    const cJSON *row = com_json_at(rows, k);
    double v[5], LL[256];
    for (size_t i = 0; i < 5; i++) v[i] = com_json_num(com_json_at(row, i + 1), NAN);
    const int potential = strcmp(com_json_str(com_json_at(row, 0), ""), "V") == 0;
    const double datum[3] = {v[0], v[1], v[3]}, *const further[2] = {potential ? NULL : datum,
                                                                     potential ? datum : NULL};
    setting with;
    open_target(&with, further);
    ck_assert(with.n == s.n + 1 && with.nq == nq);
    const double gain = 0.5 * (curvature(&with, s.q, LL) - before), want = expm1(2 * gain) * eps * eps,
                 got = expm1(2 * v[4]);
    ck_assert_msg(fabs(got - want) <= 2e-2 * want, "%s at %g: gain %g, want %g", potential ? "V" : "T207",
                  v[0], got, want);
    seen[potential]++;
    close_setting(&with);
  }
  ck_assert(seen[0] > 3 && seen[1] > 3);
  com_json_free(table);
  close_setting(&s);
}
END_TEST

TEST_MAIN("infer_joint", gradient_and_inverse, volume, design_against_a_fit_with_the_datum)
