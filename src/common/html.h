/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file html.h
 *  Pieces of an HTML5 page that stands alone: one file without script, without references to anything outside, readable
 *  on a phone, in light and dark, and on paper.  All text is escaped; XML-well-formed as well. */
#ifndef HOLOGRAD_COMMON_HTML_H
#define HOLOGRAD_COMMON_HTML_H
#include "common/table.h"
#include "common/text.h"

void com_html_open(com_text *out, const char *title);         /**< up to and with <main><h1>title</h1> */
void com_html_close(com_text *out);                           /**< </main> to </html> */
void com_html_escape(com_text *out, const char *s, size_t n); /**< for text and attributes; keeps line ends */
void com_html_text(com_text *out, const char *s);             /**< com_html_escape of a whole string */
void com_html_label(com_text *out, const char *s);            /**< with ^{..} and _{..} as in svg_label.h */
void com_html_section(com_text *out, const char *id,
                      const char *title); /**< ends with </section> by the caller */
/** A number as people read it: six digits; with an error, as many as two digits of the error leave: "0.638 ± 0.012". */
void com_html_number(com_text *out, double v, double err);
/** A block of literal text, closed behind a summary when that is not NULL. */
void com_html_pre(com_text *out, const char *summary, const char *s);
/** A table with caption and column heads.  More than FEW rows are closed behind their caption; more than MANY are cut
 *  short, which is said. */
enum { COM_HTML_FEW = 24, COM_HTML_MANY = 400 };
void com_html_table(com_text *out, const char *caption, const com_table *t);

#endif
