/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plotfile.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/io.h"
#include "common/fs.h"
#include "common/text.h"

static int ends_with(const char *s, const char *end) {
  size_t n = s ? strlen(s) : 0, m = strlen(end);
  return n >= m && !strcmp(s + n - m, end);
}

/* In the child: SVG from fd 0 to PNG on fd 1.  Never a shell, so that no name can be taken for a command. */
static void become_rsvg(int in, int out) {
  char *const argv[] = {(char[]){"rsvg-convert"}, (char[]){"--format=png"}, (char[]){"--zoom=2"}, NULL};
  struct sigaction normal = {.sa_handler = SIG_DFL};
  sigemptyset(&normal.sa_mask);
  sigaction(SIGPIPE, &normal, NULL);
  if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) execvp(argv[0], argv);
  _exit(errno == ENOENT ? 127 : 126);
}

/* Convert through two unnamed temporary files, so that neither side can block the other. */
static com_status to_png(com_ctx *c, const char *path, const char *svg, char **png, size_t *n) {
  FILE *in = tmpfile(), *out = tmpfile();
  com_status status = COM_OK;
  int how = 0;
  if (!in || !out || fputs(svg, in) == EOF || fflush(in) || fseek(in, 0, SEEK_SET))
    COM_GOTO(done, COM_FAIL(c, COM_E_IO, "%s: no room for a temporary file: %s", path, strerror(errno)));
  pid_t child = fork();
  if (!child) become_rsvg(fileno(in), fileno(out));
  if (child > 0)
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
  if (child < 0 || !WIFEXITED(how) || WEXITSTATUS(how))
    COM_GOTO(
        done,
        COM_FAIL(c, COM_E_CREATE, "%s: %s", path,
                 WIFEXITED(how) && WEXITSTATUS(how) == 127
                     ? "a PNG needs rsvg-convert, which is not installed (apt-get install librsvg2-bin); "
                       "or name an .svg file"
                     : "rsvg-convert failed; name an .svg file instead"));
  long size = fseek(out, 0, SEEK_END) ? -1 : ftell(out);
  if (size <= 0 || fseek(out, 0, SEEK_SET))
    COM_GOTO(done, COM_FAIL(c, COM_E_IO, "%s: rsvg-convert wrote nothing", path));
  if (!(*png = malloc((size_t)size + 1))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  *n = fread(*png, 1, (size_t)size, out);
done:
  if (in) fclose(in);
  if (out) fclose(out);
  return status;
}

static cli_plotfile_format format_of(const char *name) {
  if (ends_with(name, ".gp") || ends_with(name, ".gnuplot")) return CLI_PLOTFILE_GNUPLOT;
  return ends_with(name, ".png") ? CLI_PLOTFILE_PNG : CLI_PLOTFILE_SVG;
}

com_status cli_plotfile_save_as(const cli_env *env, const char *path, cli_plotfile_format format,
                                const com_svg *figure) {
  com_ctx *c = env->ctx;
  const char *name = path ? path : env->common->output;
  char *text = NULL, *png = NULL;
  size_t n = 0;
  com_status status = COM_OK;
  if (format == CLI_PLOTFILE_AUTO) format = format_of(name);
  if (format == CLI_PLOTFILE_GNUPLOT)
    COM_GOTO(done, com_svg_gnuplot(c, figure, &text));
  else
    COM_GOTO(done, com_svg_text(c, figure, &text));
  if (format == CLI_PLOTFILE_PNG) {
    COM_GOTO(done, to_png(c, name ? name : "-", text, &png, &n));
    COM_GOTO(done, com_fs_write(c, name, png, n, env->common->force));
  } else
    COM_GOTO(done, com_fs_write(c, name, text, strlen(text), env->common->force));
done:
  free(text);
  free(png);
  return status;
}

com_status cli_plotfile_save(const cli_env *env, const char *path, const com_svg *figure) {
  return cli_plotfile_save_as(env, path, CLI_PLOTFILE_AUTO, figure);
}
