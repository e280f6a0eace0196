/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file table.h
 *  Named columns with unit, TeX label, values, optional errors; the only thing an observable returns and the only thing
 *  compare, plot and CSV understand.  Text columns for names.  NaN is written as null. */
#ifndef HOLOGRAD_COMMON_TABLE_H
#define HOLOGRAD_COMMON_TABLE_H
#include "common/json.h"

typedef struct com_table com_table;
com_status com_table_create(com_ctx *c, com_table **out);
void com_table_destroy(com_table *t);
/** All columns have the same number of rows (COM_E_NUM otherwise). v, err copied; err may be NULL; tex may be NULL. */
com_status com_table_add(com_ctx *c, com_table *t, const char *name, const char *unit, const char *tex,
                         size_t n, const double *v, const double *err);
com_status com_table_add_text(com_ctx *c, com_table *t, const char *name, size_t n, const char *const *v);
size_t com_table_rows(const com_table *t);
size_t com_table_cols(const com_table *t);
size_t com_table_find(const com_table *t, const char *name); /**< column index, (size_t)-1 when absent */
const char *com_table_name(const com_table *t, size_t col);
const char *com_table_unit(const com_table *t, size_t col);
const double *com_table_values(const com_table *t, size_t col); /**< NULL for a text column */
/** Values of the column with this name; NULL when there is none or it holds text. */
const double *com_table_column(const com_table *t, const char *name);
const double *com_table_errors(const com_table *t, size_t col); /**< NULL when none */
const char *com_table_text_at(const com_table *t, size_t col, size_t row);
/** {"columns":[{"name","unit","tex"}],"rows":[[...]]}: errors follow their column as "NAME_error". */
cJSON *com_table_json(const com_table *t);
/** The table that com_table_json writes.  needs: what the caller will look up, so that a file that lacks it is refused and
 *  no index is (size_t)-1: words with a blank between them, "eta" a column of numbers, "flow$" one of strings, "+3" three
 *  columns of numbers in front, "*" numbers in all; NULL when the caller looks itself.  COM_E_DATA names file and column. */
com_status com_table_read(com_ctx *c, const char *file, const cJSON *in, const char *needs, com_table **out);
com_status com_table_csv(com_ctx *c, const com_table *t, char **text);   /**< [out] caller frees */
com_status com_table_print(com_ctx *c, const com_table *t, char **text); /**< aligned columns for people */

/** Parse CSV text (comma, semicolon or blank separated; "#" comments; header line required). Numbers only, else COM_E_DATA
 *  with line number. */
com_status com_table_parse_csv(com_ctx *c, const char *file, const char *text, size_t n, com_table **out);

#endif
