/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/probe.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "nqs/local.h"
#include "nqs/replicas.h"
#include "nqs/summit.h"

/* A local energy that many standard deviations above the mean is no fluctuation; beyond the cap it pushes no harder.  Below
 * e^-12 of the typical |psi|^2 a region is light enough: on the 40-site ring it then holds less than 1e-6 of the weight, and to
 * push it further down would cost energy elsewhere.  The region around a summit is a few configurations, each of which may be
 * larger: kept below e^-12, too, it raises the relative error of that ring at alpha = 1 from 8.0e-5 to 9.0e-5. */
static const double outlier = 10, cap = 100, light = -12, light_summit = -4;

/* Probes of a group share a random stream and advance in lock step: a group is a task of the sampler. */
enum { GROUP = 8 };
/* So many of a group start from summits, each shifted at random: a quench from a random configuration does not fall into a
 * region as narrow as two domains of a ring, where |psi|^2 has been seen to grow by e^84 unnoticed. */
enum { SUMMITS = 2 };

typedef struct group {
  nqs_replicas r;
  nqs_local *local;
  double complex *eloc; /* [r.n] */
  size_t done;          /* sweeps since the start */
} group;

struct nqs_probe {
  size_t n, n_groups;
  const nqs_hamiltonian *ham;
  char stream[80];
  group *group;
  int8_t *summit;                 /* [n_groups][SUMMITS][sites], found when the first probes start */
  char (*state)[NQS_PROBE_STATE]; /* [n_groups] streams after the last reading */
};

static com_status create_group(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                               size_t n, group *g) {
  COM_TRY(nqs_local_create(c, h, n, &g->local));
  COM_TRY(nqs_replicas_init(c, h, a, stream, n, nqs_local_max_moves(g->local), &g->r));
  COM_ALLOC(c, g->eloc = calloc(n, sizeof *g->eloc));
  return COM_OK;
}

com_status nqs_probe_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                            size_t n, nqs_probe **out) {
  nqs_probe *p;
  com_status status = COM_OK;
  *out = NULL;
  COM_ALLOC(c, p = calloc(1, sizeof *p));
  p->n = n, p->ham = h;
  snprintf(p->stream, sizeof p->stream, "%s", stream);
  p->group = calloc((n + GROUP - 1) / GROUP, sizeof *p->group);
  p->state = calloc((n + GROUP - 1) / GROUP, sizeof *p->state);
  if (!p->group || !p->state) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  char name[96];
  for (size_t first = 0; first < n && !status; first += GROUP) {
    snprintf(name, sizeof name, "%s/%zu", stream, p->n_groups);
    status = create_group(c, h, a, name, n - first < GROUP ? n - first : GROUP, p->group + p->n_groups++);
    if (!status) com_rng_state(p->group[p->n_groups - 1].r.rng, p->state[p->n_groups - 1]);
  }
  if (status) nqs_probe_destroy(p), p = NULL;
  *out = p;
  return status;
}

void nqs_probe_destroy(nqs_probe *p) {
  if (!p) return;
  for (size_t g = 0; g < p->n_groups; g++) {
    nqs_replicas_finish(&p->group[g].r);
    nqs_local_destroy(p->group[g].local);
    free(p->group[g].eloc);
  }
  free(p->group);
  free(p->summit);
  free(p->state);
  free(p);
}

size_t nqs_probe_n(const nqs_probe *p) { return p->n; }
size_t nqs_probe_groups(const nqs_probe *p) { return p->n_groups; }
char (*nqs_probe_states(nqs_probe *p))[NQS_PROBE_STATE] { return p->state; }
size_t nqs_probe_first(const nqs_probe *p, size_t g) { return g * GROUP < p->n ? g * GROUP : p->n; }

com_status nqs_probe_prepare(com_ctx *c, nqs_probe *p) {
  char name[96];
  int8_t *s;
  if (p->summit) return COM_OK;
  COM_ALLOC(c, s = malloc(p->n_groups * SUMMITS * p->ham->space->n));
  snprintf(name, sizeof name, "%s/summit", p->stream);
  const com_status status = nqs_summit_find(c, p->ham, name, p->n_groups * SUMMITS, s);
  if (status)
    free(s);
  else
    p->summit = s;
  return status;
}

/* A summit, carried along by a random translation of the lattice, as configuration i of the replicas. */
static void shifted_summit(const nqs_probe *p, size_t summit, nqs_replicas *r, size_t i) {
  const size_t sites = r->sites, n = p->ham->lattice->n_trans;
  const size_t t = (size_t)(com_rng_uniform(r->rng) * (double)n);
  const uint32_t *to = p->ham->lattice->trans + (t < n ? t : n - 1) * sites;
  for (size_t k = 0; k < sites; k++) r->s[i * sites + to[k]] = p->summit[summit * sites + k];
}

void nqs_probe_start(nqs_probe *p, size_t g) {
  nqs_replicas *r = &p->group[g].r;
  nqs_replicas_draw(r);
  for (size_t i = 0; i < SUMMITS && i < r->n; i++) shifted_summit(p, g * SUMMITS + i, r, i);
  nqs_replicas_set(r, r->s);
  p->group[g].done = 0;
}

int nqs_probe_advance(nqs_probe *p, size_t g, size_t until) {
  group *k = p->group + g;
  if (k->done == NQS_PROBE_SWEEPS) return 0;
  for (; k->done < until && k->done < NQS_PROBE_SWEEPS; k->done++) nqs_replicas_sweep(&k->r);
  return k->done == NQS_PROBE_SWEEPS;
}

void nqs_probe_read(nqs_probe *p, size_t g, nqs_finding *found, void *O) {
  group *k = p->group + g;
  nqs_local_energy(k->local, k->r.walkers, k->eloc);
  nqs_replicas_logs(&k->r);
  for (size_t i = 0; i < k->r.n; i++)
    found[i] = (nqs_finding){k->eloc[i], 2 * creal(k->r.log_psi[i]), i < SUMMITS};
  if (O) nqs_ansatz_grad(k->r.walkers, O);
  com_rng_state(k->r.rng, p->state[g]);
}

double nqs_probe_share(const nqs_finding *f) {
  return f->summit ? fmin(1, exp(f->log_weight - light_summit)) : 1;
}

double nqs_probe_excess(const nqs_finding *f, double energy, double variance) {
  const double sd = sqrt(variance), above = creal(f->eloc) - energy;
  if (!(f->log_weight > (f->summit ? light_summit : light)) || !(above > outlier * sd)) return 0;
  return fmin(above, cap * sd);
}

/* Configurations are drawn anew at every start: the streams are all there is to keep. */
com_status nqs_probe_save(com_ctx *c, const nqs_probe *p, cJSON **out) {
  COM_ALLOC(c, *out = com_json_array());
  for (size_t g = 0; g < p->n_groups; g++) COM_TRY(com_json_push(c, *out, com_json_string(p->state[g])));
  return COM_OK;
}

com_status nqs_probe_load(com_ctx *c, nqs_probe *p, const cJSON *in) {
  COM_CHECK(c, com_json_size(in) == p->n_groups, COM_E_DATA,
            "checkpoint: sampler.probes: %zu streams, expected %zu; resume with the same configuration",
            com_json_size(in), p->n_groups);
  for (size_t g = 0; g < p->n_groups; g++) {
    COM_TRY(com_rng_restore(c, com_json_str(com_json_at(in, g), ""), p->group[g].r.rng));
    com_rng_state(p->group[g].r.rng, p->state[g]);
  }
  return COM_OK;
}
