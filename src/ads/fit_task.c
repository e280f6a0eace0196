/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/fit_task.h"
#include "ads/report.h"

static com_status start(void *self, size_t k, double *full) { return ads_fit_start(self, k, full); }
static com_status improve(void *self, double *full) { return ads_fit_improve(self, full); }
static void stage(const void *self, size_t k, ads_loss_stage *out) { ads_fit_stage(self, k, out); }
static size_t n_res(const void *self, int s) { return ads_fit_n_res(self, s); }

static com_status residuals(void *self, int s, const double *full, double *r, double *J, size_t *n_bad) {
  return ads_fit_residuals(self, s, full, r, J, n_bad);
}

static com_status value(void *self, int s, size_t k, long step, const double *full, double *f, double *g,
                        size_t *n_bad) {
  return ads_fit_value(self, s, k, step, full, f, g, n_bad);
}

static com_status judge(void *self, const double *full, ads_start_row *row) {
  return ads_report_start(ads_fit_ctx(self), self, full, row);
}

/* Does the loss of every group call it good enough? */
static int accepted(const void *self, double loss) {
  for (size_t g = 0; g < ads_fit_n_groups(self); g++) {
    const ads_loss *l = ads_fit_group(self, g)->loss;
    const ads_loss_ops *ops = ads_loss_operations(l);
    if (!ops->accepted || !ops->accepted(ads_loss_self((ads_loss *)l), loss)) return 0;
  }
  return 1;
}

static com_status identity(const void *self, cJSON **out) {
  return ads_report_config(ads_fit_ctx(self), self, out);
}

static com_status result(void *self, const ads_report *r, cJSON **out) {
  return ads_report_result(ads_fit_ctx(self), self, r, out);
}

enum { N_STATS = 7 };

static com_status save(const void *self, cJSON *state) {
  ads_flow_stats s;
  ads_fit_flow_stats(self, &s);
  const double v[N_STATS] = {(double)s.steps,         (double)s.rhs,         (double)s.steps_back,
                             (double)s.rhs_back,      (double)s.checkpoints, (double)s.forward_calls,
                             (double)s.backward_calls};
  return com_json_add(ads_fit_ctx(self), state, "flow", com_json_reals(v, N_STATS));
}

static void load(void *self, const cJSON *state) {
  const cJSON *j = com_json_get(state, "flow");
  long v[N_STATS];
  for (size_t k = 0; k < N_STATS; k++) v[k] = com_json_count(com_json_at(j, k), 0);
  const ads_flow_stats s = {v[0], v[1], v[2], v[3], v[4], v[5], v[6]};
  ads_fit_flow_resume(self, &s);
}

static const ads_task_ops ops = {.start = start,
                                 .improve = improve,
                                 .stage = stage,
                                 .n_res = n_res,
                                 .residuals = residuals,
                                 .value = value,
                                 .judge = judge,
                                 .accepted = accepted,
                                 .identity = identity,
                                 .result = result,
                                 .save = save,
                                 .load = load};

ads_task ads_fit_task(ads_fit *fit) {
  const ads_config *cfg = ads_fit_config(fit);
  return (ads_task){.ops = &ops,
                    .self = fit,
                    .file = cfg->file,
                    .params = ads_fit_params(fit),
                    .optimizer = &cfg->optimizer,
                    .wants = ads_fit_wants(fit),
                    .n_starts = (size_t)cfg->restarts,
                    .n_stages = ads_fit_n_stages(fit),
                    .n_points = ads_fit_n_points(fit)};
}
