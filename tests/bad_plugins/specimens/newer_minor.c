#define VERSION 1, 7
#include "specimen.h"
