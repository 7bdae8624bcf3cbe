#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/number.h"

struct status_row {
    const char *name;
    int exit_code;
    const char *meaning;
};

static const struct status_row status_rows[] = {
#define CCRNN_STATUS_ROW(name, exit_code, meaning) {#name, exit_code, meaning},
    CCRNN_STATUS_LIST(CCRNN_STATUS_ROW)
#undef CCRNN_STATUS_ROW
};

static const struct status_row *status_row(enum ccrnn_status status)
{
    static const struct status_row unknown = {"?", 1, "unknown status"};
    return (unsigned)status < CCRNN_STATUS_COUNT ? &status_rows[status] : &unknown;
}

const char *ccrnn_status_name(enum ccrnn_status status)
{
    return status_row(status)->name;
}

const char *ccrnn_status_meaning(enum ccrnn_status status)
{
    return status_row(status)->meaning;
}

int ccrnn_status_exit_code(enum ccrnn_status status)
{
    return status_row(status)->exit_code;
}

/* A message that was cut off may end inside a UTF-8 character: remove what is there of it. */
static void end_whole(char message[CCRNN_ERROR_MAX])
{
    const size_t length = strlen(message);
    if (length < CCRNN_ERROR_MAX - 1)
        return;
    size_t start = length - 1;
    while (start > length - 4 && ((unsigned char)message[start] & 0xC0) == 0x80)
        start--;
    const unsigned char lead = (unsigned char)message[start];
    size_t need = 1;
    if (lead >= 0xF0)
        need = 4;
    else if (lead >= 0xE0)
        need = 3;
    else if (lead >= 0xC0)
        need = 2;
    if (start + need > length)
        message[start] = '\0';
}

enum ccrnn_status(ccrnn_fail)(struct ccrnn_error *err, enum ccrnn_status status,
                              const char *format, ...)
{
    if (err == NULL)
        return status;
    va_list arguments;
    va_start(arguments, format);
    err->status = status;
    ccrnn_format_v(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    end_whole(err->message);
    return status;
}

enum ccrnn_status ccrnn_fail_within(struct ccrnn_error *err, enum ccrnn_status status,
                                    const char *format, ...)
{
    if (err == NULL)
        return status;
    char inner[CCRNN_ERROR_MAX];
    memcpy(inner, err->message, sizeof inner);
    va_list arguments;
    va_start(arguments, format);
    const int prefix = ccrnn_format_v(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    if (prefix >= 0 && (size_t)prefix < sizeof err->message)
        ccrnn_format(err->message + prefix, sizeof err->message - (size_t)prefix, ": %s", inner);
    end_whole(err->message);
    return err->status;
}
