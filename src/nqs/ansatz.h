/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ansatz.h
 *  Wave functions as components.  Three levels: the *model* (shape; read-only while sampling), its *weights* (loaded once
 *  per iteration: derived tables), and *walkers* (caches of a block of configurations that advance in lock step, one object
 *  per block, so blocks may run in parallel).  An ansatz that caches nothing gives only create, load, log_psi_of, grad_of;
 *  ansatz.c then supplies ratio and commit from log_psi_of. */
#ifndef HOLOGRAD_NQS_ANSATZ_H
#define HOLOGRAD_NQS_ANSATZ_H
#include <complex.h>
#include "nqs/hilbert.h"
#include "nqs/moves.h"

/** What the parameters are; decides the layout of the log-derivatives O (see nqs_ansatz_rows). */
typedef enum nqs_scalar {
  NQS_REAL, /**< real parameters, psi real and positive: O is double [n_params] */
  NQS_SPLIT, /**< real parameters, complex log psi: O is double [2][n_params], the real parts then the imaginary parts */
  NQS_HOLO /**< complex parameters, log psi holomorphic in them: O is double complex [n_params] */
} nqs_scalar;

/** Rows that every ansatz accepts. */
typedef struct nqs_ansatz_shared {
  double sigma; /**< "sigma": standard deviation of the random start */
  char *file;   /**< "file": weights from a JSON file (an array, or the "parameters" of a result) */
} nqs_ansatz_shared;

/** What create tells about the model. */
typedef struct nqs_shape {
  nqs_scalar scalar;
  size_t n_params;
} nqs_shape;

typedef struct nqs_ansatz_ops {
  com_component c;
  /** @param l, h [keep]  @param shape [out]  @param self [out] */
  com_status (*create)(com_ctx *c, const void *opts, const nqs_lattice *l, const nqs_hilbert *h,
                       nqs_shape *shape, void **self);
  void (*destroy)(void *self);
  /** Random start of width sigma. w: double[n_params], or double complex[n_params] seen as double[2*n_params] for NQS_HOLO.
   *  NULL: all of them normal numbers of this width. */
  void (*init)(const void *self, double sigma, com_rng *r, double *w);
  void (*param_name)(const void *self, size_t k, char out[48]); /**< NULL: "w[k]" */
  com_status (*load)(com_ctx *c, void *self,
                     const double *w); /**< copies w, fills derived tables; main thread */

  /* Stateless evaluation of n configurations s[n][sites]; scratch from work_size bytes, private to the caller's thread. */
  size_t (*work_size)(const void *self, size_t n); /**< NULL = none */
  void (*log_psi_of)(const void *self, size_t n, const int8_t *s, void *work, double complex *out);
  void (*grad_of)(const void *self, size_t n, const int8_t *s, void *work,
                  void *O); /**< O: n rows as in nqs_scalar */

  /* Cached walkers; all NULL when the ansatz has no fast update. */
  com_status (*walk_create)(com_ctx *c, const void *self, size_t n, void **walk);
  void (*walk_destroy)(void *walk);
  void (*walk_set)(const void *self, void *walk,
                   const int8_t *s); /**< exact caches of all n configurations */
  void (*ratio)(const void *self, void *walk, const int8_t *s, const nqs_moves *m,
                double complex *out); /**< psi(s')/psi(s) */
  /** Configurations have NOT been changed yet: s is the old one. Walk caches follow the moves with accepted[k] != 0
   *  (at most one per configuration). */
  void (*commit)(const void *self, void *walk, const int8_t *s, const nqs_moves *m,
                 const unsigned char *accepted);
  void (*grad)(const void *self, void *walk, const int8_t *s,
               void *O); /**< rows of all n walkers from the caches; NULL: grad_of */

  /** Exact sampling: n independent configurations. NULL where there is none. */
  void (*sample)(const void *self, com_rng *r, size_t n, void *work, int8_t *s);
} nqs_ansatz_ops;

extern const com_kind nqs_ansatz_kind;

/* ---- what the files of the ansaetze would otherwise say again ---- */

/** Functions of a file that calls them as the table does. */
#define NQS_ANSATZ_FUNCTIONS                                                                                 \
  .create = create, .destroy = destroy, .param_name = param_name, .load = load, .log_psi_of = log_psi_of,    \
  .grad_of = grad_of
#define NQS_ANSATZ_WALKS                                                                                     \
  .walk_create = walk_create, .walk_destroy = walk_destroy, .walk_set = walk_set, .ratio = ratio,            \
  .commit = commit

extern const char *const nqs_ansatz_weight_names[]; /**< 0 complex, 1 real */
/** Rows for the members `weights` and `symmetry` of an options struct. */
#define NQS_ANSATZ_WEIGHTS(opts)                                                                             \
  {                                                                                                          \
    .key = "weights", .doc = "complex or real parameters", .type = COM_F_ENUM,                               \
    .off = offsetof(opts, weights), .aux = nqs_ansatz_weight_names, .sdef = "complex"                        \
  }
#define NQS_ANSATZ_SYMMETRY(opts, text)                                                                      \
  {                                                                                                          \
    .key = "symmetry", .doc = text ": none, translation, space (with the point group)", .type = COM_F_ENUM,  \
    .off = offsetof(opts, symmetry), .aux = nqs_lattice_symmetry_names, .sdef = "none"                       \
  }

/** Parameters as given to `load` as complex numbers, whatever they are. @param out [out] [n] */
void nqs_ansatz_unpack(size_t n, int complex_weights, const double *w, double complex *out);

/** A model with its parameters. */
typedef struct nqs_ansatz {
  const nqs_ansatz_ops *ops;
  const nqs_lattice *lattice; /**< borrowed */
  const nqs_hilbert *space;   /**< borrowed */
  nqs_scalar scalar;
  size_t n_params;  /**< complex numbers count once */
  size_t n_reals;   /**< doubles in w: 2 n_params for NQS_HOLO */
  size_t row_bytes; /**< of one O row set */
  double *w;        /**< [n_reals] current parameters; change through nqs_ansatz_load */
  void *self;
} nqs_ansatz;

/** @param l, h [keep]  @param out [out] with random start from stream "init" (or the file) already loaded */
com_status nqs_ansatz_create(com_ctx *c, const com_choice *ch, const nqs_lattice *l, const nqs_hilbert *h,
                             nqs_ansatz **out);
void nqs_ansatz_destroy(nqs_ansatz *a);
com_status nqs_ansatz_load(com_ctx *c, nqs_ansatz *a, const double *w); /**< w may be a->w */
/** Random start: ops->init, or normal numbers. @param w [out] [n_reals] */
void nqs_ansatz_start(const nqs_ansatz *a, double sigma, com_rng *r, double *w);

/** A block of n configurations with caches; one per block, used by one thread at a time. */
typedef struct nqs_walkers nqs_walkers;
/** @param a [keep]  @param max_moves, max_sites largest batch given to ratio */
com_status nqs_ansatz_walkers(com_ctx *c, const nqs_ansatz *a, size_t n, size_t max_moves, nqs_walkers **out);
void nqs_ansatz_walkers_destroy(nqs_walkers *w);
size_t nqs_ansatz_walkers_n(const nqs_walkers *w);
const int8_t *nqs_ansatz_conf(const nqs_walkers *w);  /**< [n][sites] current configurations */
void nqs_ansatz_set(nqs_walkers *w, const int8_t *s); /**< NULL: recompute the caches of the present ones */
void nqs_ansatz_ratio(nqs_walkers *w, const nqs_moves *m, double complex *out);
void nqs_ansatz_commit(nqs_walkers *w, const nqs_moves *m,
                       const unsigned char *accepted);        /**< moves configurations too */
void nqs_ansatz_log_psi(nqs_walkers *w, double complex *out); /**< from scratch, not from the caches */
void nqs_ansatz_grad(nqs_walkers *w, void *O);                /**< n row sets */
#endif
