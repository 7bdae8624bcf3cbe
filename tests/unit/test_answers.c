/* Measures of answers against mpmath (60 digits): tests/oracle/answers_table.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>

#include "ccrnn/measure.h"

#include "../oracle/answers_table.h"

enum { CLASSES_MAX = 10 };

/* Relative; NaN fails. */
static void assert_close(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("expected %.17g, found %.17g", expected, found);
}

static void against_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answer_table / sizeof answer_table[0]; i++) {
        const struct answer_case *const expected = &answer_table[i];
        const size_t O = (size_t)expected->classes;
        ccrnn_real logits[CLASSES_MAX];
        for (size_t o = 0; o < O; o++)
            logits[o] = (ccrnn_real)expected->logits[o];
        struct ccrnn_answer answer;
        ccrnn_measure_answer(logits, O, expected->label, &answer);
        assert_close(answer.nll, expected->nll, 1e-14);
        assert_close(answer.certainty, expected->certainty, 1e-14);
        assert_int_equal(answer.choice, expected->choice);
        assert_int_equal(answer.right, expected->choice == expected->label);
        double probability[CLASSES_MAX], sum = 0.0;
        ccrnn_measure_softmax(logits, O, probability);
        for (size_t o = 0; o < O; o++) {
            assert_true(probability[o] >= 0.0 && probability[o] <= answer.certainty);
            sum += probability[o];
        }
        assert_close(sum, 1.0, 1e-15);
        assert_true(probability[answer.choice] == answer.certainty);
        assert_close(probability[expected->label], exp(-expected->nll), 1e-12);
    }
}

static void by_hand(void **state)
{
    (void)state;
    /* e^0 : e^ln3 = 1 : 3, up to the rounding of ln 3 in float32 */
    const ccrnn_real quarter[] = {0, (ccrnn_real)1.0986123};
    struct ccrnn_answer answer;
    ccrnn_measure_answer(quarter, 2, 0, &answer);
    assert_close(answer.nll, log(4.0), 1e-7);
    assert_close(answer.certainty, 0.75, 1e-7);
    assert_int_equal(answer.choice, 1);
    assert_false(answer.right);
    const ccrnn_real equal[CLASSES_MAX] = {0};
    for (int32_t label = 0; label < CLASSES_MAX; label++) {
        ccrnn_measure_answer(equal, CLASSES_MAX, label, &answer);
        assert_close(answer.nll, log(10.0), 1e-15);
        assert_close(answer.certainty, 0.1, 1e-15);
        assert_int_equal(answer.choice, 0);
        assert_int_equal(answer.right, label == 0);
    }
    const ccrnn_real tie[] = {1, 5, 2, 5};
    ccrnn_measure_answer(tie, 4, 3, &answer);
    assert_int_equal(answer.choice, 1);
    assert_false(answer.right);
}

static void far_apart(void **state)
{
    (void)state;
    const ccrnn_real most = (ccrnn_real)FLT_MAX;
    const ccrnn_real widest[] = {-most, most, 0};
    struct ccrnn_answer answer;
    ccrnn_measure_answer(widest, 3, 0, &answer);
    assert_close(answer.nll, 2.0 * (double)most, 1e-15);
    assert_true(answer.certainty == 1.0);
    /* a loss far below the rounding of 1 keeps its digits */
    const ccrnn_real certain[] = {50, 0};
    ccrnn_measure_answer(certain, 2, 0, &answer);
    assert_close(answer.nll, exp(-50.0), 1e-15);
    assert_true(answer.right);
}

static void assert_no_answer(const ccrnn_real *logits, size_t O, int32_t label)
{
    struct ccrnn_answer answer;
    ccrnn_measure_answer(logits, O, label, &answer);
    assert_true(isnan(answer.nll));
    assert_true(isnan(answer.certainty));
    assert_int_equal(answer.choice, -1);
    assert_false(answer.right);
    double probability[CLASSES_MAX] = {0};
    ccrnn_measure_softmax(logits, O, probability);
    for (size_t o = 0; o < O; o++)
        assert_true(isnan(probability[o]));
}

static void undefined(void **state)
{
    (void)state;
    const ccrnn_real bad[] = {(ccrnn_real)NAN, (ccrnn_real)INFINITY, (ccrnn_real)-INFINITY};
    ccrnn_real logits[] = {1, 3, 2};
    assert_no_answer(logits, 0, 0);
    for (size_t i = 0; i < 9; i++) {
        const ccrnn_real kept = logits[i % 3];
        logits[i % 3] = bad[i / 3];
        for (int32_t label = -1; label <= 3; label++)
            assert_no_answer(logits, 3, label);
        logits[i % 3] = kept;
    }
    const int32_t outside[] = {-1, 3, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        struct ccrnn_answer answer;
        ccrnn_measure_answer(logits, 3, outside[i], &answer);
        assert_true(isnan(answer.nll));
        assert_false(answer.right);
        assert_int_equal(answer.choice, 1);
        assert_true(answer.certainty > 0.6 && answer.certainty < 0.7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_table),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(far_apart),
        cmocka_unit_test(undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
