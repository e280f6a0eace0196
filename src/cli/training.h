/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file training.h
 *  What every command that trains does around the trainer: checkpoints, resume, progress, Ctrl-C, --max-time, verdict. */
#ifndef HOLOGRAD_CLI_TRAINING_H
#define HOLOGRAD_CLI_TRAINING_H
#include "ads/trainer.h"
#include "cli/cli.h"

typedef struct cli_training {
  const char *checkpoint, *resume;
  int require_converged;
} cli_training;

/** Its rows in a command's option table; `member` is the cli_training in its args struct. */
#define CLI_TRAINING_OPTS(args, member)                                                                      \
  {0,                                                                                                        \
   "checkpoint",                                                                                             \
   "FILE",                                                                                                   \
   "save the complete state here, again and again",                                                          \
   CLI_REPLACED,                                                                                             \
   offsetof(args, member.checkpoint),                                                                        \
   NULL,                                                                                                     \
   NULL},                                                                                                    \
      {0,         "resume",                                                                                  \
       "FILE",    "go on from this checkpoint, bit for bit",                                                 \
       CLI_INPUT, offsetof(args, member.resume),                                                             \
       NULL,      NULL},                                                                                     \
  {                                                                                                          \
    0, "require-converged", NULL, "exit 1 unless training ended by a tolerance", CLI_FLAG,                   \
        offsetof(args, member.require_converged), NULL, NULL                                                 \
  }

/** Run n trainers one after the other until each has stopped.  COM_E_INTERRUPTED once a checkpoint holds all that was reached.
 *  @param kind of the checkpoint: the command */
com_status cli_training_run(const cli_env *env, const cli_training *o, const char *kind, size_t n,
                            ads_trainer *const *t);
/** COM_E_NEGATIVE where --require-converged is not met. */
com_status cli_training_verdict(com_ctx *c, const cli_training *o, size_t n, ads_trainer *const *t);
#endif
