/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file progress.h  One throttled line on stderr: at most 10 Hz on a terminal, a plain line every 10 s in a batch
 *  log at level info, nothing with -q.  Owned by the caller of the loop. */
#ifndef HOLOGRAD_COMMON_PROGRESS_H
#define HOLOGRAD_COMMON_PROGRESS_H
#include "common/ctx.h"

typedef struct com_progress com_progress;
com_status com_progress_create(com_ctx *c, const char *what, com_progress **out); /**< c [keep] */
/** fraction in [0,1], or < 0 when unknown (then no bar, no ETA). */
void com_progress_update(com_progress *p, double fraction, const char *fmt, ...) COM_PRINTF(3, 4);
void com_progress_destroy(com_progress *p); /**< clears the line; NULL is fine */

#endif
