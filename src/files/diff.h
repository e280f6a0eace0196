/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file diff.h  Two results compared column by column, in units of their errors: the command `diff`. */
#ifndef HOLOGRAD_FILES_DIFF_H
#define HOLOGRAD_FILES_DIFF_H
#include "common/field.h"
#include "common/table.h"

/** The config holograd/diff/1 of a comparison whose results stand in it. */
typedef struct files_diff_opts {
  char *schema;
  cJSON *a, *b; /**< the results; files_diff_run does not look at them */
  double sigma,
      rel; /**< largest difference that agrees: in combined errors; without errors, relative to the largest entry */
  com_strings column; /**< only these, or all that begin with "NAME."; none given: all */
  int all;            /**< a column of the first that the second lacks differs */
} files_diff_opts;
extern const com_field files_diff_fields[];

/** @param file, j [in] names for messages and documents of the two
 *  @param table [out] columns column, sigma, relative, verdict; caller destroys; also with COM_E_NEGATIVE: some column differs */
com_status files_diff_run(com_ctx *c, const files_diff_opts *o, const char *const file[2],
                          const cJSON *const j[2], com_table **table);
/** holograd/diff/1 of that table.  @param doc [out] caller frees */
com_status files_diff_wrap(com_ctx *c, const com_table *table, cJSON **doc);
/** The whole command on a config that holds both results.  @param doc [out] caller frees; also with COM_E_NEGATIVE */
com_status files_diff_document(com_ctx *c, const char *file, const cJSON *j, cJSON **doc);
#endif
