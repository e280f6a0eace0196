/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file field_help.h  The words that messages, help and schema share.  Private to field*.c. */
#ifndef HOLOGRAD_COMMON_FIELD_HELP_H
#define HOLOGRAD_COMMON_FIELD_HELP_H
#include "common/field.h"

int com_field_help_ranged(const com_field *f);               /**< does the row restrict its numbers? */
void com_field_help_range(const com_field *f, char out[80]); /**< "lie in (1e-14, 0.1]", "be >= 1", "" */
void com_field_help_default(const com_field *f,
                            char out[80]); /**< "1e-08", "\"euler_old\"", "" when there is none */

#endif
