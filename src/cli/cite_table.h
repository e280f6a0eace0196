/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cite_table.h  What the references of the component tables are called in full. */
#ifndef HOLOGRAD_CLI_CITE_TABLE_H
#define HOLOGRAD_CLI_CITE_TABLE_H

typedef struct cli_cite_entry {
  const char *mark; /**< a text that the reference of a component contains: an arXiv identifier, a name */
  const char *type, *key, *author, *title; /**< BibTeX: "article", ... */
  const char *journal, *volume, *pages;    /**< NULL: none; a book has its publisher in `journal` */
  int year, eprint;                        /**< eprint: `mark` is an arXiv identifier */
} cli_cite_entry;                          /* the table ends with {0} */

extern const cli_cite_entry cli_cite_table[];

#endif
