/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_pins.h
 *  The shear of infer_target.  q = Q^T (w, v), Q orthogonal, its first K rows the stiff directions at the anchor,
 *  stiffest first.
 *  Pinned points (s_a, r_a) of the on-shell curve, F(s_a, r_a / k; p(v, w)) = 0, are held in levels k = K..1:
 *    w_k = W_k(w_(k+1)..w_K, v) + A_k zeta_k,   W_k: entry k of the w_1..w_k that hold the first k pins,
 *  so a move along a direction takes the stiffer ones along.  Each level is a shear; v = v_0 + B u, of unit width in u at the
 *  anchor under data, factors and prior; |dq/dx| = |det B| prod A_k.
 *    dW/d(rest) = -(dF/dw)^-1 dF/d(rest)   (exact).
 *  Newton starts from the last solution of the same chain, continued by its own slopes.  Private to infer_target. */
#ifndef HOLOGRAD_ADS_INFER_PINS_H
#define HOLOGRAD_ADS_INFER_PINS_H
#include "ads/infer_space.h"

typedef struct ads_infer_pins {
  size_t nq, K;
  size_t *group; /* [K] of the pinned points */
  double *s, *r; /* [K] */
  double *Q;     /* [nq][nq] rows: K stiff directions, the rest */
  double *A;     /* [K] widths */
  double *B;     /* [nq-K][nq-K] lower: v = v of the anchor + B u */
  double *q, *y; /* [nq] the anchor; Q q */
  double log_det;
} ads_infer_pins;

enum { ADS_INFER_PINS_RING = 32 };
/* The last solution of a chain, some earlier ones, and work. */
typedef struct ads_infer_pins_state {
  double *y, *dw;          /* [nq] (w*, v); [K][nq - K] */
  double *keep;            /* copy of both */
  double *ring;            /* [ADS_INFER_PINS_RING] copies of both, from places that were well apart */
  size_t n_ring, next;     /* filled; to be overwritten next */
  double *J, *b, *a;       /* [K][nq] in y, [nq], [K][K] */
  double *rows;            /* [K][nq] J at the last solution */
  double *line;            /* [K][nq] line k: slopes of w_k by what comes after it */
  double *work, *zeta;     /* [nq][nq], [nq] */
  double *try_, *move, *v; /* [nq] each */
} ads_infer_pins_state;

typedef struct ads_infer_pins_spec {
  com_ctx *c;
  ads_fit *fit;
  size_t n, nq;
  const size_t *first; /* [n_groups + 1] */
  const double *R,
      *J; /* [n] responses, [n + n_factors][nq] d residual / dq at q, then those of the prior's factors */
  size_t n_factors;
  const double *q;
  double stiff;
} ads_infer_pins_spec;

typedef struct ads_infer_pins_at {
  com_ctx *c;
  ads_fit *fit;
  const ads_infer_space *space;
  ads_model **models;
  double *full, *p, *row, *line, *q, *r; /* work: [n_full] three times, [nq] twice, [K] */
} ads_infer_pins_at;

com_status ads_infer_pins_init(com_ctx *c, size_t nq, size_t n, ads_infer_pins *out);
void ads_infer_pins_finish(ads_infer_pins *p);
com_status ads_infer_pins_state_init(com_ctx *c, size_t nq, ads_infer_pins_state *out);
void ads_infer_pins_state_finish(ads_infer_pins_state *s);
com_status ads_infer_pins_choose(ads_infer_pins *p, const ads_infer_pins_spec *spec);
void ads_infer_pins_reset(const ads_infer_pins *p, ads_infer_pins_state *s);
/** x[nq] = (u, zeta) to q, with D = dq/dx (may be NULL). */
com_status ads_infer_pins_q(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *x, double *q, double *D, int *ok);
com_status ads_infer_pins_x(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *q, double *x, int *ok);
#endif
