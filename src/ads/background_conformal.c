/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A background of the meson sector in conformal gauge, ds^2 = e^(2A(z)) (dz^2 - dt^2 + dx^2), T = 0; in the project's coordinate
 * eta = -log z: f = g = e^(2A), n = z e^A.  Its dilaton potential (arXiv:2108.08091; equations of 0707.1349, prime = d/dz, A_E the warp of
 * the Einstein frame):
 *   A_E'^2 - A_E'' = (4/9) Phi'^2,   V = e^(-2 A_E) (9 A_E'^2 + 3 A_E'').
 * frame "string": the given A is A_E + 2 Phi/3, which turns the first equation linear in y = Phi':
 *   y' = 2 A' y - (3/2) (A'^2 - A''),   y = -(3/2) e^(2A) int_0^z e^(-2A) (A'^2 - A'') regular at the boundary. */
#include "ads/background_conformal.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background.h"
#include "common/cheb.h"

typedef struct options {
  com_choice profile;
  ads_background_conformal_chiral chiral;
  int frame;
  double z_max;
} options;

static const com_field chiral_fields[] = {
    {"m_q", "quark mass", "GeV", COM_F_REAL, offsetof(ads_background_conformal_chiral, mq), NAN, 0, 10, NULL,
     NULL, 0},
    {"condensate", "chiral condensate", "GeV^3", COM_F_REAL, offsetof(ads_background_conformal_chiral, sigma),
     NAN, 0, 1, NULL, NULL, 0},
    {"L", "AdS radius", "GeV^-1", COM_F_REAL, offsetof(ads_background_conformal_chiral, L), 1, 0, 100, NULL,
     NULL, COM_FF_LO_OPEN},
    {"Nc", "number of colours", "1", COM_F_REAL, offsetof(ads_background_conformal_chiral, Nc), 3, 1, 1000,
     NULL, NULL, 0},
    {"z_c", "where v(z) bends over", "GeV^-1", COM_F_REAL, offsetof(ads_background_conformal_chiral, zc), 1,
     0, 100, NULL, NULL, COM_FF_LO_OPEN},
    {"k1", "cubic coupling of the scalar", "1", COM_F_REAL, offsetof(ads_background_conformal_chiral, k1), 0,
     0, 0, NULL, NULL, 0},
    {"k2", "quartic coupling of the scalar", "1", COM_F_REAL, offsetof(ads_background_conformal_chiral, k2),
     0, 0, 0, NULL, NULL, 0},
    {0}};

static const char *const frames[] = {"string", "einstein", NULL};
static const com_field fields[] = {
    {"profile", "A(z) and Phi(z)", NULL, COM_F_COMPONENT, offsetof(options, profile), 0, 0, 0,
     &ads_profile_kind, "soft_wall", 0},
    {"chiral", "chiral sector, for a1 and f0", NULL, COM_F_OBJECT, offsetof(options, chiral), 0, 0, 0,
     chiral_fields, NULL, 0},
    {"frame", "frame that A belongs to when it is made to solve the Einstein-dilaton equations", NULL,
     COM_F_ENUM, offsetof(options, frame), 0, 0, 0, frames, "string", 0},
    {"z_max", "deepest point", "GeV^-1", COM_F_REAL, offsetof(options, z_max), 6, 0, 1000, NULL, NULL,
     COM_FF_LO_OPEN},
    {0}};

/* exp(4 Phi/3) times what else grows must stay a number. */
#define PHI_MAX 100.0

typedef struct conformal {
  ads_profile profile;
  int string_frame;
  double z_max;
  com_cheb *
      excess; /* e^(2A) - 1/z^2 over z: its integral is minus the regularised mass of a straight string + 1/z */
  com_cheb *source; /* e^(-2A) (A'^2 - A'') */
  com_cheb *slope;  /* Phi' */
  double phi_sign;
  char why[200];
} conformal;

static double excess(double z, void *user) {
  double A[3], phi[3];
  ads_profile_fields(&((const conformal *)user)->profile, z, A, phi);
  return expm1(2 * A[0]) / (z * z);
}

/* A'^2 - A'' with A = -log z + B: the 1/z^2 cancel. */
static double bend(const conformal *s, double z) {
  double A[3], phi[3];
  ads_profile_fields(&s->profile, z, A, phi);
  const double B1 = A[1] + 1 / z, B2 = A[2] - 1 / (z * z);
  return -2 * B1 / z + B1 * B1 - B2;
}

static double source(double z, void *user) {
  const conformal *s = user;
  double A[3], phi[3];
  ads_profile_fields(&s->profile, z, A, phi);
  return z * z * exp(-2 * A[0]) * bend(s, z);
}

static double slope(double z, void *user) {
  const conformal *s = user;
  double A[3], phi[3];
  if (!s->string_frame) return 1.5 * sqrt(fmax(bend(s, z), 0));
  ads_profile_fields(&s->profile, z, A, phi);
  return -1.5 * exp(2 * A[0]) / (z * z) * com_cheb_integral(s->source, z);
}

/* Phi must be a good coordinate: real, and monotonic from the boundary. */
static void look_for_failure(conformal *s) {
  enum { SAMPLES = 600 };
  double size = 0;
  for (int i = 1; i <= SAMPLES; i++) size = fmax(size, fabs(bend(s, s->z_max * i / SAMPLES)));
  if (size < 1e-12) return; /* A = -log z: the dilaton is constant */
  for (int i = 1; i <= SAMPLES && !s->why[0]; i++) {
    const double z = s->z_max * i / SAMPLES;
    if (!s->string_frame && bend(s, z) < -1e-12 * size)
      snprintf(s->why, sizeof s->why,
               "the null energy condition A'^2 >= A'' is violated at z = %.3g GeV^-1: Phi would be "
               "imaginary; is A the "
               "warp of the string frame?",
               z);
    const double y = s->string_frame ? slope(z, s) : 1;
    if (i == 1) s->phi_sign = y < 0 ? -1 : 1;
    if (s->string_frame && y * s->phi_sign < 0)
      snprintf(s->why, sizeof s->why, "Phi turns back at z = %.3g GeV^-1: V is not a function of Phi", z);
  }
}

com_status ads_background_conformal_meson(com_ctx *c, const char *file, const cJSON *doc, ads_meson *out) {
  com_choice ch = {0};
  COM_CHECK(c, strcmp(com_json_str(com_json_get(doc, "type"), ""), "conformal") == 0, COM_E_CONFIG,
            "%s: type = \"%s\": meson masses need a background of type \"conformal\" (holograd help "
            "background conformal)",
            file, com_json_str(com_json_get(doc, "type"), ""));
  COM_TRY(com_field_choice_read(c, COM_E_CONFIG, &ads_background_kind, file, "", doc, &ch));
  const options *o = ch.opts;
  const ads_background_conformal_chiral *k = &o->chiral;
  memset(out, 0, sizeof *out);
  com_status status = ads_profile_bind(c, &o->profile, &out->profile);
  if (!status && isnan(k->mq) != isnan(k->sigma))
    status = COM_FAIL(c, COM_E_CONFIG, "%s: chiral: m_q and condensate are needed both", file);
  if (!status && isfinite(k->mq)) {
    const double root = sqrt(k->Nc);
    out->chiral = (ads_meson_chiral){.alpha = root / (2 * M_PI) * k->mq * k->L,
                                     .beta = 2 * M_PI / root * k->sigma * k->L * k->L * k->L,
                                     .zc = k->zc,
                                     .k1 = k->k1,
                                     .k2 = k->k2,
                                     .g5sq = 12 * M_PI * M_PI / k->Nc,
                                     .given = 1};
  }
  com_field_choice_finish(&ads_background_kind, &ch);
  return status;
}

static void destroy(void *self) {
  conformal *s = self;
  com_cheb_destroy(s->excess);
  com_cheb_destroy(s->source);
  com_cheb_destroy(s->slope);
  free(s);
}

static com_status create(com_ctx *c, const void *opts, const ads_background_shared *sh,
                         ads_background_info *info, void **self) {
  const options *o = opts;
  const double ends[2] = {0, o->z_max};
  com_status status = COM_OK;
  conformal *s;
  COM_CHECK(c, isnan(sh->T), COM_E_CONFIG,
            "background: T = %g: type \"conformal\" has no temperature; remove it", sh->T);
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  COM_GOTO(done, ads_profile_bind(c, &o->profile, &s->profile));
  if (isnan(s->profile.par[0]) || isnan(s->profile.par[2])) {
    status = COM_FAIL(c, COM_E_CONFIG,
                      "background: profile.k is not given; give it, or train it with holograd spectrum");
    goto done;
  }
  s->string_frame = o->frame == 0;
  s->z_max = o->z_max;
  s->phi_sign = 1;
  COM_GOTO(done, com_cheb_create(c, 2, ends, 1e-13, 1e-14, &s->excess, excess, s));
  COM_GOTO(done, com_cheb_create(c, 2, ends, 1e-13, 1e-14, &s->source, source, s));
  look_for_failure(s);
  if (!s->why[0]) COM_GOTO(done, com_cheb_create(c, 2, ends, 1e-12, 1e-12, &s->slope, slope, s));
  if (s->slope && fabs(com_cheb_integral(s->slope, o->z_max)) > PHI_MAX)
    snprintf(s->why, sizeof s->why,
             "Phi has grown to %.3g at z_max = %g GeV^-1, where V ~ exp(4 Phi/3) overflows; lower z_max",
             com_cheb_integral(s->slope, o->z_max), o->z_max);
  info->tl = NAN;
  info->lo = -log(o->z_max);
  info->known_lo = info->lo;
  info->known_hi = 2; /* z = 0.14 GeV^-1: AdS above */
  info->far = 20;
  info->string_frame = s->string_frame;
  if (isnan(info->L)) info->L = 1; /* z is in GeV^-1 */
  *self = s;
  s = NULL;
done:
  if (s) destroy(s);
  return status;
}

/* d/deta = -z d/dz. */
static void at(const void *self, double eta, ads_geometry *out) {
  const conformal *s = self;
  const double z = exp(-eta);
  double A[3], phi[3];
  ads_profile_fields(&s->profile, z, A, phi);
  out->lnf = out->lng = 2 * (A[0] + eta);
  out->lnn = A[0];
  out->dlnf = out->dlng = -2 * z * A[1];
  out->d2lnf = out->d2lng = 2 * z * (A[1] + z * A[2]);
  if (s->string_frame || s->why[0]) return;
  const double p = s->slope ? com_cheb_integral(s->slope, z) : 0,
               dp = s->slope ? com_cheb_value(s->slope, z) : 0;
  out->lnf += 4 * p / 3; /* strings feel the string frame */
  out->lng += 4 * p / 3;
  out->lnn += 2 * p / 3;
  out->dlnf -= 4 * z * dp / 3;
  out->dlng -= 4 * z * dp / 3;
  out->d2lnf = out->d2lng = NAN;
}

/* Without a horizon straight strings need not end; their mass is int_eps^z e^(2A) - 1/eps with the sign that lets it vanish in AdS. */
static double length(const void *self, double eta) {
  const conformal *s = self;
  const double z = exp(-eta);
  return 1 / z - com_cheb_integral(s->excess, z);
}

static const char *no_dilaton(const void *self) {
  const conformal *s = self;
  return s->why[0] ? s->why : NULL;
}

static void dilaton(const void *self, double eta, ads_dilaton *out) {
  const conformal *s = self;
  const double z = exp(-eta);
  double A[3], phi[3];
  ads_profile_fields(&s->profile, z, A, phi);
  const double p = com_cheb_integral(s->slope, z), dp = com_cheb_value(s->slope, z);
  double E0 = A[0], E1 = A[1], E2 = A[2];
  if (s->string_frame) {
    const double ddp = 2 * A[1] * dp - 1.5 * bend(s, z);
    E0 -= 2 * p / 3;
    E1 -= 2 * dp / 3;
    E2 -= 2 * ddp / 3;
  }
  out->phi = p;
  out->dphi = -z * dp;
  out->V = z * z * exp(-2 * E0) * (9 * E1 * E1 + 3 * E2);
}

const ads_background_ops ads_background_conformal = {
    .c = {.name = "conformal",
          .doc = "meson background e^(2A(z)) (dz^2 + dx^2) with dilaton Phi(z), T = 0",
          .ref = "arXiv:2005.02636, arXiv:2108.08091",
          .fields = fields,
          .opt_size = sizeof(options)},
    .create = create,
    .destroy = destroy,
    .at = at,
    .length = length,
    .no_dilaton = no_dilaton,
    .dilaton = dilaton};
