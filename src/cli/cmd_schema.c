/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/io.h"
#include "files/schema.h"

static com_status run(cli_env *env) {
  cJSON *j = NULL;
  com_status status = files_schema_make(env->ctx, env->files[0], &j);
  if (!status) status = cli_io_save(env, j);
  com_json_free(j);
  return status;
}

const cli_cmd cli_cmd_schema = {.name = "schema",
                                .usage = "KIND",
                                .doc = "JSON schema of a kind of file, for editors",
                                .examples =
                                    "holograd schema train > train.schema.json\nholograd list schemas",
                                .min_files = 1,
                                .max_files = 1,
                                .run = run};
