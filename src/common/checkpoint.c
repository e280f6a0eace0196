/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/checkpoint.h"
#include <stdlib.h>
#include <string.h>
#include "common/fs.h"
#include "common/result.h"
#include "common/sha256.h"

/* Of the written text: numbers survive writing and reading, so the text of what was read is the same. */
static com_status hash(com_ctx *c, const cJSON *state, char hex[65]) {
  char *text;
  COM_TRY(com_json_text(c, state, &text));
  com_sha256_hex(text, strlen(text), hex);
  free(text);
  return COM_OK;
}

com_status com_checkpoint_save(com_ctx *c, const char *path, const char *kind, const cJSON *state) {
  com_status status = COM_OK;
  char hex[65];
  cJSON *o = NULL;
  COM_TRY(hash(c, state, hex));
  COM_ALLOC(c, o = com_json_object());
  COM_GOTO(done, com_json_add(c, o, "schema", com_json_string("holograd/checkpoint/1")));
  COM_GOTO(done, com_json_add(c, o, "kind", com_json_string(kind)));
  COM_GOTO(done, com_json_add(c, o, "sha256", com_json_string(hex)));
  COM_GOTO(done, com_json_add(c, o, "state", com_json_copy(state)));
  COM_GOTO(done, com_json_save(c, o, path, 1));
done:
  com_json_free(o);
  return com_ctx_while(c, status, "writing the checkpoint");
}

static com_status check(com_ctx *c, const char *path, const char *kind, const cJSON *o) {
  char schema[48], hex[65];
  int version;
  COM_TRY(com_result_schema(c, path, o, schema, &version));
  COM_CHECK(c, !strcmp(schema, "checkpoint"), COM_E_CONFIG,
            "%s: schema: is a %s, not a checkpoint; give the file named with --checkpoint", path, schema);
  const char *is = com_json_str(com_json_get(o, "kind"), "?");
  COM_CHECK(c, !strcmp(is, kind), COM_E_CONFIG,
            "%s: kind = \"%s\": a checkpoint of another command; expected \"%s\"", path, is, kind);
  const cJSON *state = com_json_get(o, "state");
  COM_CHECK(c, state, COM_E_DATA, "%s: state: missing; the checkpoint is damaged, start without --resume",
            path);
  COM_TRY(hash(c, state, hex));
  COM_CHECK(
      c, !strcmp(hex, com_json_str(com_json_get(o, "sha256"), "")), COM_E_DATA,
      "%s: sha256: does not match the state; the checkpoint was changed or damaged, start without --resume",
      path);
  return COM_OK;
}

com_status com_checkpoint_load(com_ctx *c, const char *path, const char *kind, cJSON **state) {
  com_status status = COM_OK;
  char *text = NULL;
  size_t n;
  cJSON *o = NULL;
  *state = NULL;
  COM_GOTO(done, com_fs_slurp(c, path, &text, &n));
  COM_GOTO(done, com_json_parse(c, path, text, n, &o));
  COM_GOTO(done, check(c, path, kind, o));
  if (!(*state = com_json_copy(com_json_get(o, "state")))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
done:
  free(text);
  com_json_free(o);
  return com_ctx_while(c, status, "reading the checkpoint");
}
