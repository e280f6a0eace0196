/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file optim_state.h
 *  What the optimisers share: bounds, and finite arrays of fixed length in their JSON state. */
#ifndef HOLOGRAD_COMMON_OPTIM_STATE_H
#define HOLOGRAD_COMMON_OPTIM_STATE_H
#include "common/json.h"

/** Add v[n] under key, as a number when n = 1. */
com_status com_optim_state_put(com_ctx *c, cJSON *state, const char *key, size_t n, const double *v);
/** Read it back; COM_E_DATA when it is absent or has another length. */
com_status com_optim_state_take(com_ctx *c, const cJSON *state, const char *key, size_t n, double *v);
/** Copy of bounds[n], or n times `none` when bounds is NULL.  @param out [out] caller frees */
com_status com_optim_state_bounds(com_ctx *c, size_t n, const double *bounds, double none, double **out);
/** Does the descent direction -g push a variable at its bound outwards? */
int com_optim_state_active(double x, double g, double lo, double hi);
double com_optim_state_clamp(double x, double lo, double hi);
int com_optim_state_finite(size_t n, const double *v); /**< 1 when all are */
double com_optim_state_dot(size_t n, const double *a, const double *b);

#endif
