/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every sentence is made from numbers of the document; a sentence whose numbers are missing is not written. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/compare.h"
#include "common/table.h"
#include "common/text.h"

typedef struct page {
  com_table *flows, *h, *transfer, *cost;
  const cJSON *result;
  size_t n;
} page;

static const double *column(const com_table *t, const char *name) {
  const size_t k = com_table_find(t, name);
  return k == (size_t)-1 ? NULL : com_table_values(t, k);
}
static const char *name_of(const page *p, size_t i) {
  return com_table_text_at(p->flows, com_table_find(p->flows, "flow"), i);
}

/* Index of the smallest or largest finite value; n when there is none. */
static size_t extreme(size_t n, const double *v, int largest) {
  size_t at = n;
  for (size_t i = 0; i < n; i++)
    if (isfinite(v[i]) && (at == n || (largest ? v[i] > v[at] : v[i] < v[at]))) at = i;
  return at;
}

static void fits(const page *p, com_text *t) {
  const double *loss = column(p->flows, "loss"), *chi2 = column(p->flows, "chi2"),
               *held = column(p->flows, "held_out");
  const size_t lo = extreme(p->n, loss, 0), hi = extreme(p->n, loss, 1);
  const int classifier = strcmp(com_json_str(com_json_get(p->result, "loss_type"), ""), "classifier") == 0;
  com_text_printf(t, "The same data (%s) were learned through %zu flows.  ",
                  com_json_str(com_json_get(p->result, "dataset"), "?"), p->n);
  if (lo == p->n) return;
  com_text_printf(t, "The %s loss runs from %.4g (%s) to %.4g (%s)",
                  com_json_str(com_json_get(p->result, "loss_type"), ""), loss[lo], name_of(p, lo), loss[hi],
                  name_of(p, hi));
  const size_t clo = extreme(p->n, chi2, 0), chi = extreme(p->n, chi2, 1);
  if (clo < p->n) com_text_printf(t, ", chi2 from %.5g to %.5g", chi2[clo], chi2[chi]);
  com_text_add(t, loss[hi] < 1.05 * loss[lo] + 1e-12
                      ? ": as descriptions of these data the flows cannot be told apart.  "
                      : ".  ");
  const size_t hlo = extreme(p->n, held, 0), hhi = extreme(p->n, held, 1);
  if (hlo < p->n && classifier)
    com_text_printf(t, "On labels drawn afresh the losses are %.4g to %.4g.", held[hlo], held[hhi]);
  else if (hlo < p->n)
    com_text_printf(
        t,
        "Trained without every third point, the flows miss the points left out by %.3g to %.3g errors (rms).",
        held[hlo], held[hhi]);
  com_text_add(t, "\n\n");
}

static void metrics(const page *p, com_text *t) {
  const double *eta = column(p->h, "eta");
  const size_t rows = com_table_rows(p->h);
  double worst = 0, at = NAN, a = NAN, b = NAN;
  size_t one = 0, two = 0;
  for (size_t k = 0; k < rows; k++)
    for (size_t i = 0; i < p->n; i++)
      for (size_t j = 0; j < i; j++) {
        const double x = com_table_values(p->h, 1 + i)[k], y = com_table_values(p->h, 1 + j)[k];
        if (fabs(x - y) > worst) worst = fabs(x - y), at = eta[k], a = x, b = y, one = i, two = j;
      }
  if (!(worst > 0)) return;
  com_text_printf(t, "The learned metrics differ most at eta = %.3g, where h is %.4g (%s) and %.4g (%s).  ",
                  at, a, name_of(p, one), b, name_of(p, two));
  const size_t uv = rows - 1;
  double lo = INFINITY, hi = -INFINITY;
  for (size_t i = 0; i < p->n; i++) {
    const double x = com_table_values(p->h, 1 + i)[uv];
    lo = fmin(lo, x), hi = fmax(hi, x);
  }
  com_text_printf(t, "At the boundary end they lie between %.4g and %.4g.  ", lo, hi);
  com_text_add(t, "A difference between flows that fit equally well is not an error bar: one temperature "
                  "fixes few numbers, and "
                  "what is left open is filled by start, penalties and step.\n\n");
}

/* Against the metric that made the data, when they say so. */
static void recovered(const page *p, com_text *t) {
  const double *eta = column(p->h, "eta"), *truth = column(p->h, "truth");
  const cJSON *values = com_json_get(p->result, "truth");
  if (!truth) return;
  com_text_add(t, "The data were made from a known metric, so what was recovered can be said: ");
  for (size_t i = 0; i < p->n; i++) {
    const double *h = com_table_values(p->h, 1 + i);
    size_t at = 0;
    for (size_t k = 1; k < com_table_rows(p->h); k++)
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

static void transfers(const page *p, com_text *t) {
  double worst = 0;
  size_t from = 0, to = 0;
  for (size_t i = 0; i < p->n; i++)
    for (size_t j = 0; j < p->n; j++) {
      const double own = com_table_values(p->transfer, 1 + i)[i],
                   there = com_table_values(p->transfer, 1 + i)[j];
      const double ratio = there / fmax(own, 1e-300);
      if (i != j && isfinite(ratio) && ratio > worst) worst = ratio, from = i, to = j;
    }
  if (!(worst > 0)) return;
  const double own = com_table_values(p->transfer, 1 + from)[from],
               there = com_table_values(p->transfer, 1 + from)[to];
  com_text_printf(t,
                  "Transfer: the parameters learned through %s have loss %.4g there and %.4g when %s "
                  "integrates the same h.  ",
                  name_of(p, from), own, there, name_of(p, to));
  com_text_add(
      t,
      worst > 1.5
          ? "The learned h is thus tied to the step that learned it: that part of it is discretisation, not "
            "physics.\n\n"
          : "The learned h means the same in every flow: at these steps discretisation is not an issue.\n\n");
}

static void continuum(const page *p, com_text *t) {
  const double *g = column(p->flows, "gradient_error"), *order = column(p->flows, "order");
  const size_t lo = extreme(p->n, g, 0), hi = extreme(p->n, g, 1);
  if (lo == p->n) return;
  com_text_printf(t,
                  "Against the continuum, at the parameters learned through %s, the derivatives "
                  "dF/dparameters are wrong by %.2g "
                  "of their largest value in %s",
                  com_json_str(com_json_get(p->result, "common_point"), "?"), g[hi], name_of(p, hi));
  if (lo != hi) com_text_printf(t, " and by %.2g in %s", g[lo], name_of(p, lo));
  com_text_add(t, ".  ");
  int said = 0;
  for (size_t i = 0; i < p->n; i++) {
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
  const double *s = column(p->cost, "gradient_seconds"), *b = column(p->cost, "gradient_bytes"),
               *train = column(p->cost, "training_seconds"), *n = column(p->flows, "starts"),
               *good = column(p->flows, "starts_at_the_best");
  const size_t fast = extreme(p->n, s, 0), slow = extreme(p->n, s, 1);
  if (fast == p->n) return;
  com_text_printf(
      t, "One gradient of the loss takes %.3g ms through %s and %.3g ms through %s (%.0f times as long)",
      1e3 * s[fast], name_of(p, fast), 1e3 * s[slow], name_of(p, slow), s[slow] / s[fast]);
  const size_t lean = extreme(p->n, b, 0), fat = extreme(p->n, b, 1);
  if (lean < p->n && b[fat] > 0)
    com_text_printf(t, "; memory for it is %.3g MB at least (%s) and %.3g MB at most (%s)", b[lean] / 1e6,
                    name_of(p, lean), b[fat] / 1e6, name_of(p, fat));
  com_text_add(t, ".  ");
  for (size_t i = 0; i < p->n; i++)
    com_text_printf(t, "%s%s: %.2g s, %.0f of %.0f starts",
                    i ? "; " : "Training, and starts that reach the flow's own best: ", name_of(p, i),
                    train[i], good[i], n[i]);
  com_text_add(t, ".\n");
}

com_status ads_compare_words(com_ctx *c, const cJSON *doc, char **text) {
  com_text t = {0};
  page p = {.result = com_json_get(doc, "result")};
  com_status s = com_table_read(c, "comparison", com_json_get(p.result, "flows"), &p.flows);
  if (!s) s = com_table_read(c, "comparison", com_json_get(com_json_get(doc, "volatile"), "cost"), &p.cost);
  if (!s) s = com_table_read(c, "comparison", com_json_get(p.result, "metrics"), &p.h);
  if (!s) s = com_table_read(c, "comparison", com_json_get(p.result, "transfer"), &p.transfer);
  *text = NULL;
  if (!s) {
    p.n = com_table_rows(p.flows);
    fits(&p, &t), metrics(&p, &t), recovered(&p, &t), transfers(&p, &t), continuum(&p, &t), cost(&p, &t);
    s = com_text_take(c, &t, text);
  }
  com_text_finish(&t);
  com_table_destroy(p.flows), com_table_destroy(p.h), com_table_destroy(p.transfer),
      com_table_destroy(p.cost);
  return s;
}
