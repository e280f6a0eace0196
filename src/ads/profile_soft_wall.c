/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phi = k z^2, A = -log z (Karch, Katz, Son, Stephanov hep-ph/0602229): m^2 = 4 k (n + S), the same k for both spins. */
#include <stddef.h>
#include "ads/profile.h"

const ads_profile_ops ads_profile_soft_wall = {.c = {.name = "soft_wall",
                                                     .doc = "the soft wall, no bend: m^2 = 4 k (n + S)",
                                                     .ref = "arXiv:hep-ph/0602229"},
                                               .shape = NULL};
