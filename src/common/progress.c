/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/progress.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/log.h"

enum { COLUMNS = 79 }; /* fits the narrowest terminal in use; never wraps */
static const double terminal_every = 0.1, log_every = 10; /* seconds: docs of progress.h */

struct com_progress {
  com_ctx *c;
  char *what;
  int terminal;
  double started, shown;
};

com_status com_progress_create(com_ctx *c, const char *what, com_progress **out) {
  com_progress *p;
  *out = NULL;
  COM_ALLOC(c, p = calloc(1, sizeof *p));
  p->c = c;
  if (!(p->what = strdup(what))) {
    free(p);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  FILE *err = com_ctx_err(c);
  p->terminal = err && isatty(fileno(err));
  p->started = com_ctx_elapsed(c);
  p->shown = p->terminal ? -terminal_every : p->started; /* a short batch job says nothing */
  *out = p;
  return COM_OK;
}

/* " 45 %, 12 s left" */
static void put_fraction(char *out, size_t n, double fraction, double spent) {
  out[0] = '\0';
  if (!(fraction >= 0)) return;
  double f = fraction > 1 ? 1 : fraction;
  int used = snprintf(out, n, " %3.0f %%", 100 * f);
  if (f > 0.01 && used > 0) { /* before that an estimate is a guess */
    double left = spent * (1 - f) / f;
    if (left < 120)
      snprintf(out + used, n - (size_t)used, ", %.0f s left", left);
    else if (left < 7200)
      snprintf(out + used, n - (size_t)used, ", %.0f min left", left / 60);
    else
      snprintf(out + used, n - (size_t)used, ", %.1f h left", left / 3600);
  }
}

/* Under the lock.  Blanks instead of escape codes, so that any terminal understands. */
static void draw(com_ctx *c, const char *line) {
  FILE *err = com_ctx_err(c);
  int *open = com_ctx_open_line(c), n = (int)strlen(line);
  fprintf(err, "\r%s%*s", line, *open > n ? *open - n : 0, "");
  fflush(err);
  *open = n;
}

void com_progress_update(com_progress *p, double fraction, const char *fmt, ...) {
  if (!p || com_ctx_level(p->c) < COM_INFO || com_ctx_no_progress(p->c)) return;
  double now = com_ctx_elapsed(p->c);
  if (now - p->shown < (p->terminal ? terminal_every : log_every)) return;
  p->shown = now;
  char share[64], text[256], line[512];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  put_fraction(share, sizeof share, fraction, now - p->started);
  snprintf(line, sizeof line, "%.80s%s%s%s", p->what, share, *text ? ": " : "", text);
  if (!p->terminal) {
    com_log(p->c, COM_INFO, "progress", "%s", line);
    return;
  }
  line[COLUMNS] = '\0';
  com_ctx_lock(p->c);
  draw(p->c, line);
  com_ctx_unlock(p->c);
}

void com_progress_destroy(com_progress *p) {
  if (!p) return;
  if (p->terminal) {
    com_ctx_lock(p->c);
    int *open = com_ctx_open_line(p->c);
    if (*open) {
      draw(p->c, "");
      fputs("\r", com_ctx_err(p->c));
      fflush(com_ctx_err(p->c));
    }
    *open = 0;
    com_ctx_unlock(p->c);
  }
  free(p->what);
  free(p);
}
