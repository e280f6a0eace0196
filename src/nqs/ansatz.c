/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/ansatz.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NQS_ANSATZ(n) extern const nqs_ansatz_ops nqs_ansatz_##n;
#include "nqs/ansatz_list.h"
#undef NQS_ANSATZ

static const com_component *const *all(void) {
#define NQS_ANSATZ(n) &nqs_ansatz_##n.c,
  static const com_component *const list[] = {
#include "nqs/ansatz_list.h"
      NULL};
#undef NQS_ANSATZ
  return list;
}

static const com_field shared_fields[] = {
    {.key = "sigma",
     .doc = "standard deviation of the random start",
     .type = COM_F_REAL,
     .off = offsetof(nqs_ansatz_shared, sigma),
     .def = 0.01,
     .lo = 0,
     .hi = 10},
    {.key = "file",
     .doc = "start from the parameters of this result (or a JSON array)",
     .type = COM_F_STRING,
     .off = offsetof(nqs_ansatz_shared, file)},
    {0}};
const com_kind nqs_ansatz_kind = {.name = "ansatz",
                                  .plural = "ansaetze",
                                  .doc = "wave functions",
                                  .all = all,
                                  .shared = shared_fields,
                                  .shared_size = sizeof(nqs_ansatz_shared)};

static com_status read_weights(com_ctx *c, const char *file, nqs_ansatz *a) {
  cJSON *doc = NULL;
  double *w = NULL;
  size_t n = 0;
  com_status status = com_json_load(c, file, &doc);
  if (status) return com_ctx_while(c, status, "reading ansatz.file");
  const cJSON *result = com_json_get(doc, "result"), *in = com_json_is_array(doc) ? doc : NULL;
  if (!in) in = com_json_get(com_json_get(result ? result : doc, "parameters"), "w");
  COM_GOTO(done, com_json_read_reals(c, file, "parameters.w", in, &w, &n));
  if (n != a->n_reals)
    status = COM_FAIL(c, COM_E_CONFIG,
                      "%s: parameters.w: %zu numbers, but ansatz %s needs %zu; use the same ansatz block",
                      file, n, a->ops->c.name, a->n_reals);
  else
    memcpy(a->w, w, n * sizeof *w);
done:
  free(w);
  com_json_free(doc);
  return status;
}

const char *const nqs_ansatz_weight_names[] = {"complex", "real", NULL};

void nqs_ansatz_unpack(size_t n, int complex_weights, const double *w, double complex *out) {
  for (size_t k = 0; k < n; k++) out[k] = complex_weights ? w[2 * k] + I * w[2 * k + 1] : w[k];
}

void nqs_ansatz_start(const nqs_ansatz *a, double sigma, com_rng *r, double *w) {
  if (a->ops->init) {
    a->ops->init(a->self, sigma, r, w);
  } else {
    for (size_t k = 0; k < a->n_reals; k++) w[k] = sigma * com_rng_normal(r);
  }
}

com_status nqs_ansatz_create(com_ctx *c, const com_choice *ch, const nqs_lattice *l, const nqs_hilbert *h,
                             nqs_ansatz **out) {
  com_status status = COM_OK;
  const nqs_ansatz_shared *sh = ch->shared;
  nqs_ansatz *a;
  com_rng *r = NULL;
  nqs_shape shape = {NQS_REAL, 0};
  *out = NULL;
  COM_ALLOC(c, a = calloc(1, sizeof *a));
  a->ops = (const nqs_ansatz_ops *)ch->type;
  a->lattice = l, a->space = h;
  COM_GOTO(done, a->ops->create(c, ch->opts, l, h, &shape, &a->self));
  a->scalar = shape.scalar, a->n_params = shape.n_params;
  a->n_reals = shape.n_params * (shape.scalar == NQS_HOLO ? 2 : 1);
  a->row_bytes = shape.n_params * sizeof(double) * (shape.scalar == NQS_REAL ? 1 : 2);
  if (!(a->w = calloc(a->n_reals + 1, sizeof *a->w))) {
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
    goto done;
  }
  COM_GOTO(done, com_rng_create(c, com_ctx_seed(c), "init", &r));
  nqs_ansatz_start(a, sh ? sh->sigma : 0.01, r, a->w);
  if (sh && sh->file) COM_GOTO(done, read_weights(c, sh->file, a));
  COM_GOTO(done, nqs_ansatz_load(c, a, a->w));
  *out = a, a = NULL;
done:
  com_rng_destroy(r);
  nqs_ansatz_destroy(a);
  return status;
}

void nqs_ansatz_destroy(nqs_ansatz *a) {
  if (!a) return;
  if (a->self) a->ops->destroy(a->self);
  free(a->w);
  free(a);
}

com_status nqs_ansatz_load(com_ctx *c, nqs_ansatz *a, const double *w) {
  if (w != a->w) memcpy(a->w, w, a->n_reals * sizeof *w);
  return a->ops->load(c, a->self, a->w);
}

/* ---- walkers ---- */

enum { CHUNK = 128 }; /* configurations per call of log_psi_of when the ansatz has no ratio of its own */

struct nqs_walkers {
  const nqs_ansatz *a;
  size_t n, sites;
  int8_t *s;
  void *walk;              /* caches of the ansatz, or NULL: the fields below */
  void *work;              /* scratch of the ansatz for max(n, CHUNK) configurations */
  double complex *log_psi; /* [n] of the present configurations */
  double complex *moved;   /* [max_moves] of the latest batch */
  int8_t *buffer;          /* [CHUNK][sites] */
};

com_status nqs_ansatz_walkers(com_ctx *c, const nqs_ansatz *a, size_t n, size_t max_moves,
                              nqs_walkers **out) {
  com_status status = COM_OK;
  nqs_walkers *w;
  *out = NULL;
  COM_ALLOC(c, w = calloc(1, sizeof *w));
  w->a = a, w->n = n, w->sites = a->space->n;
  const size_t batch = n > CHUNK ? n : CHUNK,
               bytes = a->ops->work_size ? a->ops->work_size(a->self, batch) : 0;
  w->s = calloc(n, w->sites);
  w->work = malloc(bytes + 1);
  w->log_psi = calloc(n, sizeof *w->log_psi);
  w->moved = calloc(max_moves + 1, sizeof *w->moved);
  w->buffer = malloc(CHUNK * w->sites);
  if (!w->s || !w->work || !w->log_psi || !w->moved || !w->buffer)
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status && a->ops->walk_create) status = a->ops->walk_create(c, a->self, n, &w->walk);
  if (status) nqs_ansatz_walkers_destroy(w), w = NULL;
  *out = w;
  return status;
}

void nqs_ansatz_walkers_destroy(nqs_walkers *w) {
  if (!w) return;
  if (w->walk) w->a->ops->walk_destroy(w->walk);
  free(w->s);
  free(w->work);
  free(w->log_psi);
  free(w->moved);
  free(w->buffer);
  free(w);
}

size_t nqs_ansatz_walkers_n(const nqs_walkers *w) { return w->n; }
const int8_t *nqs_ansatz_conf(const nqs_walkers *w) { return w->s; }

void nqs_ansatz_set(nqs_walkers *w, const int8_t *s) {
  if (s) memcpy(w->s, s, w->n * w->sites);
  if (w->walk) {
    w->a->ops->walk_set(w->a->self, w->walk, w->s);
  } else {
    w->a->ops->log_psi_of(w->a->self, w->n, w->s, w->work, w->log_psi);
  }
}

void nqs_ansatz_ratio(nqs_walkers *w, const nqs_moves *m, double complex *out) {
  if (w->walk) {
    w->a->ops->ratio(w->a->self, w->walk, w->s, m, out);
    return;
  }
  for (size_t k0 = 0; k0 < m->n; k0 += CHUNK) {
    const size_t n = m->n - k0 < CHUNK ? m->n - k0 : CHUNK;
    for (size_t k = 0; k < n; k++) {
      int8_t *at = w->buffer + k * w->sites;
      memcpy(at, w->s + m->conf[k0 + k] * w->sites, w->sites);
      for (uint32_t i = m->first[k0 + k]; i < m->first[k0 + k + 1]; i++) at[m->site[i]] = m->to[i];
    }
    w->a->ops->log_psi_of(w->a->self, n, w->buffer, w->work, w->moved + k0);
    for (size_t k = k0; k < k0 + n; k++) out[k] = cexp(w->moved[k] - w->log_psi[m->conf[k]]);
  }
}

void nqs_ansatz_commit(nqs_walkers *w, const nqs_moves *m, const unsigned char *accepted) {
  if (w->walk) w->a->ops->commit(w->a->self, w->walk, w->s, m, accepted);
  for (size_t k = 0; k < m->n; k++) {
    if (!accepted[k]) continue;
    nqs_moves_apply(m, k, w->sites, w->s);
    w->log_psi[m->conf[k]] = w->moved[k];
  }
}

void nqs_ansatz_log_psi(nqs_walkers *w, double complex *out) {
  w->a->ops->log_psi_of(w->a->self, w->n, w->s, w->work, out);
}

void nqs_ansatz_grad(nqs_walkers *w, void *O) {
  if (w->walk && w->a->ops->grad) {
    w->a->ops->grad(w->a->self, w->walk, w->s, O);
  } else {
    w->a->ops->grad_of(w->a->self, w->n, w->s, w->work, O);
  }
}
