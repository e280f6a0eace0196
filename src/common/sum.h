/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sum.h  Compensated summation (Neumaier, ZAMM 54, 39 (1974)): the sum as if carried with twice the digits. */
#ifndef HOLOGRAD_COMMON_SUM_H
#define HOLOGRAD_COMMON_SUM_H

/** Starts as {0}. */
typedef struct com_sum {
  double sum, lost; /**< running sum, and what its roundings dropped */
} com_sum;
void com_sum_add(com_sum *s, double x);
double com_sum_value(const com_sum *s);

#endif
