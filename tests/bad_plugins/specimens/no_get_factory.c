#define CALLS init, deinit, 0
#include "specimen.h"
