/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/response_measure.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/local.h"

enum { CHUNK = 64, MAX_ROUNDS = 100, DEFAULT_FACTOR = 50, BINS_PER_CHAIN = 4 };

/* Local estimators sum_s' <s|P|s'> psi(s')/psi(s) of all samples. */
static com_status local_values(com_ctx *c, nqs_driver *d, const nqs_pauli *p, const nqs_samples *s,
                               double complex *out) {
  nqs_local *local = NULL;
  nqs_walkers *walkers = NULL;
  int8_t *conf = NULL;
  double complex value[CHUNK];
  const size_t sites = s->n_sites;
  com_status status = nqs_local_create_for(c, p, CHUNK, &local);
  if (!status)
    status = nqs_ansatz_walkers(c, nqs_driver_ansatz(d), CHUNK, nqs_local_max_moves(local), &walkers);
  if (!status && !(conf = malloc(CHUNK * sites))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t first = 0; first < s->n && !status; first += CHUNK) {
    const size_t n = s->n - first < CHUNK ? s->n - first : CHUNK;
    for (size_t k = 0; k < CHUNK; k++) /* the last block is filled up with its first configuration */
      memcpy(conf + k * sites, s->s + (first + (k < n ? k : 0)) * sites, sites);
    nqs_ansatz_set(walkers, conf);
    nqs_local_energy(local, walkers, value);
    memcpy(out + first, value, n * sizeof *value);
  }
  free(conf);
  nqs_ansatz_walkers_destroy(walkers);
  nqs_local_destroy(local);
  return status;
}

/* Independent rounds of equal length: means average, errors add in quadrature. */
static void combine(size_t round, const nqs_estimate *now, nqs_estimate *e) {
  if (round == 0) {
    *e = *now;
    return;
  }
  const double n = (double)round, m = n + 1;
  e->error = sqrt(n * n * e->error * e->error + now->error * now->error) / m;
  e->variance = (n * e->variance + now->variance) / m;
  e->mean += (now->mean - e->mean) / m;
  e->tau = (n * e->tau + now->tau) / m;
  e->rhat = fmax(e->rhat, now->rhat);
  e->n += now->n;
}

static com_status add_bins(com_ctx *c, const nqs_samples *s, const double complex *x,
                           nqs_response_measure_bins *bins) {
  const size_t length = s->n_time / BINS_PER_CHAIN, more = s->n_chains * BINS_PER_CHAIN;
  double *grown;
  if (length == 0) return COM_OK;
  COM_ALLOC(c, grown = realloc(bins->mean, (bins->n + more) * sizeof *grown));
  bins->mean = grown;
  for (size_t k = 0; k < more; k++) {
    const double complex *at = x + (k / BINS_PER_CHAIN) * s->n_time + (k % BINS_PER_CHAIN) * length;
    double sum = 0;
    for (size_t t = 0; t < length; t++) sum += creal(at[t]);
    bins->mean[bins->n + k] = sum / (double)length;
  }
  bins->n += more;
  return COM_OK;
}

static com_status one_round(com_ctx *c, nqs_driver *d, nqs_sampler *sampler, size_t sweeps,
                            const nqs_pauli *p, nqs_samples *s, double complex **x) {
  COM_TRY(nqs_sampler_collect(c, sampler, sweeps, NQS_WANT_S, s));
  COM_CHECK(c, s->n_bad == 0, COM_E_NUM, "response: %zu of %zu local energies are not finite", s->n_bad,
            s->n);
  if (!*x) COM_ALLOC(c, *x = malloc(s->n * sizeof **x));
  return local_values(c, d, p, s, *x);
}

/* x[n] <- 2 Re (x - <x>)* (e - <e>), whose mean is the drift. */
static void covariance(const nqs_samples *s, const nqs_estimate *value, const nqs_estimate *energy,
                       double complex *x) {
  const double complex p = value->mean + I * value->imag, e = energy->mean + I * energy->imag;
  for (size_t k = 0; k < s->n; k++) x[k] = 2 * creal(conj(x[k] - p) * (s->eloc[k] - e));
}

static com_status add_round(com_ctx *c, size_t round, const nqs_samples *s, double complex *x,
                            nqs_response_measure_result *out, nqs_response_measure_bins *bins) {
  nqs_estimate energy, value, drift;
  nqs_estimate_series(s->n_chains, s->n_time, s->eloc, s->weight, &energy);
  nqs_estimate_series(s->n_chains, s->n_time, x, s->weight, &value);
  if (!s->weight) COM_TRY(add_bins(c, s, x, bins));
  covariance(s, &value, &energy, x);
  nqs_estimate_series(s->n_chains, s->n_time, x, s->weight, &drift);
  combine(round, &energy, &out->energy);
  combine(round, &value, &out->value);
  combine(round, &drift, &out->drift);
  return COM_OK;
}

com_status nqs_response_measure_run(com_ctx *c, nqs_driver *d, const nqs_pauli *p,
                                    const nqs_response_measure_opts *o, nqs_response_measure_result *out,
                                    nqs_response_measure_bins *bins) {
  const nqs_config *cfg = nqs_driver_options(d);
  const nqs_task task = {nqs_driver_hamiltonian(d), nqs_driver_ansatz(d), nqs_driver_pool(d), o->stream};
  nqs_sampler *sampler = NULL;
  nqs_samples s = {0};
  double complex *x = NULL;
  com_status status = COM_OK;
  bins->n = 0;
  COM_GOTO(done, nqs_sampler_create(c, &cfg->sampler, &task, &sampler));
  const size_t sweeps = cfg->measure.sweeps ? (size_t)cfg->measure.sweeps
                                            : DEFAULT_FACTOR * sampler->ops->sweeps(sampler->opts);
  for (size_t round = 0; round < MAX_ROUNDS; round++) {
    COM_GOTO(done, one_round(c, d, sampler, sweeps, p, &s, &x));
    COM_GOTO(done, add_round(c, round, &s, x, out, bins));
    if (out->value.error <= o->target || com_ctx_stop(c)) goto done;
  }
  com_ctx_warn(c, "target_error",
               "the error of the response is %.3g after %zu samples, above the target %.3g", out->value.error,
               out->value.n, o->target);
done:
  nqs_sampler_samples_finish(&s);
  nqs_sampler_destroy(sampler);
  free(x);
  return status;
}
