/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library for LD_PRELOAD that runs a program again and again from the beginning of its main, and each time lets another
 * one of its calls go wrong.  The program's first sigaction() is taken for the beginning; from there it is forked once
 * per fault, so that a run costs what it computes.  The allocator is glibc's.
 *
 *   FAULT=alloc    the k-th allocation fails            FAULT=alloc-from  ... and all later ones
 *   FAULT=disk     the k-th open, write, fsync, close, link or rename of a file fails with "no space left"
 *   FAULT=read     the k-th read fails
 *   FAULT=eintr    every read and write is first interrupted by a signal, then cut short: nothing may change
 *   FAULT=int      Ctrl-C arrives at the k-th allocation   FAULT=term, FAULT=kill   the same for SIGTERM, SIGKILL
 *   FAULT_STRIDE=n   only every n-th call (random phase by FAULT_PHASE)    FAULT_AT=k   only this one, not forked
 *   FAULT_OUT=FILE   must not be there after a failure, and must be after a success
 *   FAULT_REF=FILE   what a run without a fault writes; a run that survives one must write the same
 *   FAULT_NAME=TEXT  begins the line of the summary
 *
 * The summary is one line, "NAME: N faults: n exit 71, ...; B bad"; what is bad is said before: a crash, a hang, an exit
 * code that is not of the list, other than one line "holograd: error: ..." with a failure, a file half-written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

enum { SECONDS = 60, ALLOC = 1, DISK, READ, EINTR_ALL };
static struct {
  int kind, from, signal, running;
  long at, count;        /* the call to spoil; calls so far */
  volatile int *reached; /* shared with the parent: the fault has happened */
  uintptr_t skip[16][2]; /* libraries whose own calls are left alone */
  int n_skip;
} g;

static int foreign(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size, (void)data;
  if (!strstr(info->dlpi_name, "openblas") && !strstr(info->dlpi_name, "gfortran") &&
      !strstr(info->dlpi_name, "sundials"))
    return 0;
  for (int i = 0; i < info->dlpi_phnum && g.n_skip < 16; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
      g.skip[g.n_skip][0] = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
      g.skip[g.n_skip][1] = g.skip[g.n_skip][0] + info->dlpi_phdr[i].p_memsz;
      g.n_skip++;
    }
  return 0;
}

/* Is this call the one?  Counts it. */
static int due(int kind, const void *caller) {
  if (!g.running || g.kind != kind) return 0;
  for (int i = 0; i < g.n_skip; i++)
    if ((uintptr_t)caller >= g.skip[i][0] && (uintptr_t)caller < g.skip[i][1]) return 0;
  const long k = ++g.count;
  if (k != g.at && !(g.from && k > g.at)) return 0;
  *g.reached = 1;
  if (!g.signal) return 1;
  raise(g.signal);
  return 0;
}

/* ---- the calls ---- */

#define ALLOCATION(expr)                                                                                     \
  if (due(ALLOC, __builtin_return_address(0))) {                                                             \
    errno = ENOMEM;                                                                                          \
    return NULL;                                                                                             \
  }                                                                                                          \
  return expr
void *malloc(size_t n) { ALLOCATION(__libc_malloc(n)); }
void *calloc(size_t n, size_t size) { ALLOCATION(__libc_calloc(n, size)); }
void *realloc(void *p, size_t n) { ALLOCATION(__libc_realloc(p, n)); }
void *aligned_alloc(size_t align, size_t n) { ALLOCATION(__libc_memalign(align, n)); }
void *memalign(size_t align, size_t n) { ALLOCATION(__libc_memalign(align, n)); }
int posix_memalign(void **p, size_t align, size_t n) {
  if (due(ALLOC, __builtin_return_address(0))) return ENOMEM;
  return (*p = __libc_memalign(align, n)) ? 0 : ENOMEM;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))
#define DISK_CALL(expr)                                                                                      \
  if (due(DISK, __builtin_return_address(0))) {                                                              \
    errno = ENOSPC;                                                                                          \
    return -1;                                                                                               \
  }                                                                                                          \
  return expr
int open(const char *path, int flags, ...) {
  va_list ap;
  va_start(ap, flags);
  const int mode = flags & O_CREAT ? va_arg(ap, int) : 0;
  va_end(ap);
  if (!(flags & (O_WRONLY | O_RDWR))) return REAL("open", int (*)(const char *, int, ...))(path, flags, mode);
  DISK_CALL(REAL("open", int (*)(const char *, int, ...))(path, flags, mode));
}
int fsync(int fd) { DISK_CALL(REAL("fsync", int (*)(int))(fd)); }
int link(const char *a, const char *b) { DISK_CALL(REAL("link", int (*)(const char *, const char *))(a, b)); }
int rename(const char *a, const char *b) {
  DISK_CALL(REAL("rename", int (*)(const char *, const char *))(a, b));
}

/* Half of what was asked for, every second call: the others are interrupted. */
static ssize_t interrupted(size_t *n) {
  if (g.kind != EINTR_ALL || !g.running) return 0;
  *g.reached = 1;
  if (++g.count % 2) {
    errno = EINTR;
    return -1;
  }
  if (*n > 1) *n = (*n + 1) / 2;
  return 0;
}
ssize_t write(int fd, const void *p, size_t n) {
  if (fd == STDERR_FILENO) return REAL("write", ssize_t(*)(int, const void *, size_t))(fd, p, n);
  if (interrupted(&n)) return -1;
  DISK_CALL(REAL("write", ssize_t(*)(int, const void *, size_t))(fd, p, n));
}
ssize_t read(int fd, void *p, size_t n) {
  if (interrupted(&n)) return -1;
  if (due(READ, __builtin_return_address(0))) {
    errno = EIO;
    return -1;
  }
  return REAL("read", ssize_t(*)(int, void *, size_t))(fd, p, n);
}

/* ---- the loop ---- */

static const int known[] = {0, 1, 64, 65, 66, 70, 71, 73, 74, 78, 130};
enum { N_KNOWN = sizeof known / sizeof *known };

static long number(const char *name, long otherwise) {
  const char *s = getenv(name);
  return s && *s ? atol(s) : otherwise;
}

/* A file but for the block that may differ from run to run; the caller frees it. */
static char *steady(const char *path) {
  struct stat st;
  FILE *f = fopen(path, "r");
  char *text = f && !fstat(fileno(f), &st) ? calloc((size_t)st.st_size + 1, 1) : NULL;
  if (text && fread(text, 1, (size_t)st.st_size, f) != (size_t)st.st_size) *text = '\0';
  if (f) fclose(f);
  char *from = text ? strstr(text, "\"volatile\": {") : NULL, *to = from ? strchr(from, '{') : NULL;
  for (int depth = 0; to && *to; to++) {
    depth += (*to == '{') - (*to == '}');
    if (!depth) break;
  }
  if (to) memmove(from, to, strlen(to) + 1);
  return text;
}

static int same(const char *a, const char *b) {
  char *x = steady(a), *y = steady(b);
  const int equal = x && y && !strcmp(x, y);
  free(x);
  free(y);
  return equal;
}

/* What is wrong with a run that ended so, NULL when nothing is. */
static const char *judge(int how, const char *err, size_t n, const char *out, size_t counts[N_KNOWN + 1]) {
  struct stat st;
  if (WIFSIGNALED(how) && WTERMSIG(how) == SIGALRM) return "hangs";
  if (WIFSIGNALED(how) && g.signal && WTERMSIG(how) == g.signal) {
    counts[N_KNOWN]++;
    return g.signal == SIGKILL ? NULL : "died of the signal";
  }
  if (WIFSIGNALED(how)) return strsignal(WTERMSIG(how));
  const int code = WEXITSTATUS(how);
  int k = 0;
  while (k < N_KNOWN && known[k] != code) k++;
  if (k == N_KNOWN) return "an exit code that is not of the list";
  counts[k]++;
  const int there = out && !stat(out, &st), bad = code > 1;
  if (bad && (n < 17 || strncmp(err, "holograd: error: ", 17) != 0)) return "no error line";
  if (bad && (memchr(err, '\n', n) != err + n - 1)) return "not one line";
  if (bad && there) return "an output in spite of the failure";
  if (code == 0 && out && !there) return "success without output";
  if (code == 0 && out && getenv("FAULT_REF") && !same(out, getenv("FAULT_REF"))) return "another result";
  return NULL;
}

static long one(long k, int err_fd) { /* 0 in the child */
  if (ftruncate(err_fd, 0) || lseek(err_fd, 0, SEEK_SET)) return -1;
  *g.reached = 0;
  fflush(stdout);
  const pid_t child = fork();
  if (child) return child;
  dup2(err_fd, STDERR_FILENO);
  g.at = k;
  g.running = 1;
  alarm(SECONDS);
  return 0;
}

/* Returns in the children. */
static void loop(void) {
  const char *kind = getenv("FAULT"), *out = getenv("FAULT_OUT"), *name = getenv("FAULT_NAME");
  const long stride = number("FAULT_STRIDE", 1), only = number("FAULT_AT", 0);
  static char err[65536];
  size_t counts[N_KNOWN + 1] = {0}, bad = 0;
  long n = 0;
  g.kind = !strcmp(kind, "disk")    ? DISK
           : !strcmp(kind, "read")  ? READ
           : !strcmp(kind, "eintr") ? EINTR_ALL
                                    : ALLOC;
  g.from = !strcmp(kind, "alloc-from");
  g.signal = !strcmp(kind, "int")    ? SIGINT
             : !strcmp(kind, "term") ? SIGTERM
             : !strcmp(kind, "kill") ? SIGKILL
                                     : 0;
  g.reached = mmap(NULL, sizeof *g.reached, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  dl_iterate_phdr(foreign, NULL);
  if (only) {
    g.at = only;
    g.running = 1;
    return;
  }
  const int err_fd = memfd_create("stderr", 0);
  for (long k = 1 + number("FAULT_PHASE", 0) % stride;; k += stride) {
    int how = 0;
    if (out) unlink(out);
    const long child = one(k, err_fd);
    if (!child) return;
    while (waitpid((pid_t)child, &how, 0) < 0 && errno == EINTR) continue;
    if (!*g.reached) break; /* the run has fewer calls than that */
    n++;
    const ssize_t size = pread(err_fd, err, sizeof err - 1, 0);
    err[size > 0 ? size : 0] = '\0';
    const char *what = judge(how, err, size > 0 ? (size_t)size : 0, out, counts);
    if (what && bad++ < 10) {
      char *end = strchr(err, '\n');
      if (end) *end = '\0';
      printf("  BAD: %s: FAULT_AT=%ld: %s: %.200s\n", name ? name : kind, k, what, err);
    }
    if (g.kind == EINTR_ALL) break; /* every call at once */
  }
  printf("%s: %ld faults:", name ? name : kind, n);
  for (int k = 0; k < N_KNOWN; k++)
    if (counts[k]) printf(" %zu exit %d,", counts[k], known[k]);
  if (counts[N_KNOWN]) printf(" %zu killed,", counts[N_KNOWN]);
  printf(" %zu bad\n", bad);
  fflush(stdout);
  _exit(bad > 0);
}

int sigaction(int sig, const struct sigaction *act, struct sigaction *old) {
  static int begun;
  if (!begun && getenv("FAULT")) {
    begun = 1;
    loop();
  }
  return REAL("sigaction", int (*)(int, const struct sigaction *, struct sigaction *))(sig, act, old);
}
