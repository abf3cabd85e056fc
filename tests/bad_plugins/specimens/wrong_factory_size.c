#define FACTORY 3, 0, create
#include "specimen.h"
