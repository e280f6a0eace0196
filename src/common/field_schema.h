/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file field_schema.h  Private to field*.c. */
#ifndef HOLOGRAD_COMMON_FIELD_SCHEMA_H
#define HOLOGRAD_COMMON_FIELD_SCHEMA_H
#include "common/field.h"

/** oneOf over the components of a kind; "type" may be left out for the component named `otherwise` (NULL: for none).
 *  @return [out] caller frees; NULL without memory */
cJSON *com_field_schema_kind(const com_kind *k, const char *otherwise);

#endif
