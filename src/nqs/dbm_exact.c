/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dbm_exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* acosh(1 + x) without loss for small x. */
static double acosh1p(double x) { return log1p(x + sqrt(x * (x + 2))); }

/* 2cosh(w (s + sign s')) is 2cosh 2w = 2 exp(2|a|) or 2, so w = acosh(exp(2|a|))/2 and C = exp(-|a|)/2. */
nqs_dbm_exact_unit nqs_dbm_exact_bond(double a) {
  const double m = fabs(a);
  return (nqs_dbm_exact_unit){0.5 * acosh1p(expm1(2 * m)), -m - log(2), a < 0 ? -1 : 1};
}

/* g = log coth(x)/2, A = sqrt(sinh x cosh x); cosh 2w = exp(2g) = coth x = 1 + 2/(exp(2x) - 1). */
nqs_dbm_exact_unit nqs_dbm_exact_field(double x, double *g) {
  const double excess = 2 / expm1(2 * x), coupling = 0.5 * log1p(excess);
  if (g) *g = coupling;
  return (nqs_dbm_exact_unit){0.5 * acosh1p(excess), 0.5 * log(0.5 * sinh(2 * x)) - coupling - log(2), 1};
}

static void tie(nqs_dbm_exact *d, size_t a, size_t b, nqs_dbm_exact_unit u) {
  d->hidden[d->n_hidden++] = (nqs_dbm_exact_hidden){(uint32_t)a, (uint32_t)b, u.w, u.sign};
  d->log_norm += u.log_c;
}

static void couple(nqs_dbm_exact *d) {
  const size_t n = d->n;
  for (size_t l = 0; l < d->n_layers; l++) {
    const nqs_dbm_exact_unit bond = nqs_dbm_exact_bond(d->m.J * d->share[l] * d->m.dt);
    for (size_t k = 0; k < d->n_bonds && d->share[l] > 0; k++)
      tie(d, l * n + d->bond[k].i, l * n + d->bond[k].j, bond);
    if (l + 1 == d->n_layers) break;
    const nqs_dbm_exact_unit up = nqs_dbm_exact_field(d->m.h * d->m.dt, &d->field_coupling);
    for (size_t i = 0; i < n; i++) tie(d, l * n + i, (l + 1) * n + i, up);
  }
}

static com_status build(com_ctx *c, const nqs_lattice *l, nqs_dbm_exact *d) {
  const size_t layers = d->n_layers = d->m.n_steps + 1;
  d->n = l->n, d->n_bonds = l->n_near;
  COM_ALLOC(c, d->bond = malloc((l->n_near + 1) * sizeof *d->bond));
  memcpy(d->bond, l->near, l->n_near * sizeof *d->bond);
  COM_ALLOC(c, d->share = malloc(layers * sizeof *d->share));
  for (size_t k = 0; k < layers; k++) {
    const int end = k == 0 || k + 1 == layers;
    d->share[k] = d->m.order == 2 && end ? 0.5 : d->m.order == 1 && k + 1 == layers ? 0 : 1;
  }
  COM_ALLOC(c, d->hidden = malloc(layers * (l->n_near + l->n) * sizeof *d->hidden));
  couple(d);
  return COM_OK;
}

com_status nqs_dbm_exact_create(com_ctx *c, const nqs_lattice *l, const nqs_dbm_exact_model *m,
                                nqs_dbm_exact **out) {
  nqs_dbm_exact *d;
  *out = NULL;
  COM_CHECK(c, m->h > 0, COM_E_CONFIG,
            "dbm: h = %g: must be positive, only then are all weights real; rotate X -> -X (same energies)",
            m->h);
  COM_CHECK(c, m->dt > 0 && m->n_steps > 0, COM_E_CONFIG, "dbm: dt and steps must be positive");
  COM_CHECK(c, m->order == 1 || m->order == 2, COM_E_CONFIG, "dbm: order = %d: must be 1 or 2", m->order);
  COM_ALLOC(c, d = calloc(1, sizeof *d));
  d->m = *m;
  const com_status s = build(c, l, d);
  if (s) nqs_dbm_exact_destroy(d), d = NULL;
  *out = d;
  return s;
}

void nqs_dbm_exact_destroy(nqs_dbm_exact *d) {
  if (!d) return;
  free(d->bond);
  free(d->share);
  free(d->hidden);
  free(d);
}

/* ---- as an ansatz: a_i, b_j, b'_k, W[j][i], W'[j][k] ---- */

com_status nqs_dbm_exact_ansatz(com_ctx *c, const nqs_dbm_exact *d, size_t *alpha, size_t *deep, size_t *n_w,
                                double **w) {
  const size_t n = d->n, per = (d->n_hidden + n - 1) / n, m = per * n, k = n * (d->n_layers - 1);
  double *out;
  *alpha = per, *deep = k, *n_w = n + m + k + m * n + m * k;
  COM_ALLOC(c, out = calloc(*n_w, sizeof *out));
  double *b_deep = out + n + m, *W = b_deep + k, *W_deep = W + m * n;
  for (size_t s = 0; s < n * d->n_layers; s++)
    *(s < k ? b_deep + s : out + (s - k)) = d->m.hz * d->share[s / n] * d->m.dt;
  for (size_t j = 0; j < d->n_hidden; j++) {
    const nqs_dbm_exact_hidden u = d->hidden[j];
    const uint32_t end[2] = {u.a, u.b};
    for (int e = 0; e < 2; e++)
      *(end[e] < k ? W_deep + j * k + end[e] : W + j * n + (end[e] - k)) += e ? u.sign * u.w : u.w;
  }
  *w = out;
  return COM_OK;
}

/* ---- by enumeration ---- */

static double spin(size_t state, size_t k) { return state >> k & 1 ? -1.0 : 1.0; }

/* Exponent of one joint state of spins and hidden units; biases hz share dt on every spin. */
static double exponent(const nqs_dbm_exact *d, size_t spins, size_t hidden) {
  double e = d->log_norm;
  for (size_t k = 0; k < d->n_hidden; k++) {
    const nqs_dbm_exact_hidden *u = d->hidden + k;
    e += u->w * spin(hidden, k) * (spin(spins, u->a) + u->sign * spin(spins, u->b));
  }
  for (size_t k = 0; k < d->n * d->n_layers; k++)
    e += d->m.hz * d->share[k / d->n] * d->m.dt * spin(spins, k);
  return e;
}

com_status nqs_dbm_exact_enumerate(com_ctx *c, const nqs_dbm_exact *d, double *psi) {
  const size_t deep = d->n * (d->n_layers - 1), bits = d->n + deep + d->n_hidden;
  COM_CHECK(c, bits <= 28, COM_E_CONFIG, "dbm: %zu units are too many to enumerate, at most 28", bits);
  for (size_t s = 0; s < (size_t)1 << d->n; s++) {
    double sum = 0,
           lost = 0; /* compensated (Neumaier 1974): all terms are positive, but there are millions */
    for (size_t k = 0; k < (size_t)1 << deep; k++)
      for (size_t u = 0; u < (size_t)1 << d->n_hidden; u++) {
        const double x = exp(exponent(d, s << deep | k, u)), t = sum + x;
        lost += sum >= x ? (sum - t) + x : (x - t) + sum;
        sum = t;
      }
    psi[s] = sum + lost;
  }
  return COM_OK;
}

/* ---- by matrices ---- */

static double diagonal(const nqs_dbm_exact *d, size_t s) {
  double e = 0;
  for (size_t k = 0; k < d->n_bonds; k++) e += d->m.J * spin(s, d->bond[k].i) * spin(s, d->bond[k].j);
  for (size_t i = 0; i < d->n; i++) e += d->m.hz * spin(s, i);
  return e;
}

/* psi <- exp(x sum X) psi, site by site: cosh x + sinh x X. */
static void rotate(size_t n, double x, double *psi) {
  const double ch = cosh(x), sh = sinh(x);
  for (size_t i = 0; i < n; i++)
    for (size_t s = 0; s < (size_t)1 << n; s++) {
      if (s >> i & 1) continue;
      const size_t t = s | (size_t)1 << i;
      const double a = psi[s], b = psi[t];
      psi[s] = ch * a + sh * b, psi[t] = sh * a + ch * b;
    }
}

com_status nqs_dbm_exact_trotter(com_ctx *c, const nqs_dbm_exact *d, double *psi) {
  COM_CHECK(c, d->n <= 24, COM_E_CONFIG, "dbm: %zu sites are too many for a state vector, at most 24", d->n);
  const size_t dim = (size_t)1 << d->n;
  for (size_t s = 0; s < dim; s++) psi[s] = 1;
  for (size_t l = 0; l < d->n_layers; l++) {
    if (l > 0) rotate(d->n, d->m.h * d->m.dt, psi);
    for (size_t s = 0; s < dim && d->share[l] > 0; s++) psi[s] *= exp(d->share[l] * d->m.dt * diagonal(d, s));
  }
  return COM_OK;
}

com_status nqs_dbm_exact_energy(com_ctx *c, const nqs_dbm_exact *d, const double *psi, double *energy) {
  COM_CHECK(c, d->n <= 24, COM_E_CONFIG, "dbm: %zu sites are too many for a state vector, at most 24", d->n);
  double norm = 0, sum = 0;
  for (size_t s = 0; s < (size_t)1 << d->n; s++) {
    double row = -diagonal(d, s) * psi[s];
    for (size_t i = 0; i < d->n; i++) row -= d->m.h * psi[s ^ (size_t)1 << i];
    norm += psi[s] * psi[s], sum += psi[s] * row;
  }
  *energy = sum / norm;
  return COM_OK;
}
