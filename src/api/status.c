/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <holograd/common.h>
#include "common/status.h"

/* The public lists repeat the internal ones, so that a user's header needs none of ours; here they are held together. */
_Static_assert((int)HOLOGRAD_STOP_INTERRUPTED == (int)COM_STOP_INTERRUPTED &&
                   (int)HOLOGRAD_STOP_STALLED == (int)COM_STOP_STALLED &&
                   (int)HOLOGRAD_STOP_INTERRUPTED + 1 == (int)COM_STOP_COUNT,
               "holograd_stop and com_stop");

const char *holograd_status_text(holograd_status s) {
  for (int i = 0; i < COM_STATUS_COUNT; i++)
    if (com_status_exit((com_status)i) == (int)s) return com_status_text((com_status)i);
  return "no such status";
}

const char *holograd_status_stop_name(holograd_stop why) {
  return (int)why >= 0 && (int)why < COM_STOP_COUNT ? com_status_stop_name((com_stop)why) : "no such reason";
}
