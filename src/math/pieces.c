#include "math/pieces.h"

/* Multiply-adds a piece of a product is worth, how many pieces there may be, and what its side is a
 * multiple of (elements: a cache line, and the tile of every product's inner loop). */
enum { PIECE_WORK = 1 << 22, PIECES_MAX = 8, PIECE_UNIT = 128 };

/* Elements of a piece of an array, columns of a piece of column sums, rows of a piece of a softmax. */
enum { PIECE_ELEMENTS = 1 << 17, PIECE_COLUMNS = 1024, PIECE_ROWS = 4, SUM_PIECES_MAX = 1024 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* --- products ---------------------------------------------------------------------------- */

struct product {
    const struct ccrnn_math *math;
    bool transpose_a, transpose_b, by_rows;
    size_t M, N, K, lda, ldb, ldc;
    size_t side; /* rows or columns of a piece */
    ccrnn_real alpha, beta;
    const ccrnn_real *A, *B;
    ccrnn_real *C;
};

static void product_piece(void *context, size_t piece)
{
    const struct product *const p = context;
    const size_t from = piece * p->side;
    if (p->by_rows) {
        const ccrnn_real *const a = p->A + (p->transpose_a ? from : from * p->lda);
        p->math->gemm(p->transpose_a, p->transpose_b, smaller(p->M - from, p->side), p->N, p->K,
                      p->alpha, a, p->lda, p->B, p->ldb, p->beta, p->C + from * p->ldc, p->ldc);
        return;
    }
    const ccrnn_real *const b = p->B + (p->transpose_b ? from * p->ldb : from);
    p->math->gemm(p->transpose_a, p->transpose_b, p->M, smaller(p->N - from, p->side), p->K,
                  p->alpha, p->A, p->lda, b, p->ldb, p->beta, p->C + from, p->ldc);
}

void ccrnn_math_gemm(const struct ccrnn_math *math, bool transpose_a, bool transpose_b, size_t M,
                     size_t N, size_t K, ccrnn_real alpha, const ccrnn_real *A, size_t lda,
                     const ccrnn_real *B, size_t ldb, ccrnn_real beta, ccrnn_real *C, size_t ldc)
{
    const double work = (double)M * (double)N * (double)K;
    if (!math->wide || work < 2.0 * PIECE_WORK) {
        math->gemm(transpose_a, transpose_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
        return;
    }
    const size_t length = M > N ? M : N;
    const size_t count =
        work < (double)PIECES_MAX * PIECE_WORK ? (size_t)(work / PIECE_WORK) : PIECES_MAX;
    const size_t share = (length + count - 1) / count;
    struct product p = {
        .math = math,
        .transpose_a = transpose_a,
        .transpose_b = transpose_b,
        .by_rows = M > N,
        .M = M,
        .N = N,
        .K = K,
        .lda = lda,
        .ldb = ldb,
        .ldc = ldc,
        .side = (share + PIECE_UNIT - 1) / PIECE_UNIT * PIECE_UNIT,
        .alpha = alpha,
        .beta = beta,
        .A = A,
        .B = B,
        .C = C,
    };
    ccrnn_team_run(math->team, (length + p.side - 1) / p.side, product_piece, &p);
}

/* --- arrays ------------------------------------------------------------------------------ */

struct columns {
    const struct ccrnn_math *math;
    size_t R, N, ld;
    const ccrnn_real *x;
    ccrnn_real *sums;
};

static void columns_piece(void *context, size_t piece)
{
    const struct columns *const c = context;
    const size_t from = piece * PIECE_COLUMNS;
    c->math->kernels->column_sums(c->R, smaller(c->N - from, PIECE_COLUMNS), c->x + from, c->ld,
                                  c->sums + from);
}

void ccrnn_math_column_sums(const struct ccrnn_math *math, size_t R, size_t N,
                            const ccrnn_real *x, size_t ld, ccrnn_real *sums)
{
    struct columns c = {math, R, N, ld, x, sums};
    if (math->wide)
        ccrnn_team_run(math->team, (N + PIECE_COLUMNS - 1) / PIECE_COLUMNS, columns_piece, &c);
    else
        math->kernels->column_sums(R, N, x, ld, sums);
}

struct squares {
    const struct ccrnn_math *math;
    size_t n, side;
    const ccrnn_real *x;
    double sum[SUM_PIECES_MAX];
};

static void squares_piece(void *context, size_t piece)
{
    struct squares *const s = context;
    const size_t from = piece * s->side;
    s->sum[piece] = s->math->kernels->sum_of_squares(smaller(s->n - from, s->side), s->x + from);
}

double ccrnn_math_sum_of_squares(const struct ccrnn_math *math, size_t n, const ccrnn_real *x)
{
    if (!math->wide)
        return math->kernels->sum_of_squares(n, x);
    struct squares s = {.math = math, .n = n, .side = PIECE_ELEMENTS, .x = x};
    while ((n + s.side - 1) / s.side > SUM_PIECES_MAX)
        s.side *= 2;
    const size_t pieces = (n + s.side - 1) / s.side;
    ccrnn_team_run(math->team, pieces, squares_piece, &s);
    double sum = 0;
    for (size_t i = 0; i < pieces; i++)
        sum += s.sum[i];
    return sum;
}

struct adam {
    const struct ccrnn_math *math;
    size_t n;
    const struct ccrnn_adam_step *step;
    ccrnn_real *w, *m, *v;
    const ccrnn_real *g;
};

static void adam_piece(void *context, size_t piece)
{
    const struct adam *const a = context;
    const size_t from = piece * PIECE_ELEMENTS;
    a->math->kernels->adam(smaller(a->n - from, PIECE_ELEMENTS), a->step, a->w + from,
                           a->g + from, a->m + from, a->v + from);
}

void ccrnn_math_adam(const struct ccrnn_math *math, size_t n, const struct ccrnn_adam_step *step,
                     ccrnn_real *w, const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v)
{
    struct adam a = {math, n, step, w, m, v, g};
    if (math->wide)
        ccrnn_team_run(math->team, (n + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS, adam_piece, &a);
    else
        math->kernels->adam(n, step, w, g, m, v);
}

struct momentum {
    const struct ccrnn_math *math;
    size_t n;
    const struct ccrnn_momentum_step *step;
    ccrnn_real *w, *m, *v;
    const ccrnn_real *g;
};

static void rmsprop_piece(void *context, size_t piece)
{
    const struct momentum *const r = context;
    const size_t from = piece * PIECE_ELEMENTS;
    r->math->kernels->rmsprop(smaller(r->n - from, PIECE_ELEMENTS), r->step, r->w + from,
                              r->g + from, r->m + from, r->v + from);
}

void ccrnn_math_rmsprop(const struct ccrnn_math *math, size_t n,
                        const struct ccrnn_momentum_step *step, ccrnn_real *w,
                        const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v)
{
    struct momentum r = {math, n, step, w, m, v, g};
    if (math->wide)
        ccrnn_team_run(math->team, (n + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS, rmsprop_piece, &r);
    else
        math->kernels->rmsprop(n, step, w, g, m, v);
}

static void sgd_piece(void *context, size_t piece)
{
    const struct momentum *const s = context;
    const size_t from = piece * PIECE_ELEMENTS;
    s->math->kernels->sgd(smaller(s->n - from, PIECE_ELEMENTS), s->step, s->w + from, s->g + from,
                          s->m + from);
}

void ccrnn_math_sgd(const struct ccrnn_math *math, size_t n,
                    const struct ccrnn_momentum_step *step, ccrnn_real *w, const ccrnn_real *g,
                    ccrnn_real *m)
{
    struct momentum s = {math, n, step, w, m, NULL, g};
    if (math->wide)
        ccrnn_team_run(math->team, (n + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS, sgd_piece, &s);
    else
        math->kernels->sgd(n, step, w, g, m);
}

/* --- softmax ----------------------------------------------------------------------------- */

struct softmax {
    const struct ccrnn_math *math;
    size_t R, N;
    double scale;
    const ccrnn_real *bias;
    const int32_t *label;
    ccrnn_real *x;
    double *nats;
};

static void softmax_piece(void *context, size_t piece)
{
    const struct softmax *const s = context;
    for (size_t r = piece * PIECE_ROWS; r < s->R && r < (piece + 1) * PIECE_ROWS; r++) {
        ccrnn_real *const row = s->x + r * s->N;
        const size_t label = s->label == NULL ? 0 : (size_t)s->label[r];
        const ccrnn_real logit = row[label] + s->bias[label];
        s->nats[r] = s->math->kernels->softmax(s->N, s->scale, s->bias, row);
        if (s->label == NULL)
            continue;
        s->nats[r] -= (double)logit;
        row[label] -= (ccrnn_real)s->scale;
    }
}

void ccrnn_math_softmax(const struct ccrnn_math *math, size_t R, size_t N, double scale,
                        const ccrnn_real *bias, const int32_t *label, ccrnn_real *x, double *nats)
{
    struct softmax s = {math, R, N, scale, bias, label, x, nats};
    ccrnn_team_run(math->team, (R + PIECE_ROWS - 1) / PIECE_ROWS, softmax_piece, &s);
}
