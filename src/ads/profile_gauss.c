/* SPDX-License-Identifier: GPL-3.0-or-later */
/* w' = -z exp(-z^2/2): a bend near z = 1 GeV^-1 that leaves both ends alone. */
#include <math.h>
#include <stddef.h>
#include "ads/profile.h"

static void shape(double z, double w[3]) {
  const double e = exp(-0.5 * z * z);
  w[0] = expm1(-0.5 * z * z);
  w[1] = -z * e;
  w[2] = (z * z - 1) * e;
}

const ads_profile_ops ads_profile_gauss = {
    .c = {.name = "gauss", .doc = "bend w' = -z exp(-z^2/2)", .ref = "arXiv:2005.02636"}, .shape = shape};
