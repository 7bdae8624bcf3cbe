#include "loop/segments.h"

struct ccrnn_segments ccrnn_segments_cut(size_t T, size_t K)
{
    const size_t horizon = K < T ? K : T;
    const size_t n = (T + horizon - 1) / horizon;
    return (struct ccrnn_segments){
        .T = T,
        .K = horizon,
        .n = n,
        .local_steps = horizon,
        .last_length = T - (n - 1) * horizon,
    };
}

size_t ccrnn_segments_active(const struct ccrnn_segments *segments, size_t local)
{
    return local < segments->last_length ? segments->n : segments->n - 1;
}

size_t ccrnn_segments_gate_block(const struct ccrnn_segments *segments, size_t local)
{
    const size_t whole = local < segments->last_length ? local : segments->last_length;
    return whole * segments->n + (local - whole) * (segments->n - 1);
}

size_t ccrnn_segments_state_before(const struct ccrnn_segments *segments, size_t local)
{
    return local == 0 ? 0 : ccrnn_segments_gate_block(segments, local) + 1;
}

size_t ccrnn_segments_state_after(const struct ccrnn_segments *segments, size_t t)
{
    const size_t segment = t / segments->K, local = t % segments->K;
    const size_t length = segment + 1 == segments->n ? segments->last_length : segments->K;
    if (local + 1 == length)
        return segment + 1;
    return ccrnn_segments_state_before(segments, local + 1) + segment;
}

size_t ccrnn_segments_gate_of(const struct ccrnn_segments *segments, size_t t)
{
    return ccrnn_segments_gate_block(segments, t % segments->K) + t / segments->K;
}
