/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract of every wave function: each registered ansatz on each kind of space (free spins, fixed S^z, bosons), and
 * further options.  Derivatives against differences, ratios and caches against log psi, exact samples against |psi|^2. */
#include <complex.h>
#include <stdio.h>
#include "../test.h"
#include "nqs/ansatz.h"
#include "nqs/hamiltonian.h"

typedef struct system {
  const char *name, *lattice, *hamiltonian;
} system_spec;
static const system_spec systems[] = {
    {"tfim", "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\"}"},
    {"heisenberg", "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"heisenberg\"}"},
    {"bose_hubbard", "{\"type\":\"chain\",\"n\":4}", "{\"type\":\"bose_hubbard\"}"},
    {"square", "{\"type\":\"square\",\"lx\":2,\"ly\":3}", "{\"type\":\"tfim\"}"}};

/* Options beyond the defaults; the defaults of every registered ansatz are tested anyway. */
static const char *const variants[] = {
    "{\"type\":\"rbm\",\"alpha\":2,\"weights\":\"real\"}",
    "{\"type\":\"rbm\",\"symmetry\":\"translation\"}",
    "{\"type\":\"rbm\",\"symmetry\":\"space\",\"spin_flip\":true}",
    "{\"type\":\"jastrow\",\"weights\":\"real\"}",
    "{\"type\":\"jastrow\",\"symmetry\":\"translation\"}",
    "{\"type\":\"jastrow\",\"symmetry\":\"space\",\"site_term\":false}",
    "{\"type\":\"ffn\",\"hidden\":[7,5,3]}",
    "{\"type\":\"ffn\",\"hidden\":[5],\"output\":\"real\"}",
    "{\"type\":\"ffn\",\"hidden\":[4,3],\"symmetry\":\"translation\"}",
    "{\"type\":\"dbm\",\"deep\":5,\"weights\":\"real\"}",
    "{\"type\":\"mps\",\"bond\":3,\"weights\":\"real\"}",
    "{\"type\":\"mps\",\"bond\":3,\"periodic\":false}",
    "{\"type\":\"mps\",\"bond\":2,\"uniform\":true}",
    "{\"type\":\"arnn\",\"features\":3,\"layers\":2}",
    "{\"type\":\"arnn\",\"features\":2,\"layers\":3,\"phase\":false}",
    "{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\"},\"kx\":1}",
    "{\"type\":\"projected\",\"ansatz\":{\"type\":\"jastrow\",\"weights\":\"real\"},\"kx\":1}",
    "{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\",\"weights\":\"real\"},\"symmetry\":\"space\"}",
    "{\"type\":\"projected\",\"ansatz\":{\"type\":\"ffn\",\"hidden\":[4,3]},\"spin_flip\":-1}",
    ("{\"type\":\"projected\",\"ansatz\":{\"type\":\"mps\",\"bond\":2},\"symmetry\":\"none\",\"spin_flip\":"
     "1}")};

typedef struct bench {
  com_ctx *c;
  nqs_lattice *l;
  nqs_hamiltonian *h;
  nqs_ansatz *a;
  char what[240];
} bench;

static void choose(com_ctx *c, const com_kind *k, const char *text, com_choice *out) {
  cJSON *j = NULL;
  memset(out, 0, sizeof *out);
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, out));
  com_json_free(j);
}

/* Starts keep some parameters (biases) small; a check wants all of them to matter. */
static void shake(bench *b) {
  com_rng *r = NULL;
  TEST_OK(b->c, com_rng_create(b->c, 6, "shake", &r));
  for (size_t k = 0; k < b->a->n_reals; k++) b->a->w[k] += 0.1 * com_rng_normal(r);
  com_rng_destroy(r);
  TEST_OK(b->c, nqs_ansatz_load(b->c, b->a, b->a->w));
}

/* Returns 0 when the ansatz refuses the system (which needs a message), 1 when there is something to test. */
static int bench_init(bench *b, const system_spec *sys, const char *ansatz) {
  com_choice ch;
  memset(b, 0, sizeof *b);
  b->c = test_ctx();
  snprintf(b->what, sizeof b->what, "%s on %s", ansatz, sys->name);
  choose(b->c, &nqs_lattice_kind, sys->lattice, &ch);
  TEST_OK(b->c, nqs_lattice_create(b->c, &ch, &b->l));
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  choose(b->c, &nqs_hamiltonian_kind, sys->hamiltonian, &ch);
  TEST_OK(b->c, nqs_hamiltonian_create(b->c, &ch, b->l, '\0', 0, &b->h));
  com_field_choice_finish(&nqs_hamiltonian_kind, &ch);
  choose(b->c, &nqs_ansatz_kind, ansatz, &ch);
  ((nqs_ansatz_shared *)ch.shared)->sigma = 0.2385;
  const com_status status = nqs_ansatz_create(b->c, &ch, b->l, b->h->space, &b->a);
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
  ck_assert_msg(!status || (status == COM_E_CONFIG && strlen(com_ctx_error(b->c)) > 20), "%s: %s", b->what,
                com_ctx_error(b->c));
  if (!status) shake(b);
  return status == COM_OK;
}

static void bench_finish(bench *b) {
  nqs_ansatz_destroy(b->a);
  nqs_hamiltonian_destroy(b->h);
  nqs_lattice_destroy(b->l);
  com_ctx_destroy(b->c);
}

enum { WALKERS = 3, DIFF_POINTS = 4 };
static const double step = 2e-3;
/* A momentum sector has configurations without amplitude; what is left there is rounding. */
static int vanishes(double complex log_psi) { return creal(log_psi) < -25; }

static double complex row_entry(const nqs_ansatz *a, const void *O, size_t row, size_t k) {
  const double *o = (const double *)((const char *)O + row * a->row_bytes);
  if (a->scalar == NQS_HOLO) return o[2 * k] + I * o[2 * k + 1];
  return o[k] + (a->scalar == NQS_SPLIT ? I * o[a->n_params + k] : 0);
}

/* d log psi / d w_k by fourth-order differences of the logarithm's increments (so branches of the log cancel). */
static void difference(bench *b, nqs_walkers *w, size_t k, double complex *out) {
  static const double node[DIFF_POINTS] = {-2, -1, 1, 2}, coefficient[DIFF_POINTS] = {1, -8, 8, -1};
  const double w0 = b->a->w[k];
  double complex base[WALKERS], at[WALKERS];
  nqs_ansatz_log_psi(w, base);
  for (size_t i = 0; i < WALKERS; i++) out[i] = 0;
  for (size_t p = 0; p < DIFF_POINTS; p++) {
    b->a->w[k] = w0 + node[p] * step;
    TEST_OK(b->c, nqs_ansatz_load(b->c, b->a, b->a->w));
    nqs_ansatz_log_psi(w, at);
    for (size_t i = 0; i < WALKERS; i++) out[i] += coefficient[p] / (12 * step) * clog(cexp(at[i] - base[i]));
  }
  b->a->w[k] = w0;
  TEST_OK(b->c, nqs_ansatz_load(b->c, b->a, b->a->w));
}

static void check_gradient(bench *b) {
  const nqs_ansatz *a = b->a;
  com_rng *r = NULL;
  nqs_walkers *w = NULL;
  int8_t s[WALKERS * 16];
  double complex fd[WALKERS], log_psi[WALKERS];
  TEST_OK(b->c, com_rng_create(b->c, 5, "gradient", &r));
  for (size_t i = 0; i < WALKERS; i++) nqs_hilbert_random(b->h->space, r, s + i * b->l->n);
  TEST_OK(b->c, nqs_ansatz_walkers(b->c, a, WALKERS, 16, &w));
  nqs_ansatz_set(w, s);
  char *O = malloc(WALKERS * a->row_bytes), *of = malloc(WALKERS * a->row_bytes);
  nqs_ansatz_grad(w, O);
  nqs_ansatz_log_psi(w, log_psi);
  char *work = malloc(1 + (a->ops->work_size ? a->ops->work_size(a->self, WALKERS) : 0));
  a->ops->grad_of(a->self, WALKERS, s, work, of);
  for (size_t k = 0; k < a->n_reals; k++) {
    const size_t param = a->scalar == NQS_HOLO ? k / 2 : k;
    difference(b, w, k, fd);
    for (size_t i = 0; i < WALKERS; i++) {
      if (vanishes(log_psi[i])) continue;
      double complex o = row_entry(a, O, i, param), p = row_entry(a, of, i, param);
      ck_assert_msg(cabs(o - p) <= 1e-10 * (1 + cabs(o)), "%s: grad and grad_of differ at %zu", b->what, k);
      if (a->scalar == NQS_HOLO && k % 2) o *= I;
      /* Near a node log psi ~ log(w - w0): the differences are off by 24 |o|^5 step^4 / 30. */
      const double tol = 2e-8 * (1 + cabs(o)) + pow(cabs(o), 5) * pow(step, 4);
      ck_assert_msg(cabs(o - fd[i]) <= tol, "%s: d/dw[%zu] = %g %+gi, differences %g %+gi", b->what, k,
                    creal(o), cimag(o), creal(fd[i]), cimag(fd[i]));
    }
  }
  char name[48] = "";
  if (a->ops->param_name) {
    a->ops->param_name(a->self, a->n_params - 1, name);
    ck_assert_msg(strlen(name) > 1, "%s: parameter without a name", b->what);
  }
  free(work);
  free(of);
  free(O);
  nqs_ansatz_walkers_destroy(w);
  com_rng_destroy(r);
}

/* A random move of configuration `conf`: towards another state of the space, all differing sites at once. */
static void random_move(const bench *b, com_rng *r, const int8_t *s, uint32_t conf, nqs_moves *m) {
  int8_t to[16];
  const int8_t *from = s + conf * b->l->n;
  do {
    nqs_hilbert_random(b->h->space, r, to);
  } while (memcmp(to, from, b->l->n) == 0); /* a move changes something */
  for (size_t i = 0; i < b->l->n; i++)
    if (to[i] != from[i]) nqs_moves_site(m, (uint32_t)i, to[i]);
  nqs_moves_close(m, conf);
}

static void check_walk(bench *b) {
  enum { STEPS = 700, BATCH = 2 * WALKERS };
  com_rng *r = NULL;
  nqs_walkers *w = NULL;
  nqs_moves m;
  int8_t s[WALKERS * 16];
  double complex ratio[BATCH], before[WALKERS], after[WALKERS];
  TEST_OK(b->c, com_rng_create(b->c, 5, "walk", &r));
  TEST_OK(b->c, nqs_moves_init(b->c, BATCH, BATCH * b->l->n, &m));
  for (size_t i = 0; i < WALKERS; i++) nqs_hilbert_random(b->h->space, r, s + i * b->l->n);
  TEST_OK(b->c, nqs_ansatz_walkers(b->c, b->a, WALKERS, BATCH, &w));
  nqs_ansatz_set(w, s);
  for (int turn = 0; turn < STEPS; turn++) {
    unsigned char accepted[BATCH] = {0};
    nqs_moves_clear(&m);
    for (uint32_t k = 0; k < BATCH; k++) random_move(b, r, nqs_ansatz_conf(w), k % WALKERS, &m);
    nqs_ansatz_log_psi(w, before);
    nqs_ansatz_ratio(w, &m, ratio);
    for (size_t i = 0; i < WALKERS; i++)
      accepted[i + WALKERS * com_rng_below(r, 2)] = com_rng_below(r, 4) > 0;
    nqs_ansatz_commit(w, &m, accepted);
    nqs_ansatz_log_psi(w, after);
    for (size_t k = 0; k < BATCH; k++) {
      if (!accepted[k] || vanishes(before[m.conf[k]]) || vanishes(after[m.conf[k]])) continue;
      const double complex want = cexp(after[m.conf[k]] - before[m.conf[k]]);
      ck_assert_msg(cabs(ratio[k] - want) <= 2e-10 * (cabs(want) + cabs(ratio[k])),
                    "%s: turn %d: ratio %g %+gi, want %g %+gi", b->what, turn, creal(ratio[k]),
                    cimag(ratio[k]), creal(want), cimag(want));
    }
  }
  nqs_moves_finish(&m);
  nqs_ansatz_walkers_destroy(w);
  com_rng_destroy(r);
}

/* Exact samples: normalised over the space, and frequencies within 4.5 standard deviations of |psi|^2 (chi^2 as well). */
static void check_sample(bench *b) {
  enum { DRAWS = 4000 };
  const size_t dim = (size_t)b->h->space->dim, n = b->l->n;
  if (!b->a->ops->sample) return;
  com_rng *r = NULL;
  int8_t *s = malloc((dim > DRAWS ? dim : DRAWS) * n);
  double complex *lp = malloc(dim * sizeof *lp);
  size_t *hits = calloc(dim, sizeof *hits);
  char *work =
      malloc(1 + (b->a->ops->work_size ? b->a->ops->work_size(b->a->self, dim > DRAWS ? dim : DRAWS) : 0));
  TEST_OK(b->c, com_rng_create(b->c, 5, "sample", &r));
  nqs_hilbert_range(b->h->space, 0, dim, s);
  b->a->ops->log_psi_of(b->a->self, dim, s, work, lp);
  double norm = 0, chi2 = 0;
  for (size_t i = 0; i < dim; i++) norm += exp(2 * creal(lp[i]));
  TEST_NEAR(norm, 1.0, 1e-12);
  b->a->ops->sample(b->a->self, r, DRAWS, work, s);
  for (size_t k = 0; k < DRAWS; k++) {
    const size_t i = nqs_hilbert_rank(b->h->space, s + k * n);
    ck_assert_msg(i < dim, "%s: a sample outside the space", b->what);
    hits[i]++;
  }
  for (size_t i = 0; i < dim; i++) {
    const double want = DRAWS * exp(2 * creal(lp[i]));
    chi2 += ((double)hits[i] - want) * ((double)hits[i] - want) / want;
  }
  const double z = (chi2 - (double)(dim - 1)) / sqrt(2.0 * (double)(dim - 1));
  ck_assert_msg(fabs(z) < 4.5, "%s: chi^2 %g of %zu states, z = %g", b->what, chi2, dim, z);
  com_rng_destroy(r);
  free(work);
  free(hits);
  free(lp);
  free(s);
}

/* {"type":"name"}; a wrapper needs something to wrap. */
static void default_block(const com_component *a, char *text, size_t size) {
  const int wraps = a->fields && strcmp(a->fields->key, "ansatz") == 0;
  snprintf(text, size, "{\"type\":\"%s\"%s}", a->name, wraps ? ",\"ansatz\":{\"type\":\"rbm\"}" : "");
}

static size_t check_all(void (*check)(bench *)) {
  size_t tested = 0;
  const com_component *const *list = nqs_ansatz_kind.all();
  size_t n_list = 0;
  while (list[n_list]) n_list++;
  for (size_t sys = 0; sys < sizeof systems / sizeof *systems; sys++)
    for (size_t v = 0; v < n_list + sizeof variants / sizeof *variants; v++) {
      char text[200];
      bench b;
      if (v < n_list) {
        default_block(list[v], text, sizeof text);
      } else {
        snprintf(text, sizeof text, "%s", variants[v - n_list]);
      }
      if (bench_init(&b, systems + sys, text)) {
        check(&b);
        tested++;
      }
      bench_finish(&b);
    }
  return tested;
}

START_TEST(derivatives_match_differences) { ck_assert_uint_gt(check_all(check_gradient), 10); }
END_TEST
START_TEST(ratios_and_caches_match_log_psi) { ck_assert_uint_gt(check_all(check_walk), 10); }
END_TEST
START_TEST(exact_samples_follow_psi_squared) { ck_assert_uint_gt(check_all(check_sample), 10); }
END_TEST

TEST_MAIN("nqs_ansatz", derivatives_match_differences, ratios_and_caches_match_log_psi,
          exact_samples_follow_psi_squared)
