/* Lets the disk fail under a program that knows nothing of it: write, pwrite, pwritev, ftruncate, fallocate,
 * fsync and fdatasync of chosen files. Linked into a test, or loaded with LD_PRELOAD under a whole server.
 *
 *   LEADHUB_FAULT_FILES    files whose path contains this text are concerned
 *   LEADHUB_FAULT_CONTROL  a file that is read at each such call; its first word says what happens:
 *                            enospc     whatever makes a file grow fails: no space is left on the device
 *                            eio-write  whatever writes fails: input/output error
 *                            eio-fsync  fsync and fdatasync fail: input/output error
 *                          anything else, or no file: nothing fails
 *
 * Each refused call adds a line with its name to the file LEADHUB_FAULT_CONTROL + ".log".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { writing = 1, syncing };

static int is_concerned(int descriptor) {
  const char* const part = getenv("LEADHUB_FAULT_FILES");
  if (part == NULL) return 0;
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return strstr(path, part) != NULL;
}

static void read_control(char* word, size_t size) {
  word[0] = '\0';
  const char* const control = getenv("LEADHUB_FAULT_CONTROL");
  if (control == NULL) return;
  const int file = open(control, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  const ssize_t length = read(file, word, size - 1);
  close(file);
  word[length < 0 ? 0 : length] = '\0';
  word[strcspn(word, " \n")] = '\0';
}

static void note(const char* call) {
  char name[4096];
  snprintf(name, sizeof name, "%s.log", getenv("LEADHUB_FAULT_CONTROL"));
  const int file = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  char line[64];
  const int length = snprintf(line, sizeof line, "%s\n", call);
  syscall(SYS_write, file, line, (size_t)length); /* not through this file again */
  close(file);
}

/* Whether the call has to fail; errno is set then. */
static int fails(int descriptor, enum kind kind, const char* call) {
  const int kept = errno;
  char fault[32];
  int error = 0;
  if (is_concerned(descriptor)) {
    read_control(fault, sizeof fault);
    if (kind == writing && strcmp(fault, "enospc") == 0) error = ENOSPC;
    if (kind == writing && strcmp(fault, "eio-write") == 0) error = EIO;
    if (kind == syncing && strcmp(fault, "eio-fsync") == 0) error = EIO;
    if (error != 0) note(call);
  }
  errno = error != 0 ? error : kept;
  return error != 0;
}

/* The next definition of the same name: the C library's, or a sanitizer's in front of it. */
#define REAL(result, name, parameters) \
  static result(*real) parameters;     \
  if (real == NULL) *(void**)(&real) = dlsym(RTLD_NEXT, name)

#define FAULTY(result, name, parameters, kind, arguments) \
  result name parameters {                                \
    REAL(result, #name, parameters);                      \
    if (fails(descriptor, kind, #name)) return -1;        \
    return real arguments;                                \
  }

FAULTY(ssize_t, write, (int descriptor, const void* data, size_t size), writing, (descriptor, data, size))
FAULTY(ssize_t, pwrite, (int descriptor, const void* data, size_t size, off_t at), writing,
       (descriptor, data, size, at))
FAULTY(ssize_t, pwrite64, (int descriptor, const void* data, size_t size, off64_t at), writing,
       (descriptor, data, size, at))
FAULTY(ssize_t, pwritev, (int descriptor, const struct iovec* parts, int count, off_t at), writing,
       (descriptor, parts, count, at))
FAULTY(int, fallocate, (int descriptor, int mode, off_t at, off_t size), writing,
       (descriptor, mode, at, size))
FAULTY(int, fsync, (int descriptor), syncing, (descriptor))
FAULTY(int, fdatasync, (int descriptor), syncing, (descriptor))

static int shrinks(int descriptor, off64_t size) {
  struct stat64 status;
  return fstat64(descriptor, &status) == 0 && size <= status.st_size;
}

/* To shrink a file needs no space. */
int ftruncate(int descriptor, off_t size) {
  REAL(int, "ftruncate", (int, off_t));
  if (!shrinks(descriptor, size) && fails(descriptor, writing, "ftruncate")) return -1;
  return real(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
  REAL(int, "ftruncate64", (int, off64_t));
  if (!shrinks(descriptor, size) && fails(descriptor, writing, "ftruncate64")) return -1;
  return real(descriptor, size);
}
