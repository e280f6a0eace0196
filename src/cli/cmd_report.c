/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/io.h"
#include "cli/report.h"

static com_status run(cli_env *env) {
  cJSON *j = NULL;
  COM_TRY(cli_io_load_plain(env, env->files[0], &j));
  const com_status s = cli_report_save(env, env->files[0], j, NULL);
  com_json_free(j);
  return s;
}

const cli_cmd cli_cmd_report = {
    .name = "report",
    .usage = "FILE",
    .doc = "one self-contained HTML page of any result, dataset or table",
    .text =
        "What was done in words, warnings, picture, numbers with errors, tables, how to run it again, what "
        "to cite and where it\n"
        "comes from, in one file without script and without references to anything outside.  It can be "
        "mailed, printed and read\n"
        "on a phone.",
    .examples = "holograd report result.json -o result.html",
    .min_files = 1,
    .max_files = 1,
    .run = run};
