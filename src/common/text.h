/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file text.h
 *  A string that grows.  Failure is sticky: append freely, look at `failed` (or com_text_take) once at the end. */
#ifndef HOLOGRAD_COMMON_TEXT_H
#define HOLOGRAD_COMMON_TEXT_H
#include "common/ctx.h"

typedef struct com_text {
  char *s;  /**< NUL-terminated heap string, NULL while empty */
  size_t n; /**< bytes without the final NUL */
  size_t cap;
  int failed; /**< out of memory: everything after it is ignored */
} com_text;   /* start with {0} */

void com_text_add(com_text *t, const char *s); /**< NULL adds nothing */
void com_text_bytes(com_text *t, const char *s, size_t n);
void com_text_fill(com_text *t, char ch, size_t n); /**< ch, n times */
void com_text_printf(com_text *t, const char *fmt, ...) COM_PRINTF(2, 3);
/** A JSON string with its quotes.  Bytes that are not UTF-8 become U+FFFD, so that the result is always valid JSON. */
void com_text_quote(com_text *t, const char *s);
enum { COM_TEXT_TIME = 16 };
/** A time that is only estimated, to one digit: "0.3 s", "20 s", "5 min", "2 h", "30 days"; `out` is returned. */
const char *com_text_time(double seconds, char out[COM_TEXT_TIME]);
/** Hand over the string ("" when nothing was added); COM_E_MEM when anything failed. @param out [out] caller frees */
com_status com_text_take(com_ctx *c, com_text *t, char **out);
void com_text_finish(com_text *t);
/** Length (1-4) of the valid UTF-8 sequence at s, of at most n bytes; 0 when it is none (overlong, surrogate, > U+10FFFF). */
size_t com_text_utf8(const char *s, size_t n);

#endif
