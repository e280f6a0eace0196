/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file nqs.h  The boundary side: lattices, Hamiltonians, wave functions, sampling, stochastic reconfiguration, exact states. */
#ifndef HOLOGRAD_HOLOGRAD_NQS_H
#define HOLOGRAD_HOLOGRAD_NQS_H
#include "holograd/common.h"
#include "nqs/driver.h"
#include "nqs/exact.h"
#endif
