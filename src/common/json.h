/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file json.h
 *  Strict reader and lossless writer.  json.c and field.c are the only cJSON users; everyone else passes the handle on.
 *  Strict: UTF-8, no duplicate keys, no NaN/Infinity, no overflow to infinity, no trailing text, no comments, depth
 *  <= 64; syntax errors say line:column.  Numbers round-trip bit for bit (%.17g, shortest that reads back).
 *  Key paths in messages: "FILE: metric.theta[2] = 3: expectation; remedy". */
#ifndef HOLOGRAD_COMMON_JSON_H
#define HOLOGRAD_COMMON_JSON_H
#include "common/ctx.h"

typedef struct cJSON cJSON;

com_status com_json_parse(com_ctx *c, const char *file, const char *text, size_t n, cJSON **out);
com_status com_json_load(com_ctx *c, const char *path, cJSON **out); /**< "-" = stdin */
/** Pretty text: two-space indent, arrays of scalars on one line (wrapped at 110), final newline. [out] caller frees */
com_status com_json_text(com_ctx *c, const cJSON *j, char **out);
com_status com_json_save(com_ctx *c, const cJSON *j, const char *path,
                         int force); /**< atomic; NULL or "-": stdout */
void com_json_free(cJSON *j);        /**< NULL is fine */
cJSON *com_json_copy(const cJSON *j);

/* ---- build; every maker may return NULL (out of memory), and com_json_add / _push pass that on ---- */
cJSON *com_json_object(void);
cJSON *com_json_array(void);
cJSON *com_json_real(double x); /**< NaN and infinities become null */
cJSON *com_json_int(long long i);
cJSON *com_json_bool(int b);
cJSON *com_json_string(const char *s); /**< NULL becomes null */
cJSON *com_json_null(void);
cJSON *com_json_reals(const double *x, size_t n);
/** Add under key (replacing an older item of that key). @param item [take] NULL: COM_E_MEM */
com_status com_json_add(com_ctx *c, cJSON *obj, const char *key, cJSON *item);
com_status com_json_push(com_ctx *c, cJSON *arr, cJSON *item); /**< item [take] */
void com_json_remove(cJSON *obj, const char *key);

/* ---- look; borrowed results, NULL when absent ---- */
const cJSON *com_json_get(const cJSON *obj, const char *key);
cJSON *com_json_edit(cJSON *obj, const char *key);    /**< the same, to be changed in place */
const cJSON *com_json_at(const cJSON *arr, size_t i); /**< also i-th member of an object; O(i) */
const cJSON *com_json_first(const cJSON *j);          /**< of array or object, for long loops: O(1) */
const cJSON *com_json_next(const cJSON *item);        /**< the item after it, NULL at the end */
const char *com_json_key(const cJSON *member);        /**< name of an object member, "" otherwise */
size_t com_json_size(const cJSON *j);                 /**< of array or object, else 0 */
int com_json_is_object(const cJSON *j);
int com_json_is_array(const cJSON *j);
int com_json_is_string(const cJSON *j);
int com_json_is_number(const cJSON *j);
int com_json_is_bool(const cJSON *j);
int com_json_is_null(const cJSON *j);
const char *com_json_str(const cJSON *j, const char *otherwise);
double com_json_num(const cJSON *j, double otherwise);
long com_json_count(const cJSON *j,
                    long otherwise); /**< from 0 to 2^53, the fraction cut off; else otherwise */
int com_json_true(const cJSON *j);
int com_json_equal(const cJSON *a, const cJSON *b);

/* ---- checked look: file and path are for the message ---- */
const char *com_json_type(const cJSON *j);         /**< "a number", "an array", ...; "nothing" for NULL */
void com_json_brief(const cJSON *j, char out[48]); /**< the value as text, cut short; [...] or {...} */
/** All numbers of an array, wrong types are COM_E_DATA. @param x [out] caller frees  @param n [out] */
com_status com_json_read_reals(com_ctx *c, const char *file, const char *path, const cJSON *arr, double **x,
                               size_t *n);
/** --set a.b[2].c=VALUE.  VALUE is JSON, or a bare string when it does not parse.  Missing objects are made;
 *  an unknown key is then met by the field reader.  COM_E_USAGE when the expression is malformed. */
com_status com_json_set(com_ctx *c, cJSON *root, const char *expression);

#endif
