/** @file
 * Stretches of time as Slurm writes them: M, M:S, H:M:S, D-H, D-H:M, D-H:M:S.
 */
#ifndef CCRNN_CLI_WALL_TIME_H
#define CCRNN_CLI_WALL_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A year: no queue offers more. */
#define CLI_WALL_TIME_MOST (365ULL * 24 * 3600)

/** What is expected, for messages. */
extern const char cli_wall_time_expected[];

/** Read a time, 1 second to a year. Only the first number may be larger than its unit allows ("90:00" is an hour
 * and a half). False, and *seconds untouched, if it is none. */
bool cli_read_wall_time(const char *text, uint64_t *seconds);

/** Write it in full: "1:30:00", "2-00:00:00". @param[out] text 32 bytes @return text */
const char *cli_write_wall_time(uint64_t seconds, char text[32]);

#endif
