/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file field_choice.h  Life of a com_choice for the other field files.  Private to field*.c. */
#ifndef HOLOGRAD_COMMON_FIELD_CHOICE_H
#define HOLOGRAD_COMMON_FIELD_CHOICE_H
#include "common/field_read.h"

/** Defaults of the component `type` (NULL: none chosen). */
com_status com_field_choice_init(com_ctx *c, const com_kind *k, const com_component *type, com_choice *ch);
/** @param type [in] used when `in` has no "type"; NULL: "type" is required. `out` is finished first. */
com_status com_field_choice_place(const com_field_read_job *job, const com_field_read_place *at,
                                  const com_kind *k, const char *type, const cJSON *in, com_choice *out);
const com_component *com_field_choice_find(const com_kind *k, const char *name); /**< NULL when unknown */
com_status com_field_choice_copy(com_ctx *c, const com_kind *k, const com_choice *from, com_choice *to);

#endif
