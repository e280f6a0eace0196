/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <holograd/nqs.h>
#include <stdlib.h>
#include "api/ctx.h"
#include "nqs/run.h"

struct holograd_nqs {
  holograd_ctx *user;
  com_ctx *c;
  size_t seen;
  nqs_driver *d;
};

static holograd_status join(holograd_nqs *q, com_status s) {
  return holograd_ctx_join(q->user, q->c, &q->seen, s);
}

static com_status create(holograd_nqs *q, const char *name, const char *config) {
  cJSON *j = NULL;
  COM_TRY(holograd_ctx_fork(q->user, &q->c));
  COM_TRY(holograd_ctx_parse(q->c, &name, config, &j));
  const com_status s = nqs_run_open(q->c, name, j, &q->d);
  com_json_free(j);
  return s;
}

holograd_status holograd_nqs_create(holograd_ctx *c, const char *name, const char *config,
                                    holograd_nqs **out) {
  if (!c || !out) return HOLOGRAD_E_USAGE;
  *out = NULL;
  holograd_nqs *q = calloc(1, sizeof *q);
  if (!q) return holograd_ctx_join(c, NULL, NULL, COM_E_MEM);
  q->user = c;
  const holograd_status status = join(q, create(q, name, config));
  if (status) {
    holograd_nqs_destroy(q);
    return status;
  }
  *out = q;
  return HOLOGRAD_OK;
}

void holograd_nqs_destroy(holograd_nqs *q) {
  if (!q) return;
  nqs_driver_destroy(q->d);
  com_ctx_destroy(q->c);
  free(q);
}

holograd_status holograd_nqs_iterate(holograd_nqs *q) {
  const com_stop why = com_ctx_stop(q->c);
  if (why) {
    nqs_driver_interrupt(q->d, why);
    return HOLOGRAD_OK;
  }
  return join(q, nqs_driver_iterate(q->d));
}

holograd_stop holograd_nqs_stop(const holograd_nqs *q) { return (holograd_stop)nqs_driver_stop(q->d); }
long holograd_nqs_iteration(const holograd_nqs *q) { return nqs_driver_iteration(q->d); }
size_t holograd_nqs_n_sites(const holograd_nqs *q) { return nqs_driver_lattice(q->d)->n; }

void holograd_nqs_energy(const holograd_nqs *q, holograd_nqs_estimate *out) {
  const nqs_estimate *m = nqs_driver_measured(q->d), *e = m ? m : nqs_driver_energy(q->d);
  *out = (holograd_nqs_estimate){
      .mean = e->mean, .error = e->error, .variance = e->variance, .tau = e->tau, .rhat = e->rhat};
}

holograd_status holograd_nqs_measure(holograd_nqs *q) { return join(q, nqs_driver_measure(q->d)); }

static com_status result(holograd_nqs *q, char **text) {
  cJSON *doc = NULL;
  COM_CHECK(q->c, nqs_driver_measured(q->d), COM_E_USAGE, "no result before the state was measured");
  COM_TRY(nqs_run_document(q->c, q->d, &doc));
  return holograd_ctx_text(q->c, doc, text);
}

holograd_status holograd_nqs_result(holograd_nqs *q, char **text) {
  *text = NULL;
  return join(q, result(q, text));
}

holograd_status holograd_nqs_save(holograd_nqs *q, char **text) {
  cJSON *state = NULL;
  *text = NULL;
  com_status s = nqs_driver_checkpoint(q->d, &state);
  if (!s) s = holograd_ctx_text(q->c, state, text);
  return join(q, s);
}

holograd_status holograd_nqs_load(holograd_nqs *q, const char *text) {
  cJSON *state = NULL;
  const char *name = "state";
  com_status s = holograd_ctx_parse(q->c, &name, text, &state);
  if (!s) s = nqs_driver_resume(q->d, state);
  com_json_free(state);
  return join(q, s);
}
