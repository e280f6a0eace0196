/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file lattice_data.h
 *  Lattice potentials to lay under a prediction, schema holograd/lattice/1: points of F(r, T) at several temperatures, or the Cornell form
 *  V = A/r + B r + C of a T = 0 fit.  r in fm, V in GeV. */
#ifndef HOLOGRAD_ADS_LATTICE_DATA_H
#define HOLOGRAD_ADS_LATTICE_DATA_H
#include "common/field.h"

typedef struct ads_lattice_data_curve {
  double T;
  size_t n;
  double *r, *V;
  double plateau;
} ads_lattice_data_curve; /**< plateau NAN: not known */
typedef struct ads_lattice_data {
  char *name;
  double r_error, V_error; /**< NAN: not given */
  size_t n;
  ads_lattice_data_curve *curve;
  int has_cornell;
  double A, B, C, A_error, B_error, C_error, sigma; /**< GeV fm, GeV/fm, GeV; GeV^2 */
} ads_lattice_data;

/** @param files path (relative to base), object, or array of these; NULL = none  @param inlined [out] array of objects, for the config
 *  of a result  @param out, n [out] ads_lattice_data_free */
com_status ads_lattice_data_load(com_ctx *c, const char *base, const cJSON *files, size_t *n,
                                 ads_lattice_data **out, cJSON **inlined);
void ads_lattice_data_free(size_t n, ads_lattice_data *d);
/** COM_E_CONFIG unless j is such a file. @param name of the file, for the message */
com_status ads_lattice_data_expect(com_ctx *c, const char *name, const cJSON *j);
/** Which part of a lattice file a dataset takes; NAN: not given. */
typedef struct ads_lattice_data_range {
  double T, from, to; /**< GeV, fm */
  size_t points;      /**< of a Cornell form */
} ads_lattice_data_range;
/** A dataset of kind potential from a lattice file: the points of the curve at T (T may be left out when there is one curve only), with errors
 *  sqrt(V_error^2 + (dV/dr r_error)^2), dV/dr of the neighbouring points; without curves the Cornell form.  @param out [out] */
com_status ads_lattice_data_dataset(com_ctx *c, const char *name, const cJSON *j,
                                    const ads_lattice_data_range *range, cJSON **out);
/** The curve whose temperature is nearest to T [GeV]; NULL when there is none with points or a plateau. */
const ads_lattice_data_curve *ads_lattice_data_nearest(size_t n, const ads_lattice_data *d, double T);
#endif
