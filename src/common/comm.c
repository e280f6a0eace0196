/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/comm.h"
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HOLOGRAD_MPI
#include <mpi.h>
#include <time.h>
#endif

struct com_comm {
  size_t rank, size;
};

size_t com_comm_rank(const com_comm *m) { return m ? m->rank : 0; }
size_t com_comm_size(const com_comm *m) { return m ? m->size : 1; }

/* First item of a rank: the boundary of items whose accumulated cost is nearest to rank/size of the total, and such that
 * no rank is left without an item while there are enough. */
static size_t share_begin(size_t n_items, const double *cost, size_t rank, size_t size) {
  if (rank == 0) return 0;
  if (rank >= size) return n_items;
  double total = 0, sum = 0;
  for (size_t i = 0; i < n_items; i++) total += cost ? cost[i] : 1;
  const double want = total * (double)rank / (double)size;
  size_t k = 0;
  while (k < n_items && sum + (cost ? cost[k] : 1) / 2 < want) sum += cost ? cost[k++] : (k++, 1);
  const size_t least = rank < n_items ? rank : n_items;
  const size_t most = n_items > size - rank ? n_items - (size - rank) : least;
  return k < least ? least : k > most && most >= least ? most : k;
}

void com_comm_share_cost(const com_comm *m, size_t n_items, const double *cost, size_t *first, size_t *last) {
  *first = share_begin(n_items, cost, com_comm_rank(m), com_comm_size(m));
  *last = share_begin(n_items, cost, com_comm_rank(m) + 1, com_comm_size(m));
}

void com_comm_share(const com_comm *m, size_t n_items, size_t *first, size_t *last) {
  com_comm_share_cost(m, n_items, NULL, first, last);
}

com_status com_comm_gather(com_ctx *c, com_comm *m, size_t n_items, const size_t *offset, void *data) {
  return com_comm_gather_cost(c, m, n_items, NULL, offset, data);
}

#ifdef HOLOGRAD_MPI

static com_status failed(com_ctx *c, const char *what, int code) {
  char text[MPI_MAX_ERROR_STRING + 1] = "";
  int n = 0;
  MPI_Error_string(code, text, &n);
  return COM_FAIL(c, COM_E_IO, "MPI: %s failed: %s", what, text);
}

com_status com_comm_create(com_ctx *c, com_comm **out) {
  com_comm *m;
  int up = 0, given = 0, rank = 0, size = 1;
  *out = NULL;
  COM_ALLOC(c, m = calloc(1, sizeof *m));
  MPI_Initialized(&up);
  /* Pool workers never call MPI, so FUNNELED is enough. */
  const int code = up ? MPI_SUCCESS : MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given);
  if (code == MPI_SUCCESS) {
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    m->rank = (size_t)rank, m->size = (size_t)size;
    *out = m;
    return COM_OK;
  }
  free(m);
  return failed(c, "MPI_Init_thread", code);
}

void com_comm_destroy(com_comm *m) {
  int down = 0;
  if (!m) return;
  MPI_Finalized(&down);
  if (!down) MPI_Finalize();
  free(m);
}

void com_comm_abort(com_comm *m, int exit_code) {
  if (com_comm_size(m) == 1) return;
  const struct timespec patience = {.tv_sec = 2};
  if (m->rank > 0) nanosleep(&patience, NULL);
  MPI_Abort(MPI_COMM_WORLD, exit_code);
}

/* One broadcast per share in pieces of at most PIECE bytes: MPI 3 counts are int. */
static com_status broadcast(com_ctx *c, size_t root, size_t bytes, char *data) {
  enum { PIECE = 1 << 30 };
  while (bytes > 0) {
    const int n = bytes > PIECE ? PIECE : (int)bytes;
    const int code = MPI_Bcast(data, n, MPI_BYTE, (int)root, MPI_COMM_WORLD);
    if (code != MPI_SUCCESS) return failed(c, "MPI_Bcast", code);
    data += n;
    bytes -= (size_t)n;
  }
  return COM_OK;
}

com_status com_comm_gather_cost(com_ctx *c, com_comm *m, size_t n_items, const double *cost,
                                const size_t *offset, void *data) {
  for (size_t r = 0; r < com_comm_size(m) && com_comm_size(m) > 1; r++) {
    const size_t first = offset[share_begin(n_items, cost, r, m->size)];
    const size_t last = offset[share_begin(n_items, cost, r + 1, m->size)];
    COM_TRY(broadcast(c, r, last - first, (char *)data + first));
  }
  return COM_OK;
}

com_status com_comm_gather_even(com_ctx *c, com_comm *m, size_t n_items, size_t item_bytes, void *data) {
  for (size_t r = 0; r < com_comm_size(m) && com_comm_size(m) > 1; r++) {
    const size_t first = item_bytes * share_begin(n_items, NULL, r, m->size);
    const size_t last = item_bytes * share_begin(n_items, NULL, r + 1, m->size);
    COM_TRY(broadcast(c, r, last - first, (char *)data + first));
  }
  return COM_OK;
}

com_status com_comm_broadcast(com_ctx *c, com_comm *m, size_t bytes, void *data) {
  return com_comm_size(m) > 1 ? broadcast(c, 0, bytes, data) : COM_OK;
}

com_status com_comm_agree(com_ctx *c, com_comm *m, com_status mine) {
  if (com_comm_size(m) == 1) return mine;
  int rank = mine ? (int)m->rank : INT_MAX, first = 0;
  const int code = MPI_Allreduce(&rank, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (code != MPI_SUCCESS) return failed(c, "MPI_Allreduce", code);
  if (first == INT_MAX) return COM_OK;
  struct {
    com_status status;
    char text[1000];
  } theirs = {mine, ""};
  snprintf(theirs.text, sizeof theirs.text, "%s", com_ctx_error(c));
  COM_TRY(broadcast(c, (size_t)first, sizeof theirs, (char *)&theirs));
  if (mine) return mine;
  return COM_FAIL(c, theirs.status, "process %d: %s", first, theirs.text);
}

void com_comm_library(char *out, size_t n) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING + 1] = "";
  int len = 0;
  MPI_Get_library_version(text, &len);
  text[strcspn(text, ",\n")] = '\0';
  snprintf(out, n, "%s", text);
}

#else

com_status com_comm_create(com_ctx *c, com_comm **out) {
  COM_ALLOC(c, *out = calloc(1, sizeof **out));
  (*out)->size = 1;
  return COM_OK;
}
void com_comm_destroy(com_comm *m) { free(m); }
void com_comm_abort(com_comm *m, int exit_code) { (void)m, (void)exit_code; }
com_status com_comm_gather_cost(com_ctx *c, com_comm *m, size_t n_items, const double *cost,
                                const size_t *offset, void *data) {
  (void)c, (void)m, (void)n_items, (void)cost, (void)offset, (void)data;
  return COM_OK;
}
com_status com_comm_gather_even(com_ctx *c, com_comm *m, size_t n_items, size_t item_bytes, void *data) {
  (void)c, (void)m, (void)n_items, (void)item_bytes, (void)data;
  return COM_OK;
}
com_status com_comm_broadcast(com_ctx *c, com_comm *m, size_t bytes, void *data) {
  (void)c, (void)m, (void)bytes, (void)data;
  return COM_OK;
}
com_status com_comm_agree(com_ctx *c, com_comm *m, com_status mine) {
  (void)c, (void)m;
  return mine;
}
void com_comm_library(char *out, size_t n) { snprintf(out, n, "none"); }

#endif

com_stop com_comm_stop(com_ctx *c) {
  com_stop stop = com_ctx_stop(c);
  if (com_comm_broadcast(c, com_ctx_comm(c), sizeof stop, &stop)) return COM_STOP_INTERRUPTED;
  return stop;
}
