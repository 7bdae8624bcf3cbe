/** @file
 * Verdicts on the terminal.
 */
#ifndef CCRNN_CLI_REPRODUCE_H
#define CCRNN_CLI_REPRODUCE_H

#include <stdbool.h>

#include "measure/claim_verdict.h"

/** What became of a figure. */
struct cli_claim_counts {
    bool ran;                             /**< its study was begun */
    size_t of[CCRNN_CLAIM_VERDICT_COUNT]; /**< claims with this verdict */
};

/** Judge the claims of a study's directory and print each. @return as ccrnn_report_collect() and
 * ccrnn_report_claims_judge() */
enum ccrnn_status cli_claims_print(const char *directory, struct cli_claim_counts *counts,
                                   struct ccrnn_error *err);

#endif
