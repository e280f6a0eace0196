/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Excited states as ground states of symmetry sectors, against free fermions. */
#include <stdio.h>
#include "../test.h"
#include "nqs/driver.h"

/* Critical TFI ring, odd under the spin flip, momentum 2 pi m/N: one fermion above the odd vacuum,
 * E = -2 cot(pi/2N) + 4 sin(pi m/N) (Pfeuty, Ann. Phys. 57, 79 (1970)). */
START_TEST(excitations_of_the_critical_ring) {
  enum { N = 8 };
  for (int m = 0; m <= 2; m++) {
    com_ctx *c = test_ctx();
    nqs_driver *d = NULL;
    cJSON *j = NULL;
    char text[400];
    const int len = snprintf(
        text, sizeof text,
        "{\"lattice\":{\"type\":\"chain\",\"n\":%d},\"hamiltonian\":{\"type\":\"tfim\"},"
        "\"ansatz\":{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\"},\"spin_flip\":-1,\"kx\":%d},"
        "\"sampler\":{\"type\":\"sum\"},\"iterations\":120}",
        (int)N, m);
    TEST_OK(c, com_json_parse(c, "test", text, (size_t)len, &j));
    TEST_OK(c, nqs_driver_create(c, "test", j, &d));
    com_json_free(j);
    while (!nqs_driver_stop(d)) TEST_OK(c, nqs_driver_iterate(d));
    TEST_OK(c, nqs_driver_measure(d));
    const double want = -2 / tan(M_PI / (2 * N)) + 4 * sin(M_PI * m / N), got = nqs_driver_measured(d)->mean;
    ck_assert_msg(got > want - 1e-9 && got - want < 1e-3, "momentum %d: %.6f, exact %.6f", m, got, want);
    nqs_driver_destroy(d);
    com_ctx_destroy(c);
  }
}
END_TEST

TEST_MAIN("nqs_sectors", excitations_of_the_critical_ring)
