/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learn the metric from lattice QCD: cc train.c $(pkg-config --cflags --libs holograd) && ./a.out CONFIG */
#include <holograd/ads.h>

static char text[1 << 16];

static int fail(holograd_ctx *c) { return fprintf(stderr, "train: %s\n", holograd_ctx_error(c)), 1; }

int main(int argc, char **argv) {
  FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (!in) return fprintf(stderr, "usage: train CONFIG\n"), 64;
  text[fread(text, 1, sizeof text - 1, in)] = '\0';
  fclose(in);

  holograd_ctx *c = NULL;
  holograd_trainer *t = NULL;
  if (holograd_ctx_create(NULL, &c) || holograd_trainer_create(c, argv[1], text, &t)) return fail(c);
  while (holograd_trainer_stop(t) == HOLOGRAD_STOP_NONE) /* the loop is yours */
    if (holograd_trainer_iterate(t)) return fail(c);

  holograd_fit *f = holograd_trainer_fit(t);
  const double *p = holograd_trainer_best(t), eta[] = {1, 0.8, 0.6, 0.4, 0.2, 0.1};
  double loss = 0, chi2 = 0, response[64], h[6];
  if (holograd_fit_n_points(f) > 64 || holograd_fit_loss(f, p, &loss, NULL) ||
      holograd_fit_predict(f, p, response, NULL, &chi2) || holograd_fit_metric(f, p, 6, eta, h, NULL))
    return fail(c);
  printf("stopped by %s: loss %.6g, chi2 %.6g for %zu points\n",
         holograd_status_stop_name(holograd_trainer_stop(t)), loss, chi2, holograd_fit_n_points(f));
  for (size_t i = 0; i < holograd_fit_n_params(f); i++) {
    char name[64];
    holograd_fit_param_name(f, i, name);
    printf("%-16s %.8g\n", name, p[i]);
  }
  for (int i = 0; i < 6; i++) printf("h(%g) = %.6g\n", eta[i], h[i]);
  holograd_trainer_destroy(t);
  holograd_ctx_destroy(c);
  return 0;
}
