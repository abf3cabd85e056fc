#define INIT(error) fail(error, "the licence has expired")
#include "specimen.h"
