/** @file
 * Where the segments of a sequence lie in memory.
 *
 * A span of T steps is cut into n = ceil(T/K) segments; the last may be shorter. All segments go
 * backward together, so what they do at the same local step must lie side by side. A *block* is B
 * rows:
 *
 *   state blocks:  s_0 s_1 … s_n | after local step 1 of segments 0, 1, … | after local step 2 …
 * | … gate blocks:   local step 0 of segments 0 … n−1 | local step 1 … | …
 *
 * so that gate block g starts from state block g (g < n) or g + 1, the cerebellum's input s_0 …
 * s_n is one matrix of (n+1)·B rows, the states after each step are state blocks 1 … T, and local
 * step j of all segments longer than j is one matrix.
 */
#ifndef CCRNN_LOOP_SEGMENTS_H
#define CCRNN_LOOP_SEGMENTS_H

#include <stddef.h>

struct ccrnn_segments {
    size_t T, K, n;
    size_t local_steps; /* min(K, T): steps of the longest segment */
    size_t last_length; /* steps of the last segment, 1 … local_steps */
};

/** Cut T ≥ 1 steps at horizon K ≥ 1. */
struct ccrnn_segments ccrnn_segments_cut(size_t T, size_t K);

/** Segments that are longer than `local` steps: all n, or all but the last. */
size_t ccrnn_segments_active(const struct ccrnn_segments *segments, size_t local);

/** First gate block of local step `local`. */
size_t ccrnn_segments_gate_block(const struct ccrnn_segments *segments, size_t local);

/** State block before local step `local` of segment 0; the other segments follow. */
size_t ccrnn_segments_state_before(const struct ccrnn_segments *segments, size_t local);

/** State block after step t (0 … T−1); 1 … T. */
size_t ccrnn_segments_state_after(const struct ccrnn_segments *segments, size_t t);

/** Gate block of step t. */
size_t ccrnn_segments_gate_of(const struct ccrnn_segments *segments, size_t t);

#endif
