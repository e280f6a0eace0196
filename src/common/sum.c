/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/sum.h"
#include <math.h>

void com_sum_add(com_sum *s, double x) {
  const double t = s->sum + x;
  s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
  s->sum = t;
}

double com_sum_value(const com_sum *s) { return s->sum + s->lost; }
