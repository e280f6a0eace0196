/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file field_preset.h  Private to field*.c. */
#ifndef HOLOGRAD_COMMON_FIELD_PRESET_H
#define HOLOGRAD_COMMON_FIELD_PRESET_H
#include "common/field.h"

/** `in` with what its preset adds.  @param out [out] com_json_free it; NULL when there is nothing to add: use `in` */
com_status com_field_preset_apply(com_ctx *c, const com_field *f, const cJSON *in, cJSON **out);

#endif
