/* Put in front of the few sources that know the version, to build the program as another version would be. */
#ifndef CCRNN_TESTS_OTHER_VERSION_H
#define CCRNN_TESTS_OTHER_VERSION_H

#include "ccrnn/version.h"

#undef CCRNN_VERSION_STRING
#define CCRNN_VERSION_STRING "9.8.7"
#ifdef OTHER_NUMERICS
#undef CCRNN_NUMERICS
#define CCRNN_NUMERICS OTHER_NUMERICS
#endif

#endif
