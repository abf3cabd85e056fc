/* Gives channels and tables of wrong sizes, or none, by the channel's name. */
#define CREATE                                                             \
  capture_http.size = is(name, "small capture") ? 8 : sizeof capture_http; \
  if (is(name, "small channel")) channel_table.size = 12;                  \
  if (is(name, "large channel")) channel_table.size = 0xffffffffu;         \
  if (is(name, "unknown status")) return 99;                               \
  if (is(name, "zero status")) return 0;                                   \
  if (is(name, "silent error")) return LEADHUB_STATUS_ERROR;               \
  if (is(name, "no channel")) return LEADHUB_STATUS_OK;                    \
  if (is(name, "huge error")) {                                            \
    error->code = 12345;                                                   \
    error->message_size = 0x7fffffff;                                      \
    return LEADHUB_STATUS_ERROR;                                           \
  }                                                                        \
  if (is(name, "binary error")) {                                          \
    error->message_size = 4;                                               \
    memcpy(error->message, "\xff\n\x01x", 4);                              \
    return LEADHUB_STATUS_ERROR;                                           \
  }
#include "specimen.h"
