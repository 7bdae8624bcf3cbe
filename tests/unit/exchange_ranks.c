/* Batches split over the ranks of MPI: what test_split.c asks of ranks that are threads, and the same bytes as
 * those give. Started by mpirun; every rank checks for itself, and one that fails ends all. */
#include "split_networks.h"

#include <mpi.h>
#include <pthread.h>

#include "loop/rank_threads.h"
#include "mpi/exchange.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

enum { RANKS_MOST = 4, SUM_MOST = 3 << 20 };

static struct exchange *exchange;

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

/* As many ranks in this process alone. */
static void learn_in_threads(const struct ccrnn_network_config *config, size_t count,
                             struct seat *seats)
{
    struct ccrnn_rank_threads *group;
    struct ccrnn_error err = {0};
    pthread_t thread[RANKS_MOST];
    expect_ok(ccrnn_rank_threads_create(count, &group, &err), &err);
    for (size_t r = 0; r < count; r++) {
        seats[r].config = config;
        seats[r].ranks = ccrnn_rank_threads_of(group, r);
        assert_int_equal(pthread_create(&thread[r], NULL, take_seat, &seats[r]), 0);
    }
    for (size_t r = 0; r < count; r++)
        pthread_join(thread[r], NULL);
    ccrnn_rank_threads_destroy(group);
}

static void ranks_learn_what_one_learns(void **state)
{
    (void)state;
    static struct learned together, alone;
    static struct seat seats[RANKS_MOST];
    const struct ccrnn_ranks *const ranks = exchange_ranks(exchange);
    for (int number = 0; number < SPLIT_CASES; number++) {
        const struct ccrnn_network_config config = split_case(number);
        learn(&config, ranks, &together);
        learn(&config, NULL, &alone);
        expect_alike(&together, &alone);
        learn_in_threads(&config, ranks->count, seats);
        for (size_t r = 0; r < ranks->count; r++) {
            expect_equal(&together, &seats[r].learned);
            forget(&seats[r].learned);
        }
        forget(&together);
        forget(&alone);
    }
}

/* Of every size, several under way: pieces that are whole and not, parts that are empty. */
static void sums_of_any_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 1000, 1 << 20, (1 << 20) + 1, SUM_MOST};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    const struct ccrnn_ranks *const ranks = exchange_ranks(exchange);
    ccrnn_real *values[SIZES];
    size_t last = 0;
    for (size_t s = 0; s < SIZES; s++) {
        values[s] = malloc(sizes[s] * sizeof *values[s]);
        assert_non_null(values[s]);
        for (size_t i = 0; i < sizes[s]; i++)
            values[s][i] = (ccrnn_real)((i % 1000) * (ranks->rank + 1));
        last = ranks->sum(ranks->context, values[s], sizes[s]);
    }
    ranks->wait(ranks->context, last);
    const size_t all = ranks->count * (ranks->count + 1) / 2;
    for (size_t s = 0; s < SIZES; s++) {
        for (size_t i = 0; i < sizes[s]; i++)
            assert_true(values[s][i] == (ccrnn_real)((i % 1000) * all));
        free(values[s]);
    }
}

static void rows_and_words_reach_all(void **state)
{
    (void)state;
    enum { ROWS = 11, SIZE = 700 };
    const struct ccrnn_ranks *const ranks = exchange_ranks(exchange);
    static unsigned char whole[ROWS][SIZE], few[2], word[SIZE];
    memset(whole, 0, sizeof whole);
    memset(word, (int)ranks->rank + 7, sizeof word);
    for (size_t row = ccrnn_ranks_first(ranks, ROWS, ranks->rank);
         row < ccrnn_ranks_first(ranks, ROWS, ranks->rank + 1); row++)
        memset(whole[row], (int)row + 1, SIZE);
    for (size_t row = ccrnn_ranks_first(ranks, 2, ranks->rank);
         row < ccrnn_ranks_first(ranks, 2, ranks->rank + 1); row++)
        few[row] = (unsigned char)(row + 3); /* the last of three ranks brings nothing */
    ranks->gather(ranks->context, whole, ROWS, SIZE);
    ranks->gather(ranks->context, few, 2, 1);
    ranks->wait(ranks->context, ranks->tell(ranks->context, word, SIZE));
    for (size_t i = 0; i < SIZE; i++) {
        assert_int_equal(word[i], 7);
        for (size_t row = 0; row < ROWS; row++)
            assert_int_equal(whole[row][i], row + 1);
    }
    assert_true(few[0] == 3 && few[1] == 4);
}

int main(int argc, char **argv)
{
    int provided;
    struct ccrnn_error err = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_any_size),
        cmocka_unit_test(rows_and_words_reach_all),
        cmocka_unit_test(ranks_learn_what_one_learns),
    };
    MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
    if (exchange_begin(MPI_COMM_WORLD, &exchange, &err) != CCRNN_OK)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed > 0)
        return 1; /* without a word to MPI: the others wait for this rank */
    exchange_end(exchange);
#ifdef __SANITIZE_ADDRESS__
    __lsan_do_leak_check(); /* as in mpi/ranks.c */
#endif
    MPI_Finalize();
    return 0;
}
