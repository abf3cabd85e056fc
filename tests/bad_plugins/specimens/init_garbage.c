#define INIT(error) 77
#include "specimen.h"
