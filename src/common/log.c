/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/log.h"
#include <stdarg.h>
#include <stdio.h>
#include "common/text.h"

void com_log(com_ctx *c, com_level level, const char *event, const char *fmt, ...) {
  static const char *const names[] = {"error", "warn", "info", "debug", "trace"};
  FILE *err = com_ctx_err(c), *json = com_ctx_json(c);
  if ((int)level > com_ctx_level(c) || (!err && !json)) return;
  char text[8192];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  com_text line = {0};
  if (json) {
    com_text_printf(&line, "{\"t\":%.6f,\"level\":\"%s\",\"event\":", com_ctx_elapsed(c), names[level]);
    com_text_quote(&line, event);
    com_text_add(&line, ",\"text\":");
    com_text_quote(&line, text);
    com_text_add(&line, "}\n");
  }
  com_ctx_lock(c);
  if (err) {
    int *open = com_ctx_open_line(c);
    if (*open) fprintf(err, "\r%*s\r", *open, "");
    *open = 0;
    fprintf(err, "holograd: %s%s\n",
            level == COM_WARN    ? "warning: "
            : level == COM_ERROR ? "error: "
                                 : "",
            text);
    fflush(err);
  }
  if (json && line.s && !line.failed) { /* a log that cannot be written is no reason to lose the run */
    fputs(line.s, json);
    fflush(json);
  }
  com_ctx_unlock(c);
  com_text_finish(&line);
}
