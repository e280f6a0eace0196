/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report.h
 *  Any result as one HTML page: what was done, warnings, picture, numbers, tables, how to run it again, what to cite,
 *  provenance.  Words and picture are those of the file's cli_schema, everything else is read off the file. */
#ifndef HOLOGRAD_CLI_REPORT_H
#define HOLOGRAD_CLI_REPORT_H
#include "cli/cli.h"

/** @param file name of the document, for messages and for the commands on the page; NULL or "-": standard input
 *  @param path where the page goes; NULL: where -o says */
com_status cli_report_save(const cli_env *env, const char *file, const cJSON *doc, const char *path);

#endif
