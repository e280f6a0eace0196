/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file checkpoint.h
 *  Checkpoints: JSON {"schema":"holograd/checkpoint/1","kind":"train","sha256":...,"state":{...}} written atomically over
 *  the previous one; a kill at any moment leaves a readable file. */
#ifndef HOLOGRAD_COMMON_CHECKPOINT_H
#define HOLOGRAD_COMMON_CHECKPOINT_H
#include "common/json.h"
com_status com_checkpoint_save(com_ctx *c, const char *path, const char *kind,
                               const cJSON *state); /**< state [in] */
com_status com_checkpoint_load(com_ctx *c, const char *path, const char *kind,
                               cJSON **state); /**< checks schema, kind, hash */
#endif
