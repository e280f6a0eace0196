/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/units.h"
#include "../test.h"

static void factor_is(const char *from, const char *to, double want) {
  com_ctx *c = test_ctx();
  double f = 0;
  TEST_OK(c, ads_units_factor(c, "x", from, to, &f));
  TEST_NEAR(f / want, 1.0, 1e-14);
  com_ctx_destroy(c);
}

START_TEST(energies_and_lengths) {
  factor_is("MeV", "GeV", 1e-3);
  factor_is("MeV^3", "GeV^3", 1e-9);
  factor_is("GeV^3", "MeV^3", 1e9);
  factor_is("fm", "GeV^-1", 1 / 0.1973269804);
  factor_is("fm^-1", "GeV", 0.1973269804);
  factor_is("fm^-3", "MeV^3", 197.3269804 * 197.3269804 * 197.3269804);
  factor_is("GeV fm", "1", 1 / 0.1973269804);
  factor_is("GeV*fm", "1", 1 / 0.1973269804);
  factor_is("mT", "T", 1e-3);
  factor_is("G", "T", 1e-4);
  factor_is("1", "1", 1);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  double f = 0;
  TEST_FAILS(c, COM_E_DATA, "not a known unit", ads_units_factor(c, "x.unit", "furlong", "GeV", &f));
  TEST_FAILS(c, COM_E_DATA, "another dimension", ads_units_factor(c, "x.unit", "GeV^2", "GeV^3", &f));
  TEST_FAILS(c, COM_E_DATA, "another dimension", ads_units_factor(c, "x.unit", "T", "GeV", &f));
  TEST_FAILS(c, COM_E_DATA, "not a known unit", ads_units_factor(c, "x.unit", "GeV^", "GeV", &f));
  TEST_FAILS(c, COM_E_DATA, "not a known unit", ads_units_factor(c, "x.unit", "GeV^99", "GeV", &f));
  TEST_FAILS(c, COM_E_DATA, "not a known unit", ads_units_factor(c, "x.unit", "GeV^3x", "GeV", &f));
  TEST_FAILS(c, COM_E_DATA, "x.unit", ads_units_factor(c, "x.unit", "GeV", "parsec", &f));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("units", energies_and_lengths, refusals)
