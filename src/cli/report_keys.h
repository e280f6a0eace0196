/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report_keys.h  What the keys of results are called in a page for people, and what they mean. */
#ifndef HOLOGRAD_CLI_REPORT_KEYS_H
#define HOLOGRAD_CLI_REPORT_KEYS_H

typedef struct cli_report_key {
  const char *path;    /**< "screening.d_fm" inside the result; "*.rhat" at any depth */
  const char *label;   /**< markup of svg_label.h */
  const char *meaning; /**< half a sentence, NULL when the label says it all */
} cli_report_key;

/** The first entry that stands for `path`; NULL when there is none. */
const cli_report_key *cli_report_keys_find(const char *path);

#endif
