/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/ctx.h"
#include "common/build.h"

const char *holograd_version(void) { return com_build_info()->version; }

holograd_status holograd_version_build(char **text) {
  if (!text) return HOLOGRAD_E_USAGE;
  return (holograd_status)com_status_exit(holograd_ctx_text(NULL, com_build_json(), text));
}
