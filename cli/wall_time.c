#include "cli/wall_time.h"

#include <stdio.h>

const char cli_wall_time_expected[] =
    "expected a time as Slurm writes it, up to a year: minutes, M:S, H:M:S, D-H, D-H:M or D-H:M:S";

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* Digits at *text; leading zeros are fine. Steps over them. */
static bool read_number(const char **text, uint64_t *number)
{
    const char *c = *text;
    *number = 0;
    for (; *c >= '0' && *c <= '9'; c++)
        if ((*number = 10 * *number + (uint64_t)(*c - '0')) > CLI_WALL_TIME_MOST)
            return false;
    const bool found = c > *text;
    *text = c;
    return found;
}

/* Up to `most` numbers with ':' between, and nothing behind. Returns how many, 0 if they are none. */
static size_t read_fields(const char *text, uint64_t *field, size_t most)
{
    for (size_t count = 0; count < most;) {
        if (!read_number(&text, &field[count++]))
            return 0;
        if (*text == '\0')
            return count;
        if (*text++ != ':')
            return 0;
    }
    return 0;
}

bool cli_read_wall_time(const char *text, uint64_t *seconds)
{
    static const uint64_t units[] = {DAY, HOUR, MINUTE, 1};
    uint64_t number[4], sum = 0;
    const char *rest = text;
    const bool days = read_number(&rest, &number[0]) && *rest == '-';
    const size_t before = days ? 1 : 0;
    const size_t count = read_fields(days ? rest + 1 : text, number + before, 3);
    if (count == 0)
        return false;
    /* H:M:S, else M or M:S */
    const uint64_t *const unit = units + (days ? 0 : count == 3 ? 1 : 2);
    for (size_t i = 0; i < before + count; i++) {
        if (i > 0 && number[i] >= unit[i - 1] / unit[i])
            return false;
        sum += number[i] * unit[i];
    }
    if (sum == 0 || sum > CLI_WALL_TIME_MOST)
        return false;
    *seconds = sum;
    return true;
}

const char *cli_write_wall_time(uint64_t seconds, char text[32])
{
    const unsigned long long days = seconds / DAY, hours = seconds / HOUR % 24;
    const unsigned minutes = (unsigned)(seconds / MINUTE % 60),
                   rest = (unsigned)(seconds % MINUTE);
    if (days > 0)
        snprintf(text, 32, "%llu-%02llu:%02u:%02u", days, hours, minutes, rest);
    else
        snprintf(text, 32, "%llu:%02u:%02u", hours, minutes, rest);
    return text;
}
