/* The same in double. */
#include "test_interventions.c"
