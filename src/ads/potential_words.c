/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "ads/potential.h"
#include "common/text.h"

static double number(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

static void place(com_text *t, const char *what, const cJSON *j) {
  const double fm = number(j, "d_fm"), dt = number(j, "d_times_T");
  if (!com_json_is_object(j)) return;
  com_text_printf(t, "  %s at d = %.6g L", what, number(j, "d"));
  if (isfinite(fm)) com_text_printf(t, " = %.4g fm", fm);
  if (isfinite(dt)) com_text_printf(t, ", d T = %.6g", dt);
  com_text_printf(t, " (eta0 = %.6g)\n", number(j, "eta0"));
}

com_status ads_potential_words(com_ctx *c, const cJSON *doc, char **out) {
  com_text t = {0};
  size_t n;
  const cJSON **curve = NULL;
  COM_TRY(ads_potential_curves(c, doc, &n, &curve));
  for (size_t i = 0; i < n; i++) {
    const cJSON *j = curve[i], *debye = com_json_get(j, "debye");
    const double slope = number(j, "slope"), kappa = number(j, "kappa");
    com_text_printf(&t, "%s:\n", com_json_str(com_json_get(j, "name"), "potential"));
    place(&t, "screening (V = 0)", com_json_get(j, "screening"));
    place(&t, "longest connected string", com_json_get(j, "d_max"));
    place(&t, "imaginary part sets in", com_json_get(j, "im_onset"));
    if (isfinite(slope))
      com_text_printf(&t, "  linear slope %.6g 1/(2 pi alpha') at the minimum of f g, eta = %.6g\n", slope,
                      number(j, "fg_minimum"));
    if (isfinite(kappa))
      com_text_printf(&t, "  calibrated: L^2/(2 pi alpha') = %.5g, constant %.4g GeV\n", kappa,
                      number(j, "constant"));
    if (com_json_is_object(debye))
      com_text_printf(&t, "  Debye mass of the screened Cornell form: mu = %.4g/L, mu/T = %.4g\n",
                      number(debye, "mu"), number(debye, "mu_over_T"));
  }
  const cJSON *bands = com_json_get(com_json_get(doc, "result"), "bands");
  for (const cJSON *e = com_json_first(bands); e; e = com_json_next(e))
    if (isfinite(number(e, "median")))
      com_text_printf(
          &t, "%s: median %.4g fm, 68 %% band [%.4g, %.4g], wide band [%.4g, %.4g] (%.0f %% of the draws)\n",
          com_json_key(e), number(e, "median"), number(e, "lo68"), number(e, "hi68"), number(e, "lo"),
          number(e, "hi"), 100 * number(e, "share"));
  free(curve);
  return com_text_take(c, &t, out);
}
