/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "common/params.h"

struct com_params {
  com_block *blocks; /* [n_blocks], names owned */
  size_t n_blocks;
  double *data; /* [n] natural values */
  size_t n;
  size_t *trained; /* [n_trained] full index of x[k], ascending */
  size_t n_trained;
};

com_status com_params_create(com_ctx *c, com_params **out) {
  COM_ALLOC(c, *out = calloc(1, sizeof **out));
  return COM_OK;
}

void com_params_destroy(com_params *p) {
  if (!p) return;
  for (size_t i = 0; i < p->n_blocks; i++) free((char *)p->blocks[i].name);
  free(p->blocks);
  free(p->data);
  free(p->trained);
  free(p);
}

com_status com_params_copy(com_ctx *c, const com_params *p, com_params **out) {
  com_status status = COM_OK;
  com_params *q = NULL;
  *out = NULL;
  COM_GOTO(done, com_params_create(c, &q));
  for (size_t i = 0; i < p->n_blocks; i++) COM_GOTO(done, com_params_add(c, q, &p->blocks[i]));
  if (p->n) memcpy(q->data, p->data, p->n * sizeof *p->data);
  *out = q;
  q = NULL;
done:
  com_params_destroy(q);
  return status;
}

static com_status check_block(com_ctx *c, const com_params *p, const com_block *b) {
  COM_CHECK(c, !com_params_find(p, b->name), COM_E_CONFIG, "%s: there are two parameters of this name",
            b->name);
  COM_CHECK(c, b->n > 0 && (!b->scalar || b->n == 1), COM_E_CONFIG, "%s: %zu entries do not fit a %s",
            b->name, b->n, b->scalar ? "scalar" : "block");
  COM_CHECK(c, b->lo < b->hi, COM_E_CONFIG,
            "%s: bounds [%g, %g]: the lower must be below the upper (no bounds: -INFINITY, INFINITY)",
            b->name, b->lo, b->hi);
  COM_CHECK(c, !b->log || b->hi > 0, COM_E_CONFIG,
            "%s: upper bound %g: a parameter trained as a logarithm needs room above 0", b->name, b->hi);
  return COM_OK;
}

com_status com_params_add(com_ctx *c, com_params *p, const com_block *b) {
  COM_TRY(check_block(c, p, b));
  void *room;
  COM_ALLOC(c, room = realloc(p->blocks, (p->n_blocks + 1) * sizeof *p->blocks));
  p->blocks = room;
  COM_ALLOC(c, room = realloc(p->data, (p->n + b->n) * sizeof *p->data));
  p->data = room;
  COM_ALLOC(c, room = realloc(p->trained, (p->n + b->n) * sizeof *p->trained));
  p->trained = room;
  char *name;
  COM_ALLOC(c, name = strdup(b->name));

  com_block *nb = &p->blocks[p->n_blocks++];
  *nb = *b;
  nb->name = name;
  nb->off = p->n;
  for (size_t i = 0; i < b->n; i++) {
    p->data[p->n + i] = 0;
    if (b->trained) p->trained[p->n_trained++] = p->n + i;
  }
  p->n += b->n;
  return COM_OK;
}

size_t com_params_n_blocks(const com_params *p) { return p->n_blocks; }
const com_block *com_params_block(const com_params *p, size_t i) { return &p->blocks[i]; }
const com_block *com_params_find(const com_params *p, const char *name) {
  for (size_t i = 0; i < p->n_blocks; i++)
    if (!strcmp(p->blocks[i].name, name)) return &p->blocks[i];
  return NULL;
}

/* The block that holds entry i of the full vector. */
static const com_block *block_of(const com_params *p, size_t i) {
  const com_block *b = p->blocks;
  while (i >= b->off + b->n) b++;
  return b;
}

void com_params_label(const com_params *p, size_t i, char out[64]) {
  const com_block *b = block_of(p, i);
  if (b->scalar)
    snprintf(out, 64, "%s", b->name);
  else
    snprintf(out, 64, "%s[%zu]", b->name, i - b->off);
}

size_t com_params_n(const com_params *p) { return p->n; }
double *com_params_data(com_params *p) { return p->data; }
const double *com_params_values(const com_params *p) { return p->data; }

size_t com_params_n_trained(const com_params *p) { return p->n_trained; }
size_t com_params_trained_index(const com_params *p, size_t k) { return p->trained[k]; }
int com_params_trained_log(const com_params *p, size_t k) { return block_of(p, p->trained[k])->log; }

void com_params_pack(const com_params *p, const double *full, double *x) {
  for (size_t k = 0; k < p->n_trained; k++) {
    const double v = full[p->trained[k]];
    x[k] = com_params_trained_log(p, k) ? log(v) : v;
  }
}

void com_params_unpack(const com_params *p, const double *x, double *full) {
  for (size_t k = 0; k < p->n_trained; k++) {
    const com_block *b = block_of(p, p->trained[k]);
    const double v = b->log ? exp(x[k]) : x[k];
    /* exp(log(hi)) may exceed hi by one rounding; NaN must pass through to be seen */
    full[p->trained[k]] = v > b->hi ? b->hi : v < b->lo ? b->lo : v;
  }
}

void com_params_chain(const com_params *p, const double *full, const double *gfull, double *gx) {
  for (size_t k = 0; k < p->n_trained; k++) {
    const size_t i = p->trained[k];
    gx[k] = com_params_trained_log(p, k) ? gfull[i] * full[i] : gfull[i];
  }
}

void com_params_bounds(const com_params *p, double *lo, double *hi) {
  for (size_t k = 0; k < p->n_trained; k++) {
    const com_block *b = block_of(p, p->trained[k]);
    lo[k] = !b->log ? b->lo : b->lo > 0 ? log(b->lo) : -INFINITY;
    hi[k] = b->log ? log(b->hi) : b->hi;
  }
}

cJSON *com_params_json(const com_params *p, const double *full) {
  cJSON *o = com_json_object();
  for (size_t i = 0; o && i < p->n_blocks; i++) {
    const com_block *b = &p->blocks[i];
    cJSON *v = b->scalar ? com_json_real(full[b->off]) : com_json_reals(full + b->off, b->n);
    if (com_json_add(NULL, o, b->name, v)) {
      com_json_free(o);
      return NULL;
    }
  }
  return o;
}

static com_status unknown_name(com_ctx *c, const char *file, const com_params *p, const char *name) {
  const char **names, *near;
  COM_ALLOC(c, names = calloc(p->n_blocks + 1, sizeof *names));
  for (size_t i = 0; i < p->n_blocks; i++) names[i] = p->blocks[i].name;
  near = com_field_nearest(name, names);
  free(names);
  if (near)
    return COM_FAIL(c, COM_E_DATA, "%s: parameters.%s: no such parameter; did you mean %s?", file, name,
                    near);
  return COM_FAIL(c, COM_E_DATA, "%s: parameters.%s: this fit has no such parameter", file, name);
}

static com_status check_value(com_ctx *c, const char *file, const com_block *b, double v) {
  COM_CHECK(c, isfinite(v), COM_E_DATA, "%s: parameters.%s: must be made of finite numbers", file, b->name);
  COM_CHECK(c, !b->log || v > 0, COM_E_DATA, "%s: parameters.%s = %g: must be positive", file, b->name, v);
  COM_CHECK(c, v >= b->lo && v <= b->hi, COM_E_DATA, "%s: parameters.%s = %g: must lie in [%g, %g]", file,
            b->name, v, b->lo, b->hi);
  return COM_OK;
}

static com_status read_block(com_ctx *c, const char *file, const com_block *b, const cJSON *in,
                             double *full) {
  COM_CHECK(c, !b->scalar || com_json_is_number(in), COM_E_DATA, "%s: parameters.%s: must be a number", file,
            b->name);
  COM_CHECK(c, b->scalar || (com_json_is_array(in) && com_json_size(in) == b->n), COM_E_DATA,
            "%s: parameters.%s: must be an array of %zu numbers", file, b->name, b->n);
  for (size_t i = 0; i < b->n; i++) {
    const double v = com_json_num(b->scalar ? in : com_json_at(in, i), NAN);
    COM_TRY(check_value(c, file, b, v));
    full[b->off + i] = v;
  }
  return COM_OK;
}

com_status com_params_read(com_ctx *c, const char *file, const cJSON *in, com_params *p) {
  com_status status = COM_OK;
  double *full = NULL; /* all or nothing: p changes only after the last check */
  COM_CHECK(c, com_json_is_object(in), COM_E_DATA, "%s: parameters: must be an object of name and value",
            file);
  if (!p->n) return com_json_size(in) ? unknown_name(c, file, p, com_json_key(com_json_at(in, 0))) : COM_OK;
  COM_ALLOC(c, full = malloc(p->n * sizeof *full));
  memcpy(full, p->data, p->n * sizeof *full);
  for (size_t i = 0; i < com_json_size(in); i++) {
    const cJSON *item = com_json_at(in, i);
    const char *name = com_json_key(item);
    if (name[0] == '#') continue;
    const com_block *b = com_params_find(p, name);
    COM_GOTO(done, b ? read_block(c, file, b, item, full) : unknown_name(c, file, p, name));
  }
  memcpy(p->data, full, p->n * sizeof *full);
done:
  free(full);
  return status;
}
