/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/boltzmann_file.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/shapes.h"
#include "common/result.h"
#include "common/table.h"

typedef struct args {
  cli_output_files to;
  const char *metric;
} args;

static const cli_opt opts[] = {
    {0, "layers", "N", "layers of the bulk", CLI_INT, 0, "dbm.layers", NULL},
    {0, "draws", "N", "states sampled per chain", CLI_INT, 0, "dbm.draws", NULL},
    {0, "update", "NAME", "gibbs or hmc", CLI_STRING, 0, "dbm.update", NULL},
    {0, "metric", "FILE", "write the metric that the weights of FILE give: a train config, or a background",
     CLI_OUTPUT, offsetof(args, metric), NULL, NULL},
    CLI_OUTPUT_OPTS(args, to, "the kernel from layer to layer"),
    {0}};

static com_status read_config(com_ctx *c, const char *file, const cJSON *j, ads_boltzmann_file *f) {
  cJSON *config = NULL;
  COM_TRY(ads_boltzmann_file_config(c, file, j, &config));
  const com_status s = com_field_read(c, COM_E_CONFIG, ads_boltzmann_file_fields, file, "", config, f);
  com_json_free(config);
  COM_TRY(s);
  if (f->seed.given) com_ctx_reseed(c, f->seed.value);
  f->seed = (com_seed){1, com_ctx_seed(c)};
  return COM_OK;
}

/* ---- the result ---- */

/* One row per layer: place, weights, running kernel, saddle and mean field (at a fixed source). */
static com_status layers(com_ctx *c, const ads_boltzmann_file *f, const ads_boltzmann *b, const double *eta,
                         const ads_boltzmann_sample_result *sampled, cJSON **out) {
  const size_t n1 = b->n + 1;
  double *v = calloc(3 * n1, sizeof *v), *a = v, *K = a + n1, *phi = K + n1;
  com_table *t = NULL;
  com_status status = v ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  memcpy(a, b->a, b->n * sizeof *a);
  a[b->n] = NAN; /* no weight below the last layer */
  ads_boltzmann_kernel(b, K);
  COM_GOTO(done, com_table_add(c, t, f->origin ? "eta" : "z", "L", NULL, n1, eta, NULL));
  COM_GOTO(done, com_table_add(c, t, "K", "1", "K_k", n1, K, NULL));
  COM_GOTO(done, com_table_add(c, t, "a", "1", "a_k", n1, a, NULL));
  COM_GOTO(done, com_table_add(c, t, "s", "1", "s_k", n1, b->s, NULL));
  COM_GOTO(done, com_table_add(c, t, "c", "1", "c_k", n1, b->c, NULL));
  if (isfinite(f->dbm.source)) {
    COM_GOTO(done, ads_boltzmann_saddle(c, b, f->dbm.source, phi));
    COM_GOTO(done, com_table_add(c, t, "phi_saddle", "1", NULL, n1, phi, NULL));
  }
  if (sampled->mean) COM_GOTO(done, com_table_add(c, t, "phi", "1", NULL, n1, sampled->mean, sampled->error));
  if (!(*out = com_table_json(t))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
done:
  com_table_destroy(t);
  free(v);
  return status;
}

static com_status add_two_point(com_ctx *c, const ads_boltzmann_file *f, double kernel,
                                const ads_boltzmann_sample_result *r, cJSON *result) {
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "mean", com_json_real(r->two_point));
  if (!s) s = com_json_add(c, j, "error", com_json_real(r->two_point_error));
  if (!s) s = com_json_add(c, j, "gaussian", com_json_real(1 / (f->dbm.N * kernel)));
  if (s) {
    com_json_free(j);
    return s;
  }
  return com_json_add(c, result, "two_point", j);
}

static com_status sample(com_ctx *c, const ads_boltzmann_file *f, const ads_boltzmann *b,
                         ads_boltzmann_sample_result *r) {
  const ads_boltzmann_file_opts *o = &f->dbm;
  const ads_boltzmann_sample_opts so = {
      (size_t)o->chains, (size_t)o->draws, (size_t)o->warmup, o->update, o->N, o->source};
  return o->draws ? ads_boltzmann_sample_run(c, b, &so, r) : COM_OK;
}

static com_status result_of(com_ctx *c, const ads_boltzmann_file *f, const ads_boltzmann *b,
                            const double *eta, cJSON **out) {
  ads_boltzmann_sample_result r = {0};
  cJSON *result = NULL;
  const double kernel = ads_boltzmann_kernel(b, NULL);
  com_status status = COM_OK;
  COM_GOTO(done, sample(c, f, b, &r));
  COM_GOTO(done, layers(c, f, b, eta, &r, &result));
  COM_GOTO(done, com_json_add(c, result, "weights", ads_boltzmann_file_weights_json(c, b)));
  COM_GOTO(done, com_json_add(c, result, "kernel", com_json_real(kernel)));
  if (f->dbm.draws && isnan(f->dbm.source)) COM_GOTO(done, add_two_point(c, f, kernel, &r, result));
  *out = result, result = NULL;
done:
  com_json_free(result);
  ads_boltzmann_sample_finish(&r);
  return status;
}

/* ---- weights -> metric ---- */

static com_status write_metric(const cli_env *env, const args *a, const cJSON *j, const ads_boltzmann_file *f,
                               const ads_boltzmann *built, cJSON *result) {
  com_ctx *c = env->ctx;
  const cJSON *stated = com_json_get(j, "result");
  ads_boltzmann b = {0};
  cJSON *doc = NULL;
  char *text = NULL;
  double worst;
  const int own = com_json_get(stated, "weights") != NULL;
  if (own) COM_TRY(ads_boltzmann_file_weights(c, env->files[0], stated, &b));
  com_status s = ads_boltzmann_file_metric(c, env->files[0], f, own ? &b : built, &doc, &worst);
  if (!s) s = com_json_text(c, doc, &text);
  if (!s) s = cli_io_save_text(env, a->metric, text);
  if (!s) s = com_json_add(c, result, "metric_residual", com_json_real(worst));
  if (!s && worst > 1e-8)
    com_ctx_warn(c, "metric",
                 "the metric misses the h of the weights by up to %.3g: it has too few coefficients", worst);
  if (own) ads_boltzmann_finish(&b);
  free(text);
  com_json_free(doc);
  return s;
}

static com_status work(const cli_env *env, const cJSON *j, const ads_boltzmann_file *f) {
  com_ctx *c = env->ctx;
  const args *a = env->args;
  ads_boltzmann b = {0};
  double *eta = NULL;
  cJSON *echo = com_json_object(), *result = NULL, *doc = NULL;
  com_status status = echo ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  COM_GOTO(done, ads_boltzmann_file_build(c, env->files[0], f, &b, &eta));
  COM_GOTO(done, result_of(c, f, &b, eta, &result));
  if (a->metric) COM_GOTO(done, write_metric(env, a, j, f, &b, result));
  COM_GOTO(done, com_field_write(c, ads_boltzmann_file_fields, f, echo));
  status = com_result_wrap(c, "holograd/dbm/1", echo, result, &doc);
  echo = result = NULL;
  if (!status) status = cli_output(env, doc, &a->to);
done:
  com_json_free(doc);
  com_json_free(result);
  com_json_free(echo);
  free(eta);
  ads_boltzmann_finish(&b);
  return status;
}

static com_status run(cli_env *env) {
  cJSON *j = NULL;
  ads_boltzmann_file f = {0};
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status s = read_config(env->ctx, env->files[0], j, &f);
  if (!s) s = work(env, j, &f);
  com_field_finish(ads_boltzmann_file_fields, &f);
  com_json_free(j);
  return s;
}

const cli_cmd cli_cmd_dbm = {
    .name = "dbm",
    .usage = "FILE",
    .doc = "the bulk field as a deep Boltzmann machine: weights from a metric and back, kernel, sampling",
    .text =
        "FILE is a train result, a background, or a machine (schema holograd/dbm/1).  Layers are places in "
        "the "
        "bulk, weights are\nthe metric (arXiv:1903.04951).  Layers integrated out from the horizon give the "
        "boundary kernel K_0; with --draws the machine\nis sampled, by block Gibbs or HMC.  --metric reads "
        "the "
        "metric off the weights.",
    .examples = "holograd dbm result.json -o machine.json --plot kernel.svg\n"
                "holograd dbm machine.json -o again.json --metric learned.json\n"
                "holograd dbm examples/53_bulk_dbm/ads2.json --draws 4000",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status check(const cli_env *env, const char *file, const cJSON *j, com_text *out) {
  ads_boltzmann_file f = {0};
  ads_boltzmann b = {0};
  double *eta = NULL;
  com_status s = read_config(env->ctx, file, j, &f);
  if (!s) s = ads_boltzmann_file_build(env->ctx, file, &f, &b, &eta);
  if (!s)
    com_text_printf(out, "%s: would build a machine of %zu layers and draw %d states.\n", file, b.n,
                    f.dbm.chains * f.dbm.draws);
  free(eta);
  ads_boltzmann_finish(&b);
  com_field_finish(ads_boltzmann_file_fields, &f);
  return s;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  const cJSON *r = com_json_get(j, "result"), *two = com_json_get(r, "two_point"),
              *w = com_json_get(r, "weights");
  com_text t = {0};
  if (w)
    com_text_printf(&t, "Machine of %zu layers: boundary kernel K_0 = %.12g (Gaussian part).\n",
                    com_json_size(com_json_get(w, "a")), com_json_num(com_json_get(r, "kernel"), NAN));
  if (two)
    com_text_printf(&t, "Sampled <phi_0^2> = %.6g +- %.2g, without the quartic term 1/(N K_0) = %.6g.\n",
                    com_json_num(com_json_get(two, "mean"), NAN),
                    com_json_num(com_json_get(two, "error"), NAN),
                    com_json_num(com_json_get(two, "gaussian"), NAN));
  if (com_json_get(r, "metric_residual"))
    com_text_printf(&t, "Metric read off the weights, h to %.2g.\n",
                    com_json_num(com_json_get(r, "metric_residual"), NAN));
  return com_text_take(env->ctx, &t, out);
}

const cli_schema cli_cmd_dbm_schema = {.kind = "dbm",
                                       .doc = "deep Boltzmann machine of a bulk field: config and result",
                                       .fields = ads_boltzmann_file_fields,
                                       .check = check,
                                       .words = words,
                                       .reads = "dbm",
                                       .shape = cli_shapes_machine,
                                       .config = "dbm"};
