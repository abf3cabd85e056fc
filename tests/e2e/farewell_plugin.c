/* Writes down how it is taken leave of, into the file that LEADHUB_FAREWELL names. */
#include <stdio.h>
#include <stdlib.h>

static void note(const char* line) {
  const char* name = getenv("LEADHUB_FAREWELL");
  FILE* file = name != NULL ? fopen(name, "a") : NULL;
  if (file == NULL) return;
  fputs(line, file);
  fclose(file);
}

static void take_leave(void) {
  note("deinit\n");
}

#define DESTROY note("destroy\n");
#define CALLS init, take_leave, get_factory
#include "specimen.h"
