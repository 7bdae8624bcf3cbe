#include "loop/intervention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "loop/network.h"

static const char *const names[] = {"none",    "sham",  "cerebellum", "olive",   "cortex",
                                    "readout", "mossy", "granule",    "feedback"};

const char *ccrnn_intervention_name(enum ccrnn_intervention_kind kind)
{
    return (unsigned)kind < CCRNN_INTERVENTION_COUNT ? names[kind] : NULL;
}

const struct ccrnn_intervention *ccrnn_network_intervention(const struct ccrnn_network *network)
{
    return &network->interference.now;
}

/* --- what may be asked for --------------------------------------------------------------- */

static enum ccrnn_status check_part(const struct ccrnn_network_config *config,
                                    enum ccrnn_intervention_kind kind, struct ccrnn_error *err)
{
    const bool cortical = kind == CCRNN_INTERVENTION_SHAM || kind == CCRNN_INTERVENTION_CORTEX ||
                          kind == CCRNN_INTERVENTION_READOUT;
    if (!cortical && config->cerebellum == CCRNN_CEREBELLUM_NONE)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "intervention %s: the network has no cerebellum; use sham, cortex or "
                          "readout, or give it one",
                          names[kind]);
    if (kind == CCRNN_INTERVENTION_OLIVE && config->cerebellum != CCRNN_CEREBELLUM_LEARNING)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "intervention olive: the cerebellum does not learn anyway");
    const size_t rows = config->granule_layers > 0
                            ? config->granule_units
                            : ccrnn_state_width(config->cell, config->hidden);
    if (kind == CCRNN_INTERVENTION_MOSSY &&
        rows > UINT32_MAX / ccrnn_state_width(config->cell, config->hidden))
        return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                          "intervention mossy: more connections than can be drawn from, %zu × "
                          "%zu; use fewer hidden or granule units",
                          rows, ccrnn_state_width(config->cell, config->hidden));
    if (kind == CCRNN_INTERVENTION_GRANULE && config->granule_layers == 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "intervention granule: the cerebellum has no granule layer");
    return CCRNN_OK;
}

static enum ccrnn_status check(const struct ccrnn_network_config *config,
                               const struct ccrnn_intervention *wanted, struct ccrnn_error *err)
{
    if (wanted->kind == CCRNN_INTERVENTION_SHAM)
        return CCRNN_OK;
    if ((unsigned)wanted->kind >= CCRNN_INTERVENTION_COUNT)
        return ccrnn_fail(err, CCRNN_USAGE, "intervention %d: expected 0 … %d", (int)wanted->kind,
                          CCRNN_INTERVENTION_COUNT - 1);
    CCRNN_TRY(check_part(config, wanted->kind, err));
    if (wanted->kind != CCRNN_INTERVENTION_FEEDBACK && !(wanted->share > 0 && wanted->share <= 1))
        return ccrnn_fail(err, CCRNN_USAGE,
                          "share of the intervention is %.9g: expected above 0, up to 1",
                          wanted->share);
    if (wanted->kind == CCRNN_INTERVENTION_FEEDBACK &&
        !(wanted->gain >= 0 && isfinite(wanted->gain) && wanted->noise >= 0 &&
          isfinite(wanted->noise)))
        return ccrnn_fail(err, CCRNN_USAGE,
                          "gain and noise of the intervention are %.9g and %.9g: expected finite "
                          "numbers from 0",
                          wanted->gain, wanted->noise);
    return CCRNN_OK;
}

/* --- which units ------------------------------------------------------------------------- */

/* A mask of `count` ones. */
static ccrnn_real *ones(size_t count)
{
    ccrnn_real *const mask = malloc(count * sizeof *mask);
    for (size_t i = 0; mask != NULL && i < count; i++)
        mask[i] = 1;
    return mask;
}

/* The nearest number of units to a share of them, at least 1. */
static size_t taken_of(double share, size_t count)
{
    const double near = round(share * (double)count);
    return near < 1 && count > 0 ? 1 : (size_t)near;
}

/* Put 0 at a share of the places where the mask is 1: the first of a shuffle of them, which depends on seed,
 * kind and item. @return false without memory */
static bool cut_some(ccrnn_real *mask, size_t size, const struct ccrnn_network *network,
                     const struct ccrnn_intervention *wanted, uint32_t item)
{
    size_t *const place = calloc(size + 1, sizeof *place), count = 0;
    struct ccrnn_random stream;
    if (place == NULL)
        return false;
    for (size_t i = 0; i < size; i++)
        if (mask[i] != 0)
            place[count++] = i;
    const size_t taken = taken_of(wanted->share, count);
    ccrnn_random_start(&stream, network->seed, CCRNN_RANDOM_INTERVENTION, (uint32_t)wanted->kind,
                       item);
    for (size_t i = 0; i < taken; i++) {
        const size_t pick = i + ccrnn_random_below(&stream, (uint32_t)(count - i));
        const size_t chosen = place[pick];
        place[pick] = place[i];
        mask[chosen] = 0;
    }
    free(place);
    return true;
}

/* --- making the masks -------------------------------------------------------------------- */

/* Rows of a tensor whose unit is cut do not learn. A tensor of `units` times some gates has the units of
 * every gate one after the other. */
static void hold_rows(struct ccrnn_interference *to, const struct ccrnn_parameter *tensor,
                      const ccrnn_real *unit, size_t units)
{
    for (size_t row = 0; row < tensor->rows; row++)
        if (unit[row % units] == 0)
            memset(to->free + tensor->offset + row * tensor->cols, 0,
                   tensor->cols * sizeof *to->free);
}

static bool has_free(struct ccrnn_interference *to, const struct ccrnn_network *network)
{
    const size_t size = network->parameters.size;
    to->free = ones(size);
    to->kept = malloc(3 * size * sizeof *to->kept);
    return to->free != NULL && to->kept != NULL;
}

/* Output units of the cerebellum that are cut do not learn. */
static bool cut_outputs(struct ccrnn_interference *to, const struct ccrnn_network *network,
                        const struct ccrnn_intervention *wanted)
{
    const size_t S = network->shape.state_width;
    const size_t index =
        network->parameters.cerebellum_index + 2 * network->config.granule_layers;
    to->taught = ones(S);
    if (to->taught == NULL || !has_free(to, network) ||
        !cut_some(to->taught, S, network, wanted, 0))
        return false;
    for (size_t i = 0; i < 2; i++)
        hold_rows(to, &network->parameters.parameter[index + i], to->taught, S);
    if (wanted->kind != CCRNN_INTERVENTION_CEREBELLUM)
        return true;
    to->sends = malloc(S * sizeof *to->sends);
    if (to->sends != NULL)
        memcpy(to->sends, to->taught, S * sizeof *to->sends);
    return to->sends != NULL;
}

/* Weights of the tensors [from, from + count) by their unit. */
static bool hold_units(struct ccrnn_interference *to, const struct ccrnn_network *network,
                       const struct ccrnn_intervention *wanted, size_t units, size_t from,
                       size_t count)
{
    ccrnn_real *const unit = ones(units);
    const bool ok =
        unit != NULL && has_free(to, network) && cut_some(unit, units, network, wanted, 0);
    for (size_t i = from; ok && i < from + count; i++)
        hold_rows(to, &network->parameters.parameter[i], unit, units);
    free(unit);
    return ok;
}

/* The connections that are there, all of them at work. */
static bool has_fibres(struct ccrnn_interference *to, const struct ccrnn_parameter *map,
                       const ccrnn_real *drawn)
{
    const size_t size = map->rows * map->cols;
    to->fibres = ones(size);
    to->carried = malloc(size * sizeof *to->carried);
    if (to->fibres == NULL || to->carried == NULL)
        return false;
    if (drawn != NULL)
        memcpy(to->fibres, drawn, size * sizeof *to->fibres);
    return true;
}

static bool cut_fibres(struct ccrnn_interference *to, const struct ccrnn_network *network,
                       const struct ccrnn_intervention *wanted)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const struct ccrnn_parameter *const map = &p->parameter[p->cerebellum_index];
    const size_t size = map->rows * map->cols;
    if (!has_fibres(to, map, p->mossy_mask) || !has_free(to, network) ||
        !cut_some(to->fibres, size, network, wanted, 0))
        return false;
    memcpy(to->free + map->offset, to->fibres, size * sizeof *to->free);
    return true;
}

/* Silent granule units: neither what comes in nor what goes out learns. */
static bool cut_granule(struct ccrnn_interference *to, const struct ccrnn_network *network,
                        const struct ccrnn_intervention *wanted)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const size_t layers = network->config.granule_layers, G = network->config.granule_units;
    to->granule = ones(layers * G);
    if (to->granule == NULL || !has_free(to, network))
        return false;
    for (size_t l = 0; l < layers; l++) {
        const ccrnn_real *const unit = to->granule + l * G;
        const struct ccrnn_parameter *const in = &p->parameter[p->cerebellum_index + 2 * l];
        const struct ccrnn_parameter *const out = in + 2;
        if (!cut_some(to->granule + l * G, G, network, wanted, (uint32_t)l))
            return false;
        hold_rows(to, in, unit, G);
        hold_rows(to, in + 1, unit, G);
        for (size_t row = 0; row < out->rows; row++)
            for (size_t g = 0; g < G; g++)
                if (unit[g] == 0)
                    to->free[out->offset + row * out->cols + g] = 0;
    }
    return true;
}

/* Every mask there is, with nothing cut. */
static bool spare_all(struct ccrnn_interference *to, const struct ccrnn_network *network)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const struct ccrnn_network_config *const config = &network->config;
    if (!has_free(to, network))
        return false;
    if (config->cerebellum == CCRNN_CEREBELLUM_NONE)
        return true;
    to->sends = ones(network->shape.state_width);
    to->taught = ones(network->shape.state_width);
    if (config->granule_layers > 0)
        to->granule = ones(config->granule_layers * config->granule_units);
    const bool granule = config->granule_layers == 0 || to->granule != NULL;
    return to->sends != NULL && to->taught != NULL && granule &&
           has_fibres(to, &p->parameter[p->cerebellum_index], p->mossy_mask);
}

static bool disturb(struct ccrnn_interference *to, const struct ccrnn_network *network)
{
    const size_t block = network->config.batch * network->shape.state_width;
    const size_t most = ccrnn_segments_cut(network->config.steps, network->config.horizon).n + 1;
    to->delay =
        to->now.delay < most ? to->now.delay : most; /* of so many, nothing ever arrives */
    if (to->delay == 0 || block == 0 || network->config.update != CCRNN_UPDATE_SEGMENT)
        return true;
    to->past = calloc((to->delay + 1) * block + 1, sizeof *to->past);
    return to->past != NULL;
}

static bool make(struct ccrnn_interference *to, const struct ccrnn_network *network,
                 const struct ccrnn_intervention *wanted)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const size_t S = network->shape.state_width;
    const bool whole = taken_of(wanted->share, S) == S;
    to->now = *wanted;
    switch (wanted->kind) {
    case CCRNN_INTERVENTION_SHAM:
        to->now = (struct ccrnn_intervention){.kind = wanted->kind, .share = 1, .gain = 1};
        return spare_all(to, network);
    case CCRNN_INTERVENTION_CEREBELLUM:
    case CCRNN_INTERVENTION_OLIVE:
        to->silent = whole && wanted->kind == CCRNN_INTERVENTION_CEREBELLUM;
        to->untaught = whole;
        return whole || cut_outputs(to, network, wanted);
    case CCRNN_INTERVENTION_CORTEX:
        return hold_units(to, network, wanted, network->shape.H, 0, p->readout_index);
    case CCRNN_INTERVENTION_READOUT:
        return hold_units(to, network, wanted, network->config.outputs, p->readout_index, 2);
    case CCRNN_INTERVENTION_MOSSY:
        return cut_fibres(to, network, wanted);
    case CCRNN_INTERVENTION_GRANULE:
        return cut_granule(to, network, wanted);
    case CCRNN_INTERVENTION_FEEDBACK:
        return disturb(to, network);
    case CCRNN_INTERVENTION_NONE:
    case CCRNN_INTERVENTION_COUNT:
    default:
        return true;
    }
}

/* --- setting and ending ------------------------------------------------------------------ */

static void release(struct ccrnn_interference *of)
{
    free(of->sends);
    free(of->taught);
    free(of->granule);
    free(of->fibres);
    free(of->carried);
    free(of->free);
    free(of->kept);
    free(of->past);
    *of = (struct ccrnn_interference){.now.kind = CCRNN_INTERVENTION_NONE};
}

/* The cerebellum works with the masks in force. */
static void connect(struct ccrnn_network *network)
{
    const struct ccrnn_interference *const now = &network->interference;
    const struct ccrnn_parameters *const p = &network->parameters;
    if (network->config.cerebellum == CCRNN_CEREBELLUM_NONE)
        return;
    network->cerebellum.granule_works = now->granule;
    network->cerebellum.mask = now->fibres != NULL ? now->fibres : p->mossy_mask;
    network->cerebellum.map[0].weight =
        now->carried != NULL ? now->carried : p->parameter[p->cerebellum_index].value;
}

void ccrnn_intervention_release(struct ccrnn_network *network)
{
    release(&network->interference);
}

static bool is_same(const struct ccrnn_intervention *a, const struct ccrnn_intervention *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == CCRNN_INTERVENTION_SHAM)
        return true;
    if (a->kind == CCRNN_INTERVENTION_FEEDBACK)
        return a->gain == b->gain && a->noise == b->noise && a->delay == b->delay;
    return a->share == b->share;
}

enum ccrnn_status ccrnn_network_intervene(struct ccrnn_network *network,
                                          const struct ccrnn_intervention *intervention,
                                          struct ccrnn_error *err)
{
    struct ccrnn_interference made = {.now.kind = CCRNN_INTERVENTION_NONE};
    if (intervention != NULL && intervention->kind != CCRNN_INTERVENTION_NONE) {
        if (is_same(intervention, &network->interference.now))
            return CCRNN_OK;
        CCRNN_TRY(ccrnn_split_refuse(&network->split, "interventions are", err));
        CCRNN_TRY(check(&network->config, intervention, err));
        if (!make(&made, network, intervention)) {
            release(&made);
            return ccrnn_fail(err, CCRNN_MEMORY,
                              "out of memory for an intervention; use a smaller -j");
        }
    }
    release(&network->interference);
    network->interference = made;
    connect(network);
    return CCRNN_OK;
}

/* --- inside the training step ------------------------------------------------------------ */

void ccrnn_intervention_begin(struct ccrnn_network *network, const struct ccrnn_batch *batch)
{
    if (network->interference.now.kind == CCRNN_INTERVENTION_FEEDBACK)
        ccrnn_random_start(&network->interference.noise, network->seed,
                           CCRNN_RANDOM_FEEDBACK_NOISE, batch->epoch, batch->item);
}

void ccrnn_intervention_carry(struct ccrnn_network *network)
{
    struct ccrnn_interference *const now = &network->interference;
    const struct ccrnn_parameters *const p = &network->parameters;
    const struct ccrnn_parameter *const map = &p->parameter[p->cerebellum_index];
    if (now->carried != NULL)
        network->math.kernels->multiply(map->rows * map->cols, map->value, now->fibres,
                                        now->carried);
}

static void mask_rows(const struct ccrnn_network *network, size_t rows, const ccrnn_real *mask,
                      ccrnn_real *x)
{
    const size_t S = network->shape.state_width;
    for (size_t r = 0; mask != NULL && r < rows; r++)
        network->math.kernels->multiply(S, x + r * S, mask, x + r * S);
}

void ccrnn_intervention_cut(struct ccrnn_network *network, size_t rows, ccrnn_real *predicted)
{
    mask_rows(network, rows, network->interference.sends, predicted);
}

void ccrnn_intervention_teach(struct ccrnn_network *network, size_t rows)
{
    mask_rows(network, rows, network->interference.taught, network->d_predicted);
}

/* What the cortex hears at boundary `first` + i + 1, i < n of the span; NULL: nothing yet. */
static const ccrnn_real *heard(const struct ccrnn_network *network, const struct ccrnn_span *span,
                               size_t i)
{
    const struct ccrnn_interference *const now = &network->interference;
    const size_t block = network->config.batch * network->shape.state_width;
    const size_t boundary = span->start / network->segments.K + i + 1;
    if (boundary < now->delay)
        return NULL;
    if (now->past != NULL)
        return now->past + (boundary - now->delay) % (now->delay + 1) * block;
    return network->predicted + (i + 1 - now->delay) * block;
}

/* With an update per segment, earlier predictions no longer stand in the network: keep that of the end of
 * the span's segment i, and that of the first boundary. */
static void remember(struct ccrnn_network *network, const struct ccrnn_span *span, size_t i)
{
    struct ccrnn_interference *const now = &network->interference;
    const size_t block = network->config.batch * network->shape.state_width;
    const size_t boundary = span->start / network->segments.K + i + 1, places = now->delay + 1;
    if (boundary == 1)
        memcpy(now->past, network->predicted, block * sizeof *now->past);
    memcpy(now->past + boundary % places * block, network->predicted + (i + 1) * block,
           block * sizeof *now->past);
}

void ccrnn_intervention_deliver(struct ccrnn_network *network, const struct ccrnn_span *span)
{
    struct ccrnn_interference *const now = &network->interference;
    const struct ccrnn_kernels *const kernels = network->math.kernels;
    const size_t block = network->config.batch * network->shape.state_width;
    const double scale = network->config.feedback_scale * now->now.gain;
    for (size_t i = 0; i < span->segments.n; i++) {
        if (now->past != NULL)
            remember(network, span, i);
        const ccrnn_real *const from = heard(network, span, i);
        ccrnn_real *const to = network->d_state + i * block;
        if (from == NULL) {
            memset(to, 0, block * sizeof *to);
            continue;
        }
        kernels->scale(block, scale, from, to);
        if (!(now->now.noise > 0))
            continue;
        const double spread =
            scale * now->now.noise * sqrt(kernels->sum_of_squares(block, from) / (double)block);
        for (size_t e = 0; e < block; e++)
            to[e] += (ccrnn_real)(spread * ccrnn_random_normal(&now->noise));
    }
}

void ccrnn_intervention_freeze(struct ccrnn_network *network)
{
    struct ccrnn_interference *const now = &network->interference;
    struct ccrnn_parameters *const p = &network->parameters;
    const size_t bytes = p->size * sizeof *p->value;
    if (now->free == NULL)
        return;
    network->math.kernels->multiply(p->size, p->grad, now->free, p->grad);
    memcpy(now->kept, p->value, bytes);
    memcpy(now->kept + p->size, p->first, bytes);
    memcpy(now->kept + 2 * p->size, p->second, bytes);
}

void ccrnn_intervention_restore(struct ccrnn_network *network)
{
    const struct ccrnn_interference *const now = &network->interference;
    struct ccrnn_parameters *const p = &network->parameters;
    for (size_t i = 0; now->free != NULL && i < p->size; i++) {
        if (now->free[i] != 0)
            continue;
        p->value[i] = now->kept[i];
        p->first[i] = now->kept[p->size + i];
        p->second[i] = now->kept[2 * p->size + i];
    }
}
