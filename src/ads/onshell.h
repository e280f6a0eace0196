/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file onshell.h
 *  The on-shell curve F(s, r; p) = 0: its roots in the source and in the response direction.  F is nearly linear in s, so the
 *  source root is regular through a zero mode, where the response root is not (docs/identifiability.md). */
#ifndef HOLOGRAD_ADS_ONSHELL_H
#define HOLOGRAD_ADS_ONSHELL_H
#include "ads/model.h"

/** s[i]: in a guess, out the root of F(s, r[i]) = 0 reached by Newton's method from it (nearest for the nearly linear F), to
 *  `rel_tol` of max(|s|, |guess|).  ok[i] = 0 when there is none (frozen, F_s = 0, no convergence); s[i] is then the guess. */
com_status ads_onshell_source(ads_model *m, const double *p, size_t n, const double *r, double rel_tol,
                              double *s, unsigned char *ok);
/** r[i]: in a guess, out the root of F(s[i], r) = 0 reached from it by Newton steps clamped at 20 %. */
com_status ads_onshell_response(ads_model *m, const double *p, size_t n, const double *s, double rel_tol,
                                double *r, unsigned char *ok);
/** The root in r nearest the guess: brackets are searched outwards on a grid of `reach` times the guess (0 = 20), then polished to
 *  rel_tol.  Slower (a few hundred integrations per point); for reports. */
com_status ads_onshell_nearest(ads_model *m, const double *p, size_t n, const double *s, double reach,
                               double rel_tol, double *r, unsigned char *ok);
#endif
