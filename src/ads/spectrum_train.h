/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file spectrum_train.h
 *  The trainings of the command `spectrum`: of the file's own profile (option train) and of the other profiles it names, each with a
 *  trainer of its own.  The caller runs the trainers. */
#ifndef HOLOGRAD_ADS_SPECTRUM_TRAIN_H
#define HOLOGRAD_ADS_SPECTRUM_TRAIN_H
#include "ads/obs_spectrum.h"
#include "ads/trainer.h"

typedef struct ads_spectrum_train ads_spectrum_train;
/** @param o, data, own [keep] settings, measured masses, the file's profile */
com_status ads_spectrum_train_create(com_ctx *c, const char *file, const ads_obs_spectrum_opts *o,
                                     const ads_obs_spectrum_data *data, const ads_profile *own,
                                     ads_spectrum_train **out);
void ads_spectrum_train_destroy(ads_spectrum_train *t);
size_t ads_spectrum_train_n(const ads_spectrum_train *t);
ads_trainer *const *ads_spectrum_train_trainers(const ads_spectrum_train *t); /**< [n], borrowed */
/** What the training of the file's own profile says of itself, into `result`. @param own [out] the trained profile; as it was when the
 *  option train is off */
com_status ads_spectrum_train_result(ads_spectrum_train *t, cJSON *result, ads_profile *own);
/** One row for each profile of spectrum.profiles, with the next masses that follow. @param out table to fill */
com_status ads_spectrum_train_compare(ads_spectrum_train *t, com_table *out);
#endif
