/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file run.h  What the commands that optimise a state have in common: document to driver, the loop, the result document. */
#ifndef HOLOGRAD_NQS_RUN_H
#define HOLOGRAD_NQS_RUN_H
#include "nqs/driver.h"

/** nqs_driver_create for a document that must say holograd/nqs/1 (or hold such a config).  @param out [out] caller destroys */
com_status nqs_run_open(com_ctx *c, const char *file, const cJSON *j, nqs_driver **out);
/** Iterate until a stop reason; progress line; state saved to `checkpoint` (NULL: none) on the way and at the end. */
com_status nqs_run_loop(com_ctx *c, const char *checkpoint, nqs_driver *d);
com_status nqs_run_resume(com_ctx *c, const char *checkpoint, nqs_driver *d);
/** The document with the driver's config.  @param result [take]  @param doc [out] caller frees */
com_status nqs_run_wrap(com_ctx *c, nqs_driver *d, const char *schema, cJSON *result, cJSON **doc);
/** holograd/nqs-result/1, after nqs_driver_measure.  @param doc [out] caller frees */
com_status nqs_run_document(com_ctx *c, nqs_driver *d, cJSON **doc);
#endif
