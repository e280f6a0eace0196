/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A unit is a product of powers of base units, e.g. "MeV^3", "GeV fm", "fm^-1".  With hbar = c = 1 every energy or length is a power of
 * GeV: 1 fm = 1/ADS_UNITS_HBARC GeV^-1.  Laboratory units (T, muB, K, A/m) stand for themselves. */
enum { DIM_GEV, DIM_TESLA, DIM_MUB, DIM_KELVIN, N_DIM };

typedef struct unit_base {
  const char *name;
  double factor; /* in the reference unit of the dimension */
  int dim, power;
} unit_base;

static const unit_base bases[] = {
    {"eV", 1e-9, DIM_GEV, 1},  {"keV", 1e-6, DIM_GEV, 1},    {"MeV", 1e-3, DIM_GEV, 1},
    {"GeV", 1.0, DIM_GEV, 1},  {"TeV", 1e3, DIM_GEV, 1},     {"fm", 1.0 / ADS_UNITS_HBARC, DIM_GEV, -1},
    {"T", 1.0, DIM_TESLA, 1},  {"Tesla", 1.0, DIM_TESLA, 1}, {"mT", 1e-3, DIM_TESLA, 1},
    {"G", 1e-4, DIM_TESLA, 1}, {"muB", 1.0, DIM_MUB, 1},     {"K", 1.0, DIM_KELVIN, 1},
    {NULL, 0, 0, 0},
};

typedef struct unit {
  double factor;
  int power[N_DIM];
} unit;

static const unit_base *find_base(const char *s, size_t n) {
  for (const unit_base *b = bases; b->name; b++)
    if (strlen(b->name) == n && strncmp(b->name, s, n) == 0) return b;
  return NULL;
}

/* Grammar: "1" | term { [" " | "*" ] term };  term = NAME [ "^" integer ].  Returns 0 when not understood. */
static int parse(const char *s, unit *out) {
  memset(out, 0, sizeof *out);
  out->factor = 1;
  if (strcmp(s, "1") == 0 || *s == '\0') return 1;
  while (*s) {
    if (*s == ' ' || *s == '*') {
      s++;
      continue;
    }
    const size_t n = strcspn(s, " *^");
    const unit_base *b = find_base(s, n);
    if (!b) return 0;
    s += n;
    long e = 1;
    if (*s == '^') {
      char *end = NULL;
      e = strtol(s + 1, &end, 10);
      if (end == s + 1 || e < -12 || e > 12) return 0;
      s = end;
      if (*s && *s != ' ' && *s != '*') return 0;
    }
    out->factor *= pow(b->factor, (double)e);
    out->power[b->dim] += b->power * (int)e;
  }
  return 1;
}

com_status ads_units_factor(com_ctx *c, const char *where, const char *from, const char *to, double *factor) {
  unit a, b;
  COM_CHECK(
      c, parse(from, &a), COM_E_DATA,
      "%s = \"%s\": not a known unit; use powers of eV, keV, MeV, GeV, TeV, fm, T, mT, G, muB, K, or \"1\"",
      where, from);
  COM_CHECK(c, parse(to, &b), COM_E_DATA, "%s: cannot convert to \"%s\": not a known unit", where, to);
  COM_CHECK(c, memcmp(a.power, b.power, sizeof a.power) == 0, COM_E_DATA,
            "%s = \"%s\": has another dimension than the expected \"%s\"; convert the values, or give \"1\" "
            "to use them as "
            "they are",
            where, from, to);
  *factor = a.factor / b.factor;
  return COM_OK;
}
