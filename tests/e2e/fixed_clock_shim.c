/* Lets a program believe that it is always LEADHUB_TEST_TIME (seconds since 1970): loaded with LD_PRELOAD
 * under a whole server, whose signed samples are of one moment. Monotonic clocks go on. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t fixed_time(void) {
  const char* const text = getenv("LEADHUB_TEST_TIME");
  return text == NULL ? 0 : (time_t)strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)
    return (int)syscall(SYS_clock_gettime, clock, now);
  now->tv_sec = fixed_time();
  now->tv_nsec = 0;
  return 0;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  (void)zone;
  now->tv_sec = fixed_time();
  now->tv_usec = 0;
  return 0;
}

time_t time(time_t* now) {
  if (now != NULL) *now = fixed_time();
  return fixed_time();
}
