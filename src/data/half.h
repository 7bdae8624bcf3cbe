/** @file
 * The two floating-point formats of 16 bits.
 */
#ifndef CCRNN_DATA_HALF_H
#define CCRNN_DATA_HALF_H

#include <stdint.h>

/** IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits); exact, infinity and NaN too. */
float ccrnn_half_to_float(uint16_t bits);

/** bfloat16 (the upper half of a binary32); exact. */
float ccrnn_bfloat16_to_float(uint16_t bits);

#endif
