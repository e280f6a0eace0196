/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dbm_heisenberg.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one factor ---- */

/* sum_u exp(w u y) over u = +-1. */
static double complex unit(double complex w, double y) { return cexp(w * y) + cexp(-w * y); }

double complex nqs_dbm_heisenberg_units(double x, const double s[4]) {
  const double p = -x - 0.5 * log(cosh(2 * x)), q = -0.5 * log(tanh(2 * x)), D = s[0] + s[1] - s[2] - s[3];
  const nqs_dbm_exact_unit up = nqs_dbm_exact_bond(p), uq = nqs_dbm_exact_bond(q);
  const double scale = 0.25 * sqrt(sinh(2 * x)) * exp(up.log_c + uq.log_c);
  return scale * unit(up.w, s[0] + up.sign * s[1]) * unit(uq.w, s[0] + uq.sign * s[2]) *
         unit(I * M_PI / 4, D) * unit(I * M_PI / 8, D);
}

/* ---- the machine ---- */

/* colour[k] of bond k: the first that no earlier bond at its sites has; the number of colours. */
static size_t paint(const nqs_lattice *l, size_t *colour) {
  size_t n = 0;
  for (size_t k = 0; k < l->n_near; k++) {
    const nqs_bond b = l->near[k];
    colour[k] = 0;
    for (size_t q = 0; q < k; q++) {
      const nqs_bond o = l->near[q];
      if (colour[q] != colour[k] || (o.i != b.i && o.i != b.j && o.j != b.i && o.j != b.j)) continue;
      colour[k]++, q = (size_t)-1; /* from the first bond again */
    }
    if (colour[k] >= n) n = colour[k] + 1;
  }
  return n;
}

static void layer(nqs_dbm_heisenberg *d, const size_t *colour, size_t which, double x) {
  for (size_t k = 0; k < d->n_bonds; k++) {
    const nqs_bond b = d->bond[k];
    if (colour[k] != which) continue;
    const uint32_t next = (uint32_t)d->n_spins;
    d->factor[d->n_factors++] =
        (nqs_dbm_heisenberg_factor){{d->visible[b.i], d->visible[b.j]}, {next, next + 1}, {b.i, b.j}, x};
    d->visible[b.i] = next, d->visible[b.j] = next + 1;
    d->n_spins += 2;
  }
}

/* Half steps of all colours but the last up and down again, those of the first merged between steps; its very first acts on its own
 * singlets, which is a number. */
static void evolve(nqs_dbm_heisenberg *d, const size_t *colour, size_t n_colours, double x, size_t n_steps) {
  for (size_t step = 0; step < n_steps; step++) {
    for (size_t k = 1; k < n_colours; k++) layer(d, colour, k, k + 1 == n_colours ? x : x / 2);
    for (size_t k = n_colours - 1; k-- > 1;) layer(d, colour, k, x / 2);
    layer(d, colour, 0, step + 1 == n_steps ? x / 2 : x);
  }
}

static com_status build(com_ctx *c, const nqs_lattice *l, double dt, size_t n_steps, size_t *colour,
                        nqs_dbm_heisenberg *d) {
  const size_t n_colours = paint(l, colour);
  for (size_t k = 0; k < d->n_bonds; k++)
    if (colour[k] == 0) d->dimer[d->n_dimers++] = d->bond[k];
  COM_CHECK(
      c, 2 * d->n_dimers == d->n, COM_E_CONFIG,
      "dbm: the start is a product of singlets on bonds 0, 2, 4 ...: they cover %zu of the %zu sites; use an "
      "even ring, or another order of edges",
      2 * d->n_dimers, d->n);
  for (size_t i = 0; i < d->n; i++) d->visible[i] = (uint32_t)i;
  d->n_spins = d->n;
  evolve(d, colour, n_colours, d->J * dt, n_steps);
  return COM_OK;
}

com_status nqs_dbm_heisenberg_create(com_ctx *c, const nqs_lattice *l, double J, double dt, size_t n_steps,
                                     nqs_dbm_heisenberg **out) {
  nqs_dbm_heisenberg *d = NULL;
  size_t *colour = NULL;
  com_status status = COM_OK;
  *out = NULL;
  COM_CHECK(
      c, J > 0 && l->sublattice, COM_E_CONFIG,
      "dbm: model heisenberg: needs J > 0 and a bipartite lattice, only then are all amplitudes positive");
  COM_CHECK(c, dt > 0 && n_steps > 0, COM_E_CONFIG, "dbm: dt and steps must be positive");
  COM_ALLOC(c, d = calloc(1, sizeof *d));
  d->n = l->n, d->J = J, d->n_bonds = l->n_near;
  d->bond = malloc((l->n_near + 1) * sizeof *d->bond);
  d->dimer = malloc((l->n_near + 1) * sizeof *d->dimer);
  d->visible = malloc(l->n * sizeof *d->visible);
  d->factor = malloc(2 * n_steps * (l->n_near + 1) * sizeof *d->factor);
  colour = malloc((l->n_near + 1) * sizeof *colour);
  if (!d->bond || !d->dimer || !d->visible || !d->factor || !colour)
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) memcpy(d->bond, l->near, l->n_near * sizeof *d->bond);
  if (!status) status = build(c, l, dt, n_steps, colour, d);
  free(colour);
  if (status) nqs_dbm_heisenberg_destroy(d), d = NULL;
  *out = d;
  return status;
}

void nqs_dbm_heisenberg_destroy(nqs_dbm_heisenberg *d) {
  if (!d) return;
  free(d->bond);
  free(d->dimer);
  free(d->visible);
  free(d->factor);
  free(d);
}

/* ---- by enumeration ---- */

static double spin(size_t state, size_t k) { return state >> k & 1 ? -1.0 : 1.0; }

static double complex weight(const nqs_dbm_heisenberg *d, size_t spins) {
  double complex w = 1;
  for (size_t k = 0; k < d->n_dimers; k++) /* a singlet: one unit of imaginary weight */
    w *= 0.5 * unit(I * M_PI / 4, spin(spins, d->dimer[k].i) + spin(spins, d->dimer[k].j));
  for (size_t k = 0; k < d->n_factors; k++) {
    const nqs_dbm_heisenberg_factor *f = d->factor + k;
    const double s[4] = {spin(spins, f->a[0]), spin(spins, f->a[1]), spin(spins, f->b[0]),
                         spin(spins, f->b[1])};
    w *= nqs_dbm_heisenberg_units(f->x, s);
  }
  return w;
}

com_status nqs_dbm_heisenberg_enumerate(com_ctx *c, const nqs_dbm_heisenberg *d, double *psi) {
  COM_CHECK(c, d->n_spins <= 20, COM_E_CONFIG, "dbm: %zu spins are too many to enumerate, at most 20",
            d->n_spins);
  memset(psi, 0, sizeof *psi << d->n);
  for (size_t spins = 0; spins < (size_t)1 << d->n_spins; spins++) {
    size_t s = 0;
    for (size_t i = 0; i < d->n; i++) s |= (spins >> d->visible[i] & 1) << i;
    psi[s] += creal(weight(d, spins));
  }
  return COM_OK;
}

/* ---- by matrices ---- */

static com_status small(com_ctx *c, const nqs_dbm_heisenberg *d) {
  COM_CHECK(c, d->n <= 24, COM_E_CONFIG, "dbm: %zu sites are too many for a state vector, at most 24", d->n);
  return COM_OK;
}

com_status nqs_dbm_heisenberg_trotter(com_ctx *c, const nqs_dbm_heisenberg *d, double *psi) {
  COM_TRY(small(c, d));
  for (size_t s = 0; s < (size_t)1 << d->n; s++) {
    psi[s] = 1;
    for (size_t k = 0; k < d->n_dimers; k++)
      if (spin(s, d->dimer[k].i) == spin(s, d->dimer[k].j)) psi[s] = 0;
  }
  for (size_t k = 0; k < d->n_factors; k++) {
    const nqs_dbm_heisenberg_factor *f = d->factor + k;
    const size_t bi = (size_t)1 << f->site[0], bj = (size_t)1 << f->site[1];
    const double same = exp(-f->x), stay = exp(f->x) * cosh(2 * f->x), swap = exp(f->x) * sinh(2 * f->x);
    for (size_t s = 0; s < (size_t)1 << d->n; s++) {
      if (!(s & bi) == !(s & bj)) {
        psi[s] *= same;
      } else if (s & bi) {
        const size_t t = s ^ bi ^ bj;
        const double a = psi[s], b = psi[t];
        psi[s] = stay * a + swap * b, psi[t] = stay * b + swap * a;
      }
    }
  }
  return COM_OK;
}

com_status nqs_dbm_heisenberg_energy(com_ctx *c, const nqs_dbm_heisenberg *d, const double *psi,
                                     double *energy) {
  COM_TRY(small(c, d));
  double norm = 0, sum = 0;
  for (size_t s = 0; s < (size_t)1 << d->n; s++) {
    double row = 0;
    for (size_t k = 0; k < d->n_bonds; k++) {
      const size_t bi = (size_t)1 << d->bond[k].i, bj = (size_t)1 << d->bond[k].j;
      const int aligned = !(s & bi) == !(s & bj);
      row += aligned ? psi[s] : -psi[s] - 2 * psi[s ^ bi ^ bj];
    }
    norm += psi[s] * psi[s], sum += d->J * psi[s] * row;
  }
  *energy = sum / norm;
  return COM_OK;
}
