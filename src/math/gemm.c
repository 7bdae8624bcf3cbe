/* The reference product. Each output is one running sum over k = 0, 1, … K−1 in this order,
 * whatever the transposes and sizes. */
#include "math/math.h"

/* A panel of op(B): 64 × 64 elements, copied so that its rows are contiguous and have a length
 * known to the compiler. It stays in the first-level cache while all rows of A pass by. */
enum { PANEL = 64 };

/* panel (depth,PANEL) = op(B)[k0 … k0+depth−1][j0 … j0+width−1], zero in the columns after. */
static void copy_panel(bool transpose_b, const ccrnn_real *B, size_t ldb, size_t k0, size_t depth,
                       size_t j0, size_t width, ccrnn_real panel[PANEL][PANEL])
{
    for (size_t k = 0; k < depth; k++) {
        for (size_t j = 0; j < width; j++)
            panel[k][j] = transpose_b ? B[(j0 + j) * ldb + k0 + k] : B[(k0 + k) * ldb + j0 + j];
        for (size_t j = width; j < PANEL; j++)
            panel[k][j] = 0;
    }
}

/* sums[j] += Σ_k (alpha · a[k·stride]) · panel[k][j] */
static void add_products(size_t depth, ccrnn_real alpha, const ccrnn_real *a, size_t stride,
                         ccrnn_real panel[PANEL][PANEL], ccrnn_real sums[PANEL])
{
    for (size_t k = 0; k < depth; k++) {
        const ccrnn_real factor = alpha * a[k * stride];
        for (size_t j = 0; j < PANEL; j++)
            sums[j] += factor * panel[k][j];
    }
}

static void scale_output(size_t M, size_t N, ccrnn_real beta, ccrnn_real *C, size_t ldc)
{
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++)
            C[i * ldc + j] = beta == 0 ? 0 : beta * C[i * ldc + j];
}

void ccrnn_gemm_plain(bool transpose_a, bool transpose_b, size_t M, size_t N, size_t K,
                      ccrnn_real alpha, const ccrnn_real *A, size_t lda, const ccrnn_real *B,
                      size_t ldb, ccrnn_real beta, ccrnn_real *C, size_t ldc)
{
    const size_t row_stride = transpose_a ? 1 : lda, stride = transpose_a ? lda : 1;
    ccrnn_real panel[PANEL][PANEL], sums[PANEL];

    if (beta != 1)
        scale_output(M, N, beta, C, ldc);
    for (size_t j0 = 0; j0 < N; j0 += PANEL) {
        const size_t width = N - j0 < PANEL ? N - j0 : PANEL;
        for (size_t k0 = 0; k0 < K; k0 += PANEL) {
            const size_t depth = K - k0 < PANEL ? K - k0 : PANEL;
            copy_panel(transpose_b, B, ldb, k0, depth, j0, width, panel);
            for (size_t i = 0; i < M; i++) {
                ccrnn_real *c = C + i * ldc + j0;
                for (size_t j = 0; j < PANEL; j++)
                    sums[j] = j < width ? c[j] : 0;
                add_products(depth, alpha, A + i * row_stride + k0 * stride, stride, panel, sums);
                for (size_t j = 0; j < width; j++)
                    c[j] = sums[j];
            }
        }
    }
}
