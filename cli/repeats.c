#include "cli/repeats.h"

#include <stdlib.h>
#include <string.h>

/* So often a message is printed. */
enum { PRINTED = 5 };

bool cli_repeats_print(struct cli_repeats *repeats, const char *message)
{
    size_t i = 0;
    while (i < repeats->messages && strcmp(repeats->said[i].message, message) != 0)
        i++;
    if (i == CLI_REPEATS_MESSAGES)
        return true;
    if (i == repeats->messages) {
        repeats->said[i].message = strdup(message);
        if (repeats->said[i].message == NULL)
            return true;
        repeats->messages++;
    }
    return ++repeats->said[i].count <= PRINTED;
}

void cli_repeats_end(struct cli_repeats *repeats, FILE *out)
{
    for (size_t i = 0; i < repeats->messages; i++) {
        const size_t count = repeats->said[i].count;
        if (count > PRINTED)
            fprintf(out, "and %zu more run%s: %s\n", count - PRINTED,
                    count - PRINTED == 1 ? "" : "s", repeats->said[i].message);
        free(repeats->said[i].message);
    }
    *repeats = (struct cli_repeats){0};
}
