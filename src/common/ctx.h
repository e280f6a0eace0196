/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ctx.h
 *  The context: log sink, error text, warnings, list of inputs read, root seed, threads, cancel flag, deadline.
 *  One per run; no mutable globals anywhere.  fail, warn, log and input are guarded by a mutex, so pool
 *  workers may use the context. */
#ifndef HOLOGRAD_COMMON_CTX_H
#define HOLOGRAD_COMMON_CTX_H
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "common/status.h"

typedef struct com_ctx com_ctx;
typedef enum com_level { COM_ERROR, COM_WARN, COM_INFO, COM_DEBUG, COM_TRACE } com_level;

typedef struct com_ctx_opts {
  uint64_t seed;
  int log_level;                       /**< com_level; messages above it are dropped */
  int threads;                         /**< 0 = all cores */
  const volatile sig_atomic_t *cancel; /**< [keep] non-zero asks for a polite stop; NULL = never */
  double max_time;       /**< seconds from creation after which com_ctx_stop says max_time; 0 = none */
  FILE *err;             /**< [keep] where messages go; NULL = nowhere */
  FILE *json;            /**< [keep] JSON-lines copy of the log; NULL = none */
  int no_progress;       /**< com_progress stays silent */
  struct com_comm *comm; /**< [keep] processes that share the run (comm.h); NULL = alone */
} com_ctx_opts;

typedef struct com_warning {
  char *code, *text;
} com_warning;
typedef struct com_input {
  char *path;
  char sha256[65];
} com_input;

/** @param o [in] NULL = defaults (seed 1, silent, 1 thread); GSL's aborting error handler is switched off.
 *  @param out [out] caller destroys */
com_status com_ctx_create(const com_ctx_opts *o, com_ctx **out);
/** A silent context for a job in a worker: the parent's seed and stop reasons, one thread, errors and warnings of its own.
 *  @param parent [keep]  @param out [out] caller destroys */
com_status com_ctx_child(const com_ctx *parent, com_ctx **out);
void com_ctx_destroy(com_ctx *c); /**< NULL is fine */

/** Record an error text and return `code`.  Newlines in it are replaced: an error is one line. ctx may be NULL.  COM_E_NUM after an
 *  uncleared COM_E_MEM is its consequence (an integrand that found no memory is "not finite"): the first stays, and is returned. */
com_status com_ctx_fail(com_ctx *c, com_status code, const char *file, int line, const char *fmt, ...)
    COM_PRINTF(5, 6);
/** The file that a COM_E_CONFIG is about from now on; com_field_read and com_field_choice_read say it.  It is put before the text, unless
 *  the format begins with "%s: ", a file of its own. */
void com_ctx_about(com_ctx *c, const char *file);
/** Append " (while ...)" to the recorded text and return `code` unchanged. */
com_status com_ctx_while(com_ctx *c, com_status code, const char *fmt, ...) COM_PRINTF(3, 4);
const char *com_ctx_error(const com_ctx *c); /**< text of the last failure, "" when none; borrowed */
void com_ctx_clear(com_ctx *c);              /**< forget the recorded failure (it was expected and handled) */
/** COM_E_MEM once any work for this context or its children has failed for lack of memory, whether or not somebody has cleared it: what
 *  was skipped then (a start that "failed", a sample that was "off") may have changed the result, so com_fs_write asks here first. */
com_status com_ctx_enough_memory(com_ctx *c);

/** What a careful colleague would say; kept once per (code, text), logged at once, and written into the result. */
void com_ctx_warn(com_ctx *c, const char *code, const char *fmt, ...) COM_PRINTF(3, 4);
/** Work done on behalf of something that has a name ("resnet 15"): until the next call warnings begin with it, and of those that differ
 *  in their numbers only the first of each code is kept and logged.  @param who [keep] NULL ends it */
void com_ctx_warn_as(com_ctx *c, const char *who);
size_t com_ctx_n_warnings(const com_ctx *c);
const com_warning *com_ctx_warnings(const com_ctx *c); /**< borrowed */
/** Remember an input file for provenance (once per path); COM_E_MEM when that cannot be. */
com_status com_ctx_input(com_ctx *c, const char *path, const char sha256_hex[65]);
size_t com_ctx_n_inputs(const com_ctx *c);
const com_input *com_ctx_inputs(const com_ctx *c); /**< borrowed */

uint64_t com_ctx_seed(const com_ctx *c);
void com_ctx_reseed(com_ctx *c, uint64_t seed); /**< the config's seed, when the command line gave none */
int com_ctx_threads(const com_ctx *c);          /**< >= 1 */
com_stop com_ctx_stop(const com_ctx *c); /**< COM_STOP_INTERRUPTED, COM_STOP_MAX_TIME or COM_STOP_NONE */
/** For loops that cannot keep what they have: COM_E_INTERRUPTED "what: interrupted" once cancel was asked for. */
com_status com_ctx_cancelled(com_ctx *c, const char *what);
double com_ctx_elapsed(const com_ctx *c); /**< seconds since creation */
int com_ctx_level(const com_ctx *c);
int com_ctx_no_progress(const com_ctx *c);
struct com_comm *com_ctx_comm(const com_ctx *c); /**< NULL when alone; only process 0 writes files */
FILE *com_ctx_err(const com_ctx *c);             /**< may be NULL */
FILE *com_ctx_json(const com_ctx *c);            /**< may be NULL */
void com_ctx_lock(com_ctx *c);                   /**< for log.c and progress.c */
void com_ctx_unlock(com_ctx *c);
/** Columns of an unfinished progress line on err (0 = none); read and write it under the lock. [in] c not NULL */
int *com_ctx_open_line(com_ctx *c);

#endif
