/* What interventions do, against explicit computations: which weights are held and what the others do, the
 * gradients of a cerebellum with parts cut, and what the cortex hears of a disturbed feedback. */
#include "intervened.h"

static const enum ccrnn_intervention_kind graded[] = {
    CCRNN_INTERVENTION_CEREBELLUM, CCRNN_INTERVENTION_OLIVE, CCRNN_INTERVENTION_CORTEX,
    CCRNN_INTERVENTION_READOUT,    CCRNN_INTERVENTION_MOSSY, CCRNN_INTERVENTION_GRANULE};
enum { GRADED = sizeof graded / sizeof graded[0], WIDEST = 16 };

static bool may_have(const struct ccrnn_network_config *config, enum ccrnn_intervention_kind kind)
{
    return (kind != CCRNN_INTERVENTION_OLIVE ||
            config->cerebellum == CCRNN_CEREBELLUM_LEARNING) &&
           (kind != CCRNN_INTERVENTION_GRANULE || config->granule_layers > 0);
}

/* --- networks that are the same --------------------------------------------------------- */

/* A mossy cut is a network that never had those fibres. */
static void mossy_cut_is_a_sparser_network(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++) {
        struct ccrnn_network *const cut = make(&config, 7);
        for (uint32_t item = 0; item < 3; item++)
            learn(cut, item);
        struct ccrnn_network_config sparse = config;
        sparse.mossy_fibres = 1; /* has a mask, which is filled here */
        struct ccrnn_network *const other = clone(cut, &sparse);
        intervene(cut, CCRNN_INTERVENTION_MOSSY, 0.4);
        const struct ccrnn_parameters *const p = &other->parameters;
        const struct ccrnn_parameter *const map = &p->parameter[p->cerebellum_index];
        ccrnn_real *const was = snapshot(cut), *const fibres = p->mossy_mask;
        for (size_t e = 0; e < map->rows * map->cols; e++) {
            fibres[e] = cut->interference.fibres[e];
            map->value[e] = fibres[e] == 0 ? 0 : map->value[e];
            map->first[e] = fibres[e] == 0 ? 0 : map->first[e];
            map->second[e] = fibres[e] == 0 ? 0 : map->second[e];
        }
        for (uint32_t item = 3; item < 6; item++) {
            const struct ccrnn_step_report a = learn(cut, item), b = learn(other, item);
            assert_memory_equal(&a, &b, sizeof a);
        }
        const struct ccrnn_parameter *const held =
            &cut->parameters.parameter[cut->parameters.cerebellum_index];
        for (size_t e = 0; e < map->rows * map->cols; e++) {
            const ccrnn_real expected = fibres[e] == 0 ? was[held->offset + e] : map->value[e];
            assert_memory_equal(&held->value[e], &expected, sizeof expected);
            held->value[e] = map->value[e];
            held->first[e] = map->first[e];
            held->second[e] = map->second[e];
        }
        expect_same(cut, other, true);
        free(was);
        ccrnn_network_destroy(cut);
        ccrnn_network_destroy(other);
    }
}

/* Zero what comes into a granule unit and what goes out of it: value and moments of `network`. */
static void silence(struct ccrnn_network *network, const ccrnn_real *granule)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    for (size_t l = 0; l < network->config.granule_layers; l++)
        for (size_t i = 0; i < 3; i++) {
            const struct ccrnn_parameter *const t =
                &p->parameter[p->cerebellum_index + 2 * l + i];
            for (size_t e = 0; e < t->rows * t->cols; e++) {
                const size_t unit = i < 2 ? e / t->cols : e % t->cols;
                if (granule[l * GRANULE + unit] == 0)
                    t->value[e] = t->first[e] = t->second[e] = 0;
            }
        }
}

static void granule_cut_is_a_network_without_them(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++) {
        if (config.granule_layers == 0)
            continue;
        struct ccrnn_network *const cut = make(&config, 7);
        for (uint32_t item = 0; item < 3; item++)
            learn(cut, item);
        struct ccrnn_network *const other = clone(cut, &config);
        ccrnn_real granule[2 * GRANULE];
        intervene(cut, CCRNN_INTERVENTION_GRANULE, 0.4);
        memcpy(granule, cut->interference.granule,
               config.granule_layers * GRANULE * sizeof *granule);
        silence(other, granule);
        for (uint32_t item = 3; item < 6; item++) {
            const struct ccrnn_step_report a = learn(cut, item), b = learn(other, item);
            assert_memory_equal(&a, &b, sizeof a);
        }
        silence(cut, granule);
        expect_same(cut, other, true);
        ccrnn_network_destroy(cut);
        ccrnn_network_destroy(other);
    }
}

/* --- which weights are held, and what the others do ---------------------------------------- */

/* Is element e of tensor `index` held? By the units that are cut; everything else by hand. */
static bool is_held(const struct ccrnn_network *network, const ccrnn_real *cut, size_t index,
                    size_t e)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const size_t row = e / p->parameter[index].cols, col = e % p->parameter[index].cols;
    const size_t layers = network->config.granule_layers;
    const size_t map = index - p->cerebellum_index; /* 2 a map: weight, bias */
    const bool inside = index >= p->cerebellum_index && map <= 2 * layers + 1;
    switch (network->interference.now.kind) {
    case CCRNN_INTERVENTION_CEREBELLUM:
    case CCRNN_INTERVENTION_OLIVE:
        return inside && map / 2 == layers && cut[row] == 0;
    case CCRNN_INTERVENTION_CORTEX:
        return index < 4 && cut[row % HIDDEN] == 0;
    case CCRNN_INTERVENTION_READOUT:
        return (index == 4 || index == 5) && cut[row] == 0;
    case CCRNN_INTERVENTION_MOSSY:
        return inside && map == 0 && cut[e] == 0;
    case CCRNN_INTERVENTION_GRANULE:
        return inside && ((map / 2 < layers && cut[map / 2 * GRANULE + row] == 0) ||
                          (map % 2 == 0 && map > 0 && cut[(map / 2 - 1) * GRANULE + col] == 0));
    default:
        return false;
    }
}

/* The units of cortex and readout: drawn here once more, as the header says. */
static void draw_units(uint64_t seed, enum ccrnn_intervention_kind kind, size_t units,
                       double share, ccrnn_real *cut)
{
    struct ccrnn_random stream;
    size_t order[WIDEST];
    ccrnn_random_start(&stream, seed, CCRNN_RANDOM_INTERVENTION, (uint32_t)kind, 0);
    for (size_t i = 0; i < units; i++) {
        order[i] = i;
        cut[i] = 1;
    }
    for (size_t i = 0; i < (size_t)round(share * (double)units); i++) {
        const size_t pick = i + ccrnn_random_below(&stream, (uint32_t)(units - i));
        const size_t unit = order[pick];
        order[pick] = order[i];
        cut[unit] = 0;
    }
}

static const ccrnn_real *cut_of(const struct ccrnn_network *network, ccrnn_real *room)
{
    const struct ccrnn_interference *const now = &network->interference;
    if (now->fibres != NULL)
        return now->fibres;
    if (now->granule != NULL)
        return now->granule;
    if (now->taught != NULL)
        return now->taught;
    const bool cortex = now->now.kind == CCRNN_INTERVENTION_CORTEX;
    draw_units(network->seed, now->now.kind, cortex ? HIDDEN : OUTPUTS, now->now.share, room);
    return room;
}

/* Gradients of every update and what stood there before, of one batch. */
struct watch {
    struct ccrnn_network *network;
    const ccrnn_real *cut;
    ccrnn_real *before; /* values and moments */
    double *expected;   /* 3 × size; NaN: what the optimiser makes of nothing */
    bool learns;
};

/* Rule 7 by hand, in double: norm without what is held, clip, Adam. */
static void on_gradients(void *context, size_t segment, double grad_norm)
{
    struct watch *const w = context;
    const struct ccrnn_network_config *const config = &w->network->config;
    const struct ccrnn_parameters *const p = &w->network->parameters;
    double squares[2] = {0};
    (void)segment;
    memcpy(w->before, p->value, p->size * sizeof *w->before);
    memcpy(w->before + p->size, p->first, p->size * sizeof *w->before);
    memcpy(w->before + 2 * p->size, p->second, p->size * sizeof *w->before);
    for (size_t i = 0; i < 3 * p->size; i++)
        w->expected[i] = (double)w->before[i];
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < p->count; i++) {
            const struct ccrnn_parameter *const t = &p->parameter[i];
            const bool inside = p->owner[i] == CCRNN_OWNER_CEREBELLUM;
            if (p->owner[i] == CCRNN_OWNER_KEPT || (inside && !w->learns))
                continue;
            const double joint = sqrt(squares[0] + squares[1]);
            const double norm =
                config->clip == CCRNN_CLIP_SEPARATE ? sqrt(squares[inside]) : joint;
            const double factor =
                config->clip == CCRNN_CLIP_NONE ? 1 : fmin(1, config->clip_norm / (norm + 1e-6));
            const double step = (double)w->network->updates + 1;
            for (size_t e = 0; e < t->rows * t->cols; e++) {
                if (is_held(w->network, w->cut, i, e))
                    continue;
                double *const value = w->expected + t->offset + e;
                const double g = (double)t->grad[e] * factor;
                if (pass == 0) {
                    squares[inside] += (double)t->grad[e] * (double)t->grad[e];
                    continue;
                }
                double *const first = value + p->size, *const second = first + p->size;
                *first = config->beta1 * *first + (1 - config->beta1) * g;
                *second = config->beta2 * *second + (1 - config->beta2) * g * g;
                *value -= config->learning_rate * (*first / (1 - pow(config->beta1, step))) /
                          (sqrt(*second / (1 - pow(config->beta2, step))) + config->epsilon);
            }
        }
    const double joint = sqrt(squares[0] + squares[1]);
    if (!(fabs(grad_norm - joint) <= tolerance * joint))
        fail_msg("norm %.17g, by hand %.17g", grad_norm, joint);
}

static void compare_update(const struct watch *w, size_t v)
{
    const struct ccrnn_parameters *const p = &w->network->parameters;
    size_t held = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct ccrnn_parameter *const t = &p->parameter[i];
        if (p->owner[i] == CCRNN_OWNER_KEPT)
            continue;
        for (size_t e = 0; e < t->rows * t->cols; e++) {
            const size_t at = t->offset + e;
            if (is_held(w->network, w->cut, i, e)) {
                held++;
                assert_memory_equal(&p->value[at], &w->before[at], sizeof *p->value);
                assert_memory_equal(&p->first[at], &w->before[p->size + at], sizeof *p->value);
                assert_memory_equal(&p->second[at], &w->before[2 * p->size + at],
                                    sizeof *p->value);
            }
            const double error = fabs((double)p->value[at] - w->expected[at]);
            if (!(error <= tolerance))
                fail_msg("variant %zu, %s of %s, %zu: %.9g, by hand %.9g", v,
                         ccrnn_intervention_name(w->network->interference.now.kind), t->name, e,
                         (double)p->value[at], w->expected[at]);
        }
    }
    assert_true(held > 0);
}

static void graded_updates_by_hand(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++)
        for (size_t k = 0; k < GRADED; k++) {
            if (!may_have(&config, graded[k]))
                continue;
            struct ccrnn_network *const network = make(&config, 7);
            ccrnn_real room[WIDEST];
            for (uint32_t item = 0; item < 3; item++)
                learn(network, item);
            intervene(network, graded[k], 0.4);
            const size_t size = network->parameters.size;
            struct watch w = {.network = network,
                              .cut = cut_of(network, room),
                              .before = malloc(3 * size * sizeof *w.before),
                              .expected = malloc(3 * size * sizeof *w.expected),
                              .learns = config.cerebellum == CCRNN_CEREBELLUM_LEARNING};
            network->observer = (struct ccrnn_observer){.context = &w, .gradients = on_gradients};
            for (uint32_t item = 3; item < 6; item++) {
                learn(network, item);
                compare_update(&w, v); /* of the last segment, with update: segment */
            }
            free(w.before);
            free(w.expected);
            ccrnn_network_destroy(network);
        }
}

/* --- the gradient of a cerebellum with parts cut ------------------------------------------- */

/* One boundary state through the cerebellum and back, in plain loops, into `grad` (size). */
static void reference_gradient(const struct ccrnn_network *network, const ccrnn_real *value,
                               const ccrnn_real *s, const ccrnn_real *delta, double *grad)
{
    const struct ccrnn_interference *const now = &network->interference;
    const struct ccrnn_parameters *const p = &network->parameters;
    const size_t layers = network->config.granule_layers, S = network->shape.state_width;
    double a[4][WIDEST] = {{0}}, d[WIDEST] = {0}, below[WIDEST];
    for (size_t i = 0; i < S; i++)
        a[0][i] = (double)s[i];
    for (size_t l = 0; l <= layers; l++) {
        const struct ccrnn_parameter *const W = &p->parameter[p->cerebellum_index + 2 * l];
        for (size_t r = 0; r < W->rows; r++) {
            double sum = (double)value[W[1].offset + r];
            for (size_t c = 0; c < W->cols; c++)
                if (l > 0 || now->fibres == NULL || now->fibres[r * W->cols + c] != 0)
                    sum += (double)value[W->offset + r * W->cols + c] * a[l][c];
            const bool silent =
                l < layers && now->granule != NULL && now->granule[l * GRANULE + r] == 0;
            a[l + 1][r] = silent || (l < layers && sum < 0) ? 0 : sum;
        }
    }
    for (size_t i = 0; i < S; i++) {
        const bool cut = now->sends != NULL && now->sends[i] == 0;
        const bool taught = now->taught == NULL || now->taught[i] != 0;
        d[i] = taught ? 2 * ((cut ? 0 : a[layers + 1][i]) - (double)delta[i]) : 0;
    }
    for (size_t l = layers + 1; l-- > 0;) {
        const struct ccrnn_parameter *const W = &p->parameter[p->cerebellum_index + 2 * l];
        memset(below, 0, sizeof below);
        for (size_t r = 0; r < W->rows; r++) {
            grad[W[1].offset + r] += d[r];
            for (size_t c = 0; c < W->cols; c++) {
                const size_t e = r * W->cols + c;
                const bool there = l > 0 || now->fibres == NULL || now->fibres[e] != 0;
                const bool drawn = l > 0 || p->mossy_mask == NULL || p->mossy_mask[e] != 0;
                grad[W->offset + e] += there && drawn ? d[r] * a[l][c] : 0;
                below[c] += d[r] * (double)value[W->offset + e];
            }
        }
        for (size_t c = 0; c < W->cols; c++)
            d[c] = a[l][c] > 0 ? below[c] : 0;
    }
}

/* What is held has no gradient. */
static void clear_held(const struct ccrnn_network *network, double *grad)
{
    ccrnn_real room[WIDEST];
    const ccrnn_real *const cut = cut_of(network, room);
    for (size_t i = 0; i < network->parameters.count; i++) {
        const struct ccrnn_parameter *const t = &network->parameters.parameter[i];
        for (size_t e = 0; e < t->rows * t->cols; e++)
            if (is_held(network, cut, i, e))
                grad[t->offset + e] = 0;
    }
}

static void compare_gradient(const struct ccrnn_network *network, const double *grad, size_t v)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    for (size_t i = 0; i < p->count; i++) {
        const struct ccrnn_parameter *const t = &p->parameter[i];
        double largest = 0;
        if (p->owner[i] != CCRNN_OWNER_CEREBELLUM)
            continue;
        for (size_t e = 0; e < t->rows * t->cols; e++)
            largest = fmax(largest, fabs(grad[t->offset + e]));
        if (largest == 0)
            fail_msg("variant %zu, %s: all gradients of %s are 0", v,
                     ccrnn_intervention_name(network->interference.now.kind), t->name);
        for (size_t e = 0; e < t->rows * t->cols; e++) {
            const double error = fabs((double)t->grad[e] - grad[t->offset + e]);
            if (!(error <= tolerance * largest))
                fail_msg("variant %zu, %s of %s, %zu: %.9g, by hand %.9g", v,
                         ccrnn_intervention_name(network->interference.now.kind), t->name, e,
                         (double)t->grad[e], grad[t->offset + e]);
        }
    }
}

static void cerebellar_gradients_by_hand(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++)
        for (size_t k = 0; k < GRADED; k++) {
            if (!may_have(&config, graded[k]) || config.update == CCRNN_UPDATE_SEGMENT ||
                config.cerebellum != CCRNN_CEREBELLUM_LEARNING)
                continue;
            struct ccrnn_network *const network = make(&config, 9);
            const size_t size = network->parameters.size, S = network->shape.state_width;
            for (uint32_t item = 0; item < 3; item++)
                learn(network, item);
            intervene(network, graded[k], 0.4);
            ccrnn_real *const before = snapshot(network);
            double *const grad = calloc(size, sizeof *grad);
            learn(network, 3);
            for (size_t r = 0; r < network->segments.n * B; r++)
                reference_gradient(network, before, network->state + r * S,
                                   network->d_state + r * S, grad);
            clear_held(network, grad);
            compare_gradient(network, grad, v);
            free(before);
            free(grad);
            ccrnn_network_destroy(network);
        }
}

/* --- a disturbed feedback -------------------------------------------------------------------- */

/* Does to ĝ, in another network, what the intervention should do on the way to the cortex. */
struct disturbance {
    struct ccrnn_network *network;
    struct ccrnn_intervention wanted;
    struct ccrnn_random noise;
    size_t boundary; /* before the rows at hand */
    ccrnn_real past[(T + 1) * B * WIDEST];
    size_t heard; /* of all boundaries, those that were not silent */
};

static void disturb(void *context, size_t rows, ccrnn_real *predicted)
{
    struct disturbance *const d = context;
    const size_t block = B * d->network->shape.state_width;
    const size_t first = d->boundary;
    memcpy(d->past + first * block, predicted, rows / B * block * sizeof *predicted);
    for (size_t i = 1; i < rows / B; i++) {
        ccrnn_real *const to = predicted + i * block;
        if (first + i < d->wanted.delay) {
            memset(to, 0, block * sizeof *to);
            continue;
        }
        const ccrnn_real *const from = d->past + (first + i - d->wanted.delay) * block;
        double squares = 0;
        for (size_t e = 0; e < block; e++)
            squares += (double)from[e] * (double)from[e];
        const double spread = d->wanted.noise * sqrt(squares / (double)block);
        for (size_t e = 0; e < block; e++) {
            const double noise =
                d->wanted.noise > 0 ? spread * ccrnn_random_normal(&d->noise) : 0;
            to[e] = (ccrnn_real)(d->wanted.gain * ((double)from[e] + noise));
        }
        d->heard++;
    }
    d->boundary += rows / B - 1;
}

static void start_disturbance(struct disturbance *d, uint32_t item)
{
    d->boundary = 0;
    ccrnn_random_start(&d->noise, d->network->seed, CCRNN_RANDOM_FEEDBACK_NOISE, 4, item);
}

static void expect_near(const struct ccrnn_network *a, const struct ccrnn_network *b, size_t v,
                        size_t w)
{
    for (size_t i = 0; i < a->parameters.count; i++) {
        const struct ccrnn_parameter *const t = &a->parameters.parameter[i];
        const struct ccrnn_parameter *const u = &b->parameters.parameter[i];
        double largest = 0;
        if (a->parameters.owner[i] == CCRNN_OWNER_CEREBELLUM)
            continue;
        for (size_t e = 0; e < t->rows * t->cols; e++)
            largest = fmax(largest, fabs((double)u->grad[e]));
        for (size_t e = 0; e < t->rows * t->cols; e++)
            if (!(fabs((double)t->grad[e] - (double)u->grad[e]) <= 4 * tolerance * largest))
                fail_msg("variant %zu, disturbance %zu: gradient of %s, %zu: %.9g and %.9g", v, w,
                         t->name, e, (double)t->grad[e], (double)u->grad[e]);
    }
}

/* The cerebellum is a fixed one, so that it says the same in both networks although only one learns from what
 * it really said; the learning of the cortex must be the same. */
static void disturbed_feedback_by_hand(void **state)
{
    (void)state;
    static const struct ccrnn_intervention wanted[] = {
        {.gain = 0},
        {.gain = 2.5},
        {.gain = 1, .delay = 1},
        {.gain = 1, .delay = 2},
        {.gain = 1, .delay = 1000},
        {.gain = 1, .noise = 0.7},
        {.gain = 0.5, .noise = 2, .delay = 1},
    };
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++)
        for (size_t w = 0; w < sizeof wanted / sizeof wanted[0]; w++) {
            struct disturbance d = {.wanted = wanted[w]};
            config.cerebellum = CCRNN_CEREBELLUM_FIXED;
            config.learning_rate =
                1e-4; /* rounding in one network stays small in the next steps */
            struct ccrnn_network *const network = make(&config, 7), *const hand =
                                                                        make(&config, 7);
            struct ccrnn_intervention now = wanted[w];
            now.kind = CCRNN_INTERVENTION_FEEDBACK;
            assert_true(ccrnn_network_intervene(network, &now, NULL) == CCRNN_OK);
            d.network = hand;
            hand->observer = (struct ccrnn_observer){.context = &d, .feedback = disturb};
            for (uint32_t item = 0; item < 3; item++) {
                start_disturbance(&d, item);
                learn(network, item);
                learn(hand, item);
                expect_near(network, hand, v, w);
            }
            assert_true((d.heard > 0) == (wanted[w].delay < T));
            ccrnn_network_destroy(network);
            ccrnn_network_destroy(hand);
        }
}

/* The cerebellum learns from what it said, not from what was heard; a disturbance is none of its own. */
static void cerebellum_learns_as_before(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    variant(0, &config);
    struct ccrnn_network *const network = make(&config, 7);
    for (uint32_t item = 0; item < 3; item++)
        learn(network, item);
    const struct ccrnn_intervention wanted = {
        .kind = CCRNN_INTERVENTION_FEEDBACK, .gain = 3, .noise = 1, .delay = 1};
    assert_true(ccrnn_network_intervene(network, &wanted, NULL) == CCRNN_OK);
    const size_t size = network->parameters.size, S = network->shape.state_width;
    ccrnn_real *const before = snapshot(network);
    double *const grad = calloc(size, sizeof *grad);
    learn(network, 3);
    for (size_t r = 0; r < network->segments.n * B; r++)
        reference_gradient(network, before, network->state + r * S, network->d_state + r * S,
                           grad);
    compare_gradient(network, grad, 0);
    free(before);
    free(grad);
    ccrnn_network_destroy(network);
}

/* A measure goes through the whole sequence at once, also where learning goes segment by segment: the same
 * delayed feedback. */
static void delay_over_the_whole_sequence(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    variant(4, &config);
    config.cerebellum = CCRNN_CEREBELLUM_FIXED;
    struct ccrnn_network *network[2];
    for (size_t i = 0; i < 2; i++) {
        struct lesson lesson;
        struct ccrnn_step_report report = {0};
        config.update = i == 0 ? CCRNN_UPDATE_BATCH : CCRNN_UPDATE_SEGMENT;
        network[i] = make(&config, 7);
        const struct ccrnn_intervention wanted = {
            .kind = CCRNN_INTERVENTION_FEEDBACK, .gain = 1, .delay = 2};
        assert_true(ccrnn_network_intervene(network[i], &wanted, NULL) == CCRNN_OK);
        fill(&lesson, &config, 3);
        const struct ccrnn_span span = ccrnn_network_whole(network[i]);
        ccrnn_loop_gradients(network[i], &span, &lesson.batch, &report);
    }
    assert_memory_equal(network[0]->parameters.grad, network[1]->parameters.grad,
                        network[0]->parameters.size * sizeof *network[0]->parameters.grad);
    ccrnn_network_destroy(network[0]);
    ccrnn_network_destroy(network[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mossy_cut_is_a_sparser_network),
        cmocka_unit_test(granule_cut_is_a_network_without_them),
        cmocka_unit_test(graded_updates_by_hand),
        cmocka_unit_test(cerebellar_gradients_by_hand),
        cmocka_unit_test(disturbed_feedback_by_hand),
        cmocka_unit_test(cerebellum_learns_as_before),
        cmocka_unit_test(delay_over_the_whole_sequence),
    };
    return cmocka_run_group_tests_name("intervention_steps", tests, NULL, NULL);
}
