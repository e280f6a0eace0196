/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file boltzmann.h
 *  The partition function of a bulk field as a deep Boltzmann machine (arXiv:1903.04951): layers k = 0 (boundary, visible) .. n are
 *  the places in the bulk, units are field values, weights are the metric:
 *    E = sum_{k<n} a_k/2 (phi_{k+1} - phi_k)^2 + sum_{k<=n} [ s_k/2 phi_k^2 + c_k/4 phi_k^4 ],   P(phi) ~ exp(-N E).
 *  On eta_k = eta_uv - k D with A = sqrt(f g^(d-1)):  a_k = A_k/D,  s_k = D A_k m2_k,  c_k = D A_k lambda. */
#ifndef HOLOGRAD_ADS_BOLTZMANN_H
#define HOLOGRAD_ADS_BOLTZMANN_H
#include "ads/metric.h"
#include "common/sample_stats.h"

/** How h = dlog A/deta over a layer and the weights are tied: A_k/A_(k+1) = exp(h_k D) (h_k the mean over the layer), or 1 + h_k D,
 *  whose saddle point is the network "resnet" with rule euler_new, exactly. */
typedef enum ads_boltzmann_rule { ADS_BOLTZMANN_EXP, ADS_BOLTZMANN_EULER } ads_boltzmann_rule;

typedef struct ads_boltzmann {
  size_t n;      /**< layers of the bulk; n + 1 units */
  double step;   /**< D */
  double *a;     /**< [n] weights between layers */
  double *s, *c; /**< [n+1] */
} ads_boltzmann;

void ads_boltzmann_finish(ads_boltzmann *b);
/** From h: A_0 = A(eta_uv), one h per layer. h[n]  @param momentum2 [n+1] added to m2 on each layer (k^2/g + w^2/f), NULL = 0 */
com_status ads_boltzmann_from_h(com_ctx *c, ads_boltzmann_rule rule, size_t n, double step, double A0,
                                const double *h, double m2, double lambda, const double *momentum2,
                                ads_boltzmann *out);
/** The metric's h as the layers see it: means over each layer (EXP) or values at the layer (EULER). out[n] */
com_status ads_boltzmann_layers(com_ctx *c, const ads_metric *m, const double *theta, ads_boltzmann_rule rule,
                                size_t n, double *out);
/** Weights -> h[n - 1] of the layers and A[n]; the last layer has no weight below it, so n weights fix n - 1 values of h. */
void ads_boltzmann_to_h(const ads_boltzmann *b, ads_boltzmann_rule rule, double *h, double *A);
/** Weights -> theta of a metric that reproduces them, by Gauss-Newton from theta (start in, result out). @param worst [out] largest |h - h_b| */
com_status ads_boltzmann_to_metric(com_ctx *c, const ads_boltzmann *b, ads_boltzmann_rule rule,
                                   const ads_metric *m, double *theta, double *worst);
/** Poincare AdS_(d+1), layers uniform in z from z0: S = 1/2 int dz z^(1-d) [phi'^2 + (k^2 + m2/z^2) phi^2], weights at the middle
 *  of each layer; the boundary layer carries half a potential term.  AdS2, m2 = 0: kernel k sqrt(1 + k^2 D^2/4) for n -> infinity. */
com_status ads_boltzmann_poincare(com_ctx *c, double d, double m2, double k, double z0, double step, size_t n,
                                  ads_boltzmann *out);

/** Kernel K_0 of P(J) ~ exp(-K_0 J^2/2): layers integrated out from the horizon,
 *  K_n = s_n,  K_k = s_k + a_k K_(k+1)/(a_k + K_(k+1)).  Gaussian part only.  @param kernel [n+1] or NULL  @return K_0 */
double ads_boltzmann_kernel(const ads_boltzmann *b, double *kernel);
/** E and its gradient (NULL: none) at phi[n+1]. */
double ads_boltzmann_energy(const ads_boltzmann *b, const double *phi, double *gradient);
/** Large N: the saddle point at phi[0] = source, by Newton on the tridiagonal system from the given phi[n+1]. COM_E_NUM when it does not
 *  converge or is no minimum. */
com_status ads_boltzmann_saddle(com_ctx *c, const ads_boltzmann *b, double source, double *phi);
#endif
