/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/bulk.h"

static const com_field shared_fields[] = {
    {"train", "names of the couplings that are trained", NULL, COM_F_STRINGS,
     offsetof(ads_bulk_shared, train), 0, 0, 0, NULL, NULL, 0},
    {"coordinates", "couplings are optimised as logarithms, as they are, or as the loss prefers", NULL,
     COM_F_ENUM, offsetof(ads_bulk_shared, coordinates), 0, 0, 0, ads_trainable_coordinates, "auto", 0},
    {0}};

#define ADS_BULK(name) extern const ads_bulk_ops ads_bulk_##name;
#include "ads/bulk_list.h"
#undef ADS_BULK
#define ADS_BULK(name) &ads_bulk_##name.c,
static const com_component *const registry[] = {
#include "ads/bulk_list.h"
    NULL};
#undef ADS_BULK

static const com_component *const *all(void) { return registry; }

const com_kind ads_bulk_kind = {.name = "bulk",
                                .plural = "bulks",
                                .doc = "bulk equations of motion",
                                .all = all,
                                .shared = shared_fields,
                                .shared_size = sizeof(ads_bulk_shared)};

com_status ads_bulk_bind(com_ctx *c, const com_choice *ch, ads_bulk *out) {
  COM_CHECK(c, ch->type, COM_E_CONFIG, "bulk: missing; give one, e.g. {\"type\":\"scalar_phi4\"}");
  *out = (ads_bulk){.ops = (const ads_bulk_ops *)(const void *)ch->type, .opts = ch->opts};
  return COM_OK;
}
