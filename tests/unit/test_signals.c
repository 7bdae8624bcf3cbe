/* Signals and products: a handler never runs while the stack pointer is off the stack, and threads of
 * the library take no signals at all. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "base/team.h"
#include "base/thread.h"
#include "ccrnn/network.h"
#include "math/math.h"
#include "matrix.h"

enum { SIGNALS = 400 };

/* What the handler saw. */
static atomic_int caught, stray;
static uintptr_t stack_begin, stack_end;

static void on_signal(int number)
{
    (void)number;
    const uintptr_t at = (uintptr_t)__builtin_frame_address(0);
    atomic_fetch_add(&caught, 1);
    if (at < stack_begin || at >= stack_end)
        atomic_fetch_add(&stray, 1);
}

static void learn_stack(void)
{
    pthread_attr_t attributes;
    void *begin;
    size_t size;
    assert_int_equal(pthread_getattr_np(pthread_self(), &attributes), 0);
    assert_int_equal(pthread_attr_getstack(&attributes, &begin, &size), 0);
    pthread_attr_destroy(&attributes);
    stack_begin = (uintptr_t)begin;
    stack_end = stack_begin + size;
}

/* The thread that is disturbed, until that was often enough. */
static void *disturb(void *context)
{
    const pthread_t thread = *(const pthread_t *)context;
    const struct timespec pause = {0, 50000};
    while (atomic_load(&caught) < SIGNALS) {
        (void)pthread_kill(thread, SIGUSR1);
        (void)nanosleep(&pause, NULL);
    }
    return NULL;
}

/* Products with sums of K terms while signals come, each compared with one that nobody disturbed. */
static void disturb_products(size_t M, size_t N, size_t K)
{
    struct matrix A = matrix_random(1, K, M, 0, 1), B = matrix_random(2, K, N, 0, 1);
    struct matrix calm = matrix_random(3, M, N, 0, 1), C = matrix_random(3, M, N, 0, 1);
    pthread_t self = pthread_self(), other;
    ccrnn_gemm_onednn(true, false, M, N, K, 1, A.data, M, B.data, N, 0, calm.data, N);
    atomic_store(&caught, 0);
    atomic_store(&stray, 0);
    assert_int_equal(pthread_create(&other, NULL, disturb, &self), 0);
    size_t different = 0;
    while (atomic_load(&caught) < SIGNALS) {
        ccrnn_gemm_onednn(true, false, M, N, K, 1, A.data, M, B.data, N, 0, C.data, N);
        for (size_t i = 0; i < M * N; i++)
            different += C.data[i] != calm.data[i];
    }
    pthread_join(other, NULL);
    assert_int_equal(stray, 0);
    assert_int_equal(different, 0);
    matrix_free(&A);
    matrix_free(&B);
    matrix_free(&C);
    matrix_free(&calm);
}

static void test_handlers_run_on_the_stack(void **state)
{
    (void)state;
    const struct sigaction action = {.sa_handler = on_signal};
    struct sigaction before;
    learn_stack();
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    disturb_products(64, 112, 84);
    disturb_products(64, 112, 350);
    disturb_products(16, 8, 9000);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

/* Which of these the calling thread holds back, a bit each. */
static unsigned held(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1, SIGPROF, SIGALRM, SIGSEGV, SIGABRT};
    unsigned bits = 0;
    sigset_t mask;
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        bits |= (unsigned)sigismember(&mask, numbers[i]) << i;
    return bits;
}

enum { NONE = 0, ALL_BUT_FAULTS = 0x1f, LOOKS = 4 };

static void *look(void *context)
{
    sigset_t before, within;
    unsigned *const seen = context;
    seen[0] = held();
    ccrnn_signals_hold(&before);
    ccrnn_signals_hold(&within);
    seen[1] = held();
    ccrnn_signals_release(&within);
    seen[2] = held();
    ccrnn_signals_release(&before);
    seen[3] = held();
    return NULL;
}

static void test_threads_take_no_signals(void **state)
{
    (void)state;
    unsigned seen[LOOKS] = {NONE};
    pthread_t thread;
    assert_int_equal(held(), NONE);
    assert_int_equal(ccrnn_thread_start(&thread, look, seen), 0);
    assert_int_equal(held(), NONE);
    pthread_join(thread, NULL);
    for (int i = 0; i < LOOKS; i++)
        assert_int_equal(seen[i], ALL_BUT_FAULTS);
    look(seen);
    assert_int_equal(seen[0], NONE);
    assert_int_equal(seen[1], ALL_BUT_FAULTS);
    assert_int_equal(seen[2], ALL_BUT_FAULTS);
    assert_int_equal(seen[3], NONE);
}

static atomic_uint of_team;

static void look_in_team(void)
{
    atomic_fetch_or(&of_team, held());
}

static void test_a_team_takes_no_signals(void **state)
{
    (void)state;
    struct ccrnn_team *team;
    assert_int_equal(ccrnn_team_create(2, look_in_team, &team, NULL), CCRNN_OK);
    ccrnn_team_destroy(team);
    assert_int_equal(of_team, ALL_BUT_FAULTS);
}

/* A step that fails lets signals in again like one that does not. */
static void test_a_step_lets_signals_in_again(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    struct ccrnn_network *network;
    ccrnn_network_config_default(&config);
    const struct matrix input =
        matrix_random(4, config.steps * config.batch, config.inputs, 0, 1);
    const struct matrix target =
        matrix_random(5, config.steps * config.batch, config.outputs, 0, 1);
    const struct ccrnn_batch batch = {.input = input.data, .target = target.data};
    assert_int_equal(ccrnn_network_create(&config, 1, &network, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_network_train(network, &batch, NULL, NULL), CCRNN_OK);
    assert_int_equal(held(), NONE);
    target.data[0] = (ccrnn_real)INFINITY;
    assert_int_equal(ccrnn_network_train(network, &batch, NULL, NULL), CCRNN_NONFINITE);
    assert_int_equal(held(), NONE);
    ccrnn_network_destroy(network);
    free(input.data);
    free(target.data);
}

int main(void)
{
    ccrnn_math_thread_setup();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handlers_run_on_the_stack),
        cmocka_unit_test(test_threads_take_no_signals),
        cmocka_unit_test(test_a_team_takes_no_signals),
        cmocka_unit_test(test_a_step_lets_signals_in_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
