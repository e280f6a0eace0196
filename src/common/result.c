/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/result.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "common/build.h"

enum { NEWEST = 1 }; /* of every schema that this version writes */

static com_status add_inputs(com_ctx *c, cJSON *to) {
  COM_TRY(com_json_add(c, to, "inputs", com_json_array()));
  cJSON *all = com_json_edit(to, "inputs");
  const com_input *in = com_ctx_inputs(c);
  for (size_t i = 0; i < com_ctx_n_inputs(c); i++) {
    cJSON *o = com_json_object();
    COM_TRY(com_json_push(c, all, o)); /* attached first: on failure its owner frees it */
    COM_TRY(com_json_add(c, o, "path", com_json_string(in[i].path)));
    COM_TRY(com_json_add(c, o, "sha256", com_json_string(in[i].sha256)));
  }
  return COM_OK;
}

static com_status add_warnings(com_ctx *c, cJSON *to) {
  COM_TRY(com_json_add(c, to, "warnings", com_json_array()));
  cJSON *all = com_json_edit(to, "warnings");
  const com_warning *w = com_ctx_warnings(c);
  for (size_t i = 0; i < com_ctx_n_warnings(c); i++) {
    cJSON *o = com_json_object();
    COM_TRY(com_json_push(c, all, o));
    COM_TRY(com_json_add(c, o, "code", com_json_string(w[i].code)));
    COM_TRY(com_json_add(c, o, "text", com_json_string(w[i].text)));
  }
  return COM_OK;
}

/* All that may differ between two runs of the same thing: when, where, how long. */
static com_status add_volatile(com_ctx *c, cJSON *to) {
  char when[32] = "", host[256] = "";
  time_t now = time(NULL);
  struct tm utc;
  if (gmtime_r(&now, &utc)) strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
  if (gethostname(host, sizeof host - 1)) strcpy(host, "unknown");
  COM_TRY(com_json_add(c, to, "volatile", com_json_object()));
  cJSON *v = com_json_edit(to, "volatile");
  COM_TRY(com_json_add(c, v, "time", com_json_string(when)));
  COM_TRY(com_json_add(c, v, "host", com_json_string(host)));
  COM_TRY(com_json_add(c, v, "threads", com_json_int(com_ctx_threads(c))));
  return com_json_add(c, v, "seconds", com_json_real(com_ctx_elapsed(c)));
}

com_status com_result_wrap(com_ctx *c, const char *schema, cJSON *config, cJSON *result, cJSON **out) {
  com_status status = COM_OK;
  cJSON *o = com_json_object();
  *out = NULL;
  if (!o || !result) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, com_json_add(c, o, "schema", com_json_string(schema)));
  COM_GOTO(done, com_json_add(c, o, "build", com_build_json()));
  status = com_json_add(c, o, "config", config ? config : com_json_object());
  config = NULL;
  if (status) goto done;
  COM_GOTO(done, add_inputs(c, o));
  COM_GOTO(done, add_warnings(c, result));
  status = com_json_add(c, o, "result", result);
  result = NULL;
  if (status) goto done;
  COM_GOTO(done, add_volatile(c, o));
  *out = o;
  o = NULL;
done:
  com_json_free(config);
  com_json_free(result);
  com_json_free(o);
  return status;
}

com_status com_result_stamp(com_ctx *c, cJSON *flat) {
  cJSON *p = com_json_edit(flat, "provenance");
  if (!com_json_is_object(p)) {
    COM_TRY(com_json_add(c, flat, "provenance", com_json_object()));
    p = com_json_edit(flat, "provenance");
  }
  COM_TRY(com_json_add(c, p, "build", com_build_json()));
  COM_TRY(add_inputs(c, p));
  COM_TRY(add_warnings(c, p));
  return add_volatile(c, p);
}

com_status com_result_schema(com_ctx *c, const char *file, const cJSON *j, char kind[48], int *version) {
  static const char prefix[] = "holograd/";
  const size_t skip = sizeof prefix - 1;
  const cJSON *item = com_json_get(j, "schema");
  const char *s = com_json_str(item, NULL), *slash = s ? strrchr(s, '/') : NULL;
  char got[48], *end = NULL;
  com_json_brief(item, got);
  kind[0] = '\0';
  *version = 0;
  COM_CHECK(c, com_json_is_object(j), COM_E_CONFIG, "%s: must be an object with a \"schema\", got %s", file,
            com_json_type(j));
  COM_CHECK(
      c, item, COM_E_CONFIG,
      "%s: schema: missing; write \"schema\":\"holograd/train/1\" or the like (see: holograd list schemas)",
      file);
  size_t n = slash && slash >= s + skip ? (size_t)(slash - s) - skip : 0;
  long v = n ? strtol(slash + 1, &end, 10) : 0;
  int ours = n && n < 48 && !strncmp(s, prefix, skip) && !memchr(s + skip, '/', n) && slash[1] >= '1' &&
             slash[1] <= '9' && !*end && v < 1000000;
  COM_CHECK(c, ours, COM_E_CONFIG, "%s: schema = %s: not a schema of holograd; expected \"holograd/KIND/%d\"",
            file, got, NEWEST);
  COM_CHECK(c, v <= NEWEST, COM_E_CONFIG,
            "%s: schema = %s: newer than this program, which reads version %d; update holograd", file, got,
            NEWEST);
  memcpy(kind, s + skip, n);
  kind[n] = '\0';
  *version = (int)v;
  return COM_OK;
}

com_status com_result_expect(com_ctx *c, const char *file, const cJSON *j, const char *kind) {
  char got[48];
  int version = 0;
  COM_TRY(com_result_schema(c, file, j, got, &version));
  COM_CHECK(
      c, !strcmp(got, kind), COM_E_CONFIG,
      "%s: schema = \"holograd/%s/%d\": must be \"holograd/%s/%d\", or a result that holds such a config%s",
      file, got, version, kind, NEWEST,
      strcmp(got, "dataset") ? "; holograd check FILE says what reads it"
                             : "; a dataset is named in a config, or with --data");
  return COM_OK;
}
