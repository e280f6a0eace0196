/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/sampler.h"
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#define NQS_SAMPLER(n) extern const nqs_sampler_ops nqs_sampler_##n;
#include "nqs/sampler_list.h"
#undef NQS_SAMPLER

static const com_component *const *all(void) {
#define NQS_SAMPLER(n) &nqs_sampler_##n.c,
  static const com_component *const list[] = {
#include "nqs/sampler_list.h"
      NULL};
#undef NQS_SAMPLER
  return list;
}
const com_kind nqs_sampler_kind = {
    .name = "sampler", .plural = "samplers", .doc = "how configurations are drawn", .all = all};

com_status nqs_sampler_create(com_ctx *c, const com_choice *ch, const nqs_task *t, nqs_sampler **out) {
  nqs_sampler *s;
  *out = NULL;
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->ops = (const nqs_sampler_ops *)ch->type;
  s->opts = ch->opts;
  const com_status status = s->ops->create(c, ch->opts, t, &s->self);
  if (status) nqs_sampler_destroy(s), s = NULL;
  *out = s;
  return status;
}

void nqs_sampler_destroy(nqs_sampler *s) {
  if (!s) return;
  if (s->self) s->ops->destroy(s->self);
  free(s);
}

com_status nqs_sampler_collect(com_ctx *c, nqs_sampler *s, size_t sweeps, unsigned want, nqs_samples *out) {
  COM_TRY(s->ops->collect(c, s->self, sweeps, want, out));
  out->n_bad = 0;
  for (size_t k = 0; k < out->n; k++)
    out->n_bad += !isfinite(creal(out->eloc[k])) || !isfinite(cimag(out->eloc[k]));
  return COM_OK;
}

com_status nqs_sampler_restart(com_ctx *c, nqs_sampler *s) {
  return s->ops->restart ? s->ops->restart(c, s->self) : COM_OK;
}

com_status nqs_sampler_save(com_ctx *c, const nqs_sampler *s, cJSON **out) {
  if (s->ops->save) return s->ops->save(c, s->self, out);
  COM_ALLOC(c, *out = com_json_object());
  return COM_OK;
}

com_status nqs_sampler_load(com_ctx *c, nqs_sampler *s, const cJSON *in) {
  return s->ops->load ? s->ops->load(c, s->self, in) : COM_OK;
}

/* ---- storage of a collection ---- */

static com_status renew(com_ctx *c, size_t bytes, void *slot) {
  void **p = slot;
  free(*p);
  COM_ALLOC(c, *p = malloc(bytes + 1));
  return COM_OK;
}

com_status nqs_sampler_reserve(com_ctx *c, const nqs_task *t, size_t n_chains, size_t n_time, size_t n_blocks,
                               size_t n_probe, unsigned want, nqs_samples *out) {
  const size_t n = n_chains * n_time, sites = t->ham->space->n;
  COM_CHECK(c, n > 0 && (double)n * (double)t->ansatz->row_bytes < 1e12, COM_E_MEM,
            "sampler: %zu samples of %zu parameters do not fit into memory; use fewer sweeps", n,
            t->ansatz->n_params);
  if (n > out->cap || n + n_probe > out->cap_rows) {
    out->cap = 0;
    COM_TRY(renew(c, n * sizeof *out->eloc, &out->eloc));
    free(out->O), free(out->s), free(out->weight);
    out->O = NULL, out->s = NULL, out->weight = NULL;
    out->cap = n, out->cap_rows = n + n_probe;
  }
  if ((want & NQS_WANT_O) && !out->O) COM_TRY(renew(c, out->cap_rows * t->ansatz->row_bytes, &out->O));
  if ((want & NQS_WANT_S) && !out->s) COM_TRY(renew(c, out->cap * sites, &out->s));
  COM_TRY(renew(c, (n_blocks + 1) * sizeof *out->block, &out->block));
  COM_TRY(renew(c, n_probe * sizeof *out->probe, &out->probe));
  out->n = n, out->n_chains = n_chains, out->n_time = n_time, out->n_sites = sites, out->n_blocks = n_blocks;
  out->accept = NAN, out->n_bad = 0, out->n_probe = n_probe;
  return COM_OK;
}

void nqs_sampler_samples_finish(nqs_samples *s) {
  free(s->block);
  free(s->s);
  free(s->eloc);
  free(s->weight);
  free(s->O);
  free(s->probe);
  *s = (nqs_samples){0};
}
