#include "data/half.h"

#include <math.h>
#include <string.h>

enum {
    FRACTION_BITS = 10,
    EXPONENT_MASK = 0x1F, /* also the exponent of infinity and NaN */
    FRACTION_MASK = 0x3FF,
    SIGN_BIT = 0x8000,
    SUBNORMAL_EXPONENT = -24 /* a fraction of 1 without exponent is 2⁻²⁴ */
};

float ccrnn_half_to_float(uint16_t bits)
{
    const int exponent = bits >> FRACTION_BITS & EXPONENT_MASK;
    const int fraction = bits & FRACTION_MASK;
    float magnitude;
    if (exponent == EXPONENT_MASK)
        magnitude = fraction == 0 ? INFINITY : NAN;
    else if (exponent == 0)
        magnitude = ldexpf((float)fraction, SUBNORMAL_EXPONENT);
    else
        magnitude =
            ldexpf((float)(fraction + FRACTION_MASK + 1), SUBNORMAL_EXPONENT + exponent - 1);
    return (bits & SIGN_BIT) != 0 ? -magnitude : magnitude;
}

float ccrnn_bfloat16_to_float(uint16_t bits)
{
    const uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}
