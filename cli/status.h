/** @file
 * What `ccrnn status` shows of a survey: as text for people, as JSON for programs.
 */
#ifndef CCRNN_CLI_STATUS_H
#define CCRNN_CLI_STATUS_H

#include "base/text.h"
#include "study/forecast.h"
#include "study/lost_work.h"

/** Everything that is known. */
struct cli_status {
    struct ccrnn_survey survey;
    struct ccrnn_forecast forecast;
    struct ccrnn_lost_work lost;
};

/** How the text is laid out. */
struct cli_status_layout {
    size_t columns; /**< of the table at most; 0: as many as it needs */
    size_t arms;    /**< rows of the table at most; those at work or in trouble first */
    bool busy;      /**< no rows of arms that are all done or all waiting */
    bool runs;      /**< every run, a line each */
};

/** Look and reckon; what was there before is replaced, so a status begins with {0}.
 * @param[out] status free with cli_status_free(), also after a failure
 * @return as ccrnn_survey_open() */
enum ccrnn_status cli_status_look(const char *directory, double stale, struct cli_status *status,
                                  struct ccrnn_error *err);
void cli_status_free(struct cli_status *status);

/** Append lines. */
void cli_status_text(const struct cli_status *status, const struct cli_status_layout *layout,
                     struct ccrnn_text *text);

/** The table among them, a row an arm. */
void cli_status_table(const struct cli_status *status, const struct cli_status_layout *layout,
                      struct ccrnn_text *text);

/** How a state is called in it (static storage). */
const char *cli_status_title(enum ccrnn_survey_state state);

/** Append how much is left, when it will be done, and what to do. */
void cli_status_next(const struct cli_status *status, struct ccrnn_text *text);

/** Append the command that runs again what failed or was left behind, on a line of its own. */
void cli_status_retry(const struct ccrnn_survey *survey, struct ccrnn_text *text);

/** Append the command that does all that is left, or extends what has fewer epochs than others, on a line of its own.
 * Paths are as the command had them that was given last, so it may begin with `cd`. */
void cli_status_command(const struct ccrnn_survey *survey, struct ccrnn_text *text);

/** Is `ccrnn retry` not enough for that? */
bool cli_status_needs_run(const struct ccrnn_survey *survey);

/** The whole as one object; free with free(). NULL: no memory. Keys: docs/status.md */
char *cli_status_json(const struct cli_status *status);

/** Who has a run: "process 12 of node1". @param[out] text `size` bytes  @return text */
const char *cli_status_holder(const struct ccrnn_lease_holder *holder, char *text, size_t size);

/** A run on a line of its own: arm, seed, how it stands. */
void cli_status_run(const struct ccrnn_survey *survey, size_t index, struct ccrnn_text *text);

/** How many of a list are shown where not all are. */
enum { CLI_STATUS_SHOWN = 5 };

#endif
