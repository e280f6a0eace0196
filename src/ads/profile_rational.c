/* SPDX-License-Identifier: GPL-3.0-or-later */
/* w' = -z/(1 + z^2): a bend that falls only like 1/z. */
#include <math.h>
#include <stddef.h>
#include "ads/profile.h"

static void shape(double z, double w[3]) {
  const double q = 1 / (1 + z * z);
  w[0] = -0.5 * log1p(z * z);
  w[1] = -z * q;
  w[2] = (z * z - 1) * q * q;
}

const ads_profile_ops ads_profile_rational = {
    .c = {.name = "rational", .doc = "bend w' = -z/(1 + z^2)", .ref = "arXiv:2005.02636"}, .shape = shape};
