/* oneDNN behind the gemm seam. oneDNN's sgemm is row-major too: arguments pass straight through.
 */
#include "math/math.h"

#ifndef CCRNN_DOUBLE

#include <oneapi/dnnl/dnnl.h>

#include "base/thread.h"

/* Sums longer than this oneDNN before 3.12 gathers in a block on the heap, with the stack pointer set to its
 * beginning: a signal handler would then run over whatever lies before that block. The longest sum that fits its
 * place on the true stack: 84 with AVX-512, 8192 with AVX2. */
enum { LONGEST_ON_STACK = 84 };

static dnnl_status_t multiply(bool transpose_a, bool transpose_b, size_t M, size_t N, size_t K,
                              ccrnn_real alpha, const ccrnn_real *A, size_t lda,
                              const ccrnn_real *B, size_t ldb, ccrnn_real beta, ccrnn_real *C,
                              size_t ldc)
{
    return dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', (dnnl_dim_t)M,
                      (dnnl_dim_t)N, (dnnl_dim_t)K, alpha, A, (dnnl_dim_t)lda, B, (dnnl_dim_t)ldb,
                      beta, C, (dnnl_dim_t)ldc);
}

void ccrnn_gemm_onednn(bool transpose_a, bool transpose_b, size_t M, size_t N, size_t K,
                       ccrnn_real alpha, const ccrnn_real *A, size_t lda, const ccrnn_real *B,
                       size_t ldb, ccrnn_real beta, ccrnn_real *C, size_t ldc)
{
    /* The seam has no status, and needs none: what oneDNN refuses (an empty product, or a work
     * buffer it cannot get, which it notices before it writes to C) the plain loop can do. */
    dnnl_status_t status = dnnl_invalid_arguments;
    if (M > 0 && N > 0 && K > LONGEST_ON_STACK) {
        sigset_t before;
        ccrnn_signals_hold(&before);
        status = multiply(transpose_a, transpose_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
        ccrnn_signals_release(&before);
    } else if (M > 0 && N > 0 && K > 0) {
        status = multiply(transpose_a, transpose_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
    }
    if (status != dnnl_success)
        ccrnn_gemm_plain(transpose_a, transpose_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
}

#endif
