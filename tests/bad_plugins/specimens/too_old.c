#define VERSION 0, 9
#include "specimen.h"
