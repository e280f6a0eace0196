/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../nqs.h"

static nqs_lattice *make(com_ctx *c, const char *text) {
  com_choice ch = nqs_choice(c, &nqs_lattice_kind, text);
  nqs_lattice *l = NULL;
  TEST_OK(c, nqs_lattice_create(c, &ch, &l));
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  return l;
}

typedef struct expected {
  const char *text;
  size_t n, near, next, trans, point;
  int bipartite;
} expected;

START_TEST(counts) {
  static const expected cases[] = {
      {"{\"type\":\"chain\",\"n\":7}", 7, 7, 7, 7, 2, 0},
      {"{\"type\":\"chain\",\"n\":8}", 8, 8, 8, 8, 2, 1},
      {"{\"type\":\"chain\",\"n\":2}", 2, 2, 0, 2, 1, 1}, /* a double bond; no site at distance 2 */
      {"{\"type\":\"chain\",\"n\":6,\"periodic\":false}", 6, 5, 4, 1, 2, 1},
      {"{\"type\":\"square\",\"lx\":6,\"ly\":6}", 36, 72, 72, 36, 8, 1},
      {"{\"type\":\"square\",\"lx\":6,\"ly\":4}", 24, 48, 48, 24, 4, 1},
      {"{\"type\":\"square\",\"lx\":4,\"ly\":3,\"periodic\":false}", 12, 17, 12, 1, 4, 1},
      {"{\"type\":\"square\",\"lx\":3,\"ly\":3,\"periodic\":false}", 9, 12, 8, 1, 8, 1},
      {"{\"type\":\"square\",\"lx\":5,\"ly\":5}", 25, 50, 50, 25, 8, 0},
      {"{\"type\":\"ladder\",\"lx\":8,\"ly\":2}", 16, 24, 16, 8, 4, 1},
      {"{\"type\":\"triangular\",\"lx\":6,\"ly\":6}", 36, 108, 108, 36, 12, 0},
      {"{\"type\":\"edges\",\"n\":4,\"edges\":[[0,1],[1,2],[2,3],[3,0],[0,1]]}", 4, 5, 0, 1, 1, 1}};
  com_ctx *c = test_ctx();
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const expected *e = cases + k;
    nqs_lattice *l = make(c, e->text);
    ck_assert_msg(l->n == e->n && l->n_near == e->near && l->n_next == e->next && l->n_trans == e->trans &&
                      l->n_point == e->point && (l->sublattice != NULL) == e->bipartite,
                  "%s: n %zu near %zu next %zu trans %zu point %zu bipartite %d", e->text, l->n, l->n_near,
                  l->n_next, l->n_trans, l->n_point, l->sublattice != NULL);
    nqs_lattice_destroy(l);
  }
  com_ctx_destroy(c);
}
END_TEST

static int linked(const nqs_lattice *l, size_t i, size_t j) {
  int n = 0;
  for (size_t k = 0; k < l->n_near; k++)
    n += (l->near[k].i == i && l->near[k].j == j) || (l->near[k].i == j && l->near[k].j == i);
  return n;
}

/* A group: closed under composition, every element keeps the bonds, the identity comes first. */
static void check_group(com_ctx *c, const nqs_lattice *l, nqs_symmetry sym, size_t order) {
  size_t n_group = 0;
  uint32_t *p = NULL;
  TEST_OK(c, nqs_lattice_group(c, l, sym, &n_group, &p));
  ck_assert_uint_eq(n_group, order);
  for (size_t i = 0; i < l->n; i++) ck_assert_uint_eq(p[i], i);
  for (size_t a = 0; a < n_group; a++) {
    const uint32_t *g = p + a * l->n;
    for (size_t k = 0; k < l->n_near; k++)
      ck_assert_int_eq(linked(l, g[l->near[k].i], g[l->near[k].j]), linked(l, l->near[k].i, l->near[k].j));
    for (size_t b = 0; b < n_group; b++) {
      int found = 0;
      for (size_t d = 0; d < n_group && !found; d++) {
        found = 1;
        for (size_t i = 0; i < l->n; i++) found &= p[d * l->n + i] == g[p[b * l->n + i]];
      }
      ck_assert(found);
    }
  }
  free(p);
}

START_TEST(groups) {
  com_ctx *c = test_ctx();
  nqs_lattice *l = make(c, "{\"type\":\"square\",\"lx\":4,\"ly\":4}");
  check_group(c, l, NQS_SYM_NONE, 1);
  check_group(c, l, NQS_SYM_TRANSLATION, 16);
  check_group(c, l, NQS_SYM_SPACE, 128);
  nqs_lattice_destroy(l);
  l = make(c, "{\"type\":\"chain\",\"n\":7}");
  check_group(c, l, NQS_SYM_SPACE, 14);
  nqs_lattice_destroy(l);
  l = make(c, "{\"type\":\"square\",\"lx\":2,\"ly\":2}"); /* reflections equal translations here */
  check_group(c, l, NQS_SYM_SPACE, 8);
  nqs_lattice_destroy(l);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(colours) {
  com_ctx *c = test_ctx();
  nqs_lattice *l = make(c, "{\"type\":\"square\",\"lx\":6,\"ly\":4}");
  int sum = 0;
  for (size_t k = 0; k < l->n_near; k++)
    ck_assert_int_eq(l->sublattice[l->near[k].i], -l->sublattice[l->near[k].j]);
  for (size_t k = 0; k < l->n_next; k++)
    ck_assert_int_eq(l->sublattice[l->next[k].i], l->sublattice[l->next[k].j]);
  for (size_t i = 0; i < l->n; i++) sum += l->sublattice[i];
  ck_assert_int_eq(sum, 0);
  nqs_lattice_destroy(l);
  com_ctx_destroy(c);
}
END_TEST

static void refused(com_ctx *c, const char *text, const char *part) {
  com_choice ch = nqs_choice(c, &nqs_lattice_kind, text);
  nqs_lattice *l = NULL;
  TEST_FAILS(c, COM_E_CONFIG, part, nqs_lattice_create(c, &ch, &l));
  ck_assert_ptr_null(l);
  com_field_choice_finish(&nqs_lattice_kind, &ch);
}

START_TEST(errors) {
  com_ctx *c = test_ctx();
  refused(c, "{\"type\":\"square\",\"lx\":1,\"ly\":1}", "at least two");
  refused(c, "{\"type\":\"edges\",\"n\":3,\"edges\":[]}", "non-empty");
  refused(c, "{\"type\":\"edges\",\"n\":3,\"edges\":[[0,1],[1,3]]}", "edges[1]");
  refused(c, "{\"type\":\"edges\",\"n\":3,\"edges\":[[0,0]]}", "edges[0]");
  refused(c, "{\"type\":\"edges\",\"n\":3,\"edges\":[[0,1.5]]}", "edges[0]");
  refused(c, "{\"type\":\"edges\",\"n\":3,\"edges\":[[0,1,2]]}", "edges[0]");
  nqs_lattice *l = make(c, "{\"type\":\"edges\",\"n\":3,\"edges\":[[0,1],[1,2]]}");
  size_t n;
  uint32_t *p = NULL;
  TEST_FAILS(c, COM_E_CONFIG, "no such symmetry", nqs_lattice_group(c, l, NQS_SYM_TRANSLATION, &n, &p));
  nqs_lattice_destroy(l);
  nqs_lattice_destroy(NULL);
  TEST_FAILS(c, COM_E_CONFIG, "missing", nqs_lattice_create(c, &(com_choice){0}, &l));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_lattice", counts, groups, colours, errors)
