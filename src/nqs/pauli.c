/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/pauli.h"
#include <stdlib.h>
#include <string.h>

/* One string before grouping: sorted distinct sites with letters 1 X, 2 Y, 3 Z. */
typedef struct string {
  double coef;
  size_t n;
  uint32_t *site;
  unsigned char *letter;
} string;

typedef struct terms { /* sum_t coef[t] prod_{k in z[first[t]..first[t+1])} s_k */
  size_t n;
  double complex *coef;
  size_t *first;
  uint32_t *z;
} terms;

struct nqs_pauli {
  size_t n_sites, n, cap;
  string *strings;
  int conserves;
  double trace;
  size_t n_groups,
      flip_sites; /* after close: group g flips flip[flip_first[g]..) and owns terms term_first[g].. */
  size_t *flip_first, *term_first;
  uint32_t *flip;
  terms off, diag;
};

com_status nqs_pauli_create(com_ctx *c, size_t n_sites, nqs_pauli **out) {
  nqs_pauli *p;
  COM_ALLOC(c, p = calloc(1, sizeof *p));
  p->n_sites = n_sites;
  *out = p;
  return COM_OK;
}

static void free_terms(terms *t) {
  free(t->coef);
  free(t->first);
  free(t->z);
}

void nqs_pauli_destroy(nqs_pauli *p) {
  if (!p) return;
  for (size_t k = 0; k < p->n; k++) {
    free(p->strings[k].site);
    free(p->strings[k].letter);
  }
  free(p->strings);
  free(p->flip_first);
  free(p->term_first);
  free(p->flip);
  free_terms(&p->off);
  free_terms(&p->diag);
  free(p);
}

static com_status grow(com_ctx *c, nqs_pauli *p) {
  if (p->n < p->cap) return COM_OK;
  const size_t cap = p->cap ? 2 * p->cap : 64;
  string *s;
  COM_ALLOC(c, s = realloc(p->strings, cap * sizeof *s));
  p->strings = s, p->cap = cap;
  return COM_OK;
}

/* A letter at a site that has none yet; sites stay sorted. */
static void insert(string *s, uint32_t site, unsigned char letter) {
  size_t k = s->n++;
  for (; k > 0 && s->site[k - 1] > site; k--) s->site[k] = s->site[k - 1], s->letter[k] = s->letter[k - 1];
  s->site[k] = site, s->letter[k] = letter;
}

com_status nqs_pauli_add(com_ctx *c, nqs_pauli *p, double coefficient, const char *letters,
                         const size_t *sites) {
  const size_t len = strlen(letters);
  for (size_t k = 0; k < len; k++) {
    COM_CHECK(c, strchr("IXYZ", letters[k]), COM_E_CONFIG,
              "Pauli string '%s': letter '%c': must be one of I, X, Y, Z", letters, letters[k]);
    COM_CHECK(c, sites[k] < p->n_sites, COM_E_CONFIG, "Pauli string '%s': site %zu: must be in 0..%zu",
              letters, sites[k], p->n_sites - 1);
    for (size_t i = 0; i < k; i++)
      COM_CHECK(c, sites[i] != sites[k], COM_E_CONFIG,
                "Pauli string '%s': site %zu stands twice: each site at most once; multiply its letters out "
                "(XX = 1, XY = iZ)",
                letters, sites[k]);
  }
  COM_TRY(grow(c, p));
  string s = {.coef = coefficient, .site = malloc((len + 1) * sizeof *s.site), .letter = malloc(len + 1)};
  if (!s.site || !s.letter) {
    free(s.site);
    free(s.letter);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  for (size_t k = 0; k < len; k++)
    if (letters[k] != 'I') insert(&s, (uint32_t)sites[k], (unsigned char)(letters[k] - 'X' + 1));
  p->strings[p->n++] = s;
  return COM_OK;
}

void nqs_pauli_rotate(nqs_pauli *p, const int8_t *sublattice) {
  for (size_t t = 0; t < p->n; t++) {
    string *s = p->strings + t;
    for (size_t k = 0; k < s->n; k++)
      if (s->letter[k] != 3 && sublattice[s->site[k]] > 0) s->coef = -s->coef;
  }
}

/* Order by flip set (sites with X or Y), then by the whole string, so that equal strings are neighbours. */
static int compare_flips(const string *a, const string *b) {
  size_t i = 0, j = 0;
  for (;;) {
    while (i < a->n && a->letter[i] == 3) i++;
    while (j < b->n && b->letter[j] == 3) j++;
    if (i == a->n || j == b->n) return (i < a->n) - (j < b->n);
    if (a->site[i] != b->site[j]) return a->site[i] < b->site[j] ? -1 : 1;
    i++, j++;
  }
}

static int compare(const void *x, const void *y) {
  const string *a = x, *b = y;
  const int flips = compare_flips(a, b);
  if (flips) return flips;
  if (a->n != b->n) return a->n < b->n ? -1 : 1;
  if (a->n == 0) return 0; /* the identity has no arrays */
  const int sites = memcmp(a->site, b->site, a->n * sizeof *a->site);
  return sites ? sites : memcmp(a->letter, b->letter, a->n);
}

/* Sort, add up equal strings, drop vanishing ones. */
static void merge(nqs_pauli *p) {
  if (p->n == 0) return;
  qsort(p->strings, p->n, sizeof *p->strings, compare);
  size_t m = 0;
  for (size_t t = 0; t < p->n; t++) {
    if (m > 0 && compare(p->strings + m - 1, p->strings + t) == 0) {
      p->strings[m - 1].coef += p->strings[t].coef;
      free(p->strings[t].site);
      free(p->strings[t].letter);
    } else {
      p->strings[m++] = p->strings[t];
    }
  }
  p->n = m;
}

static com_status alloc_terms(com_ctx *c, size_t n, size_t letters, terms *t) {
  COM_ALLOC(c, t->coef = malloc((n + 1) * sizeof *t->coef));
  COM_ALLOC(c, t->first = calloc(n + 2, sizeof *t->first));
  COM_ALLOC(c, t->z = malloc((letters + 1) * sizeof *t->z));
  return COM_OK;
}

/* X -> flip;  Y -> flip and -i s;  Z -> s. */
static void push_term(terms *t, const string *s) {
  double complex coef = s->coef;
  size_t at = t->first[t->n];
  for (size_t k = 0; k < s->n; k++) {
    if (s->letter[k] == 2) coef *= -I;
    if (s->letter[k] != 1) t->z[at++] = s->site[k];
  }
  t->coef[t->n++] = coef;
  t->first[t->n] = at;
}

static int has_flip(const string *s) {
  for (size_t k = 0; k < s->n; k++)
    if (s->letter[k] != 3) return 1;
  return 0;
}

static double complex term_sum(const terms *t, size_t from, size_t to, const int8_t *s) {
  double complex sum = 0;
  for (size_t k = from; k < to; k++) {
    int sign = 1;
    for (size_t z = t->first[k]; z < t->first[k + 1]; z++) sign *= s[t->z[z]];
    sum += t->coef[k] * sign;
  }
  return sum;
}

/* [H, sum Z] = 0 iff for every flip set  P(s) sum_{k in flips} s_k = 0  as a polynomial.  The product is expanded: each
 * term times s_k toggles k in its z set; the terms of one product must cancel in total. Compared as sorted site lists. */
typedef struct mono {
  double complex coef;
  size_t n;
  uint32_t *z;
} mono;
static int compare_mono(const void *x, const void *y) {
  const mono *a = x, *b = y;
  if (a->n != b->n) return a->n < b->n ? -1 : 1;
  for (size_t k = 0; k < a->n; k++)
    if (a->z[k] != b->z[k]) return a->z[k] < b->z[k] ? -1 : 1;
  return 0;
}

static void toggle(mono *m, uint32_t site) {
  size_t k = 0;
  while (k < m->n && m->z[k] < site) k++;
  if (k < m->n && m->z[k] == site) {
    m->n--;
    memmove(m->z + k, m->z + k + 1, (m->n - k) * sizeof *m->z);
  } else {
    memmove(m->z + k + 1, m->z + k, (m->n - k) * sizeof *m->z);
    m->z[k] = site, m->n++;
  }
}

static com_status group_conserves(com_ctx *c, const nqs_pauli *p, size_t g, int *yes) {
  const size_t nf = p->flip_first[g + 1] - p->flip_first[g], t0 = p->term_first[g], t1 = p->term_first[g + 1];
  const size_t n = nf * (t1 - t0), len = p->n_sites + 1;
  mono *m = calloc(n, sizeof *m);
  uint32_t *z = malloc(n * len * sizeof *z);
  com_status status = m && z ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < n && !status; k++) {
    const size_t t = t0 + k / nf;
    m[k] = (mono){p->off.coef[t], p->off.first[t + 1] - p->off.first[t], z + k * len};
    memcpy(m[k].z, p->off.z + p->off.first[t], m[k].n * sizeof *z);
    toggle(m + k, p->flip[p->flip_first[g] + k % nf]);
  }
  if (!status) {
    qsort(m, n, sizeof *m, compare_mono);
    for (size_t k = 0; k < n;) {
      double complex sum = 0;
      double size = 0;
      size_t e = k;
      for (; e < n && !compare_mono(m + k, m + e); e++) sum += m[e].coef, size += cabs(m[e].coef);
      if (cabs(sum) > 1e-14 * size) *yes = 0; /* rounding of sums like c - c */
      k = e;
    }
  }
  free(m);
  free(z);
  return status;
}

static com_status group(com_ctx *c, nqs_pauli *p, size_t letters) {
  COM_ALLOC(c, p->flip_first = calloc(p->n + 2, sizeof *p->flip_first));
  COM_ALLOC(c, p->term_first = calloc(p->n + 2, sizeof *p->term_first));
  COM_ALLOC(c, p->flip = malloc((letters + 1) * sizeof *p->flip));
  COM_TRY(alloc_terms(c, p->n, letters, &p->off));
  COM_TRY(alloc_terms(c, p->n, letters, &p->diag));
  const string *last = NULL;
  for (size_t t = 0; t < p->n; t++) {
    const string *s = p->strings + t;
    if (s->coef == 0) continue;
    if (s->n == 0) p->trace += s->coef;
    if (!has_flip(s)) {
      push_term(&p->diag, s);
      continue;
    }
    if (!last || compare_flips(last, s)) {
      const size_t g = p->n_groups++;
      p->flip_first[g + 1] = p->flip_first[g];
      for (size_t k = 0; k < s->n; k++)
        if (s->letter[k] != 3) p->flip[p->flip_first[g + 1]++] = s->site[k];
    }
    push_term(&p->off, s);
    p->term_first[p->n_groups] = p->off.n;
    last = s;
  }
  p->flip_sites = p->flip_first[p->n_groups];
  return COM_OK;
}

com_status nqs_pauli_close(com_ctx *c, nqs_pauli *p) {
  size_t letters = 0;
  merge(p);
  for (size_t t = 0; t < p->n; t++) letters += p->strings[t].n;
  p->conserves = 1;
  COM_TRY(group(c, p, letters));
  for (size_t g = 0; g < p->n_groups && p->conserves; g++) COM_TRY(group_conserves(c, p, g, &p->conserves));
  return COM_OK;
}

int nqs_pauli_conserves(const nqs_pauli *p) { return p->conserves; }
double nqs_pauli_trace(const nqs_pauli *p) { return p->trace; }
size_t nqs_pauli_groups(const nqs_pauli *p) { return p->n_groups; }
size_t nqs_pauli_flip_sites(const nqs_pauli *p) { return p->flip_sites; }

void nqs_pauli_connected(const nqs_pauli *p, size_t n, const int8_t *s, double complex *diag, nqs_moves *m,
                         double complex *mel) {
  for (size_t conf = 0; conf < n; conf++, s += p->n_sites) {
    diag[conf] = term_sum(&p->diag, 0, p->diag.n, s);
    for (size_t g = 0; g < p->n_groups; g++) {
      const double complex h = term_sum(&p->off, p->term_first[g], p->term_first[g + 1], s);
      if (h == 0) continue;
      mel[m->n] = h;
      for (size_t k = p->flip_first[g]; k < p->flip_first[g + 1]; k++)
        nqs_moves_site(m, p->flip[k], -s[p->flip[k]]);
      nqs_moves_close(m, (uint32_t)conf);
    }
  }
}
