/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior of a small on-shell fit: gradients and the shear against differences, the prior map against its inverse, the maximum against
 * the lattice numbers of docs/identifiability.md. */
#include "../test.h"
#include "ads/infer.h"
#include "ads/infer_posterior.h"
#include "ads/infer_profile.h"
#include "ads/infer_quantity.h"
#include "ads/infer_spectrum.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"
#include "common/linalg.h"
#include "common/rng.h"

static const char config[] = "{\"schema\":\"holograd/train/1\",\"dataset\":{\"schema\":\"holograd/dataset/"
                             "1\",\"name\":\"qcd-T207\",\"kind\":\"response\","
                             "\"temperature\":{\"value\":0.207,\"error\":0.005,\"unit\":\"GeV\"},"
                             "\"source\":{\"name\":\"m_q\",\"unit\":\"GeV\",\"values\":[0.000673563,0."
                             "001347125,0.00269425,0.0053885,0.010777,0.021554]},"
                             "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.006323923,0."
                             "0115084,0.021364605,0.037943538,0.067569123,"
                             "0.102948908],\"errors\":[0.000113944558,0.000227889116,0.000284861394,0."
                             "000455778231,0.000284861394,0.000227889116],"
                             "\"scale_error\":0.08}},"
                             "\"metric\":{\"type\":\"pole_poly\",\"n\":4},\"bulk\":{\"type\":\"scalar_phi4\","
                             "\"d\":4,\"m2\":-3,\"train\":[\"lambda\"]},"
                             "\"dictionary\":{\"type\":\"qcd\",\"Nc\":3,\"train\":[\"L\"]},"
                             "\"flow\":{\"type\":\"rk\",\"order\":8,\"n_steps\":30,\"grid\":\"log\",\"eta_"
                             "uv\":1,\"eta_ir\":0.0666666666666667},"
                             "\"penalties\":[{\"type\":\"uv_value\",\"weight\":0.01},{\"type\":\"smooth\","
                             "\"weight\":0.01,\"power\":4}],\"restarts\":1}";

typedef struct setting {
  com_ctx *c;
  cJSON *json, *block;
  ads_config cfg;
  ads_fit *fit;
  ads_infer_opts o;
  ads_infer_space *space;
  ads_infer_target *target;
  double full[8], q[16];
  size_t nq, n;
} setting;

static void open_setting(setting *s, const char *block) {
  const cJSON *parameters = NULL;
  ads_trainer *t = NULL;
  *s = (setting){.c = test_ctx()};
  com_ctx *c = s->c;
  TEST_OK(c, com_json_parse(c, "test", config, strlen(config), &s->json));
  TEST_OK(c, com_json_parse(c, "test", block, strlen(block), &s->block));
  TEST_OK(c, ads_config_read(c, "test", s->json, &s->cfg, &parameters));
  TEST_OK(c, ads_fit_create(c, &s->cfg, NULL, &s->fit));
  TEST_OK(c, ads_infer_opts_read(c, "test", s->block, &s->o));
  TEST_OK(c, ads_infer_space_create(c, s->fit, &s->o.prior, &s->space));
  const ads_infer_target_spec spec = {s->fit, s->space, &s->cfg.flow, 2, NULL};
  TEST_OK(c, ads_infer_target_create(c, &spec, &s->target));
  s->nq = ads_infer_target_n(s->target);
  s->n = ads_infer_target_points(s->target);
  TEST_OK(c, ads_trainer_create(c, ads_fit_task(s->fit), &t));
  while (!ads_trainer_stop(t)) TEST_OK(c, ads_trainer_iterate(t));
  memcpy(s->full, ads_trainer_best(t), com_params_n(ads_fit_params(s->fit)) * sizeof(double));
  ads_trainer_destroy(t);
  ads_infer_space_back(s->space, s->full, s->q);
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

START_TEST(prior_map_is_its_own_inverse) {
  setting s;
  open_setting(&s, "{}");
  double full[8] = {0}, row[8], g[16];
  ads_infer_space_full(s.space, s.q, full);
  for (size_t k = 0; k < 6; k++) TEST_NEAR(full[k], s.full[k], 1e-9);
  ck_assert_uint_eq(s.nq, 9); /* 4 xi, lambda, L, size, scale, T */
  const double w[6] = {0.31, -1.2, 0.7, 0.05, 2.1, -0.4};
  memcpy(row, w, sizeof w);
  ads_infer_space_chain(s.space, s.q, full, row, g);
  for (size_t k = 0; k < s.nq; k++) {
    double f[2] = {0, 0}, q[16];
    for (int side = 0; side < 2; side++) {
      memcpy(q, s.q, sizeof q);
      q[k] += side ? 1e-5 : -1e-5;
      ads_infer_space_full(s.space, q, full);
      for (size_t i = 0; i < 6; i++) f[side] += w[i] * full[i];
    }
    TEST_NEAR(g[k], (f[1] - f[0]) / 2e-5, 1e-7);
  }
  close_setting(&s);
}
END_TEST

START_TEST(default_metric_is_the_black_brane) {
  setting s;
  open_setting(&s, "{}");
  double q[16] = {0}, full[8] = {0}, eta[3] = {0.2385, 0.51, 0.9}, h[3];
  ads_infer_space_full(s.space, q, full);
  ads_metric_eval(ads_model_metric(ads_fit_group(s.fit, 0)->model), full, 3, eta, h, NULL);
  for (size_t i = 0; i < 3; i++) ck_assert(fabs(h[i] - 4 / tanh(4 * eta[i])) < 0.05);
  TEST_NEAR(full[5], 2, 1e-12);
  TEST_NEAR(full[4], 0.1, 1e-12);
  close_setting(&s);
}
END_TEST

/* Gradient of the density in sheared coordinates against differences, and x -> q -> x. */
START_TEST(sheared_density) {
  setting s;
  double logp = 0, chi2 = 0, x[16], g[16], back[16];
  int ok = 1;
  open_setting(&s, "{}");
  TEST_OK(s.c, ads_infer_posterior_climb(s.c, s.target, s.q, &logp, &chi2, &ok));
  ck_assert(ok && chi2 < 75);
  ck_assert_uint_eq(ads_infer_target_n_stiff(s.target), 2);
  TEST_OK(s.c, ads_infer_target_x(s.target, 0, s.q, x, &ok));
  for (size_t k = 0; k < s.nq; k++) x[k] += 0.1 * sin(1.7 * (double)k + 1);
  TEST_OK(s.c, ads_infer_target_density(0, x, &logp, g, s.target));
  for (size_t k = 0; k < s.nq; k++) {
    double y[16], other[16], f[2] = {0, 0};
    for (int side = 0; side < 2; side++) {
      memcpy(y, x, sizeof y);
      y[k] += side ? 1e-4 : -1e-4;
      TEST_OK(s.c, ads_infer_target_density(0, y, &f[side], other, s.target));
    }
    TEST_NEAR(g[k], (f[1] - f[0]) / 2e-4, 2e-5);
  }
  TEST_OK(s.c, ads_infer_target_q(s.target, 0, x, s.q, NULL, &ok));
  TEST_OK(s.c, ads_infer_target_x(s.target, 1, s.q, back, &ok));
  for (size_t k = 0; k < s.nq; k++) TEST_NEAR(back[k], x[k], 1e-5);
  close_setting(&s);
}
END_TEST

/* The two determined directions, docs/identifiability.md. */
START_TEST(two_directions) {
  setting s;
  cJSON *j = NULL;
  size_t n = 0;
  open_setting(&s, "{}");
  TEST_OK(s.c, ads_infer_spectrum(s.c, s.fit, s.full, 9, &n, &j));
  const cJSON *v = com_json_get(j, "singular_values");
  const double s2 = com_json_num(com_json_at(v, 1), 0), s3 = com_json_num(com_json_at(v, 2), 0);
  ck_assert_uint_eq(n, 2);
  ck_assert_msg(s3 < 1 && 100 * s3 < s2, "singular values %g %g", s2, s3);
  com_json_free(j);
  close_setting(&s);
}
END_TEST

/* Chains that start from what is not the maximum find it, and all begin again from there. */
START_TEST(chains_find_a_higher_mode) {
  setting s;
  ads_infer_mode mode = {.found = 3};
  ads_infer_draws d;
  double logp = 0, chi2 = 0, low_logp = 0, q[16], low[16];
  int ok = 1;
  open_setting(&s, "{}");
  TEST_OK(s.c, ads_infer_posterior_climb(s.c, s.target, s.q, &logp, &chi2, &ok));
  ck_assert(ok);
  memcpy(q, s.q, sizeof q);
  mode.q = q;
  q[6] += 2; /* the size of the process: no response changes with it alone at fixed theta */
  for (size_t k = 0; k < 4; k++) q[k] *= exp(-2 * s.o.prior.scale_spread);
  TEST_OK(s.c, ads_infer_target_logp(s.target, 0, q, &mode.logp, NULL, &mode.chi2));
  ck_assert(mode.logp < logp - 1.5);
  memcpy(low, q, sizeof low);
  low_logp = mode.logp;
  const com_sample_opts o = {.chains = 2, .warmup = 150, .draws = 20, .accept = 0.8};
  TEST_OK(s.c, ads_infer_posterior_draw(s.c, s.target, &o, "test", NULL, &mode, NULL, 0, &d));
  TEST_NEAR(mode.logp, logp, 1e-4);
  ck_assert(mode.found == 0);
  for (size_t k = 0; k < s.nq; k++) ck_assert(fabs(q[k] - s.q[k]) < 0.05);
  ck_assert_uint_eq(d.draws, 20);
  ads_infer_posterior_draws_finish(&d);
  /* the same once more, from the same low place, when the maximum is known already */
  ads_infer_mode top = {.q = s.q, .logp = logp};
  const ads_infer_modes known = {.n = 1, .mode = &top};
  memcpy(q, low, sizeof q);
  mode.logp = low_logp;
  TEST_OK(s.c, ads_infer_posterior_draw(s.c, s.target, &o, "test", NULL, &mode, &known, 0, &d));
  ck_assert(d.draws == 0 && d.q == NULL);
  close_setting(&s);
}
END_TEST

/* The spectrum of a config is taken where train would end, not at the maximum of the posterior, whose scale of the responses is a nuisance. */
START_TEST(spectrum_is_where_training_ends) {
  setting s;
  ads_infer_modes modes;
  open_setting(&s, "{}");
  TEST_OK(s.c, ads_infer_posterior_modes(s.c, s.target, 1, NULL, NULL, &modes));
  ck_assert(modes.n > 0 && modes.trained);
  for (size_t k = 0; k < com_params_n(ads_fit_params(s.fit)); k++)
    TEST_NEAR(modes.trained[k], s.full[k], 1e-9);
  ads_infer_posterior_modes_finish(&modes);
  close_setting(&s);
}
END_TEST

START_TEST(chains_do_not_depend_on_threads) {
  setting s;
  double *first = NULL;
  for (int threads = 1; threads <= 2; threads++) {
    ads_infer_draws d;
    com_pool *pool = NULL;
    int ok = 1;
    open_setting(&s, "{}");
    ads_infer_mode m = {.q = s.q};
    TEST_OK(s.c, com_pool_create(s.c, threads, &pool));
    TEST_OK(s.c, ads_infer_posterior_climb(s.c, s.target, s.q, &m.logp, &m.chi2, &ok));
    const com_sample_opts o = {.chains = 2, .warmup = 40, .draws = 10, .accept = 0.8, .max_depth = 6};
    TEST_OK(s.c, ads_infer_posterior_draw(s.c, s.target, &o, "test", pool, &m, NULL, 0, &d));
    const size_t bytes = 20 * s.nq * sizeof(double);
    if (threads == 1) {
      first = malloc(bytes);
      memcpy(first, d.q, bytes);
    } else
      ck_assert_int_eq(memcmp(first, d.q, bytes), 0);
    ads_infer_posterior_draws_finish(&d);
    com_pool_destroy(pool);
    close_setting(&s);
  }
  free(first);
}
END_TEST

/* Crossings of a parabola sampled coarsely; an end that is not reached is NAN. */
START_TEST(profile_intervals) {
  double x[9], d[9], lo = 0, hi = 0;
  for (size_t i = 0; i < 9; i++) {
    x[i] = 0.5 * (double)i;
    d[i] = (x[i] - 1.5) * (x[i] - 1.5);
  }
  ads_infer_profile_interval(9, x, d, 1, &lo, &hi);
  TEST_NEAR(lo, 0.5, 1e-12);
  TEST_NEAR(hi, 2.5, 1e-12);
  ads_infer_profile_interval(9, x, d, 4, &lo, &hi);
  ck_assert(isnan(lo));
  TEST_NEAR(hi, 3.5, 1e-12);
  ads_infer_profile_interval(9, x, d, 7, &lo, &hi);
  ck_assert(isnan(lo) && isnan(hi));
}
END_TEST

/* Gradients of every quantity against differences. */
START_TEST(quantities) {
  setting s;
  ads_infer_quantities l;
  const double eta[2] = {0.2, 0.7};
  open_setting(&s, "{}");
  TEST_OK(s.c, ads_infer_quantity_init(s.c, s.fit, 2, eta, 0, &l));
  ck_assert_uint_eq(l.n, 5); /* lambda, L, h twice, dip */
  for (size_t k = 0; k < l.n; k++) {
    double g[16];
    TEST_OK(s.c, ads_infer_quantity_gradient(s.c, &l, s.fit, s.space, k, s.q, g));
    for (size_t i = 0; i < s.nq; i++) {
      double f[2], q[16];
      for (int side = 0; side < 2; side++) {
        memcpy(q, s.q, sizeof q);
        q[i] += side ? 1e-5 : -1e-5;
        TEST_OK(s.c, ads_infer_quantity_value(s.c, &l, s.fit, s.space, k, q, f + side));
      }
      ck_assert_msg(fabs(g[i] - (f[1] - f[0]) / 2e-5) < 1e-6 * (1 + fabs(g[i])), "%s by q[%zu]: %g, not %g",
                    l.v[k].name, i, g[i], (f[1] - f[0]) / 2e-5);
    }
  }
  ads_infer_quantity_finish(&l);
  close_setting(&s);
}
END_TEST

/* A correlated pair of data: whitening, the conditional pulls of leave-one-out and the noise against the 2 x 2 formulas. */
START_TEST(correlated_data) {
  setting s;
  open_setting(&s, "{}");
  cJSON *j = com_json_copy(s.json), *data = com_json_edit(j, "dataset"), *r = com_json_edit(data, "response");
  const cJSON *none = NULL;
  ads_config cfg;
  ads_fit *fit = NULL;
  ads_infer_space *space = NULL;
  ads_infer_target *t = NULL;
  const double a = 2e-4, b = 3e-4, rho = 0.6, values[2] = {0.0115, 0.0214}, m_q[2] = {0.00134, 0.00269};
  const double rows[2][2] = {{a * a, rho * a * b}, {rho * a * b, b * b}};
  cJSON *cov = com_json_array();
  for (size_t i = 0; i < 2; i++) TEST_OK(s.c, com_json_push(s.c, cov, com_json_reals(rows[i], 2)));
  com_json_remove(r, "errors");
  TEST_OK(s.c, com_json_add(s.c, r, "covariance", cov));
  TEST_OK(s.c, com_json_add(s.c, r, "values", com_json_reals(values, 2)));
  TEST_OK(s.c, com_json_add(s.c, com_json_edit(data, "source"), "values", com_json_reals(m_q, 2)));
  TEST_OK(s.c, ads_config_read(s.c, "test", j, &cfg, &none));
  TEST_OK(s.c, ads_fit_create(s.c, &cfg, NULL, &fit));
  TEST_OK(s.c, ads_infer_space_create(s.c, fit, &s.o.prior, &space));
  const ads_infer_target_spec spec = {fit, space, &cfg.flow, 1, NULL};
  TEST_OK(s.c, ads_infer_target_create(s.c, &spec, &t));
  const double R[2] = {values[0] - 1.3 * a, values[1] + 0.4 * b};
  double z[2], w[2];
  ads_infer_target_conditional(t, R, z);
  ads_infer_target_whiten(t, R, w);
  const double left = sqrt(1 - rho * rho);
  TEST_NEAR(z[0], (1.3 - rho * -0.4) / left, 1e-12);
  TEST_NEAR(z[1], (-0.4 - rho * 1.3) / left, 1e-12);
  TEST_NEAR(w[0] * w[0] + w[1] * w[1], (1.3 * 1.3 + 0.4 * 0.4 + 2 * rho * 1.3 * 0.4) / (left * left), 1e-12);
  enum { DRAWS = 40000 };
  com_rng *rng = NULL;
  double sum = 0, sum2 = 0;
  TEST_OK(s.c, com_rng_create(s.c, 4, "noise", &rng));
  for (size_t i = 0; i < DRAWS; i++) {
    double e[2] = {com_rng_normal(rng), com_rng_normal(rng)};
    ads_infer_target_noise(t, e);
    const double p = e[0] * e[1] / (a * b);
    sum += p / DRAWS;
    sum2 += p * p / DRAWS;
  }
  ck_assert_msg(fabs(sum - rho) < 4 * sqrt((sum2 - sum * sum) / DRAWS), "correlation %g, want %g", sum, rho);
  com_rng_destroy(rng);
  ads_infer_target_destroy(t);
  ads_infer_space_destroy(space);
  ads_fit_destroy(fit);
  ads_config_finish(&cfg);
  com_json_free(j);
  close_setting(&s);
}
END_TEST

/* The scale error is a factor on the responses, a prediction at k = 1 times exp(0.08 q). */
START_TEST(nuisance_of_the_scale) {
  setting s;
  double R[6], R2[6], q[16];
  size_t at = 99;
  int ok = 1;
  open_setting(&s, "{}");
  for (size_t k = 0; k < s.nq; k++) {
    char name[96];
    ads_infer_space_name(s.space, k, name);
    if (strcmp(name, "data.scale") == 0) at = k;
  }
  ck_assert_uint_lt(at, s.nq);
  memcpy(q, s.q, sizeof q);
  q[at] = 0.7;
  TEST_OK(s.c, ads_infer_target_predict(s.target, 0, s.q, R, NULL, &ok));
  TEST_OK(s.c, ads_infer_target_predict(s.target, 0, q, R2, NULL, &ok));
  ck_assert(ok);
  for (size_t i = 0; i < 6; i++) TEST_NEAR(R2[i], R[i] * exp(0.08 * 0.7), 1e-8 * R[i]);
  TEST_NEAR(ads_infer_space_temperature(s.space, 0, q), 0.207, 1e-12);
  close_setting(&s);
}
END_TEST

START_TEST(errors_of_the_prior) {
  com_ctx *c = test_ctx();
  setting s;
  open_setting(&s, "{}");
  ads_infer_opts o;
  cJSON *j = NULL;
  ads_infer_space *space = NULL;
  static const char bad[] = "{\"prior\":{\"centre\":{\"dictionary.M\":3}}}";
  TEST_OK(s.c, com_json_parse(s.c, "test", bad, strlen(bad), &j));
  TEST_OK(s.c, ads_infer_opts_read(s.c, "test", j, &o));
  TEST_FAILS(s.c, COM_E_CONFIG, "infer.prior.centre", ads_infer_space_create(s.c, s.fit, &o.prior, &space));
  com_field_finish(ads_infer_opts_fields, &o);
  com_json_free(j);
  static const char unknown[] = "{\"drawz\":3}";
  TEST_OK(s.c, com_json_parse(s.c, "test", unknown, strlen(unknown), &j));
  TEST_FAILS(s.c, COM_E_CONFIG, "draws", ads_infer_opts_read(s.c, "test", j, &o));
  com_json_free(j);
  close_setting(&s);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("infer", prior_map_is_its_own_inverse, default_metric_is_the_black_brane, sheared_density,
          two_directions, chains_do_not_depend_on_threads, spectrum_is_where_training_ends,
          chains_find_a_higher_mode, errors_of_the_prior, profile_intervals, quantities, correlated_data,
          nuisance_of_the_scale)
