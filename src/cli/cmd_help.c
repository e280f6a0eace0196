/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/helptext.h"
#include "cli/registry.h"
#include "files/kind.h"

static const char files_text[] =
    "Files are JSON, UTF-8.  The first key is the schema, as \"schema\":\"holograd/train/1\"; unknown keys "
    "are\n"
    "errors, keys that begin with # are comments, numbers round-trip bit for bit.\n"
    "\n"
    "A file named inside another is looked for beside it; one named on the command line (--data, --set\n"
    "dataset=FILE), in the working directory.  - is standard input or standard output.\n"
    "\n"
    "A result holds build, config (complete: it runs again), inputs with their sha256, result and volatile\n"
    "(time, host, threads).  Everything outside volatile is the same bytes for the same config and seed.\n"
    "\n"
    "Outputs appear whole or not at all.  One that exists is only replaced with --force.\n"
    "\n"
    "Keys of a file: holograd help file KIND; for editors: holograd schema KIND.  Kinds:\n";

static const char environment_text[] =
    "Nothing that changes a number comes from the environment.\n"
    "\n"
    "  NO_COLOR           no decoration (there is none but the progress line, and that only on a terminal)\n"
    "  HOLOGRAD_DATA_DIR  where `holograd list datasets` looks\n"
    "  HOLOGRAD_LOG       error, warn, info, debug or trace: how much is said; -q and -v win\n";

static const char set_text[] =
    "--set PATH=VALUE changes one key of the file that the command reads, before it is validated:\n"
    "\n"
    "  --set flow.rel_tol=1e-9  --set penalties[0].weight=0.1  --set metric.theta=[3,0.2,0.1]\n"
    "\n"
    "VALUE is JSON, or else a bare string.  --set may be repeated; a later one wins, the options of the\n"
    "command itself win over --set, and --seed over both.  With a result, the config inside it is changed.\n";

static const char presets_text[] =
    "A preset fills in what a config leaves open; what the file, --set or an option says wins.\n"
    "\n"
    "  \"preset\": \"quick\"      few starts, short chains, loose tolerances: does this config make sense?\n"
    "  \"preset\": \"default\"    the defaults of every key\n"
    "  \"preset\": \"reference\"  tight tolerances, many starts, long chains: numbers for a paper\n"
    "\n"
    "holograd check FILE --resolved lists every setting and where it comes from.  A result has every\n"
    "setting written out, so a preset changes nothing in it any more.\n";

typedef struct topic {
  const char *name, *doc, *text;
} topic;

static const topic topics[] = {{"exit-codes", "what the exit code says", NULL},
                               {"files", "the files that commands read and write", files_text},
                               {"set", "how --set works", set_text},
                               {"presets", "tiers of settings: quick, default, reference", presets_text},
                               {"environment", "the three variables that are looked at", environment_text},
                               {0}};

void cli_cmd_help_topics(com_text *out) {
  for (const topic *t = topics; t->name; t++) com_text_printf(out, "%s ", t->name);
}

static void put_schemas(com_text *out) {
  const files_kind *k;
  for (size_t i = 0; (k = files_kind_at(i)); i++) com_text_printf(out, "  %-16s  %s\n", k->name, k->doc);
}

static void overview(com_text *out) {
  com_text_add(
      out, "usage: holograd COMMAND [options] [FILE...]\n\n"
           "  holograd learns the metric of an emergent bulk spacetime from data of the boundary theory.\n\n"
           "commands:\n");
  cli_helptext_commands(out);
  com_text_add(out, "\ntopics:\n");
  for (const topic *t = topics; t->name; t++) com_text_printf(out, "  %-16s  %s\n", t->name, t->doc);
  com_text_add(out, "\ncomponents (holograd help KIND NAME):\n");
  for (const com_kind *const *k = cli_registry_kinds(); *k; k++)
    com_text_printf(out, "  %-16s  %s\n", (*k)->name, (*k)->doc);
  com_text_add(out, "\nmore: holograd help COMMAND, holograd help TOPIC, holograd help file KIND, holograd "
                    "COMMAND --help\n");
}

/* "did you mean" over commands, topics, kinds and components. */
static com_status unknown_topic(com_ctx *c, const char *word) {
  const char *names[384];
  size_t n = 0;
  for (const cli_cmd *const *k = cli_registry_commands(); *k && n < 64; k++) names[n++] = (*k)->name;
  for (const topic *t = topics; t->name; t++) names[n++] = t->name;
  for (const com_kind *const *k = cli_registry_kinds(); *k && n < 383; k++) {
    names[n++] = (*k)->name;
    for (const com_component *const *x = (*k)->all(); *x && n < 383; x++) names[n++] = (*x)->name;
  }
  names[n] = NULL;
  const char *near = com_field_nearest(word, names);
  return COM_FAIL(c, COM_E_USAGE, "help: no such topic '%s'%s%s%s (usage: holograd help [TOPIC])", word,
                  near ? "; did you mean " : "; see holograd help", near ? near : "", near ? "?" : "");
}

static com_status component(cli_env *env, const com_kind *kind, com_text *out) {
  if (env->n_files == 1) {
    com_text_printf(out, "%s: %s\n\n", kind->plural, kind->doc);
    cli_helptext_kind(kind, out);
    com_text_printf(out, "\nmore: holograd help %s NAME\n", kind->name);
    return COM_OK;
  }
  const com_component *x = com_field_find(kind, env->files[1]);
  if (x) return cli_helptext_component(env->ctx, kind, x, out);
  const char *names[64];
  size_t n = 0;
  for (const com_component *const *k = kind->all(); *k && n < 63; k++) names[n++] = (*k)->name;
  names[n] = NULL;
  const char *near = com_field_nearest(env->files[1], names);
  return COM_FAIL(env->ctx, COM_E_USAGE, "help: no %s is called '%s'%s%s%s (see: holograd list %s)",
                  kind->name, env->files[1], near ? "; did you mean " : "", near ? near : "", near ? "?" : "",
                  kind->plural);
}

/* `help pole_poly`: the components of that name, of whatever kind; nothing is written when there is none. */
static com_status components_called(com_ctx *c, const char *name, com_text *out) {
  for (const com_kind *const *k = cli_registry_kinds(); *k; k++) {
    const com_component *x = com_field_find(*k, name);
    if (x && out->n) com_text_add(out, "\n");
    if (x) COM_TRY(cli_helptext_component(c, *k, x, out));
  }
  return COM_OK;
}

/* `help nqs`: the commands of a family; nothing is written when there is none of that name. */
static void family(const char *word, com_text *out) {
  const size_t n = strlen(word);
  for (const cli_cmd *const *k = cli_registry_commands(); *k; k++)
    if (!strncmp((*k)->name, word, n) && (*k)->name[n] == ' ')
      com_text_printf(out, "  %-16s  %s\n", (*k)->name, (*k)->doc);
  if (out->n) com_text_printf(out, "\nmore: holograd help %s COMMAND\n", word);
}

static void put_shape(const com_shape *rows, com_text *out) {
  size_t width = 0, type = 0;
  for (const com_shape *r = rows; r->path; r++) {
    if (strlen(r->path) > width) width = strlen(r->path);
    if (strlen(r->type) > type) type = strlen(r->type);
  }
  for (const com_shape *r = rows; r->path; r++)
    com_text_printf(out, *r->doc ? "  %-*s  %-*s  %s\n" : "  %-*s  %.*s%s\n", (int)width, r->path, (int)type,
                    r->type, r->doc);
}

/* help file KIND: the keys of a kind of file. */
static com_status file_kind(cli_env *env, const char *kind, com_text *out) {
  const files_kind *s = files_kind_find(kind);
  if (!s)
    return COM_FAIL(env->ctx, COM_E_USAGE, "help: no such kind of file '%s' (see: holograd list schemas)",
                    kind);
  com_text_printf(out, "holograd/%s/1: %s\n", s->name, s->doc);
  if (s->fields) {
    char *text = NULL;
    COM_TRY(com_field_help(env->ctx, s->fields, &text));
    com_text_printf(out, "\n%s", text);
    free(text);
  }
  if (s->shape) {
    com_text_add(out, "\n");
    put_shape(s->shape, out);
  }
  if (s->config) com_text_add(out, "\nKeys of every result: holograd help files.\n");
  return COM_OK;
}

static com_status write_topic(cli_env *env, com_text *out) {
  const char *word = env->n_files ? env->files[0] : NULL;
  int words = 0;
  if (!word) {
    overview(out);
    return COM_OK;
  }
  char *argv[2] = {0};
  char copy[2][64];
  for (size_t i = 0; i < env->n_files; i++) {
    snprintf(copy[i], sizeof copy[i], "%s", env->files[i]);
    argv[i] = copy[i];
  }
  const cli_cmd *cmd = cli_registry_command((int)env->n_files, argv, &words);
  if (cmd && words == (int)env->n_files) {
    cli_helptext_command(cmd, 1, out);
    return COM_OK;
  }
  if (!strcmp(word, "file") && env->n_files == 2) return file_kind(env, env->files[1], out);
  const com_kind *kind = cli_registry_kind(word);
  if (kind) return component(env, kind, out);
  const topic *t = topics;
  while (t->name && strcmp(t->name, word)) t++;
  if (!t->name && env->n_files == 1) {
    family(word, out);
    if (!out->n) COM_TRY(components_called(env->ctx, word, out));
    if (out->n) return COM_OK;
  }
  if (!t->name || env->n_files > 1) return unknown_topic(env->ctx, word);
  com_text_add(out, t->text);
  if (t->text == files_text) {
    put_schemas(out);
    com_text_add(out, "\nKeys of every result:\n");
    put_shape(com_shape_envelope, out);
  }
  if (!t->text) cli_helptext_exit_codes(out);
  return COM_OK;
}

static com_status run(cli_env *env) {
  com_text t = {0};
  com_status status = write_topic(env, &t);
  if (!status) return cli_helptext_send(env, &t);
  com_text_finish(&t);
  return status;
}

const cli_cmd cli_cmd_help = {.name = "help",
                              .usage = "[TOPIC]",
                              .doc = "explain a command, a component (metric pole_poly) or a topic",
                              .examples = "holograd help train\nholograd help metric pole_poly\nholograd "
                                          "help file train-result\nholograd help exit-codes",
                              .max_files = 2,
                              .run = run};
