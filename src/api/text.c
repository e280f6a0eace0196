/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <holograd/common.h>
#include <stdlib.h>

void holograd_text_free(char *text) { free(text); }
