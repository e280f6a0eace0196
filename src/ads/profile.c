/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/profile.h"
#include <math.h>
#include <stddef.h>

static const com_field shared_fields[] = {{"k", "strength of the wall for S = 1, 2", "GeV^2", COM_F_REALS,
                                           offsetof(ads_profile_shared, k), 0, 0, 1e4, NULL, NULL,
                                           COM_FF_LO_OPEN},
                                          {"a", "size of the bend for S = 1, 2", "1", COM_F_REALS,
                                           offsetof(ads_profile_shared, a), 0, 0, 0, NULL, NULL, 0},
                                          {0}};

#define ADS_PROFILE(name) extern const ads_profile_ops ads_profile_##name;
#include "ads/profile_list.h"
#undef ADS_PROFILE
#define ADS_PROFILE(name) &ads_profile_##name.c,
static const com_component *const registry[] = {
#include "ads/profile_list.h"
    NULL};
#undef ADS_PROFILE

static const com_component *const *all(void) { return registry; }

const com_kind ads_profile_kind = {.name = "profile",
                                   .plural = "profiles",
                                   .doc = "soft-wall-type backgrounds of the meson sector",
                                   .all = all,
                                   .shared = shared_fields,
                                   .shared_size = sizeof(ads_profile_shared)};

com_status ads_profile_bind(com_ctx *c, const com_choice *ch, ads_profile *out) {
  const ads_profile_shared *sh = ch->shared;
  COM_CHECK(c, ch->type, COM_E_CONFIG,
            "profile: missing; give one, e.g. {\"type\":\"soft_wall\",\"k\":[0.15,0.15]}");
  COM_CHECK(c, (sh->k.n == 0 || sh->k.n == 2) && (sh->a.n == 0 || sh->a.n == 2), COM_E_CONFIG,
            "profile: k has %zu entries, a %zu: give two of each, for spin 1 and 2", sh->k.n, sh->a.n);
  out->ops = (const ads_profile_ops *)(const void *)ch->type;
  COM_CHECK(c, out->ops->shape || sh->a.n == 0, COM_E_CONFIG,
            "profile.a: type \"%s\" has no bend; remove it, or choose another profile", ch->type->name);
  for (int i = 0; i < 2; i++) {
    out->par[2 * i] = sh->k.n ? sh->k.v[i] : NAN;
    out->par[2 * i + 1] = sh->a.n ? sh->a.v[i] : 0;
  }
  return COM_OK;
}

static void shape(const ads_profile *p, double z, double w[3]) {
  w[0] = w[1] = w[2] = 0;
  if (p->ops->shape) p->ops->shape(z, w);
}

void ads_profile_beta(const ads_profile *p, int S, double z, double out[3]) {
  const double k = p->par[2 * (S - 1)], a = p->par[2 * (S - 1) + 1];
  double w[3];
  shape(p, z, w);
  out[0] = 2 * k * z + a * w[1];
  out[1] = 2 * k + a * w[2];
  out[2] = k * z * z + a * w[0];
}

void ads_profile_beta_jac(const ads_profile *p, int S, double z, double dk[2], double da[2]) {
  (void)S; /* beta_S is linear in its own k_S and a_S */
  double w[3];
  shape(p, z, w);
  dk[0] = 2 * z;
  dk[1] = 2;
  da[0] = w[1];
  da[1] = w[2];
}

void ads_profile_fields(const ads_profile *p, double z, double A[3], double phi[3]) {
  double b1[3], b2[3];
  ads_profile_beta(p, 1, z, b1);
  ads_profile_beta(p, 2, z, b2);
  A[0] = 0.5 * (b1[2] - b2[2]);
  A[1] = -1 / z + 0.5 * (b1[0] - b2[0]);
  A[2] = 1 / (z * z) + 0.5 * (b1[1] - b2[1]);
  phi[0] = 0.5 * (3 * b1[2] - b2[2]);
  phi[1] = 0.5 * (3 * b1[0] - b2[0]);
  phi[2] = 0.5 * (3 * b1[1] - b2[1]);
}
