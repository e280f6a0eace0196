/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file field.h
 *  The field table: the only description of an option.  Parsing, defaults, ranges, --help, JSON schema, man page and
 *  the resolved configuration are all derived from one row.  A component is chosen by "type" from a registry ("kind");
 *  its options are its own rows plus the rows shared by all components of the kind. */
#ifndef HOLOGRAD_COMMON_FIELD_H
#define HOLOGRAD_COMMON_FIELD_H
#include "common/json.h"

typedef enum com_ftype {
  COM_F_INT,     /**< int */
  COM_F_REAL,    /**< double; default NAN = "not given" (then not written back) */
  COM_F_BOOL,    /**< int 0/1 */
  COM_F_STRING,  /**< char*, heap, NULL = not given */
  COM_F_ENUM,    /**< int index into aux = const char *const names[] (NULL-terminated); sdef = default name */
  COM_F_REALS,   /**< com_reals; lo, hi bound each entry */
  COM_F_STRINGS, /**< com_strings */
  COM_F_SEED,    /**< com_seed: string of digits or integer */
  COM_F_OBJECT,  /**< nested struct at off; aux = its const com_field[] */
  COM_F_COMPONENT,  /**< com_choice; aux = const com_kind*; sdef = default type name or NULL */
  COM_F_COMPONENTS, /**< com_choices: array of components of kind aux */
  COM_F_RAW /**< cJSON*, heap copy, any JSON (e.g. inline dataset or path); aux = rows that whoever reads it will
                         read it with, for the schema; NULL = unknown */
} com_ftype;

enum {
  COM_FF_REQUIRED = 1,
  COM_FF_LO_OPEN = 2,
  COM_FF_HI_OPEN = 4, /* ranges are closed unless said */
  COM_FF_FILE = 8,    /* RAW: the name of a file that holds it will do, too */
  COM_FF_PRESET = 16  /* ENUM: a tier of settings; aux = const com_presets */
};

typedef struct com_field {
  const char *key, *doc, *unit;
  com_ftype type;
  size_t off;         /**< offsetof in the options struct */
  double def, lo, hi; /**< lo == hi == 0: no range */
  const void *aux;    /**< see com_ftype */
  const char *sdef;   /**< default of STRING and ENUM and COMPONENT; may be NULL */
  unsigned flags;
} com_field; /* a table ends with {0} */

/** Named tiers of settings, "quick" to "reference": what a tier says holds where the file says nothing. */
typedef struct com_preset {
  const char *preset; /**< "quick" */
  const char
      *path; /**< "restarts", or "flow.rel_tol": a key of the table, or of the component or block there */
  const char *type;  /**< only when that component is of this type; NULL: always */
  const char *value; /**< JSON */
} com_preset;        /* a table ends with {0} */
typedef struct com_presets {
  const char *const names[4]; /**< NULL-terminated; first, so that it serves as the aux of an ENUM */
  const com_preset *rows;
} com_presets;

/** The head of every component table: name, doc, paper reference, own options.  Must be the first member ("c"). */
typedef struct com_component {
  const char *name, *doc, *ref;
  const com_field *fields; /**< own rows, NULL = none */
  size_t opt_size;         /**< size of its options struct, 0 = none */
} com_component;

/** A registry: "metric" -> NULL-terminated array of component tables. */
typedef struct com_kind {
  const char *name, *plural, *doc;
  const com_component *const *(*all)(void);
  const com_field *shared; /**< rows that every component of the kind accepts, NULL = none */
  size_t shared_size;
} com_kind;

typedef struct com_reals {
  size_t n;
  double *v;
} com_reals;
typedef struct com_strings {
  size_t n;
  char **v;
} com_strings;
typedef struct com_seed {
  int given;
  unsigned long long value;
} com_seed;
typedef struct com_choice {
  const com_component *type; /**< NULL = not given and no default */
  void *opts;                /**< type->opt_size bytes, filled from type->fields */
  void *shared;              /**< kind->shared_size bytes */
} com_choice;
typedef struct com_choices {
  size_t n;
  com_choice *v;
} com_choices;

/** Fill defaults.  obj need not be initialised before. */
com_status com_field_init(com_ctx *c, const com_field *f, void *obj);
/** Defaults, then the members of `in` (NULL = none).  Unknown keys ("#..." excepted), wrong types and ranges are
 *  `code` (COM_E_CONFIG for configs, COM_E_DATA for datasets) with the nearest known name.  On failure obj is finished.
 *  @param file, path for messages: "run.json", "metric" (path "" at the root) */
com_status com_field_read(com_ctx *c, com_status code, const com_field *f, const char *file, const char *path,
                          const cJSON *in, void *obj);
size_t com_field_size(const com_field *f); /**< bytes of the struct that the rows of a table fill */
/** The value that the preset of `in` (NULL: none) gives to a path that `in` leaves open; NULL when it gives none. */
const com_preset *com_field_preset(const com_field *f, const cJSON *in, const char *path);
com_status com_field_write(com_ctx *c, const com_field *f, const void *obj,
                           cJSON *out);               /**< adds resolved values */
void com_field_finish(const com_field *f, void *obj); /**< frees what read made; zeroes */
com_status com_field_copy(com_ctx *c, const com_field *f, const void *from, void *to);

/** One component: {"type":"pole_poly", ...}.  @param out [out] com_field_choice_finish it */
com_status com_field_choice_read(com_ctx *c, com_status code, const com_kind *k, const char *file,
                                 const char *path, const cJSON *in, com_choice *out);
com_status com_field_choice_write(com_ctx *c, const com_kind *k, const com_choice *ch, cJSON **out);
void com_field_choice_finish(const com_kind *k, com_choice *ch);
const com_component *com_field_find(const com_kind *k, const char *name); /**< NULL when unknown */
/** Nearest name by edit distance among NULL-terminated names, NULL when nothing is near. */
const char *com_field_nearest(const char *word, const char *const *names);

/** "  key  TYPE  doc [unit] (default, range)" lines, recursively for OBJECT rows. Text is appended to a heap string. */
com_status com_field_help(com_ctx *c, const com_field *f, char **text);
/** JSON schema (draft 2020-12) of an object with these rows; additionalProperties false, "^#" pattern allowed. */
cJSON *com_field_schema(const com_field *f);
cJSON *com_field_kind_schema(const com_kind *k); /**< oneOf over the components */

#endif
