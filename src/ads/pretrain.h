/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file pretrain.h
 *  A start for the classifier from the measured points alone.  The bump is flat almost everywhere, so plain gradient descent from
 *  a random metric sees nothing; least squares on the points finds the curve, and a second step gives F the slope that makes
 *  the bump as wide as the band of labels. */
#ifndef HOLOGRAD_ADS_PRETRAIN_H
#define HOLOGRAD_ADS_PRETRAIN_H
#include "ads/loss.h"

/** Runs the stages of the response loss, then |dF/dr| width -> eps.
 *  @param env [keep] for the call  @param width band half-width in response units that t(F) = 1/2 should match
 *  @param p improved in place when the result is better on the points, natural parameters of the model */
com_status ads_pretrain_run(com_ctx *c, const ads_loss_env *env, double eps, double width, double *p);
#endif
