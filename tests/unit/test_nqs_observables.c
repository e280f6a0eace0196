/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observables of one state three ways: full summation, state vector, Markov chains; and against formulas written out here. */
#include <complex.h>
#include <stdio.h>
#include "../test.h"
#include "nqs/convert.h"
#include "nqs/observables.h"
#include "nqs/sampler.h"

typedef struct bench {
  com_ctx *c;
  nqs_lattice *l;
  nqs_hamiltonian *h;
  nqs_ansatz *a;
  com_pool *pool;
  size_t dim;
  double complex *psi; /* [dim] normalised */
  int8_t *s;           /* [dim][n] */
} bench;

static cJSON *parse(com_ctx *c, const char *text) {
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  return j;
}

static void choose(com_ctx *c, const com_kind *k, const char *text, com_choice *out) {
  cJSON *j = parse(c, text);
  memset(out, 0, sizeof *out);
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, out));
  com_json_free(j);
}

static void bench_init(bench *b, const char *lattice, const char *ham, const char *ansatz) {
  com_choice ch;
  b->c = test_ctx();
  choose(b->c, &nqs_lattice_kind, lattice, &ch);
  TEST_OK(b->c, nqs_lattice_create(b->c, &ch, &b->l));
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  choose(b->c, &nqs_hamiltonian_kind, ham, &ch);
  TEST_OK(b->c, nqs_hamiltonian_create(b->c, &ch, b->l, '\0', 0, &b->h));
  com_field_choice_finish(&nqs_hamiltonian_kind, &ch);
  choose(b->c, &nqs_ansatz_kind, ansatz, &ch);
  ((nqs_ansatz_shared *)ch.shared)->sigma = 0.2385;
  TEST_OK(b->c, nqs_ansatz_create(b->c, &ch, b->l, b->h->space, &b->a));
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
  TEST_OK(b->c, com_pool_create(b->c, 2, &b->pool));
  b->dim = (size_t)b->h->space->dim;
  b->psi = malloc(b->dim * sizeof *b->psi);
  b->s = malloc(b->dim * b->l->n);
  nqs_hilbert_range(b->h->space, 0, b->dim, b->s);
  void *work = malloc(1 + b->a->ops->work_size(b->a->self, b->dim));
  b->a->ops->log_psi_of(b->a->self, b->dim, b->s, work, b->psi);
  free(work);
  double norm = 0;
  for (size_t k = 0; k < b->dim; k++) b->psi[k] = cexp(b->psi[k]), norm += cabs(b->psi[k]) * cabs(b->psi[k]);
  for (size_t k = 0; k < b->dim; k++) b->psi[k] /= sqrt(norm);
}

static void bench_finish(bench *b) {
  free(b->psi);
  free(b->s);
  com_pool_destroy(b->pool);
  nqs_ansatz_destroy(b->a);
  nqs_hamiltonian_destroy(b->h);
  nqs_lattice_destroy(b->l);
  com_ctx_destroy(b->c);
}

/* sampler "sum" or "metropolis" */
static cJSON *measure(bench *b, const char *sampler, const char *list) {
  com_choice ch;
  nqs_sampler *s = NULL;
  nqs_samples x = {0};
  nqs_observables *o = NULL;
  cJSON *j = parse(b->c, list), *out = NULL;
  const nqs_task task = {.ham = b->h, .ansatz = b->a, .pool = b->pool, .stream = "chain"};
  choose(b->c, &nqs_sampler_kind, sampler, &ch);
  TEST_OK(b->c, nqs_sampler_create(b->c, &ch, &task, &s));
  TEST_OK(b->c, nqs_sampler_collect(b->c, s, 0, NQS_WANT_S, &x));
  TEST_OK(b->c, nqs_observables_create(b->c, "test", j, b->h, &o));
  TEST_OK(b->c, nqs_observables_measure(b->c, o, b->a, b->pool, &x, &out));
  nqs_observables_destroy(o);
  nqs_sampler_samples_finish(&x);
  nqs_sampler_destroy(s);
  com_field_choice_finish(&nqs_sampler_kind, &ch);
  com_json_free(j);
  return out;
}

static cJSON *exact(bench *b, const char *list) {
  nqs_observables *o = NULL;
  cJSON *j = parse(b->c, list), *out = NULL;
  TEST_OK(b->c, nqs_observables_create(b->c, "test", j, b->h, &o));
  TEST_OK(b->c, nqs_observables_exact(b->c, o, b->psi, &out));
  nqs_observables_destroy(o);
  com_json_free(j);
  return out;
}

static double mean(const cJSON *r, const char *name) {
  return com_json_num(com_json_get(com_json_get(r, name), "mean"), NAN);
}
static double error(const cJSON *r, const char *name) {
  return com_json_num(com_json_get(com_json_get(r, name), "error"), NAN);
}
static double cell(const cJSON *r, const char *name, size_t row, size_t col) {
  return com_json_num(com_json_at(com_json_at(com_json_get(com_json_get(r, name), "rows"), row), col), NAN);
}

static const char everything[] =
    "[\"magnetisation\",\"profile\",\"correlations\",\"structure_factor\",\"renyi2\","
    "{\"name\":\"cluster\",\"terms\":[[0.7,\"ZXZ\",[0,1,2]],[-0.4,\"YY\",[3,5]],[0.25,\"I\",[0]]]}]";

/* <X_i>, <Z_i Z_j>, S(k) written out from the vector; Renyi entropy from Schmidt coefficients. */
static void check_against_formulas(const bench *b, const cJSON *r) {
  const size_t n = b->l->n;
  double x = 0, zz = 0, structure = 0, cluster = 0.25, schmidt[8], purity = 0;
  for (size_t k = 0; k < b->dim; k++) {
    const int8_t *s = b->s + k * n;
    const double p = cabs(b->psi[k]) * cabs(b->psi[k]);
    double complex wave = 0;
    for (size_t i = 0; i < n; i++) {
      int8_t f[8];
      memcpy(f, s, n);
      f[i] = (int8_t)-f[i];
      x += creal(conj(b->psi[k]) * b->psi[nqs_hilbert_rank(b->h->space, f)]) / (double)n;
      zz += p * s[i] * s[(i + 2) % n] / (double)n;
      wave += s[i] * cexp(I * 2 * M_PI * (double)i / (double)n);
    }
    structure += p * cabs(wave) * cabs(wave) / (double)n;
    int8_t f[8], g[8];
    memcpy(f, s, n), memcpy(g, s, n);
    f[1] = (int8_t)-f[1];
    g[3] = (int8_t)-g[3], g[5] = (int8_t)-g[5];
    cluster += 0.7 * s[0] * s[2] * creal(conj(b->psi[k]) * b->psi[nqs_hilbert_rank(b->h->space, f)]);
    /* <s|Y_3 Y_5|s'> = (-i s_3)(-i s_5) = -s_3 s_5 */
    cluster += 0.4 * s[3] * s[5] * creal(conj(b->psi[k]) * b->psi[nqs_hilbert_rank(b->h->space, g)]);
  }
  TEST_NEAR(mean(r, "X"), x, 1e-12);
  TEST_NEAR(cell(r, "correlations", 2, 2), zz, 1e-12);
  TEST_NEAR(cell(r, "structure_factor", 1, 2), structure, 1e-12);
  TEST_NEAR(mean(r, "cluster"), cluster, 1e-12);
  /* the entropy does not depend on how the configurations of a side are numbered */
  double complex M[64];
  for (size_t k = 0; k < b->dim; k++) {
    size_t left = 0, right = 0;
    for (size_t i = 0; i < 3; i++)
      left = 2 * left + (b->s[k * n + i] > 0), right = 2 * right + (b->s[k * n + 3 + i] > 0);
    M[8 * left + right] = b->psi[k];
  }
  TEST_OK(b->c, nqs_convert_schmidt(b->c, 8, 8, M, schmidt));
  for (size_t k = 0; k < 8; k++) purity += pow(schmidt[k], 4);
  TEST_NEAR(mean(r, "renyi2"), -log(purity), 1e-11);
}

START_TEST(full_summation_vector_and_formulas_agree) {
  bench b;
  bench_init(&b, "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\"}", "{\"type\":\"rbm\"}");
  cJSON *sum = measure(&b, "{\"type\":\"sum\"}", everything), *vector = exact(&b, everything);
  check_against_formulas(&b, sum);
  check_against_formulas(&b, vector);
  for (const char *letter = "XYZ"; *letter; letter++) {
    const char name[2] = {*letter, 0};
    TEST_NEAR(mean(sum, name), mean(vector, name), 1e-12);
    ck_assert_double_eq(error(sum, name), 0);
  }
  for (size_t k = 0; k < 6; k++) TEST_NEAR(cell(sum, "profile", k, 2), cell(vector, "profile", k, 2), 1e-12);
  com_json_free(sum);
  com_json_free(vector);
  bench_finish(&b);
}
END_TEST

START_TEST(chains_agree_within_their_errors) {
  bench b;
  bench_init(&b, "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\"}", "{\"type\":\"rbm\"}");
  cJSON *mc = measure(&b, "{\"type\":\"metropolis\",\"chains\":16,\"sweeps\":16000}", everything),
        *vector = exact(&b, everything);
  static const char *const names[] = {"X", "Y", "Z", "cluster", "renyi2"};
  for (size_t k = 0; k < 5; k++) {
    const double z = (mean(mc, names[k]) - mean(vector, names[k])) / error(mc, names[k]);
    ck_assert_msg(fabs(z) < 4, "%s: z = %g, %g +- %g", names[k], z, mean(mc, names[k]), error(mc, names[k]));
    ck_assert_double_gt(error(mc, names[k]), 1e-4);
  }
  for (size_t k = 0; k < 6; k++) {
    const double z = (cell(mc, "structure_factor", k, 2) - cell(vector, "structure_factor", k, 2)) /
                     cell(mc, "structure_factor", k, 3);
    ck_assert_msg(fabs(z) < 4, "S(%zu): z = %g", k, z);
  }
  com_json_free(mc);
  com_json_free(vector);
  bench_finish(&b);
}
END_TEST

/* In the rotated frame of an antiferromagnet <X_0 X_1> of the ground state is -(its value without the sign rule). */
START_TEST(strings_follow_the_marshall_rotation) {
  static const char list[] =
      "[{\"name\":\"flip\",\"terms\":[[0.5,\"XX\",[0,1]],[0.5,\"YY\",[0,1]]]},\"magnetisation\",\"renyi2\"]";
  bench b;
  bench_init(&b, "{\"type\":\"chain\",\"n\":4}", "{\"type\":\"heisenberg\"}", "{\"type\":\"rbm\"}");
  for (size_t k = 0; k < b.dim; k++) b.psi[k] = 1 / sqrt((double)b.dim); /* positive in the rotated frame */
  cJSON *r = exact(&b, list);
  double want =
      0; /* (XX + YY)/2 swaps antiparallel neighbours: fraction of configurations with them, sign -1 */
  for (size_t k = 0; k < b.dim; k++) want -= b.s[4 * k] != b.s[4 * k + 1] ? 1.0 / (double)b.dim : 0;
  TEST_NEAR(mean(r, "flip"), want, 1e-14);
  ck_assert(com_json_get(r, "X") == NULL); /* fixed S^z: only Z */
  TEST_NEAR(mean(r, "Z"), 0.0, 1e-14);
  com_json_free(r);
  r = measure(&b, "{\"type\":\"metropolis\",\"chains\":3,\"sweeps\":6000}", list);
  const double swap = mean(r, "renyi2"), bar = error(r, "renyi2");
  com_json_free(r);
  r = measure(&b, "{\"type\":\"sum\"}", list);
  ck_assert_msg(fabs(swap - mean(r, "renyi2")) < 4 * bar && bar < 0.1, "renyi2 %g +- %g, exact %g", swap, bar,
                mean(r, "renyi2"));
  com_json_free(r);
  bench_finish(&b);
}
END_TEST

START_TEST(pairs_where_nothing_translates) {
  bench b;
  bench_init(&b, "{\"type\":\"edges\",\"n\":4,\"edges\":[[0,1],[1,2],[0,3]]}", "{\"type\":\"tfim\"}",
             "{\"type\":\"rbm\"}");
  cJSON *r = exact(&b, "[\"correlations\",{\"name\":\"renyi2\",\"sites\":[2,0]}]");
  double want = 0;
  for (size_t k = 0; k < b.dim; k++)
    want += cabs(b.psi[k]) * cabs(b.psi[k]) * b.s[4 * k + 1] * b.s[4 * k + 3];
  ck_assert_double_eq(cell(r, "correlations", 4, 0), 1); /* rows 01 02 03 12 13 23 */
  ck_assert_double_eq(cell(r, "correlations", 4, 1), 3);
  TEST_NEAR(cell(r, "correlations", 4, 2), want, 1e-13);
  ck_assert(mean(r, "renyi2") > 0 && mean(r, "renyi2") < 2 * log(2));
  com_json_free(r);
  bench_finish(&b);
}
END_TEST

START_TEST(wrong_lists_are_refused_by_name) {
  static const struct {
    const char *list, *part;
  } bad[] = {{"[\"magnetization\"]", "did you mean magnetisation"},
             {"{\"a\":1}", "must be a list"},
             {"[3]", "entries are names"},
             {"[\"profile\",\"profile\"]", "appears twice"},
             {"[{\"name\":\"a\",\"terms\":[[1,\"ZQ\",[0,1]]]}]", "needs letters"},
             {"[{\"name\":\"a\",\"terms\":[[1,\"Z\",[0,1]]]}]", "one per site"},
             {"[{\"name\":\"a\",\"terms\":[[1,\"Z\"]]}]", "a term is"},
             {"[{\"name\":\"a\",\"terms\":[[1,\"Z\",[4]]]}]", "site 4"},
             {"[{\"name\":\"a\",\"terms\":[[1,\"X\",[1]]]}]", "leaves the sector"},
             {"[{\"name\":\"renyi2\",\"sites\":[0,1,2,3]}]", "not all sites"},
             {"[{\"name\":\"renyi2\",\"sites\":[0,0]}]", "each once"}};
  bench b;
  bench_init(&b, "{\"type\":\"chain\",\"n\":4}", "{\"type\":\"heisenberg\"}", "{\"type\":\"rbm\"}");
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    nqs_observables *o = NULL;
    cJSON *j = parse(b.c, bad[k].list);
    TEST_FAILS(b.c, COM_E_CONFIG, bad[k].part, nqs_observables_create(b.c, "run.json", j, b.h, &o));
    ck_assert(o == NULL);
    com_json_free(j);
  }
  bench_finish(&b);
  bench_init(&b, "{\"type\":\"chain\",\"n\":4}", "{\"type\":\"bose_hubbard\"}", "{\"type\":\"rbm\"}");
  nqs_observables *o = NULL;
  cJSON *j = parse(b.c, "[\"magnetisation\"]");
  TEST_FAILS(b.c, COM_E_CONFIG, "only for spins", nqs_observables_create(b.c, "run.json", j, b.h, &o));
  com_json_free(j);
  cJSON *r = exact(&b, "[\"profile\"]");
  double total = 0;
  for (size_t k = 0; k < 4; k++) total += cell(r, "profile", k, 2);
  TEST_NEAR(total, (double)b.h->space->total, 1e-12);
  com_json_free(r);
  bench_finish(&b);
}
END_TEST

TEST_MAIN("nqs_observables", full_summation_vector_and_formulas_agree, chains_agree_within_their_errors,
          strings_follow_the_marshall_rotation, pairs_where_nothing_translates,
          wrong_lists_are_refused_by_name)
