/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "cli/cite.h"
#include "cli/cite_table.h"
#include "cli/registry.h"
#include "common/build.h"

/* Append, and finish, unless an entry of this key is there already: several components rest on the same paper. */
static void put_once(com_text *out, const char *key, com_text *entry) {
  com_text mark = {0};
  com_text_printf(&mark, "{%s,\n", key);
  if (mark.s && entry->s && (!out->s || !strstr(out->s, mark.s))) com_text_printf(out, "\n%s", entry->s);
  out->failed |= mark.failed | entry->failed;
  com_text_finish(&mark);
  com_text_finish(entry);
}

static void put_entry(const cli_cite_entry *e, com_text *out) {
  com_text t = {0};
  com_text_printf(&t, "@%s{%s,\n  author = {%s},\n  title = {%s},\n", e->type, e->key, e->author, e->title);
  if (e->journal)
    com_text_printf(&t, "  %s = {%s},\n", strcmp(e->type, "book") ? "journal" : "publisher", e->journal);
  if (e->volume) com_text_printf(&t, "  volume = {%s},\n  pages = {%s},\n", e->volume, e->pages);
  com_text_printf(&t, "  year = {%d}", e->year);
  if (e->eprint) com_text_printf(&t, ",\n  eprint = {%s},\n  archivePrefix = {arXiv}", e->mark);
  com_text_add(&t, "\n}\n");
  put_once(out, e->key, &t);
}

static int known_id(const char *id, size_t n) {
  for (const cli_cite_entry *e = cli_cite_table; e->mark; e++)
    if (strlen(e->mark) == n && !strncmp(e->mark, id, n)) return 1;
  return 0;
}

/* arXiv identifiers that are not in the list still make a correct, if short, entry. */
static int put_bare_eprints(const char *ref, com_text *out) {
  int some = 0;
  for (const char *at = ref; (at = strstr(at, "arXiv:"));) {
    at += 6;
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) ||
           (at[n] && strchr("-./", at[n]) && isalnum((unsigned char)at[n + 1])))
      n++;
    some = 1;
    if (!n || known_id(at, n)) continue;
    com_text e = {0};
    char key[64];
    snprintf(key, sizeof key, "arXiv:%.*s", (int)n, at);
    com_text_printf(&e, "@misc{%s,\n  eprint = {%.*s},\n  archivePrefix = {arXiv}\n}\n", key, (int)n, at);
    put_once(out, key, &e);
  }
  return some;
}

static void put_reference(const com_kind *k, const com_component *x, com_text *out) {
  if (!x->ref || !*x->ref) return;
  int some = put_bare_eprints(x->ref, out);
  for (const cli_cite_entry *e = cli_cite_table; e->mark; e++)
    if (strstr(x->ref, e->mark)) {
      put_entry(e, out);
      some = 1;
    }
  if (some || !strncmp(x->ref, "docs/", 5)) return;
  com_text e = {0};
  char key[96];
  snprintf(key, sizeof key, "holograd:%s:%s", k->name, x->name);
  com_text_printf(&e, "@misc{%s,\n  note = {%s}\n}\n", key, x->ref);
  put_once(out, key, &e);
}

/* Several registries may share a name (optimizer): the one that knows the component counts. */
static void look_up(const char *key, const char *type, com_text *out) {
  for (const com_kind *const *k = cli_registry_kinds(); *k; k++) {
    if (strcmp((*k)->name, key) && strcmp((*k)->plural, key)) continue;
    const com_component *x = com_field_find(*k, type);
    if (x) put_reference(*k, x, out);
  }
}

/* A dataset, inline or a file: its own citation. */
static void put_data(const cJSON *j, com_text *out) {
  const cJSON *from = com_json_get(j, "provenance");
  const char *citation = com_json_str(com_json_get(from, "citation"), NULL);
  const char *doi = com_json_str(com_json_get(from, "doi"), NULL);
  if (!citation) return;
  com_text e = {0};
  char key[96];
  snprintf(key, sizeof key, "data:%s", com_json_str(com_json_get(j, "name"), "dataset"));
  com_text_printf(&e, "@misc{%s,\n  note = {%s}%s%s%s\n}\n", key, citation, doi ? ",\n  doi = {" : "",
                  doi ? doi : "", doi ? "}" : "");
  put_once(out, key, &e);
}

/* Every {"type": ...} under the name of a kind, wherever it stands; and what datasets say of themselves. */
static void walk(const cJSON *j, const char *key, com_text *out) {
  const char *type = com_json_str(com_json_get(j, "type"), NULL);
  if (type && key) look_up(key, type, out);
  put_data(j, out);
  for (const cJSON *m = com_json_first(j); m; m = com_json_next(m)) {
    const char *name = *com_json_key(m) ? com_json_key(m) : key;
    if (com_json_is_object(m) || com_json_is_array(m)) walk(m, name, out);
  }
}

void cli_cite(const cJSON *j, com_text *out) {
  com_text_printf(out,
                  "@software{holograd,\n  title = {holograd},\n  author = {{The holograd developers}},\n  "
                  "version = {%s}\n}\n",
                  com_build_info()->version);
  walk(j, NULL, out);
}
