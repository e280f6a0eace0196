/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/lattice.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
  int n, periodic;
} chain_opts;
typedef struct {
  int lx, ly, periodic;
} grid_opts;
typedef struct {
  int n;
  cJSON *edges;
} edges_opts;

/** A lattice type: a torus or strip with the displacements of its bonds, or an explicit list of edges. */
typedef struct lattice_ops {
  com_component c;
  int near[3][2], next[3][2]; /* {0,0} = no further bond */
} lattice_ops;

typedef struct grid {
  int lx, ly, px, py;
} grid; /* px, py: periodic directions */

const char *const nqs_lattice_symmetry_names[] = {"none", "translation", "space", NULL};

/* Site at (x, y), or -1 beyond an open edge. */
static int site_at(const grid *g, int x, int y) {
  if (g->px) x = ((x % g->lx) + g->lx) % g->lx;
  if (g->py) y = ((y % g->ly) + g->ly) % g->ly;
  return x < 0 || y < 0 || x >= g->lx || y >= g->ly ? -1 : x + g->lx * y;
}

static com_status add_bonds(com_ctx *c, const grid *g, const int step[3][2], size_t *n, nqs_bond **out) {
  nqs_bond *b;
  COM_ALLOC(c, b = malloc((size_t)(3 * g->lx * g->ly) * sizeof *b));
  *out = b, *n = 0;
  for (int k = 0; k < 3 && (step[k][0] || step[k][1]); k++)
    for (int y = 0; y < g->ly; y++)
      for (int x = 0; x < g->lx; x++) {
        const int i = site_at(g, x, y), j = site_at(g, x + step[k][0], y + step[k][1]);
        if (j >= 0 && j != i) b[(*n)++] = (nqs_bond){(uint32_t)i, (uint32_t)j};
      }
  return COM_OK;
}

static com_status add_translations(com_ctx *c, const grid *g, nqs_lattice *l) {
  const int nx = g->px ? g->lx : 1, ny = g->py ? g->ly : 1;
  l->n_trans = (size_t)(nx * ny);
  COM_ALLOC(c, l->trans = malloc(l->n_trans * l->n * sizeof *l->trans));
  COM_ALLOC(c, l->momentum_unit = malloc(2 * l->n_trans * sizeof *l->momentum_unit));
  for (int dy = 0; dy < ny; dy++)
    for (int dx = 0; dx < nx; dx++) {
      const size_t t = (size_t)(dx + nx * dy);
      l->momentum_unit[2 * t] = dx;
      l->momentum_unit[2 * t + 1] = dy;
      for (int y = 0; y < g->ly; y++)
        for (int x = 0; x < g->lx; x++)
          l->trans[t * l->n + (size_t)(x + g->lx * y)] = (uint32_t)site_at(g, x + dx, y + dy);
    }
  return COM_OK;
}

static void count_bonds(size_t n, size_t n_bonds, const nqs_bond *b, const uint32_t *perm, int by,
                        int *count) {
  for (size_t k = 0; k < n_bonds; k++) {
    const size_t i = perm ? perm[b[k].i] : b[k].i, j = perm ? perm[b[k].j] : b[k].j;
    count[i * n + j] += by;
    count[j * n + i] += by;
  }
}

/* Does the permutation map the bonds onto themselves?  count is all zero before and after. */
static int keeps_bonds(const nqs_lattice *l, const uint32_t *perm, int *count) {
  int same = 1;
  for (int kind = 0; kind < 2; kind++) {
    const size_t nb = kind ? l->n_next : l->n_near;
    const nqs_bond *b = kind ? l->next : l->near;
    count_bonds(l->n, nb, b, NULL, 1, count);
    count_bonds(l->n, nb, b, perm, -1, count);
    for (size_t k = 0; k < l->n * l->n; k++) same &= count[k] == 0;
    memset(count, 0, l->n * l->n * sizeof *count);
  }
  return same;
}

/* (x, y) -> (m0 x + m1 y, m2 x + m3 y), about site 0 in periodic directions and about the middle in open ones.
 * 0 when the image leaves the lattice or two sites collide. */
static int linear_map(const grid *g, const int m[4], uint32_t *perm, int *seen) {
  const int n = g->lx * g->ly;
  memset(seen, 0, (size_t)n * sizeof *seen);
  for (int y = 0; y < g->ly; y++)
    for (int x = 0; x < g->lx; x++) {
      const int u = m[0] * x + m[1] * y, v = m[2] * x + m[3] * y;
      const int su = !g->px && m[0] + m[1] < 0 ? g->lx - 1 : 0,
                sv = !g->py && m[2] + m[3] < 0 ? g->ly - 1 : 0;
      const int j = site_at(g, u + su, v + sv);
      if (j < 0 || seen[j]++) return 0;
      perm[x + g->lx * y] = (uint32_t)j;
    }
  return 1;
}

static int known(size_t n_perm, size_t n, const uint32_t *perms, const uint32_t *p) {
  for (size_t k = 0; k < n_perm; k++)
    if (!memcmp(perms + k * n, p, n * sizeof *p)) return 1;
  return 0;
}

/* All unimodular maps with entries -1, 0, 1 that keep the bonds: 2 for a ring, 8 for a square, 12 for a triangular torus. */
static com_status add_point_group(com_ctx *c, const grid *g, nqs_lattice *l) {
  enum { N_MAPS = 81 };
  COM_ALLOC(c, l->point = malloc(N_MAPS * l->n * sizeof *l->point));
  int *count = calloc(l->n * l->n, sizeof *count), *seen = malloc(l->n * sizeof *seen);
  com_status status = count && seen ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < l->n; i++) l->point[i] = (uint32_t)i;
  l->n_point = 1;
  for (int code = 0; code < N_MAPS && !status; code++) {
    const int m[4] = {code % 3 - 1, code / 3 % 3 - 1, code / 9 % 3 - 1, code / 27 - 1};
    const int det = m[0] * m[3] - m[1] * m[2];
    uint32_t *p = l->point + l->n_point * l->n;
    if ((det == 1 || det == -1) && linear_map(g, m, p, seen) && !known(l->n_point, l->n, l->point, p) &&
        keeps_bonds(l, p, count))
      l->n_point++;
  }
  free(count);
  free(seen);
  return status;
}

/* Two-colouring of the nearest bonds by sweeps of relaxation; NULL when an odd cycle exists. */
static com_status two_colour(com_ctx *c, nqs_lattice *l) {
  int8_t *s;
  COM_ALLOC(c, s = calloc(l->n, 1));
  int odd = l->n_near == 0;
  for (size_t start = 0; start < l->n && !odd; start++) {
    if (s[start]) continue;
    s[start] = 1;
    for (int moved = 1; moved && !odd;) {
      moved = 0;
      for (size_t k = 0; k < l->n_near; k++) {
        const nqs_bond b = l->near[k];
        if (s[b.i] && !s[b.j]) s[b.j] = (int8_t)-s[b.i], moved = 1;
        if (s[b.j] && !s[b.i]) s[b.i] = (int8_t)-s[b.j], moved = 1;
        odd |= s[b.i] && s[b.i] == s[b.j];
      }
    }
  }
  if (odd) free(s), s = NULL;
  l->sublattice = s;
  return COM_OK;
}

static com_status read_edges(com_ctx *c, const edges_opts *o, nqs_lattice *l) {
  l->n = (size_t)o->n;
  const size_t n = com_json_size(o->edges);
  COM_CHECK(c, com_json_is_array(o->edges) && n > 0, COM_E_CONFIG,
            "lattice.edges: must be a non-empty array of pairs [i,j] of sites");
  COM_ALLOC(c, l->near = malloc(n * sizeof *l->near));
  COM_ALLOC(c, l->next = malloc(sizeof *l->next));
  for (size_t k = 0; k < n; k++) {
    const cJSON *e = com_json_at(o->edges, k);
    const double i = com_json_num(com_json_at(e, 0), -1), j = com_json_num(com_json_at(e, 1), -1);
    const int ok = com_json_size(e) == 2 && i >= 0 && j >= 0 && i < o->n && j < o->n && i != j;
    COM_CHECK(c, ok && i == (double)(uint32_t)i && j == (double)(uint32_t)j, COM_E_CONFIG,
              "lattice.edges[%zu]: must be two different sites in 0..%d", k, o->n - 1);
    l->near[l->n_near++] = (nqs_bond){(uint32_t)i, (uint32_t)j};
  }
  COM_ALLOC(c, l->trans = malloc(l->n * sizeof *l->trans));
  COM_ALLOC(c, l->point = malloc(l->n * sizeof *l->point));
  COM_ALLOC(c, l->momentum_unit = calloc(2, sizeof *l->momentum_unit));
  for (size_t i = 0; i < l->n; i++) l->trans[i] = l->point[i] = (uint32_t)i;
  l->n_trans = l->n_point = 1;
  return COM_OK;
}

static com_status build(com_ctx *c, const com_choice *ch, nqs_lattice *l) {
  const lattice_ops *ops = (const lattice_ops *)ch->type;
  if (!strcmp(ops->c.name, "edges")) {
    COM_TRY(read_edges(c, ch->opts, l));
    return two_colour(c, l);
  }
  grid g;
  if (!strcmp(ops->c.name, "chain")) {
    const chain_opts *o = ch->opts;
    g = (grid){o->n, 1, o->periodic, 0};
  } else {
    const grid_opts *o = ch->opts;
    g = (grid){o->lx, o->ly, o->periodic, o->periodic && strcmp(ops->c.name, "ladder") != 0};
  }
  COM_CHECK(c, g.lx * g.ly >= 2, COM_E_CONFIG, "lattice: one site only; at least two are needed");
  l->n = (size_t)(g.lx * g.ly);
  l->lx = g.lx, l->ly = g.ly, l->periodic = g.px;
  COM_TRY(add_bonds(c, &g, ops->near, &l->n_near, &l->near));
  COM_TRY(add_bonds(c, &g, ops->next, &l->n_next, &l->next));
  COM_TRY(add_translations(c, &g, l));
  COM_TRY(add_point_group(c, &g, l));
  return two_colour(c, l);
}

com_status nqs_lattice_create(com_ctx *c, const com_choice *ch, nqs_lattice **out) {
  nqs_lattice *l;
  COM_CHECK(c, ch->type, COM_E_CONFIG, "lattice: missing; give {\"type\":\"chain\",\"n\":N} or another type");
  COM_ALLOC(c, l = calloc(1, sizeof *l));
  const com_status status = build(c, ch, l);
  if (status) nqs_lattice_destroy(l), l = NULL;
  *out = l;
  return status;
}

void nqs_lattice_destroy(nqs_lattice *l) {
  if (!l) return;
  free(l->near);
  free(l->next);
  free(l->sublattice);
  free(l->trans);
  free(l->point);
  free(l->momentum_unit);
  free(l);
}

com_status nqs_lattice_group(com_ctx *c, const nqs_lattice *l, nqs_symmetry sym, size_t *n_group,
                             uint32_t **perm) {
  const size_t nt = sym == NQS_SYM_NONE ? 1 : l->n_trans, np = sym == NQS_SYM_SPACE ? l->n_point : 1,
               n = l->n;
  COM_CHECK(c, sym == NQS_SYM_NONE || nt * np > 1, COM_E_CONFIG,
            "ansatz.symmetry = %s: this lattice has no such symmetry; use \"none\" or a periodic lattice",
            nqs_lattice_symmetry_names[sym]);
  uint32_t *p;
  COM_ALLOC(c, p = malloc(nt * np * n * sizeof *p));
  size_t m = 0;
  for (size_t q = 0; q < np; q++)
    for (size_t t = 0; t < nt; t++) {
      for (size_t i = 0; i < n; i++) p[m * n + i] = l->trans[t * n + l->point[q * n + i]];
      if (!known(m, n, p, p + m * n)) m++; /* on small lattices a reflection can equal a translation */
    }
  *n_group = m;
  *perm = p;
  return COM_OK;
}

static const com_field chain_fields[] = {{.key = "n",
                                          .doc = "number of sites",
                                          .type = COM_F_INT,
                                          .off = offsetof(chain_opts, n),
                                          .lo = 2,
                                          .hi = 4096,
                                          .flags = COM_FF_REQUIRED},
                                         {.key = "periodic",
                                          .doc = "ring instead of open chain",
                                          .type = COM_F_BOOL,
                                          .off = offsetof(chain_opts, periodic),
                                          .def = 1},
                                         {0}};
static const com_field grid_fields[] = {{.key = "lx",
                                         .doc = "sites along x",
                                         .type = COM_F_INT,
                                         .off = offsetof(grid_opts, lx),
                                         .lo = 1,
                                         .hi = 1000,
                                         .flags = COM_FF_REQUIRED},
                                        {.key = "ly",
                                         .doc = "sites along y",
                                         .type = COM_F_INT,
                                         .off = offsetof(grid_opts, ly),
                                         .lo = 1,
                                         .hi = 1000,
                                         .flags = COM_FF_REQUIRED},
                                        {.key = "periodic",
                                         .doc = "periodic (a ladder: along x only)",
                                         .type = COM_F_BOOL,
                                         .off = offsetof(grid_opts, periodic),
                                         .def = 1},
                                        {0}};
static const com_field edges_fields[] = {{.key = "n",
                                          .doc = "number of sites",
                                          .type = COM_F_INT,
                                          .off = offsetof(edges_opts, n),
                                          .lo = 2,
                                          .hi = 4096,
                                          .flags = COM_FF_REQUIRED},
                                         {.key = "edges",
                                          .doc = "nearest bonds [[i,j],...]; repeated bonds add",
                                          .type = COM_F_RAW,
                                          .off = offsetof(edges_opts, edges),
                                          .flags = COM_FF_REQUIRED},
                                         {0}};

static const lattice_ops chain = {.c = {.name = "chain",
                                        .doc = "ring or open chain; next-nearest = distance 2",
                                        .fields = chain_fields,
                                        .opt_size = sizeof(chain_opts)},
                                  .near = {{1, 0}},
                                  .next = {{2, 0}}};
static const lattice_ops square = {.c = {.name = "square",
                                         .doc = "square lattice lx x ly; next-nearest = diagonals",
                                         .fields = grid_fields,
                                         .opt_size = sizeof(grid_opts)},
                                   .near = {{1, 0}, {0, 1}},
                                   .next = {{1, 1}, {1, -1}}};
static const lattice_ops ladder = {
    .c = {.name = "ladder",
          .doc = "ly coupled chains of lx sites, open across; next-nearest = diagonals",
          .fields = grid_fields,
          .opt_size = sizeof(grid_opts)},
    .near = {{1, 0}, {0, 1}},
    .next = {{1, 1}, {1, -1}}};
static const lattice_ops triangular = {
    .c = {.name = "triangular",
          .doc = "triangular lattice lx x ly; next-nearest = distance sqrt(3)",
          .fields = grid_fields,
          .opt_size = sizeof(grid_opts)},
    .near = {{1, 0}, {0, 1}, {1, -1}},
    .next = {{1, 1}, {2, -1}, {1, -2}}};
static const lattice_ops edges = {.c = {.name = "edges",
                                        .doc = "any graph, given by its edges",
                                        .fields = edges_fields,
                                        .opt_size = sizeof(edges_opts)}};

static const com_component *const *all(void) {
  static const com_component *const list[] = {&chain.c, &square.c, &ladder.c, &triangular.c, &edges.c, NULL};
  return list;
}
const com_kind nqs_lattice_kind = {
    .name = "lattice", .plural = "lattices", .doc = "sites and bonds", .all = all};
