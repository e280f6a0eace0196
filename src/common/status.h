/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file status.h
 *  The one list of failures (with sentence and process exit code) and the one list of stop reasons.
 *  A stop reason is a result, never an error. */
#ifndef HOLOGRAD_COMMON_STATUS_H
#define HOLOGRAD_COMMON_STATUS_H

#define COM_STATUS_LIST(X)                                                                                   \
  X(COM_OK, 0, "success")                                                                                    \
  X(COM_E_NEGATIVE, 1, "ran, with a negative verdict")                                                       \
  X(COM_E_USAGE, 64, "the command line is not understood")                                                   \
  X(COM_E_DATA, 65, "input data are malformed")                                                              \
  X(COM_E_NOINPUT, 66, "no such input")                                                                      \
  X(COM_E_NUM, 70, "a numerical method failed")                                                              \
  X(COM_E_MEM, 71, "out of memory or another resource")                                                      \
  X(COM_E_CREATE, 73, "an output cannot be created")                                                         \
  X(COM_E_IO, 74, "reading or writing failed")                                                               \
  X(COM_E_CONFIG, 78, "the configuration is not acceptable")                                                 \
  X(COM_E_INTERRUPTED, 130, "interrupted")

#define X(id, exit_code, text) id,
typedef enum com_status { COM_STATUS_LIST(X) COM_STATUS_COUNT } com_status;
#undef X

#define COM_STOP_LIST(X)                                                                                     \
  X(COM_STOP_NONE, "none")                                                                                   \
  X(COM_STOP_LOSS_TOL, "loss_tol")                                                                           \
  X(COM_STOP_GRAD_TOL, "grad_tol")                                                                           \
  X(COM_STOP_STEP_TOL, "step_tol")                                                                           \
  X(COM_STOP_STALLED, "stalled")                                                                             \
  X(COM_STOP_MAX_ITER, "max_iter")                                                                           \
  X(COM_STOP_MAX_TIME, "max_time")                                                                           \
  X(COM_STOP_INTERRUPTED, "interrupted")

#define X(id, text) id,
typedef enum com_stop { COM_STOP_LIST(X) COM_STOP_COUNT } com_stop;
#undef X

const char *com_status_text(com_status s);                  /**< one sentence */
int com_status_exit(com_status s);                          /**< process exit code of SPEC section 1 */
const char *com_status_stop_name(com_stop s);               /**< "loss_tol": what goes into the result */
int com_status_stop_parse(const char *name, com_stop *out); /**< 1 when the name is known */

/* The error macros.  None reads a variable that it was not given, except `status` in COM_GOTO. */
#define COM_TRY(expr)                                                                                        \
  do {                                                                                                       \
    com_status st_ = (expr);                                                                                 \
    if (st_) return st_;                                                                                     \
  } while (0)
#define COM_GOTO(label, expr)                                                                                \
  do {                                                                                                       \
    if ((status = (expr))) goto label;                                                                       \
  } while (0)
/** Fail with a one-line text: file, key path, value, expectation, remedy. */
#define COM_CHECK(ctx, cond, code, ...)                                                                      \
  do {                                                                                                       \
    if (!(cond)) return com_ctx_fail((ctx), (code), __FILE__, __LINE__, __VA_ARGS__);                        \
  } while (0)
#define COM_FAIL(ctx, code, ...) com_ctx_fail((ctx), (code), __FILE__, __LINE__, __VA_ARGS__)
/** Allocation check: COM_ALLOC(ctx, p = calloc(n, sizeof *p)). */
#define COM_ALLOC(ctx, assignment)                                                                           \
  do {                                                                                                       \
    if (!(assignment)) return com_ctx_fail((ctx), COM_E_MEM, __FILE__, __LINE__, "out of memory");           \
  } while (0)

#if defined(__GNUC__)
#define COM_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define COM_PRINTF(a, b)
#endif

#endif
