// Lets exceptions out across the C ABI, which no plugin may.
#include <stdexcept>
#define AUTHENTICATE(request, sink, error) (throw std::runtime_error("out of authenticate"), 0)
#define READ(request, sink, error) (throw 7, 0)
#define DELIVER(items, sink, error) (throw 7, 0)
#define CHECK \
  if (config.size > 2) throw std::runtime_error("out of check");
#include "specimen.h"
