/* exp, tanh and sigmoid of every kernel table against long double: within 4 ulp of the exact
 * value, below the smallest normal number within 4 · 2⁻¹⁴⁹. Every 4099th float of all 2³² bit
 * patterns, and the edges; with CCRNN_EXHAUSTIVE=1 in the environment every float (minutes).
 * Prints the worst error and its argument for each function and table. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tables.h"

static const double allowed_ulp = 4;

enum { CHUNK = 4096, STRIDE = 4099, THREADS_MAX = 16 };
static const uint64_t all_floats = (uint64_t)1 << 32;

static long double exact_exp(long double x)
{
    return expl(x);
}

static long double exact_tanh(long double x)
{
    return tanhl(x);
}

static long double exact_sigmoid(long double x)
{
    return 1 / (1 + expl(-x));
}

typedef void elementwise(size_t n, const float *x, float *y);

struct function {
    const char *name;
    long double (*exact)(long double x);
    size_t member; /* offset of its pointer in struct ccrnn_kernels */
};

static const struct function functions[] = {
    {"exp", exact_exp, offsetof(struct ccrnn_kernels, exp)},
    {"tanh", exact_tanh, offsetof(struct ccrnn_kernels, tanh)},
    {"sigmoid", exact_sigmoid, offsetof(struct ccrnn_kernels, sigmoid)},
};

static elementwise *of_table(const struct ccrnn_kernels *kernels, const struct function *function)
{
    elementwise *found;
    memcpy(&found, (const char *)kernels + function->member, sizeof found);
    return found;
}

static float float_of(uint32_t pattern)
{
    float x;
    memcpy(&x, &pattern, sizeof x);
    return x;
}

/* Distance of the spacing of floats at z, at least that of the subnormal ones. */
static long double ulp_at(long double z)
{
    int exponent;
    frexpl(z, &exponent);
    if (z == 0 || exponent < FLT_MIN_EXP)
        exponent = FLT_MIN_EXP;
    return ldexpl(1, exponent - FLT_MANT_DIG);
}

/* The error of y in ulp; infinity if NaN, infinity, or the sign is wrong. */
static double error_in_ulp(float x, float y, long double z)
{
    if (isnan(x))
        return isnan(y) ? 0 : (double)INFINITY;
    if (isnan(y) || (signbit(y) != 0) != (signbit(z) != 0))
        return (double)INFINITY;
    const long double ulp = ulp_at(fabsl(z) > (long double)FLT_MAX ? (long double)FLT_MAX : z);
    if (isinf(y)) /* as the next number after FLT_MAX, which is how it rounds */
        return z > (long double)FLT_MAX ? 0 : (double)((FLT_MAX + ulp - z) / ulp);
    if (isinf(z))
        return (double)INFINITY;
    return (double)(fabsl((long double)y - z) / ulp);
}

struct worst {
    double ulp;
    float x;
};

static void compare(const struct function *function, size_t table_count,
                    const struct ccrnn_kernels *const *tables, size_t n, const float *x,
                    struct worst *worst)
{
    static _Thread_local float y[TABLES_MAX][CHUNK];
    for (size_t t = 0; t < table_count; t++)
        of_table(tables[t], function)(n, x, y[t]);
    for (size_t i = 0; i < n; i++) {
        const long double z = function->exact((long double)x[i]);
        for (size_t t = 0; t < table_count; t++) {
            const double ulp = error_in_ulp(x[i], y[t][i], z);
            if (!(ulp <= worst[t].ulp))
                worst[t] = (struct worst){ulp, x[i]};
        }
    }
}

/* One thread's share of the bit patterns 0, stride, 2·stride, …: every `threads`th chunk. */
struct share {
    const struct function *function;
    size_t table_count;
    const struct ccrnn_kernels *tables[TABLES_MAX];
    uint64_t stride, index, threads;
    struct worst worst[TABLES_MAX];
};

static void *compare_share(void *argument)
{
    struct share *share = argument;
    static _Thread_local float x[CHUNK];
    const uint64_t chunk = CHUNK * share->stride;
    const uint64_t first = share->index * chunk, next = share->threads * chunk;
    const uint64_t sixteenth = all_floats / 16;
    for (uint64_t start = first; start < all_floats; start += next) {
        size_t n = 0;
        for (uint64_t p = start; p < all_floats && n < CHUNK; p += share->stride)
            x[n++] = float_of((uint32_t)p);
        compare(share->function, share->table_count, share->tables, n, x, share->worst);
        if (share->stride == 1 && share->index == 0 && start % sixteenth < next)
            fprintf(stderr, "# %s: %d of 16\n", share->function->name, (int)(start / sixteenth));
    }
    return NULL;
}

/* Compare over all patterns of the stride, with one thread a CPU; the worst goes to `worst`. */
static void compare_patterns(const struct function *function, uint64_t stride,
                             struct worst worst[TABLES_MAX])
{
    static struct share shares[THREADS_MAX];
    pthread_t thread[THREADS_MAX];
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t threads = cpus < 1 ? 1 : cpus > THREADS_MAX ? THREADS_MAX : (size_t)cpus;
    for (size_t i = 0; i < threads; i++) {
        shares[i] = (struct share){
            .function = function, .stride = stride, .index = i, .threads = threads};
        shares[i].table_count = tables_usable(shares[i].tables);
        assert_int_equal(pthread_create(&thread[i], NULL, compare_share, &shares[i]), 0);
    }
    for (size_t i = 0; i < threads; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        for (size_t t = 0; t < shares[i].table_count; t++)
            if (!(shares[i].worst[t].ulp <= worst[t].ulp))
                worst[t] = shares[i].worst[t];
    }
}

/* Compare at the floats next to ±centre. */
static void compare_around(const struct function *function, double centre,
                           struct worst worst[TABLES_MAX])
{
    enum { NEIGHBOURS = 8 };
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    float x[4 * NEIGHBOURS];
    const float middle = (float)centre;
    uint32_t pattern;
    memcpy(&pattern, &middle, sizeof pattern);
    for (uint32_t k = 0; k < 2 * NEIGHBOURS; k++) {
        x[2 * k] = float_of(pattern + k - NEIGHBOURS);
        x[2 * k + 1] = -x[2 * k];
    }
    compare(function, table_count, tables, sizeof x / sizeof *x, x, worst);
}

/* Compare around the floats where something changes: powers of two; odd multiples of ln 2 / 2 and
 * ln 2 / 4, where the reduction takes the next multiple of ln 2; the limits of the results; the
 * ends of the floats. */
static void compare_edges(const struct function *function, struct worst worst[TABLES_MAX])
{
    const double ln2 = 0.69314718055994531;
    static const double limits[] = {88.722839, 89, 87.336544, 103.27893, 103.97208,
                                    104,       10, 9.0109129, 16.635532, 17.32868};
    for (int exponent = FLT_MIN_EXP - FLT_MANT_DIG; exponent < FLT_MAX_EXP; exponent++)
        compare_around(function, ldexp(1, exponent), worst);
    for (int k = 0; k <= 151; k++) {
        compare_around(function, (k + 0.5) * ln2, worst);
        compare_around(function, (k + 0.5) * ln2 / 2, worst);
    }
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        compare_around(function, limits[i], worst);

    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    const float ends[] = {0.0f,
                          -0.0f,
                          FLT_MAX,
                          -FLT_MAX,
                          INFINITY,
                          -INFINITY,
                          NAN,
                          -NAN,
                          float_of(0x7f800001u),
                          float_of(0xffbfffffu)};
    compare(function, table_count, tables, sizeof ends / sizeof *ends, ends, worst);
}

static void check_function(const struct function *function)
{
    const char *exhaustive = getenv("CCRNN_EXHAUSTIVE");
    struct worst worst[TABLES_MAX] = {{0, 0}};
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    compare_edges(function, worst);
    compare_patterns(function, exhaustive != NULL && *exhaustive != '\0' ? 1 : STRIDE, worst);
    for (size_t t = 0; t < table_count; t++)
        printf("# %s %s: worst error %.3f ulp at %.9g (%a)\n", tables[t]->name, function->name,
               worst[t].ulp, (double)worst[t].x, (double)worst[t].x);
    fflush(stdout);
    for (size_t t = 0; t < table_count; t++)
        assert_true(worst[t].ulp <= allowed_ulp);
}

static void exp_is_within_4_ulp(void **state)
{
    (void)state;
    check_function(&functions[0]);
}

static void tanh_is_within_4_ulp(void **state)
{
    (void)state;
    check_function(&functions[1]);
}

static void sigmoid_is_within_4_ulp(void **state)
{
    (void)state;
    check_function(&functions[2]);
}

/* Values that are known exactly, as bit patterns, so that the sign of zero counts. */
static void exact_values_are_exact(void **state)
{
    (void)state;
    static const float x[] = {0.0f, -0.0f, INFINITY, -INFINITY};
    static const float expected[][4] = {
        {1.0f, 1.0f, INFINITY, 0.0f}, {0.0f, -0.0f, 1.0f, -1.0f}, {0.5f, 0.5f, 1.0f, 0.0f}};
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    for (size_t t = 0; t < table_count; t++) {
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
            float y[4];
            of_table(tables[t], &functions[f])(4, x, y);
            assert_memory_equal(y, expected[f], sizeof y);
        }
    }
}

/* The checks above must notice what they look for. */
static void errors_are_noticed(void **state)
{
    (void)state;
    assert_true(error_in_ulp(1.0f, 1.0f + 5 * FLT_EPSILON, 1.0L) > allowed_ulp);
    assert_true(error_in_ulp(1.0f, 0.0f, 5 * 0x1p-149L) > allowed_ulp);
    assert_true(error_in_ulp(1.0f, NAN, 1.0L) > allowed_ulp);
    assert_true(error_in_ulp(NAN, 1.0f, (long double)NAN) > allowed_ulp);
    assert_true(error_in_ulp(1.0f, -0.0f, 0.0L) > allowed_ulp);
    assert_true(error_in_ulp(1.0f, FLT_MAX, (long double)INFINITY) > allowed_ulp);
    assert_true(error_in_ulp(1.0f, INFINITY, 1e30L) > allowed_ulp);
    assert_true(error_in_ulp(1.0f, 1.0f, 1.0L) <= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_within_4_ulp),     cmocka_unit_test(tanh_is_within_4_ulp),
        cmocka_unit_test(sigmoid_is_within_4_ulp), cmocka_unit_test(exact_values_are_exact),
        cmocka_unit_test(errors_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
