/** @file
 * The parts of a man page (roff, on stdout) that follow from a table of commands.
 */
#ifndef CCRNN_CLI_MANUAL_PAGE_H
#define CCRNN_CLI_MANUAL_PAGE_H

#include "cli/cli.h"

/** Title and first sections. All arguments are roff already. */
void cli_manual_begin(const char *summary, const char *synopsis, const char *description);

/** Every command with its text and options. */
void cli_manual_commands(const struct cli_command *commands);

/** What each exit code means. */
void cli_manual_exit_status(void);

/** Any text, as roff wants it. */
void cli_manual_text(const char *text);

#endif
