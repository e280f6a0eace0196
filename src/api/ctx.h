/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ctx.h
 *  What the public context is inside.  Every object and every holograd_run() works with a context of its own, so that
 *  neither its seed, nor its deadline, nor the warnings and inputs in its result depend on what was done before; what
 *  goes wrong, and what is to be warned of, is carried over to the public one. */
#ifndef HOLOGRAD_API_CTX_H
#define HOLOGRAD_API_CTX_H
#include <holograd/common.h>
#include "common/json.h"

/** A fresh context with the options of `c`.  @param out [out] com_ctx_destroy it */
com_status holograd_ctx_fork(holograd_ctx *c, com_ctx **out);
/** Carry error and new warnings of `from`, if there is one, over to `c`; the status as the public one.
 *  @param seen [in,out] number of warnings already carried over */
holograd_status holograd_ctx_join(holograd_ctx *c, const com_ctx *from, size_t *seen, com_status s);
/** Parse a document that the caller hands in as text.  @param out [out] com_json_free it */
com_status holograd_ctx_parse(com_ctx *c, const char **name, const char *text, cJSON **out);
/** Text of a document; none once memory has run out in `c` (com_ctx_enough_memory).  @param j [take]  @param text [out] */
com_status holograd_ctx_text(com_ctx *c, cJSON *j, char **text);

#endif
