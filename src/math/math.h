/** @file
 * The mathematics a network computes with: one gemm and one set of elementwise kernels, both
 * chosen at run time and handed down by pointer (no global state).
 */
#ifndef CCRNN_MATH_MATH_H
#define CCRNN_MATH_MATH_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/network.h"
#include "ccrnn/real.h"
#include "base/team.h"
#include "math/kernels.h"

/** C = alpha · op(A) · op(B) + beta · C, row-major, op(X) = X or Xᵀ.
 * op(A) is (M,K), op(B) is (K,N), C is (M,N). ld* are row lengths of the stored matrices.
 * Any of M, N, K may be 0. With beta = 0 C is never read. C must not overlap A or B. */
typedef void ccrnn_gemm(bool transpose_a, bool transpose_b, size_t M, size_t N, size_t K,
                        ccrnn_real alpha, const ccrnn_real *A, size_t lda, const ccrnn_real *B,
                        size_t ldb, ccrnn_real beta, ccrnn_real *C, size_t ldc);

struct ccrnn_math {
    ccrnn_gemm *gemm;
    const struct ccrnn_kernels *kernels;
    const char *gemm_name; /* "onednn" or "plain" */

    /* Networks of words are wide: their products and arrays are worked on in pieces (pieces.h), by
     * the team if there is one. */
    bool wide;
    struct ccrnn_team *team; /* NULL: the calling thread does all */
};

/** The triple loop: the oracle for every other back end, and the only one in double. */
ccrnn_gemm ccrnn_gemm_plain;
/** oneDNN's dnnl_sgemm (float builds only). */
ccrnn_gemm ccrnn_gemm_onednn;

/** Fill `math` for the asked back ends; AUTO means the best this CPU has. CCRNN_UNSUPPORTED if
 * the CPU lacks the asked instruction set. */
enum ccrnn_status ccrnn_math_select(enum ccrnn_gemm_choice gemm, enum ccrnn_kernel_choice kernels,
                                    struct ccrnn_math *math, struct ccrnn_error *err);

/** Tell oneDNN's OpenMP run time to use one thread in the calling thread. Each worker thread
 * calls this once before its first gemm (the setting is per thread). */
void ccrnn_math_thread_setup(void);

/** The same for the length of a call that a host program makes in a thread of its own: what
 * ccrnn_math_thread_begin() returns is given back to ccrnn_math_thread_end(), so that the host's own
 * OpenMP setting is as before. */
int ccrnn_math_thread_begin(void);
void ccrnn_math_thread_end(int before);

/** Numbers too small for a normal float count as 0 in the calling thread, until
 * ccrnn_math_tiny_end() is given what ccrnn_math_tiny_begin() returned. Adam's first moment of a word
 * that is rarely met shrinks to such numbers, which processors are slow with. No effect away from x86-64. */
unsigned ccrnn_math_tiny_begin(void);
void ccrnn_math_tiny_end(unsigned before);

/** For the threads of a wide network's team: ccrnn_math_thread_setup() and tiny numbers as 0, for good. */
void ccrnn_math_team_start(void);

/** Version of the oneDNN library in use, e.g. "2.6.3". */
void ccrnn_math_onednn_version(char *text, size_t size);

#endif
