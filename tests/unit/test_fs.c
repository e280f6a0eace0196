/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <dirent.h>
#include "../test.h"
#include "common/fs.h"
#include "common/sha256.h"

static char dir[64];
static com_ctx *c;

static void begin(void) {
  strcpy(dir, "/tmp/holograd-test-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(dir));
  ck_assert_int_eq(chmod(dir, 0755), 0);
  c = test_ctx();
}

static const char *in_dir(const char *name) {
  static char path[4][400];
  static int k;
  k = (k + 1) % 4;
  snprintf(path[k], sizeof path[k], "%s/%s", dir, name);
  return path[k];
}

static size_t count_files(void) {
  size_t n = 0;
  DIR *d = opendir(dir);
  for (struct dirent *e; (e = readdir(d));) n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
  closedir(d);
  return n;
}

static void end(void) {
  DIR *d = opendir(dir);
  for (struct dirent *e; (e = readdir(d));)
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && unlink(in_dir(e->d_name)))
      rmdir(in_dir(e->d_name));
  closedir(d);
  ck_assert_int_eq(rmdir(dir), 0);
  com_ctx_destroy(c);
}

static void put(const char *path, const char *text, size_t n) {
  FILE *f = fopen(path, "wb");
  ck_assert_ptr_nonnull(f);
  ck_assert_uint_eq(fwrite(text, 1, n, f), n);
  fclose(f);
}

static void check_content(const char *path, const char *want, size_t n) {
  char *text;
  size_t m;
  TEST_OK(c, com_fs_slurp(c, path, &text, &m));
  ck_assert_uint_eq(m, n);
  ck_assert_int_eq(memcmp(text, want, n), 0);
  ck_assert_int_eq(text[m], '\0');
  free(text);
}

START_TEST(read_and_record) {
  begin();
  char *text, hex[65];
  size_t n, big = 300001;
  put(in_dir("a"), "x\0y", 3);
  TEST_OK(c, com_fs_read(c, in_dir("a"), &text, &n));
  ck_assert(n == 3 && !memcmp(text, "x\0y", 4));
  free(text);
  com_sha256_hex("x\0y", 3, hex);
  ck_assert_uint_eq(com_ctx_n_inputs(c), 1);
  ck_assert_str_eq(com_ctx_inputs(c)[0].sha256, hex);
  ck_assert_str_eq(com_ctx_inputs(c)[0].path, in_dir("a"));
  put(in_dir("empty"), "", 0);
  check_content(in_dir("empty"), "", 0);
  char *many = malloc(big); /* more than one read() and several reallocations */
  for (size_t i = 0; i < big; i++) many[i] = (char)(i * 2654435761u >> 13);
  put(in_dir("big"), many, big);
  check_content(in_dir("big"), many, big);
  ck_assert_uint_eq(com_ctx_n_inputs(c), 1); /* slurp does not record */
  free(many);
  end();
}
END_TEST

START_TEST(read_refusals) {
  begin();
  char *text;
  size_t n;
  TEST_FAILS(c, COM_E_NOINPUT, "No such file", com_fs_read(c, in_dir("absent"), &text, &n));
  TEST_FAILS(c, COM_E_NOINPUT, "is empty", com_fs_read(c, "", &text, &n));
  TEST_FAILS(c, COM_E_NOINPUT, "is a directory, must be a regular file", com_fs_read(c, dir, &text, &n));
  TEST_FAILS(c, COM_E_NOINPUT, "device, pipe or socket", com_fs_read(c, "/dev/null", &text, &n));
  ck_assert_int_eq(mkfifo(in_dir("fifo"), 0644), 0);
  alarm(5); /* a FIFO without a writer must not hang us */
  TEST_FAILS(c, COM_E_NOINPUT, "use - to read standard input", com_fs_read(c, in_dir("fifo"), &text, &n));
  alarm(0);
  put(in_dir("file"), "x", 1);
  TEST_FAILS(c, COM_E_NOINPUT, "Not a directory", com_fs_read(c, in_dir("file/x"), &text, &n));
  ck_assert_ptr_null(text);
  int fd = open(in_dir("huge"), O_WRONLY | O_CREAT, 0644); /* sparse: takes no room */
  ck_assert_int_eq(ftruncate(fd, (off_t)COM_FS_MAX_BYTES + 1), 0);
  close(fd);
  TEST_FAILS(c, COM_E_DATA, "larger than 256 MiB", com_fs_read(c, in_dir("huge"), &text, &n));
  ck_assert_uint_eq(com_ctx_n_inputs(c), 0);
  end();
}
END_TEST

START_TEST(read_standard_input) {
  begin();
  char *text;
  size_t n;
  int pipes[2], saved = dup(STDIN_FILENO);
  ck_assert_int_eq(pipe(pipes), 0);
  ck_assert_int_eq((int)write(pipes[1], "{\"a\":1}", 7), 7);
  close(pipes[1]);
  dup2(pipes[0], STDIN_FILENO);
  close(pipes[0]);
  TEST_OK(c, com_fs_read(c, "-", &text, &n));
  ck_assert_str_eq(text, "{\"a\":1}");
  free(text);
  ck_assert_str_eq(com_ctx_inputs(c)[0].path, "-");
  int d = open(dir, O_RDONLY);
  dup2(d, STDIN_FILENO); /* reading a directory fails with EISDIR: a read error */
  close(d);
  TEST_FAILS(c, COM_E_IO, "standard input: cannot be read", com_fs_read(c, "-", &text, &n));
  dup2(saved, STDIN_FILENO);
  close(saved);
  end();
}
END_TEST

START_TEST(write_new_and_overwrite) {
  begin();
  struct stat st;
  TEST_OK(c, com_fs_write(c, in_dir("out"), "hello", 5, 0));
  check_content(in_dir("out"), "hello", 5);
  TEST_FAILS(c, COM_E_CREATE, "exists; use --force", com_fs_write(c, in_dir("out"), "again", 5, 0));
  check_content(in_dir("out"), "hello", 5);
  ck_assert_int_eq(chmod(in_dir("out"), 0640), 0);
  TEST_OK(c, com_fs_write(c, in_dir("out"), "again!", 6, 1));
  check_content(in_dir("out"), "again!", 6);
  ck_assert_int_eq(stat(in_dir("out"), &st), 0);
  ck_assert_int_eq(st.st_mode & 0777, 0640); /* kept */
  TEST_OK(c, com_fs_write(c, in_dir("empty"), "", 0, 0));
  check_content(in_dir("empty"), "", 0);
  ck_assert_uint_eq(count_files(), 2); /* no temporary files left */
  end();
}
END_TEST

START_TEST(write_refusals) {
  begin();
  put(in_dir("file"), "x", 1);
  TEST_FAILS(c, COM_E_CREATE, "is a directory", com_fs_write(c, dir, "x", 1, 1));
  TEST_FAILS(c, COM_E_CREATE, "no such directory; create it first",
             com_fs_write(c, in_dir("no/such"), "x", 1, 0));
  TEST_FAILS(c, COM_E_CREATE, "cannot be created", com_fs_write(c, in_dir("file/x"), "x", 1, 0));
  TEST_FAILS(c, COM_E_CREATE, "is empty", com_fs_write(c, "", "x", 1, 0));
  TEST_FAILS(c, COM_E_CREATE, "exists; use --force", com_fs_can_create(c, in_dir("file"), 0));
  TEST_FAILS(c, COM_E_CREATE, "no such directory", com_fs_can_create(c, in_dir("no/such"), 0));
  TEST_FAILS(c, COM_E_CREATE, "is a directory", com_fs_can_create(c, dir, 1));
  TEST_OK(c, com_fs_can_create(c, in_dir("file"), 1));
  TEST_OK(c, com_fs_can_create(c, in_dir("new"), 0));
  TEST_OK(c, com_fs_can_create(c, NULL, 0));
  TEST_OK(c, com_fs_can_create(c, "-", 0));
  TEST_OK(c, com_fs_can_create(c, "/dev/null", 0));
  ck_assert_uint_eq(count_files(), 1); /* asking leaves nothing behind */
  check_content(in_dir("file"), "x", 1);
  end();
}
END_TEST

START_TEST(links_are_followed) {
  begin();
  struct stat st;
  put(in_dir("real"), "old", 3);
  ck_assert_int_eq(symlink("real", in_dir("link")), 0);
  TEST_FAILS(c, COM_E_CREATE, "exists", com_fs_write(c, in_dir("link"), "new", 3, 0));
  TEST_OK(c, com_fs_write(c, in_dir("link"), "new", 3, 1));
  ck_assert_int_eq(lstat(in_dir("link"), &st), 0);
  ck_assert(S_ISLNK(st.st_mode));
  check_content(in_dir("real"), "new", 3);
  ck_assert_int_eq(symlink("nowhere", in_dir("dangling")), 0);
  TEST_FAILS(c, COM_E_CREATE, "use --force", com_fs_write(c, in_dir("dangling"), "x", 1, 0));
  ck_assert_uint_eq(count_files(), 3);
  end();
}
END_TEST

START_TEST(devices_are_written_to) {
  begin();
  struct stat st;
  TEST_OK(c, com_fs_write(c, "/dev/null", "x", 1, 1));
  ck_assert_int_eq(stat("/dev/null", &st), 0);
  ck_assert(S_ISCHR(st.st_mode)); /* not replaced by a file, not even as root */
  TEST_FAILS(c, COM_E_IO, "No space left", com_fs_write(c, "/dev/full", "x", 1, 0));
  end();
}
END_TEST

/* A disk that fills up: the file size limit makes write() short and then fail with EFBIG. */
START_TEST(full_disk) {
  begin();
  struct rlimit old, small = {.rlim_cur = 4096};
  char *text = malloc(10000);
  memset(text, 'x', 10000);
  put(in_dir("out"), "precious", 8);
  signal(SIGXFSZ, SIG_IGN);
  ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
  small.rlim_max = old.rlim_max;
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
  com_status status = com_fs_write(c, in_dir("out"), text, 10000, 1);
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
  TEST_FAILS(c, COM_E_IO, "out: cannot be written: File too large", status);
  check_content(in_dir("out"), "precious", 8);
  ck_assert_uint_eq(count_files(), 1);
  free(text);
  end();
}
END_TEST

static com_status write_to_stdout(const char *target, const char *text, size_t n) {
  fflush(stdout);
  int saved = dup(STDOUT_FILENO), fd = open(target, O_WRONLY | O_TRUNC);
  dup2(fd, STDOUT_FILENO);
  close(fd);
  com_status status = com_fs_write(c, "-", text, n, 0);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  clearerr(stdout);
  return status;
}

START_TEST(standard_output) {
  begin();
  put(in_dir("out"), "", 0);
  TEST_OK(c, write_to_stdout(in_dir("out"), "hello", 5));
  check_content(in_dir("out"), "hello", 5);
  TEST_FAILS(c, COM_E_IO, "standard output: cannot be written: No space left",
             write_to_stdout("/dev/full", "hello", 5));
  int pipes[2], saved = dup(STDOUT_FILENO);
  signal(SIGPIPE, SIG_IGN);
  ck_assert_int_eq(pipe(pipes), 0);
  close(pipes[0]); /* nobody reads */
  fflush(stdout);
  dup2(pipes[1], STDOUT_FILENO);
  close(pipes[1]);
  com_status status = com_fs_write(c, NULL, "hello", 5, 0);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  clearerr(stdout);
  TEST_FAILS(c, COM_E_IO, "Broken pipe", status);
  end();
}
END_TEST

/* A run killed between creating the temporary file and renaming it leaves that file and the old output. */
START_TEST(leftover_of_a_killed_run) {
  begin();
  char temp[96];
  snprintf(temp, sizeof temp, ".holograd-%ld-0.tmp", (long)getpid());
  put(in_dir(temp), "half of the new te", 18);
  put(in_dir("out"), "old", 3);
  check_content(in_dir("out"), "old", 3);
  TEST_OK(c, com_fs_write(c, in_dir("out"), "new", 3, 1)); /* the name is taken: another one is used */
  check_content(in_dir("out"), "new", 3);
  check_content(in_dir(temp), "half of the new te", 18);
  end();
}
END_TEST

/* Killed at any moment, the file is whole: old or new. */
START_TEST(killed_at_any_moment) {
  begin();
  enum { N = 200000 };
  char *a = malloc(N), *b = malloc(N), *text;
  size_t n;
  memset(a, 'a', N), memset(b, 'b', N);
  TEST_OK(c, com_fs_write(c, in_dir("out"), a, N, 0));
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (!child) {
      for (int k = 0;; k++) com_fs_write(c, in_dir("out"), k % 2 ? a : b, N, 1);
    }
    nanosleep(&(struct timespec){.tv_nsec = 500000 + 731000L * i}, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    TEST_OK(c, com_fs_slurp(c, in_dir("out"), &text, &n));
    ck_assert_uint_eq(n, N);
    ck_assert(!memcmp(text, a, N) || !memcmp(text, b, N));
    free(text);
  }
  free(a);
  free(b);
  end();
}
END_TEST

/* As an ordinary user (root may do anything), in a child so that the rights come back. */
static int without_rights(void) {
  char *text;
  size_t n;
  if (!geteuid() && (setgid(65534) || setuid(65534))) return 1;
  if (com_fs_read(c, in_dir("secret"), &text, &n) != COM_E_NOINPUT || !strstr(com_ctx_error(c), "Permission"))
    return 2;
  if (com_fs_write(c, in_dir("new"), "x", 1, 0) != COM_E_CREATE || !strstr(com_ctx_error(c), "Permission"))
    return 3;
  if (com_fs_can_create(c, in_dir("new"), 0) != COM_E_CREATE) return 4;
  if (com_fs_write(c, in_dir("secret"), "x", 1, 1) != COM_E_CREATE ||
      !strstr(com_ctx_error(c), "may not be written"))
    return 5;
  return 0;
}

START_TEST(no_permission) {
  begin();
  int state;
  put(in_dir("secret"), "x", 1);
  ck_assert_int_eq(chmod(in_dir("secret"), 0), 0);
  ck_assert_int_eq(chmod(dir, 0555), 0);
  pid_t child = fork();
  if (!child) _exit(without_rights());
  ck_assert_int_eq(waitpid(child, &state, 0), child);
  ck_assert_int_eq(chmod(dir, 0755), 0);
  ck_assert_msg(WIFEXITED(state) && !WEXITSTATUS(state), "check %d", WEXITSTATUS(state));
  end();
}
END_TEST

START_TEST(resolving) {
  static const char *const v[][3] = {{"run/a.json", "data.json", "run/data.json"},
                                     {"run/a.json", "../d/x.json", "run/../d/x.json"},
                                     {"/abs/a.json", "data.json", "/abs/data.json"},
                                     {"a.json", "data.json", "data.json"},
                                     {"run/a.json", "/abs/d.json", "/abs/d.json"},
                                     {"-", "data.json", "data.json"},
                                     {NULL, "data.json", "data.json"},
                                     {"run/a.json", "-", "-"},
                                     {"/a.json", "d", "/d"}};
  begin();
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    char *out;
    TEST_OK(c, com_fs_resolve(c, v[i][0], v[i][1], &out));
    ck_assert_str_eq(out, v[i][2]);
    free(out);
  }
  ck_assert(com_fs_exists(dir) && !com_fs_exists(in_dir("absent")));
  end();
}
END_TEST

TEST_MAIN("fs", read_and_record, read_refusals, read_standard_input, write_new_and_overwrite, write_refusals,
          links_are_followed, devices_are_written_to, full_disk, standard_output, leftover_of_a_killed_run,
          killed_at_any_moment, no_permission, resolving)
