#define _GNU_SOURCE
#include "base/number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

int ccrnn_format_v(char *text, size_t size, const char *format, va_list arguments)
{
    pthread_once(&c_locale_once, make_c_locale);
    if (c_locale == (locale_t)0)
        return vsnprintf(text, size, format, arguments);
    const locale_t before = uselocale(c_locale);
    const int length = vsnprintf(text, size, format, arguments);
    uselocale(before);
    return length;
}

int ccrnn_format(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = ccrnn_format_v(text, size, format, arguments);
    va_end(arguments);
    return length;
}

static const char *skip_digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

/* integer: "0" or a digit 1–9 and more digits. NULL if there is none at p. */
static const char *skip_integer(const char *p)
{
    if (*p < '0' || *p > '9')
        return NULL;
    return *p == '0' ? p + 1 : skip_digits(p);
}

static bool looks_like_real(const char *p)
{
    if (*p == '-' || *p == '+')
        p++;
    p = skip_integer(p);
    if (p == NULL)
        return false;
    if (*p == '.') {
        const char *const end = skip_digits(p + 1);
        if (end == p + 1)
            return false;
        p = end;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '-' || *p == '+')
            p++;
        const char *const end = skip_digits(p);
        if (end == p)
            return false;
        p = end;
    }
    return *p == '\0';
}

bool ccrnn_parse_real(const char *text, double *value)
{
    if (!looks_like_real(text))
        return false;
    pthread_once(&c_locale_once, make_c_locale);
    if (c_locale == (locale_t)0)
        return false;
    const double parsed = strtod_l(text, NULL, c_locale);
    if (!isfinite(parsed))
        return false;
    *value = parsed;
    return true;
}

bool ccrnn_parse_unsigned(const char *text, uint64_t *value)
{
    const char *const end = skip_integer(text);
    if (end == NULL || *end != '\0')
        return false;
    errno = 0;
    const unsigned long long parsed = strtoull(text, NULL, 10);
    if (errno == ERANGE)
        return false;
    *value = parsed;
    return true;
}
