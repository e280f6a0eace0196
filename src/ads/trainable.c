/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/trainable.h"

const char *const ads_trainable_coordinates[] = {"auto", "log", "natural", NULL};
