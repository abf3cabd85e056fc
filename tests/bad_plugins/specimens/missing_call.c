/* Lacks the call that the channel is named after. */
#define CREATE                                                             \
  capture_http.authenticate = is(name, "authenticate") ? 0 : authenticate; \
  capture_http.read = is(name, "read") ? 0 : read;                         \
  if (is(name, "check")) channel_table.check = 0;                          \
  if (is(name, "activate")) channel_table.activate = 0;                    \
  if (is(name, "deactivate")) channel_table.deactivate = 0;                \
  if (is(name, "destroy")) channel_table.destroy = 0;                      \
  if (is(name, "get_extension")) channel_table.get_extension = 0;
#include "specimen.h"
