/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/svg_axis.h"

#define MINUS "\xe2\x88\x92" /* U+2212 */
#define TIMES "\xc3\x97"     /* U+00D7 */

double com_svg_axis_at(const com_svg_axis *a, double v) {
  if (!a->log) return (v - a->lo) / (a->hi - a->lo);
  return v > 0 ? (log(v) - log(a->lo)) / (log(a->hi) - log(a->lo)) : NAN; /* v / lo may overflow */
}

static void put_label(char out[24], const char *number) {
  const int negative = *number == '-';
  snprintf(out, 24, "%s%s", negative ? MINUS : "", number + negative);
}

static void add_minor(com_svg_axis *a, double v) {
  if (v > a->lo && v < a->hi && a->n_minor < COM_SVG_MINORS) a->minor[a->n_minor++] = v;
}

/* The nearest of 1, 2, 5, 10 times a power of ten, on a logarithmic scale. */
static double nice(double raw, int *divisions) {
  const double power = pow(10, floor(log10(raw))), r = raw / power;
  const double step = r < sqrt(2) ? 1 : r < sqrt(10) ? 2 : r < sqrt(50) ? 5 : 10;
  *divisions = step == 2 ? 4 : 5;
  return step * power;
}

static void linear_ticks(com_svg_axis *a, int integers, int want) {
  int divisions;
  double step = nice((a->hi - a->lo) / want, &divisions);
  if (integers && step < 1) step = 1;
  if (integers && step < 5) divisions = (int)step; /* 1: no small ticks between whole numbers */
  const double largest = fmax(fabs(a->lo), fabs(a->hi));
  /* beyond 4 digits before, or 3 zeros behind the point, a common power of ten is easier to read */
  const int e = (int)floor(log10(largest)), shared = e >= 5 || e <= -4 ? e : 0;
  const int decimals = (int)fmax(0, -floor(log10(step) + 1e-9) + shared);
  if (shared)
    snprintf(a->factor, sizeof a->factor, TIMES "10^{%s%d}", shared < 0 ? MINUS : "",
             shared < 0 ? -shared : shared);
  const double slack = 1e-6 * step;
  for (double k = ceil((a->lo - slack) / step); k * step <= a->hi + slack && a->n_major < COM_SVG_MAJORS;
       k++) {
    char s[64];
    snprintf(s, sizeof s, "%.*f", decimals, (k == 0 ? 0 : k * step) / pow(10, shared));
    put_label(a->label[a->n_major], s);
    a->major[a->n_major++] = k == 0 ? 0 : k * step;
  }
  const double fine = step / divisions;
  const double first = ceil(a->lo / fine);
  for (int i = 0; i < 2 * COM_SVG_MINORS && (first + i) * fine < a->hi; i++)
    if (fmod(fabs(first + i), divisions) != 0) add_minor(a, (first + i) * fine);
}

static void label_power(com_svg_axis *a, int k, int plain) {
  char *out = a->label[a->n_major];
  if (plain)
    snprintf(out, 24, "%g", pow(10, k));
  else
    snprintf(out, 24, "10^{%s%d}", k < 0 ? MINUS : "", k < 0 ? -k : k);
  a->major[a->n_major++] = pow(10, k);
}

/* Several decades: powers of ten, every stride-th labelled. */
static void decade_ticks(com_svg_axis *a, int first, int last, int want) {
  const int n = last - first + 1, stride = (n + want - 1) / want, plain = first >= -2 && last <= 3;
  for (int k = first - 1; k <= last; k++) {
    const int major = k >= first && k % stride == 0 && a->n_major < COM_SVG_MAJORS;
    if (major)
      label_power(a, k, plain);
    else if (stride <= 10) /* more would blacken the frame */
      add_minor(a, pow(10, k));
    for (int m = 2; m <= 9 && stride == 1; m++) add_minor(a, m * pow(10, k));
  }
}

/* One or two decades: 1, 2, 5 of each. */
static void mantissa_ticks(com_svg_axis *a) {
  const int first = (int)floor(log10(a->lo)), last = (int)ceil(log10(a->hi));
  for (int k = first; k <= last; k++)
    for (int m = 1; m <= 9; m++) {
      const double v = m * pow(10, k);
      if (v < a->lo * (1 - 1e-9) || v > a->hi * (1 + 1e-9)) continue;
      if ((m != 1 && m != 2 && m != 5) || a->n_major == COM_SVG_MAJORS) {
        add_minor(a, v);
        continue;
      }
      char s[64];
      if (k >= -3 && k <= 3)
        snprintf(s, sizeof s, "%g", v);
      else
        snprintf(s, sizeof s, "%d" TIMES "10^{%s%d}", m, k < 0 ? MINUS : "", k < 0 ? -k : k);
      put_label(a->label[a->n_major], s);
      a->major[a->n_major++] = v;
    }
}

void com_svg_axis_make(double lo, double hi, int logarithmic, int integers, int want, com_svg_axis *out) {
  memset(out, 0, sizeof *out);
  out->lo = lo;
  out->hi = hi;
  out->log = logarithmic;
  if (!logarithmic) {
    linear_ticks(out, integers, want);
    return;
  }
  const double decades = log10(hi) - log10(lo);
  const int first = (int)ceil(log10(lo) - 1e-9), last = (int)floor(log10(hi) + 1e-9);
  if (last - first >= 1 && decades > 1.7)
    decade_ticks(out, first, last, want);
  else if (decades > 0.6)
    mantissa_ticks(out);
  else
    linear_ticks(out, integers, want);
}
