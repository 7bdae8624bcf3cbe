/* Which run is next: the longest first, as far as is known, and none before the one it branches from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"
#include "study/queue.h"
#include "study/workers.h"

/* Times in proportion 100 : 20 : 4, and two arms that differ by little. */
static const char arms[] =
    "study: queue\nseeds: 1..3\nbase: {cerebellum: none, train_size: 100, batch: 10}\n"
    "arms:\n  short: {epochs: 4}\n  middle: {epochs: 20}\n  long: {epochs: 100}\n"
    "  like: {epochs: 101}\n";

static const char branches[] =
    "study: queue\nseeds: 1\nbase: {cerebellum: none, train_size: 100, batch: 10}\n"
    "arms:\n  root: {epochs: 11}\n  alone: {epochs: 30}\n"
    "  leaf: {epochs: 110, branch_from: root, branch_epoch: 10, learning_rate: 0.01}\n";

static struct ccrnn_study *parsed(const char *text)
{
    struct ccrnn_study *study;
    struct ccrnn_error err = {0};
    if (ccrnn_study_parse(text, strlen(text), "queue.yaml", NULL, &study, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return study;
}

static struct ccrnn_queue *queued(const struct ccrnn_study *study)
{
    struct ccrnn_queue *queue;
    struct ccrnn_error err = {0};
    assert_int_equal(ccrnn_queue_create(study, scratch_path("none"), &queue, &err), CCRNN_OK);
    return queue;
}

static size_t next_of(struct ccrnn_queue *queue)
{
    size_t index;
    double until;
    assert_int_equal(ccrnn_queue_next(queue, 1, &index, &until), CCRNN_QUEUE_RUN);
    return index;
}

static void expect_next(struct ccrnn_queue *queue, const struct ccrnn_study *study,
                        const char *arm, uint64_t seed)
{
    const size_t index = next_of(queue);
    assert_string_equal(ccrnn_study_run_arm(study, index)->name, arm);
    assert_int_equal(ccrnn_study_run_seed(study, index), seed);
}

static void the_longest_goes_first_and_equal_ones_seed_by_seed(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parsed(arms);
    struct ccrnn_queue *const queue = queued(study);
    static const char *const order[] = {"long", "like", "middle", "short"};
    size_t index;
    double until;
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (size_t a = 0; a < 2; a++)
            expect_next(queue, study, order[a], seed);
    for (size_t a = 2; a < 4; a++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            expect_next(queue, study, order[a], seed);
    assert_int_equal(ccrnn_queue_next(queue, 1, &index, &until), CCRNN_QUEUE_END);
    ccrnn_queue_destroy(queue);
    ccrnn_study_destroy(study);
}

/* Of the arm `short` the first run turns out to take an hour. */
static void what_runs_took_changes_the_order(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parsed(arms);
    struct ccrnn_queue *const queue = queued(study);
    expect_next(queue, study, "long", 1);
    ccrnn_queue_end(queue, 2, CCRNN_OK, 10, 100); /* 0.1 s an epoch */
    expect_next(queue, study, "like", 1);
    ccrnn_queue_end(queue, 3, CCRNN_OK, 10, 101);
    ccrnn_queue_end(queue, 0, CCRNN_OK, 3600,
                    4); /* short, seed 1: as if another thread had had it */
    expect_next(queue, study, "short", 2);
    expect_next(queue, study, "short", 3);
    expect_next(queue, study, "middle",
                1); /* nothing of its own is known: as slow as the others */
    ccrnn_queue_destroy(queue);
    ccrnn_study_destroy(study);
}

static void a_branch_waits_and_its_root_counts_for_both(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parsed(branches);
    struct ccrnn_queue *const queue = queued(study);
    size_t index, here, elsewhere, waiting;
    double until;
    expect_next(queue, study, "root", 1); /* 11 + 100 epochs, so before the 30 of the other */
    expect_next(queue, study, "alone", 1);
    assert_int_equal(ccrnn_queue_next(queue, 1, &index, &until), CCRNN_QUEUE_WAIT);
    ccrnn_queue_elsewhere(queue, 0, 1); /* the root turns out to be another process's */
    ccrnn_queue_count(queue, &here, &elsewhere, &waiting);
    assert_int_equal(here, 1);
    assert_int_equal(elsewhere, 1);
    assert_int_equal(waiting, 1);
    assert_int_equal(ccrnn_queue_next(queue, 1, &index, &until), CCRNN_QUEUE_WAIT);
    assert_true(until > 1);
    assert_int_equal(ccrnn_queue_next(queue, until, &index, &until), CCRNN_QUEUE_RUN);
    assert_int_equal(index, 0);
    ccrnn_queue_end(queue, 0, CCRNN_OK, 0, 0);
    expect_next(queue, study, "leaf", 1);
    ccrnn_queue_end(queue, 1, CCRNN_OK, 0, 0);
    ccrnn_queue_end(queue, 2, CCRNN_NONFINITE, 0, 0);
    assert_int_equal(ccrnn_queue_at(queue, 2)->status, CCRNN_NONFINITE);
    assert_int_equal(ccrnn_queue_next(queue, 1, &index, &until), CCRNN_QUEUE_END);
    ccrnn_queue_destroy(queue);
    ccrnn_study_destroy(study);
}

/* Every run comes up exactly once, whichever were found with others. */
static void who_came_late_takes_any_that_is_as_good(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parsed(arms);
    struct ccrnn_queue *const queue = queued(study);
    const size_t runs = ccrnn_study_run_count(study);
    bool seen[12] = {false};
    assert_int_equal(runs, 12);
    const size_t lost = next_of(queue);
    ccrnn_queue_elsewhere(queue, lost, 1);
    for (size_t i = 0; i < runs - 1; i++) {
        const size_t index = next_of(queue);
        assert_int_not_equal(index, lost);
        assert_false(seen[index]);
        seen[index] = true;
        const bool is_long = ccrnn_study_run_arm(study, index)->config.epochs > 50;
        assert_true(i < 5 ? is_long : !is_long);
    }
    ccrnn_queue_destroy(queue);
    ccrnn_study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_goes_first_and_equal_ones_seed_by_seed),
        cmocka_unit_test(what_runs_took_changes_the_order),
        cmocka_unit_test(a_branch_waits_and_its_root_counts_for_both),
        cmocka_unit_test(who_came_late_takes_any_that_is_as_good),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
