/*
 * Notes what a program does to the files of one folder, and in which order, so that a power cut can be computed from it:
 * see disk-log.ts for the records. Loaded with LD_PRELOAD; it changes nothing of what the program does. Linux with glibc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATED = 1, WRITTEN = 2, TRUNCATED = 3, SYNCED = 4, RENAMED = 5, UNLINKED = 6 };

struct header {
  uint32_t kind;
  uint32_t path_bytes;
  uint64_t offset;
  uint64_t data_bytes;
};

#define MAX_FDS 65536
/* So high that no program counts on it being free. */
#define LOG_FD 1000

static char *paths[MAX_FDS];
static char folder[PATH_MAX];
static size_t folder_bytes;
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *where = getenv("FORGETFUL_DISK_FOLDER");
  const char *log = getenv("FORGETFUL_DISK_LOG");
  if (where != NULL && log != NULL && realpath(where, folder) != NULL) {
    folder_bytes = strlen(folder);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
      log_fd = fcntl(fd, F_DUPFD_CLOEXEC, LOG_FD);
      syscall(SYS_close, fd);
    }
  }
  /* What the program starts is another program. */
  unsetenv("LD_PRELOAD");
  unsetenv("FORGETFUL_DISK_FOLDER");
  unsetenv("FORGETFUL_DISK_LOG");
}

static int is_watched(const char *path) {
  return log_fd >= 0 && strncmp(path, folder, folder_bytes) == 0 && (path[folder_bytes] == '/' || path[folder_bytes] == 0);
}

static const char *path_of(int fd) { return fd >= 0 && fd < MAX_FDS ? paths[fd] : NULL; }

/* In one call, so that records of several threads do not mix, and a kill leaves at most one torn one at the end. */
static void note(uint32_t kind, const char *path, off_t offset, const struct iovec *data, int parts, size_t bytes) {
  int saved = errno;
  struct header header = {kind, (uint32_t)strlen(path), (uint64_t)offset, bytes};
  struct iovec all[IOV_MAX];
  all[0] = (struct iovec){&header, sizeof header};
  all[1] = (struct iovec){(void *)path, header.path_bytes};
  int count = 2;
  for (size_t left = bytes; left > 0 && parts > 0 && count < IOV_MAX; parts--, data++) {
    size_t taken = data->iov_len < left ? data->iov_len : left;
    all[count++] = (struct iovec){data->iov_base, taken};
    left -= taken;
  }
  pthread_mutex_lock(&lock);
  if (syscall(SYS_writev, log_fd, all, count) < 0) abort();
  pthread_mutex_unlock(&lock);
  errno = saved;
}

int open64(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | O_TMPFILE)) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  int watched = is_watched(path);
  struct stat before;
  int is_new = watched && (flags & O_CREAT) && stat(path, &before) != 0;
  int fd = REAL(open64)(path, flags, mode);
  if (!watched || fd < 0 || fd >= MAX_FDS) return fd;
  paths[fd] = strdup(path);
  if (is_new) note(CREATED, path, 0, NULL, 0, 0);
  else if (flags & O_TRUNC) note(TRUNCATED, path, 0, NULL, 0, 0);
  return fd;
}

int close(int fd) {
  if (path_of(fd) != NULL) {
    free(paths[fd]);
    paths[fd] = NULL;
  }
  return REAL(close)(fd);
}

static void note_written(int fd, const struct iovec *data, int parts, ssize_t written) {
  if (written > 0 && path_of(fd) != NULL) {
    /* After a write at the end, too, the position is behind what was written. */
    note(WRITTEN, path_of(fd), lseek(fd, 0, SEEK_CUR) - written, data, parts, (size_t)written);
  }
}

ssize_t write(int fd, const void *data, size_t bytes) {
  ssize_t written = REAL(write)(fd, data, bytes);
  struct iovec one = {(void *)data, bytes};
  note_written(fd, &one, 1, written);
  return written;
}

ssize_t writev(int fd, const struct iovec *data, int parts) {
  ssize_t written = REAL(writev)(fd, data, parts);
  note_written(fd, data, parts, written);
  return written;
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
  ssize_t written = REAL(pwrite64)(fd, data, bytes, offset);
  struct iovec one = {(void *)data, bytes};
  if (written > 0 && path_of(fd) != NULL) note(WRITTEN, path_of(fd), offset, &one, 1, (size_t)written);
  return written;
}

int ftruncate64(int fd, off64_t length) {
  int result = REAL(ftruncate64)(fd, length);
  if (result == 0 && path_of(fd) != NULL) note(TRUNCATED, path_of(fd), length, NULL, 0, 0);
  return result;
}

int fdatasync(int fd) {
  int result = REAL(fdatasync)(fd);
  if (result == 0 && path_of(fd) != NULL) note(SYNCED, path_of(fd), 0, NULL, 0, 0);
  return result;
}

int fsync(int fd) {
  int result = REAL(fsync)(fd);
  if (result == 0 && path_of(fd) != NULL) note(SYNCED, path_of(fd), 0, NULL, 0, 0);
  return result;
}

int rename(const char *from, const char *to) {
  int result = REAL(rename)(from, to);
  struct iovec target = {(void *)to, strlen(to)};
  if (result == 0 && is_watched(from)) note(RENAMED, from, 0, &target, 1, target.iov_len);
  return result;
}

int unlink(const char *path) {
  int result = REAL(unlink)(path);
  if (result == 0 && is_watched(path)) note(UNLINKED, path, 0, NULL, 0, 0);
  return result;
}
