/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/background.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/cheb.h"
#include "common/quad.h"
#include "common/result.h"

#define ROW(key, doc, unit, type)                                                                            \
  { #key, doc, unit, type, offsetof(ads_background_shared, key), NAN, 0, 0, NULL, NULL, 0 }
static const com_field shared_fields[] = {
    ROW(schema, "holograd/background/1", NULL, COM_F_STRING),
    ROW(name, "short name, for legends", NULL, COM_F_STRING),
    ROW(title, "one line for people", NULL, COM_F_STRING),
    ROW(T, "temperature", "GeV", COM_F_REAL),
    ROW(L, "AdS radius", "GeV^-1", COM_F_REAL),
    ROW(background, "settings of the command background", NULL, COM_F_RAW),
    ROW(potential, "settings of the command potential", NULL, COM_F_RAW),
    ROW(spectrum, "settings of the command spectrum", NULL, COM_F_RAW),
    ROW(gradcheck, "settings of the command gradcheck", NULL, COM_F_RAW),
    ROW(dbm, "settings of the command dbm", NULL, COM_F_RAW),
    {0}};

#define ADS_BACKGROUND(name) extern const ads_background_ops ads_background_##name;
#include "ads/background_list.h"
#undef ADS_BACKGROUND
#define ADS_BACKGROUND(name) &ads_background_##name.c,
static const com_component *const registry[] = {
#include "ads/background_list.h"
    NULL};
#undef ADS_BACKGROUND

static const com_component *const *all(void) { return registry; }

const com_kind ads_background_kind = {.name = "background",
                                      .plural = "backgrounds",
                                      .doc = "geometries that observables are computed in",
                                      .all = all,
                                      .shared = shared_fields,
                                      .shared_size = sizeof(ads_background_shared)};

enum { LABEL = 96 };
/* Straight strings and turning points: relative accuracy of the panels of n sqrt f. */
#define LENGTH_TOL 1e-13

struct ads_background {
  const ads_background_ops *ops;
  void *self;
  com_choice choice;
  cJSON *options;
  ads_background_info info;
  com_cheb *length;       /* NULL when the type has its own */
  double tail, tail_rate; /* what lies below the panels of length */
  char label[LABEL];
};

static double mass_density(double eta, void *user) {
  ads_geometry g;
  ads_background_at(user, eta, &g);
  return exp(0.5 * g.lnf + g.lnn);
}

/* Without a horizon n sqrt f goes on below the known range as exp(k eta): its integral from -infinity is n sqrt f/k. */
static com_status make_length(com_ctx *c, ads_background *b) {
  const ads_background_info *o = &b->info;
  const double ends[2] = {isfinite(o->lo) ? o->lo : o->known_lo, o->far};
  size_t n = 0;
  const double *breaks = ads_background_breaks(b, &n);
  if (n == 0) {
    breaks = ends;
    n = 2;
  }
  if (!isfinite(o->lo)) {
    ads_geometry g;
    ads_background_at(b, o->known_lo, &g);
    b->tail_rate = 0.5 * g.dlnf;
    b->tail = mass_density(o->known_lo, b) / b->tail_rate;
  }
  return com_cheb_create(c, n, breaks, LENGTH_TOL, 0, &b->length, mass_density, b);
}

static void make_label(ads_background *b, const ads_background_shared *sh) {
  const ads_background_info *o = &b->info;
  if (sh->name)
    snprintf(b->label, sizeof b->label, "%s", sh->name);
  else if (isfinite(o->T))
    snprintf(b->label, sizeof b->label, "%s, T = %.4g GeV", o->type, o->T);
  else
    snprintf(b->label, sizeof b->label, "%s", o->type);
}

static com_status check_schema(com_ctx *c, const char *file, const cJSON *j) {
  char kind[48];
  int version;
  COM_TRY(com_result_schema(c, file, j, kind, &version));
  COM_CHECK(c, strcmp(kind, "background") == 0, COM_E_CONFIG,
            "%s: schema: \"holograd/%s/%d\" is not a background; want holograd/background/1", file, kind,
            version);
  return COM_OK;
}

com_status ads_background_create(com_ctx *c, const char *file, const cJSON *j, ads_background **out) {
  com_status status = COM_OK;
  ads_background *b = NULL;
  *out = NULL;
  COM_TRY(check_schema(c, file, j));
  COM_ALLOC(c, b = calloc(1, sizeof *b));
  COM_GOTO(done, com_field_choice_read(c, COM_E_CONFIG, &ads_background_kind, file, "", j, &b->choice));
  const ads_background_shared *sh = b->choice.shared;
  b->ops = (const ads_background_ops *)(const void *)b->choice.type;
  b->info = (ads_background_info){.type = b->ops->c.name,
                                  .d = 4,
                                  .T = sh->T,
                                  .L = sh->L,
                                  .tl = sh->T * sh->L,
                                  .known_lo = -INFINITY,
                                  .known_hi = INFINITY};
  if (!(isnan(sh->T) || sh->T > 0) || !(isnan(sh->L) || sh->L > 0)) {
    status = COM_FAIL(c, COM_E_CONFIG, "%s: T = %g, L = %g: must be positive", file, sh->T, sh->L);
    goto done;
  }
  if ((status = b->ops->create(c, b->choice.opts, sh, &b->info, &b->self))) {
    com_ctx_while(c, status, "making the background of %s", file);
    goto done;
  }
  if (!(b->options = com_json_copy(j))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  if (!b->ops->length) COM_GOTO(done, make_length(c, b));
  make_label(b, sh);
  *out = b;
  b = NULL;
done:
  ads_background_destroy(b);
  return status;
}

void ads_background_destroy(ads_background *b) {
  if (!b) return;
  if (b->self) b->ops->destroy(b->self);
  com_cheb_destroy(b->length);
  com_json_free(b->options);
  com_field_choice_finish(&ads_background_kind, &b->choice);
  free(b);
}

const ads_background_info *ads_background_facts(const ads_background *b) { return &b->info; }
const char *ads_background_label(const ads_background *b) { return b->label; }
cJSON *ads_background_options(const ads_background *b) { return b->options; }
const ads_background_shared *ads_background_common(const ads_background *b) { return b->choice.shared; }

void ads_background_at(const ads_background *b, double eta, ads_geometry *out) {
  b->ops->at(b->self, eta, out);
}

double ads_background_length(const ads_background *b, double eta) {
  const ads_background_info *o = &b->info;
  if (b->ops->length) return b->ops->length(b->self, eta);
  if (!isfinite(o->lo) && eta < o->known_lo) return b->tail * exp(b->tail_rate * (eta - o->known_lo));
  if (eta <= o->far) return b->tail + com_cheb_integral(b->length, eta);
  ads_geometry g; /* n sqrt f = const exp(eta) */
  ads_background_at(b, o->far, &g);
  return b->tail + com_cheb_integral(b->length, o->far) + exp(0.5 * g.lnf + g.lnn) * expm1(eta - o->far);
}

double ads_background_slope(const ads_background *b, double eta, double *dh) {
  ads_geometry g;
  ads_background_at(b, eta, &g);
  if (dh) *dh = 0.5 * (g.d2lnf + (b->info.d - 1) * g.d2lng);
  return 0.5 * (g.dlnf + (b->info.d - 1) * g.dlng);
}

const double *ads_background_breaks(const ads_background *b, size_t *n) {
  *n = 0;
  return b->ops->breaks ? b->ops->breaks(b->self, n) : NULL;
}

const ads_curve *ads_background_curve(const ads_background *b) {
  return b->ops->curve ? b->ops->curve(b->self) : NULL;
}

size_t ads_background_constants(const ads_background *b, ads_constant out[ADS_CLOSURE_CONSTANTS]) {
  const ads_closure *s = b->ops->closure ? b->ops->closure(b->self) : NULL;
  return s ? ads_closure_constants(s, out) : 0;
}

const char *ads_background_no_dilaton(const ads_background *b) {
  if (!b->ops->no_dilaton) return "this type of background has none; use type h with closure einstein";
  return b->ops->no_dilaton(b->self);
}

int ads_background_dilaton(const ads_background *b, double eta, ads_dilaton *out) {
  if (ads_background_no_dilaton(b)) return 0;
  b->ops->dilaton(b->self, eta, out);
  return 1;
}

/* ---- f g ---- */
typedef struct probe {
  const ads_background *b;
} probe;

static double slope_of_log_fg(double eta, void *user) {
  const probe *p = user;
  ads_geometry g;
  ads_background_at(p->b, eta, &g);
  return g.dlnf + g.dlng;
}

enum { WALL_SAMPLES = 1500 };

int ads_background_wall(const ads_background *b, double *eta) {
  const ads_background_info *o = &b->info;
  const double lo = isfinite(o->lo) ? o->lo : o->known_lo;
  if (!isfinite(lo)) return 0; /* closed forms without a horizon: f g = exp(4 eta) */
  const double hi = fmin(isfinite(o->known_hi) ? o->known_hi + 2 : 10, o->far),
               step = (hi - lo) / WALL_SAMPLES;
  probe p = {b};
  double above = slope_of_log_fg(hi, &p);
  for (int i = WALL_SAMPLES - 1; i > 0; i--) {
    const double x = lo + i * step, here = slope_of_log_fg(x, &p);
    if (here < 0 && above >= 0) {
      *eta = x;
      com_quad_root(NULL, x, x + step, 1e-14, eta, slope_of_log_fg, &p);
      return 1;
    }
    above = here;
  }
  return 0;
}
