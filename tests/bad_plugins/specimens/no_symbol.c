#define SYMBOL some_other_name
#include "specimen.h"
