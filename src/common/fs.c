/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/fs.h"
#include "common/comm.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/sha256.h"

static int is_std(const char *path) { return !path || !strcmp(path, "-"); }

/* ---- reading ---- */

static com_status open_input(com_ctx *c, const char *path, int *fd) {
  struct stat st;
  COM_CHECK(c, *path, COM_E_NOINPUT,
            "the name of an input file is empty; give a path, or - for standard input");
  *fd = open(path,
             O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* O_NONBLOCK: opening a FIFO must not wait for a writer */
  COM_CHECK(c, *fd >= 0, COM_E_NOINPUT, "%s: cannot be opened: %s%s", path, strerror(errno),
            errno == ENOENT || errno == ENOTDIR ? "; check the path"
            : errno == EACCES                   ? "; you may not read it (ls -l)"
                                                : "");
  int bad = fstat(*fd, &st), why = errno;
  if (!bad && S_ISREG(st.st_mode)) return COM_OK;
  close(*fd);
  *fd = -1;
  COM_CHECK(c, !bad, COM_E_IO, "%s: cannot be read: %s", path, strerror(why));
  return COM_FAIL(c, COM_E_NOINPUT, "%s: is %s, must be a regular file%s", path,
                  S_ISDIR(st.st_mode) ? "a directory" : "a device, pipe or socket",
                  S_ISDIR(st.st_mode) ? "; name a file in it" : "; use - to read standard input");
}

/* Room for at least one more byte and the NUL; 0 without memory. */
static int grow(char **text, size_t n, size_t *cap) {
  if (n + 1 < *cap) return 1;
  size_t more = *cap ? *cap * 2 : 1 << 16;
  char *p = realloc(*text, more);
  if (!p) return 0;
  *text = p;
  *cap = more;
  return 1;
}

com_status com_fs_slurp(com_ctx *c, const char *path, char **text, size_t *n) {
  com_status status = COM_OK;
  const char *name = is_std(path) ? "standard input" : path;
  char *buf = NULL;
  size_t used = 0, cap = 0;
  int fd = STDIN_FILENO;
  *text = NULL;
  *n = 0;
  if (!is_std(path)) COM_TRY(open_input(c, path, &fd));
  for (;;) {
    if (!grow(&buf, used, &cap)) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "%s: out of memory", name));
    ssize_t got = read(fd, buf + used, cap - used - 1);
    if (got < 0 && errno == EINTR && com_ctx_stop(c) != COM_STOP_INTERRUPTED) continue;
    if (got < 0 && errno == EINTR)
      COM_GOTO(done, COM_FAIL(c, COM_E_INTERRUPTED, "%s: interrupted while reading", name));
    if (got < 0) COM_GOTO(done, COM_FAIL(c, COM_E_IO, "%s: cannot be read: %s", name, strerror(errno)));
    if (!got) break;
    used += (size_t)got;
    if (used > COM_FS_MAX_BYTES)
      COM_GOTO(done, COM_FAIL(c, COM_E_DATA, "%s: larger than %d MiB; split or thin it out", name,
                              COM_FS_MAX_BYTES >> 20));
  }
  buf[used] = '\0';
  *text = buf;
  *n = used;
  buf = NULL;
done:
  free(buf);
  if (fd != STDIN_FILENO) close(fd);
  return status;
}

com_status com_fs_read(com_ctx *c, const char *path, char **text, size_t *n) {
  COM_TRY(com_fs_slurp(c, path, text, n));
  char hex[65];
  com_sha256_hex(*text, *n, hex);
  const com_status status = com_ctx_input(c, is_std(path) ? "-" : path, hex);
  if (status) free(*text), *text = NULL;
  return status;
}

/* ---- writing ---- */

typedef struct target {
  char *path; /* where the bytes go, links followed */
  char *dir;  /* its folder, "." when none is named */
  mode_t mode;
  int exists, direct; /* direct: a device or FIFO is written to, never replaced */
} target;

static void target_finish(target *t) {
  free(t->path);
  free(t->dir);
}

static com_status target_init(com_ctx *c, const char *path, int force, target *t) {
  struct stat st;
  *t = (target){.mode = 0666};
  COM_CHECK(c, *path, COM_E_CREATE, "the name of the output is empty; give a path, or - for standard output");
  t->exists = !stat(path, &st);
  COM_CHECK(c, t->exists || errno == ENOENT, COM_E_CREATE, "%s: cannot be created: %s%s", path,
            strerror(errno), errno == EACCES ? "; name a file in a folder of your own" : "");
  if (t->exists) {
    COM_CHECK(c, !S_ISDIR(st.st_mode), COM_E_CREATE, "%s: is a directory; name a file in it", path);
    COM_CHECK(c, !S_ISBLK(st.st_mode) && !S_ISSOCK(st.st_mode), COM_E_CREATE,
              "%s: is a block device or socket; name a file", path);
    t->direct = !S_ISREG(st.st_mode);
    t->mode = st.st_mode & 0777;
    COM_CHECK(c, t->direct || force, COM_E_CREATE, "%s: exists; use --force to overwrite it", path);
    COM_CHECK(c, !access(path, W_OK), COM_E_CREATE, "%s: may not be written: %s", path, strerror(errno));
  }
  t->path = t->exists && !t->direct ? realpath(path, NULL) : strdup(path);
  COM_CHECK(c, t->path, COM_E_MEM, "%s: %s", path, strerror(errno));
  COM_ALLOC(c, t->dir = strdup(t->path));
  char *slash = strrchr(t->dir, '/');
  if (!slash)
    strcpy(t->dir, "."); /* t->dir has room: the path is not empty */
  else
    slash[slash == t->dir] = '\0';
  return COM_OK;
}

/* A new file beside the target.  Names left over by a killed run are skipped, never reused. */
static com_status temp_create(com_ctx *c, const target *t, char **temp, int *fd) {
  size_t room = strlen(t->dir) + 64;
  COM_ALLOC(c, *temp = malloc(room));
  for (int i = 0; i < 10000; i++) {
    snprintf(*temp, room, "%s/.holograd-%ld-%d.tmp", t->dir, (long)getpid(), i);
    *fd = open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (*fd >= 0 || errno != EEXIST) break;
  }
  if (*fd >= 0) return COM_OK;
  int why = errno;
  free(*temp);
  *temp = NULL;
  if (why == ENOSPC || why == EDQUOT || why == EIO)
    return COM_FAIL(c, COM_E_IO, "%s: cannot be written: %s", t->path, strerror(why));
  return COM_FAIL(c, COM_E_CREATE, "%s: cannot be created: %s: %s%s", t->path, t->dir,
                  why == ENOENT ? "no such directory; create it first" : strerror(why),
                  why == EACCES ? "; name a file in a folder of your own" : "");
}

static com_status write_all(com_ctx *c, const char *name, int fd, const char *text, size_t n) {
  for (size_t done = 0; done < n;) {
    ssize_t put = write(fd, text + done, n - done);
    if (put < 0 && errno == EINTR) continue;
    COM_CHECK(c, put > 0, COM_E_IO, "%s: cannot be written: %s", name, put ? strerror(errno) : "no space");
    done += (size_t)put;
  }
  return COM_OK;
}

static com_status write_direct(com_ctx *c, const char *name, const char *text, size_t n) {
  int fd = open(name, O_WRONLY | O_CLOEXEC);
  COM_CHECK(c, fd >= 0, COM_E_CREATE, "%s: cannot be opened: %s", name, strerror(errno));
  com_status status = write_all(c, name, fd, text, n);
  if (close(fd) && !status)
    status = COM_FAIL(c, COM_E_IO, "%s: cannot be written: %s", name, strerror(errno));
  return status;
}

/* Past the buffer of stdio, whose fwrite() takes a signal for a failure. */
static com_status write_stdout(com_ctx *c, const char *text, size_t n) {
  errno = 0;
  COM_CHECK(c, !fflush(stdout) && !ferror(stdout), COM_E_IO, "standard output: cannot be written: %s",
            errno ? strerror(errno) : "earlier write failed");
  return write_all(c, "standard output", STDOUT_FILENO, text, n);
}

/* Without force, link() makes "does not exist" and "create" one step; file systems without links get rename(). */
static int put_in_place(const char *temp, const target *t, int force) {
  if (!force && !t->exists) {
    if (!link(temp, t->path)) return unlink(temp);
    if (errno == EEXIST || errno == ENOSPC || errno == EIO) return -1;
  }
  return rename(temp, t->path);
}

static com_status commit(com_ctx *c, const char *temp, const target *t, int force) {
  if (put_in_place(temp, t, force)) {
    int why = errno;
    return COM_FAIL(c, why == EEXIST || why == EACCES || why == EPERM ? COM_E_CREATE : COM_E_IO,
                    "%s: cannot be put in place: %s%s", t->path, strerror(why),
                    why == EEXIST ? "; use --force to overwrite it" : "");
  }
  int fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd); /* best effort: the file is complete and in place, some file systems cannot sync a folder */
    close(fd);
  }
  return COM_OK;
}

com_status com_fs_write(com_ctx *c, const char *path, const char *text, size_t n, int force) {
  if (com_comm_rank(com_ctx_comm(c)) > 0) return COM_OK; /* one writer */
  COM_TRY(com_ctx_enough_memory(c));
  if (is_std(path)) return write_stdout(c, text, n);
  com_status status = COM_OK;
  target t;
  char *temp = NULL;
  int fd = -1;
  COM_GOTO(done, target_init(c, path, force, &t));
  if (t.direct) {
    status = write_direct(c, path, text, n);
    goto done;
  }
  COM_GOTO(done, temp_create(c, &t, &temp, &fd));
  COM_GOTO(done, write_all(c, path, fd, text, n));
  if (t.exists && fchmod(fd, t.mode)) com_ctx_warn(c, "mode", "%s: its access rights were not kept", path);
  if (fsync(fd) && errno != EINVAL && errno != ENOTSUP)
    COM_GOTO(done,
             COM_FAIL(c, COM_E_IO, "%s: cannot be written: %s; nothing was kept", path, strerror(errno)));
  int bad = close(fd);
  fd = -1;
  if (bad) COM_GOTO(done, COM_FAIL(c, COM_E_IO, "%s: cannot be written: %s", path, strerror(errno)));
  COM_GOTO(done, commit(c, temp, &t, force));
done:
  if (fd >= 0) close(fd);
  if (status && temp) unlink(temp);
  free(temp);
  target_finish(&t);
  return status;
}

int com_fs_same(const char *a, const char *b) {
  struct stat x, y;
  return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

com_status com_fs_can_create(com_ctx *c, const char *path, int force) {
  if (com_comm_rank(com_ctx_comm(c)) > 0) return COM_OK;
  if (is_std(path)) return COM_OK;
  com_status status = COM_OK;
  target t;
  char *temp = NULL;
  int fd = -1;
  COM_GOTO(done, target_init(c, path, force, &t));
  if (t.direct) goto done;
  COM_GOTO(done, temp_create(c, &t, &temp, &fd)); /* access() does not know read-only file systems or root */
  close(fd);
  unlink(temp);
done:
  free(temp);
  target_finish(&t);
  return status;
}

/* ---- names ---- */

com_status com_fs_resolve(com_ctx *c, const char *base, const char *path, char **out) {
  const char *slash = is_std(base) ? NULL : strrchr(base, '/');
  size_t dir = slash && path[0] != '/' && !is_std(path) ? (size_t)(slash - base) + 1 : 0, n = strlen(path);
  COM_ALLOC(c, *out = malloc(dir + n + 1));
  if (dir) memcpy(*out, base, dir);
  memcpy(*out + dir, path, n + 1);
  return COM_OK;
}

int com_fs_exists(const char *path) {
  struct stat st;
  return !stat(path, &st);
}
