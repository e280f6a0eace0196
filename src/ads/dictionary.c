/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/dictionary.h"

static const com_field shared_fields[] = {
    {"train", "names of the constants that are trained", NULL, COM_F_STRINGS,
     offsetof(ads_dictionary_shared, train), 0, 0, 0, NULL, NULL, 0},
    {"coordinates", "constants are optimised as logarithms, as they are, or as the loss prefers", NULL,
     COM_F_ENUM, offsetof(ads_dictionary_shared, coordinates), 0, 0, 0, ads_trainable_coordinates, "auto", 0},
    {0}};

#define ADS_DICTIONARY(name) extern const ads_dictionary_ops ads_dictionary_##name;
#include "ads/dictionary_list.h"
#undef ADS_DICTIONARY
#define ADS_DICTIONARY(name) &ads_dictionary_##name.c,
static const com_component *const registry[] = {
#include "ads/dictionary_list.h"
    NULL};
#undef ADS_DICTIONARY

static const com_component *const *all(void) { return registry; }

const com_kind ads_dictionary_kind = {.name = "dictionary",
                                      .plural = "dictionaries",
                                      .doc = "maps from boundary data to the bulk field at eta_uv",
                                      .all = all,
                                      .shared = shared_fields,
                                      .shared_size = sizeof(ads_dictionary_shared)};

com_status ads_dictionary_bind(com_ctx *c, const com_choice *ch, ads_dictionary *out) {
  COM_CHECK(c, ch->type, COM_E_CONFIG, "dictionary: missing; give one, e.g. {\"type\":\"qcd\"}");
  *out = (ads_dictionary){.ops = (const ads_dictionary_ops *)(const void *)ch->type, .opts = ch->opts};
  return COM_OK;
}
