/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file params.h
 *  The flat vector of all parameters of a fit, made of named blocks ("metric.theta", "bulk.lambda", "dictionary.L",
 *  "metric[T207].theta").  Optimisers see x: the trained entries only, with log blocks as logarithms. */
#ifndef HOLOGRAD_COMMON_PARAMS_H
#define HOLOGRAD_COMMON_PARAMS_H
#include "common/json.h"

typedef struct com_params com_params;
typedef struct com_block {
  const char *name;
  size_t n, off;    /**< entries off .. off+n of the full vector */
  int scalar;       /**< written as a number rather than an array */
  int trained, log; /**< log: x = ln p; requires p > 0 */
  double lo, hi;    /**< bounds on p (natural units); -inf, inf when none */
} com_block;

com_status com_params_create(com_ctx *c, com_params **out);
void com_params_destroy(com_params *p);
com_status com_params_copy(com_ctx *c, const com_params *p, com_params **out);
com_status com_params_add(com_ctx *c, com_params *p, const com_block *b); /**< off is assigned; name copied */
size_t com_params_n_blocks(const com_params *p);
const com_block *com_params_block(const com_params *p, size_t i);
const com_block *com_params_find(const com_params *p, const char *name); /**< NULL when absent */
void com_params_label(const com_params *p, size_t i, char out[64]); /**< "metric.theta[3]", "bulk.lambda" */
size_t com_params_n(const com_params *p);                           /**< full length */
double *com_params_data(com_params *p);                             /**< natural values, full vector */
const double *com_params_values(const com_params *p);

size_t com_params_n_trained(const com_params *p);
size_t com_params_trained_index(const com_params *p, size_t k);           /**< full index of x[k] */
int com_params_trained_log(const com_params *p, size_t k);                /**< is x[k] a logarithm */
void com_params_pack(const com_params *p, const double *full, double *x); /**< natural full -> x */
void com_params_unpack(const com_params *p, const double *x,
                       double *full); /**< x -> natural; untrained kept */
/** Chain rule d/dx from d/dp: gx[k] = gfull[i(k)] (times p for log blocks). Works for a Jacobian row as well. */
void com_params_chain(const com_params *p, const double *full, const double *gfull, double *gx);
void com_params_bounds(const com_params *p, double *lo, double *hi); /**< in x */

cJSON *com_params_json(const com_params *p,
                       const double *full); /**< {"metric.theta":[...],"bulk.lambda":x} */
/** Overlay values from such an object; unknown names and wrong lengths are COM_E_DATA. */
com_status com_params_read(com_ctx *c, const char *file, const cJSON *in, com_params *p);

#endif
