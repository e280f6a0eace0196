/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_geometry.h  The background of one draw: its parameters and temperature, carried through the config's closure. */
#ifndef HOLOGRAD_ADS_INFER_GEOMETRY_H
#define HOLOGRAD_ADS_INFER_GEOMETRY_H
#include "ads/background.h"
#include "ads/infer_space.h"

typedef struct ads_infer_geometry_at {
  ads_fit *fit;
  const ads_infer_space *space;
  const cJSON *config; /**< [in] ads_report_config of the fit */
  size_t group;
} ads_infer_geometry_at;

/** Whether a draw has what f and g need: a temperature and a length L, from the data, the dictionary or the block "background". */
com_status ads_infer_geometry_stated(com_ctx *c, const ads_infer_geometry_at *at, const double *q, int *yes);
/** COM_E_NUM when h of this q has no horizon to continue to.  @param q [in] [n] of the space  @param closure name instead of the
 *  config's, NULL: the config's  @param out [out] ads_background_destroy it */
com_status ads_infer_geometry_background(com_ctx *c, const ads_infer_geometry_at *at, const double *q,
                                         const char *closure, ads_background **out);
#endif
