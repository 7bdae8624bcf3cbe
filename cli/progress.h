/** @file
 * Progress of a study on stderr: one redrawn line on a terminal, a plain line every few seconds
 * elsewhere.
 */
#ifndef CCRNN_CLI_PROGRESS_H
#define CCRNN_CLI_PROGRESS_H

#include "study/workers.h"

struct cli_progress;

/** NULL when out of memory; destroy with cli_progress_destroy(). `quiet`: only failures and notes. */
struct cli_progress *cli_progress_create(const struct ccrnn_study *study, const char *directory,
                                         bool quiet);
/** Removes the redrawn line; what was said in the same words of so many runs that it was no longer printed is counted. */
void cli_progress_destroy(struct cli_progress *progress);

/** The listener of workers: an epoch was finished, there is something to say, a run ended. */
void cli_progress_loaded(void *context, const char *text);
void cli_progress_waits(void *context, size_t runs);
/** The same where it is not known that these processes live (`retry`). */
void cli_progress_watches(void *context, size_t runs);
void cli_progress_began(void *context, size_t index);
void cli_progress_epoch(void *context, size_t index, const struct ccrnn_epoch *epoch);
void cli_progress_note(void *context, size_t index, const char *message);
void cli_progress_finished(void *context, size_t index, const struct ccrnn_run_outcome *outcome,
                           enum ccrnn_status status, const struct ccrnn_error *err);
/** The part of it that only the process that trained the run knows: where it began, and an early end. */
void cli_progress_course(struct cli_progress *progress, size_t index,
                         const struct ccrnn_run_outcome *outcome, enum ccrnn_status status);
/** Say that so many runs are going to stop, and how long that takes as far as it is known. */
void cli_progress_stopping(void *context, size_t runs);
/** The same of the runs of all ranks. */
void cli_progress_stopping_ranks(struct cli_progress *progress, int ranks);

/** Remove the redrawn line, before something else is printed. */
void cli_progress_clear(struct cli_progress *progress);

/** Seconds as "0.05 s", "4.5 s", "45 s", "3.2 min", "5.1 h". */
void cli_duration(double seconds, char *text, size_t size);

#endif
