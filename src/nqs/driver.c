/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/driver.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/comm.h"
#include "common/fs.h"
#include "common/log.h"
#include "common/table.h"
#include "nqs/exact.h"
#include "nqs/observables.h"
#include "nqs/response.h"

enum { MAX_ROLLBACKS = 8 }; /* in a row */
enum { MAX_MENDS = 3, MEND_STEPS = 20 };
static const double surprising_variance = 10, alarming_variance = 1e3; /* times that of the training */
static const double affordable = 1 << 14; /* states: below this the exact energy takes less than a second */
static const double heavy = -4; /* log|psi|^2 beside the typical one: such a region may weigh 1e-4 */
static const double frozen_accept = 1e-3;
/* A start is wide from this sigma on; below, a state of few configurations is one that the training wants. */
static const double wide_sigma = 0.1, stuck_accept = 1e-2, flatter = 0.7;
enum { MAX_FLATTENED = 10 };
static const double more_variance = 1.5;   /* between collections of a few hundred samples */
static const double suspicious_rhat = 1.1; /* Gelman et al., BDA3: "below 1.1" as convergence of chains */

/* quick: to see whether a config makes sense; reference: ten times the samples, so a third of the noise. */
static const com_preset preset_rows[] = {{"quick", "iterations", NULL, "50"},
                                         {"quick", "sampler.sweeps", "metropolis", "400"},
                                         {"reference", "iterations", NULL, "600"},
                                         {"reference", "sampler.sweeps", "metropolis", "10000"},
                                         {0}};
static const com_presets presets = {{"quick", "default", "reference", NULL}, preset_rows};

const com_field nqs_driver_fields[] = {
    {.key = "schema", .doc = "holograd/nqs/1", .type = COM_F_STRING, .off = offsetof(nqs_config, schema)},
    {.key = "preset",
     .doc = "tier of the settings that this file leaves open (holograd help presets)",
     .type = COM_F_ENUM,
     .off = offsetof(nqs_config, preset),
     .aux = &presets,
     .sdef = "default",
     .flags = COM_FF_PRESET},
    {.key = "lattice",
     .doc = "sites and bonds",
     .type = COM_F_COMPONENT,
     .off = offsetof(nqs_config, lattice),
     .aux = &nqs_lattice_kind,
     .flags = COM_FF_REQUIRED},
    {.key = "hamiltonian",
     .doc = "the model",
     .type = COM_F_COMPONENT,
     .off = offsetof(nqs_config, hamiltonian),
     .aux = &nqs_hamiltonian_kind,
     .flags = COM_FF_REQUIRED},
    {.key = "ansatz",
     .doc = "the wave function",
     .type = COM_F_COMPONENT,
     .off = offsetof(nqs_config, ansatz),
     .aux = &nqs_ansatz_kind,
     .sdef = "rbm"},
    {.key = "sampler",
     .doc = "how configurations are drawn",
     .type = COM_F_COMPONENT,
     .off = offsetof(nqs_config, sampler),
     .aux = &nqs_sampler_kind,
     .sdef = "metropolis"},
    {.key = "optimizer",
     .doc = "how parameters are updated",
     .type = COM_F_COMPONENT,
     .off = offsetof(nqs_config, optimizer),
     .aux = &nqs_sr_kind,
     .sdef = "sr"},
    {.key = "iterations",
     .doc = "optimisation steps",
     .type = COM_F_INT,
     .off = offsetof(nqs_config, iterations),
     .def = 200,
     .lo = 0,
     .hi = 1e9},
    {.key = "seed",
     .doc = "root of all random streams",
     .type = COM_F_SEED,
     .off = offsetof(nqs_config, seed)},
    {.key = "measure",
     .doc = "the measurement of the frozen state",
     .type = COM_F_OBJECT,
     .off = offsetof(nqs_config, measure),
     .aux = nqs_measure_fields},
    {.key = "response",
     .doc = "settings of `nqs response`",
     .type = COM_F_RAW,
     .off = offsetof(nqs_config, response),
     .aux = nqs_response_fields},
    {.key = "evolve",
     .doc = "settings of `nqs evolve`",
     .type = COM_F_OBJECT,
     .off = offsetof(nqs_config, evolve),
     .aux = nqs_tdvp_fields},
    {.key = "exact",
     .doc = "settings of `nqs exact`",
     .type = COM_F_OBJECT,
     .off = offsetof(nqs_config, exact),
     .aux = nqs_exact_fields},
    {0}};

enum { H_ITER, H_ENERGY, H_ERROR, H_VARIANCE, H_ACCEPT, H_TAU, H_RHAT, H_LAMBDA, H_STEP, H_COLUMNS };
static const char *const history_names[] = {"iteration", "energy", "error",  "variance", "accept",
                                            "tau",       "rhat",   "lambda", "step"};

struct nqs_driver {
  com_ctx *ctx;
  nqs_config cfg;
  nqs_lattice *lattice;
  nqs_hamiltonian *ham;
  nqs_ansatz *ansatz;
  com_pool *pool;
  nqs_sampler *sampler;
  nqs_sr *sr;
  nqs_observables *observables;
  cJSON *observed; /* of the measured state, NULL before */
  nqs_samples samples;
  double *mean; /* [n_reals] sum of the parameters of the last n_mean iterations */
  long n_mean;
  double *dw, *good; /* [n_reals] step; parameters of the last healthy collection */
  nqs_estimate energy, healthy, measured;
  double healthy_accept;
  int have_good, have_measured;
  long iteration, rollbacks, in_a_row, flattened;
  com_stop stop;
  size_t n_history, cap_history;
  double *history; /* [n_history][H_COLUMNS] */
};

static com_status build(com_ctx *c, const char *file, const cJSON *config, nqs_driver *d) {
  COM_TRY(com_field_read(c, COM_E_CONFIG, nqs_driver_fields, file, "", config, &d->cfg));
  if (d->cfg.seed.given) com_ctx_reseed(c, d->cfg.seed.value);
  d->cfg.seed = (com_seed){1, com_ctx_seed(c)};
  nqs_ansatz_shared *sh = d->cfg.ansatz.shared;
  if (sh && sh->file) {
    char *path = NULL;
    COM_TRY(com_fs_resolve(c, file, sh->file, &path));
    free(sh->file);
    sh->file = path;
  }
  COM_TRY(nqs_lattice_create(c, &d->cfg.lattice, &d->lattice));
  COM_TRY(nqs_hamiltonian_create(c, &d->cfg.hamiltonian, d->lattice, 0, 0, &d->ham));
  COM_TRY(nqs_observables_create(c, file, d->cfg.measure.observables, d->ham, &d->observables));
  COM_TRY(nqs_ansatz_create(c, &d->cfg.ansatz, d->lattice, d->ham->space, &d->ansatz));
  COM_TRY(com_pool_create(c, com_ctx_threads(c), &d->pool));
  const nqs_task task = {d->ham, d->ansatz, d->pool, "chain"};
  COM_TRY(nqs_sampler_create(c, &d->cfg.sampler, &task, &d->sampler));
  COM_TRY(nqs_sr_create(c, &d->cfg.optimizer, d->ansatz, d->pool, &d->sr));
  COM_ALLOC(c, d->dw = calloc(d->ansatz->n_reals + 1, sizeof(double)));
  COM_ALLOC(c, d->mean = calloc(d->ansatz->n_reals + 1, sizeof(double)));
  COM_ALLOC(c, d->good = calloc(d->ansatz->n_reals + 1, sizeof(double)));
  if (d->cfg.iterations == 0) d->stop = COM_STOP_MAX_ITER;
  return COM_OK;
}

com_status nqs_driver_create(com_ctx *c, const char *file, const cJSON *config, nqs_driver **out) {
  nqs_driver *d;
  *out = NULL;
  const cJSON *inner = com_json_get(config, "config");
  COM_ALLOC(c, d = calloc(1, sizeof *d));
  d->ctx = c;
  const com_status status = build(c, file, inner ? inner : config, d);
  if (status) nqs_driver_destroy(d), d = NULL;
  *out = d;
  return status;
}

void nqs_driver_destroy(nqs_driver *d) {
  if (!d) return;
  com_json_free(d->observed);
  nqs_sr_destroy(d->sr);
  nqs_sampler_destroy(d->sampler);
  nqs_sampler_samples_finish(&d->samples);
  com_pool_destroy(d->pool);
  nqs_ansatz_destroy(d->ansatz);
  nqs_observables_destroy(d->observables);
  nqs_hamiltonian_destroy(d->ham);
  nqs_lattice_destroy(d->lattice);
  com_field_finish(nqs_driver_fields, &d->cfg);
  free(d->dw);
  free(d->good);
  free(d->mean);
  free(d->history);
  free(d);
}

/* ---- one iteration ---- */

/* Why the samples cannot be used, or NULL.  Against the last healthy state: a frozen sampler, or an energy that rose by
 * more than ten of its fluctuations, which no step of bounded length does.  Without noise the healthy state is the best so
 * far, and one of its fluctuations is enough: a state may also get lost in several steps, each harmless beside the last. */
static const char *sickness(const nqs_driver *d, const nqs_samples *s, const nqs_estimate *e) {
  if (s->n_bad || !isfinite(e->mean) || !isfinite(e->variance)) return "local energies are not finite";
  if (!d->have_good) return NULL;
  if (s->accept == 0 && d->healthy_accept > 0) return "the sampler froze";
  const double room = (s->weight ? 1 : 10) * (sqrt(d->healthy.variance) + d->healthy.error + e->error);
  return e->mean > d->healthy.mean + room ? "the energy exploded" : NULL;
}

static com_status roll_back(nqs_driver *d, const char *why) {
  com_ctx *c = d->ctx;
  COM_CHECK(c, d->have_good && d->in_a_row < MAX_ROLLBACKS, COM_E_NUM,
            "nqs: iteration %ld: %s%s; use a smaller optimizer.rate or a larger optimizer.lambda_min",
            d->iteration + 1, why, d->have_good ? " again and again" : " at the start");
  d->rollbacks++, d->in_a_row++;
  com_log(c, COM_INFO, "nqs.rollback",
          "iteration %ld: %s: back to the last healthy state with a tenfold shift", d->iteration + 1, why);
  COM_TRY(nqs_ansatz_load(c, d->ansatz, d->good));
  nqs_sr_backoff(d->sr);
  return nqs_sampler_restart(c, d->sampler);
}

/* A state that sits on few configurations: chains hardly move, and the samples lack those of small psi whose part of the force is
 * of first order in psi, so that no step leads away.  Smaller parameters make psi flatter, and the chains move again. */
static int stuck(const nqs_driver *d) {
  const nqs_ansatz_shared *sh = d->cfg.ansatz.shared;
  return sh && sh->sigma >= wide_sigma && !sh->file && !d->samples.weight &&
         d->samples.accept < stuck_accept && d->flattened < MAX_FLATTENED &&
         2 * d->iteration < d->cfg.iterations;
}

static com_status flatten(nqs_driver *d) {
  com_ctx *c = d->ctx;
  d->flattened++;
  com_log(c, COM_INFO, "nqs.flatten", "iteration %ld: acceptance %.2g: parameters times %g", d->iteration + 1,
          d->samples.accept, flatter);
  for (size_t k = 0; k < d->ansatz->n_reals; k++) d->ansatz->w[k] *= flatter;
  COM_TRY(nqs_ansatz_load(c, d->ansatz, d->ansatz->w));
  nqs_sr_forget(d->sr);
  d->have_good = 0;
  return COM_OK;
}

static com_status remember(nqs_driver *d, const nqs_sr_report *rep) {
  if (d->n_history == d->cap_history) {
    const size_t cap = d->cap_history ? 2 * d->cap_history : 256;
    double *h;
    COM_ALLOC(d->ctx, h = realloc(d->history, cap * H_COLUMNS * sizeof *h));
    d->history = h, d->cap_history = cap;
  }
  double *h = d->history + d->n_history++ * H_COLUMNS;
  const nqs_estimate *e = &d->energy;
  h[H_ITER] = (double)d->iteration, h[H_ENERGY] = e->mean, h[H_ERROR] = e->error, h[H_VARIANCE] = e->variance;
  h[H_ACCEPT] = d->samples.accept, h[H_TAU] = e->tau, h[H_RHAT] = e->rhat, h[H_LAMBDA] = rep->lambda;
  h[H_STEP] = rep->step_norm;
  return COM_OK;
}

com_status nqs_driver_iterate(nqs_driver *d) {
  com_ctx *c = d->ctx;
  nqs_samples *s = &d->samples;
  nqs_sr_report rep;
  COM_TRY(nqs_sampler_collect(c, d->sampler, 0, NQS_WANT_O | NQS_WANT_PROBE, s));
  nqs_estimate_series(s->n_chains, s->n_time, s->eloc, s->weight, &d->energy);
  if (stuck(d)) return flatten(d);
  const char *why = sickness(d, s, &d->energy);
  if (why) return roll_back(d, why);

  const com_status status = nqs_sr_step(c, d->sr, s, d->dw, &rep);
  if (status == COM_E_NUM) {
    com_ctx_clear(c);
    return roll_back(d, "no finite step");
  }
  COM_TRY(status);
  /* all processes computed the same step; on unlike machines the last digits might differ, and states would drift apart */
  COM_TRY(com_comm_broadcast(c, com_ctx_comm(c), d->ansatz->n_reals * sizeof(double), d->dw));
  if (!s->weight || !d->have_good || d->energy.mean <= d->healthy.mean) {
    memcpy(d->good, d->ansatz->w, d->ansatz->n_reals * sizeof(double));
    d->healthy = d->energy, d->healthy_accept = s->accept, d->have_good = 1;
  }
  d->in_a_row = 0;
  for (size_t k = 0; k < d->ansatz->n_reals; k++) d->ansatz->w[k] += d->dw[k];
  COM_TRY(nqs_ansatz_load(c, d->ansatz, d->ansatz->w));
  d->iteration++;
  if ((double)(d->cfg.iterations - d->iteration) < nqs_sr_average(d->sr) * d->cfg.iterations) {
    for (size_t k = 0; k < d->ansatz->n_reals; k++) d->mean[k] += d->ansatz->w[k];
    d->n_mean++;
  }
  if (d->iteration >= d->cfg.iterations) d->stop = COM_STOP_MAX_ITER;
  return remember(d, &rep);
}

void nqs_driver_interrupt(nqs_driver *d, com_stop why) { d->stop = why; }
void nqs_driver_extend(nqs_driver *d, int iterations) {
  d->cfg.iterations += iterations;
  d->n_mean = 0;
  memset(d->mean, 0, d->ansatz->n_reals * sizeof *d->mean);
  if (d->stop == COM_STOP_MAX_ITER) d->stop = COM_STOP_NONE;
}
com_stop nqs_driver_stop(const nqs_driver *d) { return d->stop; }
long nqs_driver_iteration(const nqs_driver *d) { return d->iteration; }
long nqs_driver_max_iterations(const nqs_driver *d) { return d->cfg.iterations; }
const nqs_estimate *nqs_driver_energy(const nqs_driver *d) { return &d->energy; }

/* ---- measurement ---- */

/* Replace the last parameters by the mean of the last ones, in which the noise of the steps has averaged out; not when
 * that raises the energy or its variance, which is known much better, as it does while the state still changes. */
com_status nqs_driver_freeze(nqs_driver *d) {
  com_ctx *c = d->ctx;
  const size_t n = d->ansatz->n_reals;
  if (d->n_mean < 2 || !d->have_good) return COM_OK;
  double *last;
  COM_ALLOC(c, last = malloc((n + 1) * sizeof *last));
  memcpy(last, d->ansatz->w, n * sizeof *last);
  for (size_t k = 0; k < n; k++) d->ansatz->w[k] = d->mean[k] / (double)d->n_mean;
  d->n_mean = 0;
  nqs_estimate e;
  com_status status = nqs_ansatz_load(c, d->ansatz, d->ansatz->w);
  if (!status) status = nqs_sampler_collect(c, d->sampler, 0, 0, &d->samples);
  if (!status) {
    nqs_estimate_series(d->samples.n_chains, d->samples.n_time, d->samples.eloc, d->samples.weight, &e);
    const double room = 3 * hypot(e.error, d->healthy.error);
    const int better = e.mean <= d->healthy.mean + room && e.variance <= more_variance * d->healthy.variance;
    if (!better) status = nqs_ansatz_load(c, d->ansatz, last);
  }
  free(last);
  return status;
}

/* What a careful reader of the measurement would ask. */
static void warn_sampling(const nqs_driver *d) {
  com_ctx *c = d->ctx;
  const nqs_samples *s = &d->samples;
  const nqs_estimate *e = &d->measured;
  size_t unseen = 0;
  for (size_t k = 0; k < s->n_probe; k++)
    unseen += s->probe[k].log_weight > heavy && nqs_probe_excess(s->probe + k, e->mean, e->variance) > 0;
  if (e->rhat > suspicious_rhat)
    com_ctx_warn(c, "rhat",
                 "the chains disagree (split R-hat %.2f): some may hang in a region of their own; use "
                 "sampler.start = neel, "
                 "more discarded sweeps, or parallel tempering",
                 e->rhat);
  if (s->accept < frozen_accept)
    com_ctx_warn(
        c, "frozen",
        "the chains hardly move (acceptance %.2g): the state is concentrated on few configurations, and its "
        "energy may be that of a corner; use a smaller ansatz.sigma or optimizer.rate",
        s->accept);
  if (unseen)
    com_ctx_warn(
        c, "unseen",
        "%zu of %zu chains started at random end where the state is as large as in the measurement but its "
        "local energy far higher: it may have weight that the measured energy misses; use more iterations "
        "or a larger optimizer.guard",
        unseen, s->n_probe);
}

static com_status measure(nqs_driver *d) {
  com_ctx *c = d->ctx;
  const unsigned want = NQS_WANT_PROBE | (nqs_observables_n(d->observables) ? NQS_WANT_S : 0);
  const com_status status =
      nqs_measure_energy(c, d->sampler, &d->cfg.measure, want, &d->samples, &d->measured);
  if (status != COM_E_NUM || !d->have_good) return status;
  com_ctx_clear(c); /* the very last step was the bad one */
  COM_TRY(roll_back(d, "the last step spoiled the state"));
  return nqs_measure_energy(c, d->sampler, &d->cfg.measure, want, &d->samples, &d->measured);
}

/* Did the measurement meet what the training had not seen, or saw only at its end?  The quietest of the last quarter of the
 * iterations is the measure.  Then the chains are there now, and some more steps mend it. */
static int surprised(const nqs_driver *d) {
  const nqs_estimate *now = &d->measured;
  const double *quiet = NULL;
  for (size_t i = d->n_history - d->n_history / 4; i < d->n_history; i++) {
    const double *h = d->history + i * H_COLUMNS;
    if (!quiet || h[H_VARIANCE] < quiet[H_VARIANCE]) quiet = h;
  }
  if (!quiet || !(now->variance > surprising_variance * quiet[H_VARIANCE])) return 0;
  /* One chain for a short time in a region of high energy raises the error of the mean with the mean.  Not the rounding of
   * an exact state. */
  if (now->variance > fmax(alarming_variance * quiet[H_VARIANCE], 1e-8 * now->mean * now->mean)) return 1;
  return now->mean > quiet[H_ENERGY] + 3 * hypot(now->error, quiet[H_ERROR]);
}

static com_status mend(nqs_driver *d) {
  const com_stop stop = d->stop;
  com_ctx_warn(d->ctx, "mended",
               "the measurement met configurations that the training had hardly seen (variance %.3g): %d "
               "more iterations",
               d->measured.variance, MEND_STEPS);
  for (int k = 0; k < MEND_STEPS; k++) COM_TRY(nqs_driver_iterate(d));
  d->stop = stop;
  return measure(d);
}

com_status nqs_driver_measure(nqs_driver *d) {
  com_ctx *c = d->ctx;
  COM_TRY(nqs_driver_freeze(d));
  COM_TRY(measure(d));
  for (int k = 0; k < MAX_MENDS && surprised(d); k++) COM_TRY(mend(d));
  com_json_free(d->observed);
  d->observed = NULL;
  COM_TRY(nqs_observables_measure(c, d->observables, d->ansatz, d->pool, &d->samples, &d->observed));
  d->have_measured = 1;
  warn_sampling(d);
  return COM_OK;
}

const nqs_estimate *nqs_driver_measured(const nqs_driver *d) {
  return d->have_measured ? &d->measured : NULL;
}

/* ---- result ---- */

static com_status add_exact(nqs_driver *d, cJSON *result) {
  com_ctx *c = d->ctx;
  double e;
  const char *source = "Lanczos";
  if (!nqs_hamiltonian_reference(d->ham, &d->cfg.hamiltonian, &e, &source)) {
    if (d->ham->space->dim > affordable) return COM_OK;
    COM_TRY(nqs_exact_ground(c, d->ham, d->pool, 1e-10, &e, NULL, NULL));
  }
  const nqs_estimate *m = &d->measured;
  if (m->mean < e - 5 * m->error - 1e-9 * fabs(e))
    com_ctx_warn(c, "below_exact",
                 "the energy %.8g lies %.1f errors below the exact %.8g: the sampling is not trustworthy",
                 m->mean, (e - m->mean) / m->error, e);
  cJSON *x = com_json_object();
  COM_TRY(com_json_add(c, result, "exact", x));
  COM_TRY(com_json_add(c, x, "energy", com_json_real(e)));
  COM_TRY(com_json_add(c, x, "relative_error", com_json_real((m->mean - e) / fabs(e))));
  return com_json_add(c, x, "source", com_json_string(source));
}

static com_status add_history(nqs_driver *d, cJSON *result) {
  com_ctx *c = d->ctx;
  com_table *t = NULL;
  double *column = malloc((d->n_history + 1) * sizeof *column);
  com_status status = column ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < H_COLUMNS && !status; k++) {
    for (size_t i = 0; i < d->n_history; i++) column[i] = d->history[i * H_COLUMNS + k];
    status = com_table_add(c, t, history_names[k], "1", NULL, d->n_history, column, NULL);
  }
  if (!status) status = com_json_add(c, result, "history", com_table_json(t));
  com_table_destroy(t);
  free(column);
  return status;
}

com_status nqs_driver_result(nqs_driver *d, cJSON **out) {
  com_ctx *c = d->ctx;
  cJSON *r = com_json_object(), *e = NULL, *p = com_json_object();
  com_status status = r && p ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  const size_t n = d->lattice->n;
  const nqs_estimate *m = &d->measured;
  if (status) goto done;
  COM_GOTO(done, com_json_add(c, r, "stop", com_json_string(com_status_stop_name(d->stop))));
  COM_GOTO(done, com_json_add(c, r, "iterations", com_json_int(d->iteration)));
  COM_GOTO(done, com_json_add(c, r, "rollbacks", com_json_int(d->rollbacks)));
  if (d->have_measured) {
    COM_GOTO(done, nqs_estimate_json(c, m, n, nqs_estimate_v_score(m, n, d->ham->trace), &e));
    COM_GOTO(done, com_json_add(c, r, "energy", e));
    COM_GOTO(done, com_json_add(c, r, "accept", com_json_real(d->samples.accept)));
    COM_GOTO(done, com_json_add(c, r, "observables", com_json_copy(d->observed)));
    COM_GOTO(done, add_exact(d, r));
  }
  if (d->flattened)
    com_ctx_warn(c, "flattened",
                 "%ld times the chains hardly moved, and all parameters were multiplied by %g: use a smaller "
                 "ansatz.sigma",
                 d->flattened, flatter);
  if (d->rollbacks)
    com_ctx_warn(c, "rollback",
                 "%ld steps were taken back (explosion, frozen sampler or numbers that are not finite)",
                 d->rollbacks);
  COM_GOTO(done, add_history(d, r));
  COM_GOTO(done, com_json_add(c, p, "w", com_json_reals(d->ansatz->w, d->ansatz->n_reals)));
  status = com_json_add(c, r, "parameters", p);
  p = NULL; /* taken in any case */
  if (!status) *out = r, r = NULL;
done:
  com_json_free(r);
  com_json_free(p);
  return status;
}

com_status nqs_driver_config(nqs_driver *d, cJSON **out) {
  COM_ALLOC(d->ctx, *out = com_json_object());
  const com_status status = com_field_write(d->ctx, nqs_driver_fields, &d->cfg, *out);
  if (status) com_json_free(*out), *out = NULL;
  return status;
}

/* ---- checkpoint ---- */

static com_status save_estimate(com_ctx *c, cJSON *to, const nqs_estimate *e) {
  const double v[] = {e->mean, e->error, e->variance};
  return com_json_add(c, to, "healthy", com_json_reals(v, 3));
}

com_status nqs_driver_checkpoint(nqs_driver *d, cJSON **out) {
  com_ctx *c = d->ctx;
  cJSON *o = com_json_object(), *part = NULL;
  com_status status = o ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  const size_t n = d->ansatz->n_reals;
  if (status) goto done;
  COM_GOTO(done, com_json_add(c, o, "iteration", com_json_int(d->iteration)));
  COM_GOTO(done, com_json_add(c, o, "rollbacks", com_json_int(d->rollbacks)));
  COM_GOTO(done, com_json_add(c, o, "in_a_row", com_json_int(d->in_a_row)));
  COM_GOTO(done, com_json_add(c, o, "flattened", com_json_int(d->flattened)));
  COM_GOTO(done, com_json_add(c, o, "have_good", com_json_bool(d->have_good)));
  COM_GOTO(done, com_json_add(c, o, "healthy_accept", com_json_real(d->healthy_accept)));
  COM_GOTO(done, save_estimate(c, o, &d->healthy));
  COM_GOTO(done, com_json_add(c, o, "parameters", com_json_reals(d->ansatz->w, n)));
  COM_GOTO(done, com_json_add(c, o, "good", com_json_reals(d->good, n)));
  COM_GOTO(done, com_json_add(c, o, "mean", com_json_reals(d->mean, n)));
  COM_GOTO(done, com_json_add(c, o, "n_mean", com_json_int(d->n_mean)));
  COM_GOTO(done, com_json_add(c, o, "history", com_json_reals(d->history, d->n_history * H_COLUMNS)));
  COM_GOTO(done, nqs_sampler_save(c, d->sampler, &part));
  COM_GOTO(done, com_json_add(c, o, "sampler", part));
  COM_GOTO(done, nqs_sr_save(c, d->sr, &part));
  COM_GOTO(done, com_json_add(c, o, "optimizer", part));
  *out = o, o = NULL;
done:
  com_json_free(o);
  return status;
}

static com_status load_reals(com_ctx *c, const cJSON *in, const char *key, size_t n, double *to) {
  double *x = NULL;
  size_t got = 0;
  COM_TRY(com_json_read_reals(c, "checkpoint", key, com_json_get(in, key), &x, &got));
  if (got == n) memcpy(to, x, n * sizeof *x);
  free(x);
  COM_CHECK(c, got == n, COM_E_DATA,
            "checkpoint: %s: %zu numbers, expected %zu; resume with the same configuration", key, got, n);
  return COM_OK;
}

/* History rows hold NaN (written as null) where a quantity is not defined. */
static com_status load_history(nqs_driver *d, const cJSON *in) {
  const size_t n = com_json_size(in);
  COM_CHECK(d->ctx, n % H_COLUMNS == 0, COM_E_DATA, "checkpoint: history: damaged");
  free(d->history);
  COM_ALLOC(d->ctx, d->history = malloc((n + 1) * sizeof *d->history));
  for (size_t k = 0; k < n; k++) d->history[k] = com_json_num(com_json_at(in, k), NAN);
  d->n_history = d->cap_history = n / H_COLUMNS;
  return COM_OK;
}

com_status nqs_driver_resume(nqs_driver *d, const cJSON *in) {
  com_ctx *c = d->ctx;
  double v[3];
  d->iteration = com_json_count(com_json_get(in, "iteration"), 0);
  d->rollbacks = com_json_count(com_json_get(in, "rollbacks"), 0);
  d->in_a_row = com_json_count(com_json_get(in, "in_a_row"), 0);
  d->flattened = com_json_count(com_json_get(in, "flattened"), 0);
  d->have_good = com_json_true(com_json_get(in, "have_good"));
  d->healthy_accept = com_json_num(com_json_get(in, "healthy_accept"), NAN);
  COM_TRY(load_reals(c, in, "healthy", 3, v));
  d->healthy = (nqs_estimate){.mean = v[0], .error = v[1], .variance = v[2]};
  d->n_mean = com_json_count(com_json_get(in, "n_mean"), 0);
  COM_TRY(load_reals(c, in, "mean", d->ansatz->n_reals, d->mean));
  COM_TRY(load_reals(c, in, "good", d->ansatz->n_reals, d->good));
  COM_TRY(load_reals(c, in, "parameters", d->ansatz->n_reals, d->ansatz->w));
  COM_TRY(nqs_ansatz_load(c, d->ansatz, d->ansatz->w));
  COM_TRY(load_history(d, com_json_get(in, "history")));
  COM_TRY(nqs_sampler_load(c, d->sampler, com_json_get(in, "sampler")));
  COM_TRY(nqs_sr_load(c, d->sr, com_json_get(in, "optimizer")));
  d->stop = d->iteration >= d->cfg.iterations ? COM_STOP_MAX_ITER : COM_STOP_NONE;
  return COM_OK;
}

const nqs_lattice *nqs_driver_lattice(const nqs_driver *d) { return d->lattice; }
nqs_hamiltonian *nqs_driver_hamiltonian(const nqs_driver *d) { return d->ham; }
nqs_ansatz *nqs_driver_ansatz(const nqs_driver *d) { return d->ansatz; }
nqs_sampler *nqs_driver_sampler(const nqs_driver *d) { return d->sampler; }
com_pool *nqs_driver_pool(const nqs_driver *d) { return d->pool; }
const nqs_config *nqs_driver_options(const nqs_driver *d) { return &d->cfg; }
