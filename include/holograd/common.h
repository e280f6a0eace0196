/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file common.h
 *  What every user of the library needs: status codes, the context, and holograd_run(), which does the work of a
 *  command of the program on JSON text.
 *
 *  Conventions of all three headers:
 *  - Functions that can fail return a ::holograd_status; holograd_ctx_error() then has one line of text.  A reason to
 *    stop (::holograd_stop) is a result, not an error.
 *  - The library never prints, exits, or reads the environment; messages go only where ::holograd_ctx_opts says.
 *  - Objects are opaque.  `_create` allocates, `_destroy` frees and takes NULL.  Text that is handed out is freed with
 *    holograd_text_free().  Pointers to const that are handed out are borrowed from their object.
 *  - Arrays are flat, row-major, of double; sizes stand beside them.  Outputs that may be NULL say so.
 *  - Different objects may be used by different threads at the same time; one object by one thread at a time.
 *  - Configurations and results are the JSON documents of the program (`holograd schema KIND`, docs/formats.md).
 *    Relative file names in a configuration resolve beside `name`, which is also what messages call it. */
#ifndef HOLOGRAD_HOLOGRAD_COMMON_H
#define HOLOGRAD_HOLOGRAD_COMMON_H
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
/** Marks what the shared library exports. */
#define HOLOGRAD_API __attribute__((visibility("default")))
#else
#define HOLOGRAD_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** What a call came to.  The values are the exit codes of the program. */
typedef enum holograd_status {
  HOLOGRAD_OK = 0,           /**< success */
  HOLOGRAD_NEGATIVE = 1,     /**< ran, with a negative verdict */
  HOLOGRAD_E_USAGE = 64,     /**< an argument is not acceptable */
  HOLOGRAD_E_DATA = 65,      /**< input data are malformed */
  HOLOGRAD_E_NOINPUT = 66,   /**< no such input file */
  HOLOGRAD_E_NUM = 70,       /**< a numerical method failed */
  HOLOGRAD_E_MEM = 71,       /**< out of memory or another resource */
  HOLOGRAD_E_CREATE = 73,    /**< an output cannot be created */
  HOLOGRAD_E_IO = 74,        /**< reading or writing failed */
  HOLOGRAD_E_CONFIG = 78,    /**< the configuration is not acceptable */
  HOLOGRAD_INTERRUPTED = 130 /**< interrupted by the cancel flag */
} holograd_status;

/** Why an iteration ended. */
typedef enum holograd_stop {
  HOLOGRAD_STOP_NONE,       /**< it has not: go on */
  HOLOGRAD_STOP_LOSS_TOL,   /**< the loss is below its tolerance */
  HOLOGRAD_STOP_GRAD_TOL,   /**< the gradient is below its tolerance */
  HOLOGRAD_STOP_STEP_TOL,   /**< the step is below its tolerance */
  HOLOGRAD_STOP_STALLED,    /**< steps no longer gain what the data can tell */
  HOLOGRAD_STOP_MAX_ITER,   /**< as many steps as the configuration allows */
  HOLOGRAD_STOP_MAX_TIME,   /**< as much time as the context allows */
  HOLOGRAD_STOP_INTERRUPTED /**< the cancel flag was set */
} holograd_stop;

HOLOGRAD_API const char *holograd_status_text(holograd_status s);      /**< one sentence */
HOLOGRAD_API const char *holograd_status_stop_name(holograd_stop why); /**< "grad_tol", as in results */

HOLOGRAD_API const char *holograd_version(void); /**< "0.1.0" */
/** Version, commit, compiler, flags and libraries as JSON text, as in every result.
 *  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_version_build(char **text);

HOLOGRAD_API void holograd_text_free(char *text); /**< NULL is fine */

/** How a context behaves; {0} is: seed 1, one thread, silent, no limit. */
typedef struct holograd_ctx_opts {
  uint64_t seed;   /**< root of all random streams where the configuration has no `seed`; 0 means 1 */
  int threads;     /**< 0 means 1; the digits do not depend on it.  -1: all cores */
  double max_time; /**< seconds that one object or one holograd_run() may take; 0 = no limit */
  FILE *log;       /**< [keep] where warnings go as they arise; NULL = nowhere */
  const volatile sig_atomic_t *cancel; /**< [keep] non-zero asks for a polite stop; NULL = never */
} holograd_ctx_opts;

/** Log, error text, warnings, seed, threads and cancel flag.  It must outlive the objects made with it. */
typedef struct holograd_ctx holograd_ctx;

/** Make a context.
 *  @param opts [in] NULL = {0}
 *  @param out  [out] holograd_ctx_destroy() it */
HOLOGRAD_API holograd_status holograd_ctx_create(const holograd_ctx_opts *opts, holograd_ctx **out);
HOLOGRAD_API void holograd_ctx_destroy(holograd_ctx *c); /**< NULL is fine */
/** One line: file, key path, value, expectation, remedy; "" when nothing failed.  Valid until the next failure. */
HOLOGRAD_API const char *holograd_ctx_error(const holograd_ctx *c);
HOLOGRAD_API size_t
holograd_ctx_n_warnings(const holograd_ctx *c); /**< of everything run with this context */
HOLOGRAD_API const char *holograd_ctx_warning(const holograd_ctx *c,
                                              size_t i); /**< text of one; NULL past the end */

/** Do what a command of the program does, from JSON text to JSON text.
 *
 *  | command | `config` | result |
 *  |---|---|---|
 *  | train, evaluate (always with derivatives), generate, compare, infer, study | a train config or a result of one | train-result, evaluation, dataset, comparison, inference, study |
 *  | gradcheck | a train config, or a background with `spectrum.train` | gradcheck |
 *  | background, potential | a background, or whatever holds a metric | background, potential |
 *  | spectrum | a background of type conformal | spectrum |
 *  | dbm | a machine, a background or a train result | dbm; with `dbm.metric` the metric that its weights give is in it |
 *  | nqs run, nqs exact, nqs evolve, nqs response | an nqs config | nqs-result, nqs-result, nqs-evolution, dataset |
 *  | nqs dbm, nqs path | nqs-dbm, path | the same |
 *  | diff | diff: the two results are its `a` and `b` | diff |
 *
 *  What the program takes as options are keys of the config: `study.type` and `study.n`, `gradcheck.tol`, `exact.levels`,
 *  `exact.reference`, `dbm.draws`, `potential.T`, ... (`holograd COMMAND --help`, `holograd help file KIND`).  Commands that read
 *  no config (import, plot, report, check, cite, help) are the program's alone.
 *  @param c        [in] keeps errors and warnings
 *  @param command  [in] one of holograd_run_command()
 *  @param name     [in] what messages call the configuration, and the file that relative paths in it stand beside; NULL =
 *                  "config" in the working directory
 *  @param config   [in] a document that the command reads: a configuration, or a result to go on from
 *  @param result   [out] the document that the command writes; holograd_text_free() it.  NULL after a failure
 *  @return ::HOLOGRAD_NEGATIVE with a result whose verdict is negative (holograd_ctx_error() says which): no on-shell response at
 *          a datum (train), a gradient above `gradcheck.tol`, not calibrated (study), a state that did not converge
 *          (nqs response), a column that differs (diff).  ::HOLOGRAD_INTERRUPTED when the cancel flag was set (use holograd_trainer_create() or
 *          holograd_nqs_create() where the state must survive that); nqs evolve then has a result, what was reached.  A train,
 *          spectrum or nqs run that max_time ended is a result whose `stop` says so; commands that cannot stop half-way
 *          are interrupted by it.  ::HOLOGRAD_E_MEM when memory ran out anywhere in the run: no document then lacks what was
 *          skipped for it. */
HOLOGRAD_API holograd_status holograd_run(holograd_ctx *c, const char *command, const char *name,
                                          const char *config, char **result);
HOLOGRAD_API const char *holograd_run_command(size_t i); /**< name of the i-th command; NULL past the end */
/** JSON schema (draft 2020-12) of a kind of file, what `holograd schema` prints.
 *  @param c    [in]
 *  @param kind [in] one of holograd_run_kind()
 *  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_run_schema(holograd_ctx *c, const char *kind, char **text);
HOLOGRAD_API const char *holograd_run_kind(
    size_t i); /**< name of the i-th kind of file, "train" of "holograd/train/1"; NULL past the end */

#ifdef __cplusplus
}
#endif
#endif
