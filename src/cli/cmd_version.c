/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/helptext.h"
#include "common/build.h"

typedef struct version_args {
  int build_info;
} version_args;

static const cli_opt opts[] = {{0, "build-info", NULL, "compiler, flags and libraries, too", CLI_FLAG,
                                offsetof(version_args, build_info), NULL, NULL},
                               {0}};

static com_status run(cli_env *env) {
  const version_args *a = env->args;
  const com_build *b = com_build_info();
  com_text t = {0};
  com_text_printf(&t, "holograd %s (git %s)\n", b->version, b->git);
  if (a->build_info)
    com_text_printf(
        &t,
        "compiler  %s\ncflags    %s\nsundials  %s\ngsl       %s\nblas      %s\ncjson     %s\nmpi       %s\n",
        b->compiler, b->cflags, b->sundials, b->gsl, b->blas, b->cjson, b->mpi);
  return cli_helptext_send(env, &t);
}

const cli_cmd cli_cmd_version = {.name = "version",
                                 .usage = "",
                                 .doc = "say which holograd this is, also as holograd --version",
                                 .opts = opts,
                                 .args_size = sizeof(version_args),
                                 .run = run};
