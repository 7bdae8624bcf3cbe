#include "gate.h"

#include <string.h>

static void note(struct gate *gate, size_t rows, size_t size)
{
    if (!gate->notes || gate->count == GATE_REQUESTS)
        return;
    gate->request[gate->count].rows = rows;
    gate->request[gate->count++].size = size;
    gate->sums += rows == 0;
    if (rows == 0)
        gate->summed += (double)(size * sizeof(ccrnn_real));
    else
        gate->gathered += (double)(rows * size);
}

static size_t pass(struct gate *gate, size_t number)
{
    if (gate->mode == GATE_IN_TURN)
        gate->inner->wait(gate->inner->context, number);
    return number;
}

static size_t begin_sum(void *context, ccrnn_real *values, size_t n)
{
    struct gate *const gate = context;
    note(gate, 0, n);
    return gate->mode == GATE_SHUT
               ? 0
               : pass(gate, gate->inner->sum(gate->inner->context, values, n));
}

static size_t begin_gather(void *context, void *whole, size_t rows, size_t size)
{
    struct gate *const gate = context;
    note(gate, rows, size);
    return gate->mode == GATE_SHUT
               ? 0
               : pass(gate, gate->inner->gather(gate->inner->context, whole, rows, size));
}

static size_t begin_tell(void *context, void *bytes, size_t size)
{
    struct gate *const gate = context;
    return gate->mode == GATE_SHUT
               ? 0
               : pass(gate, gate->inner->tell(gate->inner->context, bytes, size));
}

static void wait_for(void *context, size_t number)
{
    const struct gate *const gate = context;
    if (gate->mode == GATE_OPEN)
        gate->inner->wait(gate->inner->context, number);
}

static void build(struct gate *gate, size_t rank, size_t count)
{
    memset(gate, 0, sizeof *gate);
    gate->ranks =
        (struct ccrnn_ranks){gate, rank, count, begin_sum, begin_gather, begin_tell, wait_for};
}

void gate_around(struct gate *gate, const struct ccrnn_ranks *inner)
{
    build(gate, inner->rank, inner->count);
    gate->inner = inner;
}

void gate_pretend(struct gate *gate, size_t ranks)
{
    build(gate, 0, ranks);
    gate->mode = GATE_SHUT;
}

void gate_note(struct gate *gate, bool notes)
{
    gate->notes = notes;
}

void gate_replay(struct gate *gate, ccrnn_real *values)
{
    const struct ccrnn_ranks *const inner = gate->inner;
    size_t last = 0;
    for (size_t i = 0; i < gate->count; i++)
        last = gate->request[i].rows == 0
                   ? inner->sum(inner->context, values, gate->request[i].size)
                   : inner->gather(inner->context, values, gate->request[i].rows,
                                   gate->request[i].size);
    if (gate->count > 0)
        inner->wait(inner->context, last);
}
