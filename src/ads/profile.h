/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file profile.h
 *  Soft-wall-type backgrounds of the meson sector (arXiv:2005.02636): ds^2 = e^(2A(z)) (dz^2 + dx^2), dilaton e^(-Phi(z)), z in GeV^-1.
 *  Spin S feels only B_S = Phi - (2S-1) A.  A profile is the shape w of the bend away from the soft wall:
 *    B_S' = (2S-1)/z + beta_S,   beta_S = 2 k_S z + a_S w'(z),   S = 1, 2. */
#ifndef HOLOGRAD_ADS_PROFILE_H
#define HOLOGRAD_ADS_PROFILE_H
#include "common/field.h"

enum { ADS_PROFILE_PARAMS = 4 }; /**< k_1, a_1, k_2, a_2 */

typedef struct ads_profile_shared {
  com_reals k, a;
} ads_profile_shared;
typedef struct ads_profile_ops {
  com_component c;
  /** w, w', w'' at z; w odd derivative at 0 (w' ~ z).  NULL: the soft wall itself. */
  void (*shape)(double z, double w[3]);
} ads_profile_ops;

extern const com_kind ads_profile_kind;

typedef struct ads_profile {
  const ads_profile_ops *ops;
  double par[ADS_PROFILE_PARAMS]; /**< k_1 [GeV^2], a_1, k_2, a_2 */
} ads_profile;

/** @param file, path for messages.  Missing k, a: k from kappa (soft_wall) or NAN, a = 0. */
com_status ads_profile_bind(com_ctx *c, const com_choice *ch, ads_profile *out);
/** beta_S, beta_S' and its integral from 0 (so that B_S = (2S-1) log z + integral). */
void ads_profile_beta(const ads_profile *p, int S, double z, double out[3]);
/** d(beta_S, beta_S')/d(k_S, a_S). */
void ads_profile_beta_jac(const ads_profile *p, int S, double z, double dk[2], double da[2]);
/** A + log z, A', A'' from A = (B_1 - B_2)/2 and Phi, Phi', Phi'' from (3 B_1 - B_2)/2. */
void ads_profile_fields(const ads_profile *p, double z, double A[3], double phi[3]);
#endif
