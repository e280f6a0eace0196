/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file response_state.h  A scan from the inside, for the files response*.c. */
#ifndef HOLOGRAD_NQS_RESPONSE_STATE_H
#define HOLOGRAD_NQS_RESPONSE_STATE_H
#include "nqs/response.h"
#include "nqs/response_measure.h"

enum { NQS_RESPONSE_VMC, NQS_RESPONSE_EXACT }; /* method */

struct nqs_response {
  com_ctx *ctx;
  char *file;
  cJSON *config; /* without blocks of other commands */
  nqs_config cfg;
  nqs_response_opts o;
  nqs_lattice *lattice;
  cJSON *source, *observable; /* explicit terms */
  char source_name[48], observable_name[48];
  size_t *order; /* [n] scan order */
  size_t next;   /* scan points finished */
  nqs_response_point *points;
  nqs_response_measure_bins *bins; /* [n] */
  nqs_driver *driver;              /* of the running point, NULL between points */
  nqs_response_point before;       /* the running point when it was last looked at */
  int rests;                       /* how often in a row it had not moved since */
  double *w;                       /* parameters that the last point ended with */
  size_t n_w;
};
#endif
