/*
 * Records what a process does to files of one folder: writes, their contents, and what is forced to
 * the disk. Loaded before the C library (LD_PRELOAD). Each record: a kind (1 byte), the file's
 * number (4), an offset and a length (8 each), and the bytes written, or the name of a new file.
 * Kinds: n a name, w a write, t a cut to a length, u a removal, s a file forced, d the folder forced.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 4096
static int number[FILES]; /* of the file that a descriptor is open on, from 1; -1: the folder */
static char names[FILES][512];
static int known, out = -1;
static const char *folder;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...) \
  static result (*real)(__VA_ARGS__); \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static void all(const void *bytes, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  while (length > 0) {
    ssize_t done = real(out, bytes, length);
    if (done <= 0) abort();
    bytes = (const char *)bytes + done;
    length -= done;
  }
}

static void note(char kind, int file, int64_t offset, int64_t length, const void *bytes) {
  all(&kind, 1);
  all(&file, 4);
  all(&offset, 8);
  all(&length, 8);
  if (bytes) all(bytes, length);
}

static int of(const char *path) {
  if (!folder) {
    const char *record = getenv("LOOKALIKE_RECORD");
    folder = getenv("LOOKALIKE_FOLDER");
    if (!record || !folder) { folder = 0; return 0; }
    REAL(int, "open64", const char *, int, ...);
    out = real(record, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0) abort();
  }
  size_t length = strlen(folder);
  if (strncmp(path, folder, length) != 0 || path[length] != '/') return 0;
  for (int i = 1; i <= known; i++)
    if (!strcmp(names[i], path)) return i;
  if (known + 1 >= FILES || strlen(path) >= 512) abort();
  strcpy(names[++known], path);
  note('n', known, 0, strlen(path), path);
  return known;
}

static int opened(int fd, const char *path, int flags) {
  if (fd >= 0 && fd < FILES) {
    pthread_mutex_lock(&lock);
    int file = of(path);
    number[fd] = folder && !strcmp(path, folder) ? -1 : file;
    if (file && (flags & O_TRUNC)) note('t', file, 0, 0, 0);
    pthread_mutex_unlock(&lock);
  }
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    int mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, int) : 0; \
    va_end(more); \
    REAL(int, #name, const char *, int, ...); \
    return opened(real(path, flags, mode), path, flags); \
  }
OPEN(open)
OPEN(open64)

/* The lock is held across the call, so that the record has the order of the calls. */
#define WRITE(name, offset_type) \
  ssize_t name(int fd, const void *bytes, size_t length, offset_type offset) { \
    REAL(ssize_t, #name, int, const void *, size_t, offset_type); \
    int file = fd >= 0 && fd < FILES ? number[fd] : 0; \
    if (!file) return real(fd, bytes, length, offset); \
    pthread_mutex_lock(&lock); \
    ssize_t done = real(fd, bytes, length, offset); \
    if (done > 0) note('w', file, offset, done, bytes); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  int file = fd >= 0 && fd < FILES ? number[fd] : 0;
  if (!file) return real(fd, bytes, length);
  pthread_mutex_lock(&lock);
  int64_t offset = lseek(fd, 0, SEEK_CUR);
  ssize_t done = real(fd, bytes, length);
  if (done > 0) note('w', file, offset, done, bytes);
  pthread_mutex_unlock(&lock);
  return done;
}

#define ONE(name, kind) \
  int name(int fd) { \
    REAL(int, #name, int); \
    int file = fd >= 0 && fd < FILES ? number[fd] : 0; \
    if (!file) return real(fd); \
    pthread_mutex_lock(&lock); \
    int done = real(fd); \
    if (done == 0) note(file < 0 ? 'd' : kind, file, 0, 0, 0); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
ONE(fsync, 's')
ONE(fdatasync, 's')

int close(int fd) {
  REAL(int, "close", int);
  if (fd >= 0 && fd < FILES) number[fd] = 0;
  return real(fd);
}

#define CUT(name, length_type) \
  int name(int fd, length_type length) { \
    REAL(int, #name, int, length_type); \
    int file = fd >= 0 && fd < FILES ? number[fd] : 0; \
    if (!file) return real(fd, length); \
    pthread_mutex_lock(&lock); \
    int done = real(fd, length); \
    if (done == 0) note('t', file, length, 0, 0); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  pthread_mutex_lock(&lock);
  int file = of(path);
  int done = real(path);
  if (file && done == 0) note('u', file, 0, 0, 0);
  pthread_mutex_unlock(&lock);
  return done;
}
