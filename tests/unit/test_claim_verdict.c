/* Verdicts on claims, from hand-made numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "measure/claim_verdict.h"

enum { SEEDS = 5 };

/* A claim of one or two sides about the error, p < 0.05. */
static struct ccrnn_claim make(enum ccrnn_claim_direction direction,
                               struct ccrnn_claim_side *side, size_t sides)
{
    static char arm[] = "arm", measure[] = "error", none[] = "";
    for (size_t i = 0; i < sides; i++)
        side[i] = (struct ccrnn_claim_side){.arm = arm, .measure = measure};
    return (struct ccrnn_claim){.name = none,
                                .paper = none,
                                .note = none,
                                .criterion = NAN,
                                .direction = direction,
                                .value = NAN,
                                .within = 3,
                                .p = 0.05,
                                .dz = NAN,
                                .side = side,
                                .sides = sides};
}

/* Judge one claim from the differences of SEEDS pairs. */
static struct ccrnn_claim_result judge(const struct ccrnn_claim *claim, const double *difference)
{
    struct ccrnn_claim_result result = {0};
    double value[2 * SEEDS];
    for (size_t i = 0; i < SEEDS; i++) {
        value[2 * i] = 10 + difference[i];
        value[2 * i + 1] = 10;
    }
    assert_int_equal(ccrnn_claim_test(claim, value, SEEDS, &result, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_claims_decide(claim, &result, 1, NULL), CCRNN_OK);
    return result;
}

static void expect(enum ccrnn_claim_direction direction, double dz, const double *difference,
                   enum ccrnn_claim_verdict verdict, const char *why)
{
    struct ccrnn_claim_side side[2];
    struct ccrnn_claim claim = make(direction, side, 2);
    claim.dz = dz;
    const struct ccrnn_claim_result result = judge(&claim, difference);
    if (result.verdict != verdict || strstr(result.why, why) == NULL)
        fail_msg("expected %s (%s), found %s (%s); p %g, d_z %g in %g … %g",
                 ccrnn_claim_verdicts[verdict], why, ccrnn_claim_verdicts[result.verdict],
                 result.why, result.p, result.test.dz, result.dz_low, result.dz_high);
}

/* d_z and its interval: −6.3 (−9.9 … −1.6 by t); −0.7; −0.03 */
static const double lower[] = {-1.0, -1.2, -0.8, -1.1, -0.9};
static const double perhaps[] = {-1.0, 1.0, -2.0, 0.1, -1.5};
static const double nothing[] = {-1.0, 1.0, -0.5, 0.6, -0.2};
static const double zero[] = {0, 0, 0, 0, 0};
static const double same[] = {1, 1, 1, 1, 1};

static void below_and_above(void **state)
{
    (void)state;
    expect(CCRNN_CLAIM_BELOW, NAN, lower, CCRNN_CLAIM_HOLDS, "p meets");
    expect(CCRNN_CLAIM_BELOW, 1, lower, CCRNN_CLAIM_HOLDS, "p and d_z meet");
    expect(CCRNN_CLAIM_BELOW, 7, lower, CCRNN_CLAIM_UNDECIDED, "d_z misses");
    expect(CCRNN_CLAIM_BELOW, 20, lower, CCRNN_CLAIM_DOES_NOT_HOLD, "of this size");
    expect(CCRNN_CLAIM_ABOVE, NAN, lower, CCRNN_CLAIM_DOES_NOT_HOLD, "excludes this direction");
    expect(CCRNN_CLAIM_BELOW, NAN, perhaps, CCRNN_CLAIM_UNDECIDED, "in this direction");
    expect(CCRNN_CLAIM_ABOVE, NAN, perhaps, CCRNN_CLAIM_UNDECIDED, "none is excluded");
    expect(CCRNN_CLAIM_ABOVE, 3, nothing, CCRNN_CLAIM_DOES_NOT_HOLD, "of this size");
    expect(CCRNN_CLAIM_BELOW, NAN, zero, CCRNN_CLAIM_DOES_NOT_HOLD, "no difference at all");
    expect(CCRNN_CLAIM_BELOW, NAN, same, CCRNN_CLAIM_UNDECIDED, "same for all seeds");
}

static void difference_of_any_sign(void **state)
{
    (void)state;
    expect(CCRNN_CLAIM_DIFFER, NAN, lower, CCRNN_CLAIM_HOLDS, "p meets");
    expect(CCRNN_CLAIM_DIFFER, 7, lower, CCRNN_CLAIM_UNDECIDED, "d_z misses");
    expect(CCRNN_CLAIM_DIFFER, NAN, nothing, CCRNN_CLAIM_UNDECIDED, "p misses");
    expect(CCRNN_CLAIM_DIFFER, 3, nothing, CCRNN_CLAIM_DOES_NOT_HOLD, "of this size");
    expect(CCRNN_CLAIM_DIFFER, NAN, zero, CCRNN_CLAIM_DOES_NOT_HOLD, "no difference");
}

static void no_advantage(void **state)
{
    (void)state;
    double higher[SEEDS];
    for (size_t i = 0; i < SEEDS; i++)
        higher[i] = -lower[i];
    expect(CCRNN_CLAIM_NO_ADVANTAGE, NAN, lower, CCRNN_CLAIM_DOES_NOT_HOLD, "an advantage");
    expect(CCRNN_CLAIM_NO_ADVANTAGE, NAN, higher, CCRNN_CLAIM_HOLDS, "no significant advantage");
    expect(CCRNN_CLAIM_NO_ADVANTAGE, NAN, perhaps, CCRNN_CLAIM_HOLDS, "no significant");
    expect(CCRNN_CLAIM_NO_ADVANTAGE, 1, perhaps, CCRNN_CLAIM_UNDECIDED, "is not excluded");
    expect(CCRNN_CLAIM_NO_ADVANTAGE, 3, nothing, CCRNN_CLAIM_HOLDS,
           "one of this size is excluded");
    expect(CCRNN_CLAIM_NO_ADVANTAGE, NAN, zero, CCRNN_CLAIM_HOLDS, "no difference at all");
    /* of accuracy more is better */
    static char accuracy[] = "accuracy";
    struct ccrnn_claim_side side[2];
    const struct ccrnn_claim claim = make(CCRNN_CLAIM_NO_ADVANTAGE, side, 2);
    side[0].measure = side[1].measure = accuracy;
    assert_int_equal(judge(&claim, lower).verdict, CCRNN_CLAIM_HOLDS);
    assert_int_equal(judge(&claim, higher).verdict, CCRNN_CLAIM_DOES_NOT_HOLD);
}

static struct ccrnn_claim_result judge_published(double value, double sem, uint64_t n,
                                                 double within, const double *found, size_t seeds)
{
    struct ccrnn_claim_side side[1];
    struct ccrnn_claim claim = make(CCRNN_CLAIM_EQUAL, side, 1);
    struct ccrnn_claim_result result = {0};
    claim.value = value;
    claim.sem = sem;
    claim.n = n;
    claim.within = within;
    assert_int_equal(ccrnn_claim_test(&claim, found, seeds, &result, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_claims_decide(&claim, &result, 1, NULL), CCRNN_OK);
    return result;
}

static struct ccrnn_claim_result judge_equal(double value, double sem, double within,
                                             const double *found, size_t seeds)
{
    return judge_published(value, sem, 0, within, found, seeds);
}

static void published_number(void **state)
{
    (void)state;
    const double found[] = {1, 2, 3, 4, 5}; /* 3 ± 0.7071 */
    struct ccrnn_claim_result result = judge_equal(5, 0.7071067811865476, 3, found, SEEDS);
    assert_int_equal(result.verdict, CCRNN_CLAIM_HOLDS);
    assert_true(fabs(result.distance - 2.0) < 1e-12);
    assert_true(isnan(result.p) && isnan(result.p_holm));
    assert_int_equal(judge_equal(5, 0.7071067811865476, 1.9, found, SEEDS).verdict,
                     CCRNN_CLAIM_DOES_NOT_HOLD);
    /* √2.5 / √5 = 0.7071 is taken where only the number of runs is known */
    result = judge_published(5, 0, 5, 3, found, SEEDS);
    assert_true(fabs(result.distance - 2.0) < 1e-12);
    assert_int_equal(judge_equal(3, 0, 3, found, 2).verdict, CCRNN_CLAIM_UNDECIDED);
    assert_int_equal(judge_equal(1, 0, 3, same, SEEDS).verdict, CCRNN_CLAIM_HOLDS);
    assert_int_equal(judge_equal(1.001, 0, 3, same, SEEDS).verdict, CCRNN_CLAIM_DOES_NOT_HOLD);
}

static void against_a_number(void **state)
{
    (void)state;
    const double found[] = {0.5, 0.6, 0.4, 0.55, 0.45};
    struct ccrnn_claim_side side[1];
    struct ccrnn_claim claim = make(CCRNN_CLAIM_BELOW, side, 1);
    struct ccrnn_claim_result result = {0};
    claim.value = 1;
    assert_int_equal(ccrnn_claim_test(&claim, found, SEEDS, &result, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_claims_decide(&claim, &result, 1, NULL), CCRNN_OK);
    assert_int_equal(result.verdict, CCRNN_CLAIM_HOLDS);
    assert_true(fabs(result.test.difference.mean + 0.5) < 1e-12);
}

static void several_arms(void **state)
{
    (void)state;
    const double rising[] = {1, 2, 3, 1.1, 2.2, 3.1, 0.9, 2, 3, 1, 1.9, 2.7, 1.2, 2, 3.3};
    const double mixed[] = {1, 2, 3, 3, 2, 1, 2, 1, 3, 1, 3, 2, 3, 1, 2};
    struct ccrnn_claim_side side[3];
    const struct ccrnn_claim claim = make(CCRNN_CLAIM_DIFFER, side, 3);
    const double *const tables[] = {rising, mixed};
    const enum ccrnn_claim_verdict verdicts[] = {CCRNN_CLAIM_HOLDS, CCRNN_CLAIM_UNDECIDED};
    for (size_t i = 0; i < 2; i++) {
        struct ccrnn_claim_result result = {0};
        assert_int_equal(ccrnn_claim_test(&claim, tables[i], SEEDS, &result, NULL), CCRNN_OK);
        assert_int_equal(ccrnn_claims_decide(&claim, &result, 1, NULL), CCRNN_OK);
        assert_int_equal(result.verdict, verdicts[i]);
        assert_true(result.p == result.comparison.p);
    }
}

static void what_is_missing(void **state)
{
    (void)state;
    struct ccrnn_claim_side side[2];
    struct ccrnn_claim claim = make(CCRNN_CLAIM_BELOW, side, 2);
    double gap[SEEDS];
    memcpy(gap, lower, sizeof gap);
    gap[3] = NAN;
    struct ccrnn_claim_result result = judge(&claim, gap);
    assert_int_equal(result.verdict, CCRNN_CLAIM_UNDECIDED);
    assert_string_equal(result.why, "1 of 5 seeds are missing");
    assert_int_equal(result.test.pairs, 4);
    assert_true(result.p < 0.05); /* shown, though it decides nothing */
    static char note[] = "there is no such arm here";
    claim.note = note;
    result = judge(&claim, lower);
    assert_int_equal(result.verdict, CCRNN_CLAIM_UNDECIDED);
    assert_string_equal(result.why, note);
}

static void too_few(void **state)
{
    (void)state;
    const double value[] = {1, 2, 1.5, 2.6};
    struct ccrnn_claim_side side[2];
    const struct ccrnn_claim claim = make(CCRNN_CLAIM_BELOW, side, 2);
    struct ccrnn_claim_result result = {0};
    assert_int_equal(ccrnn_claim_test(&claim, value, 2, &result, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_claims_decide(&claim, &result, 1, NULL), CCRNN_OK);
    assert_int_equal(result.verdict, CCRNN_CLAIM_UNDECIDED);
    assert_string_equal(result.why, "fewer than 3 pairs");
    assert_true(isnan(result.p) && isnan(result.wilcoxon.p) && isnan(result.bootstrap.low));
    result = (struct ccrnn_claim_result){0};
    assert_int_equal(ccrnn_claim_test(&claim, NULL, 0, &result, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_claims_decide(&claim, &result, 1, NULL), CCRNN_OK);
    assert_string_equal(result.why, "no runs");
}

/* The family: claims of an effect that have a p; one of two is then significant alone only. */
static void correction(void **state)
{
    (void)state;
    const double weak[] = {-1.0, -0.3, -2.0, -0.4, -0.9}; /* p = 0.034 */
    struct ccrnn_claim_side side[4][2];
    struct ccrnn_claim claim[4];
    struct ccrnn_claim_result result[4] = {{0}};
    const enum ccrnn_claim_direction directions[] = {CCRNN_CLAIM_BELOW, CCRNN_CLAIM_ABOVE,
                                                     CCRNN_CLAIM_NO_ADVANTAGE, CCRNN_CLAIM_BELOW};
    const double *const differences[] = {weak, nothing, weak, same};
    for (size_t i = 0; i < 4; i++) {
        claim[i] = make(directions[i], side[i], 2);
        result[i] = judge(&claim[i], differences[i]);
    }
    assert_int_equal(result[0].verdict, CCRNN_CLAIM_HOLDS);
    assert_int_equal(ccrnn_claims_decide(claim, result, 4, NULL), CCRNN_OK);
    assert_true(result[0].p < 0.05 && result[0].p_holm == 2 * result[0].p);
    assert_int_equal(result[0].verdict, CCRNN_CLAIM_UNDECIDED);
    assert_true(result[1].p_holm == result[1].p);
    assert_true(isnan(result[2].p_holm));
    assert_int_equal(result[2].verdict, CCRNN_CLAIM_DOES_NOT_HOLD); /* on p alone */
    assert_true(isnan(result[3].p_holm));
}

static void never_reached(void **state)
{
    (void)state;
    static char speed[] = "learning_speed";
    struct ccrnn_claim_side side[2];
    const struct ccrnn_claim claim = make(CCRNN_CLAIM_NO_ADVANTAGE, side, 2);
    struct ccrnn_claim_result result = {.never = 2 * SEEDS};
    const double value[2 * SEEDS] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    side[0].measure = side[1].measure = speed;
    assert_int_equal(ccrnn_claim_test(&claim, value, SEEDS, &result, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_claims_decide(&claim, &result, 1, NULL), CCRNN_OK);
    assert_int_equal(result.verdict, CCRNN_CLAIM_UNDECIDED);
    assert_string_equal(result.why, "no run reached the criterion");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(below_and_above),  cmocka_unit_test(difference_of_any_sign),
        cmocka_unit_test(no_advantage),     cmocka_unit_test(published_number),
        cmocka_unit_test(against_a_number), cmocka_unit_test(several_arms),
        cmocka_unit_test(what_is_missing),  cmocka_unit_test(too_few),
        cmocka_unit_test(correction),       cmocka_unit_test(never_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
