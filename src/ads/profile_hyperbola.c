/* SPDX-License-Identifier: GPL-3.0-or-later */
/* w' = -z/sqrt(1 + z^2): a bend that tends to a constant, so that the wall is reached late. */
#include <math.h>
#include <stddef.h>
#include "ads/profile.h"

static void shape(double z, double w[3]) {
  const double q = 1 / sqrt(1 + z * z);
  w[0] = 1 - 1 / q;
  w[1] = -z * q;
  w[2] = -q * q * q;
}

const ads_profile_ops ads_profile_hyperbola = {
    .c = {.name = "hyperbola", .doc = "bend w' = -z/sqrt(1 + z^2)", .ref = "arXiv:2005.02636"},
    .shape = shape};
