/* Needs a function that nobody has. */
extern int function_that_nobody_defines(void);
#define INIT(error) function_that_nobody_defines()
#include "specimen.h"
