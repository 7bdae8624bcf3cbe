/* oneDNN behind the gemm seam. oneDNN's sgemm is row-major too: arguments pass straight through.
 */
#include "math/math.h"

#ifndef CCRNN_DOUBLE

#include <oneapi/dnnl/dnnl.h>

void ccrnn_gemm_onednn(bool transpose_a, bool transpose_b, size_t M, size_t N, size_t K,
                       ccrnn_real alpha, const ccrnn_real *A, size_t lda, const ccrnn_real *B,
                       size_t ldb, ccrnn_real beta, ccrnn_real *C, size_t ldc)
{
    /* The seam has no status, and needs none: what oneDNN refuses (an empty product, or a work
     * buffer it cannot get, which it notices before it writes to C) the plain loop can do. */
    dnnl_status_t status = dnnl_invalid_arguments;
    if (M > 0 && N > 0 && K > 0)
        status = dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', (dnnl_dim_t)M,
                            (dnnl_dim_t)N, (dnnl_dim_t)K, alpha, A, (dnnl_dim_t)lda, B,
                            (dnnl_dim_t)ldb, beta, C, (dnnl_dim_t)ldc);
    if (status != dnnl_success)
        ccrnn_gemm_plain(transpose_a, transpose_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
}

#endif
