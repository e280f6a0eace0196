/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file field_read.h  What field_read.c and field_choice.c share while reading.  Private to field*.c. */
#ifndef HOLOGRAD_COMMON_FIELD_READ_H
#define HOLOGRAD_COMMON_FIELD_READ_H
#include "common/field.h"

typedef struct com_field_read_job {
  com_ctx *c;
  com_status code; /**< of everything that the user got wrong */
  const char *file;
} com_field_read_job;

/** Where we are: a chain on the stack, made into "penalties[2].weight" only when a message needs it. */
typedef struct com_field_read_place {
  const struct com_field_read_place *up;
  const char *key; /**< NULL: entry `index` of an array */
  size_t index;
} com_field_read_place;

/** Rows and the struct that they fill.  An object may be described by several (shared and own rows). */
typedef struct com_field_read_layer {
  const com_field *f; /**< NULL = none */
  void *obj;
} com_field_read_layer;

/** "FILE: path = value: text" (value NULL: "FILE: path: text"), status job->code. */
com_status com_field_read_fail(const com_field_read_job *job, const com_field_read_place *at,
                               const cJSON *value, const char *fmt, ...) COM_PRINTF(4, 5);
/** Read the members of `in` into initialised structs.  typed: a member "type" is allowed, too. */
com_status com_field_read_rows(const com_field_read_job *job, const com_field_read_place *at, const cJSON *in,
                               size_t n, const com_field_read_layer *layers, int typed);

#endif
