/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file nqsfile.h  An nqs config (or a result, by its config), opened by every nqs command; loop and checkpoint of a run. */
#ifndef HOLOGRAD_CLI_NQSFILE_H
#define HOLOGRAD_CLI_NQSFILE_H
#include "cli/cli.h"
#include "nqs/driver.h"

/** Load with --set and --seed applied, create the driver. @param out [out] caller destroys */
com_status cli_nqsfile_open(const cli_env *env, const char *file, nqs_driver **out);
/** Iterate until a stop reason; progress line; state saved to `checkpoint` (may be NULL) on the way and at the end. */
com_status cli_nqsfile_loop(const cli_env *env, const char *checkpoint, nqs_driver *d);
com_status cli_nqsfile_resume(com_ctx *c, const char *path, nqs_driver *d);
#endif
