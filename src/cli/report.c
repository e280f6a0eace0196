/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cite.h"
#include "cli/figure.h"
#include "cli/io.h"
#include "cli/registry.h"
#include "cli/report_values.h"
#include "common/html.h"
#include "common/result.h"
#include "files/kind.h"

/* A page in the making. */
typedef struct page {
  const cli_env *env;
  const char *file, *name; /* its path; without the folders, which mean nothing to others */
  const files_kind *kind;
  const cli_schema *schema;
  const cJSON *doc;
  const cJSON *result; /* doc.result, or doc itself when it is flat */
  const cJSON *about;  /* who knows build, inputs, volatile: doc, or doc.provenance when it is flat */
  com_text out;
} page;

static const char *text_at(const cJSON *obj, const char *key) {
  return com_json_str(com_json_get(obj, key), NULL);
}

/* ---- what it is ---- */

/* What the file calls itself or its data; else the model, else what such a file is. */
static void find_title(const page *p, char out[256]) {
  const cJSON *config = com_json_get(p->doc, "config"), *data = com_json_get(config, "dataset");
  const cJSON *first = com_json_get(com_json_at(com_json_get(config, "datasets"), 0), "file");
  const cJSON *where[] = {p->doc, config, data, first, p->result, data, p->doc};
  const char *keys[] = {"title", "title", "title", "title", "name", "name", "name"};
  for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
    const char *s = text_at(where[i], keys[i]);
    if (!s || !*s) continue;
    snprintf(out, 256, "%s", s);
    if (where[i] == p->result) { /* "h, T = 0.207 GeV" alone says little */
      snprintf(out, 256, "%.*s: %s", (int)strcspn(p->kind->doc, ":"), p->kind->doc, s);
      out[0] = (char)toupper((unsigned char)out[0]);
    }
    return;
  }
  const char *model = text_at(com_json_get(config, "hamiltonian"), "type"),
             *lattice = text_at(com_json_get(config, "lattice"), "type");
  if (model && lattice)
    snprintf(out, 256, "%s on %s: %s", model, lattice, p->kind->doc);
  else {
    snprintf(out, 256, "%s", p->kind->doc);
    out[0] = (char)toupper((unsigned char)out[0]);
  }
}

static void put_lead(page *p) {
  const cJSON *build = com_json_get(p->about, "build"), *v = com_json_get(p->about, "volatile");
  const char *when = text_at(v, "time");
  com_text *t = &p->out;
  com_text_add(t, "<p class=\"lead\">");
  com_html_text(t, p->kind->name);
  com_text_add(t, ": ");
  com_html_text(t, p->kind->doc);
  com_text_add(t, ".");
  if (text_at(build, "version")) {
    com_text_add(t, " Made by holograd ");
    com_html_text(t, text_at(build, "version"));
    if (when) com_text_add(t, " on ");
    if (when) com_html_escape(t, when, strcspn(when, "T"));
    com_text_add(t, ".");
  }
  com_text_add(t, "</p>\n");
}

static const struct {
  const char *id, *title;
} sections[] = {{"summary", "What was done"}, {"figure", "Figure"},      {"numbers", "Numbers"},
                {"tables", "Tables"},         {"again", "Run it again"}, {"cite", "Cite"},
                {"origin", "Provenance"}};
enum { SUMMARY, FIGURE, NUMBERS, TABLES, AGAIN, CITE, ORIGIN, N_SECTIONS };

static void put_contents(page *p, const com_text body[N_SECTIONS]) {
  com_text_add(&p->out, "<nav aria-label=\"Contents\"><ul>\n");
  for (int i = 0; i < N_SECTIONS; i++)
    if (body[i].n)
      com_text_printf(&p->out, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].title);
  com_text_add(&p->out, "</ul></nav>\n");
}

/* Is it the first warning of its code? */
static int is_first(const cJSON *all, const cJSON *w) {
  const char *code = com_json_str(com_json_get(w, "code"), "");
  const cJSON *x = com_json_first(all);
  while (x != w && strcmp(com_json_str(com_json_get(x, "code"), ""), code) != 0) x = com_json_next(x);
  return x == w;
}

/* @param first the first of every kind, or the others; returns how many */
static int put_list(com_text *t, const cJSON *all, int first) {
  int n = 0;
  com_text_add(t, "<ul>\n");
  for (const cJSON *w = com_json_first(all); w; w = com_json_next(w)) {
    if (is_first(all, w) != first) continue;
    n++;
    com_text_add(t, "<li>");
    com_html_text(t, com_json_str(com_json_get(w, "text"), ""));
    com_text_add(t, "</li>\n");
  }
  com_text_add(t, "</ul>\n");
  return n;
}

/* One of a kind is read; the same of every flow or mode is not. */
static void put_warnings(page *p) {
  const cJSON *all = com_json_get(p->result, "warnings");
  com_text more = {0};
  if (!all) all = com_json_get(p->about, "warnings");
  if (!com_json_size(all)) return;
  com_text_add(&p->out, "<section class=\"warnings\" aria-labelledby=\"warnings\">\n"
                        "<h2 id=\"warnings\">Warnings</h2>\n");
  put_list(&p->out, all, 1);
  const int n = put_list(&more, all, 0);
  if (n) {
    com_text_printf(&p->out, "<details>\n<summary>%d more of the same kinds</summary>\n", n);
    com_text_add(&p->out, more.s);
    com_text_add(&p->out, "</details>\n");
  }
  com_text_add(&p->out, "</section>\n");
  p->out.failed |= more.failed;
  com_text_finish(&more);
}

/* ---- words ---- */

/* Sentences become paragraphs, lines behind two blanks items of a list; lines behind four are rows of figures for a
 * terminal, which stand in the tables here. */
static void put_words(com_text *t, const char *s) {
  int in_list = 0;
  while (*s) {
    const size_t n = strcspn(s, "\n"), indent = strspn(s, " ");
    const int item = indent >= 2 && indent < 4 && n > indent, sentence = indent < 2 && n > 0;
    if (in_list && !item && n) com_text_add(t, "</ul>\n"), in_list = 0;
    if (item && !in_list) com_text_add(t, "<ul>\n"), in_list = 1;
    if (item || sentence) {
      com_text_add(t, item ? "<li>" : "<p>");
      com_html_escape(t, s + indent, n - indent);
      com_text_add(t, item ? "</li>\n" : "</p>\n");
    }
    s += n + (s[n] == '\n');
  }
  if (in_list) com_text_add(t, "</ul>\n");
}

static com_status make_summary(page *p, com_text *t) {
  char *said = NULL;
  if (!p->schema->words) return COM_OK;
  COM_TRY(p->schema->words(p->env, p->doc, &said));
  put_words(t, said);
  free(said);
  return COM_OK;
}

/* What cannot be drawn, such as numbers too large for an axis, leaves its reason in place of the picture: the rest of
 * the page is as good as before.  Memory and Ctrl-C end the page. */
static com_status make_figure(page *p, com_text *t) {
  com_svg *s = NULL;
  com_ctx *c = p->env->ctx;
  com_status status = cli_figure(p->env, p->file, p->doc, &s);
  if (!status && s) com_svg_html(s, t);
  if (status == COM_E_DATA || status == COM_E_CONFIG || status == COM_E_NUM || status == COM_E_USAGE) {
    com_ctx_warn(c, "figure", "no picture on the page: %s", com_ctx_error(c));
    com_text_add(t, "<p>This result could not be drawn: ");
    com_html_text(t, com_ctx_error(c));
    com_text_add(t, "</p>\n");
    com_ctx_clear(c);
    status = COM_OK;
  }
  com_svg_destroy(s);
  return status;
}

/* ---- numbers ---- */

static com_status make_values(page *p, com_text *numbers, com_text *tables) {
  const cJSON *cost =
      com_json_get(com_json_get(p->about, "volatile"), "cost"); /* what a comparison measured */
  com_text rows = {0};
  com_status s = cli_report_values(p->env->ctx, p->file, p->result, &rows, tables);
  if (!s && cost) s = cli_report_values(p->env->ctx, p->file, cost, &rows, tables);
  if (rows.n) {
    com_text_add(numbers, "<table class=\"values\">\n<tbody>\n");
    com_text_add(numbers, rows.s);
    com_text_add(numbers, "</tbody>\n</table>\n");
  }
  numbers->failed |= rows.failed;
  com_text_finish(&rows);
  return s;
}

/* ---- again ---- */

/* A file name as one word of a shell. */
static void put_word(com_text *t, const char *s) {
  if (*s && !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/+-")] &&
      *s != '-') {
    com_text_add(t, s);
    return;
  }
  com_text_add(t, "'");
  for (; *s; s++) com_text_add(t, *s == '\'' ? "'\\''" : (const char[2]){*s, 0});
  com_text_add(t, "'");
}

static com_status make_again(page *p, com_text *t) {
  const cJSON *config = com_json_get(p->doc, "config");
  const char *reads = p->schema->again ? p->schema->again(p->doc) : p->schema->reads;
  com_text commands = {0};
  if (!config) config = com_json_get(com_json_get(p->doc, "provenance"), "config");
  if (reads) {
    com_text_printf(&commands, "holograd %s ", reads);
    put_word(&commands, p->name);
    com_text_add(&commands, " -o again.json\nholograd diff ");
    put_word(&commands, p->name);
    com_text_add(&commands, " again.json\n");
    com_text_add(
        t, "<p>The file holds the complete configuration and its data, so it runs again as it is:</p>\n");
    com_html_pre(t, NULL, commands.s ? commands.s : "");
  }
  t->failed |= commands.failed;
  com_text_finish(&commands);
  if (!com_json_size(config)) return COM_OK;
  char *json = NULL;
  COM_TRY(com_json_text(p->env->ctx, config, &json));
  com_html_pre(t, "Configuration, complete and resolved (save as config.json)", json);
  free(json);
  return COM_OK;
}

static void make_cite(page *p, com_text *t) {
  com_text bib = {0};
  cli_cite(p->doc, &bib);
  com_text_add(t, "<p>The program, the methods and the data that this result rests on:</p>\n");
  com_html_pre(t, NULL, bib.s ? bib.s : "");
  t->failed |= bib.failed;
  com_text_finish(&bib);
}

/* ---- where it comes from ---- */

static void put_pair(com_text *t, const char *name, const char *value) {
  if (!name || !value || !*value) return; /* a damaged file may hold an array where members belong */
  com_text_add(t, "<tr><th scope=\"row\">");
  com_html_text(t, name);
  com_text_add(t, "</th><td>");
  com_html_text(t, value);
  com_text_add(t, "</td></tr>\n");
}

static void make_origin(page *p, com_text *t) {
  const cJSON *inputs = com_json_get(p->about, "inputs"), *v = com_json_get(p->about, "volatile");
  com_text_add(t, "<table class=\"values\">\n<tbody>\n");
  put_pair(t, "file", p->name);
  put_pair(t, "schema", text_at(p->doc, "schema"));
  if (p->about != p->doc) { /* what a dataset says of itself */
    put_pair(t, "citation", text_at(p->about, "citation"));
    put_pair(t, "doi", text_at(p->about, "doi"));
    put_pair(t, "note", text_at(p->about, "note"));
  }
  for (const cJSON *b = com_json_first(com_json_get(p->about, "build")); b; b = com_json_next(b))
    put_pair(t, com_json_key(b), com_json_str(b, NULL));
  put_pair(t, "time", text_at(v, "time"));
  if (com_json_is_number(com_json_get(v, "seconds")))
    com_text_printf(t, "<tr><th scope=\"row\">took</th><td>%.3g s on %g thread(s)</td></tr>\n",
                    com_json_num(com_json_get(v, "seconds"), NAN),
                    com_json_num(com_json_get(v, "threads"), 1));
  com_text_add(t, "</tbody>\n</table>\n");
  if (!com_json_size(inputs)) return;
  com_text_add(t, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Inputs\">\n<table>\n"
                  "<caption>Inputs</caption>\n<thead><tr><th scope=\"col\" class=\"t\">file</th>"
                  "<th scope=\"col\" class=\"t\">SHA-256</th></tr></thead>\n<tbody>\n");
  for (const cJSON *i = com_json_first(inputs); i; i = com_json_next(i)) {
    com_text_add(t, "<tr><td class=\"t\">");
    com_html_text(t, com_json_str(com_json_get(i, "path"), ""));
    com_text_add(t, "</td><td class=\"t\"><code>");
    com_html_text(t, com_json_str(com_json_get(i, "sha256"), ""));
    com_text_add(t, "</code></td></tr>\n");
  }
  com_text_add(t, "</tbody>\n</table>\n</div>\n");
}

/* ---- the page ---- */

static com_status compose(page *p, com_text body[N_SECTIONS]) {
  COM_TRY(make_summary(p, &body[SUMMARY]));
  COM_TRY(make_figure(p, &body[FIGURE]));
  COM_TRY(make_values(p, &body[NUMBERS], &body[TABLES]));
  COM_TRY(make_again(p, &body[AGAIN]));
  make_cite(p, &body[CITE]);
  make_origin(p, &body[ORIGIN]);
  char title[256];
  find_title(p, title);
  com_html_open(&p->out, title);
  put_lead(p);
  put_contents(p, body);
  put_warnings(p);
  for (int i = 0; i < N_SECTIONS; i++) {
    p->out.failed |= body[i].failed;
    if (!body[i].n) continue;
    com_html_section(&p->out, sections[i].id, sections[i].title);
    com_text_add(&p->out, body[i].s);
    com_text_add(&p->out, "</section>\n");
  }
  com_html_close(&p->out);
  return COM_OK;
}

com_status cli_report_save(const cli_env *env, const char *file, const cJSON *doc, const char *path) {
  page p = {.env = env, .doc = doc};
  com_text body[N_SECTIONS] = {{0}};
  char kind[48], *html = NULL;
  int version;
  p.file = file && strcmp(file, "-") != 0 ? file : "result.json";
  p.name = strrchr(p.file, '/') ? strrchr(p.file, '/') + 1 : p.file;
  COM_TRY(com_result_schema(env->ctx, p.file, doc, kind, &version));
  p.kind = files_kind_find(kind);
  p.schema = cli_registry_schema(kind);
  p.result = com_json_get(doc, "result");
  COM_CHECK(env->ctx, p.schema, COM_E_CONFIG,
            "%s: schema = \"%s\": no kind of file that holograd knows (see: holograd list schemas)", p.file,
            text_at(doc, "schema"));
  COM_CHECK(env->ctx, p.result || !p.kind->fields || !p.schema->reads, COM_E_CONFIG,
            "%s: schema = \"%s\": a config, not a result; run it first: holograd %s %s --report page.html",
            p.file, text_at(doc, "schema"), p.schema->reads, p.file);
  p.about = p.result ? doc : com_json_get(doc, "provenance");
  if (!p.result) p.result = doc;
  if (!p.about) p.about = doc;
  com_status s = compose(&p, body);
  for (int i = 0; i < N_SECTIONS; i++) com_text_finish(&body[i]);
  if (!s) s = com_text_take(env->ctx, &p.out, &html);
  com_text_finish(&p.out);
  if (!s) s = cli_io_save_text(env, path, html);
  free(html);
  return s;
}
