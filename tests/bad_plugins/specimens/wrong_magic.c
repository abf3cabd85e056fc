#define MAGIC UINT64_C(0x4c45414448554200)
#include "specimen.h"
