/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file trainfile.h  A train config or result, opened by every command that works on one: config, parameters, fit. */
#ifndef HOLOGRAD_CLI_TRAINFILE_H
#define HOLOGRAD_CLI_TRAINFILE_H
#include "ads/fit.h"
#include "cli/cli.h"

typedef struct cli_trainfile {
  cJSON *json;
  ads_config cfg;
  const cJSON *parameters; /**< result.parameters, NULL for a plain config; borrowed from json */
  ads_fit *fit;
} cli_trainfile;

/** Load, apply the command line, read the config, set the seed of the context, make the fit.  On failure it is closed.
 *  @param flow name that replaces the config's flow (its eta range is kept), NULL = the config's  @param out [out] cli_trainfile_close it */
com_status cli_trainfile_open(const cli_env *env, const char *file, const char *flow, cli_trainfile *out);
/** The same for a document that is loaded and changed already (standard input can be read only once). @param j [take] */
com_status cli_trainfile_adopt(const cli_env *env, const char *file, cJSON *j, const char *flow,
                               cli_trainfile *out);
/** Replace the flow of a config, or of the config inside a result; the keys that every flow has are kept. */
com_status cli_trainfile_flow(com_ctx *c, cJSON *j, const char *flow);
void cli_trainfile_close(cli_trainfile *f);
/** Evaluations of a typical start of a least-squares fit, stages and basin search included (docs/training.md). */
enum { CLI_TRAINFILE_EVALUATIONS = 200 };
/** Rough time of a training of `fit`, made of `cfg`: a few objectives with gradient, timed, times the steps that a training of this loss
 *  usually takes.
 *  @param seconds, gradient [out] of the training and of one gradient; each may be NULL */
com_status cli_trainfile_seconds(const cli_env *env, const ads_config *cfg, ads_fit *fit, double *seconds,
                                 double *gradient);
#endif
