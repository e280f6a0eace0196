/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ansatz.h"
#include "nqs/symmetry.h"

/* Projection of any other ansatz on a symmetry sector (Nomura, arXiv:2009.14777):
 *     psi_P(s) = 1/|G| sum_g chi_g psi(g s),   (g s)_i = s_{g(i)}, or its spin-flipped image.
 * chi_g = e^{i k r} character(point element) (+-1 for the flip): P commutes with a symmetric Hamiltonian and gives states
 * with T_r psi_P = e^{-i k r} psi_P.  The parameters are those of the inner ansatz, so weights of an unprojected run start
 * a projected one ("file").  With shares q_g = chi_g psi(g s) / sum_h chi_h psi(h s):
 *     psi_P(s')/psi_P(s) = sum_g q_g psi(g s')/psi(g s),   O_k = sum_g q_g O_k(g s). */
typedef struct opts {
  cJSON *ansatz;
  int symmetry, kx, ky, spin_flip;
  com_reals characters;
} opts;

enum {
  CHUNK = 8,
  GRAD_ROWS = 8,
  REFRESH = 256
}; /* moves and rows that share one call of the inner ansatz; commits */

typedef struct projected {
  nqs_ansatz inner; /* w and lattice unused */
  com_choice choice;
  nqs_symmetry_sector sector;
  nqs_scalar scalar;
  size_t n;
} projected;

typedef struct walk {
  const projected *t;
  size_t n, commits;
  nqs_walkers *inner;    /* image g of configuration k is number k*|G| + g */
  int8_t *images;        /* [n][|G|][sites] */
  double complex *logs;  /* [n][|G|] log chi_g psi(g s) */
  double complex *share; /* [n][|G|] q_g */
  nqs_moves moves;
  double complex *ratio;   /* [CHUNK |G|] */
  unsigned char *accepted; /* [|G|] all 1 */
  void *work;              /* for log_psi_of of one configuration */
} walk;

static void destroy(void *self) {
  projected *t = self;
  if (!t) return;
  if (t->inner.self) t->inner.ops->destroy(t->inner.self);
  com_field_choice_finish(&nqs_ansatz_kind, &t->choice);
  nqs_symmetry_finish(&t->sector);
  free(t);
}

static nqs_scalar scalar_of(const projected *t) {
  int positive = 1;
  for (size_t g = 0; g < t->sector.n_images; g++) positive &= t->sector.chi[g] == 1;
  return t->inner.scalar == NQS_REAL && !positive ? NQS_SPLIT : t->inner.scalar;
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         nqs_shape *shape, void **self) {
  const opts *o = op;
  projected *t;
  nqs_shape inner = {NQS_REAL, 0};
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  *self = t;
  COM_TRY(com_field_choice_read(c, COM_E_CONFIG, &nqs_ansatz_kind, "config", "ansatz.ansatz", o->ansatz,
                                &t->choice));
  const nqs_ansatz_shared *sh = t->choice.shared;
  COM_CHECK(c, !sh || !sh->file, COM_E_CONFIG,
            "ansatz.ansatz.file: give \"file\" in the outer block; the parameters are the same");
  t->n = l->n;
  t->inner.ops = (const nqs_ansatz_ops *)(const void *)t->choice.type;
  t->inner.lattice = l, t->inner.space = h;
  COM_TRY(t->inner.ops->create(c, t->choice.opts, l, h, &inner, &t->inner.self));
  t->inner.scalar = inner.scalar, t->inner.n_params = inner.n_params;
  t->inner.n_reals = inner.n_params * (inner.scalar == NQS_HOLO ? 2 : 1);
  t->inner.row_bytes = inner.n_params * sizeof(double) * (inner.scalar == NQS_REAL ? 1 : 2);
  const nqs_symmetry_spec spec = {.symmetry = (nqs_symmetry)o->symmetry,
                                  .kx = o->kx,
                                  .ky = o->ky,
                                  .spin_flip = o->spin_flip,
                                  .n_characters = o->characters.n,
                                  .characters = o->characters.v};
  COM_TRY(nqs_symmetry_init(c, &spec, l, h, &t->sector));
  t->scalar = scalar_of(t);
  *shape = (nqs_shape){t->scalar, inner.n_params};
  return COM_OK;
}

static void init(const void *self, double sigma, com_rng *r, double *w) {
  const projected *t = self;
  nqs_ansatz_start(&t->inner, sigma, r, w);
}

static void param_name(const void *self, size_t k, char out[48]) {
  const projected *t = self;
  if (t->inner.ops->param_name) {
    t->inner.ops->param_name(t->inner.self, k, out);
  } else {
    snprintf(out, 48, "w[%zu]", k);
  }
}

static com_status load(com_ctx *c, void *self, const double *w) {
  const projected *t = self;
  return t->inner.ops->load(c, t->inner.self, w);
}

/* Scratch of one configuration: logs and shares, rows of O, images, then the inner scratch. */
typedef struct scratch {
  double complex *logs, *share;
  double *rows;
  void *inner;
  int8_t *images;
} scratch;

static size_t inner_work(const projected *t) {
  const size_t batch = t->sector.n_images > GRAD_ROWS ? t->sector.n_images : GRAD_ROWS;
  const size_t bytes = t->inner.ops->work_size ? t->inner.ops->work_size(t->inner.self, batch) : 0;
  return (bytes + 15) / 16 * 16;
}

static size_t work_size(const void *self, size_t n) {
  (void)n;
  const projected *t = self;
  const size_t images = t->sector.n_images, rows = (GRAD_ROWS * t->inner.row_bytes + 15) / 16 * 16;
  return 2 * images * sizeof(double complex) + rows + inner_work(t) + images * t->n;
}

static scratch carve(const projected *t, void *work) {
  scratch x;
  const size_t images = t->sector.n_images, rows = (GRAD_ROWS * t->inner.row_bytes + 15) / 16 * 16;
  x.logs = work;
  x.share = x.logs + images;
  x.rows = (double *)(x.share + images);
  x.inner = (char *)x.rows + rows;
  x.images = (int8_t *)x.inner + inner_work(t);
  return x;
}

/* share_g = e^{logs_g} / sum; returns the logarithm of the mean. */
static double complex mix(size_t n, const double complex *logs, double complex *share) {
  double top = -INFINITY;
  double complex sum = 0;
  for (size_t g = 0; g < n; g++) top = fmax(top, creal(logs[g]));
  if (!isfinite(top)) {
    for (size_t g = 0; g < n; g++) share[g] = NAN; /* psi_P = 0: shares mean nothing, ratio starts afresh */
    return top;
  }
  for (size_t g = 0; g < n; g++) sum += share[g] = cexp(logs[g] - top);
  for (size_t g = 0; g < n; g++) share[g] /= sum;
  return top + clog(sum / (double)n);
}

static double complex evaluate(const projected *t, const int8_t *s, const scratch *x) {
  const size_t images = t->sector.n_images;
  nqs_symmetry_images(&t->sector, s, x->images);
  t->inner.ops->log_psi_of(t->inner.self, images, x->images, x->inner, x->logs);
  for (size_t g = 0; g < images; g++) x->logs[g] += clog(t->sector.chi[g]);
  return mix(images, x->logs, x->share);
}

static void log_psi_of(const void *self, size_t n, const int8_t *s, void *work, double complex *out) {
  const projected *t = self;
  const scratch x = carve(t, work);
  for (size_t k = 0; k < n; k++) out[k] = evaluate(t, s + k * t->n, &x);
}

/* row += q * (row of an image), in the layout of the projected state. */
static void add_row(const projected *t, double complex q, const double *o, double *row) {
  const size_t n = t->inner.n_params;
  for (size_t k = 0; k < n; k++) {
    double complex value;
    if (t->inner.scalar == NQS_HOLO) {
      value = q * (o[2 * k] + I * o[2 * k + 1]);
      row[2 * k] += creal(value), row[2 * k + 1] += cimag(value);
      continue;
    }
    value = q * (t->inner.scalar == NQS_SPLIT ? o[k] + I * o[n + k] : o[k]);
    row[k] += creal(value);
    if (t->scalar == NQS_SPLIT) row[n + k] += cimag(value);
  }
}

static void grad_of(const void *self, size_t n, const int8_t *s, void *work, void *O) {
  const projected *t = self;
  const scratch x = carve(t, work);
  const size_t images = t->sector.n_images, len = t->inner.n_params * (t->scalar == NQS_REAL ? 1 : 2);
  double *row = O;
  memset(row, 0, n * len * sizeof *row);
  for (size_t k = 0; k < n; k++, row += len) {
    evaluate(t, s + k * t->n, &x);
    for (size_t first = 0; first < images; first += GRAD_ROWS) {
      const size_t rows = images - first < GRAD_ROWS ? images - first : GRAD_ROWS;
      t->inner.ops->grad_of(t->inner.self, rows, x.images + first * t->n, x.inner, x.rows);
      for (size_t r = 0; r < rows; r++)
        add_row(t, x.share[first + r], x.rows + r * (t->inner.row_bytes / sizeof(double)), row);
    }
  }
}

/* ---- walkers: every image walks with the inner ansatz's caches ---- */

static void walk_destroy(void *ptr) {
  walk *w = ptr;
  if (!w) return;
  nqs_ansatz_walkers_destroy(w->inner);
  nqs_moves_finish(&w->moves);
  free(w->images);
  free(w->logs);
  free(w->share);
  free(w->ratio);
  free(w->accepted);
  free(w->work);
  free(w);
}

static com_status fill_walk(com_ctx *c, const projected *t, walk *w) {
  const size_t images = t->sector.n_images, total = w->n * images;
  COM_TRY(nqs_ansatz_walkers(c, &t->inner, total, CHUNK * images, &w->inner));
  COM_TRY(nqs_moves_init(c, CHUNK * images, CHUNK * images * t->n, &w->moves));
  COM_ALLOC(c, w->images = malloc(total * t->n));
  COM_ALLOC(c, w->logs = calloc(total, sizeof *w->logs));
  COM_ALLOC(c, w->share = calloc(total, sizeof *w->share));
  COM_ALLOC(c, w->ratio = calloc(CHUNK * images, sizeof *w->ratio));
  COM_ALLOC(c, w->accepted = malloc(images));
  COM_ALLOC(c, w->work = malloc(work_size(t, 1)));
  memset(w->accepted, 1, images);
  return COM_OK;
}

static com_status walk_create(com_ctx *c, const void *self, size_t n, void **out) {
  walk *w;
  *out = NULL;
  COM_ALLOC(c, w = calloc(1, sizeof *w));
  w->t = self, w->n = n;
  const com_status status = fill_walk(c, self, w);
  if (status) walk_destroy(w), w = NULL;
  *out = w;
  return status;
}

static void walk_set(const void *self, void *ptr, const int8_t *s) {
  const projected *t = self;
  walk *w = ptr;
  const size_t images = t->sector.n_images;
  for (size_t k = 0; k < w->n; k++)
    nqs_symmetry_images(&t->sector, s + k * t->n, w->images + k * images * t->n);
  nqs_ansatz_set(w->inner, w->images);
  nqs_ansatz_log_psi(w->inner, w->logs);
  for (size_t k = 0; k < w->n; k++) {
    for (size_t g = 0; g < images; g++) w->logs[k * images + g] += clog(t->sector.chi[g]);
    mix(images, w->logs + k * images, w->share + k * images);
  }
  w->commits = 0;
}

/* The moves q0..q1 of m on all images, as one batch of the inner ansatz. */
static void image_moves(const projected *t, walk *w, const nqs_moves *m, size_t q0, size_t q1) {
  const nqs_symmetry_sector *x = &t->sector;
  nqs_moves_clear(&w->moves);
  for (size_t q = q0; q < q1; q++)
    for (size_t g = 0; g < x->n_images; g++) {
      for (uint32_t i = m->first[q]; i < m->first[q + 1]; i++)
        nqs_moves_site(&w->moves, x->inverse[g * t->n + m->site[i]],
                       x->flipped[g] ? x->mirror - m->to[i] : m->to[i]);
      nqs_moves_close(&w->moves, (uint32_t)(m->conf[q] * x->n_images + g));
    }
}

/* psi_P(s')/psi_P(s) without caches, for amplitudes that vanish or overflow on some image. */
static double complex ratio_afresh(const projected *t, walk *w, const int8_t *s, const nqs_moves *m,
                                   size_t q) {
  int8_t *at = w->images; /* the inner walkers hold their own copy, so the first row is free */
  const int8_t *old = s + m->conf[q] * t->n;
  double complex before, after;
  const scratch x = carve(t, w->work);
  before = evaluate(t, old, &x);
  memcpy(at, old, t->n);
  for (uint32_t i = m->first[q]; i < m->first[q + 1]; i++) at[m->site[i]] = m->to[i];
  after = evaluate(t, at, &x);
  return cexp(after - before);
}

static void ratio(const void *self, void *ptr, const int8_t *s, const nqs_moves *m, double complex *out) {
  const projected *t = self;
  walk *w = ptr;
  const size_t images = t->sector.n_images;
  for (size_t q0 = 0; q0 < m->n; q0 += CHUNK) {
    const size_t q1 = q0 + CHUNK < m->n ? q0 + CHUNK : m->n;
    image_moves(t, w, m, q0, q1);
    nqs_ansatz_ratio(w->inner, &w->moves, w->ratio);
    for (size_t q = q0; q < q1; q++) {
      const double complex *share = w->share + m->conf[q] * images, *r = w->ratio + (q - q0) * images;
      double complex sum = 0;
      for (size_t g = 0; g < images; g++) sum += share[g] * r[g];
      const int usable = isfinite(creal(sum)) && isfinite(cimag(sum));
      out[q] = usable ? sum : ratio_afresh(t, w, s, m, q);
    }
  }
}

static void commit(const void *self, void *ptr, const int8_t *s, const nqs_moves *m,
                   const unsigned char *accepted) {
  const projected *t = self;
  walk *w = ptr;
  const size_t images = t->sector.n_images;
  int refresh = 0;
  for (size_t q = 0; q < m->n; q++) {
    if (!accepted[q]) continue;
    double complex *logs = w->logs + m->conf[q] * images;
    image_moves(t, w, m, q, q + 1);
    nqs_ansatz_ratio(w->inner, &w->moves, w->ratio);
    nqs_ansatz_commit(w->inner, &w->moves, w->accepted);
    for (size_t g = 0; g < images; g++) {
      logs[g] += clog(w->ratio[g]);
      refresh |=
          !isfinite(creal(logs[g])); /* an image without amplitude: its ratios mean nothing from here */
    }
    mix(images, logs, w->share + m->conf[q] * images);
    refresh |= ++w->commits >= REFRESH * w->n;
  }
  if (!refresh) return;
  memcpy(w->images, nqs_ansatz_conf(w->inner), w->n * images * t->n);
  nqs_ansatz_set(w->inner, NULL);
  nqs_ansatz_log_psi(w->inner, w->logs);
  for (size_t k = 0; k < w->n; k++) {
    for (size_t g = 0; g < images; g++) w->logs[k * images + g] += clog(t->sector.chi[g]);
    mix(images, w->logs + k * images, w->share + k * images);
  }
  w->commits = 0;
  (void)s;
}

static const com_field fields[] = {
    {.key = "ansatz",
     .doc = "the ansatz block to project, e.g. {\"type\":\"rbm\"}",
     .type = COM_F_RAW,
     .off = offsetof(opts, ansatz),
     .flags = COM_FF_REQUIRED},
    {.key = "symmetry",
     .doc = "none, translation, space (with the point group)",
     .type = COM_F_ENUM,
     .off = offsetof(opts, symmetry),
     .aux = nqs_lattice_symmetry_names,
     .sdef = "translation"},
    {.key = "kx",
     .doc = "momentum along x in units of 2 pi / lx",
     .type = COM_F_INT,
     .off = offsetof(opts, kx),
     .lo = -1000,
     .hi = 1000},
    {.key = "ky",
     .doc = "momentum along y in units of 2 pi / ly",
     .type = COM_F_INT,
     .off = offsetof(opts, ky),
     .lo = -1000,
     .hi = 1000},
    {.key = "spin_flip",
     .doc = "parity under flipping all spins: +1, -1, or 0 for no projection",
     .type = COM_F_INT,
     .off = offsetof(opts, spin_flip),
     .lo = -1,
     .hi = 1},
    {.key = "characters",
     .doc = "one-dimensional characters of the point group's elements (default: all 1)",
     .type = COM_F_REALS,
     .off = offsetof(opts, characters),
     .lo = -1,
     .hi = 1},
    {0}};

const nqs_ansatz_ops nqs_ansatz_projected = {
    .c = {.name = "projected",
          .doc = "any ansatz, projected on momentum, point-group and spin-flip sectors",
          .ref = "Nomura, arXiv:2009.14777",
          .fields = fields,
          .opt_size = sizeof(opts)},
    NQS_ANSATZ_FUNCTIONS,
    NQS_ANSATZ_WALKS,
    .init = init,
    .work_size = work_size};
