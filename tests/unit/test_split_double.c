/* The same in double. */
#include "test_split.c"
