/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/optim_state.h"

com_status com_optim_state_put(com_ctx *c, cJSON *state, const char *key, size_t n, const double *v) {
  return com_json_add(c, state, key, n == 1 ? com_json_real(v[0]) : com_json_reals(v, n));
}

com_status com_optim_state_take(com_ctx *c, const cJSON *state, const char *key, size_t n, double *v) {
  const cJSON *in = com_json_get(state, key);
  const int fits = n == 1 ? com_json_is_number(in) : com_json_is_array(in) && com_json_size(in) == n;
  COM_CHECK(c, fits, COM_E_DATA,
            "optimiser state: %s: must be %zu numbers; the checkpoint belongs to another run", key, n);
  for (size_t i = 0; i < n; i++) {
    const cJSON *item = n == 1 ? in : com_json_at(in, i);
    COM_CHECK(c, com_json_is_number(item), COM_E_DATA, "optimiser state: %s[%zu]: must be a number", key, i);
    v[i] = com_json_num(item, NAN);
  }
  return COM_OK;
}

com_status com_optim_state_bounds(com_ctx *c, size_t n, const double *bounds, double none, double **out) {
  COM_ALLOC(c, *out = malloc(n * sizeof **out));
  for (size_t i = 0; i < n; i++) (*out)[i] = bounds ? bounds[i] : none;
  return COM_OK;
}

int com_optim_state_active(double x, double g, double lo, double hi) {
  return (x <= lo && g > 0) || (x >= hi && g < 0);
}

double com_optim_state_clamp(double x, double lo, double hi) { return x < lo ? lo : x > hi ? hi : x; }

int com_optim_state_finite(size_t n, const double *v) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(v[i])) return 0;
  return 1;
}

double com_optim_state_dot(size_t n, const double *a, const double *b) {
  double s = 0;
  for (size_t i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}
