/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file figures.h
 *  Pictures of what the nqs commands write.  Each: @param doc a result file  @param out [out] com_svg_destroy it, NULL
 *  after a failure and when there is nothing to draw. */
#ifndef HOLOGRAD_NQS_FIGURES_H
#define HOLOGRAD_NQS_FIGURES_H
#include "common/json.h"
#include "common/svg.h"

/** nqs run: energy against iteration, its distance from the exact one or its variance.  nqs exact: levels, thermal
 *  averages. */
com_status nqs_figures_state(com_ctx *c, const char *file, const cJSON *doc, com_svg **out);
/** nqs evolve: observables against time with the exact ones, and the residual of the projection. */
com_status nqs_figures_evolution(com_ctx *c, const char *file, const cJSON *doc, com_svg **out);
/** nqs dbm: correlations against distance. */
com_status nqs_figures_dbm(com_ctx *c, const char *file, const cJSON *doc, com_svg **out);
/** nqs path: energy and gap against the interval, with the exact ones. */
com_status nqs_figures_path(com_ctx *c, const char *file, const cJSON *doc, com_svg **out);

#endif
