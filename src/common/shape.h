/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file shape.h
 *  The shape of a file that the program writes: one row per key.  JSON schema and the page docs/formats.md are made of
 *  the rows, and a test holds them against what the commands write. */
#ifndef HOLOGRAD_COMMON_SHAPE_H
#define HOLOGRAD_COMMON_SHAPE_H
#include "common/json.h"

/** path: "result.predictions[].pull"; [] stands for every entry of an array, {} for every member of an object.
 *  type: number, integer, string, boolean, object, array, null, numbers (a list of numbers, null where there is none), strings,
 *  parameters ({"metric.theta":[...],"bulk.lambda":x}), table ({"columns":[...],"rows":[...]}) or any; several are
 *  separated by "|"; a leading "?" means that the key may be absent.  A row before those of the keys inside it. */
typedef struct com_shape {
  const char *path, *type, *doc;
} com_shape; /* ends with {0} */

extern const com_shape
    com_shape_envelope[]; /**< what every result has: schema, build, config, inputs, ..., volatile */
extern const com_shape com_shape_stamp[]; /**< provenance of the flat outputs */
/** JSON schema of an object with the rows of several tables.  Keys beyond the rows are allowed: a later 1.x may write more.
 *  @param tables [in] NULL-terminated  @return [out] caller frees; NULL without memory */
cJSON *com_shape_schema(const com_shape *const *tables);

#endif
