/* SPDX-License-Identifier: GPL-3.0-or-later */
/* w' = -z/(1 + z^2)^2: a bend with an algebraic tail. */
#include <math.h>
#include <stddef.h>
#include "ads/profile.h"

static void shape(double z, double w[3]) {
  const double q = 1 / (1 + z * z);
  w[0] = 0.5 * (q - 1);
  w[1] = -z * q * q;
  w[2] = (3 * z * z - 1) * q * q * q;
}

const ads_profile_ops ads_profile_lorentz = {
    .c = {.name = "lorentz", .doc = "bend w' = -z/(1 + z^2)^2", .ref = "arXiv:2005.02636"}, .shape = shape};
