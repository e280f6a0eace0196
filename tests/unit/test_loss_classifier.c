/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels by the band recipe, the bump, the classifier's value, gradient, batches and guards. */
#include "../pieces.h"
#include "ads/fit.h"
#include "ads/labels.h"
#include "ads/loss.h"
#include "ads/loss_classifier_simd.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"

/* The lattice condensate of 1809.10536 table I (GeV, GeV^3). */
static const char *const condensate =
    "{\"schema\":\"holograd/dataset/1\",\"name\":\"qcd\",\"title\":\"t\",\"kind\":\"response\","
    "\"source\":{\"name\":\"m\",\"unit\":\"GeV\",\"values\":[0.000673563,0.001347125,0.00269425,0.0053885,0."
    "010777,0.021554]},"
    "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.006323923,0.0115084,0.021364605,0."
    "037943538,0.067569123,"
    "0.102948908],\"errors\":[0.000114,0.000228,0.000285,0.000456,0.000285,0.000228]},"
    "\"provenance\":{\"citation\":\"c\"}}";
static const char *const labelled =
    "{\"schema\":\"holograd/dataset/"
    "1\",\"name\":\"toy\",\"title\":\"t\",\"kind\":\"labelled\",\"phi\":[0.31,0.72,1.13,0.05],"
    "\"pi\":[0.11,-0.07,-0.15,0.02],\"label\":[0,1,1,0],\"provenance\":{\"citation\":\"c\"}}";

static ads_dataset *dataset(com_ctx *c, const char *text) {
  cJSON *j = NULL;
  ads_dataset *d = NULL;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, ads_dataset_parse(c, "test", j, &d));
  com_json_free(j);
  return d;
}

START_TEST(bump) {
  const double eps = 0.13, steep = 37;
  double F[101], label[101], miss[101], slope[101];
  for (int i = 0; i < 101; i++) F[i] = 0.017 * (i - 50) + 0.0023, label[i] = i % 3 == 0;
  F[0] = -1e6, F[1] = 1e6, F[2] = 40;
  ads_loss_classifier_simd_bump(101, eps, steep, F, label, miss, slope);
  for (int i = 0; i < 101; i++) {
    const double t = (tanh(steep * (F[i] - eps)) - tanh(steep * (F[i] + eps)) + 2) / 2;
    const double a = cosh(fmin(300, steep * fabs(F[i] - eps))), b = cosh(fmin(300, steep * fabs(F[i] + eps)));
    const double dt = 0.5 * steep * (1 / (a * a) - 1 / (b * b));
    TEST_NEAR(miss[i], fabs(t - label[i]), 1e-14);
    TEST_NEAR(slope[i], label[i] > 0 ? -dt : dt, 1e-12);
  }
}
END_TEST

START_TEST(band) {
  com_ctx *c = test_ctx();
  ads_dataset *d = dataset(c, condensate);
  ads_labels_curve f;
  TEST_OK(c, ads_labels_fit(c, d, 3, &f));
  for (double m = 0; m < 0.022;
       m += 0.0013) /* the cubic of the public code, numpy.polyfit on the same rows */
    TEST_NEAR(ads_labels_curve_at(&f, m),
              1.55062127e-3 + 7.52908721 * m - 130.899247 * m * m - 6.48980916 * m * m * m, 2e-9);
  ads_labels_band b = {.points = 20001, .degree = 3, .noise = NAN, .source_max = NAN, .response_max = NAN};
  ads_labels_band r = ads_labels_resolve(&b, d);
  TEST_NEAR(r.noise, 0.004, 1e-14); /* the paper's own numbers follow from the data */
  TEST_NEAR(r.source_max, 0.022, 1e-14);
  TEST_NEAR(r.response_max, 0.11, 1e-14);
  com_rng *rng;
  ads_labels *l, *again;
  TEST_OK(c, com_rng_create(c, 3, "x", &rng));
  TEST_OK(c, ads_labels_draw(c, d, &b, rng, &l));
  ck_assert_uint_eq(l->n, 20001);
  double sum2 = 0, n_pos = 0, far = 0;
  for (size_t i = 0; i < l->n; i++) {
    const double gap = l->y[i] - ads_labels_curve_at(&f, l->x[i]);
    ck_assert(l->x[i] >= 0 && l->x[i] <= 0.022 && l->y[i] >= 0 && l->y[i] <= 0.11);
    if (l->label[i] == 0)
      sum2 += gap * gap, n_pos++;
    else
      far += fabs(gap) > 0.02;
  }
  ck_assert_double_eq(n_pos, 10000);
  /* A positive at distance x has weight P(|N(0,s)| > x) = erfc(x/(s sqrt 2)), whose mean square is 2 s^2/3. */
  TEST_NEAR(sum2 / n_pos / (0.004 * 0.004), 2.0 / 3, 0.03);
  ck_assert_double_gt(far, 5000);
  com_rng_destroy(rng);
  TEST_OK(c, com_rng_create(c, 3, "x", &rng));
  TEST_OK(c, ads_labels_draw(c, d, &b, rng, &again));
  ck_assert_int_eq(memcmp(l->x, again->x, l->n * sizeof *l->x), 0);
  ads_labels_destroy(l), ads_labels_destroy(again);
  b.degree = 6;
  TEST_FAILS(c, COM_E_CONFIG, "degree", ads_labels_draw(c, d, &b, rng, &l));
  b.degree = 3, b.noise = 1e-12;
  TEST_FAILS(c, COM_E_DATA, "widen", ads_labels_draw(c, d, &b, rng, &l));
  b.noise = 1e-7; /* some are found, but too few to go on for as long as the others would take */
  TEST_FAILS(c, COM_E_DATA, "in 10000000 tries", ads_labels_draw(c, d, &b, rng, &l));
  b.noise = 0.004, b.response_max = -1;
  TEST_FAILS(c, COM_E_CONFIG, "no band", ads_labels_draw(c, d, &b, rng, &l));
  TEST_FAILS(c, COM_E_CONFIG, "no labels", ads_labels_copy(c, d, &l));
  com_rng_destroy(rng);
  ads_dataset_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

typedef struct rig {
  com_ctx *c;
  pieces p;
  ads_dataset *d;
  com_choice choice;
  ads_loss *l;
} rig;

static void make(rig *r, const char *data, const char *loss, const char *metric, const char *flow) {
  r->c = test_ctx();
  r->d = dataset(r->c, data);
  pieces_model(r->c, &r->p, NULL, metric, "{\"type\":\"scalar_phi4\",\"train\":[\"lambda\"]}",
               "{\"type\":\"qcd\",\"train\":[\"L\"]}", flow);
  r->choice = pieces_choice(r->c, &ads_loss_kind, loss);
  const ads_loss_env env = {.data = r->d, .model = r->p.m, .seed_name = ""};
  TEST_OK(r->c, ads_loss_create(r->c, &r->choice, &env, &r->l));
}

static void drop(rig *r) {
  ads_loss_destroy(r->l);
  com_field_choice_finish(&ads_loss_kind, &r->choice);
  pieces_finish(&r->p);
  ads_dataset_destroy(r->d);
  com_ctx_destroy(r->c);
}

static double value(rig *r, int stage, long step, const double *p, double *g) {
  double f = NAN;
  size_t bad = 0;
  if (g) memset(g, 0, ads_loss_n_params(r->l) * sizeof *g);
  TEST_OK(r->c, ads_loss_operations(r->l)->value(ads_loss_self(r->l), stage, 1, step, p, &f, g, &bad));
  return f;
}

static const char *const layers5 = "{\"type\":\"layers\",\"n\":5}",
                         *const resnet5 = "{\"type\":\"resnet\",\"n_layers\":5}";

START_TEST(gradient) {
  const char *const losses[] = {
      "{\"type\":\"classifier\",\"batch\":50,\"slope\":3,\"eps\":0.7}",
      "{\"type\":\"classifier\",\"batch\":50,\"slope\":3,\"eps\":0.7,\"data_term\":\"l1\"}",
      "{\"type\":\"classifier\",\"batch\":0,\"slope\":3,\"eps\":0.7,\"data_term\":\"l2\"}"};
  for (int k = 0; k < 6; k++) {
    rig r;
    double p[7] = {3.1, 1.4, -0.7, 1.1, 9.3, 0.063, 2.7}, g[7], junk[7];
    make(&r, k < 3 ? condensate : labelled, losses[k % 3], layers5, resnet5);
    const size_t np = ads_loss_n_params(r.l);
    ck_assert_uint_eq(np, 7);
    for (long step = -1; step < 40; step += 20) {
      const double f0 = value(&r, 0, step, p, g);
      ck_assert(f0 > 0 && f0 < 1);
      for (size_t i = 0; i < np; i++) {
        double f[4];
        for (int s = 0; s < 4; s++) {
          const double shift[4] = {-2, -1, 1, 2}, keep = p[i];
          p[i] += shift[s] * 1e-4;
          f[s] = value(&r, 0, step, p, s ? NULL : junk);
          p[i] = keep;
        }
        TEST_NEAR(g[i], (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / 12e-4, 2e-8);
      }
    }
    drop(&r);
  }
}
END_TEST

/* A step sees its own batch, the same one each time, and an epoch sees every point once. */
START_TEST(batches) {
  rig r;
  double p[7] = {3.1, 1.4, -0.7, 1.1, 9.3, 0.063, 2.7}, sum = 0;
  make(&r, condensate,
       "{\"type\":\"classifier\",\"batch\":100,\"data_term\":\"l1\",\"band\":{\"points\":1000}}", layers5,
       resnet5);
  const double all = value(&r, 0, -1, p, NULL), first = value(&r, 0, 3, p, NULL);
  for (long s = 10; s < 20; s++) sum += value(&r, 0, s, p, NULL) / 10;
  TEST_NEAR(sum, all, 1e-12); /* the mean of |y - label| is additive */
  ck_assert_double_eq(value(&r, 0, 3, p, NULL), first);
  ck_assert_double_ne(value(&r, 0, 13, p, NULL), first);
  ck_assert_double_eq(value(&r, 1, 3, p, NULL), all); /* the polish sees all points */
  drop(&r);
}
END_TEST

START_TEST(guards) {
  rig r;
  double flat[7] = {60, 60, 60, 60, 60, 1e-6, 1e-4}, good[7] = {3.1, 1.4, -0.7, 1.1, 9.3, 0.063, 2.7};
  double wild[7] = {-40, -40, -40, -40, -40, 900, 40}, g[7];
  make(&r, condensate, "{\"type\":\"classifier\",\"patience\":2,\"accept\":0.07,\"band\":{\"points\":200}}",
       layers5, resnet5);
  TEST_NEAR(value(&r, 0, -1, flat, g), 0.25, 1e-3); /* constant output on half and half */
  ck_assert(isnan(value(&r, 0, 4, flat, g)));       /* 2 epochs of 2 steps: given up */
  ck_assert(isnan(value(&r, 0, 103, flat, g)));
  ck_assert(!isnan(value(&r, 0, 104, flat, g)));
  (void)good;
  double f;
  size_t bad = 0;
  TEST_OK(r.c, ads_loss_operations(r.l)->value(ads_loss_self(r.l), 0, 1, -1, wild, &f, NULL, &bad));
  ck_assert_uint_gt(bad, 150); /* run-away samples are counted, the value stays finite */
  ck_assert(isfinite(f));
  const ads_loss_ops *ops = ads_loss_operations(r.l);
  ck_assert_int_eq(ops->accepted(ads_loss_self(r.l), 0.069), 1);
  ck_assert_int_eq(ops->accepted(ads_loss_self(r.l), 0.071), 0);
  ads_loss_stage st;
  ck_assert_uint_eq(ops->n_stages(ads_loss_self(r.l)), 2);
  ops->stage(ads_loss_self(r.l), 0, &st);
  ck_assert_int_eq(st.max_iter, 24000);
  ops->stage(ads_loss_self(r.l), 1, &st);
  ck_assert_str_eq(st.optimizer, "lbfgs");
  drop(&r);
}
END_TEST

static size_t starts_made(const char *accept) {
  com_ctx *c = test_ctx();
  char text[2048];
  cJSON *j = NULL, *result = NULL;
  const cJSON *parameters = NULL;
  ads_config cfg;
  ads_fit *fit = NULL;
  ads_trainer *t = NULL;
  snprintf(text, sizeof text,
           "{\"schema\":\"holograd/train/"
           "1\",\"dataset\":%s,\"metric\":{\"type\":\"layers\",\"n\":5},\"bulk\":{\"type\":"
           "\"scalar_phi4\",\"lambda\":1},\"dictionary\":{\"type\":\"state\"},\"flow\":{\"type\":\"resnet\","
           "\"n_layers\":5},"
           "\"loss\":{\"type\":\"classifier\",\"epochs\":3,\"polish\":0%s},\"optimizer\":{\"type\":\"adam\"},"
           "\"restarts\":3}",
           labelled, accept);
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, ads_config_read(c, "test", j, &cfg, &parameters));
  TEST_OK(c, ads_fit_create(c, &cfg, NULL, &fit));
  TEST_OK(c, ads_trainer_create(c, ads_fit_task(fit), &t));
  while (!ads_trainer_stop(t)) TEST_OK(c, ads_trainer_iterate(t));
  TEST_OK(c, ads_trainer_result(t, &result));
  const size_t n = com_json_size(com_json_get(result, "starts"));
  com_json_free(result);
  ads_trainer_destroy(t);
  ads_fit_destroy(fit);
  ads_config_finish(&cfg);
  com_json_free(j);
  com_ctx_destroy(c);
  return n;
}

/* Restarts end with the first start that is good enough. */
START_TEST(acceptance) {
  ck_assert_uint_eq(starts_made(""), 3);
  ck_assert_uint_eq(starts_made(",\"accept\":1"), 1);
}
END_TEST

/* Pretraining leaves a classifier that works: plain descent from a random metric stays at 0.25. */
START_TEST(pretraining) {
  rig r;
  double p[6] = {2.1, 1.4, -0.7, 1.9, 0.2, 1.1};
  unsigned char all[6] = {1, 1, 1, 1, 1, 1};
  make(&r, condensate, "{\"type\":\"classifier\"}", "{\"type\":\"pole_poly\",\"n\":4}",
       "{\"type\":\"rk\",\"grid\":\"log\",\"n_steps\":40}");
  ck_assert_double_gt(value(&r, 0, -1, p, NULL), 0.2);
  TEST_OK(r.c, ads_loss_operations(r.l)->start(ads_loss_self(r.l), all, p));
  ck_assert_double_lt(value(&r, 0, -1, p, NULL), 0.05);
  drop(&r);
}
END_TEST

TEST_MAIN("loss_classifier", bump, band, gradient, batches, guards, acceptance, pretraining)
