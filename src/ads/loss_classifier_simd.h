/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file loss_classifier_simd.h  The smoothed bump t(F) of 1802.08313 eq. (S.38) over a batch. */
#ifndef HOLOGRAD_ADS_LOSS_CLASSIFIER_SIMD_H
#define HOLOGRAD_ADS_LOSS_CLASSIFIER_SIMD_H
#include <stddef.h>

/** miss[i] = |t(F_i) - label_i| and its derivative slope[i] = d miss_i/dF_i; arrays of n, label 0 or 1. */
void ads_loss_classifier_simd_bump(size_t n, double eps, double steep, const double *F, const double *label,
                                   double *miss, double *slope);
#endif
