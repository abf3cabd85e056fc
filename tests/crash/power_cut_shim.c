/* Remembers what of chosen files is safe on disk, so that a test can take the power away: after each fsync
 * and fdatasync that succeeds, the file as it is then is copied to a folder.
 *
 *   LEADHUB_SYNCED_FILES    files whose path contains this text are concerned
 *   LEADHUB_SYNCED_FOLDER   where the copies go, under the files' own names
 *
 * Each concerned file must have one writer, which is also the thread that syncs it: else a copy could hold
 * what came after the sync. Killed while copying, the older copy stays.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads through the descriptor itself: closing another one of that file would drop the process's locks on it.
 */
static void copy(int descriptor, const char* name, const char* folder) {
  char part[8192];
  char whole[8192];
  char buffer[65536];
  snprintf(part, sizeof part, "%s/%s.part", folder, name);
  snprintf(whole, sizeof whole, "%s/%s", folder, name);
  const int target = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  off_t at = 0;
  for (ssize_t count; (count = pread(descriptor, buffer, sizeof buffer, at)) > 0; at += count)
    if (write(target, buffer, (size_t)count) != count) abort();
  if (close(target) != 0 || rename(part, whole) != 0) abort();
}

static void remember(int descriptor) {
  const int kept = errno;
  const char* const concerned = getenv("LEADHUB_SYNCED_FILES");
  const char* const folder = getenv("LEADHUB_SYNCED_FOLDER");
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (concerned == NULL || folder == NULL || length < 0) return;
  path[length] = '\0';
  if (strstr(path, concerned) != NULL) copy(descriptor, strrchr(path, '/') + 1, folder);
  errno = kept;
}

#define REMEMBERING(name)                                         \
  int name(int descriptor) {                                      \
    static int (*real)(int);                                      \
    if (real == NULL) *(void**)(&real) = dlsym(RTLD_NEXT, #name); \
    const int result = real(descriptor);                          \
    if (result == 0) remember(descriptor);                        \
    return result;                                                \
  }

REMEMBERING(fsync)
REMEMBERING(fdatasync)
