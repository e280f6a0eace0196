/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "cli/cite.h"
#include "cli/registry.h"
#include "common/build.h"

/* What the references of the component tables are called in full: a text that a reference contains, and its entry. */
typedef struct entry {
  const char *mark, *bibtex;
} entry;
#define EPRINT(id) "  eprint = {" id "},\n  archivePrefix = {arXiv},\n"
static const entry entries[] = {
    {"1802.08313",
     "@article{Hashimoto:2018ftp,\n  author = {Hashimoto, Koji and Sugishita, Sotaro and Tanaka, Akinori and "
     "Tomiya, Akio},\n"
     "  title = {Deep learning and the {AdS/CFT} correspondence},\n  journal = {Phys. Rev. D},\n  volume = "
     "{98},\n"
     "  pages = {046019},\n  year = {2018},\n" EPRINT("1802.08313") "}\n"},
    {"1809.10536",
     "@article{Hashimoto:2018bnb,\n  author = {Hashimoto, Koji and Sugishita, Sotaro and Tanaka, Akinori and "
     "Tomiya, Akio},\n"
     "  title = {Deep Learning and Holographic {QCD}},\n  journal = {Phys. Rev. D},\n  volume = {98},\n"
     "  pages = {106014},\n  year = {2018},\n" EPRINT("1809.10536") "}\n"},
    {"2006.00712",
     "@misc{Hashimoto:2020jug,\n  author = {Hashimoto, Koji and Hu, Hong-Ye and You, Yi-Zhuang},\n"
     "  title = {Neural {ODE} and Holographic {QCD}},\n  year = {2020},\n" EPRINT("2006.00712") "}\n"},
    {"1806.07366",
     "@misc{Chen:2018,\n  author = {Chen, Ricky T. Q. and Rubanova, Yulia and Bettencourt, Jesse and "
     "Duvenaud, David},\n"
     "  title = {Neural Ordinary Differential Equations},\n  year = {2018},\n" EPRINT("1806.07366") "}\n"},
    {"Hindmarsh",
     "@article{Hindmarsh:2005,\n  author = {Hindmarsh, Alan C. and Brown, Peter N. and Grant, Keith E. and "
     "Lee, Steven L. and\n"
     "    Serban, Radu and Shumaker, Dan E. and Woodward, Carol S.},\n"
     "  title = {{SUNDIALS}: Suite of nonlinear and differential/algebraic equation solvers},\n"
     "  journal = {ACM Trans. Math. Softw.},\n  volume = {31},\n  pages = {363},\n  year = {2005}\n}\n"},
    {"1606.02318",
     "@article{Carleo:2017,\n  author = {Carleo, Giuseppe and Troyer, Matthias},\n"
     "  title = {Solving the quantum many-body problem with artificial neural networks},\n  journal = "
     "{Science},\n"
     "  volume = {355},\n  pages = {602},\n  year = {2017},\n" EPRINT("1606.02318") "}\n"},
    {"1412.6980",
     "@misc{Kingma:2014,\n  author = {Kingma, Diederik P. and Ba, Jimmy},\n"
     "  title = {Adam: A Method for Stochastic Optimization},\n  year = {2014},\n" EPRINT("1412.6980") "}\n"},
    {"1008.3477",
     "@article{Schollwoeck:2011,\n  author = {Schollw{\\\"o}ck, Ulrich},\n"
     "  title = {The density-matrix renormalization group in the age of matrix product states},\n"
     "  journal = {Ann. Phys.},\n  volume = {326},\n  pages = {96},\n  year = {2011},\n" EPRINT(
         "1008.3477") "}\n"},
    {"hep-th/9803002",
     "@article{Maldacena:1998im,\n  author = {Maldacena, Juan M.},\n  title = {Wilson loops in large {N} "
     "field theories},\n"
     "  journal = {Phys. Rev. Lett.},\n  volume = {80},\n  pages = {4859},\n  year = {1998},\n" EPRINT(
         "hep-th/9803002") "}\n"},
    {0}};

/* Append unless it is there already: several components rest on the same paper. */
static void put_once(com_text *out, const char *text) {
  if (!out->s || !strstr(out->s, text)) com_text_printf(out, "\n%s", text);
}

static int known_id(const char *id, size_t n) {
  for (const entry *e = entries; e->mark; e++)
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
    com_text_printf(&e,
                    "@misc{arXiv:%.*s,\n  eprint = {%.*s},\n  archivePrefix = {arXiv},\n  note = {%s}\n}\n",
                    (int)n, at, (int)n, at, ref);
    if (e.s) put_once(out, e.s);
    com_text_finish(&e);
  }
  return some;
}

static void put_reference(const com_kind *k, const com_component *x, com_text *out) {
  if (!x->ref || !*x->ref) return;
  int some = put_bare_eprints(x->ref, out);
  for (const entry *e = entries; e->mark; e++)
    if (strstr(x->ref, e->mark)) {
      put_once(out, e->bibtex);
      some = 1;
    }
  if (some || !strncmp(x->ref, "docs/", 5)) return;
  com_text e = {0};
  com_text_printf(&e, "@misc{holograd:%s:%s,\n  note = {%s}\n}\n", k->name, x->name, x->ref);
  if (e.s) put_once(out, e.s);
  com_text_finish(&e);
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
  com_text_printf(&e, "@misc{data:%s,\n  note = {%s}%s%s%s\n}\n",
                  com_json_str(com_json_get(j, "name"), "dataset"), citation, doi ? ",\n  doi = {" : "",
                  doi ? doi : "", doi ? "}" : "");
  if (e.s) put_once(out, e.s);
  com_text_finish(&e);
}

/* Every {"type": ...} under the name of a kind, wherever it stands; and what datasets say of themselves. */
static void walk(const cJSON *j, const char *key, com_text *out) {
  const char *type = com_json_str(com_json_get(j, "type"), NULL);
  if (type && key) look_up(key, type, out);
  put_data(j, out);
  for (const cJSON *m = com_json_first(j); m; m = com_json_next(m)) {
    const char *name = com_json_key(m) ? com_json_key(m) : key;
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
