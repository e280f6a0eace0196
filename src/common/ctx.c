/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* sched_getaffinity: "all cores" means those that we may use */
#endif
#include "common/ctx.h"
#include <gsl/gsl_errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif
#include "common/log.h"
#include "common/text.h"

enum { ERROR_BYTES = 8192 }; /* fixed, so that "out of memory" can still be said; room for two PATH_MAX */

struct com_ctx {
  pthread_mutex_t lock;
  com_ctx_opts o;
  const com_ctx *parent; /* its stop reasons are ours */
  struct timespec start;
  int open_line;
  size_t n_warnings, n_inputs;
  com_warning *warnings;
  const char *who; /* com_ctx_warn_as */
  com_input *inputs;
  char error[ERROR_BYTES], about[PATH_MAX];
  com_status failed;      /* the code that belongs to it */
  atomic_int own_ran_out; /* COM_E_MEM was recorded, here or below */
  atomic_int *ran_out;    /* that of the first ancestor */
};

static int all_cores(void) {
#ifdef __linux__
  cpu_set_t set;
  if (!sched_getaffinity(0, sizeof set, &set) && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

com_status com_ctx_create(const com_ctx_opts *o, com_ctx **out) {
  *out = NULL;
  com_ctx *c = calloc(1, sizeof *c);
  if (!c) return COM_E_MEM;
  if (pthread_mutex_init(&c->lock, NULL)) {
    free(c);
    return COM_E_MEM;
  }
  c->o = o ? *o : (com_ctx_opts){.seed = 1, .log_level = COM_WARN, .threads = 1};
  if (c->o.threads < 1) c->o.threads = all_cores();
  c->ran_out = &c->own_ran_out;
  clock_gettime(CLOCK_MONOTONIC, &c->start);
  gsl_set_error_handler_off(); /* the default handler aborts the process */
  *out = c;
  return COM_OK;
}

com_status com_ctx_child(const com_ctx *parent, com_ctx **out) {
  const com_ctx_opts o = {
      .seed = com_ctx_seed(parent), .log_level = COM_ERROR, .threads = 1, .no_progress = 1};
  COM_TRY(com_ctx_create(&o, out));
  (*out)->parent = parent;
  if (parent) (*out)->ran_out = parent->ran_out;
  return COM_OK;
}

void com_ctx_destroy(com_ctx *c) {
  if (!c) return;
  for (size_t i = 0; i < c->n_warnings; i++) {
    free(c->warnings[i].code);
    free(c->warnings[i].text);
  }
  for (size_t i = 0; i < c->n_inputs; i++) free(c->inputs[i].path);
  free(c->warnings);
  free(c->inputs);
  pthread_mutex_destroy(&c->lock);
  free(c);
}

/* One line of UTF-8, and nothing that a terminal would obey. */
static void one_line(char *s) {
  for (; *s; s++) {
    unsigned char u = (unsigned char)*s;
    const size_t n = u < 0x80 ? 1 : com_text_utf8(s, strlen(s));
    if (u == '\n' || u == '\r' || u == '\t')
      *s = ' ';
    else if (u < 0x20 || u == 0x7f || n == 0)
      *s = '?';
    else
      s += n - 1;
  }
}

com_status com_ctx_fail(com_ctx *c, com_status code, const char *file, int line, const char *fmt, ...) {
  if (!c) return code;
  char text[ERROR_BYTES]; /* not formatted in place: the arguments may quote the previous error */
  va_list ap;
  com_ctx_lock(c);
  const int named = code != COM_E_CONFIG || !*c->about || !strncmp(fmt, "%s: ", 4);
  const size_t n = named ? 0 : (size_t)snprintf(text, sizeof text, "%s: ", c->about);
  va_start(ap, fmt);
  vsnprintf(text + n, sizeof text - n, fmt, ap);
  va_end(ap);
  if (n && !strncmp(text, text + n, n))
    memmove(text, text + n, strlen(text + n) + 1); /* passed on, with its file */
  one_line(text);
  const int follows = c->failed == COM_E_MEM && code == COM_E_NUM;
  if (!follows) {
    memcpy(c->error, text, sizeof text);
    c->failed = code;
  }
  com_ctx_unlock(c);
  if (code == COM_E_MEM) atomic_store(c->ran_out, 1);
  com_log(c, COM_TRACE, "fail", "%s:%d: %s", file, line, text);
  return follows ? COM_E_MEM : code;
}

void com_ctx_about(com_ctx *c, const char *file) {
  if (!c) return;
  com_ctx_lock(c);
  if (snprintf(c->about, sizeof c->about, "%s", file) >= (int)sizeof c->about) *c->about = '\0';
  com_ctx_unlock(c);
}

com_status com_ctx_while(com_ctx *c, com_status code, const char *fmt, ...) {
  if (!c || !code) return code;
  char text[ERROR_BYTES];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  one_line(text);
  com_ctx_lock(c);
  size_t n = strlen(c->error);
  snprintf(c->error + n, sizeof c->error - n, " (while %s)", text);
  com_ctx_unlock(c);
  return code;
}

const char *com_ctx_error(const com_ctx *c) { return c ? c->error : ""; }

void com_ctx_clear(com_ctx *c) {
  if (!c) return;
  com_ctx_lock(c);
  c->error[0] = '\0';
  c->failed = COM_OK;
  com_ctx_unlock(c);
}

com_status com_ctx_enough_memory(com_ctx *c) {
  COM_CHECK(c, !c || !atomic_load(c->ran_out), COM_E_MEM, "out of memory");
  return COM_OK;
}

/* Under the lock: 1 when (code, text) is new.  Without memory the warning is still logged, but the result would lack it. */
static int keep_warning(com_ctx *c, const char *code, const char *text) {
  for (size_t i = 0; i < c->n_warnings; i++)
    if (!strcmp(c->warnings[i].code, code) && (c->who || !strcmp(c->warnings[i].text, text))) return 0;
  com_warning w = {strdup(code), strdup(text)};
  com_warning *all = realloc(c->warnings, (c->n_warnings + 1) * sizeof *all);
  if (all) c->warnings = all;
  if (all && w.code && w.text)
    c->warnings[c->n_warnings++] = w;
  else {
    free(w.code);
    free(w.text);
    atomic_store(c->ran_out, 1);
  }
  return 1;
}

void com_ctx_warn(com_ctx *c, const char *code, const char *fmt, ...) {
  if (!c) return;
  char text[ERROR_BYTES];
  va_list ap;
  size_t n = 0;
  if (c->who) n = (size_t)snprintf(text, sizeof text, "%.100s: ", c->who);
  va_start(ap, fmt);
  vsnprintf(text + n, sizeof text - n, fmt, ap);
  va_end(ap);
  one_line(text);
  com_ctx_lock(c);
  int fresh = keep_warning(c, code, text);
  com_ctx_unlock(c);
  if (fresh) com_log(c, COM_WARN, code, "%s", text);
}

void com_ctx_warn_as(com_ctx *c, const char *who) {
  if (c) c->who = who;
}

size_t com_ctx_n_warnings(const com_ctx *c) { return c ? c->n_warnings : 0; }
const com_warning *com_ctx_warnings(const com_ctx *c) { return c ? c->warnings : NULL; }

com_status com_ctx_input(com_ctx *c, const char *path, const char sha256_hex[65]) {
  if (!c) return COM_OK;
  com_ctx_lock(c);
  size_t i = 0;
  while (i < c->n_inputs && strcmp(c->inputs[i].path, path)) i++;
  const int known = i < c->n_inputs;
  char *copy = known ? NULL : strdup(path);
  com_input *all = copy ? realloc(c->inputs, (i + 1) * sizeof *all) : NULL;
  if (all) {
    c->inputs = all;
    c->inputs[c->n_inputs++].path = copy;
    memcpy(c->inputs[i].sha256, sha256_hex, sizeof c->inputs[i].sha256);
  } else
    free(copy);
  com_ctx_unlock(c);
  COM_CHECK(c, known || all, COM_E_MEM, "out of memory");
  return COM_OK;
}

size_t com_ctx_n_inputs(const com_ctx *c) { return c ? c->n_inputs : 0; }
const com_input *com_ctx_inputs(const com_ctx *c) { return c ? c->inputs : NULL; }
uint64_t com_ctx_seed(const com_ctx *c) { return c ? c->o.seed : 1; }
void com_ctx_reseed(com_ctx *c, uint64_t seed) {
  if (c) c->o.seed = seed;
}
int com_ctx_threads(const com_ctx *c) { return c ? c->o.threads : 1; }

com_stop com_ctx_stop(const com_ctx *c) {
  if (!c) return COM_STOP_NONE;
  if (c->parent) return com_ctx_stop(c->parent);
  if (c->o.cancel && *c->o.cancel) return COM_STOP_INTERRUPTED;
  if (c->o.max_time > 0 && com_ctx_elapsed(c) >= c->o.max_time) return COM_STOP_MAX_TIME;
  return COM_STOP_NONE;
}

com_status com_ctx_cancelled(com_ctx *c, const char *what) {
  COM_CHECK(c, com_ctx_stop(c) != COM_STOP_INTERRUPTED, COM_E_INTERRUPTED, "%s: interrupted", what);
  return COM_OK;
}

double com_ctx_elapsed(const com_ctx *c) {
  if (!c) return 0;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - c->start.tv_sec) + 1e-9 * (double)(now.tv_nsec - c->start.tv_nsec);
}

int com_ctx_level(const com_ctx *c) { return c ? c->o.log_level : COM_ERROR; }
int com_ctx_no_progress(const com_ctx *c) { return c && c->o.no_progress; }
struct com_comm *com_ctx_comm(const com_ctx *c) {
  return c ? c->o.comm : NULL;
}
FILE *com_ctx_err(const com_ctx *c) { return c ? c->o.err : NULL; }
FILE *com_ctx_json(const com_ctx *c) { return c ? c->o.json : NULL; }
int *com_ctx_open_line(com_ctx *c) { return &c->open_line; }

void com_ctx_lock(com_ctx *c) {
  if (c) pthread_mutex_lock(&c->lock);
}

void com_ctx_unlock(com_ctx *c) {
  if (c) pthread_mutex_unlock(&c->lock);
}
