/** @file
 * Numbers as text, with '.' as the decimal point whatever locale the host program has set.
 */
#ifndef CCRNN_BASE_NUMBER_H
#define CCRNN_BASE_NUMBER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** vsnprintf in the "C" locale. Returns what vsnprintf returns. */
int ccrnn_format_v(char *text, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/** snprintf in the "C" locale. Returns what snprintf returns. */
int ccrnn_format(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Parse all of `text` as a decimal number (`12`, `-0.5`, `1e-3`, `.5` is refused; no
 * hexadecimal, no leading zeros, no inf or nan, no spaces). False, and *value untouched, if it is
 * not one or overflows. */
bool ccrnn_parse_real(const char *text, double *value);

/** Parse all of `text` as an unsigned decimal integer (no sign, no leading zeros). False, and
 * *value untouched, if it is not one or does not fit. */
bool ccrnn_parse_unsigned(const char *text, uint64_t *value);

#endif
