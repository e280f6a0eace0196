/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report_values.h
 *  The numbers of any result as parts of a page, found by their form alone: scalars with their errors become rows of one
 *  list, tables and whatever is a table in other clothes (rows of objects, columns of one length, objects of one form)
 *  become tables. */
#ifndef HOLOGRAD_CLI_REPORT_VALUES_H
#define HOLOGRAD_CLI_REPORT_VALUES_H
#include "common/json.h"
#include "common/text.h"

/** @param j result of a file, or a flat file  @param numbers [in,out] rows of a <table class="values">
 *  @param tables [in,out] tables of html.h */
com_status cli_report_values(com_ctx *c, const char *file, const cJSON *j, com_text *numbers,
                             com_text *tables);

#endif
