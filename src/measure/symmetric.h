/** @file
 * Eigenvalues and eigenvectors of a symmetric matrix.
 */
#ifndef CCRNN_MEASURE_SYMMETRIC_H
#define CCRNN_MEASURE_SYMMETRIC_H

#include <stddef.h>

#include "ccrnn/status.h"

/** A = Σ_k value[k] · v_k v_kᵀ, by Householder's tridiagonal form and QL with implicit shifts
 * (Martin, Reinsch & Wilkinson 1968; Dubrulle, Martin & Wilkinson 1968). About 4 n³ operations, 9 n³ with
 * vectors; errors are of the order of the machine's ε · ‖A‖.
 *
 * @param[in,out] matrix (n,n), symmetric; destroyed
 * @param[out] value (n), largest first
 * @param[out] vector (n,n): row k is v_k, of length 1, its largest element (the first of equals)
 *             positive; or NULL
 * @return CCRNN_NONFINITE: a value that is not finite; CCRNN_MEMORY */
enum ccrnn_status ccrnn_symmetric_eigen(double *matrix, size_t n, double *value, double *vector,
                                        struct ccrnn_error *err);

#endif
