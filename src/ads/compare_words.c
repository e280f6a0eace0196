/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every sentence is made from numbers of the document; a sentence whose numbers are missing is not written. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/compare.h"
#include "common/text.h"

typedef struct page {
  ads_compare_tables t;
  const cJSON *result, *flow_configs;
} page;

static const char *name_of(const page *p, size_t i) {
  return com_table_text_at(p->t.flows, com_table_find(p->t.flows, "flow"), i);
}

/* Index of the smallest or largest finite value; n when there is none. */
static size_t extreme(size_t n, const double *v, int largest) {
  size_t at = n;
  for (size_t i = 0; i < n; i++)
    if (isfinite(v[i]) && (at == n || (largest ? v[i] > v[at] : v[i] < v[at]))) at = i;
  return at;
}

static void missed(com_text *t, double least, double most) {
  com_text_printf(t, "Trained without every third point, the flows miss the points left out by %.3g", least);
  if (most > 1.01 * least) com_text_printf(t, " to %.3g", most);
  com_text_add(t, " errors (rms).");
}

static void fits(const page *p, com_text *t) {
  const double *loss = com_table_column(p->t.flows, "loss"), *chi2 = com_table_column(p->t.flows, "chi2"),
               *held = com_table_column(p->t.flows, "held_out");
  const size_t lo = extreme(p->t.n, loss, 0), hi = extreme(p->t.n, loss, 1);
  const int classifier = strcmp(com_json_str(com_json_get(p->result, "loss_type"), ""), "classifier") == 0;
  com_text_printf(t, "The same data (%s) were learned through %zu flows.  ",
                  com_json_str(com_json_get(p->result, "dataset"), "?"), p->t.n);
  if (lo == p->t.n) return;
  com_text_printf(t, "The %s loss runs from %.4g (%s) to %.4g (%s)",
                  com_json_str(com_json_get(p->result, "loss_type"), ""), loss[lo], name_of(p, lo), loss[hi],
                  name_of(p, hi));
  const size_t clo = extreme(p->t.n, chi2, 0), chi = extreme(p->t.n, chi2, 1);
  if (clo < p->t.n) com_text_printf(t, ", chi2 from %.5g to %.5g", chi2[clo], chi2[chi]);
  com_text_add(t, loss[hi] < 1.05 * loss[lo] + 1e-12
                      ? ": as descriptions of these data the flows cannot be told apart.  "
                      : ".  ");
  const size_t hlo = extreme(p->t.n, held, 0), hhi = extreme(p->t.n, held, 1);
  if (hlo < p->t.n && classifier)
    com_text_printf(t, "On labels drawn afresh the losses are %.4g to %.4g.", held[hlo], held[hhi]);
  else if (hlo < p->t.n)
    missed(t, held[hlo], held[hhi]);
  com_text_add(t, "\n\n");
}

static void metrics(const page *p, com_text *t) {
  const double *eta = com_table_column(p->t.h, "eta");
  const size_t rows = com_table_rows(p->t.h);
  double worst = 0, at = NAN, a = NAN, b = NAN;
  size_t one = 0, two = 0;
  for (size_t k = 0; k < rows; k++)
    for (size_t i = 0; i < p->t.n; i++)
      for (size_t j = 0; j < i; j++) {
        const double x = com_table_values(p->t.h, 1 + i)[k], y = com_table_values(p->t.h, 1 + j)[k];
        if (fabs(x - y) > worst) worst = fabs(x - y), at = eta[k], a = x, b = y, one = i, two = j;
      }
  if (!(worst > 0)) return;
  com_text_printf(t, "The learned metrics differ most at eta = %.3g, where h is %.4g (%s) and %.4g (%s).  ",
                  at, a, name_of(p, one), b, name_of(p, two));
  const size_t uv = rows - 1;
  double lo = INFINITY, hi = -INFINITY;
  for (size_t i = 0; i < p->t.n; i++) {
    const double x = com_table_values(p->t.h, 1 + i)[uv];
    lo = fmin(lo, x), hi = fmax(hi, x);
  }
  com_text_printf(t, "At the boundary end they lie between %.4g and %.4g.  ", lo, hi);
  com_text_add(t, "A difference between flows that fit equally well is not an error bar: one temperature "
                  "fixes few numbers, and "
                  "what is left open is filled by start, penalties and step.\n\n");
}

static double apart(const page *p, size_t i, size_t j) {
  double most = 0;
  for (size_t k = 0; k < com_table_rows(p->t.h); k++)
    most = fmax(most, fabs(com_table_values(p->t.h, 1 + i)[k] - com_table_values(p->t.h, 1 + j)[k]));
  return most;
}

/* Slope of log(distance) over log(layers), by least squares over the networks; NAN with fewer than three. */
static double falls_as(const page *p, size_t common) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (size_t i = 0; i < p->t.n; i++) {
    const double layers = com_json_num(com_json_get(com_json_at(p->flow_configs, i), "n_layers"), 0),
                 d = apart(p, i, common);
    if (!(layers > 0) || !(d > 0)) continue;
    const double u = log(layers), v = log(d);
    n++, x += u, y += v, xx += u * u, xy += u * v;
  }
  return n < 3 ? NAN : (n * xy - x * y) / (n * xx - x * x);
}

/* How far every learned h is from that of the most continuous flow: a discretisation artefact falls with the step. */
static void distances(const page *p, com_text *t) {
  const char *name = com_json_str(com_json_get(p->result, "common_point"), "");
  size_t common = 0;
  while (common < p->t.n && strcmp(name_of(p, common), name)) common++;
  if (common == p->t.n || p->t.n < 2) return;
  com_text_printf(t, "From the h learned through %s the others are at most", name);
  int said = 0;
  for (size_t i = 0; i < p->t.n; i++)
    if (i != common)
      com_text_printf(t, "%s %.2g (%s)", said++ ? "," : "", apart(p, i, common), name_of(p, i));
  const double power = falls_as(p, common);
  com_text_add(t, " away");
  if (isfinite(power))
    com_text_printf(t, ": in the networks this falls as (layers)^%.2f%s", power,
                    fabs(power + 1) < 0.25 ? ", as an effect of Euler's step must" : "");
  com_text_add(t, ".\n\n");
}

/* Against the metric that made the data, when they say so. */
static void recovered(const page *p, com_text *t) {
  const double *eta = com_table_column(p->t.h, "eta"), *truth = com_table_column(p->t.h, "truth");
  const cJSON *values = com_json_get(p->result, "truth");
  if (!truth) return;
  com_text_add(t, "The data were made from a known metric, so what was recovered can be said: ");
  for (size_t i = 0; i < p->t.n; i++) {
    const double *h = com_table_values(p->t.h, 1 + i);
    size_t at = 0;
    for (size_t k = 1; k < com_table_rows(p->t.h); k++)
      if (fabs(h[k] - truth[k]) > fabs(h[at] - truth[at])) at = k;
    com_text_printf(t, "%sh of %s is off by up to %.3g (%.3g for %.3g, at eta = %.3g)", i ? "; " : "",
                    name_of(p, i), fabs(h[at] - truth[at]), h[at], truth[at], eta[at]);
    const cJSON *got = com_json_get(com_json_get(p->result, "parameters"), name_of(p, i));
    for (size_t k = 0; k < com_json_size(values); k++) {
      const cJSON *v = com_json_at(values, k), *g = com_json_get(got, com_json_key(v));
      if (com_json_is_number(v) && com_json_is_number(g))
        com_text_printf(t, ", %s = %.4g for %.4g", com_json_key(v), com_json_num(g, NAN),
                        com_json_num(v, NAN));
    }
  }
  com_text_add(t, ".  A flow that fits the data and misses the metric has found another metric with the same "
                  "responses.\n\n");
}

/* Loss of flow i's parameters in flow j. */
static double moved(const page *p, size_t i, size_t j) { return com_table_values(p->t.transfer, 1 + i)[j]; }

static int exchange(const page *p, size_t i, size_t j) {
  static const double SAME = 1.01;
  return moved(p, i, j) <= SAME * moved(p, j, j) && moved(p, j, i) <= SAME * moved(p, i, i);
}

/* The flows whose parameters some other flow takes over without loss. */
static void exchangeable(const page *p, com_text *t) {
  int said = 0;
  for (size_t i = 0; i < p->t.n; i++) {
    int partner = 0;
    for (size_t j = 0; j < p->t.n; j++) partner |= i != j && exchange(p, i, j);
    if (!partner) continue;
    com_text_printf(t, "%s%s",
                    said++ ? ", " : "Among these parameters may be exchanged (the loss stays within 1 %): ",
                    name_of(p, i));
  }
  com_text_add(t, said ? ".\n\n" : "No two flows can exchange their parameters without loss.\n\n");
}

static void transfers(const page *p, com_text *t) {
  double worst = 0;
  size_t from = 0, to = 0;
  for (size_t i = 0; i < p->t.n; i++)
    for (size_t j = 0; j < p->t.n; j++) {
      const double own = com_table_values(p->t.transfer, 1 + i)[i],
                   there = com_table_values(p->t.transfer, 1 + i)[j];
      const double ratio = there / fmax(own, 1e-300);
      if (i != j && isfinite(ratio) && ratio > worst) worst = ratio, from = i, to = j;
    }
  if (!(worst > 0)) return;
  const double own = com_table_values(p->t.transfer, 1 + from)[from],
               there = com_table_values(p->t.transfer, 1 + from)[to];
  com_text_printf(t,
                  "Transfer: the parameters learned through %s have loss %.4g there and %.4g when %s "
                  "integrates the same h.  ",
                  name_of(p, from), own, there, name_of(p, to));
  com_text_add(
      t,
      worst > 1.5
          ? "The learned h is thus tied to the step that learned it: that part of it is discretisation, not "
            "physics.  "
          : "The learned h means the same in every flow: at these steps discretisation is not an issue.\n\n");
  if (worst > 1.5) exchangeable(p, t);
}

static void continuum(const page *p, com_text *t) {
  const double *g = com_table_column(p->t.flows, "gradient_error"),
               *order = com_table_column(p->t.flows, "order");
  const size_t lo = extreme(p->t.n, g, 0), hi = extreme(p->t.n, g, 1);
  if (lo == p->t.n) return;
  com_text_printf(t,
                  "Against the continuum, at the parameters learned through %s, the derivatives "
                  "dF/dparameters are wrong by %.2g "
                  "of their largest value in %s",
                  com_json_str(com_json_get(p->result, "common_point"), "?"), g[hi], name_of(p, hi));
  if (lo != hi) com_text_printf(t, " and by %.2g in %s", g[lo], name_of(p, lo));
  com_text_add(t, ".  ");
  int said = 0;
  for (size_t i = 0; i < p->t.n; i++) {
    if (!isfinite(order[i])) continue;
    com_text_printf(t, "%s%s %.2f",
                    said ? ", " : "With twice the steps the error falls with the order: ", name_of(p, i),
                    order[i]);
    said = 1;
  }
  if (said)
    com_text_add(t,
                 " (1 is Euler; a value far from the nominal order means that the step is not yet small).");
  com_text_add(t, "\n\n");
}

static void cost(const page *p, com_text *t) {
  const double *s = com_table_column(p->t.cost, "gradient_seconds"),
               *b = com_table_column(p->t.cost, "gradient_bytes"),
               *train = com_table_column(p->t.cost, "training_seconds"),
               *n = com_table_column(p->t.flows, "starts"),
               *good = com_table_column(p->t.flows, "starts_at_the_best");
  const size_t fast = extreme(p->t.n, s, 0), slow = extreme(p->t.n, s, 1);
  if (fast == p->t.n) return;
  com_text_printf(
      t, "One gradient of the loss takes %.3g ms through %s and %.3g ms through %s (%.0f times as long)",
      1e3 * s[fast], name_of(p, fast), 1e3 * s[slow], name_of(p, slow), s[slow] / s[fast]);
  const size_t lean = extreme(p->t.n, b, 0), fat = extreme(p->t.n, b, 1);
  if (lean < p->t.n && b[fat] > 0)
    com_text_printf(t, "; memory for it is %.3g MB at least (%s) and %.3g MB at most (%s)", b[lean] / 1e6,
                    name_of(p, lean), b[fat] / 1e6, name_of(p, fat));
  com_text_add(t, ".  ");
  for (size_t i = 0; i < p->t.n; i++)
    com_text_printf(t, "%s%s: %.2g s, %.0f of %.0f starts",
                    i ? "; " : "Training, and starts that reach the flow's own best: ", name_of(p, i),
                    train[i], good[i], n[i]);
  com_text_add(t, ".\n");
}

com_status ads_compare_words(com_ctx *c, const cJSON *doc, char **text) {
  com_text t = {0};
  page p = {.result = com_json_get(doc, "result"),
            .flow_configs = com_json_get(com_json_get(doc, "config"), "flows")};
  com_status s = ads_compare_tables_read(c, doc, &p.t);
  *text = NULL;
  if (!s) {
    fits(&p, &t), metrics(&p, &t), distances(&p, &t), recovered(&p, &t), transfers(&p, &t), continuum(&p, &t),
        cost(&p, &t);
    s = com_text_take(c, &t, text);
  }
  com_text_finish(&t);
  ads_compare_tables_finish(&p.t);
  return s;
}
