/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file schema.h  The JSON schema (draft 2020-12) of a kind of file, made of its rows. */
#ifndef HOLOGRAD_FILES_SCHEMA_H
#define HOLOGRAD_FILES_SCHEMA_H
#include "common/json.h"

/** COM_E_USAGE, with the nearest name, when there is no such kind.  @param kind [in] NULL is none  @param out [out] caller frees */
com_status files_schema_make(com_ctx *c, const char *kind, cJSON **out);
#endif
