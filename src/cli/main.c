/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: find the command, parse its options, run it, turn its status into an exit code. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cli/helptext.h"
#include "cli/opt.h"
#include "cli/registry.h"
#include "common/comm.h"
#include "common/log.h"

/* The one file-scope variable, as a signal handler has no argument: when the first signal came, in milliseconds of the
 * monotonic clock modulo 2^32; 0 = not yet.  To the context it is the cancel flag. */
static volatile sig_atomic_t interrupted;

enum { SAME_KEYSTROKE_MS = 250 };

/* Asks for a polite stop.  timeout(1), a shell and a batch system signal the process and then its group, so that one
 * Ctrl-C may come two or three times within microseconds: only a signal that comes later kills at once.  Everything
 * called here is async-signal-safe. */
static void on_signal(int sig) {
  struct timespec t = {0};
  const int saved = errno;
  clock_gettime(CLOCK_MONOTONIC, &t);
  const unsigned now = (unsigned)t.tv_sec * 1000U + (unsigned)(t.tv_nsec / 1000000);
  if (!interrupted)
    interrupted = now ? (sig_atomic_t)now : 1;
  else if (now - (unsigned)interrupted > SAME_KEYSTROKE_MS) {
    signal(sig, SIG_DFL);
    raise(sig); /* acts when the handler returns: its signal is blocked meanwhile */
  }
  errno = saved;
}

/* Also where a shell that put us in the background had SIGINT ignored: whoever sends it wants the checkpoint.  A reader
 * that goes away and a limit of file size must not kill a long run: without SIGPIPE and SIGXFSZ the write fails
 * instead, and is reported. */
static void catch_signals(void) {
  struct sigaction polite = {.sa_handler = on_signal};
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigemptyset(&polite.sa_mask);
  sigemptyset(&ignore.sa_mask);
  sigaction(SIGINT, &polite, NULL);
  sigaction(SIGTERM, &polite, NULL);
  sigaction(SIGPIPE, &ignore, NULL);
  sigaction(SIGXFSZ, &ignore, NULL);
}

static com_status unknown_command(com_ctx *c, int argc, char **argv) {
  const char *names[128], *near;
  size_t n = 0, len = strlen(argv[0]);
  com_text family = {0};
  for (const cli_cmd *const *k = cli_registry_commands(); *k && n < 127; k++) {
    names[n++] = (*k)->name;
    if (!strncmp((*k)->name, argv[0], len) && (*k)->name[len] == ' ')
      com_text_printf(&family, "%s%s", family.n ? ", " : "", (*k)->name + len + 1);
  }
  names[n] = NULL;
  com_status status;
  if (family.n)
    status = COM_FAIL(c, COM_E_USAGE, "%s: %s%s%s one of %s (usage: holograd %s COMMAND [options])", argv[0],
                      argc > 1 ? "unknown command '" : "needs", argc > 1 ? argv[1] : "",
                      argc > 1 ? "'; must be" : "", family.s, argv[0]);
  else if (*argv[0] == '-')
    status = COM_FAIL(c, COM_E_USAGE,
                      "%s: options stand behind the command (usage: holograd COMMAND [options] [FILE...])",
                      argv[0]);
  else {
    near = com_field_nearest(argv[0], names);
    status = COM_FAIL(c, COM_E_USAGE,
                      "unknown command '%s'%s%s%s (usage: holograd COMMAND [options] [FILE...])", argv[0],
                      near ? "; did you mean " : "; see holograd help", near ? near : "", near ? "?" : "");
  }
  com_text_finish(&family);
  return status;
}

/* The level of the log: HOLOGRAD_LOG, then -q and -v. */
static com_status log_level(com_ctx *c, const cli_common *m, int *level) {
  static const char *const names[] = {"error", "warn", "info", "debug", "trace", NULL};
  const char *wanted = getenv("HOLOGRAD_LOG");
  *level = COM_INFO;
  if (wanted && *wanted) {
    for (*level = 0; names[*level] && strcmp(names[*level], wanted);) ++*level;
    COM_CHECK(c, names[*level], COM_E_USAGE,
              "HOLOGRAD_LOG = %s: must be error, warn, info, debug or trace; or unset it", wanted);
  }
  if (m->verbose) *level = m->verbose > 1 ? COM_TRACE : COM_DEBUG;
  if (m->quiet) *level = COM_ERROR;
  return COM_OK;
}

static com_status run(com_ctx *c, const cli_cmd *cmd, const cli_opt_parsed *p) {
  cli_env env = {
      .ctx = c, .cmd = cmd, .common = &p->common, .args = p->args, .n_files = p->n_files, .files = p->files};
  if (p->common.help) return cli_helptext_print(&env, cmd, 0);
  if (p->common.dry_run) return cmd->dry ? cmd->dry(&env) : cli_cmd_check.run(&env);
  return cmd->run(&env);
}

static com_status say(com_ctx *c, com_status status) {
  if (status && (*com_ctx_error(c) || status != COM_E_NEGATIVE))
    com_log(c, COM_ERROR, "error", "%s", *com_ctx_error(c) ? com_ctx_error(c) : com_status_text(status));
  return status;
}

/* A log that cannot be written is no reason to lose the run; it is said at its end, unless a worse thing was. */
static com_status close_log(com_ctx *c, FILE *json, const char *path, com_status status) {
  const int bad = ferror(json);
  if ((!fclose(json) && !bad) || (status && status != COM_E_NEGATIVE)) return status;
  return say(c, COM_FAIL(c, COM_E_IO, "%s: the log could not be written in full; is the disk full?", path));
}

/* Parse with a context that can only complain; run with the one that the options ask for. */
static com_status command(com_ctx *boot, const cli_cmd *cmd, int argc, char **argv) {
  com_status status = COM_OK;
  cli_opt_parsed p;
  FILE *json = NULL;
  com_ctx *c = NULL;
  com_ctx_opts o = {.seed = 1, .cancel = &interrupted, .err = com_ctx_err(boot), .comm = com_ctx_comm(boot)};
  COM_GOTO(done, cli_opt_parse(boot, cmd, argc, argv, &p));
  const int silent = com_comm_rank(o.comm) > 0; /* of the processes of a run only the first speaks */
  if (silent) p.common.quiet = p.common.no_progress = 1, p.common.log_json = NULL;
  COM_GOTO(done, log_level(boot, &p.common, &o.log_level));
  if (p.common.dry_run)
    p.common.output = NULL; /* what is said goes to standard output, not where the result would */
  if (!p.common.dry_run && !p.common.help) {
    COM_GOTO(done, cli_opt_outputs(boot, cmd, &p));
    if (p.common.log_json && !(json = fopen(p.common.log_json, "w")))
      COM_GOTO(done, COM_FAIL(boot, COM_E_CREATE, "%s: cannot be opened for the log", p.common.log_json));
  }
  if (p.common.seed_given) o.seed = p.common.seed;
  o.threads = p.common.threads;
  o.max_time = p.common.max_time;
  o.json = json;
  o.no_progress = p.common.no_progress;
  COM_GOTO(done, com_ctx_create(&o, &c));
  status = say(c, run(c, cmd, &p));
done:
  if (!c) say(boot, status);
  com_ctx_destroy(c);
  if (json) status = close_log(boot, json, p.common.log_json, status);
  cli_opt_finish(cmd, &p);
  return status;
}

/* `holograd --version` and the like are commands, too. */
static int spelled_as_option(int *argc, char **argv) {
  static char *const words[][3] = {{"--help", "help", NULL},
                                   {"-h", "help", NULL},
                                   {"--version", "version", NULL},
                                   {"-V", "version", NULL},
                                   {"--build-info", "version", "--build-info"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcmp(argv[0], words[i][0])) {
      argv[0] = words[i][1];
      if (words[i][2]) {
        argv[1] = words[i][2];
        *argc = 2;
      }
      return 1;
    }
  return 0;
}

/* Before there is a context that could say it. */
static int no_memory(void) {
  fputs("holograd: error: out of memory\n", stderr);
  return com_status_exit(COM_E_MEM);
}

int main(int argc, char **argv) {
  int words = 0, n = argc - 1;
  char *line[3] = {0}, **args = argv + 1;
  com_status status;
  com_ctx *boot = NULL;
  com_comm *comm = NULL;
  if (com_comm_create(NULL, &comm)) return no_memory();
  catch_signals(); /* after MPI, which installs handlers of its own */
  FILE *err = com_comm_rank(comm) > 0 ? NULL : stderr;
  if (com_ctx_create(&(com_ctx_opts){.log_level = COM_ERROR, .err = err, .threads = 1, .comm = comm}, &boot))
    return no_memory();
  if (n == 1) {
    line[0] = argv[1];
    if (spelled_as_option(&n, line)) args = line;
  }
  const cli_cmd *cmd = n > 0 ? cli_registry_command(n, args, &words) : NULL;
  if (cmd)
    status = command(boot, cmd, n - words, args + words);
  else if (n > 0)
    status = say(boot, unknown_command(boot, n, args));
  else
    status = say(
        boot, COM_FAIL(boot, COM_E_USAGE,
                       "no command given; see holograd help (usage: holograd COMMAND [options] [FILE...])"));
  com_ctx_destroy(boot);
  if (status) com_comm_abort(comm, com_status_exit(status));
  com_comm_destroy(comm);
  return com_status_exit(status);
}
