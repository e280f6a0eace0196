/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_multifit_nlinear.h>
#include <stdio.h>
#include "../test.h"
#include "common/optim.h"

/* Every problem is a sum of squares, so that all optimisers can be given it. */
typedef struct problem {
  const char *name;
  size_t n, m;
  void (*start)(double *x);
  void (*rj)(const double *x, double *r, double *J); /* J zeroed before */
  const double *lo, *hi;
  double fmin;   /* known minimum */
  double adam_f; /* what Adam reaches above fmin, 20000 steps */
} problem;

enum { MAX_N = 24, MAX_M = 70 };

static void rosenbrock(size_t n, const double *x, double *r, double *J) {
  for (size_t k = 0; k < n; k += 2) {
    r[k] = 10 * (x[k + 1] - x[k] * x[k]);
    r[k + 1] = 1 - x[k];
    J[k * n + k] = -20 * x[k];
    J[k * n + k + 1] = 10;
    J[(k + 1) * n + k] = -1;
  }
}
static void rosenbrock_start(size_t n, double *x) {
  for (size_t k = 0; k < n; k++) x[k] = k % 2 ? 1 : -1.2;
}
static void ros2(const double *x, double *r, double *J) { rosenbrock(2, x, r, J); }
static void ros2_start(double *x) { rosenbrock_start(2, x); }
static void ros20(const double *x, double *r, double *J) { rosenbrock(20, x, r, J); }
static void ros20_start(double *x) { rosenbrock_start(20, x); }

/* Eigenvalues of the Hessian from 1 to 1e6 in a basis turned by Householder's reflection of (1, 2, ...,
 * n). */
static void quadratic(const double *x, double *r, double *J) {
  enum { N = 8 };
  double v2 = 0, vx = 0, e[N];
  for (int i = 0; i < N; i++) {
    e[i] = x[i] - 0.2385 * (i + 1);
    v2 += (i + 1.0) * (i + 1.0);
    vx += (i + 1.0) * e[i];
  }
  for (int i = 0; i < N; i++) {
    const double k = pow(10, 3.0 * i / (N - 1)) / sqrt(2);
    r[i] = k * (e[i] - 2 * (i + 1.0) * vx / v2);
    for (int j = 0; j < N; j++) J[i * N + j] = k * ((i == j) - 2 * (i + 1.0) * (j + 1.0) / v2);
  }
}
static void quadratic_start(double *x) {
  for (int i = 0; i < 8; i++) x[i] = 1.7 - 0.3 * i;
}

/* Powell 1962: the Jacobian is singular at the minimum 0. */
static void powell(const double *x, double *r, double *J) {
  const double s5 = sqrt(5), s10 = sqrt(10), a = x[1] - 2 * x[2], b = x[0] - x[3];
  r[0] = x[0] + 10 * x[1];
  r[1] = s5 * (x[2] - x[3]);
  r[2] = a * a;
  r[3] = s10 * b * b;
  J[0] = 1, J[1] = 10;
  J[6] = s5, J[7] = -s5;
  J[9] = 2 * a, J[10] = -4 * a;
  J[12] = 2 * s10 * b, J[15] = -2 * s10 * b;
}
static void powell_start(double *x) { x[0] = 3, x[1] = -1, x[2] = 0, x[3] = 1; }

/* Osborne 1 (More, Garbow, Hillstrom 1981, no. 17): x0 + x1 e^(-t x3) + x2 e^(-t x4) through 33 data. */
static void osborne(const double *x, double *r, double *J) {
  static const double y[33] = {0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751,
                               0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490,
                               0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406};
  for (int i = 0; i < 33; i++) {
    const double t = 10.0 * i, e3 = exp(-t * x[3]), e4 = exp(-t * x[4]);
    r[i] = x[0] + x[1] * e3 + x[2] * e4 - y[i];
    double *row = J + 5 * i;
    row[0] = 1, row[1] = e3, row[2] = e4;
    row[3] = -t * x[1] * e3, row[4] = -t * x[2] * e4;
  }
}
static void osborne_start(double *x) { x[0] = 0.5, x[1] = 1.5, x[2] = -1, x[3] = 0.01, x[4] = 0.02; }

/* Rosenbrock in a box: from the bound x0 <= 0.6 follows x1 = 0.36, f = 0.16. */
static const double box_lo[2] = {-2, -3}, box_hi[2] = {0.6, 4};
/* Coupled quadratic in a box with several bounds active at the minimum: see coupled_minimum. */
static void coupled(const double *x, double *r, double *J) {
  const double A[4][3] = {{2, -1, 0.3}, {-1, 1.5, 0.7}, {0.2, 0.4, 1.1}, {0.5, -0.3, 0.9}},
               b[4] = {3, 1, -2, 0.4};
  for (int i = 0; i < 4; i++) {
    r[i] = -b[i];
    for (int j = 0; j < 3; j++) {
      r[i] += A[i][j] * x[j];
      J[i * 3 + j] = A[i][j];
    }
  }
}
static void coupled_start(double *x) { x[0] = 0.5, x[1] = 0.4, x[2] = 0.3; }
static const double coupled_lo[3] = {0, 0, 0}, coupled_hi[3] = {1, 5, 5};

static const problem problems[] = {
    {"rosenbrock 2", 2, 2, ros2_start, ros2, NULL, NULL, 0, 1e-4},
    {"rosenbrock 20", 20, 20, ros20_start, ros20, NULL, NULL, 0, 1e-3},
    {"quadratic 1e6", 8, 8, quadratic_start, quadratic, NULL, NULL, 0,
     0.2} /* first order: from 3e5 at the start */,
    {"powell singular", 4, 4, powell_start, powell, NULL, NULL, 0, 1e-6},
    {"osborne 1", 5, 33, osborne_start, osborne, NULL, NULL, 5.46489469748e-5, 1e-4},
    {"rosenbrock in a box", 2, 2, ros2_start, ros2, box_lo, box_hi, 0.16, 1e-6},
    {"coupled in a box", 3, 4, coupled_start, coupled, coupled_lo, coupled_hi, NAN, 1e-8},
};
enum { N_PROBLEMS = sizeof problems / sizeof *problems };

/* Minimum of `coupled` by enumerating all 27 choices of free / at lo / at hi and solving the free ones:
 * independent. */
static double coupled_minimum(void) {
  double best = INFINITY;
  for (int code = 0; code < 27; code++) {
    int kind[3] = {code % 3, code / 3 % 3, code / 9};
    double x[3], r[4], J[12];
    for (int j = 0; j < 3; j++) x[j] = kind[j] == 1 ? coupled_lo[j] : kind[j] == 2 ? coupled_hi[j] : 0;
    for (int sweep = 0; sweep < 3000; sweep++) /* Gauss-Seidel on the normal equations */
      for (int j = 0; j < 3; j++) {
        if (kind[j]) continue;
        double g = 0, h = 0;
        coupled(x, r, J);
        for (int i = 0; i < 4; i++) g += J[i * 3 + j] * r[i], h += J[i * 3 + j] * J[i * 3 + j];
        x[j] -= g / h;
      }
    int inside = 1;
    for (int j = 0; j < 3; j++) inside &= x[j] >= coupled_lo[j] && x[j] <= coupled_hi[j];
    coupled(x, r, J);
    const double f = r[0] * r[0] + r[1] * r[1] + r[2] * r[2] + r[3] * r[3];
    if (inside && f < best) best = f;
  }
  return best;
}

static double minimum(const problem *p) { return isnan(p->fmin) ? coupled_minimum() : p->fmin; }

typedef struct values {
  double r[MAX_M], J[MAX_M * MAX_N], g[MAX_N];
  com_eval e;
} values;

static void evaluate(const problem *p, const double *x, values *v) {
  memset(v->J, 0, sizeof v->J);
  p->rj(x, v->r, v->J);
  v->e = (com_eval){.f = 0, .g = v->g, .m = p->m, .r = v->r, .J = v->J};
  memset(v->g, 0, sizeof v->g);
  for (size_t i = 0; i < p->m; i++) {
    v->e.f += v->r[i] * v->r[i];
    for (size_t j = 0; j < p->n; j++) v->g[j] += 2 * v->r[i] * v->J[i * p->n + j];
  }
}

static com_optim *make(com_ctx *c, const char *options, const problem *p) {
  com_optim *o = NULL;
  cJSON *j = NULL;
  com_choice choice = {0};
  TEST_OK(c, com_json_parse(c, "test", options, strlen(options), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &com_optim_kind, "test", "optimizer", j, &choice));
  TEST_OK(c, com_optim_create(c, &choice, p->n, p->lo, p->hi, &o));
  com_field_choice_finish(&com_optim_kind, &choice); /* the optimiser keeps nothing of it */
  com_json_free(j);
  return o;
}

static const char *options_of(const char *name) {
  return strcmp(name, "adam")
             ? !strcmp(name, "lm") ? "{\"type\":\"lm\"}" : "{\"type\":\"lbfgs\"}"
             : "{\"type\":\"adam\",\"rate\":0.02,\"schedule\":\"cosine\",\"factor\":1e-4,\"max_iter\":20000}";
}

static com_stop minimise(com_optim *o, const problem *p, double *x) {
  values v;
  com_stop stop = COM_STOP_NONE;
  while (!stop) {
    evaluate(p, x, &v);
    stop = com_optim_step(o, &v.e, x);
    for (size_t j = 0; p->lo && j < p->n; j++) ck_assert(x[j] >= p->lo[j] && x[j] <= p->hi[j]);
  }
  return stop;
}

/* Every registered optimiser on every problem. */
START_TEST(all_on_all) {
  com_ctx *c = test_ctx();
  int seen = 0;
  for (const com_component *const *k = com_optim_kind.all(); *k; k++, seen++)
    for (size_t i = 0; i < N_PROBLEMS; i++) {
      const problem *p = &problems[i];
      const int adam = !strcmp((*k)->name, "adam");
      double x[MAX_N];
      values v;
      p->start(x);
      com_optim *o = make(c, options_of((*k)->name), p);
      const com_stop stop = minimise(o, p, x);
      evaluate(p, x, &v);
      const double excess = v.e.f - minimum(p), allowed = adam ? p->adam_f : 1e-9 * minimum(p) + 1e-12;
      if (getenv("TEST_SHOW"))
        fprintf(stderr, "%-6s %-20s %6ld evaluations, f - fmin = %.3g, %s\n", (*k)->name, p->name,
                com_optim_iterations(o), excess, com_status_stop_name(stop));
      ck_assert_msg(excess <= allowed && excess > -1e-12, "%s on %s: f = %.12g, %.3g above the minimum",
                    (*k)->name, p->name, v.e.f, excess);
      ck_assert_msg(adam || (stop != COM_STOP_MAX_ITER && stop != COM_STOP_STALLED), "%s on %s: %s",
                    (*k)->name, p->name, com_status_stop_name(stop));
      if (!adam) ck_assert(com_optim_best(o) == v.e.f && !memcmp(com_optim_best_x(o), x, p->n * sizeof *x));
      com_optim_destroy(o);
    }
  ck_assert_int_ge(seen, 3);
  com_ctx_destroy(c);
}
END_TEST

static int gsl_r(const gsl_vector *x, void *user, gsl_vector *f) {
  double J[33 * 5] = {0};
  (void)user;
  osborne(x->data, f->data, J);
  return GSL_SUCCESS;
}
static int gsl_j(const gsl_vector *x, void *user, gsl_matrix *out) {
  double r[33], J[33 * 5] = {0};
  (void)user;
  osborne(x->data, r, J);
  memcpy(out->data, J, sizeof J);
  return GSL_SUCCESS;
}

/* The fit of Osborne's data by GSL's trust region: the same parameters. */
START_TEST(lm_agrees_with_gsl) {
  com_ctx *c = test_ctx();
  double x[5];
  osborne_start(x);
  gsl_vector_view x0 = gsl_vector_view_array(x, 5);
  gsl_multifit_nlinear_parameters par = gsl_multifit_nlinear_default_parameters();
  gsl_multifit_nlinear_workspace *w = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &par, 33, 5);
  gsl_multifit_nlinear_fdf fdf = {.f = gsl_r, .df = gsl_j, .n = 33, .p = 5};
  int info;
  ck_assert_int_eq(gsl_multifit_nlinear_init(&x0.vector, &fdf, w), 0);
  ck_assert_int_eq(gsl_multifit_nlinear_driver(500, 1e-12, 1e-12, 0, NULL, NULL, &info, w), 0);
  com_optim *o = make(c, "{\"type\":\"lm\"}", &problems[4]);
  minimise(o, &problems[4], x);
  for (size_t j = 0; j < 5; j++) TEST_NEAR(x[j] / gsl_vector_get(w->x, j), 1, 1e-7);
  com_optim_destroy(o);
  gsl_multifit_nlinear_free(w);
  com_ctx_destroy(c);
}
END_TEST

/* Two decaying exponentials with almost equal rates next to a dependent pair of parameters: the Jacobian has
 * singular values over eight decades and one that is exactly zero. */
static void sloppy(const double *x, double *r, double *J) {
  for (int i = 0; i < 12; i++) {
    const double t = 0.1 * (i + 1), s = x[2] + x[3], want = exp(-t) + exp(-1.01 * t) + 0.5;
    r[i] = exp(-x[0] * t) + exp(-x[1] * t) + s - want;
    J[4 * i] = -t * exp(-x[0] * t);
    J[4 * i + 1] = -t * exp(-x[1] * t);
    J[4 * i + 2] = J[4 * i + 3] = 1;
  }
}
static void sloppy_start(double *x) { x[0] = 1.6, x[1] = 0.3, x[2] = 0.9, x[3] = -1.1; }

START_TEST(lm_survives_rank_deficiency) {
  com_ctx *c = test_ctx();
  const problem p = {"sloppy", 4, 12, sloppy_start, sloppy, NULL, NULL, 0, 0};
  double x[4];
  values v;
  sloppy_start(x);
  com_optim *o = make(c, "{\"type\":\"lm\"}", &p);
  const com_stop stop = minimise(o, &p, x);
  evaluate(&p, x, &v);
  ck_assert_msg(v.e.f < 1e-20, "f = %g (%s)", v.e.f, com_status_stop_name(stop));
  TEST_NEAR(x[2] + x[3], 0.5, 1e-8);
  TEST_NEAR(x[2] - x[3], 2, 1e-6); /* the direction that the data leave open is not moved */
  com_optim_destroy(o);
  com_ctx_destroy(c);
}
END_TEST

/* 10 steps, save, load into a fresh optimiser, 10 steps = 20 steps, bit for bit, through the JSON text. */
START_TEST(resume_is_identical) {
  com_ctx *c = test_ctx();
  for (const com_component *const *k = com_optim_kind.all(); *k; k++)
    for (size_t i = 0; i < N_PROBLEMS; i++)
      for (int cut = 0; cut <= 12; cut += 3) {
        const problem *p = &problems[i];
        double x[MAX_N], y[MAX_N];
        values v;
        cJSON *state = NULL, *again = NULL;
        char *text = NULL;
        p->start(x);
        memcpy(y, x, sizeof x);
        com_optim *a = make(c, options_of((*k)->name), p), *b = make(c, options_of((*k)->name), p);
        com_stop sa = COM_STOP_NONE, sb = COM_STOP_NONE;
        for (int s = 0; s < 20 && !sa; s++) {
          evaluate(p, x, &v);
          sa = com_optim_step(a, &v.e, x);
        }
        for (int s = 0; s < 20 && !sb; s++) {
          if (s == cut) {
            TEST_OK(c, com_optim_save(c, b, &state));
            TEST_OK(c, com_json_text(c, state, &text));
            TEST_OK(c, com_json_parse(c, "state", text, strlen(text), &again));
            com_optim_destroy(b);
            b = make(c, options_of((*k)->name), p);
            TEST_OK(c, com_optim_load(c, b, again));
          }
          evaluate(p, y, &v);
          sb = com_optim_step(b, &v.e, y);
        }
        ck_assert_msg(sa == sb && !memcmp(x, y, p->n * sizeof *x), "%s on %s, cut at %d", (*k)->name, p->name,
                      cut);
        ck_assert_int_eq(com_optim_iterations(a), com_optim_iterations(b));
        ck_assert(com_optim_best(a) == com_optim_best(b));
        com_json_free(state);
        com_json_free(again);
        free(text);
        com_optim_destroy(a);
        com_optim_destroy(b);
      }
  com_ctx_destroy(c);
}
END_TEST

/* Points with x0 > 0.9 (so the minimum) are inadmissible: the best admissible point must be kept, and never
 * lost. */
START_TEST(inadmissible_points_are_rejected) {
  com_ctx *c = test_ctx();
  const problem *p = &problems[0];
  for (const com_component *const *k = com_optim_kind.all(); *k; k++)
    for (int kind = 0; kind < 2; kind++) {
      double x[2];
      values v;
      int refused = 0;
      p->start(x);
      com_optim *o = make(c, options_of((*k)->name), p);
      com_stop stop = COM_STOP_NONE;
      while (!stop) {
        evaluate(p, x, &v);
        if (x[0] > 0.9) {
          v.e.f = kind ? NAN : INFINITY;
          v.g[0] = v.g[1] = v.r[0] = v.J[0] = NAN;
          refused++;
        }
        stop = com_optim_step(o, &v.e, x);
      }
      ck_assert_int_gt(refused, 0);
      ck_assert(isfinite(com_optim_best(o)) && com_optim_best_x(o)[0] <= 0.9);
      if (strcmp((*k)->name, "adam")) {
        ck_assert_msg(x[0] <= 0.9 && x[0] > 0.85, "%s ended at %g, %g", (*k)->name, x[0], x[1]);
        ck_assert(com_optim_best(o) < 0.03);
      } else {
        ck_assert_int_eq(stop, COM_STOP_STALLED); /* it stays where it is, so all later steps are skipped */
        ck_assert_int_eq(refused, 100);
      }
      com_optim_destroy(o);
    }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(bad_start) {
  com_ctx *c = test_ctx();
  const char *const all[] = {"{\"type\":\"lm\"}", "{\"type\":\"lbfgs\"}",
                             "{\"type\":\"adam\",\"max_skip\":1}"};
  for (int i = 0; i < 3; i++) {
    com_optim *o = make(c, all[i], &problems[0]);
    double x[2] = {0.2385, 7}, g[2] = {NAN, 1}, r[2] = {NAN, 1}, J[4] = {1, 2, 3, 4};
    com_eval e = {.f = INFINITY, .g = g, .m = 2, .r = r, .J = J};
    ck_assert_ptr_null(com_optim_best_x(o));
    ck_assert_int_eq(com_optim_step(o, &e, x), COM_STOP_STALLED);
    ck_assert(x[0] == 0.2385 && x[1] == 7 && isinf(com_optim_best(o)));
    com_optim_destroy(o);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(stop_reasons) {
  com_ctx *c = test_ctx();
  const struct {
    const char *options;
    com_stop stop;
  } cases[] = {{"{\"type\":\"lm\",\"max_iter\":3}", COM_STOP_MAX_ITER},
               {"{\"type\":\"lbfgs\",\"max_iter\":3}", COM_STOP_MAX_ITER},
               {"{\"type\":\"adam\",\"max_iter\":3}", COM_STOP_MAX_ITER},
               {"{\"type\":\"lm\",\"loss_tol\":2.5}", COM_STOP_LOSS_TOL},
               {"{\"type\":\"lbfgs\",\"loss_tol\":2.5}", COM_STOP_LOSS_TOL},
               {"{\"type\":\"adam\",\"rate\":0.02,\"loss_tol\":2.5}", COM_STOP_LOSS_TOL},
               {"{\"type\":\"lbfgs\",\"grad_tol\":0.1}", COM_STOP_GRAD_TOL},
               {"{\"type\":\"adam\",\"rate\":0.02,\"grad_tol\":0.5,\"max_iter\":100000}", COM_STOP_GRAD_TOL},
               {"{\"type\":\"lm\",\"step_tol\":0.9}", COM_STOP_STEP_TOL},
               {"{\"type\":\"lbfgs\",\"step_tol\":0.9}", COM_STOP_STEP_TOL},
               {"{\"type\":\"adam\",\"step_tol\":0.9}", COM_STOP_STEP_TOL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double x[2];
    values v;
    ros2_start(x);
    com_optim *o = make(c, cases[i].options, &problems[0]);
    const com_stop stop = minimise(o, &problems[0], x);
    ck_assert_msg(stop == cases[i].stop, "%s: %s", cases[i].options, com_status_stop_name(stop));
    evaluate(&problems[0], x, &v);
    if (stop == COM_STOP_LOSS_TOL) ck_assert(v.e.f <= 2.5);
    if (stop == COM_STOP_MAX_ITER) ck_assert_int_eq(com_optim_iterations(o), 3);
    com_optim_destroy(o);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Adam's first step is rate * sign(g) whatever the size of g; the schedules; the clip. */
START_TEST(adam_by_hand) {
  com_ctx *c = test_ctx();
  const problem p = {.name = "free", .n = 2};
  com_optim *o = make(
      c, "{\"type\":\"adam\",\"rate\":0.3,\"schedule\":\"step\",\"period\":2,\"factor\":0.5,\"eps\":0}", &p);
  double x[2] = {1, -2}, g[2] = {2.385, -1e-3};
  com_eval e = {.f = 1, .g = g};
  const double rates[] = {0.3, 0.3, 0.15, 0.15, 0.075};
  double at = 1;
  for (int t = 0; t < 5; t++) { /* a constant gradient: every step has the full rate */
    ck_assert_int_eq(com_optim_step(o, &e, x), COM_STOP_NONE);
    TEST_NEAR(x[0], at -= rates[t], 1e-14);
    TEST_NEAR(x[1], -1 - at, 1e-14);
  }
  com_optim_destroy(o);

  /* two different gradients, written out from the paper's algorithm 1 */
  o = make(c, "{\"type\":\"adam\",\"rate\":0.1,\"beta1\":0.8,\"beta2\":0.9,\"clip\":5}", &p);
  const double g1[2] = {3, 4}, g2[2] = {-30, 40}; /* the second is clipped to (-3, 4) */
  x[0] = x[1] = 0;
  e.g = g1;
  com_optim_step(o, &e, x);
  e.g = g2;
  com_optim_step(o, &e, x);
  const double m0 = (0.8 * 0.2 * 3 - 0.2 * 3) / (1 - 0.64), v0 = (0.9 * 0.1 * 9 + 0.1 * 9) / (1 - 0.81);
  TEST_NEAR(x[0], -0.1 * 3 / (3 + 1e-8) - 0.1 * m0 / (sqrt(v0) + 1e-8), 1e-14);
  com_optim_destroy(o);

  const struct {
    const char *options;
    double third;
  } schedules[] = {
      {"{\"type\":\"adam\",\"rate\":1,\"schedule\":\"cosine\",\"period\":4,\"factor\":0.2}", 0.2 + 0.8 * 0.5},
      {"{\"type\":\"adam\",\"rate\":1,\"schedule\":\"exponential\",\"period\":4,\"factor\":0.16}", 0.4},
      {"{\"type\":\"adam\",\"rate\":1}", 1}};
  for (size_t i = 0; i < 3; i++) {
    o = make(c, schedules[i].options, &p);
    e.g = g1;
    double before = 0;
    x[0] = x[1] = 0;
    for (int t = 0; t < 3; t++) {
      before = x[0];
      com_optim_step(o, &e, x);
    }
    TEST_NEAR(before - x[0], schedules[i].third, 1e-8);
    com_optim_destroy(o);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(bad_states_and_configurations) {
  com_ctx *c = test_ctx();
  com_optim *lm = make(c, "{\"type\":\"lm\"}", &problems[0]),
            *adam = make(c, "{\"type\":\"adam\"}", &problems[0]),
            *lbfgs = make(c, "{\"type\":\"lbfgs\",\"memory\":3}", &problems[0]),
            *other = make(c, "{\"type\":\"lbfgs\",\"memory\":4}", &problems[0]), *none = NULL;
  cJSON *a = NULL, *l = NULL, *b = NULL;
  TEST_OK(c, com_optim_save(c, adam, &a));
  TEST_OK(c, com_optim_save(c, lm, &l));
  TEST_OK(c, com_optim_save(c, lbfgs, &b));
  TEST_FAILS(c, COM_E_DATA, "type = adam", com_optim_load(c, lm, a));
  TEST_FAILS(c, COM_E_DATA, "S: must be 8 numbers", com_optim_load(c, other, b));
  com_json_remove(l, "iterations");
  TEST_FAILS(c, COM_E_DATA, "iterations", com_optim_load(c, lm, l));
  TEST_OK(c, com_json_set(c, l, "iterations=2"));
  TEST_OK(c, com_json_set(c, l, "self.flags=[1,0,1000000]"));
  TEST_FAILS(c, COM_E_DATA, "r: must be 1e+06 numbers", com_optim_load(c, lm, l));
  TEST_OK(c, com_json_set(c, a, "self.m=[1,\"x\"]"));
  TEST_FAILS(c, COM_E_DATA, "m[1]: must be a number", com_optim_load(c, adam, a));
  TEST_OK(c, com_json_set(c, b, "self.counts=[1,0,0,0,9,0]"));
  TEST_FAILS(c, COM_E_DATA, "memory of 3 pairs", com_optim_load(c, lbfgs, b));

  com_choice choice = {0};
  TEST_OK(c, com_json_set(c, a, "type=adam"));
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "t", "{\"type\":\"lm\"}", 13, &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &com_optim_kind, "t", "optimizer", j, &choice));
  const double lo[1] = {2}, hi[1] = {1};
  TEST_FAILS(c, COM_E_CONFIG, "no trained parameter", com_optim_create(c, &choice, 0, NULL, NULL, &none));
  TEST_FAILS(c, COM_E_CONFIG, "is empty", com_optim_create(c, &choice, 1, lo, hi, &none));
  com_field_choice_finish(&com_optim_kind, &choice);
  com_json_free(j), com_json_free(a), com_json_free(l), com_json_free(b);
  com_optim_destroy(lm), com_optim_destroy(adam), com_optim_destroy(lbfgs), com_optim_destroy(other);
  com_optim_destroy(NULL);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("optim", all_on_all, lm_agrees_with_gsl, lm_survives_rank_deficiency, resume_is_identical,
          inadmissible_points_are_rejected, bad_start, stop_reasons, adam_by_hand,
          bad_states_and_configurations)
