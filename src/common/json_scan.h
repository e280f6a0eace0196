/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file json_scan.h
 *  The strict JSON scanner (RFC 8259, without its liberties): walks the text once and reports what it meets.  Knows
 *  nothing of trees, so json.c alone touches cJSON.  Private to json.c and the tests. */
#ifndef HOLOGRAD_COMMON_JSON_SCAN_H
#define HOLOGRAD_COMMON_JSON_SCAN_H
#include "common/ctx.h"

enum {
  COM_JSON_SCAN_DEPTH = 64,
  COM_JSON_SCAN_VALUES = 1 << 24
}; /* 16.7 million values need some 1.5 GB as a tree */

typedef enum com_json_scan_type {
  COM_JSON_SCAN_NULL,
  COM_JSON_SCAN_FALSE,
  COM_JSON_SCAN_TRUE,
  COM_JSON_SCAN_NUMBER, /**< x */
  COM_JSON_SCAN_STRING, /**< text */
  COM_JSON_SCAN_ARRAY,  /**< begins; its items follow, then COM_JSON_SCAN_END */
  COM_JSON_SCAN_OBJECT,
  COM_JSON_SCAN_END
} com_json_scan_type;

typedef struct com_json_scan_event {
  com_json_scan_type type;
  const char *key;  /**< decoded member name when the value sits in an object; borrowed for the call */
  const char *text; /**< decoded string; borrowed for the call */
  double x;
} com_json_scan_event;

typedef com_status (*com_json_scan_fn)(const com_json_scan_event *e, void *user);

/** Every event in order of the text.  The first failure of `fn` ends the scan and is returned.  COM_E_DATA
 *  "FILE:LINE:COLUMN: ..." (columns count characters) for anything that is not strict JSON. */
com_status com_json_scan(com_ctx *c, const char *file, const char *text, size_t n, com_json_scan_fn fn,
                         void *user);

#endif
