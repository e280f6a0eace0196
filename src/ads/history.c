/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATION, START, STAGE, LOSS, N_BAD, N_COL };
static const char *const names[N_COL] = {"iteration", "start", "stage", "loss", "n_bad"};

struct ads_history {
  size_t n;
  long stride; /* rows are kept for iterations that are multiples of it */
  double col[N_COL][ADS_HISTORY_MAX];
};

com_status ads_history_create(com_ctx *c, ads_history **out) {
  COM_ALLOC(c, *out = calloc(1, sizeof **out));
  (*out)->stride = 1;
  return COM_OK;
}

void ads_history_destroy(ads_history *h) { free(h); }

static void thin(ads_history *h) {
  size_t kept = 0;
  h->stride *= 2;
  for (size_t i = 0; i < h->n; i++) {
    if ((long)h->col[ITERATION][i] % h->stride != 0) continue;
    for (int k = 0; k < N_COL; k++) h->col[k][kept] = h->col[k][i];
    kept++;
  }
  h->n = kept;
}

com_status ads_history_add(com_ctx *c, ads_history *h, long iteration, size_t start, size_t stage,
                           double loss, size_t n_bad) {
  (void)c;
  if (iteration % h->stride != 0) return COM_OK;
  if (h->n == ADS_HISTORY_MAX) {
    thin(h);
    if (iteration % h->stride != 0) return COM_OK;
  }
  const double row[N_COL] = {(double)iteration, (double)start, (double)stage, loss, (double)n_bad};
  for (int k = 0; k < N_COL; k++) h->col[k][h->n] = row[k];
  h->n++;
  return COM_OK;
}

com_status ads_history_table(com_ctx *c, const ads_history *h, com_table **out) {
  COM_TRY(com_table_create(c, out));
  for (int k = 0; k < N_COL; k++) {
    const com_status s = com_table_add(c, *out, names[k], "1", NULL, h->n, h->col[k], NULL);
    if (s) {
      com_table_destroy(*out);
      *out = NULL;
      return s;
    }
  }
  return COM_OK;
}

com_status ads_history_save(com_ctx *c, const ads_history *h, cJSON **out) {
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "stride", com_json_int(h->stride));
  for (int k = 0; k < N_COL && !s; k++) s = com_json_add(c, j, names[k], com_json_reals(h->col[k], h->n));
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}

com_status ads_history_load(com_ctx *c, ads_history *h, const char *file, const cJSON *in) {
  h->stride = com_json_count(com_json_get(in, "stride"), 0);
  h->n = com_json_size(com_json_get(in, names[0]));
  COM_CHECK(c, h->stride >= 1 && h->n <= ADS_HISTORY_MAX, COM_E_DATA, "%s: state.history: is damaged", file);
  for (int k = 0; k < N_COL; k++) {
    const cJSON *col = com_json_get(in, names[k]);
    COM_CHECK(c, com_json_size(col) == h->n, COM_E_DATA, "%s: state.history.%s: must have %zu values", file,
              names[k], h->n);
    for (size_t i = 0; i < h->n; i++) h->col[k][i] = com_json_num(com_json_at(col, i), INFINITY);
  }
  return COM_OK;
}
