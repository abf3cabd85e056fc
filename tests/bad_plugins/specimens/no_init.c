#define CALLS 0, deinit, get_factory
#include "specimen.h"
