/* Batches split over ranks that are threads: the same as one rank up to the order of sums, and the same bytes on
 * all. Runs under the thread sanitizer too, and once more in double. */
#include "split_networks.h"

#include <pthread.h>

#include "ccrnn/intervention.h"
#include "ccrnn/probe.h"
#include "loop/rank_threads.h"
#include "loop/split.h"

enum { RANKS_MOST = 3 };

/* The thread sanitizer makes all of it thirty times as slow, and a race shows in any case. */
#ifdef __SANITIZE_THREAD__
enum { CASES_TRIED = 3 };
#else
enum { CASES_TRIED = SPLIT_CASES };
#endif

struct seat {
    const struct ccrnn_network_config *config;
    const struct ccrnn_ranks *ranks;
    struct learned learned;
};

static void *take_seat(void *context)
{
    struct seat *const seat = context;
    learn(seat->config, seat->ranks, &seat->learned);
    return NULL;
}

static struct ccrnn_rank_threads *start_group(size_t ranks)
{
    struct ccrnn_rank_threads *group;
    struct ccrnn_error err = {0};
    expect_ok(ccrnn_rank_threads_create(ranks, &group, &err), &err);
    return group;
}

/* All ranks learn; each in a thread, rank 0 in this one. */
static void learn_together(const struct ccrnn_network_config *config, size_t ranks,
                           struct seat *seats)
{
    struct ccrnn_rank_threads *const group = start_group(ranks);
    pthread_t thread[RANKS_MOST];
    for (size_t r = 0; r < ranks; r++) {
        seats[r].config = config;
        seats[r].ranks = ccrnn_rank_threads_of(group, r);
        if (r > 0)
            assert_int_equal(pthread_create(&thread[r], NULL, take_seat, &seats[r]), 0);
    }
    take_seat(&seats[0]);
    for (size_t r = 1; r < ranks; r++)
        pthread_join(thread[r], NULL);
    ccrnn_rank_threads_destroy(group);
}

static void ranks_learn_what_one_learns(void **state)
{
    (void)state;
    static struct learned alone;
    static struct seat seats[RANKS_MOST];
    for (int number = 0; number < CASES_TRIED; number++) {
        const struct ccrnn_network_config config = split_case(number);
        learn(&config, NULL, &alone);
        for (size_t ranks = 2; ranks <= RANKS_MOST; ranks++) {
            learn_together(&config, ranks, seats);
            const double far = expect_alike(&seats[0].learned, &alone);
            print_message("# %s: %zu ranks, gradients at most %.1e apart\n",
                          split_case_name[number], ranks, far);
            for (size_t r = 0; r < ranks; r++) {
                expect_equal(&seats[r].learned, &seats[0].learned);
                if (r > 0)
                    forget(&seats[r].learned);
            }
            forget(&seats[0].learned);
        }
        forget(&alone);
    }
}

static void the_same_ranks_give_the_same_bytes(void **state)
{
    (void)state;
    static struct seat once[RANKS_MOST], again[RANKS_MOST];
    for (int threads = 1; threads <= 2; threads++) {
        struct ccrnn_network_config config = split_case(CASES_TRIED - 1);
        learn_together(&config, RANKS_MOST, once);
        config.threads = threads;
        learn_together(&config, RANKS_MOST, again);
        expect_equal(&once[0].learned, &again[0].learned);
        for (size_t r = 0; r < RANKS_MOST; r++) {
            forget(&once[r].learned);
            forget(&again[r].learned);
        }
    }
}

static void one_rank_alone_changes_no_byte(void **state)
{
    (void)state;
    static struct learned alone;
    static struct seat seat;
    for (int number = 0; number < CASES_TRIED; number++) {
        const struct ccrnn_network_config config = split_case(number);
        learn(&config, NULL, &alone);
        learn_together(&config, 1, &seat);
        expect_equal(&seat.learned, &alone);
        forget(&alone);
        forget(&seat.learned);
    }
}

/* Rows of a rank's own: what it says of images does not concern the others. */
static void a_rank_sees_and_says_alone(void **state)
{
    (void)state;
    struct ccrnn_rank_threads *const group = start_group(RANKS_MOST);
    struct ccrnn_network_config config = split_case(1);
    config.steps = 1; /* fewer rows in all steps of a rank than images at once */
    config.horizon = 1;
    struct ccrnn_network *split, *const alone = make(&config);
    struct ccrnn_error err = {0};
    struct captions c;
    ccrnn_real state_of[2][4 * 12], said[2][4 * WORDS];
    expect_ok(
        ccrnn_network_create_split(&config, 3, ccrnn_rank_threads_of(group, 1), &split, &err),
        &err);
    fill(&c, &config, 1, 0);
    struct ccrnn_network *const both[2] = {split, alone};
    for (size_t i = 0; i < 2; i++) {
        expect_ok(ccrnn_network_see(both[i], 4, c.feature, state_of[i], said[i], &err), &err);
        expect_ok(ccrnn_network_say(both[i], 4, c.label, state_of[i], said[i], &err), &err);
    }
    assert_memory_equal(state_of[0], state_of[1], sizeof state_of[0]);
    assert_memory_equal(said[0], said[1], sizeof said[0]);
    ccrnn_network_destroy(split);
    ccrnn_network_destroy(alone);
    ccrnn_rank_threads_destroy(group);
}

struct spoilt {
    const struct ccrnn_ranks *ranks;
    enum ccrnn_status status;
    bool changed;
};

/* A batch with a NaN in its last row: one rank meets it, all must refuse it. */
static void *meet_nan(void *context)
{
    struct spoilt *const spoilt = context;
    const struct ccrnn_network_config config = split_case(0);
    struct ccrnn_network *network = NULL, *const before = make(&config);
    struct ccrnn_error err = {0};
    struct captions c;
    (void)ccrnn_network_create_split(&config, 3, spoilt->ranks, &network, &err);
    fill(&c, &config, T, 0);
    c.feature[config.batch * config.features - 1] = (ccrnn_real)NAN;
    spoilt->status = ccrnn_network_train(network, &c.batch, NULL, &err);
    spoilt->changed = memcmp(network->parameters.value, before->parameters.value,
                             before->parameters.size * sizeof(ccrnn_real)) != 0;
    ccrnn_network_destroy(network);
    ccrnn_network_destroy(before);
    return NULL;
}

static void all_ranks_refuse_what_one_cannot_learn(void **state)
{
    (void)state;
    struct ccrnn_rank_threads *const group = start_group(2);
    struct spoilt spoilt[2] = {{.ranks = ccrnn_rank_threads_of(group, 0)},
                               {.ranks = ccrnn_rank_threads_of(group, 1)}};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, meet_nan, &spoilt[1]), 0);
    meet_nan(&spoilt[0]);
    pthread_join(thread, NULL);
    for (size_t r = 0; r < 2; r++) {
        assert_int_equal(spoilt[r].status, CCRNN_NONFINITE);
        assert_false(spoilt[r].changed);
    }
    ccrnn_rank_threads_destroy(group);
}

static void every_row_has_one_rank(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 9; count++) {
        const struct ccrnn_ranks ranks = {.count = count};
        for (size_t rows = count; rows < 40; rows++) {
            assert_int_equal(ccrnn_ranks_first(&ranks, rows, 0), 0);
            assert_int_equal(ccrnn_ranks_first(&ranks, rows, count), rows);
            for (size_t r = 0; r < count; r++) {
                const size_t share =
                    ccrnn_ranks_first(&ranks, rows, r + 1) - ccrnn_ranks_first(&ranks, rows, r);
                assert_true(share == rows / count || share == rows / count + 1);
            }
        }
    }
}

/* In the order of the ranks: (big + small) − big is not small. */
static void sums_are_in_order(void **state)
{
    (void)state;
    enum { N = 3000 };
    const ccrnn_real big = (ccrnn_real)1e20;
    static ccrnn_real part[3][N];
    const ccrnn_real *const parts[3] = {part[0], part[1], part[2]};
    for (size_t target = 0; target < 3; target++) {
        for (size_t i = 0; i < N; i++) {
            part[0][i] = i % 2 == 0 ? big : (ccrnn_real)i;
            part[1][i] = i % 2 == 0 ? (ccrnn_real)i : big;
            part[2][i] = -big;
        }
        ccrnn_split_add(3, parts, N, part[target]);
        for (size_t i = 0; i < N; i++)
            assert_true(part[target][i] == 0);
    }
    for (size_t i = 0; i < N; i++) {
        part[0][i] = big;
        part[1][i] = -big;
        part[2][i] = (ccrnn_real)i;
    }
    ccrnn_split_add(3, parts, N, part[2]);
    for (size_t i = 0; i < N; i++)
        assert_true(part[2][i] == (ccrnn_real)i);
}

static void what_cannot_be_split_is_refused(void **state)
{
    (void)state;
    struct ccrnn_rank_threads *const group = start_group(RANKS_MOST);
    const struct ccrnn_ranks *const ranks = ccrnn_rank_threads_of(group, 0);
    struct ccrnn_network_config config;
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    ccrnn_network_config_default(&config);
    assert_int_equal(ccrnn_network_create_split(&config, 1, ranks, &network, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "networks of words"));
    config = split_case(0);
    config.batch = 2;
    assert_int_equal(ccrnn_network_create_split(&config, 1, ranks, &network, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "3 ranks share a batch of 2"));
    assert_null(network);
    config = split_case(0);
    expect_ok(ccrnn_network_create_split(&config, 1, ranks, &network, &err), &err);
    const struct ccrnn_intervention lesion = {.kind = CCRNN_INTERVENTION_CEREBELLUM, .share = 1};
    assert_int_equal(ccrnn_network_intervene(network, &lesion, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "interventions are not"));
    const struct ccrnn_probe probe = {0};
    assert_int_equal(ccrnn_network_probe(network, NULL, &probe, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "probes are not"));
    ccrnn_network_destroy(network);
    ccrnn_rank_threads_destroy(group);
    assert_int_equal(ccrnn_rank_threads_create(0, &(struct ccrnn_rank_threads *){NULL}, &err),
                     CCRNN_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_learn_what_one_learns),
        cmocka_unit_test(the_same_ranks_give_the_same_bytes),
        cmocka_unit_test(one_rank_alone_changes_no_byte),
        cmocka_unit_test(a_rank_sees_and_says_alone),
        cmocka_unit_test(all_ranks_refuse_what_one_cannot_learn),
        cmocka_unit_test(every_row_has_one_rank),
        cmocka_unit_test(sums_are_in_order),
        cmocka_unit_test(what_cannot_be_split_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
