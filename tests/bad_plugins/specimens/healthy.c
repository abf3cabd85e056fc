#include "specimen.h"
