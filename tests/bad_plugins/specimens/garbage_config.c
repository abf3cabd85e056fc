/* Answers check and activate with nonsense, by a word in the configuration. */
#include <leadhub/abi.h>
#include <string.h>
static int mentions(leadhub_string config, const char* word) {
  uint64_t size = strlen(word), i;
  for (i = 0; i + size <= config.size; ++i)
    if (memcmp(config.data + i, word, size) == 0) return 1;
  return 0;
}
#define CHECK                                                               \
  const leadhub_string nowhere = {0, 17}, empty = {0, 0}, text = {"x", 1};  \
  int i;                                                                    \
  if (mentions(config, "null message")) sink->report(sink, empty, nowhere); \
  if (mentions(config, "null pointer")) sink->report(sink, nowhere, text);  \
  if (mentions(config, "flood"))                                            \
    for (i = 0; i < 100000; ++i) sink->report(sink, empty, text);           \
  if (mentions(config, "unknown status")) return -5;
#define ACTIVATE \
  if (mentions(config, "zero status")) return 0;
#include "specimen.h"
