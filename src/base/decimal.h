/** @file
 * Decimal numbers without rounding errors: what study files say, and the values between. Their text is short and
 * the same on every machine: nothing here depends on the C library's exp, log or pow.
 */
#ifndef CCRNN_BASE_DECIMAL_H
#define CCRNN_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Digits of a mantissa: as many as every double keeps. */
#define CCRNN_DECIMAL_DIGITS 15
/** Bytes of a text, terminating zero included. */
#define CCRNN_DECIMAL_SIZE 32

/** mantissa · 10^exponent; the mantissa does not end in 0 (0 is {0, 0}). */
struct ccrnn_decimal {
    int64_t mantissa;
    int exponent;
};

/** Read what ccrnn_parse_real() reads. False, and *value untouched, if it is no number, or has more than
 * CCRNN_DECIMAL_DIGITS digits. */
bool ccrnn_decimal_parse(const char *text, struct ccrnn_decimal *value);

/** "0.001", "1e-5", "250": plain digits from 0.0001 up to 15 digits, else with an exponent. */
void ccrnn_decimal_text(struct ccrnn_decimal value, char text[CCRNN_DECIMAL_SIZE]);

/** The nearest double. */
double ccrnn_decimal_real(struct ccrnn_decimal value);

/** < 0, 0, > 0 as `a` is less than, equal to or more than `b`. */
int ccrnn_decimal_compare(struct ccrnn_decimal a, struct ccrnn_decimal b);

/** `value` as a number of units of 10^exponent. False if it is not a whole one, or has more than
 * CCRNN_DECIMAL_DIGITS digits. */
bool ccrnn_decimal_units(struct ccrnn_decimal value, int exponent, int64_t *units);

/** So many units of 10^exponent. */
struct ccrnn_decimal ccrnn_decimal_of(int64_t units, int exponent);

/** The decimal of `digits` digits nearest to a finite `value`. */
struct ccrnn_decimal ccrnn_decimal_round(double value, int digits);

/** `count` values (2 … 10^4) from `from` to `to` > `from` at even distances, both ends among them. They are exact
 * where the distance is whole or has at most six digits, else rounded to four digits of the distance, but no more than to whole
 * numbers.
 * @param[out] values (count)  @return false: they would need more than CCRNN_DECIMAL_DIGITS digits */
bool ccrnn_decimals_even(struct ccrnn_decimal from, struct ccrnn_decimal to, size_t count,
                         struct ccrnn_decimal *values);

/** from · (to/from)^(part/parts), for 0 < from < to and part ≤ parts ≥ 1, within 10^-12 of itself. Made of products and square
 * roots alone, which IEEE 754 rounds everywhere the same. */
double ccrnn_between_geometric(double from, double to, uint64_t part, uint64_t parts);

#endif
