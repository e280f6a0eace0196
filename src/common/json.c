/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* newlocale */
#endif
#include "common/json.h"
#include <cjson/cJSON.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/fs.h"
#include "common/json_scan.h"
#include "common/text.h"

enum { WIDTH = 110 };

/* strtod and printf follow the locale of the thread; JSON does not.  Costs a microsecond per document. */
static locale_t c_locale(void) { return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0)); }

static void restore_locale(locale_t old) {
  locale_t mine = uselocale(old);
  if (mine != LC_GLOBAL_LOCALE && mine != old) freelocale(mine);
}

/* ---- parse ---- */

typedef struct tree {
  com_ctx *c;
  cJSON *root, *at[COM_JSON_SCAN_DEPTH + 1]; /* the open containers */
  size_t depth;
} tree;

static cJSON *item_of(const com_json_scan_event *e) {
  switch (e->type) {
  case COM_JSON_SCAN_FALSE: return cJSON_CreateFalse();
  case COM_JSON_SCAN_TRUE: return cJSON_CreateTrue();
  case COM_JSON_SCAN_NUMBER: return cJSON_CreateNumber(e->x);
  case COM_JSON_SCAN_STRING: return cJSON_CreateString(e->text);
  case COM_JSON_SCAN_ARRAY: return cJSON_CreateArray();
  case COM_JSON_SCAN_OBJECT: return cJSON_CreateObject();
  case COM_JSON_SCAN_NULL:
  case COM_JSON_SCAN_END: break;
  }
  return cJSON_CreateNull();
}

static com_status grow_tree(const com_json_scan_event *e, void *user) {
  tree *t = user;
  if (e->type == COM_JSON_SCAN_END) {
    t->depth--;
    return COM_OK;
  }
  cJSON *item = item_of(e), *up = t->depth ? t->at[t->depth - 1] : NULL;
  COM_CHECK(t->c, item, COM_E_MEM, "out of memory");
  if (!up)
    t->root = item;
  else if (!(e->key ? cJSON_AddItemToObject(up, e->key, item) : cJSON_AddItemToArray(up, item))) {
    cJSON_Delete(item);
    return COM_FAIL(t->c, COM_E_MEM, "out of memory");
  }
  if (e->type >= COM_JSON_SCAN_ARRAY) t->at[t->depth++] = item;
  return COM_OK;
}

com_status com_json_parse(com_ctx *c, const char *file, const char *text, size_t n, cJSON **out) {
  tree t = {.c = c};
  *out = NULL;
  locale_t old = c_locale();
  com_status status = com_json_scan(c, file, text, n, grow_tree, &t);
  restore_locale(old);
  if (status)
    cJSON_Delete(t.root);
  else
    *out = t.root;
  return status;
}

com_status com_json_load(com_ctx *c, const char *path, cJSON **out) {
  char *text;
  size_t n;
  *out = NULL;
  COM_TRY(com_fs_read(c, path, &text, &n));
  com_status status = com_json_parse(c, !strcmp(path, "-") ? "standard input" : path, text, n, out);
  free(text);
  return status;
}

/* ---- write ---- */

/* The shortest of 15, 16, 17 significant digits that reads back to the same bits: 17 always do (IEEE 754-2019, 5.12.2). */
static void put_number(com_text *t, double x) {
  static const double exact = 9007199254740992.0; /* 2^53 */
  char s[40];
  if (!isfinite(x)) {
    com_text_add(t, "null");
    return;
  }
  if (fabs(x) <= exact && x == trunc(x) && !(x == 0 && signbit(x))) {
    com_text_printf(t, "%lld", (long long)x);
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(s, sizeof s, "%.*g", digits, x);
    if (strtod(s, NULL) == x) break;
  }
  com_text_add(t, s);
}

static int is_container(const cJSON *j) { return cJSON_IsArray(j) || cJSON_IsObject(j); }

static void put_scalar(com_text *t, const cJSON *j) {
  if (cJSON_IsNumber(j))
    put_number(t, j->valuedouble);
  else if (cJSON_IsString(j))
    com_text_quote(t, j->valuestring);
  else if (cJSON_IsBool(j))
    com_text_add(t, cJSON_IsTrue(j) ? "true" : "false");
  else
    com_text_add(t, "null");
}

static size_t column(const com_text *t) {
  size_t n = t->n;
  while (n && t->s[n - 1] != '\n') n--;
  return t->n - n;
}

static void new_line(com_text *t, size_t indent) {
  com_text_add(t, "\n");
  com_text_fill(t, ' ', indent);
}

/* On one line; where that is longer than WIDTH, broken before the entry that would stick out. */
static void put_flat_array(com_text *t, const cJSON *j, size_t indent) {
  size_t col = column(t) + 1;
  com_text one = {0};
  com_text_add(t, "[");
  for (const cJSON *i = j->child; i && !t->failed; i = i->next) {
    one.n = 0;
    put_scalar(&one, i);
    if (i->next) com_text_add(&one, ",");
    if (i == j->child)
      col += one.n;
    else if (col + 1 + one.n + !i->next > WIDTH) {
      new_line(t, indent + 2);
      col = indent + 2 + one.n;
    } else {
      com_text_add(t, " ");
      col += 1 + one.n;
    }
    com_text_bytes(t, one.s, one.n);
    t->failed |= one.failed;
  }
  com_text_add(t, "]");
  com_text_finish(&one);
}

static void put(com_text *t, const cJSON *j, size_t indent) {
  if (!is_container(j)) {
    put_scalar(t, j);
    return;
  }
  int object = cJSON_IsObject(j), flat = !object;
  for (const cJSON *i = j->child; i && flat; i = i->next) flat = !is_container(i);
  if (!j->child)
    com_text_add(t, object ? "{}" : "[]");
  else if (flat)
    put_flat_array(t, j, indent);
  else {
    com_text_add(t, object ? "{" : "[");
    for (const cJSON *i = j->child; i && !t->failed; i = i->next) {
      new_line(t, indent + 2);
      if (object) {
        com_text_quote(t, i->string);
        com_text_add(t, ": ");
      }
      put(t, i, indent + 2);
      if (i->next) com_text_add(t, ",");
    }
    new_line(t, indent);
    com_text_add(t, object ? "}" : "]");
  }
}

com_status com_json_text(com_ctx *c, const cJSON *j, char **out) {
  com_text t = {0};
  locale_t old = c_locale();
  put(&t, j, 0);
  com_text_add(&t, "\n");
  restore_locale(old);
  return com_text_take(c, &t, out);
}

com_status com_json_save(com_ctx *c, const cJSON *j, const char *path, int force) {
  char *text;
  COM_TRY(com_json_text(c, j, &text));
  com_status status = com_fs_write(c, path, text, strlen(text), force);
  free(text);
  return status;
}

/* ---- build ---- */

void com_json_free(cJSON *j) { cJSON_Delete(j); }
cJSON *com_json_copy(const cJSON *j) { return j ? cJSON_Duplicate(j, 1) : NULL; }
cJSON *com_json_object(void) { return cJSON_CreateObject(); }
cJSON *com_json_array(void) { return cJSON_CreateArray(); }
cJSON *com_json_real(double x) { return isfinite(x) ? cJSON_CreateNumber(x) : cJSON_CreateNull(); }
cJSON *com_json_int(long long i) { return cJSON_CreateNumber((double)i); }
cJSON *com_json_bool(int b) { return cJSON_CreateBool(b); }
cJSON *com_json_string(const char *s) { return s ? cJSON_CreateString(s) : cJSON_CreateNull(); }
cJSON *com_json_null(void) { return cJSON_CreateNull(); }

cJSON *com_json_reals(const double *x, size_t n) {
  cJSON *a = cJSON_CreateArray();
  for (size_t i = 0; a && i < n; i++)
    if (com_json_push(NULL, a, com_json_real(x[i]))) {
      cJSON_Delete(a);
      return NULL;
    }
  return a;
}

/* cJSON_ReplaceItemInObject() of 1.7.15 leaves a member without a name when there is no memory for it. */
static int replace(cJSON *obj, cJSON *old, const char *key, cJSON *item) {
  char *name = strdup(key);
  if (!name) return 0;
  free(item->string);
  item->string = name;
  return cJSON_ReplaceItemViaPointer(obj, old, item);
}

com_status com_json_add(com_ctx *c, cJSON *obj, const char *key, cJSON *item) {
  COM_CHECK(c, item, COM_E_MEM, "out of memory");
  cJSON *old = cJSON_GetObjectItemCaseSensitive(obj, key);
  if (old ? replace(obj, old, key, item) : cJSON_AddItemToObject(obj, key, item)) return COM_OK;
  cJSON_Delete(item);
  return COM_FAIL(c, COM_E_MEM, "out of memory");
}

com_status com_json_push(com_ctx *c, cJSON *arr, cJSON *item) {
  COM_CHECK(c, item, COM_E_MEM, "out of memory");
  if (cJSON_AddItemToArray(arr, item)) return COM_OK;
  cJSON_Delete(item);
  return COM_FAIL(c, COM_E_MEM, "out of memory");
}

void com_json_remove(cJSON *obj, const char *key) { cJSON_DeleteItemFromObjectCaseSensitive(obj, key); }

/* ---- look ---- */

const cJSON *com_json_get(const cJSON *obj, const char *key) {
  return cJSON_IsObject(obj) ? cJSON_GetObjectItemCaseSensitive(obj, key) : NULL;
}

cJSON *com_json_edit(cJSON *obj, const char *key) {
  return cJSON_IsObject(obj) ? cJSON_GetObjectItemCaseSensitive(obj, key) : NULL;
}

const cJSON *com_json_first(const cJSON *j) { return j ? j->child : NULL; }
const cJSON *com_json_next(const cJSON *item) { return item ? item->next : NULL; }

const cJSON *com_json_at(const cJSON *arr, size_t i) {
  const cJSON *item = com_json_first(arr);
  for (; item && i; i--) item = item->next;
  return item;
}

const char *com_json_key(const cJSON *member) { return member && member->string ? member->string : ""; }

size_t com_json_size(const cJSON *j) {
  size_t n = 0;
  for (const cJSON *i = com_json_first(j); i; i = i->next) n++;
  return n;
}

int com_json_is_object(const cJSON *j) { return cJSON_IsObject(j); }
int com_json_is_array(const cJSON *j) { return cJSON_IsArray(j); }
int com_json_is_string(const cJSON *j) { return cJSON_IsString(j); }
int com_json_is_number(const cJSON *j) { return cJSON_IsNumber(j); }
int com_json_is_bool(const cJSON *j) { return cJSON_IsBool(j); }
int com_json_is_null(const cJSON *j) { return cJSON_IsNull(j); }
const char *com_json_str(const cJSON *j, const char *otherwise) {
  return cJSON_IsString(j) ? j->valuestring : otherwise;
}
double com_json_num(const cJSON *j, double otherwise) {
  return cJSON_IsNumber(j) ? j->valuedouble : otherwise;
}
long com_json_count(const cJSON *j, long otherwise) {
  const double x = com_json_num(j, -1), most = sizeof(long) > 4 ? 9007199254740992.0 : 1e9;
  return x >= 0 && x <= most ? (long)x : otherwise; /* beyond, the conversion would be undefined */
}
int com_json_true(const cJSON *j) { return cJSON_IsTrue(j); }

/* Not cJSON_Compare, which allows numbers to differ by an epsilon. */
int com_json_equal(const cJSON *a, const cJSON *b) {
  if (!a || !b) return a == b;
  if (cJSON_IsNumber(a) && cJSON_IsNumber(b)) return a->valuedouble == b->valuedouble;
  if (cJSON_IsString(a) && cJSON_IsString(b)) return !strcmp(a->valuestring, b->valuestring);
  if ((a->type & 0xff) != (b->type & 0xff)) return 0;
  if (!is_container(a)) return 1;
  if (com_json_size(a) != com_json_size(b)) return 0;
  for (const cJSON *i = a->child, *k = b->child; i; i = i->next, k = k->next) {
    const cJSON *peer = cJSON_IsArray(a) || !strcmp(i->string, k->string) ? k : com_json_get(b, i->string);
    if (!peer || !com_json_equal(i, peer)) return 0;
  }
  return 1;
}

const char *com_json_type(const cJSON *j) {
  return !j                  ? "nothing"
         : cJSON_IsObject(j) ? "an object"
         : cJSON_IsArray(j)  ? "an array"
         : cJSON_IsString(j) ? "a string"
         : cJSON_IsNumber(j) ? "a number"
         : cJSON_IsBool(j)   ? "a boolean"
                             : "null";
}

void com_json_brief(const cJSON *j, char out[48]) {
  com_text t = {0};
  out[0] = '\0';
  if (is_container(j))
    com_text_add(&t, cJSON_IsArray(j) ? "[...]" : "{...}");
  else if (j)
    put_scalar(&t, j);
  size_t n = 0;
  while (n < t.n && n + com_text_utf8(t.s + n, t.n - n) < 44) n += com_text_utf8(t.s + n, t.n - n);
  if (t.n) snprintf(out, 48, "%.*s%s", (int)n, t.s, n < t.n ? "..." : "");
  com_text_finish(&t);
}

com_status com_json_read_reals(com_ctx *c, const char *file, const char *path, const cJSON *arr, double **x,
                               size_t *n) {
  *x = NULL;
  *n = 0;
  char got[48];
  com_json_brief(arr, got);
  COM_CHECK(c, cJSON_IsArray(arr), COM_E_DATA, "%s: %s = %s: must be an array of numbers, got %s", file, path,
            got, com_json_type(arr));
  size_t size = com_json_size(arr), i = 0;
  double *v;
  COM_ALLOC(c, v = malloc((size ? size : 1) * sizeof *v));
  for (const cJSON *item = arr->child; item; item = item->next, i++) {
    if (!cJSON_IsNumber(item)) {
      free(v);
      com_json_brief(item, got);
      return COM_FAIL(c, COM_E_DATA, "%s: %s[%zu] = %s: must be a number, got %s", file, path, i, got,
                      com_json_type(item));
    }
    v[i] = item->valuedouble;
  }
  *x = v;
  *n = size;
  return COM_OK;
}

/* ---- --set ---- */

typedef struct slot {
  char key[128]; /* "" when it is an index */
  int index;
} slot;

static cJSON *slot_item(cJSON *at, const slot *s) {
  return *s->key ? com_json_edit(at, s->key) : cJSON_GetArrayItem(at, s->index);
}

static com_status slot_put(com_ctx *c, const char *expression, cJSON *at, const slot *s, cJSON *item) {
  if (*s->key) return com_json_add(c, at, s->key, item);
  int n = cJSON_GetArraySize(at);
  if (item && s->index < n && cJSON_ReplaceItemInArray(at, s->index, item)) return COM_OK;
  if (s->index == n || !item) return com_json_push(c, at, item);
  cJSON_Delete(item);
  return COM_FAIL(c, COM_E_USAGE,
                  "--set %s: index %d is beyond the end; the array has %d entries, the next is [%d]",
                  expression, s->index, n, n);
}

/* One step of the path: "name", ".name" or "[12]".  Moves *p behind it; 0 when there is none. */
static int slot_parse(const char **p, const char *end, int first, slot *s) {
  *s = (slot){.index = -1};
  if (**p == '[' && !first) {
    char *stop;
    if ((*p)[1] < '0' || (*p)[1] > '9') return 0;
    long i = strtol(*p + 1, &stop, 10);
    if (*stop != ']' || i > 1000000) return 0;
    s->index = (int)i;
    *p = stop + 1;
    return 1;
  }
  if (!first && *(*p)++ != '.') return 0;
  size_t n = strcspn(*p, ".[]=");
  if (!n || n >= sizeof s->key || *p + n > end) return 0;
  memcpy(s->key, *p, n);
  *p += n;
  return 1;
}

/* JSON, otherwise a bare string, but for what only JSON begins with.  Integers that a double cannot hold (long seeds) stay strings, too. */
static com_status set_value(com_ctx *c, const char *text, cJSON **out) {
  size_t n = strlen(text);
  com_status status = com_json_parse(NULL, "--set", text, n, out);
  if (status == COM_E_MEM) return COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status && (*text == '{' || *text == '[')) {
    (void)com_json_parse(c, "--set", text, n, out);
    return COM_E_USAGE;
  }
  int long_integer =
      !status && cJSON_IsNumber(*out) && strspn(text, "0123456789") == n && (*out)->valuedouble > 0x1p53;
  if (!status && !long_integer) return COM_OK;
  com_json_free(*out);
  COM_ALLOC(c, *out = cJSON_CreateString(text));
  return COM_OK;
}

com_status com_json_set(com_ctx *c, cJSON *root, const char *expression) {
  static const char how[] =
      "write path.to.key=value, for instance flow.rel_tol=1e-10 or penalties[0].weight=0.1";
  const char *p = expression, *end = strchr(expression, '=');
  slot last, next;
  cJSON *at = root, *value;
  COM_CHECK(c, end, COM_E_USAGE, "--set %s: has no '='; %s", expression, how);
  COM_CHECK(c, slot_parse(&p, end, 1, &last), COM_E_USAGE, "--set %s: malformed path; %s", expression, how);
  while (p < end) {
    COM_CHECK(c, slot_parse(&p, end, 0, &next), COM_E_USAGE, "--set %s: malformed path; %s", expression, how);
    cJSON *child = slot_item(at, &last);
    if (!child) {
      COM_TRY(slot_put(c, expression, at, &last, *next.key ? cJSON_CreateObject() : cJSON_CreateArray()));
      child = slot_item(at, &last);
    }
    COM_CHECK(c, *next.key ? cJSON_IsObject(child) : cJSON_IsArray(child), COM_E_USAGE,
              "--set %s: %s%s must be an %s there, but is %s", expression,
              *last.key ? "" : "the entry before ", *last.key ? last.key : next.key,
              *next.key ? "object" : "array", com_json_type(child));
    at = child;
    last = next;
  }
  COM_TRY(set_value(c, end + 1, &value));
  return slot_put(c, expression, at, &last, value);
}
