/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/opt.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "common/fs.h"
#include "common/text.h"

static const cli_opt common_opts[] = {
    {'o', "output", "FILE", "write the output here, - for standard output", CLI_OUTPUT,
     offsetof(cli_common, output), NULL, NULL},
    {0, "set", "PATH=VALUE", "change a key of the file that is read, as flow.rel_tol=1e-9; repeatable",
     CLI_STRINGS, offsetof(cli_common, sets), NULL, NULL},
    {0, "seed", "N", "root of all random streams; wins over the file", CLI_STRING,
     offsetof(cli_common, seed_text), NULL, NULL},
    {0, "threads", "N", "threads to use; 0 = all cores", CLI_INT, offsetof(cli_common, threads), NULL, "0"},
    {0, "max-time", "S", "stop politely after S seconds", CLI_REAL, offsetof(cli_common, max_time), NULL,
     NULL},
    {'q', "quiet", NULL, "nothing on standard error but errors", CLI_FLAG, offsetof(cli_common, quiet), NULL,
     NULL},
    {'v', "verbose", NULL, "say more; twice: even more", CLI_FLAG, offsetof(cli_common, verbose), NULL, NULL},
    {0, "log-json", "FILE", "copy of the log, one JSON object per line", CLI_OUTPUT,
     offsetof(cli_common, log_json), NULL, NULL},
    {0, "no-progress", NULL, "no progress line", CLI_FLAG, offsetof(cli_common, no_progress), NULL, NULL},
    {0, "force", NULL, "overwrite outputs that exist", CLI_FLAG, offsetof(cli_common, force), NULL, NULL},
    {0, "dry-run", NULL, "say what would run and how long it may take, and stop", CLI_FLAG,
     offsetof(cli_common, dry_run), NULL, NULL},
    {'h', "help", NULL, "help of this command", CLI_FLAG, offsetof(cli_common, help), NULL, NULL},
    {0}};

const cli_opt *cli_opt_common(void) { return common_opts; }

void cli_opt_usage(const cli_cmd *cmd, char *out, size_t size) {
  snprintf(out, size, "holograd %s [options]%s%s", cmd->name, *cmd->usage ? " " : "", cmd->usage);
}

static com_status usage_error(com_ctx *c, const cli_cmd *cmd, const char *fmt, ...) COM_PRINTF(3, 4);
static com_status usage_error(com_ctx *c, const cli_cmd *cmd, const char *fmt, ...) {
  char what[1024], usage[256];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(what, sizeof what, fmt, ap);
  va_end(ap);
  cli_opt_usage(cmd, usage, sizeof usage);
  return COM_FAIL(c, COM_E_USAGE, "%s: %s (usage: %s)", cmd->name, what, usage);
}

/* ---- values ---- */

static com_status strings_add(com_ctx *c, cli_strings *s, const char *text) {
  char **v = realloc(s->v, (s->n + 1) * sizeof *v);
  COM_CHECK(c, v, COM_E_MEM, "out of memory");
  s->v = v;
  COM_ALLOC(c, v[s->n] = strdup(text));
  s->n++;
  return COM_OK;
}

static void strings_finish(cli_strings *s) {
  for (size_t i = 0; i < s->n; i++) free(s->v[i]);
  free(s->v);
  *s = (cli_strings){0};
}

static int read_int(const char *text, int *out) {
  char *end;
  errno = 0;
  long x = strtol(text, &end, 10);
  if (end == text || *end || errno || x > INT_MAX || x < INT_MIN) return 0;
  *out = (int)x;
  return 1;
}

static int read_real(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return end != text && !*end && isfinite(*out);
}

/* "MIN:MAX:N": N numbers at equal distances; "A,B,C": these.  As a JSON array; 0 when it is neither. */
static int list_json(const char *text, com_text *out) {
  enum { MOST = 100000 };
  double v[3];
  int n = 0, colons = strchr(text, ':') != NULL;
  com_text_add(out, "[");
  for (const char *at = text;; at++, n++) {
    char *end;
    const double x = strtod(at, &end);
    if (end == at || !isfinite(x) || (*end && *end != (colons ? ':' : ',')) || (colons && n == 3)) return 0;
    if (colons)
      v[n] = x;
    else
      com_text_printf(out, "%s%.17g", n ? "," : "", x);
    if (!*(at = end)) break;
  }
  if (colons && (n != 2 || v[2] < 2 || v[2] > MOST || v[2] != floor(v[2]))) return 0;
  for (int k = 0; colons && k < (int)v[2]; k++)
    com_text_printf(out, "%s%.17g", k ? "," : "", v[0] + (v[1] - v[0]) * k / (v[2] - 1));
  com_text_add(out, "]");
  return 1;
}

/* The expression KEY=VALUE of a shorthand, VALUE always valid JSON except for CLI_JSON. */
static com_status shorthand(com_ctx *c, const cli_cmd *cmd, const cli_opt *o, const char *value,
                            cli_common *common) {
  com_text t = {0};
  char *expression = NULL;
  com_status status = COM_OK;
  int i, good = 1;
  double x;
  com_text_printf(&t, "%s=", o->set);
  switch (o->type) {
  case CLI_FLAG: com_text_add(&t, "true"); break;
  case CLI_INT:
    if ((good = read_int(value, &i))) com_text_printf(&t, "%d", i);
    break;
  case CLI_REAL:
    if ((good = read_real(value, &x))) com_text_printf(&t, "%.17g", x);
    break;
  case CLI_LIST: good = list_json(value, &t); break;
  case CLI_JSON: com_text_add(&t, value); break;
  default: com_text_quote(&t, value);
  }
  if (!good) {
    com_text_finish(&t);
    return usage_error(c, cmd, "--%s %s: must be %s", o->lng, value,
                       o->type == CLI_LIST  ? "numbers, as 0.1:3:50 (MIN:MAX:N) or 0.1,0.5"
                       : o->type == CLI_INT ? "an integer"
                                            : "a number");
  }
  COM_TRY(com_text_take(c, &t, &expression));
  status = strings_add(c, &common->shorthands, expression);
  free(expression);
  return status;
}

static com_status store(com_ctx *c, const cli_cmd *cmd, const cli_opt *o, const char *value, void *base,
                        cli_common *common) {
  if (o->set) return shorthand(c, cmd, o, value, common);
  void *at = (char *)base + o->off;
  switch (o->type) {
  case CLI_FLAG: ++*(int *)at; break;
  case CLI_INT:
    if (!read_int(value, at)) return usage_error(c, cmd, "--%s %s: must be an integer", o->lng, value);
    break;
  case CLI_REAL:
    if (!read_real(value, at)) return usage_error(c, cmd, "--%s %s: must be a number", o->lng, value);
    break;
  case CLI_STRINGS: return strings_add(c, at, value);
  default: *(const char **)at = value;
  }
  return COM_OK;
}

/* ---- names ---- */

typedef struct parser {
  com_ctx *c;
  const cli_cmd *cmd;
  cli_opt_parsed *out;
  int argc, i;
  char **argv;
} parser;

/* The row of an option, and the struct that it writes to. */
static const cli_opt *find(const parser *p, char shrt, const char *lng, size_t n, void **base) {
  const cli_opt *tables[] = {p->cmd->opts, common_opts};
  void *bases[] = {p->out->args, &p->out->common};
  for (size_t t = 0; t < 2; t++)
    for (const cli_opt *o = tables[t]; o && o->lng; o++)
      if (lng ? strlen(o->lng) == n && !strncmp(o->lng, lng, n) : o->shrt && o->shrt == shrt) {
        *base = bases[t];
        return o;
      }
  return NULL;
}

static com_status unknown(const parser *p, const char *word, size_t n) {
  const char *names[128], *near = NULL;
  size_t k = 0;
  for (const cli_opt *o = p->cmd->opts; o && o->lng && k < 100; o++) names[k++] = o->lng;
  for (const cli_opt *o = common_opts; o->lng; o++) names[k++] = o->lng;
  names[k] = NULL;
  char lng[64];
  snprintf(lng, sizeof lng, "%.*s", (int)(n < 60 ? n : 60), word);
  near = com_field_nearest(lng, names);
  return usage_error(p->c, p->cmd, "unknown option --%s; %s%s%s", lng,
                     near ? "did you mean --" : "a key of a file is changed by --set PATH=VALUE",
                     near ? near : "", near ? "?" : "");
}

static com_status value_of(parser *p, const cli_opt *o, const char *attached, const char **value) {
  if (!attached && p->i + 1 < p->argc) attached = p->argv[++p->i];
  if (!attached)
    return usage_error(p->c, p->cmd, "--%s needs a value: %s", o->lng, o->arg ? o->arg : "VALUE");
  *value = attached;
  return COM_OK;
}

static com_status long_option(parser *p, const char *word) {
  const char *eq = strchr(word, '='), *value = NULL;
  size_t n = eq ? (size_t)(eq - word) : strlen(word);
  void *base;
  const cli_opt *o = find(p, 0, word, n, &base);
  if (!o) return unknown(p, word, n);
  if (o->type != CLI_FLAG)
    COM_TRY(value_of(p, o, eq ? eq + 1 : NULL, &value));
  else if (eq)
    return usage_error(p->c, p->cmd, "--%s takes no value", o->lng);
  return store(p->c, p->cmd, o, value, base, &p->out->common);
}

static com_status short_options(parser *p, const char *word) {
  for (; *word; word++) {
    void *base;
    const char *value = NULL;
    const cli_opt *o = find(p, *word, NULL, 0, &base);
    if (!o) return usage_error(p->c, p->cmd, "unknown option -%c", *word);
    int flag = o->type == CLI_FLAG;
    if (!flag) COM_TRY(value_of(p, o, word[1] ? word + 1 : NULL, &value));
    COM_TRY(store(p->c, p->cmd, o, value, base, &p->out->common));
    if (!flag) break;
  }
  return COM_OK;
}

/* ---- the whole line ---- */

static com_status defaults(parser *p) {
  const cli_opt *tables[] = {p->cmd->opts, common_opts};
  void *bases[] = {p->out->args, &p->out->common};
  for (size_t t = 0; t < 2; t++)
    for (const cli_opt *o = tables[t]; o && o->lng; o++)
      if (o->def && !o->set) COM_TRY(store(p->c, p->cmd, o, o->def, bases[t], &p->out->common));
  return COM_OK;
}

enum { MAX_THREADS = 1024 }; /* a slip of the keyboard must not start tens of thousands */

static com_status finish_common(const parser *p) {
  cli_common *m = &p->out->common;
  if (m->threads < 0 || m->threads > MAX_THREADS)
    return usage_error(p->c, p->cmd, "--threads %d: must be 0 (all cores) to %d", m->threads, MAX_THREADS);
  if (m->max_time < 0) return usage_error(p->c, p->cmd, "--max-time %g: must be positive", m->max_time);
  /* Here, because `--set metric.n 4` has an argument too many as well. */
  for (size_t i = 0; i < m->sets.n; i++)
    if (!strchr(m->sets.v[i], '='))
      return usage_error(p->c, p->cmd, "--set %s: must be PATH=VALUE, as in --set flow.rel_tol=1e-9",
                         m->sets.v[i]);
  if (!m->seed_text) return COM_OK;
  char *end;
  errno = 0;
  m->seed = strtoull(m->seed_text, &end, 10);
  if (m->seed_text[0] < '0' || m->seed_text[0] > '9' || *end || errno)
    return usage_error(p->c, p->cmd, "--seed %s: must be an integer from 0 to 18446744073709551615",
                       m->seed_text);
  m->seed_given = 1;
  return COM_OK;
}

static com_status count_files(const parser *p) {
  const cli_cmd *cmd = p->cmd;
  size_t n = p->out->n_files;
  if (p->out->common.help) return COM_OK;
  if (n < (size_t)cmd->min_files) return usage_error(p->c, cmd, "%s is missing", cmd->usage);
  if (cmd->max_files >= 0 && n > (size_t)cmd->max_files)
    return usage_error(p->c, cmd, "unexpected argument '%s'", p->out->files[cmd->max_files]);
  return COM_OK;
}

com_status cli_opt_parse(com_ctx *c, const cli_cmd *cmd, int argc, char **argv, cli_opt_parsed *out) {
  *out = (cli_opt_parsed){0};
  COM_ALLOC(c, out->args = calloc(1, cmd->args_size ? cmd->args_size : 1));
  COM_ALLOC(c, out->files = calloc((size_t)argc + 1, sizeof *out->files));
  parser p = {c, cmd, out, argc, 0, argv};
  COM_TRY(defaults(&p));
  int only_files = 0;
  for (; p.i < argc; p.i++) {
    const char *word = argv[p.i];
    if (only_files || word[0] != '-' || !word[1])
      out->files[out->n_files++] = word;
    else if (!strcmp(word, "--"))
      only_files = 1;
    else
      COM_TRY(word[1] == '-' ? long_option(&p, word + 2) : short_options(&p, word + 1));
  }
  COM_TRY(finish_common(&p));
  return count_files(&p);
}

void cli_opt_finish(const cli_cmd *cmd, cli_opt_parsed *p) {
  for (const cli_opt *o = cmd->opts; o && o->lng && p->args; o++)
    if (o->type == CLI_STRINGS && !o->set) strings_finish((cli_strings *)(void *)((char *)p->args + o->off));
  strings_finish(&p->common.sets);
  strings_finish(&p->common.shorthands);
  free(p->args);
  free(p->files);
  *p = (cli_opt_parsed){0};
}

/* ---- outputs ---- */

/* Is this regular file one that the command was given to read?  --force is for old outputs, not for inputs. */
static int is_input(const cli_cmd *cmd, const cli_opt_parsed *p, const char *path) {
  for (size_t i = 0; i < p->n_files; i++)
    if (com_fs_same(path, p->files[i])) return 1;
  for (const cli_opt *o = cmd->opts; o && o->lng; o++) {
    if (o->set || o->type != CLI_INPUT) continue;
    const char *input = *(const char *const *)(const void *)((const char *)p->args + o->off);
    if (input && com_fs_same(path, input)) return 1;
  }
  return 0;
}

/* A name without an ending, as /dev/null, will do. */
static int ends_in(const char *const *endings, const char *path) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  int known = !dot;
  for (const char *const *e = endings; *e && !known; e++) known = !strcmp(dot, *e);
  return known;
}

/* Pictures and pages are of the kind that their names say: a PDF that is none opens nowhere. */
static com_status check_ending(com_ctx *c, const cli_cmd *cmd, const cli_opt *o, const char *path) {
  static const char *const picture[] = {".svg", ".png", ".gp", ".gnuplot", NULL}, *const page[] = {
                                                                                      ".html", ".htm", NULL};
  const char *what = strcmp(o->lng, "output") ? o->lng : cmd->name;
  if (!strcmp(what, "plot") && !ends_in(picture, path))
    return usage_error(c, cmd, "--%s %s: a picture ends in .svg, .png or .gp", o->lng, path);
  if (!strcmp(what, "report") && !ends_in(page, path))
    return usage_error(c, cmd, "--%s %s: a page ends in .html; a browser prints it to PDF", o->lng, path);
  return COM_OK;
}

com_status cli_opt_outputs(com_ctx *c, const cli_cmd *cmd, const cli_opt_parsed *p) {
  const cli_opt *tables[] = {cmd->opts, common_opts};
  const void *bases[] = {p->args, &p->common};
  const char *seen[64];
  size_t n = 0;
  for (size_t t = 0; t < 2; t++)
    for (const cli_opt *o = tables[t]; o && o->lng; o++) {
      if (o->set || (o->type != CLI_OUTPUT && o->type != CLI_REPLACED)) continue;
      const char *path = *(const char *const *)(const void *)((const char *)bases[t] + o->off);
      if (!path || !strcmp(path, "-")) continue;
      COM_TRY(com_fs_can_create(c, path, p->common.force || o->type == CLI_REPLACED));
      COM_CHECK(c, o->type == CLI_REPLACED || !is_input(cmd, p, path), COM_E_CREATE,
                "%s: is the file that is read; give the output another name", path);
      for (size_t k = 0; k < n; k++)
        if (!strcmp(seen[k], path)) return usage_error(c, cmd, "%s is named as two outputs", path);
      COM_TRY(check_ending(c, cmd, o, path));
      if (n < sizeof seen / sizeof *seen) seen[n++] = path;
    }
  return COM_OK;
}
