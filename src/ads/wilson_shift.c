/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/wilson_shift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Panels as in common/cheb.c.  MAX_LEVEL: a closure that is itself only good to 1e-5 is never resolved; 64 panels per smooth piece are then as good
 * as it is. */
enum { POINTS = 17, TAIL = 3, MAX_LEVEL = 6 };
/* Differences over 6e-5 of logarithms that are good to 1e-14. */
static const double TOL = 3e-10;

typedef struct panel {
  double a, b;
} panel;

struct ads_wilson_shift {
  com_ctx *c;
  const ads_wilson_shift_pair *pair;
  size_t n, width; /* parameters; 3 n */
  size_t n_panels, room;
  panel *panels;
  double *coef; /* [n_panels][POINTS][width] */
  double *work; /* [3][width] of the recurrence, [POINTS][width] samples */
  double cosine[POINTS][POINTS];
};

void ads_wilson_shift_destroy(ads_wilson_shift *s) {
  if (!s) return;
  free(s->panels);
  free(s->coef);
  free(s->work);
  free(s);
}

size_t ads_wilson_shift_n(const ads_wilson_shift *s) { return s->n; }
const ads_wilson_shift_pair *ads_wilson_shift_pairs(const ads_wilson_shift *s) { return s->pair; }

static void sample(const ads_wilson_shift *s, double eta, double *v) {
  const size_t n = s->n;
  for (size_t k = 0; k < n; k++) {
    ads_geometry hi, lo;
    ads_background_at(s->pair[k].plus, eta, &hi);
    ads_background_at(s->pair[k].minus, eta, &lo);
    v[k] = (hi.lnf - lo.lnf) / s->pair[k].step;
    v[n + k] = (hi.lng - lo.lng) / s->pair[k].step;
    v[2 * n + k] = (hi.lnn - lo.lnn) / s->pair[k].step;
  }
}

static com_status room_for_one(ads_wilson_shift *s) {
  if (s->n_panels < s->room) return COM_OK;
  const size_t room = s->room ? 2 * s->room : 32;
  panel *p = realloc(s->panels, room * sizeof *p);
  COM_ALLOC(s->c, p);
  s->panels = p;
  double *coef = realloc(s->coef, room * POINTS * s->width * sizeof *coef);
  COM_ALLOC(s->c, coef);
  s->coef = coef;
  s->room = room;
  return COM_OK;
}

/* Coefficients of the panel [a, b] into the next free place; 1 when their tail is negligible beside the largest. */
static int series(ads_wilson_shift *s, double a, double b) {
  const size_t m = s->width;
  double *f = s->work + 3 * m, *coef = s->coef + s->n_panels * POINTS * m, size = 0, tail = 0;
  for (size_t j = 0; j < POINTS; j++) sample(s, 0.5 * (a + b) + 0.5 * (b - a) * s->cosine[1][j], f + j * m);
  memset(coef, 0, POINTS * m * sizeof *coef);
  for (size_t k = 0; k < POINTS; k++)
    for (size_t j = 0; j < POINTS; j++) {
      const double w = (k ? 2.0 : 1.0) / POINTS * s->cosine[k][j];
      for (size_t i = 0; i < m; i++) coef[k * m + i] += w * f[j * m + i];
    }
  for (size_t i = 0; i < POINTS * m; i++) {
    size = fmax(size, fabs(coef[i]));
    if (i >= (POINTS - TAIL) * m) tail = fmax(tail, fabs(coef[i]));
  }
  return tail <= TOL * size;
}

static com_status fill(ads_wilson_shift *s, double a, double b, int level) {
  COM_TRY(room_for_one(s));
  if (series(s, a, b) || level == MAX_LEVEL) {
    s->panels[s->n_panels++] = (panel){a, b};
    return COM_OK;
  }
  COM_TRY(fill(s, a, 0.5 * (a + b), level + 1));
  return fill(s, 0.5 * (a + b), b, level + 1);
}

static com_status build(ads_wilson_shift *s, const ads_background *b, double lo, double hi) {
  size_t n_kinks;
  const double *kink = ads_background_breaks(b, &n_kinks);
  COM_ALLOC(s->c, s->work = malloc(((3 + POINTS) * s->width + 1) * sizeof *s->work));
  for (int k = 0; k < POINTS; k++)
    for (int j = 0; j < POINTS; j++) s->cosine[k][j] = cos(M_PI * k * (j + 0.5) / POINTS);
  double from = lo;
  for (size_t k = 0; k < n_kinks; k++) {
    if (!(kink[k] > from && kink[k] < hi)) continue;
    COM_TRY(fill(s, from, kink[k], 0));
    from = kink[k];
  }
  return fill(s, from, hi, 0);
}

com_status ads_wilson_shift_create(com_ctx *c, const ads_background *b, size_t n,
                                   const ads_wilson_shift_pair *pair, double lo, double hi,
                                   ads_wilson_shift **out) {
  ads_wilson_shift *s = calloc(1, sizeof *s);
  *out = NULL;
  COM_ALLOC(c, s);
  s->c = c;
  s->pair = pair;
  s->n = n;
  s->width = 3 * n;
  const com_status status = build(s, b, lo, hi);
  if (status)
    ads_wilson_shift_destroy(s);
  else
    *out = s;
  return status;
}

/* Clenshaw's recurrence for all series of the panel at once. */
const double *ads_wilson_shift_at(ads_wilson_shift *s, double eta) {
  const size_t m = s->width;
  size_t lo = 0, hi = s->n_panels - 1;
  while (lo < hi) {
    const size_t mid = (lo + hi + 1) / 2;
    if (eta >= s->panels[mid].a)
      lo = mid;
    else
      hi = mid - 1;
  }
  const panel *p = s->panels + lo;
  const double t = (2 * eta - p->a - p->b) / (p->b - p->a), *coef = s->coef + lo * POINTS * m;
  double *b0 = s->work, *b1 = b0 + m, *b2 = b1 + m;
  memset(b1, 0, 2 * m * sizeof *b1);
  for (size_t k = POINTS - 1; k > 0; k--) {
    for (size_t i = 0; i < m; i++) b0[i] = (coef[k * m + i] - b2[i]) + 2 * t * b1[i];
    double *spare = b2;
    b2 = b1;
    b1 = b0;
    b0 = spare;
  }
  for (size_t i = 0; i < m; i++) b0[i] = (coef[i] - b2[i]) + t * b1[i];
  return b0;
}
