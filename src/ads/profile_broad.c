/* SPDX-License-Identifier: GPL-3.0-or-later */
/* w' = -z exp(-z^2/50): a bend five times as wide as gauss. */
#include <math.h>
#include <stddef.h>
#include "ads/profile.h"

static void shape(double z, double w[3]) {
  const double e = exp(-z * z / 50);
  w[0] = 25 * expm1(-z * z / 50);
  w[1] = -z * e;
  w[2] = (z * z / 25 - 1) * e;
}

const ads_profile_ops ads_profile_broad = {
    .c = {.name = "broad", .doc = "bend w' = -z exp(-z^2/50)", .ref = "arXiv:2005.02636"}, .shape = shape};
