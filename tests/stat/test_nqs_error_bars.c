/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars are true: 400 independent measurements of one frozen state against its own full summation.  z-scores of the
 * energy have mean 0 and variance 1: |mean| < 0.15 (three standard errors), variance in 0.8..1.25. */
#include "../nqs.h"

enum { RUNS = 400 };

static nqs_run frozen(const char *sampler, uint64_t seed, const double *w) {
  char text[700];
  snprintf(text, sizeof text,
           "{\"lattice\":{\"type\":\"chain\",\"n\":10},\"hamiltonian\":%s,\"iterations\":40,"
           "\"ansatz\":{\"type\":\"rbm\",\"symmetry\":\"translation\"},\"sampler\":%s,\"optimizer\":{"
           "\"type\":\"sr\",\"rate\":0.1}}",
           strstr(sampler, "exchange") ? "{\"type\":\"heisenberg\"}" : "{\"type\":\"tfim\"}", sampler);
  nqs_run r = nqs_run_make(text, seed, 1);
  if (w) TEST_OK(r.c, nqs_ansatz_load(r.c, nqs_driver_ansatz(r.d), w));
  return r;
}

static void check(const char *sampler, const char *sum_like) {
  nqs_run ref = frozen(sum_like, 5, NULL);
  while (!nqs_driver_stop(ref.d)) TEST_OK(ref.c, nqs_driver_iterate(ref.d));
  nqs_samples s = {0};
  nqs_estimate exact, e;
  TEST_OK(ref.c, nqs_sampler_collect(ref.c, nqs_driver_sampler(ref.d), 0, 0, &s));
  nqs_estimate_series(s.n_chains, s.n_time, s.eloc, s.weight, &exact);
  double sum = 0, sum2 = 0;
  for (int k = 0; k < RUNS; k++) {
    nqs_run r = frozen(sampler, 100 + (uint64_t)k, nqs_driver_ansatz(ref.d)->w);
    nqs_samples t = {0};
    TEST_OK(r.c, nqs_sampler_collect(r.c, nqs_driver_sampler(r.d), 0, 0, &t));
    nqs_estimate_series(t.n_chains, t.n_time, t.eloc, NULL, &e);
    const double z = (e.mean - exact.mean) / e.error;
    sum += z, sum2 += z * z;
    nqs_sampler_samples_finish(&t);
    nqs_run_finish(&r);
  }
  const double mean = sum / RUNS, var = sum2 / RUNS - mean * mean;
  ck_assert_msg(fabs(mean) < 0.15 && var > 0.8 && var < 1.25, "%s: z-scores have mean %.3f, variance %.3f",
                sampler, mean, var);
  nqs_sampler_samples_finish(&s);
  nqs_run_finish(&ref);
}

/* "sum" for Heisenberg needs the word that picks the model: an object key that is ignored. */
START_TEST(flips) {
  check("{\"type\":\"metropolis\",\"sweeps\":1600,\"discard\":320}", "{\"type\":\"sum\"}");
}
END_TEST
START_TEST(exchanges) {
  check("{\"type\":\"metropolis\",\"sweeps\":1600,\"discard\":320,\"move\":\"exchange\"}",
        "{\"type\":\"sum\",\"#\":\"exchange\"}");
}
END_TEST
START_TEST(without_ladder) {
  check("{\"type\":\"metropolis\",\"sweeps\":2000,\"discard\":320,\"chains\":5,\"ladder\":0}",
        "{\"type\":\"sum\"}");
}
END_TEST

TEST_MAIN("nqs_error_bars", flips, exchanges, without_ladder)
