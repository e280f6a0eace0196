/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/registry.h"
#include <stdio.h>
#include <string.h>
#include "files/kind.h"

#define CLI_KIND(symbol) extern const com_kind symbol;
#include "cli/kind_list.h"
#undef CLI_KIND
#define CLI_SCHEMA(symbol) extern const cli_schema symbol;
#include "cli/schema_list.h"
#undef CLI_SCHEMA
#define CLI_CMD(name) extern const cli_cmd cli_cmd_##name;
#include "cli/cmd_list.h"
#undef CLI_CMD

const com_kind *const *cli_registry_kinds(void) {
#define CLI_KIND(symbol) &symbol,
  static const com_kind *const all[] = {
#include "cli/kind_list.h"
      NULL};
#undef CLI_KIND
  return all;
}

const cli_cmd *const *cli_registry_commands(void) {
#define CLI_CMD(name) &cli_cmd_##name,
  static const cli_cmd *const all[] = {
#include "cli/cmd_list.h"
      NULL};
#undef CLI_CMD
  return all;
}

const com_kind *cli_registry_kind(const char *name) {
  const com_kind *const *k = cli_registry_kinds();
  while (*k && strcmp((*k)->name, name) && strcmp((*k)->plural, name)) k++;
  return *k;
}

const cli_schema *cli_registry_schema(const char *kind) {
#define CLI_SCHEMA(symbol) &symbol,
  static const cli_schema *const all[] = {
#include "cli/schema_list.h"
      NULL};
#undef CLI_SCHEMA
  static const cli_schema nothing = {0};
  const cli_schema *const *s = all;
  while (*s && strcmp((*s)->kind, kind)) s++;
  return *s ? *s : files_kind_find(kind) ? &nothing : NULL;
}

const cli_cmd *cli_registry_command(int argc, char **argv, int *words) {
  char two[128] = "";
  if (argc > 1) snprintf(two, sizeof two, "%s %s", argv[0], argv[1]);
  for (const cli_cmd *const *c = cli_registry_commands(); argc > 0 && *c; c++) {
    *words = strchr((*c)->name, ' ') ? 2 : 1;
    if (!strcmp((*c)->name, *words == 2 ? two : argv[0])) return *c;
  }
  return NULL;
}
