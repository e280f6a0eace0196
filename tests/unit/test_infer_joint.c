/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior of condensate and potential in one fit: the map from the sampler's coordinates, with kappa and the constant following the
 * metric, against differences and its inverse. */
#include "../test.h"
#include "ads/infer_posterior.h"
#include "ads/infer_spectrum.h"
#include "ads/trainer.h"
#include "common/linalg.h"

static const char config[] =
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
    "0.010777,0.021554]},"
    "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.006323923,0.0115084,0.021364605,0."
    "037943538,0.067569123,0.102948908],"
    "\"errors\":[0.000113944558,0.000227889116,0.000284861394,0.000455778231,0.000284861394,0.000227889116]}"
    "}},"
    "{\"group\":\"V\",\"file\":{\"schema\":\"holograd/dataset/1\",\"name\":\"V\",\"kind\":\"potential\","
    "\"temperature\":{\"value\":0.2,\"error\":0.004},"
    "\"source\":{\"name\":\"r\",\"unit\":\"fm\",\"values\":[0.25,0.35,0.5,0.7,1.0,1.4]},"
    "\"response\":{\"name\":\"V\",\"unit\":\"GeV\",\"values\":[-0.06,0.14,0.33,0.45,0.52,0.56],"
    "\"errors\":[0.03,0.03,0.025,0.025,0.02,0.02]}}}]}";

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

static void open_setting(setting *s) {
  const cJSON *parameters = NULL;
  ads_trainer *t = NULL;
  double chi2 = 0;
  int ok = 1;
  *s = (setting){.c = test_ctx()};
  com_ctx *c = s->c;
  TEST_OK(c, com_json_parse(c, "test", config, strlen(config), &s->json));
  TEST_OK(c, com_json_parse(c, "test", "{}", 2, &s->block));
  TEST_OK(c, ads_config_read(c, "test", s->json, &s->cfg, &parameters));
  TEST_OK(c, ads_fit_create(c, &s->cfg, NULL, &s->fit));
  TEST_OK(c, ads_infer_opts_read(c, "test", s->block, &s->o));
  TEST_OK(c, ads_infer_space_create(c, s->fit, &s->o.prior, &s->space));
  const ads_infer_target_spec spec = {s->fit, s->space, &s->cfg.flow, 2, NULL};
  TEST_OK(c, ads_infer_target_create(c, &spec, &s->target));
  s->nq = ads_infer_target_n(s->target);
  s->n = ads_infer_target_points(s->target);
  TEST_OK(c, ads_trainer_create(c, s->fit, &t));
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

TEST_MAIN("infer_joint", gradient_and_inverse, volume)
