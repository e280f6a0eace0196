/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cite.h  What a file rests on, as BibTeX. */
#ifndef HOLOGRAD_CLI_CITE_H
#define HOLOGRAD_CLI_CITE_H
#include "common/json.h"
#include "common/text.h"

/** Entries of the program, of every component that `j` names and of its datasets, each once. */
void cli_cite(const cJSON *j, com_text *out);

#endif
