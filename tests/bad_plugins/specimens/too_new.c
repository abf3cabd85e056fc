#define VERSION 2, 0
#include "specimen.h"
