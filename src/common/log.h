/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file log.h  Levels, text on stderr, JSON lines with --log-json. */
#ifndef HOLOGRAD_COMMON_LOG_H
#define HOLOGRAD_COMMON_LOG_H
#include "common/ctx.h"

/** com_log(ctx, COM_INFO, "train.step", "iter = %ld, loss = %.6g", it, loss);
 *  text: "holograd: ..." ; JSON: {"t":1.23,"level":"info","event":"train.step","text":"iter = 3, loss = ..."} */
void com_log(com_ctx *c, com_level level, const char *event, const char *fmt, ...) COM_PRINTF(4, 5);

#endif
