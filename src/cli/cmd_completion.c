/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>
#include "cli/helptext.h"
#include "cli/opt.h"
#include "cli/registry.h"
#include "files/kind.h"

/* ---- words that can follow ---- */

/* FLOW -> the kind "flow", so that an option completes to the names of components. */
static const com_kind *kind_of(const char *arg) {
  char low[32];
  size_t n = arg ? strlen(arg) : 0;
  if (!n || n >= sizeof low) return NULL;
  for (size_t i = 0; i <= n; i++) low[i] = (char)tolower((unsigned char)arg[i]);
  return cli_registry_kind(low);
}

static void put_components(const com_kind *k, com_text *out) {
  for (const com_component *const *x = k->all(); *x; x++) com_text_printf(out, "%s ", (*x)->name);
}

static void put_key(com_text *out, const char *prefix, const char *key) {
  com_text word = {0};
  com_text_printf(&word, " %s%s= ", prefix, key);
  if (word.s && (!out->s || !strstr(out->s, word.s))) com_text_add(out, word.s + 1);
  out->failed |= word.failed;
  com_text_finish(&word);
}

static void put_keys(const com_field *f, const char *prefix, com_text *out);

/* "flow.type=", and the rows of every flow. */
static void put_component_keys(const com_field *f, const char *path, com_text *out) {
  const com_kind *k = f->aux;
  put_key(out, path, "type");
  put_keys(k->shared, path, out);
  for (const com_component *const *x = k->all(); *x; x++) put_keys((*x)->fields, path, out);
}

static void put_keys(const com_field *f, const char *prefix, com_text *out) {
  for (; f && f->key; f++) {
    com_text path = {0};
    com_text_printf(&path, "%s%s.", prefix, f->key);
    if (f->type == COM_F_OBJECT || (f->type == COM_F_RAW && f->aux && !(f->flags & COM_FF_FILE)))
      put_keys(f->aux, path.s, out);
    else if (f->type == COM_F_COMPONENT)
      put_component_keys(f, path.s, out);
    else
      put_key(out, prefix, f->key);
    com_text_finish(&path);
  }
}

static void put_set_keys(com_text *out) {
  com_text_add(out, " ");
  for (size_t i = 0; files_kind_at(i); i++) put_keys(files_kind_at(i)->fields, "", out);
}

/* First words of command names, each once: "nqs run" and "nqs exact" give "nqs". */
static void put_commands(com_text *out) {
  const cli_cmd *const *all = cli_registry_commands();
  for (const cli_cmd *const *c = all; *c; c++) {
    size_t n = strcspn((*c)->name, " ");
    if (c != all && strcspn(c[-1]->name, " ") == n && !strncmp(c[-1]->name, (*c)->name, n)) continue;
    com_text_printf(out, "%.*s ", (int)n, (*c)->name);
  }
}

static void put_schemas(com_text *out) {
  for (size_t i = 0; files_kind_at(i); i++) com_text_printf(out, "%s ", files_kind_at(i)->name);
}

static void put_positional(const cli_cmd *cmd, com_text *out) {
  if (!strcmp(cmd->name, "schema")) put_schemas(out);
  if (!strcmp(cmd->name, "list")) com_text_add(out, "commands schemas datasets ");
  if (!strcmp(cmd->name, "list") || !strcmp(cmd->name, "help"))
    for (const com_kind *const *k = cli_registry_kinds(); *k; k++)
      com_text_printf(out, "%s ", cmd->name[0] == 'l' ? (*k)->plural : (*k)->name);
  if (!strcmp(cmd->name, "help")) {
    put_commands(out);
    com_text_add(out, "file ");
    cli_cmd_help_topics(out);
  }
  if (!strcmp(cmd->name, "completion")) com_text_add(out, "bash zsh fish ");
}

/* ---- bash and zsh: one function that both understand makes the list of words ---- */

static void sh_options(const cli_cmd *cmd, com_text *out) {
  const cli_opt *tables[] = {cmd->opts, cli_opt_common()};
  for (size_t t = 0; t < 2; t++)
    for (const cli_opt *o = tables[t]; o && o->lng; o++) com_text_printf(out, "--%s ", o->lng);
}

static void sh_values(const cli_cmd *cmd, com_text *out) {
  for (const cli_opt *o = cmd->opts; o && o->lng; o++) {
    const com_kind *k = kind_of(o->arg);
    if (!k) continue;
    com_text_printf(out, "    '%s --%s') list='", cmd->name, o->lng);
    put_components(k, out);
    com_text_add(out, "' ;;\n");
  }
}

/* After `help metric` come the metrics, after `help file` the kinds of files. */
static void sh_help(com_text *out) {
  for (const com_kind *const *k = cli_registry_kinds(); *k; k++) {
    com_text_printf(out, "    'help %s') list='", (*k)->name);
    put_components(*k, out);
    com_text_add(out, "' ;;\n");
  }
  com_text_add(out, "    'help file') list='");
  put_schemas(out);
  com_text_add(out, "' ;;\n");
}

/* Commands of two words: "nqs run".  Those of a family stand together in the list of commands. */
static void sh_families(com_text *out) {
  const char *open = NULL;
  for (const cli_cmd *const *c = cli_registry_commands(); *c; c++) {
    const size_t n = strcspn((*c)->name, " ");
    if (!(*c)->name[n]) continue;
    if (!open || strncmp(open, (*c)->name, n + 1)) {
      if (open) com_text_add(out, "'; return; fi; cmd=\"$cmd $5\" ;;\n");
      com_text_printf(out, "    %.*s) if [ \"$1\" = 2 ]; then list='", (int)n, (*c)->name);
      open = (*c)->name;
    }
    com_text_printf(out, "%s ", (*c)->name + n + 1);
  }
  if (open) com_text_add(out, "'; return; fi; cmd=\"$cmd $5\" ;;\n");
}

static void put_sh_list(com_text *out) {
  com_text_add(out, "# list=words that can stand at place $1; $2 what is there, $3 what stands before it, $4 "
                    "$5 the command\n"
                    "_holograd_list() {\n"
                    "  local cur=$2 cmd=$4\n"
                    "  list=\n"
                    "  if [ \"$1\" = 1 ]; then list='--help --version ");
  put_commands(out);
  com_text_add(out, "'; return; fi\n  case $cmd in\n");
  sh_families(out);
  com_text_add(out, "  esac\n  case \"$cmd $3\" in\n    *' --set') list='");
  put_set_keys(out);
  com_text_add(out, "' ;;\n");
  for (const cli_cmd *const *c = cli_registry_commands(); *c; c++) sh_values(*c, out);
  sh_help(out);
  com_text_add(out, "  esac\n  [ -z \"$list\" ] || return 0\n  case \"$cmd\" in\n");
  for (const cli_cmd *const *c = cli_registry_commands(); *c; c++) {
    com_text_printf(out, "    '%s') case $cur in -*) list='", (*c)->name);
    sh_options(*c, out);
    com_text_add(out, "' ;; *) list='");
    put_positional(*c, out);
    com_text_add(out, "' ;; esac ;;\n");
  }
  com_text_add(out, "  esac\n}\n");
}

static void put_bash(com_text *out) {
  put_sh_list(out);
  com_text_add(
      out, "_holograd() {\n"
           "  local list cur=${COMP_WORDS[COMP_CWORD]}\n"
           "  _holograd_list \"$COMP_CWORD\" \"$cur\" \"${COMP_WORDS[COMP_CWORD-1]}\" \"${COMP_WORDS[1]}\" "
           "\"${COMP_WORDS[2]-}\"\n"
           "  COMPREPLY=()\n"
           "  [ -n \"$list\" ] && COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n"
           "  case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac\n"
           "  return 0\n"
           "}\n"
           "complete -o default -F _holograd holograd\n");
}

static void put_zsh(com_text *out) {
  com_text_add(out, "#compdef holograd\n");
  put_sh_list(out);
  com_text_add(
      out,
      "_holograd() {\n"
      "  local list\n"
      "  local -a all\n"
      "  _holograd_list $((CURRENT - 1)) \"${words[CURRENT]}\" \"${words[CURRENT-1]}\" \"${words[2]}\" "
      "\"${words[3]}\"\n"
      "  [ -n \"$list\" ] || { _files; return; }\n"
      "  all=(${=list})\n"
      "  compadd -S '' -- ${(M)all:#*=}\n"
      "  compadd -- ${all:#*=}\n"
      "}\n"
      "if [ \"$funcstack[1]\" = _holograd ]; then _holograd \"$@\"; else compdef _holograd holograd; fi\n");
}

/* ---- fish ---- */

static void fish_doc(const char *doc, com_text *out) {
  com_text_add(out, " -d '");
  for (; *doc; doc++) com_text_printf(out, *doc == '\'' || *doc == '\\' ? "\\%c" : "%c", *doc);
  com_text_add(out, "'\n");
}

static void fish_option(const char *condition, const cli_opt *o, com_text *out) {
  const com_kind *k = kind_of(o->arg);
  com_text_printf(out, "complete -c holograd -n '%s' -l %s", condition, o->lng);
  if (o->shrt) com_text_printf(out, " -s %c", o->shrt);
  if (o->type != CLI_FLAG) com_text_add(out, " -r");
  if (k) {
    com_text_add(out, " -f -a '");
    put_components(k, out);
    com_text_add(out, "'");
  }
  if (o->off == offsetof(cli_common, sets) && !strcmp(o->lng, "set")) {
    com_text_add(out, " -f -a '");
    put_set_keys(out);
    com_text_add(out, "'");
  }
  fish_doc(o->doc, out);
}

static void put_fish(com_text *out) {
  const char *seen = "__fish_seen_subcommand_from";
  for (const cli_cmd *const *c = cli_registry_commands(); *c; c++) {
    size_t n = strcspn((*c)->name, " ");
    com_text condition = {0}, words = {0};
    if ((*c)->name[n]) {
      com_text_printf(&condition, "%s %.*s; and %s %s", seen, (int)n, (*c)->name, seen, (*c)->name + n + 1);
      com_text_printf(out, "complete -c holograd -f -n '%s %.*s' -a %s", seen, (int)n, (*c)->name,
                      (*c)->name + n + 1);
      fish_doc((*c)->doc, out);
      com_text_printf(out, "complete -c holograd -f -n __fish_use_subcommand -a %.*s\n", (int)n, (*c)->name);
    } else {
      com_text_printf(&condition, "%s %s", seen, (*c)->name);
      com_text_printf(out, "complete -c holograd -f -n __fish_use_subcommand -a %s", (*c)->name);
      fish_doc((*c)->doc, out);
    }
    for (const cli_opt *o = (*c)->opts; o && o->lng; o++) fish_option(condition.s, o, out);
    put_positional(*c, &words);
    if (words.n) com_text_printf(out, "complete -c holograd -f -n '%s' -a '%s'\n", condition.s, words.s);
    out->failed |= condition.failed | words.failed;
    com_text_finish(&condition);
    com_text_finish(&words);
  }
  for (const com_kind *const *k = cli_registry_kinds(); *k; k++) {
    com_text_printf(out, "complete -c holograd -f -n '%s help; and %s %s' -a '", seen, seen, (*k)->name);
    put_components(*k, out);
    com_text_add(out, "'\n");
  }
  com_text_printf(out, "complete -c holograd -f -n '%s help; and %s file' -a '", seen, seen);
  put_schemas(out);
  com_text_add(out, "'\n");
  for (const cli_opt *o = cli_opt_common(); o->lng; o++) fish_option("not __fish_use_subcommand", o, out);
}

/* ---- the command ---- */

static const struct {
  const char *shell;
  void (*put)(com_text *out);
} shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};

static com_status run(cli_env *env) {
  com_text t = {0};
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
    if (!strcmp(shells[i].shell, env->files[0])) {
      shells[i].put(&t);
      return cli_helptext_send(env, &t);
    }
  return COM_FAIL(
      env->ctx, COM_E_USAGE,
      "completion: no such shell '%s'; must be bash, zsh or fish (usage: holograd completion SHELL)",
      env->files[0]);
}

const cli_cmd cli_cmd_completion = {
    .name = "completion",
    .usage = "SHELL",
    .doc = "completion script for bash, zsh or fish",
    .examples = "holograd completion bash > /etc/bash_completion.d/holograd\n"
                "holograd completion zsh > ~/.zfunc/_holograd    (a folder of $fpath, before compinit)\n"
                "holograd completion fish > ~/.config/fish/completions/holograd.fish",
    .min_files = 1,
    .max_files = 1,
    .run = run};
