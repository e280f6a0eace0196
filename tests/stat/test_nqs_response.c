/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A response scan where it is hard: the critical ring, N = 12, h = 1, down to hz = 0.01, with the settings of examples/50_boundary_ising.
 * Every magnetisation within three of its errors of diagonalisation, which the scan does not look at, and every error below 2e-3. */
#include "nqs/response.h"
#include "../test.h"

static nqs_response *scan(com_ctx *c) {
  static const char file[] = "examples/50_boundary_ising/boundary.json",
                    model[] = "{\"type\":\"tfim\",\"J\":1,\"h\":1}",
                    block[] = "{\"source\":\"Z\",\"values\":[0.01,0.03,0.1,0.3,1],\"target_error\":0.0015}";
  cJSON *j = NULL, *response = NULL, *hamiltonian = NULL;
  nqs_response *r = NULL;
  TEST_OK(c, com_json_load(c, file, &j));
  TEST_OK(c, com_json_parse(c, "test", block, sizeof block - 1, &response));
  TEST_OK(c, com_json_add(c, j, "response", response));
  TEST_OK(c, com_json_parse(c, "test", model, sizeof model - 1, &hamiltonian));
  TEST_OK(c, com_json_add(c, j, "hamiltonian", hamiltonian));
  TEST_OK(c, nqs_response_create(c, file, j, &r));
  com_json_free(j);
  while (!nqs_response_done(r)) TEST_OK(c, nqs_response_iterate(r));
  return r;
}

START_TEST(critical_ring) {
  com_ctx *c = test_ctx();
  nqs_response *r = scan(c);
  double chi2 = 0;
  for (size_t k = 0; k < nqs_response_n(r); k++) {
    const nqs_response_point *p = nqs_response_points(r) + k;
    const double pull = (p->mean - p->exact) / p->error;
    ck_assert_msg(!p->off && fabs(pull) < 3 && p->error < 2e-3, "hz = %g: %.5f +- %.2g, exact %.5f", p->value,
                  p->mean, p->error, p->exact);
    chi2 += pull * pull;
  }
  ck_assert_msg(chi2 < 15.1, "chi2 = %g of 5 points", chi2); /* 1 % */
  nqs_response_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_response_stat", critical_ring)
