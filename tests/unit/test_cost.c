/* What runs take: epochs with their validation, and a test at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "matrix.h"
#include "study/cost.h"

/* The same training; then ten times the validation, then ten times the test. */
static const char arms[] =
    "study: cost\nseeds: 1\n"
    "base: {cerebellum: none, hidden: 20, train_size: 100, batch: 10, epochs: 4,\n"
    "       validation_size: 100, test_size: 1000}\n"
    "arms:\n  plain: {}\n  validated: {validation_size: 1000}\n  tested: {test_size: 10000}\n";

enum { PLAIN, VALIDATED, TESTED };

/* To a relative error that rounding explains. */
static void assert_near(double found, double expected)
{
    if (!is_near(found, expected, 1e-12 * expected))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static struct ccrnn_study *parsed(void)
{
    struct ccrnn_study *study;
    struct ccrnn_error err = {0};
    if (ccrnn_study_parse(arms, strlen(arms), "cost.yaml", NULL, &study, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return study;
}

static struct ccrnn_costs *costs_of(const struct ccrnn_study *study)
{
    struct ccrnn_costs *costs;
    struct ccrnn_error err = {0};
    assert_int_equal(ccrnn_costs_create(study, &costs, &err), CCRNN_OK);
    return costs;
}

static void validation_and_test_go_forward_only(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parsed();
    const struct ccrnn_network_config *const network = &study->arms[PLAIN].config.network;
    const double step = ccrnn_network_flops(network);
    const double forward = ccrnn_network_forward_flops(network);
    assert_true(forward < step / 2);
    assert_near(ccrnn_costs_work(study, PLAIN), 10 * step + 10 * forward);
    assert_near(ccrnn_costs_work(study, VALIDATED), 10 * step + 100 * forward);
    assert_near(ccrnn_costs_work(study, TESTED), 10 * step + 10 * forward);
    assert_near(ccrnn_costs_test_work(study, PLAIN), 100 * forward);
    assert_near(ccrnn_costs_test_work(study, TESTED), 1000 * forward);
    ccrnn_study_destroy(study);
}

/* A run of 4 epochs and its test took 60 s: by the arithmetic of each. */
static void what_a_run_took_is_shared_out(void **state)
{
    (void)state;
    bool known;
    struct ccrnn_study *const study = parsed();
    struct ccrnn_costs *const costs = costs_of(study);
    (void)ccrnn_costs_epoch(costs, PLAIN, &known);
    assert_false(known);
    ccrnn_costs_learn(costs, PLAIN, 60, 4, true);
    const double epoch = ccrnn_costs_epoch(costs, PLAIN, &known);
    const double test = ccrnn_costs_test(costs, PLAIN);
    assert_true(known);
    assert_near(4 * epoch + test, 60);
    assert_near(test / epoch,
                ccrnn_costs_test_work(study, PLAIN) / ccrnn_costs_work(study, PLAIN));
    /* the others have the same speed, and their own sizes */
    assert_near(ccrnn_costs_epoch(costs, TESTED, &known), epoch);
    assert_near(ccrnn_costs_test(costs, TESTED), 10 * test);
    assert_true(ccrnn_costs_epoch(costs, VALIDATED, &known) > 1.5 * epoch);
    double chain[3];
    ccrnn_costs_chains(costs, chain);
    assert_near(chain[PLAIN], 60);
    assert_near(chain[TESTED], 60 + 9 * test);
    ccrnn_costs_destroy(costs);
    ccrnn_study_destroy(study);
}

/* A run that has not come to its test teaches of epochs alone. */
static void a_run_without_its_test_is_all_epochs(void **state)
{
    (void)state;
    bool known;
    struct ccrnn_study *const study = parsed();
    struct ccrnn_costs *const costs = costs_of(study);
    ccrnn_costs_learn(costs, PLAIN, 60, 4, false);
    assert_near(ccrnn_costs_epoch(costs, PLAIN, &known), 15);
    ccrnn_costs_learn(costs, VALIDATED, 60, 0, true); /* of no epoch: nothing */
    assert_near(ccrnn_costs_epoch(costs, PLAIN, &known), 15);
    ccrnn_costs_destroy(costs);
    ccrnn_study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validation_and_test_go_forward_only),
        cmocka_unit_test(what_a_run_took_is_shared_out),
        cmocka_unit_test(a_run_without_its_test_is_all_epochs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
