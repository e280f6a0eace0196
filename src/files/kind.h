/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file kind.h
 *  The kinds of files that the program and the library read and write: one row per kind, with the rows of its keys. */
#ifndef HOLOGRAD_FILES_KIND_H
#define HOLOGRAD_FILES_KIND_H
#include "common/field.h"
#include "common/shape.h"

typedef struct files_kind {
  const char *name;        /**< "train" of "holograd/train/1" */
  const char *doc;         /**< one line */
  const com_field *fields; /**< rows of a config or a dataset; NULL for what only commands write */
  const com_shape *shape;  /**< rows of what is written; NULL for configs */
  const char *
      config; /**< of a result: kind of its "config", "" = none; the keys of every result come before `shape` */
  int flat;   /**< an output without "result": its provenance comes before `shape` */
} files_kind;

const files_kind *files_kind_at(size_t i);           /**< NULL past the end */
const files_kind *files_kind_find(const char *name); /**< NULL: there is none */
#endif
