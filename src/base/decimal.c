#include "base/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* Texts and units stay far from where doubles end. */
enum { EXPONENT_MOST = 400 };

static const int64_t mantissa_limit = 1000000000000000; /* 10^CCRNN_DECIMAL_DIGITS */

struct ccrnn_decimal ccrnn_decimal_of(int64_t units, int exponent)
{
    struct ccrnn_decimal value = {units, exponent};
    if (units == 0)
        return (struct ccrnn_decimal){0};
    for (; value.mantissa % 10 == 0; value.exponent++)
        value.mantissa /= 10;
    return value;
}

/* The digits of a number without its sign and point, and how many of them stand behind the point. */
static const char *read_digits(const char *p, int64_t *mantissa, int *digits, int *fraction)
{
    bool behind = false;
    int zeros = 0; /* that count only if another digit follows */
    *mantissa = 0;
    *digits = 0;
    *fraction = 0;
    for (; (*p >= '0' && *p <= '9') || *p == '.'; p++) {
        if (*p == '.') {
            behind = true;
            continue;
        }
        *fraction += behind;
        if (*p == '0') {
            zeros += *digits > 0;
            continue;
        }
        *digits += zeros + 1;
        for (; zeros >= 0 && *digits <= CCRNN_DECIMAL_DIGITS; zeros--)
            *mantissa *= 10;
        zeros = 0;
        *mantissa += *p - '0';
    }
    *fraction -= zeros; /* the number is mantissa · 10^-fraction */
    return p;
}

bool ccrnn_decimal_parse(const char *text, struct ccrnn_decimal *value)
{
    double real;
    int64_t mantissa;
    int digits, fraction;
    if (!ccrnn_parse_real(text, &real))
        return false;
    const bool negative = text[0] == '-';
    const char *const end =
        read_digits(text + (negative || text[0] == '+'), &mantissa, &digits, &fraction);
    const long exponent = *end == '\0' || mantissa == 0 ? 0 : strtol(end + 1, NULL, 10);
    if (digits > CCRNN_DECIMAL_DIGITS || exponent > EXPONENT_MOST || exponent < -EXPONENT_MOST)
        return false;
    *value = ccrnn_decimal_of(negative ? -mantissa : mantissa, (int)exponent - fraction);
    return true;
}

void ccrnn_decimal_text(struct ccrnn_decimal value, char text[CCRNN_DECIMAL_SIZE])
{
    char digits[CCRNN_DECIMAL_SIZE];
    const char *const sign = value.mantissa < 0 ? "-" : "";
    const int size = ccrnn_format(digits, sizeof digits, "%lld", llabs(value.mantissa));
    const int first = size + value.exponent; /* digits before the point */
    if (value.exponent >= 0 && first <= CCRNN_DECIMAL_DIGITS)
        ccrnn_format(text, CCRNN_DECIMAL_SIZE, "%s%s%.*s", sign, digits, value.exponent,
                     "000000000000000");
    else if (value.exponent < 0 && first > 0)
        ccrnn_format(text, CCRNN_DECIMAL_SIZE, "%s%.*s.%s", sign, first, digits, digits + first);
    else if (value.exponent < 0 && first > -4)
        ccrnn_format(text, CCRNN_DECIMAL_SIZE, "%s0.%.*s%s", sign, -first, "000", digits);
    else
        ccrnn_format(text, CCRNN_DECIMAL_SIZE, "%s%c%s%se%d", sign, digits[0],
                     size > 1 ? "." : "", digits + 1, first - 1);
}

double ccrnn_decimal_real(struct ccrnn_decimal value)
{
    char text[CCRNN_DECIMAL_SIZE];
    double real = 0;
    ccrnn_decimal_text(value, text);
    (void)ccrnn_parse_real(text, &real);
    return real;
}

bool ccrnn_decimal_units(struct ccrnn_decimal value, int exponent, int64_t *units)
{
    int64_t found = value.mantissa;
    if (found != 0 && value.exponent < exponent)
        return false;
    for (int e = value.exponent; found != 0 && e > exponent; e--) {
        found *= 10;
        if (llabs(found) >= mantissa_limit)
            return false;
    }
    *units = found;
    return true;
}

int ccrnn_decimal_compare(struct ccrnn_decimal a, struct ccrnn_decimal b)
{
    const int exponent = a.exponent < b.exponent ? a.exponent : b.exponent;
    int64_t x, y;
    if (ccrnn_decimal_units(a, exponent, &x) && ccrnn_decimal_units(b, exponent, &y))
        return (x > y) - (x < y);
    /* so far apart, or of so many digits, that doubles tell them apart */
    const double p = ccrnn_decimal_real(a), q = ccrnn_decimal_real(b);
    return (p > q) - (p < q);
}

struct ccrnn_decimal ccrnn_decimal_round(double value, int digits)
{
    char text[CCRNN_DECIMAL_SIZE];
    struct ccrnn_decimal rounded = {0};
    ccrnn_format(text, sizeof text, "%.*e", digits - 1, value);
    (void)ccrnn_decimal_parse(text, &rounded);
    return rounded;
}

/* How many digits more than the ends have, so that the values are as promised. parts < 10^4 and distance ≥ 1
 * keep every product here and below 10^18. */
static int digits_more(int64_t distance, int64_t parts, int64_t *scale)
{
    int rounded = 0;
    int64_t ten = 1;
    for (; distance * ten / 1000 < parts; rounded++)
        ten *= 10;
    *scale = 1;
    for (int more = 0; more <= rounded + 2; more++, *scale *= 10)
        if (distance % parts * *scale % parts == 0)
            return more;
    *scale = ten;
    return rounded;
}

bool ccrnn_decimals_even(struct ccrnn_decimal from, struct ccrnn_decimal to, size_t count,
                         struct ccrnn_decimal *values)
{
    const int finest = from.exponent < to.exponent ? from.exponent : to.exponent;
    const int exponent = finest < 0 ? finest : 0;
    const int64_t parts = (int64_t)count - 1;
    int64_t first, last, scale;
    if (!ccrnn_decimal_units(from, exponent, &first) || !ccrnn_decimal_units(to, exponent, &last))
        return false;
    const int64_t distance = last - first;
    const int more = digits_more(distance, parts, &scale);
    if (llabs(first) >= mantissa_limit / scale || llabs(last) >= mantissa_limit / scale)
        return false;
    for (size_t i = 0; i < count; i++) {
        const int64_t whole = distance / parts * (int64_t)i,
                      rest = distance % parts * (int64_t)i * scale;
        const int64_t units = (first + whole) * scale + (2 * rest + parts) / (2 * parts);
        values[i] = ccrnn_decimal_of(units, exponent - more);
    }
    return true;
}

double ccrnn_between_geometric(double from, double to, uint64_t part, uint64_t parts)
{
    enum { HALVINGS = 48 };
    if (part >= parts)
        return to;
    /* The binary digits of part/parts say which half holds the value; each middle is geometric. */
    for (int i = 0; i < HALVINGS && part > 0; i++) {
        const double middle = sqrt(from) * sqrt(to);
        part *= 2;
        if (part >= parts) {
            part -= parts;
            from = middle;
        } else {
            to = middle;
        }
    }
    return from;
}
