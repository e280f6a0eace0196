/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/helptext.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/io.h"
#include "cli/opt.h"
#include "cli/registry.h"

enum { OPTION_WIDTH = 26 }; /* "      --option-name VALUE" of nearly all options */

static void put_option(const cli_opt *o, com_text *out) {
  char left[80];
  int n = snprintf(left, sizeof left, "  %c%c%c --%s%s%s", o->shrt ? '-' : ' ', o->shrt ? o->shrt : ' ',
                   o->shrt ? ',' : ' ', o->lng, o->arg ? " " : "", o->arg ? o->arg : "");
  com_text_printf(out, "%-*s", OPTION_WIDTH, left);
  if (n >= OPTION_WIDTH) com_text_printf(out, "\n%*s", OPTION_WIDTH, "");
  com_text_printf(out, "  %s", o->doc);
  if (o->def) com_text_printf(out, " (default %s)", o->def);
  if (o->set) com_text_printf(out, " [%s]", o->set);
  com_text_add(out, "\n");
}

static void put_options(const char *title, const cli_opt *opts, com_text *out) {
  if (!opts || !opts->lng) return;
  com_text_printf(out, "\n%s:\n", title);
  for (const cli_opt *o = opts; o->lng; o++) put_option(o, out);
}

static void put_indented(const char *text, com_text *out) {
  for (const char *end; *text; text = end) {
    end = strchr(text, '\n');
    end = end ? end + 1 : text + strlen(text);
    com_text_printf(out, "  %.*s", (int)(end - text), text);
  }
  com_text_add(out, "\n");
}

void cli_helptext_exit_codes(com_text *out) {
  for (int s = 0; s < COM_STATUS_COUNT; s++)
    com_text_printf(out, "  %3d  %s\n", com_status_exit((com_status)s), com_status_text((com_status)s));
}

void cli_helptext_command(const cli_cmd *cmd, int full, com_text *out) {
  char usage[256];
  cli_opt_usage(cmd, usage, sizeof usage);
  com_text_printf(out, "usage: %s\n\n  %s.\n", usage, cmd->doc);
  if (full && cmd->text) {
    com_text_add(out, "\n");
    put_indented(cmd->text, out);
  }
  put_options("options", cmd->opts, out);
  put_options("options of every command", cli_opt_common(), out);
  if (cmd->examples) {
    com_text_add(out, "\nexamples:\n");
    put_indented(cmd->examples, out);
  }
  if (full) {
    com_text_add(out, "\nexit codes:\n");
    cli_helptext_exit_codes(out);
  } else
    com_text_printf(out, "\nmore: holograd help %s\n", cmd->name);
}

static void put_entries(size_t n, const char *const *names, const char *const *docs, com_text *out) {
  size_t width = 0;
  for (size_t i = 0; i < n; i++)
    if (strlen(names[i]) > width) width = strlen(names[i]);
  for (size_t i = 0; i < n; i++) com_text_printf(out, "  %-*s  %s\n", (int)width, names[i], docs[i]);
}

void cli_helptext_commands(com_text *out) {
  enum { MAX = 64 };
  const char *names[MAX], *docs[MAX];
  size_t n = 0;
  for (const cli_cmd *const *k = cli_registry_commands(); *k && n < MAX; k++, n++) {
    names[n] = (*k)->name;
    docs[n] = (*k)->doc;
  }
  put_entries(n, names, docs, out);
}

void cli_helptext_kind(const com_kind *kind, com_text *out) {
  enum { MAX = 64 };
  const char *names[MAX], *docs[MAX];
  size_t n = 0;
  for (const com_component *const *k = kind->all(); *k && n < MAX; k++, n++) {
    names[n] = (*k)->name;
    docs[n] = (*k)->doc;
  }
  put_entries(n, names, docs, out);
}

static com_status put_rows(com_ctx *c, const char *title, const com_field *rows, com_text *out) {
  if (!rows || !rows->key) return COM_OK;
  char *text = NULL;
  COM_TRY(com_field_help(c, rows, &text));
  com_text_printf(out, "\n%s:\n%s", title, text);
  free(text);
  return COM_OK;
}

com_status cli_helptext_component(com_ctx *c, const com_kind *kind, const com_component *x, com_text *out) {
  com_text_printf(out, "%s \"%s\": %s.\n", kind->name, x->name, x->doc);
  if (x->ref) com_text_printf(out, "\nreference: %s\n", x->ref);
  COM_TRY(put_rows(c, "keys", x->fields, out));
  com_text title = {0};
  com_text_printf(&title, "keys of every %s", kind->name);
  com_status status = put_rows(c, title.s ? title.s : "keys", kind->shared, out);
  com_text_finish(&title);
  com_text_printf(out, "\nexample: {\"type\":\"%s\"}\n", x->name);
  return status;
}

com_status cli_helptext_send(const cli_env *env, com_text *text) {
  char *s = NULL;
  COM_TRY(com_text_take(env->ctx, text, &s));
  com_status status = cli_io_save_text(env, NULL, s);
  free(s);
  return status;
}

com_status cli_helptext_print(const cli_env *env, const cli_cmd *cmd, int full) {
  com_text t = {0};
  cli_helptext_command(cmd, full, &t);
  return cli_helptext_send(env, &t);
}
