#define CALLS init, 0, get_factory
#include "specimen.h"
