/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sha256.h  FIPS 180-4, for provenance and stream keys. */
#ifndef HOLOGRAD_COMMON_SHA256_H
#define HOLOGRAD_COMMON_SHA256_H
#include <stddef.h>
void com_sha256_raw(const void *data, size_t n, unsigned char out[32]);
void com_sha256_hex(const void *data, size_t n, char hex[65]);
#endif
