/* The same in double. */
#include "test_intervention_steps.c"
