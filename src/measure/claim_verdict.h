/** @file
 * From the numbers of the runs to a verdict on a claim. docs/claims.md has the rules in words.
 */
#ifndef CCRNN_MEASURE_CLAIM_VERDICT_H
#define CCRNN_MEASURE_CLAIM_VERDICT_H

#include "ccrnn/statistics.h"
#include "measure/claim.h"

enum ccrnn_claim_verdict {
    CCRNN_CLAIM_HOLDS,
    CCRNN_CLAIM_DOES_NOT_HOLD,
    CCRNN_CLAIM_UNDECIDED,
    CCRNN_CLAIM_VERDICT_COUNT
};

/** "holds", "does not hold", "undecided". */
extern const char *const ccrnn_claim_verdicts[];

/** Bytes of a reason. */
#define CCRNN_CLAIM_WHY_SIZE 320

/** What the runs say about a claim. Differences are first side − second side (or − value). */
struct ccrnn_claim_result {
    enum ccrnn_claim_verdict verdict;
    char why[CCRNN_CLAIM_WHY_SIZE]; /**< the reason, without a full stop */
    size_t seeds;                   /**< of the study */
    size_t missing;                 /**< seeds without a number on every side */
    char gap[CCRNN_CLAIM_WHY_SIZE]; /**< what the first of them lacks, or "" */
    size_t never;                   /**< learning_speed: runs that did not reach the criterion */
    struct ccrnn_summary first, second; /**< of the seeds with all numbers; one or two sides */
    struct ccrnn_paired_test test;      /**< one or two sides, not EQUAL */
    struct ccrnn_wilcoxon wilcoxon;
    struct ccrnn_bootstrap bootstrap;   /**< of the mean difference */
    double dz_low, dz_high;             /**< the confidence interval of the mean difference, in
                                             standard deviations */
    struct ccrnn_comparison comparison; /**< three sides or more */
    double distance;                    /**< EQUAL: from the value, in combined standard errors */
    double p;                           /**< that decides: of t, or Friedman's; NaN: none */
    double p_holm;                      /**< after Holm's correction; NaN: not in the family */
};

/** Compute everything but verdict, why and p_holm.
 * @param[in] value (seeds, claim->sides) row-major; not finite: missing
 * @param[in,out] result all zero but for gap and never  @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_claim_test(const struct ccrnn_claim *claim, const double *value,
                                   size_t seeds, struct ccrnn_claim_result *result,
                                   struct ccrnn_error *err);

/** Correct p over the claims of a study that assert an effect (below, above, differ), and decide all.
 * @param[in] claim (count)  @param[in,out] result (count)  @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_claims_decide(const struct ccrnn_claim *claim,
                                      struct ccrnn_claim_result *result, size_t count,
                                      struct ccrnn_error *err);

/** Which way is better for what the claim measures: −1 less, 1 more, 0 neither. */
int ccrnn_claim_better(const struct ccrnn_claim *claim);

#endif
