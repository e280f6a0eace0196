/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/figure.h"
#include "cli/io.h"
#include "cli/plotfile.h"
#include "cli/registry.h"
#include "cli/report.h"
#include "common/result.h"

static com_status draw(const cli_env *env, const cJSON *doc, const char *plot) {
  com_svg *figure = NULL;
  com_status status = cli_figure(env, plot, doc, &figure);
  if (!status && !figure)
    status = COM_FAIL(env->ctx, COM_E_DATA,
                      "%s: this result has nothing to draw; the result itself is written", plot);
  if (!status) status = cli_plotfile_save(env, plot, figure);
  com_svg_destroy(figure);
  return status;
}

com_status cli_output(const cli_env *env, const cJSON *doc, const cli_output_files *to) {
  const char *o = env->common->output;
  char kind[48], *text = NULL;
  int version;
  COM_TRY(com_result_schema(env->ctx, o ? o : "-", doc, kind, &version));
  const cli_schema *s = cli_registry_schema(kind);
  COM_TRY(cli_io_save(env, doc));
  if (to->plot) COM_TRY(draw(env, doc, to->plot));
  if (to->report) COM_TRY(cli_report_save(env, o, doc, to->report));
  if (env->common->quiet || !s || !s->words) return COM_OK;
  COM_TRY(s->words(env, doc, &text));
  fputs(text, o && strcmp(o, "-") != 0 ? stdout : stderr); /* talk never mixes with the data */
  free(text);
  return COM_OK;
}

com_status cli_output_made(const cli_env *env,
                           com_status (*make)(com_ctx *c, const char *file, const cJSON *j, cJSON **doc),
                           const cli_output_files *to) {
  cJSON *j = NULL, *doc = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  const com_status made = make(env->ctx, env->files[0], j, &doc);
  const com_status written = doc ? cli_output(env, doc, to) : COM_OK;
  com_json_free(doc);
  com_json_free(j);
  return written ? written : made;
}
