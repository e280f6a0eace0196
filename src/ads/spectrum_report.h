/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file spectrum_report.h  The whole of the command `spectrum`: masses of a background, or a background from masses. */
#ifndef HOLOGRAD_ADS_SPECTRUM_REPORT_H
#define HOLOGRAD_ADS_SPECTRUM_REPORT_H
#include "ads/trainer.h"
#include "common/svg.h"

typedef struct ads_spectrum_report ads_spectrum_report;
/** @param j [in] a background file of type conformal; its block "spectrum" holds the settings; or a spectrum, which is made again */
com_status ads_spectrum_report_create(com_ctx *c, const char *file, const cJSON *j,
                                      ads_spectrum_report **out);
void ads_spectrum_report_destroy(ads_spectrum_report *r);
/** The trainings that the settings ask for, none when 0; the caller runs them.  [n], borrowed */
size_t ads_spectrum_report_n_trainers(const ads_spectrum_report *r);
ads_trainer *const *ads_spectrum_report_trainers(const ads_spectrum_report *r);
/** The settings in full with the masses inline: they run again. @param out [out] */
com_status ads_spectrum_report_config(const ads_spectrum_report *r, cJSON **out);
/** The holograd/spectrum/1 document, with result.background the (trained) background, once its trainers have stopped. @param doc [out] */
com_status ads_spectrum_report_finish(ads_spectrum_report *r, cJSON **doc);
com_status ads_spectrum_report_plot(com_ctx *c, const cJSON *doc, com_svg **out);
/** Of a holograd/masses/1 document: the levels of every sector that `spectrum` knows. */
com_status ads_spectrum_report_plot_masses(com_ctx *c, const char *file, const cJSON *doc, com_svg **out);
com_status ads_spectrum_report_words(com_ctx *c, const cJSON *doc, char **out);
#endif
