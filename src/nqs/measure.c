/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/measure.h"
#include "common/comm.h"
#include <math.h>

enum { DEFAULT_FACTOR = 50, MAX_ROUNDS = 100 };

const com_field nqs_measure_fields[] = {
    {.key = "sweeps",
     .doc = "recorded sweeps of the final measurement (0: 50 x sampler.sweeps)",
     .type = COM_F_INT,
     .off = offsetof(nqs_measure_opts, sweeps),
     .def = 0,
     .lo = 0,
     .hi = 1e9},
    {.key = "target_error",
     .doc = "measure on, up to 100 times as long, until the error of the energy is below this",
     .type = COM_F_REAL,
     .off = offsetof(nqs_measure_opts, target_error),
     .def = NAN,
     .lo = 0,
     .hi = 1e9},
    {.key = "observables",
     .doc = "what else to measure, see `holograd help nqs`",
     .type = COM_F_RAW,
     .off = offsetof(nqs_measure_opts, observables)},
    {0}};

/* Independent rounds of equal length: means average; errors, each with its own autocorrelation, add in quadrature. */
static void combine(size_t round, const nqs_estimate *now, nqs_estimate *e) {
  if (round == 0) {
    *e = *now;
    return;
  }
  const double n = (double)round, d = now->mean - e->mean, m = n + 1;
  const double spread = d * d * n / (m * m);
  e->error = sqrt(n * n * e->error * e->error + now->error * now->error) / m;
  e->variance = (n * e->variance + now->variance) / m + spread;
  e->mean += d / m;
  e->imag += (now->imag - e->imag) / m;
  e->tau = (n * e->tau + now->tau) / m;
  e->rhat = fmax(e->rhat, now->rhat);
  e->n += now->n;
  e->n_eff = e->error > 0 ? e->variance / (e->error * e->error) : (double)e->n;
}

com_status nqs_measure_energy(com_ctx *c, nqs_sampler *sampler, const nqs_measure_opts *o, unsigned want,
                              nqs_samples *s, nqs_estimate *e) {
  const size_t sweeps = o->sweeps ? (size_t)o->sweeps : DEFAULT_FACTOR * sampler->ops->sweeps(sampler->opts);
  for (size_t round = 0; round < MAX_ROUNDS; round++) {
    nqs_estimate now;
    COM_TRY(nqs_sampler_collect(c, sampler, sweeps, want, s));
    COM_CHECK(c, s->n_bad == 0, COM_E_NUM, "measurement: %zu of %zu local energies are not finite", s->n_bad,
              s->n);
    nqs_estimate_series(s->n_chains, s->n_time, s->eloc, s->weight, &now);
    combine(round, &now, e);
    if (isnan(o->target_error) || e->error <= o->target_error || com_comm_stop(c)) return COM_OK;
  }
  com_ctx_warn(c, "target_error", "the error of the energy is %.3g after %zu samples, above the target %.3g",
               e->error, e->n, o->target_error);
  return COM_OK;
}
