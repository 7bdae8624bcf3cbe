/** @file
 * The wish to stop: signals, and a time that is over.
 */
#ifndef CCRNN_CLI_STOP_H
#define CCRNN_CLI_STOP_H

#include <stdbool.h>
#include <stdint.h>

/** From now on SIGINT, SIGTERM and SIGUSR1 (which batch systems send before the time is up) ask to stop. Only a
 * SIGINT after another signal, or after cli_stop_told(), ends the process at once: batch systems send the others as
 * often as they like. To be called before there are threads. @param stop_after seconds from now, the end of which
 * asks to stop too; 0: never */
void cli_catch_signals(uint64_t stop_after);

/** Has anything asked to stop? From any thread. */
bool cli_stop_asked(void);

/** The user has been told that the work stops. From now on one SIGINT ends the process at once. */
void cli_stop_told(void);

/** What asked first. */
enum cli_stop_reason {
    CLI_STOP_NONE,    /**< none of these: a failure, another rank */
    CLI_STOP_CTRL_C,  /**< SIGINT */
    CLI_STOP_SIGNAL,  /**< SIGTERM, SIGUSR1 */
    CLI_STOP_TIME_UP, /**< stop_after */
};
enum cli_stop_reason cli_stop_reason(void);

#endif
