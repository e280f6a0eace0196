/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/ctx.h"
#include <stdlib.h>
#include <string.h>
#include "common/log.h"

struct holograd_ctx {
  com_ctx *c; /* keeps error text and warnings; nothing runs with it */
  com_ctx_opts o;
};

holograd_status holograd_ctx_create(const holograd_ctx_opts *opts, holograd_ctx **out) {
  const holograd_ctx_opts o = opts ? *opts : (holograd_ctx_opts){0};
  if (!out) return HOLOGRAD_E_USAGE;
  holograd_ctx *c = calloc(1, sizeof *c);
  *out = NULL;
  if (!c) return HOLOGRAD_E_MEM;
  c->o = (com_ctx_opts){.seed = o.seed ? o.seed : 1,
                        .log_level = COM_WARN,
                        .threads = o.threads < 0 ? 0
                                   : o.threads   ? o.threads
                                                 : 1,
                        .max_time = o.max_time,
                        .err = o.log,
                        .cancel = o.cancel,
                        .no_progress = 1};
  const com_status s = com_ctx_create(&(com_ctx_opts){.seed = 1, .threads = 1}, &c->c);
  if (s) {
    free(c);
    return (holograd_status)com_status_exit(s);
  }
  *out = c;
  return HOLOGRAD_OK;
}

void holograd_ctx_destroy(holograd_ctx *c) {
  if (!c) return;
  com_ctx_destroy(c->c);
  free(c);
}

const char *holograd_ctx_error(const holograd_ctx *c) { return c ? com_ctx_error(c->c) : ""; }
size_t holograd_ctx_n_warnings(const holograd_ctx *c) { return c ? com_ctx_n_warnings(c->c) : 0; }
const char *holograd_ctx_warning(const holograd_ctx *c, size_t i) {
  return c && i < com_ctx_n_warnings(c->c) ? com_ctx_warnings(c->c)[i].text : NULL;
}

com_status holograd_ctx_fork(holograd_ctx *c, com_ctx **out) { return com_ctx_create(&c->o, out); }

holograd_status holograd_ctx_join(holograd_ctx *c, const com_ctx *from, size_t *seen, com_status s) {
  for (; from && *seen < com_ctx_n_warnings(from); ++*seen) {
    const com_warning *w = com_ctx_warnings(from) + *seen;
    com_ctx_warn(c->c, w->code, "%s", w->text);
  }
  if (s) {
    const char *text = from ? com_ctx_error(from) : "";
    (void)COM_FAIL(c->c, s, "%s", *text ? text : com_status_text(s));
  }
  return (holograd_status)com_status_exit(s);
}

com_status holograd_ctx_parse(com_ctx *c, const char **name, const char *text, cJSON **out) {
  if (!*name) *name = "config";
  *out = NULL;
  COM_CHECK(c, text, COM_E_USAGE, "%s: no text given", *name);
  return com_json_parse(c, *name, text, strlen(text), out);
}

com_status holograd_ctx_text(com_ctx *c, cJSON *j, char **text) {
  *text = NULL;
  COM_ALLOC(c, j);
  com_status s = com_ctx_enough_memory(c);
  if (!s) s = com_json_text(c, j, text);
  com_json_free(j);
  return s;
}
