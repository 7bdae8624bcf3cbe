/* Which gemm and which kernels: what was asked for, or the best there is. */
#include "math/math.h"

#include "base/error.h"

/* In double, and away from x86-64, only the plain kernels are compiled. */
#if defined(__x86_64__) && !defined(CCRNN_DOUBLE)

static bool cpu_has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool cpu_has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
}

#else

static bool cpu_has_avx2(void)
{
    return false;
}

static bool cpu_has_avx512(void)
{
    return false;
}

const struct ccrnn_kernels *ccrnn_kernels_avx2(void)
{
    return NULL;
}

const struct ccrnn_kernels *ccrnn_kernels_avx512(void)
{
    return NULL;
}

#endif

/* NULL if the table is not compiled in or the CPU cannot run it. */
static const struct ccrnn_kernels *usable_kernels(enum ccrnn_kernel_choice choice)
{
    switch (choice) {
    case CCRNN_KERNELS_AVX512:
        return cpu_has_avx512() ? ccrnn_kernels_avx512() : NULL;
    case CCRNN_KERNELS_AVX2:
        return cpu_has_avx2() ? ccrnn_kernels_avx2() : NULL;
    case CCRNN_KERNELS_PLAIN:
        return ccrnn_kernels_plain();
    case CCRNN_KERNELS_AUTO:
        break;
    }
    const struct ccrnn_kernels *best = usable_kernels(CCRNN_KERNELS_AVX512);
    if (best == NULL)
        best = usable_kernels(CCRNN_KERNELS_AVX2);
    return best != NULL ? best : ccrnn_kernels_plain();
}

static enum ccrnn_status select_gemm(enum ccrnn_gemm_choice choice, struct ccrnn_math *math,
                                     struct ccrnn_error *err)
{
#ifdef CCRNN_DOUBLE
    if (choice == CCRNN_GEMM_ONEDNN)
        return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                          "gemm: onednn computes in single precision, and this build in double. "
                          "Use 'gemm: plain' or 'gemm: auto'");
#else
    (void)err;
    if (choice != CCRNN_GEMM_PLAIN) {
        math->gemm = ccrnn_gemm_onednn;
        math->gemm_name = "onednn";
        return CCRNN_OK;
    }
#endif
    math->gemm = ccrnn_gemm_plain;
    math->gemm_name = "plain";
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_math_select(enum ccrnn_gemm_choice gemm, enum ccrnn_kernel_choice kernels,
                                    struct ccrnn_math *math, struct ccrnn_error *err)
{
    const struct ccrnn_kernels *found = usable_kernels(kernels);
    if (found == NULL)
        return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                          "kernels: %s needs %s, which this CPU or this build does not have; the "
                          "best it can run is '%s'. Use 'kernels: auto'",
                          kernels == CCRNN_KERNELS_AVX512 ? "avx512" : "avx2",
                          kernels == CCRNN_KERNELS_AVX512 ? "AVX-512 (F, DQ, BW, VL)"
                                                          : "AVX2 with FMA",
                          usable_kernels(CCRNN_KERNELS_AUTO)->name);
    CCRNN_TRY(select_gemm(gemm, math, err));
    math->kernels = found;
    return CCRNN_OK;
}

/* From the OpenMP run time oneDNN uses. Declared here because not every compiler that can build
 * ccrnn comes with omp.h. */
extern void omp_set_num_threads(int count);
extern int omp_get_max_threads(void);

void ccrnn_math_thread_setup(void)
{
    omp_set_num_threads(1);
}

int ccrnn_math_thread_begin(void)
{
    const int before = omp_get_max_threads();
    if (before != 1)
        omp_set_num_threads(1);
    return before;
}

void ccrnn_math_thread_end(int before)
{
    if (before != 1)
        omp_set_num_threads(before);
}

#if defined(__SSE2__)

/* Flush to zero, and denormals are zero. */
static const unsigned tiny_is_zero = 0x8040;

unsigned ccrnn_math_tiny_begin(void)
{
    const unsigned before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | tiny_is_zero);
    return before;
}

void ccrnn_math_tiny_end(unsigned before)
{
    __builtin_ia32_ldmxcsr(before);
}

#else

unsigned ccrnn_math_tiny_begin(void)
{
    return 0;
}

void ccrnn_math_tiny_end(unsigned before)
{
    (void)before;
}

#endif

void ccrnn_math_team_start(void)
{
    ccrnn_math_thread_setup();
    (void)ccrnn_math_tiny_begin();
}
