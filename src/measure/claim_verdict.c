#include "measure/claim_verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

/* Of every bootstrap: the same runs give the same interval. */
#define BOOTSTRAP_RESAMPLES 9999
#define BOOTSTRAP_SEED 1

const char *const ccrnn_claim_verdicts[] = {
    [CCRNN_CLAIM_HOLDS] = "holds",
    [CCRNN_CLAIM_DOES_NOT_HOLD] = "does not hold",
    [CCRNN_CLAIM_UNDECIDED] = "undecided",
    [CCRNN_CLAIM_VERDICT_COUNT] = NULL,
};

int ccrnn_claim_better(const struct ccrnn_claim *claim)
{
    const struct ccrnn_claim_measure *measure = ccrnn_claim_measure_find(claim->side[0].measure);
    const bool follows = measure != NULL && claim->of != NULL &&
                         (strcmp(measure->name, CCRNN_CLAIM_AREA) == 0 ||
                          strcmp(measure->name, CCRNN_CLAIM_NORMALISED_ERROR) == 0);
    if (follows)
        measure = ccrnn_claim_measure_find(claim->of);
    return measure == NULL ? 0 : measure->better;
}

/* --- numbers ----------------------------------------------------------------------------- */

static bool is_complete(const double *row, size_t sides)
{
    for (size_t i = 0; i < sides; i++)
        if (!isfinite(row[i]))
            return false;
    return true;
}

/* A value that was published with its number of runs but without their spread: they are taken to spread like
 * ours. */
static double published_sem(const struct ccrnn_claim *claim, const struct ccrnn_claim_result *r)
{
    if (claim->sem > 0.0 || claim->n == 0)
        return claim->sem;
    return r->first.sd / sqrt((double)claim->n);
}

/* One side against another or against a number, over complete seeds. */
static enum ccrnn_status test_pairs(const struct ccrnn_claim *claim, const double *a,
                                    const double *b, size_t n, double *difference,
                                    struct ccrnn_claim_result *r, struct ccrnn_error *err)
{
    ccrnn_statistics_summarise(a, n, &r->first);
    ccrnn_statistics_summarise(b, n, &r->second);
    if (claim->direction == CCRNN_CLAIM_EQUAL) {
        r->distance =
            fabs(r->first.mean - claim->value) / hypot(r->first.sem, published_sem(claim, r));
        return CCRNN_OK;
    }
    ccrnn_statistics_paired_test(a, b, n, &r->test);
    r->p = r->test.p;
    if (!r->test.enough || r->test.constant)
        return CCRNN_OK;
    r->dz_low = r->test.difference.ci_low / r->test.difference.sd;
    r->dz_high = r->test.difference.ci_high / r->test.difference.sd;
    for (size_t i = 0; i < n; i++)
        difference[i] = a[i] - b[i];
    CCRNN_TRY(ccrnn_statistics_wilcoxon(a, b, n, &r->wilcoxon, err));
    return ccrnn_statistics_bootstrap(difference, n, BOOTSTRAP_RESAMPLES, BOOTSTRAP_SEED,
                                      &r->bootstrap, err);
}

enum ccrnn_status ccrnn_claim_test(const struct ccrnn_claim *claim, const double *value,
                                   size_t seeds, struct ccrnn_claim_result *result,
                                   struct ccrnn_error *err)
{
    size_t n = 0;
    result->seeds = seeds;
    result->p = result->p_holm = result->distance = result->dz_low = result->dz_high = NAN;
    result->wilcoxon.p = NAN;
    result->bootstrap = (struct ccrnn_bootstrap){NAN, NAN, NAN, NAN};
    if (claim->sides > 2) {
        CCRNN_TRY(ccrnn_statistics_compare(value, seeds, claim->sides, &result->comparison, err));
        result->missing = result->comparison.missing;
        result->p = result->comparison.p;
        return CCRNN_OK;
    }
    double *const memory = calloc(3 * seeds + 1, sizeof *memory);
    if (memory == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to test a claim");
    double *const a = memory, *const b = memory + seeds;
    for (size_t i = 0; i < seeds; i++) {
        const double *const row = value + i * claim->sides;
        if (!is_complete(row, claim->sides))
            continue;
        a[n] = row[0];
        b[n++] = claim->sides == 2 ? row[1] : claim->value;
    }
    result->missing = seeds - n;
    const enum ccrnn_status status = test_pairs(claim, a, b, n, b + seeds, result, err);
    free(memory);
    return status;
}

/* --- verdicts ---------------------------------------------------------------------------- */

static void say(struct ccrnn_claim_result *r, enum ccrnn_claim_verdict verdict, const char *why)
{
    r->verdict = verdict;
    (void)ccrnn_format(r->why, sizeof r->why, "%s", why);
}

/* Differences that are all the same cannot be tested, but 0 says something. */
static void decide_constant(const struct ccrnn_claim *claim, struct ccrnn_claim_result *r)
{
    if (r->never > 0)
        say(r, CCRNN_CLAIM_UNDECIDED, "no run reached the criterion");
    else if (r->test.difference.mean != 0.0)
        say(r, CCRNN_CLAIM_UNDECIDED, "the difference is the same for all seeds: no test");
    else if (claim->direction == CCRNN_CLAIM_NO_ADVANTAGE)
        say(r, CCRNN_CLAIM_HOLDS, "there is no difference at all");
    else
        say(r, CCRNN_CLAIM_DOES_NOT_HOLD, "there is no difference at all");
}

/* The claimed direction is `sign` of the difference. Effects are counted in it, in standard
 * deviations: their confidence interval reaches up to `high`. */
static void decide_effect(const struct ccrnn_claim *claim, int sign, struct ccrnn_claim_result *r)
{
    const double high = sign > 0 ? r->dz_high : -r->dz_low;
    const double size = sign * r->test.dz;
    const bool sized = isfinite(claim->dz);
    if (size > 0.0 && r->p_holm < claim->p && (!sized || size > claim->dz))
        say(r, CCRNN_CLAIM_HOLDS,
            sized ? "p and d_z meet their thresholds" : "p meets its threshold");
    else if (high <= 0.0)
        say(r, CCRNN_CLAIM_DOES_NOT_HOLD, "the confidence interval excludes this direction");
    else if (sized && high < claim->dz)
        say(r, CCRNN_CLAIM_DOES_NOT_HOLD,
            "the confidence interval excludes an effect of this size");
    else if (!(r->p_holm < claim->p))
        say(r, CCRNN_CLAIM_UNDECIDED,
            size > 0.0 ? "in this direction, but p misses its threshold"
                       : "no effect in this direction is seen, none is excluded");
    else
        say(r, CCRNN_CLAIM_UNDECIDED, "significant, but d_z misses its threshold");
}

static void decide_difference(const struct ccrnn_claim *claim, struct ccrnn_claim_result *r)
{
    const bool sized = isfinite(claim->dz);
    if (r->p_holm < claim->p && (!sized || fabs(r->test.dz) > claim->dz))
        say(r, CCRNN_CLAIM_HOLDS,
            sized ? "p and d_z meet their thresholds" : "p meets its threshold");
    else if (sized && r->dz_low > -claim->dz && r->dz_high < claim->dz)
        say(r, CCRNN_CLAIM_DOES_NOT_HOLD,
            "the confidence interval excludes an effect of this size");
    else if (!(r->p_holm < claim->p))
        say(r, CCRNN_CLAIM_UNDECIDED, "p misses its threshold, and no difference is excluded");
    else
        say(r, CCRNN_CLAIM_UNDECIDED, "significant, but d_z misses its threshold");
}

/* Decided on p without correction: a correction would make the absence of an effect easy. */
static void decide_no_advantage(const struct ccrnn_claim *claim, struct ccrnn_claim_result *r)
{
    const int sign = ccrnn_claim_better(claim);
    const double high = sign > 0 ? r->dz_high : -r->dz_low;
    const double size = sign * r->test.dz;
    if (size > 0.0 && r->p < claim->p)
        say(r, CCRNN_CLAIM_DOES_NOT_HOLD, "there is an advantage");
    else if (!isfinite(claim->dz) || high < claim->dz)
        say(r, CCRNN_CLAIM_HOLDS,
            isfinite(claim->dz) ? "no significant advantage, and one of this size is excluded"
                                : "no significant advantage");
    else
        say(r, CCRNN_CLAIM_UNDECIDED,
            "no significant advantage, but one of this size is not excluded");
}

static void decide_equal(const struct ccrnn_claim *claim, struct ccrnn_claim_result *r)
{
    if (r->first.n < CCRNN_PAIRS_MIN)
        say(r, CCRNN_CLAIM_UNDECIDED, "fewer than 3 seeds");
    else if (r->distance <= claim->within ||
             (r->first.sem == 0.0 && r->first.mean == claim->value))
        say(r, CCRNN_CLAIM_HOLDS, "within the allowed distance");
    else
        say(r, CCRNN_CLAIM_DOES_NOT_HOLD, "further away than allowed");
}

static void decide_several(const struct ccrnn_claim *claim, struct ccrnn_claim_result *r)
{
    if (!r->comparison.enough)
        say(r, CCRNN_CLAIM_UNDECIDED, "fewer than 3 seeds");
    else if (r->p_holm < claim->p)
        say(r, CCRNN_CLAIM_HOLDS, "p meets its threshold");
    else
        say(r, CCRNN_CLAIM_UNDECIDED, "p misses its threshold, and no difference is excluded");
}

static void decide(const struct ccrnn_claim *claim, struct ccrnn_claim_result *r)
{
    if (claim->note[0] != '\0')
        say(r, CCRNN_CLAIM_UNDECIDED, claim->note);
    else if (r->seeds == 0)
        say(r, CCRNN_CLAIM_UNDECIDED, "no runs");
    else if (r->missing > 0) {
        say(r, CCRNN_CLAIM_UNDECIDED, "");
        (void)ccrnn_format(r->why, sizeof r->why, "%zu of %zu seeds are missing%s%.200s",
                           r->missing, r->seeds, r->gap[0] == '\0' ? "" : ": ", r->gap);
    } else if (claim->sides > 2)
        decide_several(claim, r);
    else if (claim->direction == CCRNN_CLAIM_EQUAL)
        decide_equal(claim, r);
    else if (!r->test.enough)
        say(r, CCRNN_CLAIM_UNDECIDED, "fewer than 3 pairs");
    else if (r->test.constant)
        decide_constant(claim, r);
    else if (claim->direction == CCRNN_CLAIM_NO_ADVANTAGE)
        decide_no_advantage(claim, r);
    else if (claim->direction == CCRNN_CLAIM_DIFFER)
        decide_difference(claim, r);
    else
        decide_effect(claim, claim->direction == CCRNN_CLAIM_ABOVE ? 1 : -1, r);
}

/* Asserts an effect: its p belongs to the family that is corrected together. */
static bool in_family(const struct ccrnn_claim *claim)
{
    return claim->direction == CCRNN_CLAIM_BELOW || claim->direction == CCRNN_CLAIM_ABOVE ||
           claim->direction == CCRNN_CLAIM_DIFFER;
}

enum ccrnn_status ccrnn_claims_decide(const struct ccrnn_claim *claim,
                                      struct ccrnn_claim_result *result, size_t count,
                                      struct ccrnn_error *err)
{
    double *const p = calloc(count + 1, sizeof *p);
    if (p == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu claims", count);
    for (size_t i = 0; i < count; i++)
        p[i] = in_family(&claim[i]) ? result[i].p : (double)NAN;
    const enum ccrnn_status status = ccrnn_statistics_holm(p, count, p, err);
    for (size_t i = 0; i < count && status == CCRNN_OK; i++) {
        result[i].p_holm = p[i];
        decide(&claim[i], &result[i]);
    }
    free(p);
    return status;
}
