/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that uses the library, for the faults of inject.c: library COMMAND CONFIG ... OUT.  COMMAND is one of holograd_run(), or
 * "objects" (a trainer, saved and loaded, and the functions of its fit) or "state" (the same of an NQS).  Its output is the document, its
 * exit code the status, its error line that of the program. */
#include <holograd/ads.h>
#include <holograd/nqs.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static holograd_status objects(holograd_ctx *c, const char *name, const char *config, char **out) {
  holograd_trainer *t = NULL, *again = NULL;
  holograd_fit *f = NULL;
  char *state = NULL;
  double loss = 0, chi2 = 0, p[64], g[64], r[64], response[64], h[1];
  holograd_status s = holograd_trainer_create(c, name, config, &t);
  if (!s) s = holograd_trainer_iterate(t);
  if (!s) s = holograd_trainer_save(t, &state);
  if (!s) s = holograd_trainer_create(c, name, config, &again);
  if (!s) s = holograd_trainer_load(again, state);
  while (!s && !holograd_trainer_stop(again)) s = holograd_trainer_iterate(again);
  if (!s) s = holograd_fit_create(c, name, config, &f);
  if (!s) s = holograd_fit_start(f, 1, p);
  if (!s) s = holograd_fit_loss(f, p, &loss, g);
  if (!s) s = holograd_fit_residuals(f, p, r, NULL);
  if (!s) s = holograd_fit_predict(f, p, response, NULL, &chi2);
  if (!s) s = holograd_fit_metric(f, p, 1, (double[]){0.5}, h, NULL);
  if (!s) s = holograd_trainer_result(again, out);
  holograd_text_free(state);
  holograd_fit_destroy(f);
  holograd_trainer_destroy(again);
  holograd_trainer_destroy(t);
  return s;
}

static holograd_status state_of(holograd_ctx *c, const char *name, const char *config, char **out) {
  holograd_nqs *q = NULL, *again = NULL;
  char *state = NULL;
  holograd_status s = holograd_nqs_create(c, name, config, &q);
  if (!s) s = holograd_nqs_iterate(q);
  if (!s) s = holograd_nqs_save(q, &state);
  if (!s) s = holograd_nqs_create(c, name, config, &again);
  if (!s) s = holograd_nqs_load(again, state);
  while (!s && !holograd_nqs_stop(again)) s = holograd_nqs_iterate(again);
  if (!s) s = holograd_nqs_measure(again);
  if (!s) s = holograd_nqs_result(again, out);
  holograd_text_free(state);
  holograd_nqs_destroy(again);
  holograd_nqs_destroy(q);
  return s;
}

static int fail(holograd_ctx *c, holograd_status s) {
  const char *why = holograd_ctx_error(c);
  fprintf(stderr, "holograd: error: %s\n", *why ? why : holograd_status_text(s));
  holograd_ctx_destroy(c);
  return (int)s;
}

int main(int argc, char **argv) {
  static char config[1 << 20]; /* not from the heap: what fails is to be the library's */
  holograd_ctx *c = NULL;
  char *out = NULL;
  FILE *f = argc > 3 ? fopen(argv[2], "r") : NULL;
  if (!f || !fread(config, 1, sizeof config - 1, f) || fclose(f)) return 66;
  struct sigaction unused;
  sigaction(SIGPIPE, NULL, &unused); /* here the faults begin */
  holograd_status s = holograd_ctx_create(NULL, &c);
  if (!s)
    s = !strcmp(argv[1], "objects") ? objects(c, argv[2], config, &out)
        : !strcmp(argv[1], "state") ? state_of(c, argv[2], config, &out)
                                    : holograd_run(c, argv[1], argv[2], config, &out);
  if (s > HOLOGRAD_NEGATIVE) return holograd_text_free(out), fail(c, s);
  f = fopen(argv[argc - 1], "w");
  const int wrote = f && fputs(out, f) >= 0;
  if (!f || fclose(f) || !wrote) s = HOLOGRAD_E_IO;
  holograd_text_free(out);
  if (s > HOLOGRAD_NEGATIVE) return fail(c, s);
  holograd_ctx_destroy(c);
  return (int)s;
}
