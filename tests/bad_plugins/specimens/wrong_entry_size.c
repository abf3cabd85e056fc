#define STRUCT_SIZE 4096
#include "specimen.h"
