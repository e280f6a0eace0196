/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact sampling: energies against full summation by z-score, independence, threads, resume, refusal. */
#include <complex.h>
#include "../test.h"
#include "nqs/estimate.h"

typedef struct bench {
  com_ctx *c;
  nqs_lattice *l;
  nqs_hamiltonian *h;
  nqs_ansatz *a;
} bench;

static void choose(com_ctx *c, const com_kind *k, const char *text, com_choice *out) {
  cJSON *j = NULL;
  memset(out, 0, sizeof *out);
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, out));
  com_json_free(j);
}

static void bench_init(bench *b, const char *ansatz) {
  com_choice ch;
  b->c = test_ctx();
  choose(b->c, &nqs_lattice_kind, "{\"type\":\"chain\",\"n\":8}", &ch);
  TEST_OK(b->c, nqs_lattice_create(b->c, &ch, &b->l));
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  choose(b->c, &nqs_hamiltonian_kind, "{\"type\":\"heisenberg\"}", &ch);
  TEST_OK(b->c, nqs_hamiltonian_create(b->c, &ch, b->l, '\0', 0, &b->h));
  com_field_choice_finish(&nqs_hamiltonian_kind, &ch);
  choose(b->c, &nqs_ansatz_kind, ansatz, &ch);
  ((nqs_ansatz_shared *)ch.shared)->sigma = 0.2385;
  TEST_OK(b->c, nqs_ansatz_create(b->c, &ch, b->l, b->h->space, &b->a));
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
}

static void bench_finish(bench *b) {
  nqs_ansatz_destroy(b->a);
  nqs_hamiltonian_destroy(b->h);
  nqs_lattice_destroy(b->l);
  com_ctx_destroy(b->c);
}

typedef struct sampling {
  com_choice ch;
  com_pool *pool;
  nqs_sampler *s;
  nqs_samples x;
} sampling;

static com_status sampling_init(bench *b, const char *text, int threads, const char *stream, sampling *q) {
  memset(q, 0, sizeof *q);
  TEST_OK(b->c, com_pool_create(b->c, threads, &q->pool));
  choose(b->c, &nqs_sampler_kind, text, &q->ch);
  const nqs_task task = {.ham = b->h, .ansatz = b->a, .pool = q->pool, .stream = stream};
  return nqs_sampler_create(b->c, &q->ch, &task, &q->s);
}

static void sampling_finish(sampling *q) {
  nqs_sampler_samples_finish(&q->x);
  nqs_sampler_destroy(q->s);
  com_field_choice_finish(&nqs_sampler_kind, &q->ch);
  com_pool_destroy(q->pool);
}

static nqs_estimate energy(bench *b, sampling *q, unsigned want) {
  nqs_estimate e;
  TEST_OK(b->c, nqs_sampler_collect(b->c, q->s, 0, want, &q->x));
  nqs_estimate_series(q->x.n_chains, q->x.n_time, q->x.eloc, q->x.weight, &e);
  return e;
}

static const char arnn[] = "{\"type\":\"arnn\",\"features\":3}";
static const char direct[] = "{\"type\":\"direct\",\"chains\":6,\"sweeps\":400}";

START_TEST(z_scores_are_normal) {
  enum { RUNS = 200 };
  bench b;
  sampling q;
  bench_init(&b, arnn);
  TEST_OK(b.c, sampling_init(&b, "{\"type\":\"sum\"}", 1, "sum", &q));
  const double exact = energy(&b, &q, 0).mean;
  sampling_finish(&q);
  TEST_OK(b.c, sampling_init(&b, direct, 1, "chain", &q));
  double sum = 0, sum2 = 0;
  for (int k = 0; k < RUNS; k++) {
    const nqs_estimate e = energy(&b, &q, 0);
    const double z = (e.mean - exact) / e.error;
    sum += z, sum2 += z * z;
  }
  /* mean of 200 normal numbers: 0.071; their variance: 0.1 */
  ck_assert_msg(fabs(sum / RUNS) < 0.28, "mean z = %g", sum / RUNS);
  ck_assert_msg(sum2 / RUNS > 0.7 && sum2 / RUNS < 1.4, "variance of z = %g", sum2 / RUNS);
  sampling_finish(&q);
  bench_finish(&b);
}
END_TEST

START_TEST(threads_and_resume_keep_every_digit) {
  bench b;
  sampling one, two;
  cJSON *state = NULL;
  bench_init(&b, arnn);
  TEST_OK(b.c, sampling_init(&b, direct, 1, "chain", &one));
  TEST_OK(b.c, sampling_init(&b, direct, 2, "chain", &two));
  energy(&b, &one, NQS_WANT_O | NQS_WANT_S);
  energy(&b, &two, NQS_WANT_O | NQS_WANT_S);
  ck_assert_uint_eq(one.x.n, 6 * 67);
  ck_assert_mem_eq(one.x.eloc, two.x.eloc, one.x.n * sizeof *one.x.eloc);
  ck_assert_mem_eq(one.x.O, two.x.O, one.x.n * b.a->row_bytes);
  ck_assert_mem_eq(one.x.s, two.x.s, one.x.n * 8);
  TEST_OK(b.c, nqs_sampler_save(b.c, one.s, &state));
  sampling_finish(&two);
  TEST_OK(b.c, sampling_init(&b, direct, 1, "other", &two));
  TEST_OK(b.c, nqs_sampler_load(b.c, two.s, state));
  energy(&b, &one, 0);
  energy(&b, &two, 0);
  ck_assert_mem_eq(one.x.eloc, two.x.eloc, one.x.n * sizeof *one.x.eloc);
  sampling_finish(&two);
  TEST_OK(b.c, sampling_init(&b, "{\"type\":\"direct\",\"chains\":5}", 1, "other", &two));
  TEST_FAILS(b.c, COM_E_DATA, "6 chains", nqs_sampler_load(b.c, two.s, state));
  com_json_free(state);
  sampling_finish(&two);
  sampling_finish(&one);
  bench_finish(&b);
}
END_TEST

START_TEST(only_autoregressive_networks_sample_directly) {
  bench b;
  sampling q;
  bench_init(&b, "{\"type\":\"rbm\"}");
  TEST_FAILS(b.c, COM_E_CONFIG, "cannot be sampled exactly", sampling_init(&b, direct, 1, "chain", &q));
  sampling_finish(&q);
  bench_finish(&b);
}
END_TEST

TEST_MAIN("nqs_direct", z_scores_are_normal, threads_and_resume_keep_every_digit,
          only_autoregressive_networks_sample_directly)
