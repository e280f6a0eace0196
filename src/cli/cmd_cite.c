/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cite.h"
#include "cli/helptext.h"
#include "cli/io.h"

static com_status run(cli_env *env) {
  cJSON *j = NULL;
  com_text t = {0};
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_text_printf(&t, "%% BibTeX of what %s rests on.\n\n", env->files[0]);
  cli_cite(j, &t);
  com_json_free(j);
  return cli_helptext_send(env, &t);
}

const cli_cmd cli_cmd_cite = {.name = "cite",
                              .usage = "FILE",
                              .doc = "BibTeX for the components and data that a config or result used",
                              .examples = "holograd cite result.json > holograd.bib",
                              .min_files = 1,
                              .max_files = 1,
                              .run = run};
