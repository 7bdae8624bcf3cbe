/** @file
 * The claims of a study and what its runs say about them.
 */
#ifndef CCRNN_REPORT_CLAIMS_H
#define CCRNN_REPORT_CLAIMS_H

#include "measure/claim_verdict.h"
#include "report/collect.h"
#include "report/text.h"

/** Start with {0}; release in any case. */
struct ccrnn_report_claims {
    struct ccrnn_claim *claim; /**< (count), as study.json has them */
    struct ccrnn_claim_result *result;
    size_t count;
    char *quick;    /**< how the study was made small; NULL: it was not */
    uint64_t *seed; /**< (seeds) of the study, as written */
    size_t seeds;
    size_t wanted;  /**< runs the study has: arms × seeds */
    size_t done;    /**< of these, finished ones */
    double seconds; /**< of work in them, added up over runs */
};

/** Judge the claims in study.json of a collected study. A study without study.json or claims has none.
 * @return CCRNN_FORMAT: study.json is damaged; CCRNN_MEMORY */
enum ccrnn_status ccrnn_report_claims_judge(const struct ccrnn_report_study *study,
                                            struct ccrnn_report_claims *claims,
                                            struct ccrnn_error *err);

void ccrnn_report_claims_release(struct ccrnn_report_claims *claims);

/* A claim in words, as plain text in UTF-8. */

/** "error (validation, last 10): ccRNN below cRNN" */
void ccrnn_report_claim_add_statement(struct ccrnn_report_text *text,
                                      const struct ccrnn_claim *claim);
/** "0.27 ± 0.11 against 2.87 ± 0.31 (mean ± SEM, n = 10)"; nothing if there is no number. */
void ccrnn_report_claim_add_values(struct ccrnn_report_text *text,
                                   const struct ccrnn_claim *claim,
                                   const struct ccrnn_claim_result *result);
/** "difference −2.6, 95 % CI −3.3 to −1.9 (bootstrap −3.2 to −2.0), t(9) = −8.3, p = 2e-5, …" */
void ccrnn_report_claim_add_test(struct ccrnn_report_text *text, const struct ccrnn_claim *claim,
                                 const struct ccrnn_claim_result *result);
/** "p < 0.01, d_z > 1" */
void ccrnn_report_claim_add_threshold(struct ccrnn_report_text *text,
                                      const struct ccrnn_claim *claim);

/** The section of the page; nothing without claims. */
enum ccrnn_status ccrnn_report_add_claims(struct ccrnn_report_text *page,
                                          const struct ccrnn_report_claims *claims,
                                          struct ccrnn_error *err);

#endif
