/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fs.h  Files: read whole regular files, write atomically (temp file, fsync, rename), resolve paths. */
#ifndef HOLOGRAD_COMMON_FS_H
#define HOLOGRAD_COMMON_FS_H
#include "common/ctx.h"

enum { COM_FS_MAX_BYTES = 1 << 28 }; /**< larger inputs are refused (256 MiB) */

/** Read a regular file ("-" = stdin) into a NUL-terminated heap buffer.  COM_E_NOINPUT when it does not exist,
 *  may not be read, or is a directory, device, pipe, socket; COM_E_IO when reading fails; COM_E_DATA when larger than
 *  COM_FS_MAX_BYTES.  Records the input with its sha256 in the context.
 *  @param text [out] caller frees  @param n [out] bytes without the final NUL */
com_status com_fs_read(com_ctx *c, const char *path, char **text, size_t *n);
/** com_fs_read without the record: for checkpoints, which must leave no trace in the result of a resumed run. */
com_status com_fs_slurp(com_ctx *c, const char *path, char **text, size_t *n);
/** Write all or nothing.  path NULL or "-": stdout.  Refuses to overwrite unless force (COM_E_CREATE).  Links are
 *  followed; character devices and FIFOs (/dev/null) are written to, not replaced.  COM_E_IO: disk full, EPIPE. */
com_status com_fs_write(com_ctx *c, const char *path, const char *text, size_t n, int force);
/** Are both names of one existing file? */
int com_fs_same(const char *a, const char *b);
/** Fail early: can `path` be created (and does not exist unless force)?  Leaves nothing behind. */
com_status com_fs_can_create(com_ctx *c, const char *path, int force);
/** `path` as named inside the file `base` (NULL or "-": the working directory). @param out [out] caller frees */
com_status com_fs_resolve(com_ctx *c, const char *base, const char *path, char **out);
int com_fs_exists(const char *path);

#endif
