/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/status.h"
#include <stddef.h>
#include <string.h>

const char *com_status_text(com_status s) {
#define X(id, exit_code, text) text,
  static const char *const texts[] = {COM_STATUS_LIST(X)};
#undef X
  return (size_t)s < COM_STATUS_COUNT ? texts[s] : "unknown status";
}

int com_status_exit(com_status s) {
#define X(id, exit_code, text) exit_code,
  static const int codes[] = {COM_STATUS_LIST(X)};
#undef X
  return (size_t)s < COM_STATUS_COUNT ? codes[s] : 70; /* EX_SOFTWARE: our own bug */
}

#define X(id, text) text,
static const char *const stop_names[] = {COM_STOP_LIST(X)};
#undef X

const char *com_status_stop_name(com_stop s) {
  return (size_t)s < COM_STOP_COUNT ? stop_names[s] : "unknown";
}

int com_status_stop_parse(const char *name, com_stop *out) {
  for (size_t i = 0; name && i < COM_STOP_COUNT; i++)
    if (!strcmp(name, stop_names[i])) {
      *out = (com_stop)i;
      return 1;
    }
  return 0;
}
