/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file replica.h  A fit like another one but for its data: the same config with other responses, in a context of its own, so that
 *  many can be trained at the same time. */
#ifndef HOLOGRAD_ADS_REPLICA_H
#define HOLOGRAD_ADS_REPLICA_H
#include "ads/fit.h"

typedef struct ads_replica {
  com_ctx *c; /**< silent; its errors stay here */
  cJSON *json;
  ads_config cfg;
  ads_fit *fit;
} ads_replica;

/** @param y [in] responses of all groups in order, in the units of the fit; NULL: those of the fit.  The stated errors stay.
 *  @param out [out] finish it, also after a failure, whose text is in parent */
com_status ads_replica_init(com_ctx *parent, const ads_fit *fit, const double *y, ads_replica *out);
void ads_replica_finish(ads_replica *r);
/** Train one start to its end: full[n] is where it begins and where it ends.  *ok = 0: it ended nowhere.
 *  @param score [out] by which train ranks its starts, may be NULL */
com_status ads_replica_train(ads_replica *r, double *full, double *score, int *ok);
#endif
