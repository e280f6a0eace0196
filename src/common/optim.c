/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/optim.h"
#include "common/optim_state.h"

#define COM_OPTIM(name) extern const com_optim_ops com_optim_##name;
#include "common/optim_list.h"
#undef COM_OPTIM
#define COM_OPTIM(name) &com_optim_##name.c,
static const com_component *const registry[] = {
#include "common/optim_list.h"
    NULL};
#undef COM_OPTIM
static const com_component *const *all(void) { return registry; }

enum { DEFAULT_MAX_ITER = 2000 };
static const com_field shared_fields[] = {
    {"max_iter", "stop after this many steps, one evaluation each; 0: as many as the loss asks for, or 2000",
     "1", COM_F_INT, offsetof(com_optim_shared, max_iter), 0, 0, 1e9, NULL, NULL, 0},
    {"loss_tol", "stop when the loss is not above this", "1", COM_F_REAL,
     offsetof(com_optim_shared, loss_tol), NAN, 0, 0, NULL, NULL, 0},
    {"grad_tol",
     "stop when the projected gradient is this small (lm: cosine between residual and Jacobian columns; "
     "others: "
     "largest entry over max(1, |loss|))",
     "1", COM_F_REAL, offsetof(com_optim_shared, grad_tol), 1e-10, 0, 1, NULL, NULL, 0},
    {"step_tol", "stop when a step is this small against the parameters", "1", COM_F_REAL,
     offsetof(com_optim_shared, step_tol), 1e-12, 0, 1, NULL, NULL, 0},
    {0}};

const com_kind com_optim_kind = {.name = "optimizer",
                                 .plural = "optimizers",
                                 .doc = "how the parameters are moved",
                                 .all = all,
                                 .shared = shared_fields,
                                 .shared_size = sizeof(com_optim_shared)};

struct com_optim {
  const com_optim_ops *ops;
  void *self;
  com_optim_shared shared;
  size_t n;
  long iterations;
  double best, *best_x; /* [n], meaningful when best < INFINITY */
};

com_status com_optim_create(com_ctx *c, const com_choice *which, size_t n, const double *lo, const double *hi,
                            com_optim **out) {
  com_status status = COM_OK;
  com_optim *o = NULL;
  *out = NULL;
  COM_CHECK(c, n > 0, COM_E_CONFIG, "optimizer: there is no trained parameter; give some \"train\"");
  for (size_t i = 0; lo && hi && i < n; i++)
    COM_CHECK(c, lo[i] <= hi[i], COM_E_CONFIG, "optimizer: bounds of parameter %zu: [%g, %g] is empty", i,
              lo[i], hi[i]);
  COM_ALLOC(c, o = calloc(1, sizeof *o));
  o->ops = (const com_optim_ops *)which->type;
  o->shared = *(const com_optim_shared *)which->shared;
  if (o->shared.max_iter == 0) o->shared.max_iter = DEFAULT_MAX_ITER;
  o->n = n;
  o->best = INFINITY;
  o->best_x = calloc(n, sizeof *o->best_x);
  if (!o->best_x) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, o->ops->create(c, which->opts, &o->shared, n, lo, hi, &o->self));
  *out = o;
  o = NULL;
done:
  com_optim_destroy(o);
  return status;
}

void com_optim_destroy(com_optim *o) {
  if (!o) return;
  if (o->self) o->ops->destroy(o->self);
  free(o->best_x);
  free(o);
}

unsigned com_optim_wants(const com_optim *o) { return o->ops->wants; }
long com_optim_iterations(const com_optim *o) { return o->iterations; }
double com_optim_best(const com_optim *o) { return o->best; }
const double *com_optim_best_x(const com_optim *o) { return o->best < INFINITY ? o->best_x : NULL; }

com_stop com_optim_step(com_optim *o, const com_eval *e, double *x) {
  com_stop stop = COM_STOP_NONE;
  o->iterations++;
  if (e->f < o->best) {
    o->best = e->f;
    memcpy(o->best_x, x, o->n * sizeof *x);
  }
  if (e->f <= o->shared.loss_tol) stop = COM_STOP_LOSS_TOL; /* never when loss_tol is NaN, not given */
  if (!stop) stop = o->ops->step(o->self, e, x);
  if (!stop && o->iterations >= o->shared.max_iter) stop = COM_STOP_MAX_ITER;
  if (stop && o->ops->keeps_best && o->best < INFINITY) memcpy(x, o->best_x, o->n * sizeof *x);
  return stop;
}

com_status com_optim_save(com_ctx *c, const com_optim *o, cJSON **out) {
  com_status status = COM_OK;
  cJSON *state = com_json_object(), *self = NULL;
  *out = NULL;
  COM_GOTO(done, com_json_add(c, state, "type", com_json_string(o->ops->c.name)));
  COM_GOTO(done, com_json_add(c, state, "iterations", com_json_int(o->iterations)));
  if (o->best < INFINITY) {
    COM_GOTO(done, com_optim_state_put(c, state, "best", 1, &o->best));
    COM_GOTO(done, com_optim_state_put(c, state, "best_x", o->n, o->best_x));
  }
  COM_GOTO(done, o->ops->save(c, o->self, &self));
  COM_GOTO(done, com_json_add(c, state, "self", self));
  *out = state;
  state = NULL;
done:
  com_json_free(state);
  return status;
}

com_status com_optim_load(com_ctx *c, com_optim *o, const cJSON *in) {
  const char *type = com_json_str(com_json_get(in, "type"), "none");
  double iterations;
  COM_CHECK(c, !strcmp(type, o->ops->c.name), COM_E_DATA,
            "optimiser state: type = %s: the run uses %s; resume with the configuration that wrote it", type,
            o->ops->c.name);
  COM_TRY(com_optim_state_take(c, in, "iterations", 1, &iterations));
  o->iterations = (long)iterations;
  o->best = INFINITY;
  if (com_json_get(in, "best")) {
    COM_TRY(com_optim_state_take(c, in, "best_x", o->n, o->best_x));
    COM_TRY(com_optim_state_take(c, in, "best", 1, &o->best));
  }
  return o->ops->load(c, o->self, com_json_get(in, "self"));
}
