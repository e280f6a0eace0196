/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file result.h
 *  The envelope of every output: schema, build, config (resolved, re-runnable), inputs (path, sha256), result (with
 *  warnings), volatile (time, host, threads). */
#ifndef HOLOGRAD_COMMON_RESULT_H
#define HOLOGRAD_COMMON_RESULT_H
#include "common/json.h"
/** @param config [take] or NULL  @param result [take]; "warnings" is added to it from the context  @param out [out] */
com_status com_result_wrap(com_ctx *c, const char *schema, cJSON *config, cJSON *result, cJSON **out);
/** Flat outputs (dataset, background, evaluation): adds build, inputs, volatile and warnings under "provenance". */
com_status com_result_stamp(com_ctx *c, cJSON *flat);
/** "holograd/train-result/1" -> kind "train-result", major 1; COM_E_CONFIG when it is none of ours or a newer major. */
com_status com_result_schema(com_ctx *c, const char *file, const cJSON *j, char kind[48], int *version);
/** The config `j` must say "holograd/KIND/1": COM_E_CONFIG otherwise.  Asked before its keys are read, so that those of
 *  another kind of file are not called unknown. */
com_status com_result_expect(com_ctx *c, const char *file, const cJSON *j, const char *kind);
#endif
