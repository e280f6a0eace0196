/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A background from a learned h(eta): the metric (or samples of h) on [eta_ir, eta_uv], continued to horizon and boundary (curve.h), closed
 * by a closure, in the Einstein frame or, where there is a dilaton, in the string frame. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background.h"
#include "common/linalg.h"
#include "common/spline.h"

typedef struct samples {
  com_reals eta, h;
} samples;
static const com_field sample_fields[] = {
    {"eta", "positions, descending or ascending", "L", COM_F_REALS, offsetof(samples, eta), 0, 0, 1e6, NULL,
     NULL, 0},
    {"h", "h there", "1/L", COM_F_REALS, offsetof(samples, h), 0, 0, 0, NULL, NULL, 0},
    {0}};

typedef struct options {
  com_choice metric, closure;
  samples samples;
  double d, eta_uv, eta_ir;
  int polynomial, frame;
  ads_curve_ir_opts ir;
  ads_curve_uv_opts uv;
} options;

static const char *const frames[] = {"einstein", "string", NULL};
static const com_field fields[] = {
    {"metric", "the metric h(eta), with theta", NULL, COM_F_COMPONENT, offsetof(options, metric), 0, 0, 0,
     &ads_metric_kind, NULL, 0},
    {"samples", "values of h instead of a metric", NULL, COM_F_OBJECT, offsetof(options, samples), 0, 0, 0,
     sample_fields, NULL, 0},
    {"polynomial",
     "replace h by the least-squares polynomial of this degree through its samples or layers; 0: do not; "
     "-1: degree 5 for layers of a network (arXiv:1809.10536), none for others",
     "1", COM_F_INT, offsetof(options, polynomial), -1, -1, 24, NULL, NULL, 0},
    {"d", "dimension of the boundary: h -> d there", "1", COM_F_REAL, offsetof(options, d), 4, 2, 10, NULL,
     NULL, 0},
    {"eta_uv", "upper end of the range in which h was learned", "L", COM_F_REAL, offsetof(options, eta_uv), 1,
     0, 100, NULL, NULL, COM_FF_LO_OPEN},
    {"eta_ir", "lower end of that range", "L", COM_F_REAL, offsetof(options, eta_ir), 1.0 / 15, 0, 100, NULL,
     NULL, COM_FF_LO_OPEN},
    {"closure", "how f and g share f g^(d-1)", NULL, COM_F_COMPONENT, offsetof(options, closure), 0, 0, 0,
     &ads_closure_kind, "exp", 0},
    {"frame", "string: the metric times exp(4 Phi/(d-1)); needs a closure with a dilaton", NULL, COM_F_ENUM,
     offsetof(options, frame), 0, 0, 0, frames, "einstein", 0},
    {"ir", "continuation to the horizon", NULL, COM_F_OBJECT, offsetof(options, ir), 0, 0, 0,
     ads_curve_ir_fields, NULL, 0},
    {"uv", "continuation to the boundary", NULL, COM_F_OBJECT, offsetof(options, uv), 0, 0, 0,
     ads_curve_uv_fields, NULL, 0},
    {0}};

enum { MAX_KINKS = 200, MAX_COEF = 25, LAYERS_DEGREE = 5 };

/* One of three sources of h: a metric, a spline through samples, a polynomial. */
typedef struct background {
  ads_metric metric;
  const double *theta;
  com_spline *spline;
  int degree; /* of the polynomial, 0: none */
  size_t n_coef;
  double coef[MAX_COEF], centre, half; /* in t = (eta - centre)/half */
  double kinks[MAX_KINKS];
  size_t n_kinks;
  ads_curve *curve;
  ads_closure *closure;
  int string_frame;
  double d;
} background;

static void h_of_metric(double eta, double *h, double *dh, void *user) {
  const background *b = user;
  ads_metric_eval(&b->metric, b->theta, 1, &eta, h, dh);
}

static void h_of_spline(double eta, double *h, double *dh, void *user) {
  const background *b = user;
  *h = com_spline_at(b->spline, eta, dh, NULL);
}

static void h_of_polynomial(double eta, double *h, double *dh, void *user) {
  const background *b = user;
  const double t = (eta - b->centre) / b->half;
  double p = 0, dp = 0;
  for (size_t k = b->n_coef; k-- > 0;) {
    dp = dp * t + p;
    p = p * t + b->coef[k];
  }
  *h = p;
  *dh = dp / b->half;
}

static com_status fit_polynomial(com_ctx *c, const options *o, size_t n, const double *eta, const double *h,
                                 background *b) {
  const size_t k = (size_t)b->degree + 1;
  double *A, *rhs;
  COM_CHECK(c, n >= k, COM_E_CONFIG, "polynomial = %d: needs at least %zu samples of h, there are %zu",
            b->degree, k, n);
  b->n_coef = k;
  b->centre = 0.5 * (o->eta_uv + o->eta_ir);
  b->half = 0.5 * (o->eta_uv - o->eta_ir);
  COM_ALLOC(c, A = malloc(n * (k + 1) * sizeof *A));
  rhs = A + n * k;
  for (size_t i = 0; i < n; i++) {
    const double t = (eta[i] - b->centre) / b->half;
    double power = 1;
    for (size_t j = 0; j < k; j++, power *= t) A[i * k + j] = power;
    rhs[i] = h[i];
  }
  const com_status status = com_linalg_lstsq(c, n, k, A, rhs, b->coef);
  free(A);
  return status;
}

/* How many nodes h lives on when it is meant on nodes alone, as the layers of a network are; 0 otherwise. */
static size_t layers_of(const background *b, double *first, double *step) {
  const ads_metric_ops *ops = b->metric.ops;
  return ops->nodes ? ops->nodes(b->metric.opts, &b->metric.span, 1, first, step) : 0;
}

/* Through the layers of a network where there are some, else through equidistant points. */
static com_status polynomial_of_metric(com_ctx *c, const options *o, background *b) {
  double eta[MAX_KINKS], h[MAX_KINKS], first = o->eta_uv, step = (o->eta_ir - o->eta_uv) / (MAX_COEF - 1);
  const size_t layers = layers_of(b, &first, &step), n = layers ? layers : MAX_COEF;
  COM_CHECK(c, n <= MAX_KINKS, COM_E_CONFIG, "metric: %zu layers, at most %d are supported here", n,
            (int)MAX_KINKS);
  for (size_t i = 0; i < n; i++) eta[i] = first + step * (double)i;
  ads_metric_eval(&b->metric, b->theta, n, eta, h, NULL);
  b->n_kinks = 0;
  return fit_polynomial(c, o, n, eta, h, b);
}

static com_status from_samples(com_ctx *c, const options *o, background *b, ads_curve_spec *spec) {
  const size_t n = o->samples.eta.n;
  double *x;
  com_status status;
  COM_CHECK(c, n == o->samples.h.n, COM_E_CONFIG, "samples: %zu values of eta, %zu of h; make them agree", n,
            o->samples.h.n);
  b->degree = o->polynomial > 0 ? o->polynomial : 0;
  if (b->degree > 0) {
    spec->fn = h_of_polynomial;
    return fit_polynomial(c, o, n, o->samples.eta.v, o->samples.h.v, b);
  }
  COM_CHECK(c, n <= MAX_KINKS, COM_E_CONFIG, "samples: %zu points, at most %d are supported; thin them out",
            n, (int)MAX_KINKS);
  COM_ALLOC(c, x = malloc(2 * n * sizeof *x + 1));
  const int down = n > 1 && o->samples.eta.v[1] < o->samples.eta.v[0];
  for (size_t i = 0; i < n; i++) {
    const size_t from = down ? n - 1 - i : i;
    b->kinks[i] = x[i] = o->samples.eta.v[from];
    x[n + i] = o->samples.h.v[from];
  }
  b->n_kinks = n;
  spec->fn = h_of_spline;
  status = com_spline_create(c, n, x, x + n, &b->spline);
  free(x);
  return status ? com_ctx_while(c, status, "reading samples") : COM_OK;
}

static com_status from_metric(com_ctx *c, const options *o, background *b, ads_curve_spec *spec) {
  const ads_span span = {.d = o->d, .eta_uv = o->eta_uv, .eta_ir = o->eta_ir};
  const ads_metric_shared *ms = o->metric.shared;
  COM_TRY(ads_metric_bind(c, &o->metric, &span, &b->metric));
  COM_CHECK(c, ms->theta.n == b->metric.n_theta, COM_E_CONFIG,
            "metric.theta: %zu entries, want %zu: a background needs all coefficients", ms->theta.n,
            b->metric.n_theta);
  b->theta = ms->theta.v;
  if (b->metric.ops->kinks) b->n_kinks = b->metric.ops->kinks(b->metric.opts, &span, MAX_KINKS, b->kinks);
  double first, step;
  b->degree = o->polynomial >= 0                            ? o->polynomial
              : layers_of(b, &first, &step) > LAYERS_DEGREE ? LAYERS_DEGREE
                                                            : 0;
  spec->fn = b->degree > 0 ? h_of_polynomial : h_of_metric;
  return b->degree > 0 ? polynomial_of_metric(c, o, b) : COM_OK;
}

static void destroy(void *self) {
  background *b = self;
  ads_closure_destroy(b->closure);
  ads_curve_destroy(b->curve);
  com_spline_destroy(b->spline);
  free(b);
}

static com_status check_frame(com_ctx *c, const options *o, background *b) {
  if (o->frame == 0) return COM_OK;
  const char *why = ads_closure_no_dilaton(b->closure);
  COM_CHECK(c, !ads_closure_in_string_frame(b->closure), COM_E_CONFIG,
            "frame = \"string\": this closure gives f and g in the string frame already; leave frame out");
  COM_CHECK(c, !why, COM_E_NUM, "frame = \"string\": there is no dilaton: %s", why);
  b->string_frame = 1;
  return COM_OK;
}

static com_status create(com_ctx *c, const void *opts, const ads_background_shared *sh,
                         ads_background_info *info, void **self) {
  const options *o = opts;
  com_status status = COM_OK;
  background *b;
  ads_curve_spec spec = {.d = o->d, .eta_ir = o->eta_ir, .eta_uv = o->eta_uv, .ir = o->ir, .uv = o->uv};
  COM_CHECK(c, (o->metric.type != NULL) != (o->samples.eta.n > 0), COM_E_CONFIG,
            "background: give either metric or samples");
  COM_CHECK(c, isfinite(sh->T * sh->L), COM_E_CONFIG,
            "background: T and L are needed (GeV and GeV^-1): they set the horizon of f, g; with L = 1, T is "
            "in units "
            "of 1/L");
  COM_ALLOC(c, b = calloc(1, sizeof *b));
  COM_GOTO(done, o->metric.type ? from_metric(c, o, b, &spec) : from_samples(c, o, b, &spec));
  spec.user = b;
  spec.kinks = b->kinks;
  spec.n_kinks = b->n_kinks;
  COM_GOTO(done, ads_curve_create(c, &spec, &b->curve));
  COM_GOTO(done, ads_closure_create(c, &o->closure, b->curve, info->tl, &b->closure));
  COM_GOTO(done, check_frame(c, o, b));
  const ads_curve_info *facts = ads_curve_facts(b->curve);
  b->d = info->d = o->d;
  info->horizon = 1;
  info->string_frame = b->string_frame || ads_closure_in_string_frame(b->closure);
  info->lo = 0;
  info->known_lo = facts->ir == ADS_CURVE_IR_NONE ? 0 : facts->known_lo;
  info->known_hi = facts->uv == ADS_CURVE_UV_NONE ? facts->far : facts->known_hi;
  info->far = fmax(facts->far, 80 / o->d);
  *self = b;
  b = NULL;
done:
  if (b) destroy(b);
  return status;
}

/* String frame: the whole metric times exp(4 Phi/(d-1)); d = 4: arXiv:0707.1349.  Second derivatives of Phi are not carried. */
static void at(const void *self, double eta, ads_geometry *out) {
  const background *b = self;
  ads_dilaton phi;
  ads_closure_at(b->closure, eta, out);
  if (!b->string_frame || !ads_closure_dilaton(b->closure, eta, &phi)) return;
  const double k = 4 / (b->d - 1);
  out->lnf += k * phi.phi;
  out->lng += k * phi.phi;
  out->lnn += 0.5 * k * phi.phi;
  out->dlnf += k * phi.dphi;
  out->dlng += k * phi.dphi;
  out->d2lnf = out->d2lng = NAN;
}

static const double *breaks(const void *self, size_t *n) {
  return ads_curve_breaks(((const background *)self)->curve, n);
}
static const ads_curve *curve(const void *self) { return ((const background *)self)->curve; }
static const ads_closure *closure(const void *self) { return ((const background *)self)->closure; }

static const char *no_dilaton(const void *self) {
  return ads_closure_no_dilaton(((const background *)self)->closure);
}
static void dilaton(const void *self, double eta, ads_dilaton *out) {
  ads_closure_dilaton(((const background *)self)->closure, eta, out);
}

const ads_background_ops ads_background_h = {
    .c = {.name = "h",
          .doc = "from a learned h(eta), by continuation and a closure",
          .ref = "arXiv:1809.10536",
          .fields = fields,
          .opt_size = sizeof(options)},
    .create = create,
    .destroy = destroy,
    .at = at,
    .breaks = breaks,
    .curve = curve,
    .closure = closure,
    .no_dilaton = no_dilaton,
    .dilaton = dilaton};
