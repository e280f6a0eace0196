/* SPDX-License-Identifier: GPL-3.0-or-later */
/* w' = -z exp(-z): a bend with a longer tail. */
#include <math.h>
#include <stddef.h>
#include "ads/profile.h"

static void shape(double z, double w[3]) {
  const double e = exp(-z);
  w[0] = (1 + z) * e - 1;
  w[1] = -z * e;
  w[2] = (z - 1) * e;
}

const ads_profile_ops ads_profile_exponential = {
    .c = {.name = "exponential", .doc = "bend w' = -z exp(-z)", .ref = "arXiv:2005.02636"}, .shape = shape};
