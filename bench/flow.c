/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed and accuracy of the flows: one JSON line per case.  The gradient of mean (t(F) - y)^2 over 2000 labelled samples with
 * respect to a metric of nine coefficients, the coupling and the dictionary scale: eta 1 -> 0.1, F = pi(0.1), bump of
 * half-width 1 and steepness 2, half the samples with |F| < 1.  error: max norm over max norm against order 8 with 600
 * steps.  ratio_to_plain: the same gradient by a plain loop over samples (RK4, 90 steps), measured in the same run, over this case;
 * cpu_ratio_to_plain: in processor time, which other jobs on the machine disturb less.
 * Contenders take turns in every round; wall and processor time are medians over the rounds.
 *   bench/flow [rounds [threads]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "ads/loss_classifier_simd.h"
#include "ads/model.h"
#include "common/linalg.h"

enum { N = 2000, NT = 9, NP = NT + 2, MAX_ROUNDS = 99, MAX_CASES = 16, REPEAT = 5 };
static const double EPS = 1, STEEP = 2, LAMBDA = 0.055, SCALE = 2.91;

typedef struct bench_case {
  const char *name, *flow;
  int steps; /* 0: adaptive */
} bench_case;
static const bench_case cases[] = {
    {"resnet-10", "{\"type\":\"resnet\",\"n_layers\":10,\"eta_ir\":0.1}", 10},
    {"resnet-15", "{\"type\":\"resnet\",\"n_layers\":15,\"eta_ir\":0.1}", 15},
    {"resnet-100", "{\"type\":\"resnet\",\"n_layers\":100,\"eta_ir\":0.1}", 100},
    {"rk4-90", "{\"type\":\"rk\",\"n_steps\":90,\"eta_ir\":0.1}", 90},
    {"rk4-180", "{\"type\":\"rk\",\"n_steps\":180,\"eta_ir\":0.1}", 180},
    {"rk4-90-log", "{\"type\":\"rk\",\"n_steps\":90,\"grid\":\"log\",\"eta_ir\":0.1}", 90},
    {"rk5-40", "{\"type\":\"rk\",\"order\":5,\"n_steps\":40,\"eta_ir\":0.1}", 40},
    {"rk8-12", "{\"type\":\"rk\",\"order\":8,\"n_steps\":12,\"eta_ir\":0.1}", 12},
    {"cvodes-1e-6", "{\"type\":\"cvodes\",\"rel_tol\":1e-6,\"abs_tol\":1e-8,\"eta_ir\":0.1}", 0},
    {"cvodes-2e-7", "{\"type\":\"cvodes\",\"rel_tol\":2e-7,\"abs_tol\":2e-9,\"eta_ir\":0.1}", 0},
    {"cvodes-1e-8", "{\"type\":\"cvodes\",\"rel_tol\":1e-8,\"abs_tol\":1e-10,\"eta_ir\":0.1}", 0},
    {0}};
static const char *const reference = "{\"type\":\"rk\",\"order\":8,\"n_steps\":600,\"eta_ir\":0.1}";

typedef struct problem {
  com_ctx *c;
  com_choice metric, bulk, dictionary;
  double p[NP], s[N], r[N], label[N], miss[N], slope[N];
} problem;

static double clock_of(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static com_status choose(com_ctx *c, const com_kind *k, const char *text, com_choice *out) {
  cJSON *j = NULL;
  com_status s = com_json_parse(c, "bench", text, strlen(text), &j);
  if (!s) s = com_field_choice_read(c, COM_E_CONFIG, k, "bench", k->name, j, out);
  com_json_free(j);
  return s;
}

static com_status model(problem *w, const char *flow, com_pool *pool, com_choice *choice, ads_model **out) {
  COM_TRY(choose(w->c, &ads_flow_kind, flow, choice));
  const ads_model_parts parts = {&w->metric, &w->bulk, &w->dictionary, choice};
  return ads_model_create(w->c, &parts, pool, out);
}

/* theta: 4 coth(4 eta) fitted in t = 1 - eta on [0.1, 1], then moved by a smooth five per cent. */
static com_status fit_metric(problem *w) {
  enum { M = 60 };
  double A[M * NT], b[M];
  for (int i = 0; i < M; i++) {
    const double t = 0.9 * i / (M - 1), h = 4 / tanh(4 * (1 - t));
    for (int k = 0; k < NT; k++) A[i * NT + k] = pow(t, k);
    b[i] = h * (1 + 0.05 * cos(3 * t));
  }
  COM_TRY(com_linalg_lstsq(w->c, M, NT, A, b, w->p));
  w->p[NT] = LAMBDA, w->p[NT + 1] = SCALE;
  return COM_OK;
}

/* 1000 samples with |F| < 1 and 1000 with 1 < |F| < 8, drawn uniformly. */
static com_status draw(problem *w, ads_model *m) {
  enum { BATCH = 1000, TRIES = 10000 };
  com_rng *rng = NULL;
  double s[BATCH], r[BATCH];
  size_t have[2] = {0, 0};
  COM_TRY(com_rng_create(w->c, 1, "bench", &rng));
  com_status st = COM_OK;
  for (int t = 0; t < TRIES && have[0] + have[1] < N && !st; t++) {
    ads_model_eval ev;
    for (int i = 0; i < BATCH; i++)
      s[i] = 2 * com_rng_uniform(rng) - 1, r[i] = 1 * (2 * com_rng_uniform(rng) - 1);
    st = ads_model_run(m, ADS_MODEL_VALUE, w->p, BATCH, s, r, &ev);
    for (int i = 0; i < BATCH && !st; i++) {
      const int off = fabs(ev.F[i]) >= 1;
      if (have[off] == N / 2 || ev.frozen[i] || fabs(ev.F[i]) >= 8) continue;
      const size_t k = (size_t)off * (N / 2) + have[off]++;
      w->s[k] = s[i], w->r[k] = r[i], w->label[k] = off;
    }
  }
  com_rng_destroy(rng);
  COM_CHECK(w->c, st || have[0] + have[1] == N, COM_E_NUM, "bench: found %zu + %zu samples only", have[0],
            have[1]);
  return st;
}

static void weights(problem *w, const double *F) {
  ads_loss_classifier_simd_bump(N, EPS, STEEP, F, w->label, w->miss, w->slope);
  for (int i = 0; i < N; i++) w->slope[i] *= 2 * w->miss[i] / N;
}

static com_status gradient(problem *w, ads_model *m, double *g) {
  ads_model_eval ev;
  memset(g, 0, NP * sizeof *g);
  COM_TRY(ads_model_run(m, ADS_MODEL_F, w->p, N, w->s, w->r, &ev));
  weights(w, ev.F);
  return ads_model_gradient(m, w->slope, g);
}

/* ---- the plain loop: one sample after the other, tape of states, hand-written adjoint ---- */

static void f_of(double h, double m2, double lam, double p, double q, double *dp, double *dq) {
  *dp = q, *dq = -h * q + m2 * p + lam * p * p * p;
}

static double plain(const problem *w, const ads_metric *metric, const double *y0, double *g, double *lam0) {
  enum { S = 90 };
  static const double c[4] = {0, 0.5, 0.5, 1}, b[4] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
  double eta[2 * S + 1], h[2 * S + 1], gh[2 * S + 1] = {0}, tape[S + 1][2], gl = 0, sum = 0;
  const double dt = -0.9 / S, lam = w->p[NT];
  for (int e = 0; e <= 2 * S; e++) eta[e] = 1 + 0.5 * dt * e;
  ads_metric_eval(metric, w->p, 2 * S + 1, eta, h, NULL);
  for (int i = 0; i < N; i++) {
    double P[4], Q[4], kp[4] = {0}, kq[4] = {0};
    tape[0][0] = y0[i], tape[0][1] = y0[N + i];
    for (int s = 0; s < S; s++) {
      tape[s + 1][0] = tape[s][0], tape[s + 1][1] = tape[s][1];
      for (int t = 0; t < 4; t++) {
        P[t] = tape[s][0] + (t ? dt * c[t] * kp[t - 1] : 0),
        Q[t] = tape[s][1] + (t ? dt * c[t] * kq[t - 1] : 0);
        f_of(h[2 * s + (t + 1) / 2], -3, lam, P[t], Q[t], &kp[t], &kq[t]);
        tape[s + 1][0] += dt * b[t] * kp[t], tape[s + 1][1] += dt * b[t] * kq[t];
      }
    }
    const double F = tape[S][1], t = (tanh(STEEP * (F - EPS)) - tanh(STEEP * (F + EPS)) + 2) / 2,
                 y = w->label[i];
    const double u = cosh(STEEP * (F - EPS)), v = cosh(STEEP * (F + EPS));
    double lp = 0, lq = 2 * (t - y) / N * 0.5 * STEEP * (1 / (u * u) - 1 / (v * v));
    sum += (t - y) * (t - y) / N;
    for (int s = S; s-- > 0;) {
      double xp[4] = {0}, xq[4] = {0};
      for (int k = 0; k < 4; k++) {
        P[k] = tape[s][0] + (k ? dt * c[k] * kp[k - 1] : 0),
        Q[k] = tape[s][1] + (k ? dt * c[k] * kq[k - 1] : 0);
        f_of(h[2 * s + (k + 1) / 2], -3, lam, P[k], Q[k], &kp[k], &kq[k]);
      }
      double np = lp, nq = lq;
      for (int k = 4; k-- > 0;) {
        const double Kp = dt * (b[k] * lp + (k < 3 ? c[k + 1] * xp[k + 1] : 0));
        const double Kq = dt * (b[k] * lq + (k < 3 ? c[k + 1] * xq[k + 1] : 0));
        const int e = 2 * s + (k + 1) / 2;
        xp[k] = (-3 + 3 * lam * P[k] * P[k]) * Kq, xq[k] = Kp - h[e] * Kq;
        gh[e] -= Q[k] * Kq, gl += P[k] * P[k] * P[k] * Kq;
        np += xp[k], nq += xq[k];
      }
      lp = np, lq = nq;
    }
    lam0[i] = lp, lam0[N + i] = lq;
  }
  memset(g, 0, NP * sizeof *g);
  ads_metric_vjp(metric, w->p, 2 * S + 1, eta, gh, NULL, g);
  g[NT] = gl;
  return sum;
}

/* ---- rounds ---- */

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}
static double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, by_value);
  return v[n / 2];
}

static double error_of(const double *g, const double *ref, int n) {
  double e = 0, scale = 0;
  for (int k = 0; k < n; k++) e = fmax(e, fabs(g[k] - ref[k])), scale = fmax(scale, fabs(ref[k]));
  return e / scale;
}

typedef struct contender {
  com_choice flow;
  ads_model *m;
  double wall[MAX_ROUNDS], cpu[MAX_ROUNDS], g[NP];
} contender;

static com_status run(problem *w, int rounds, int threads) {
  com_ctx *c = w->c;
  com_pool *pool = NULL;
  contender *v = calloc(MAX_CASES, sizeof *v);
  double *states = malloc(4 * N * sizeof *states), ref[NP], wall[MAX_ROUNDS], used[MAX_ROUNDS], plain_g[NP];
  com_choice choice = {0};
  ads_model *tight = NULL;
  com_status status = v && states ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  int n = 0;
  if (status) goto done;
  COM_GOTO(done, com_pool_create(c, threads, &pool));
  COM_GOTO(done, model(w, reference, pool, &choice, &tight));
  COM_GOTO(done, gradient(w, tight, ref));
  ads_model_eval ev;
  COM_GOTO(done, ads_model_run(tight, ADS_MODEL_VALUE, w->p, N, w->s, w->r, &ev));
  memcpy(states, ev.y0, 2 * N * sizeof *states);
  for (; cases[n].name; n++) COM_GOTO(done, model(w, cases[n].flow, pool, &v[n].flow, &v[n].m));
  for (int k = 0; k <= rounds; k++) { /* round 0 warms up */
    for (int i = 0; i <= n; i++) {
      const double t0 = clock_of(CLOCK_MONOTONIC), c0 = clock_of(CLOCK_PROCESS_CPUTIME_ID);
      const int repeat = i == n ? 1 : REPEAT;
      for (int j = 0; j < repeat; j++) {
        if (i == n)
          plain(w, ads_model_metric(tight), states, plain_g, states + 2 * N);
        else
          COM_GOTO(done, gradient(w, v[i].m, v[i].g));
      }
      const double dt = (clock_of(CLOCK_MONOTONIC) - t0) / repeat,
                   dc = (clock_of(CLOCK_PROCESS_CPUTIME_ID) - c0) / repeat;
      if (k && i == n) wall[k - 1] = dt, used[k - 1] = dc;
      if (k && i < n) v[i].wall[k - 1] = dt, v[i].cpu[k - 1] = dc;
    }
  }
  const double base = median(wall, rounds), base_cpu = median(used, rounds);
  printf("{\"bench\":\"flow\",\"case\":\"plain-rk4-90\",\"threads\":1,\"ms_per_gradient\":%.4f,\"cpu_ms_"
         "per_gradient\":%.4f,\"ns_per_sample_step\":%.3f,"
         "\"error_of_metric_part\":%.2e}\n",
         1e3 * base, 1e3 * base_cpu, 1e9 * base / (N * 90.0), error_of(plain_g, ref, NT));
  for (int i = 0; i < n; i++) {
    const double t = median(v[i].wall, rounds), cpu = median(v[i].cpu, rounds);
    printf("{\"bench\":\"flow\",\"case\":\"%s\",\"threads\":%d,\"ms_per_gradient\":%.4f,\"cpu_ms_per_"
           "gradient\":%.4f,"
           "\"gradients_per_s\":%.1f,",
           cases[i].name, threads, 1e3 * t, 1e3 * cpu, 1 / t);
    if (cases[i].steps) printf("\"ns_per_sample_step\":%.3f,", 1e9 * t / (N * (double)cases[i].steps));
    printf("\"error\":%.2e,\"ratio_to_plain\":%.2f,\"cpu_ratio_to_plain\":%.2f}\n", error_of(v[i].g, ref, NP),
           base / t, base_cpu / cpu);
  }
done:
  for (int i = 0; v && i < MAX_CASES; i++) {
    ads_model_destroy(v[i].m);
    com_field_choice_finish(&ads_flow_kind, &v[i].flow);
  }
  ads_model_destroy(tight);
  com_field_choice_finish(&ads_flow_kind, &choice);
  com_pool_destroy(pool);
  free(states);
  free(v);
  return status;
}

static com_status prepare(problem *w) {
  com_choice flow = {0};
  ads_model *m = NULL;
  COM_TRY(choose(w->c, &ads_metric_kind, "{\"type\":\"poly_t\",\"n\":9}", &w->metric));
  COM_TRY(choose(w->c, &ads_bulk_kind, "{\"type\":\"scalar_phi4\"}", &w->bulk));
  COM_TRY(choose(w->c, &ads_dictionary_kind, "{\"type\":\"qcd\"}", &w->dictionary));
  COM_TRY(fit_metric(w));
  com_status s = model(w, reference, NULL, &flow, &m);
  if (!s) s = draw(w, m);
  ads_model_destroy(m);
  com_field_choice_finish(&ads_flow_kind, &flow);
  return s;
}

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 9, most = argc > 2 ? atoi(argv[2]) : 2;
  com_ctx *c = NULL;
  com_ctx_opts o = {.seed = 1, .threads = 1};
  if (rounds < 1 || rounds > MAX_ROUNDS || com_ctx_create(&o, &c)) return EXIT_FAILURE;
  problem *w = calloc(1, sizeof *w);
  com_status s = w ? COM_OK : COM_E_MEM;
  if (w) {
    w->c = c;
    s = prepare(w);
    for (int t = 1; t <= most && !s; t *= 2) s = run(w, rounds, t);
    com_field_choice_finish(&ads_metric_kind, &w->metric);
    com_field_choice_finish(&ads_bulk_kind, &w->bulk);
    com_field_choice_finish(&ads_dictionary_kind, &w->dictionary);
  }
  if (s) fprintf(stderr, "bench/flow: %s\n", com_ctx_error(c));
  free(w);
  com_ctx_destroy(c);
  return s ? EXIT_FAILURE : EXIT_SUCCESS;
}
