/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/closure.h"
#include <math.h>
#include <stdlib.h>

#define ADS_CLOSURE(name) extern const ads_closure_ops ads_closure_##name;
#include "ads/closure_list.h"
#undef ADS_CLOSURE
#define ADS_CLOSURE(name) &ads_closure_##name.c,
static const com_component *const registry[] = {
#include "ads/closure_list.h"
    NULL};
#undef ADS_CLOSURE

static const com_component *const *all(void) { return registry; }

const com_kind ads_closure_kind = {.name = "closure",
                                   .plural = "closures",
                                   .doc = "how f and g share f g^(d-1), which is all that h fixes",
                                   .all = all};

struct ads_closure {
  const ads_closure_ops *ops;
  void *self;
};

com_status ads_closure_create(com_ctx *c, const com_choice *ch, const ads_curve *curve, double tl,
                              ads_closure **out) {
  com_status status = COM_OK;
  ads_closure *s = NULL;
  *out = NULL;
  COM_CHECK(c, ch->type, COM_E_CONFIG, "closure: missing; give \"exp\", \"cosh\" or \"einstein\"");
  COM_CHECK(c, tl > 0 && isfinite(tl), COM_E_CONFIG,
            "background: T L = %g: a closure needs a positive temperature; give T in GeV and L in GeV^-1",
            tl);
  const double J = ads_curve_facts(curve)->J; /* f and g contain exp(2 J), f g^(d-1) a power of it */
  COM_CHECK(c, fabs(J) < 100, COM_E_NUM,
            "closure %s: the integral of h - d coth(d eta) is %.4g, so g would contain exp(%.4g): this h "
            "cannot join "
            "its horizon to its boundary",
            ch->type->name, J, 2 * J);
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->ops = (const ads_closure_ops *)(const void *)ch->type;
  COM_GOTO(done, s->ops->create(c, ch->opts, curve, tl, &s->self));
  *out = s;
  s = NULL;
done:
  ads_closure_destroy(s);
  return status;
}

void ads_closure_destroy(ads_closure *s) {
  if (!s) return;
  if (s->self) s->ops->destroy(s->self);
  free(s);
}

void ads_closure_at(const ads_closure *s, double eta, ads_geometry *out) { s->ops->at(s->self, eta, out); }

size_t ads_closure_constants(const ads_closure *s, ads_constant out[ADS_CLOSURE_CONSTANTS]) {
  return s->ops->constants(s->self, out);
}

const char *ads_closure_no_dilaton(const ads_closure *s) {
  if (!s->ops->dilaton)
    return "this closure does not solve the Einstein-dilaton equations; use closure einstein or string";
  return s->ops->no_dilaton(s->self);
}

int ads_closure_in_string_frame(const ads_closure *s) { return s->ops->string_frame; }

int ads_closure_dilaton(const ads_closure *s, double eta, ads_dilaton *out) {
  if (ads_closure_no_dilaton(s)) return 0;
  s->ops->dilaton(s->self, eta, out);
  return 1;
}

/* log sinh x without overflow. */
static double log_sinh(double x) { return x < 1 ? log(sinh(x)) : x + log1p(-exp(-2 * x)) - log(2.0); }

double ads_closure_log_volume(const ads_curve *curve, double eta, double *h, double *dh) {
  const double d = ads_curve_facts(curve)->d;
  double integral;
  ads_curve_at(curve, eta, h, dh, &integral);
  return 2 * log_sinh(d * eta) + 2 * integral;
}

void ads_closure_split(const ads_curve *curve, double eta, double lnk2, ads_geometry *g) {
  const double d = ads_curve_facts(curve)->d;
  double h, dh;
  g->lnf = lnk2 + ads_closure_log_volume(curve, eta, &h, &dh) - (d - 1) * g->lng;
  g->dlnf = 2 * h - (d - 1) * g->dlng; /* h = d/deta log sqrt(f g^(d-1)) */
  g->d2lnf = 2 * dh - (d - 1) * g->d2lng;
  g->lnn = 0;
}
