/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file series.h
 *  Any result as a flat list of named series of numbers with errors where the file gives them: columns of tables,
 *  members of arrays of objects, arrays and scalars.  What `diff` compares. */
#ifndef HOLOGRAD_COMMON_SERIES_H
#define HOLOGRAD_COMMON_SERIES_H
#include "common/json.h"

typedef struct com_series {
  char *name, *unit; /**< "predictions.predicted_response"; unit "" = not said */
  size_t n;
  double *v, *err; /**< [n]; null is NAN; err NULL = none */
} com_series;

typedef struct com_series_list {
  size_t n;
  com_series *v;
} com_series_list;

/** @param out [out] com_series_finish it, also after a failure */
com_status com_series_collect(com_ctx *c, const char *file, const cJSON *j, com_series_list *out);
const com_series *com_series_find(const com_series_list *l, const char *name); /**< NULL when absent */
void com_series_finish(com_series_list *l);
/** The member of `obj` that holds the errors of member `key`: "KEY_error", or "error(s)" beside a mean, a value or a
 *  response; NULL when none does. */
const cJSON *com_series_error(const cJSON *obj, const char *key);
int com_series_is_error(const char *key); /**< is a member of this name an error of another? */

#endif
