/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One function per family of readers.  Each takes any bytes, does everything up to the first step of a run, and must not
 * crash, leak, hang or touch memory that is not its own; what a reader accepts must survive being written and read again.
 * The runs themselves are not fuzzed (they are long), but one step from a damaged checkpoint is. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ads/background_file.h"
#include "ads/dataset.h"
#include "ads/fit.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"
#include "cli/figure.h"
#include "cli/opt.h"
#include "cli/registry.h"
#include "cli/report.h"
#include "common/series.h"
#include "common/checkpoint.h"
#include "common/result.h"
#include "common/svg.h"
#include "common/table.h"
#include "nqs/driver.h"
#include "nqs/response.h"

#define PROMISE(cond, text)                                                                                  \
  do {                                                                                                       \
    if (!(cond)) {                                                                                           \
      fprintf(stderr, "broken promise: %s\n", text);                                                         \
      abort();                                                                                               \
    }                                                                                                        \
  } while (0)

static com_ctx *context(void) {
  com_ctx *c = NULL;
  PROMISE(!com_ctx_create(NULL, &c), "a context");
  return c;
}

/* An error has words, and they are one line. */
static void judge(com_ctx *c, com_status status) {
  PROMISE(!status || (unsigned)status < COM_STATUS_COUNT, "a status of the list");
  PROMISE(!status || *com_ctx_error(c), "an error has a text");
  PROMISE(!strchr(com_ctx_error(c), '\n'), "an error is one line");
}

/* A regular file that holds these bytes; its name is in path. */
static int file_of(const char *text, size_t n, char path[64]) {
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  PROMISE(fd >= 0 && write(fd, text, n) == (ssize_t)n, "a file in memory");
  snprintf(path, 64, "/proc/self/fd/%d", fd);
  return fd;
}

/* Tags are balanced, nothing is unprintable, and no attribute holds what is not a number. */
static void check_svg(const char *svg) {
  int open = 0;
  for (const char *s = svg; *s; s++) {
    open += *s == '<' ? 1 : *s == '>' ? -1 : 0;
    PROMISE(open == 0 || open == 1, "brackets of tags");
    PROMISE((unsigned char)*s >= 0x20 || *s == '\n', "no control characters");
    if (open && (!strncmp(s, "nan", 3) || !strncmp(s, "inf", 3)))
      fprintf(stderr, "%.*s\n", 80, s - (s - svg < 60 ? s - svg : 60));
    PROMISE(!open || (strncmp(s, "nan", 3) && strncmp(s, "inf", 3)), "numbers in SVG");
  }
  PROMISE(open == 0, "tags are closed");
}

static cJSON *parse(com_ctx *c, const char *text, size_t n) {
  cJSON *j = NULL;
  judge(c, com_json_parse(c, "input", text, n, &j));
  return j;
}

/* ---- json: text -> tree -> text -> the same tree; and --set on it ---- */

static void json(const char *text, size_t n) {
  com_ctx *c = context();
  const char *set = memchr(text, '\n', n); /* the first line may be an expression */
  cJSON *j = parse(c, text, n), *again = NULL, *doc = NULL;
  char *out = NULL;
  if (j && !com_json_text(c, j, &out)) {
    PROMISE(!com_json_parse(c, "written", out, strlen(out), &again), "what is written can be read");
    PROMISE(com_json_equal(j, again), "numbers and strings round-trip");
  }
  if (!j && set) {
    char *expression = strndup(text, (size_t)(set - text));
    com_ctx_clear(c);
    doc = parse(c, set + 1, n - (size_t)(set + 1 - text));
    if (com_json_is_object(doc)) judge(c, com_json_set(c, doc, expression));
    free(expression);
  }
  free(out);
  com_json_free(j);
  com_json_free(again);
  com_json_free(doc);
  com_ctx_destroy(c);
}

/* ---- dataset ---- */

static void dataset(const char *text, size_t n) {
  com_ctx *c = context();
  cJSON *j = parse(c, text, n);
  ads_dataset *d = NULL, *again = NULL;
  if (j) judge(c, ads_dataset_parse(c, "input", j, &d));
  if (d) {
    PROMISE(d->n > 0, "a dataset has points");
    PROMISE(!ads_dataset_parse(c, "kept", d->json, &again), "what a dataset keeps is a dataset");
    if (d->kind == ADS_DATASET_RESPONSE) {
      com_status s = ads_dataset_noise(c, d, 0.01);
      if (!s) s = ads_dataset_convert(c, d, "GeV", "GeV^3");
      judge(c, s);
    }
  }
  ads_dataset_destroy(again);
  ads_dataset_destroy(d);
  com_json_free(j);
  com_ctx_destroy(c);
}

/* ---- train config: read, resolve, read what was resolved; make the fit and its first start ---- */

static void train(const char *text, size_t n) {
  com_ctx *c = context();
  cJSON *j = parse(c, text, n), *resolved = NULL;
  const cJSON *parameters;
  ads_config cfg = {0}, again = {0};
  com_status s = j ? ads_config_read(c, "input", j, &cfg, &parameters) : COM_E_DATA;
  judge(c, s);
  if (!s) {
    PROMISE(!ads_config_write(c, &cfg, &resolved), "a config that was read can be written");
    PROMISE(!ads_config_read(c, "resolved", resolved, &again, &parameters), "a resolved config can be read");
    ads_config_finish(&again);
    ads_fit *f = NULL;
    s = ads_fit_create(c, &cfg, NULL, &f);
    judge(c, s);
    if (!s) {
      double *full = malloc((com_params_n(ads_fit_params(f)) + 1) * sizeof *full);
      if (full) judge(c, ads_fit_start(f, 1, full));
      free(full);
    }
    ads_fit_destroy(f);
    ads_config_finish(&cfg);
  }
  com_json_free(resolved);
  com_json_free(j);
  com_ctx_destroy(c);
}

/* ---- nqs config: lattice, hamiltonian, ansatz, sampler, optimiser; the other configs of the family by `check` ---- */

/* The largest number in a tree that may be a width; what is larger is refused. */
static double largest(const cJSON *j) {
  double x = com_json_num(j, 0);
  if (x > 1e9) x = 0;
  for (const cJSON *k = com_json_first(j); k; k = com_json_next(k)) x = fmax(x, largest(k));
  return x;
}

static void nqs(const char *text, size_t n) {
  com_ctx *c = context();
  cJSON *j = parse(c, text, n), *resolved = NULL;
  nqs_driver *d = NULL, *again = NULL;
  nqs_response *r = NULL;
  if (j && com_json_get(j, "response")) {
    judge(c, nqs_response_create(c, "input", j, &r));
    com_ctx_clear(c);
  }
  /* hundreds of sites, thousands of hidden units, a hundred thousand chains are allowed, and take seconds and gigabytes: what is large is
   * not what is looked for.  A projected ansatz makes copies, one for every translation and spin flip. */
  const cJSON *lattice = com_json_get(j, "lattice"), *ansatz = com_json_get(j, "ansatz");
  const double lx = com_json_num(com_json_get(lattice, "lx"), 1),
               ly = com_json_num(com_json_get(lattice, "ly"), 1),
               sites = fmax(com_json_num(com_json_get(lattice, "n"), 0), lx * ly),
               widest = fmax(1, largest(ansatz)), copies = com_json_get(ansatz, "ansatz") ? 2 * sites : 1,
               chains = fmax(1, com_json_num(com_json_get(com_json_get(j, "sampler"), "chains"), 1));
  if (j && sites <= 100 && sites * widest * fmax(sites * copies, chains) <= 1e6)
    judge(c, nqs_driver_create(c, "input", j, &d));
  if (d) {
    PROMISE(!nqs_driver_config(d, &resolved), "a config that was read can be written");
    const com_status s = nqs_driver_create(c, "resolved", resolved, &again);
    PROMISE(!s || s == COM_E_MEM, "a resolved config can be read");
  }
  nqs_response_destroy(r);
  nqs_driver_destroy(again);
  nqs_driver_destroy(d);
  com_json_free(resolved);
  com_json_free(j);
  com_ctx_destroy(c);
}

/* ---- background: documents, geometry, checks ---- */

static void background(const char *text, size_t n) {
  com_ctx *c = context();
  cJSON *j = parse(c, text, n), *docs = NULL, *checks = NULL;
  if (j) judge(c, ads_background_file_documents(c, "input", j, &docs));
  for (const cJSON *doc = com_json_first(docs); doc; doc = com_json_next(doc)) {
    ads_background *b = NULL;
    com_ctx_clear(c);
    judge(c, ads_background_create(c, "input", doc, &b));
    if (b) {
      ads_geometry g;
      const ads_background_info *info = ads_background_facts(b);
      ads_background_at(b, isfinite(info->known_lo) ? info->known_lo : 1, &g);
      judge(c, ads_background_check(c, b, &checks));
      com_json_free(checks);
      checks = NULL;
    }
    ads_background_destroy(b);
  }
  com_json_free(docs);
  com_json_free(j);
  com_ctx_destroy(c);
}

/* ---- results of every kind: picture, words, page, series ---- */

static void result(const char *text, size_t n) {
  com_ctx *c = context();
  cJSON *j = parse(c, text, n);
  char kind[48], *words = NULL, *svg = NULL;
  int version;
  com_series_list series = {0};
  com_svg *figure = NULL;
  const cli_common common = {.output = "/dev/null", .force = 1, .quiet = 1};
  const cli_env env = {.ctx = c, .common = &common};
  if (j && com_json_is_object(j) && !com_result_schema(c, "input", j, kind, &version)) {
    const cli_schema *s = cli_registry_schema(kind);
    judge(c, cli_figure(&env, "input", j, &figure));
    if (figure && !com_svg_text(c, figure, &svg)) check_svg(svg);
    free(svg);
    svg = NULL;
    if (figure && !com_svg_gnuplot(c, figure, &svg)) PROMISE(*svg, "a script");
    com_ctx_clear(c);
    if (s && s->words) judge(c, s->words(&env, j, &words));
    com_ctx_clear(c);
    judge(c, cli_report_save(&env, "input", j, "/dev/null"));
    com_ctx_clear(c);
    judge(c, com_series_collect(c, "input", j, &series));
  }
  com_series_finish(&series);
  com_svg_destroy(figure);
  free(words);
  free(svg);
  com_json_free(j);
  com_ctx_destroy(c);
}

/* ---- checkpoints: the file, and its state past the checksum, with one step after it ---- */

static const char small_train[] =
    "{\"schema\":\"holograd/train/1\",\"dataset\":{\"schema\":\"holograd/dataset/"
    "1\",\"name\":\"d\",\"kind\":\"response\","
    "\"source\":{\"name\":\"s\",\"unit\":\"1\",\"values\":[0.1,0.2,0.3]},\"response\":{\"name\":\"r\","
    "\"unit\":\"1\","
    "\"values\":[0.1,0.19,0.31],\"errors\":[0.01,0.01,0.01]}},\"metric\":{\"type\":\"pole_poly\",\"n\":2},"
    "\"bulk\":{\"type\":\"scalar_phi4\",\"train\":[\"lambda\"]},\"dictionary\":{\"type\":\"generic\"},"
    "\"flow\":{\"type\":\"rk\",\"n_steps\":4},\"restarts\":2,\"seed\":\"1\"}";
static const char small_nqs[] =
    "{\"schema\":\"holograd/nqs/"
    "1\",\"lattice\":{\"type\":\"chain\",\"n\":4},\"hamiltonian\":{\"type\":\"tfim\"},"
    "\"sampler\":{\"type\":\"metropolis\",\"chains\":2,\"sweeps\":4,\"discard\":1},\"iterations\":4,\"seed\":"
    "\"1\"}";

static void step_train(com_ctx *c, const cJSON *state) {
  cJSON *j = parse(c, small_train, sizeof small_train - 1);
  const cJSON *parameters;
  ads_config cfg = {0};
  ads_fit *f = NULL;
  ads_trainer *t = NULL;
  PROMISE(!ads_config_read(c, "small", j, &cfg, &parameters), "the small config");
  PROMISE(!ads_fit_create(c, &cfg, NULL, &f) && !ads_trainer_create(c, ads_fit_task(f), &t), "the small fit");
  com_status s = ads_trainer_load(t, "input", state);
  if (!s && !ads_trainer_stop(t)) s = ads_trainer_iterate(t);
  judge(c, s);
  ads_trainer_destroy(t);
  ads_fit_destroy(f);
  ads_config_finish(&cfg);
  com_json_free(j);
}

static void step_nqs(com_ctx *c, const cJSON *state) {
  cJSON *j = parse(c, small_nqs, sizeof small_nqs - 1);
  nqs_driver *d = NULL;
  PROMISE(!nqs_driver_create(c, "small", j, &d), "the small config");
  com_status s = nqs_driver_resume(d, state);
  if (!s && !nqs_driver_stop(d)) s = nqs_driver_iterate(d);
  judge(c, s);
  nqs_driver_destroy(d);
  com_json_free(j);
}

static void checkpoint(const char *text, size_t n) {
  com_ctx *c = context();
  char path[64];
  cJSON *state = NULL;
  int fd = file_of(text, n, path);
  judge(c, com_checkpoint_load(c, path, "train", &state));
  com_json_free(state);
  close(fd);
  com_ctx_clear(c);
  cJSON *j = parse(c, text, n);
  const char *kind = com_json_str(com_json_get(j, "kind"), "");
  const cJSON *inner = com_json_get(j, "state");
  if (inner && !strcmp(kind, "train")) step_train(c, inner);
  if (inner && !strcmp(kind, "nqs")) step_nqs(c, inner);
  com_json_free(j);
  com_ctx_destroy(c);
}

/* ---- weights of a wave function: ansatz.file ---- */

static void weights(const char *text, size_t n) {
  com_ctx *c = context();
  char path[64], set[96];
  int fd = file_of(text, n, path);
  nqs_driver *d = NULL;
  cJSON *j = parse(c, small_nqs, sizeof small_nqs - 1);
  snprintf(set, sizeof set, "ansatz.file=%s", path);
  PROMISE(!com_json_set(c, j, "ansatz.type=rbm") && !com_json_set(c, j, set), "ansatz.file");
  com_status s = nqs_driver_create(c, "input", j, &d);
  if (!s) s = nqs_driver_iterate(d);
  judge(c, s);
  nqs_driver_destroy(d);
  com_json_free(j);
  close(fd);
  com_ctx_destroy(c);
}

/* ---- the command line and CSV: a whole command ---- */

static com_status command(com_ctx *c, int argc, char **argv, int run) {
  int words = 0;
  cli_opt_parsed p = {0};
  const cli_cmd *cmd = cli_registry_command(argc, argv, &words);
  if (!cmd) return COM_OK;
  com_status s = cli_opt_parse(c, cmd, argc - words, argv + words, &p);
  if (!s && run) {
    cli_env env = {
        .ctx = c, .cmd = cmd, .common = &p.common, .args = p.args, .n_files = p.n_files, .files = p.files};
    s = cmd->run(&env);
  }
  cli_opt_finish(cmd, &p);
  return s;
}

static void csv(const char *text, size_t n) {
  com_ctx *c = context();
  char path[64], *written = NULL;
  int fd = file_of(text, n, path);
  com_table *t = NULL, *again = NULL;
  judge(c, com_table_parse_csv(c, "input", text, n, &t));
  if (t && !com_table_csv(c, t, &written)) {
    const com_status s = com_table_parse_csv(c, "written", written, strlen(written), &again);
    PROMISE(s || com_table_rows(again) == com_table_rows(t), "as many rows");
  }
  com_ctx_clear(c);
  char *argv[] = {"import",  path, "--source", "s:GeV", "--response", "r:1",
                  "--error", "e",  "-q",       "-o",    "/dev/null",  "--force"};
  judge(c, command(c, (int)(sizeof argv / sizeof *argv), argv, 1));
  free(written);
  com_table_destroy(t);
  com_table_destroy(again);
  close(fd);
  com_ctx_destroy(c);
}

static void options(const char *text, size_t n) {
  char *copy = malloc(n + 1), *argv[64];
  int argc = 0;
  if (!copy) return;
  memcpy(copy, text, n + 1);
  for (char *at = copy; argc < 63 && at; argc++) { /* one word per line */
    argv[argc] = at;
    if ((at = strchr(at, '\n'))) *at++ = '\0';
  }
  argv[argc] = NULL;
  com_ctx *c = context();
  judge(c, command(c, argc, argv, 0));
  com_ctx_destroy(c);
  free(copy);
}

/* ---- pictures: any bytes as labels and numbers ---- */

static void svg(const char *text, size_t n) {
  enum { MOST = 64 };
  double v[3 * MOST];
  const size_t rows =
      n / (4 * sizeof *v) < MOST ? n / (4 * sizeof *v) : MOST; /* three quarters are numbers */
  memcpy(v, text, 3 * rows * sizeof *v);
  char *label = strndup(text + 3 * rows * sizeof *v, n - 3 * rows * sizeof *v), *out = NULL;
  com_ctx *c = context();
  com_svg *f = NULL;
  com_status s = com_svg_create(c, label, 1, 1, &f);
  if (!s)
    s = com_svg_panel(
        c, f, 0, 0,
        &(com_svg_axes){.title = label, .xlabel = label, .ylabel = label, .xlog = n % 2, .ylog = n % 3 == 0});
  for (int mark = COM_MARK_LINE; mark <= COM_MARK_BARS && !s; mark++)
    s = com_svg_add(c, f,
                    &(com_svg_series){.mark = (com_mark)mark,
                                      .legend = label,
                                      .n = rows,
                                      .x = v,
                                      .y = v + rows,
                                      .err = mark == COM_MARK_BAND ? NULL : v + 2 * rows,
                                      .y2 = v + 2 * rows});
  if (!s) s = com_svg_note(c, f, label);
  if (!s && !(s = com_svg_text(c, f, &out))) check_svg(out);
  free(out);
  out = NULL;
  if (!s) s = com_svg_gnuplot(c, f, &out);
  judge(c, s);
  free(out);
  free(label);
  com_svg_destroy(f);
  com_ctx_destroy(c);
}

const fuzz_family fuzz_families[] = {
    {"json", "any JSON text and --set on it", 1, json},
    {"dataset", "datasets", 1, dataset},
    {"train", "train configs, up to the fit and its first start", 1, train},
    {"nqs", "nqs and response configs, up to the driver", 1, nqs},
    {"background", "backgrounds, and results that hold one", 1, background},
    {"result", "results of every kind: picture, words, page, series", 1, result},
    {"checkpoint", "checkpoints, and one step after them", 1, checkpoint},
    {"weights", "weights of a wave function (ansatz.file)", 1, weights},
    {"csv", "CSV tables, and import", 0, csv},
    {"options", "command lines", 0, options},
    {"svg", "pictures of any labels and numbers", 0, svg},
    {0}};
