/* What interventions leave alone, to the last bit: a sham, lesions of everything, what is cut and returns;
 * how shares are drawn; what is refused. */
#include "intervened.h"

static void sham_changes_nothing(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++)
        for (int with = 0; with < 2; with++) {
            if (with == 0)
                config.cerebellum = CCRNN_CEREBELLUM_NONE;
            else
                variant(v, &config);
            struct ccrnn_network *const calm = make(&config, 7), *const sham = make(&config, 7);
            for (uint32_t item = 0; item < 5; item++) {
                if (item == 1)
                    intervene(sham, CCRNN_INTERVENTION_SHAM, 1);
                if (item == 4)
                    assert_true(ccrnn_network_intervene(sham, NULL, NULL) == CCRNN_OK);
                const struct ccrnn_step_report a = learn(calm, item), b = learn(sham, item);
                assert_memory_equal(&a, &b, sizeof a);
                assert_memory_equal(calm->parameters.grad, sham->parameters.grad,
                                    calm->parameters.size * sizeof *calm->parameters.grad);
            }
            expect_same(calm, sham, true);
            ccrnn_network_destroy(calm);
            ccrnn_network_destroy(sham);
        }
}

/* From `before` steps on, a network whose whole cerebellum is cut is a cortex alone, and the cerebellum stays
 * what it was. */
static void lesion_is_plain_truncation(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++)
        for (uint32_t before = 0; before < 6; before += 3) {
            struct ccrnn_network *const lesioned = make(&config, 7);
            for (uint32_t item = 0; item < before; item++)
                learn(lesioned, item);
            struct ccrnn_network_config alone = config;
            alone.cerebellum = CCRNN_CEREBELLUM_NONE;
            struct ccrnn_network *const cortex = clone(lesioned, &alone);
            struct ccrnn_network *const then = clone(lesioned, &config);
            intervene(lesioned, CCRNN_INTERVENTION_CEREBELLUM, v % 2 == 0 ? 1 : 0.99);
            for (uint32_t item = before; item < before + 3; item++) {
                const struct ccrnn_step_report a = learn(lesioned, item), b = learn(cortex, item);
                assert_memory_equal(&a.loss, &b.loss, sizeof a.loss);
                assert_memory_equal(&a.grad_norm, &b.grad_norm, sizeof a.grad_norm);
                assert_memory_equal(&a.first_loss, &b.first_loss, sizeof a.first_loss);
                assert_true(isnan(a.similarity) && isnan(a.cerebellar_loss));
            }
            expect_same(lesioned, cortex, false);
            then->updates = lesioned->updates;
            for (size_t i = 0; i < lesioned->parameters.count; i++) {
                const struct ccrnn_parameter *const a = &lesioned->parameters.parameter[i];
                const struct ccrnn_parameter *const b = &then->parameters.parameter[i];
                const size_t bytes = a->rows * a->cols * sizeof *a->value;
                if (!is_cerebellar(a->name))
                    continue;
                assert_memory_equal(a->value, b->value, bytes);
                assert_memory_equal(a->first, b->first, bytes);
                assert_memory_equal(a->second, b->second, bytes);
            }
            ccrnn_network_destroy(lesioned);
            ccrnn_network_destroy(cortex);
            ccrnn_network_destroy(then);
        }
}

/* Squares of the gradients of the tensors outside the cerebellum (inside: `inside`). */
static double norm_of(const struct ccrnn_network *network, bool inside)
{
    double sum = 0;
    for (size_t i = 0; i < network->parameters.count; i++) {
        const struct ccrnn_parameter *const p = &network->parameters.parameter[i];
        if (is_cerebellar(p->name) != inside)
            continue;
        for (size_t e = 0; e < p->rows * p->cols; e++)
            sum += (double)p->grad[e] * (double)p->grad[e];
    }
    return sqrt(sum);
}

/* From then on, a network without olive has a fixed cerebellum, which has no part in the norm: neither by
 * gradients of its own nor by those of the last step before (paper.md 5.9). */
static void olive_lesion_is_a_fixed_cerebellum(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++) {
        if (config.cerebellum != CCRNN_CEREBELLUM_LEARNING)
            continue;
        struct ccrnn_network *const lesioned = make(&config, 7);
        for (uint32_t item = 0; item < 3; item++)
            learn(lesioned, item);
        assert_true(norm_of(lesioned, true) > 0.1);
        struct ccrnn_network_config fixed = config;
        fixed.cerebellum = CCRNN_CEREBELLUM_FIXED;
        struct ccrnn_network *const other = clone(lesioned, &fixed);
        intervene(lesioned, CCRNN_INTERVENTION_OLIVE, v % 2 == 0 ? 1 : 0.99);
        for (uint32_t item = 3; item < 6; item++) {
            const struct ccrnn_step_report a = learn(lesioned, item), b = learn(other, item);
            assert_memory_equal(&a, &b, sizeof a);
            const double norm = norm_of(lesioned, false);
            if (!(fabs(a.grad_norm - norm) <= tolerance * norm))
                fail_msg("variant %zu: norm %.17g, by hand %.17g", v, a.grad_norm, norm);
            assert_true(a.similarity != 0);
        }
        expect_same(lesioned, other, true);
        ccrnn_network_destroy(lesioned);
        ccrnn_network_destroy(other);
    }
}

static bool may_have(const struct ccrnn_network_config *config, enum ccrnn_intervention_kind kind)
{
    return (kind != CCRNN_INTERVENTION_OLIVE ||
            config->cerebellum == CCRNN_CEREBELLUM_LEARNING) &&
           (kind != CCRNN_INTERVENTION_GRANULE || config->granule_layers > 0);
}

/* What is cut neither learns nor forgets, and learns on when the intervention ends. */
static void cut_parts_return(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    for (size_t v = 0; variant(v, &config); v++)
        for (int k = CCRNN_INTERVENTION_CEREBELLUM; k < CCRNN_INTERVENTION_FEEDBACK; k++) {
            const enum ccrnn_intervention_kind kind = (enum ccrnn_intervention_kind)k;
            if (!may_have(&config, kind))
                continue;
            struct ccrnn_network *const network = make(&config, 7);
            const size_t size = network->parameters.size;
            for (uint32_t item = 0; item < 3; item++)
                learn(network, item);
            ccrnn_real *const before = snapshot(network);
            intervene(network, kind, 0.5);
            const ccrnn_real *const works = network->interference.free;
            ccrnn_real *const kept = malloc(size * sizeof *kept);
            memcpy(kept, works, size * sizeof *kept);
            learn(network, 3);
            learn(network, 4);
            ccrnn_real *const after = snapshot(network);
            size_t held = 0, moved = 0, returned = 0;
            for (size_t e = 0; e < size; e++) {
                for (size_t part = 0; part < 3 && kept[e] == 0; part++)
                    assert_memory_equal(before + part * size + e, after + part * size + e,
                                        sizeof *after);
                held += kept[e] == 0;
                moved += kept[e] != 0 && before[e] != after[e];
            }
            assert_true(held > 0 && moved > 0);
            assert_true(ccrnn_network_intervene(network, NULL, NULL) == CCRNN_OK);
            learn(network, 5);
            for (size_t e = 0; e < size; e++)
                returned += kept[e] == 0 && network->parameters.value[e] != after[e];
            const bool learns = config.cerebellum == CCRNN_CEREBELLUM_LEARNING ||
                                kind == CCRNN_INTERVENTION_CORTEX ||
                                kind == CCRNN_INTERVENTION_READOUT;
            if ((returned > 0) != learns)
                fail_msg("variant %zu, %s: %zu of %zu learn on", v, ccrnn_intervention_name(kind),
                         returned, held);
            free(before);
            free(after);
            free(kept);
            ccrnn_network_destroy(network);
        }
}

/* A NaN ends the step before anything has changed, whatever is cut. */
static void nan_changes_nothing(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    variant(0, &config);
    for (int k = CCRNN_INTERVENTION_SHAM; k < CCRNN_INTERVENTION_COUNT; k++) {
        struct ccrnn_network *const network = make(&config, 7);
        struct ccrnn_error err = {0};
        struct lesson lesson;
        learn(network, 0);
        const struct ccrnn_intervention wanted = {
            .kind = (enum ccrnn_intervention_kind)k, .share = 0.5, .gain = 2, .noise = 1};
        assert_true(ccrnn_network_intervene(network, &wanted, &err) == CCRNN_OK);
        ccrnn_real *const before = snapshot(network);
        fill(&lesson, &config, 1);
        lesson.input[2] = (ccrnn_real)NAN;
        assert_true(ccrnn_network_train(network, &lesson.batch, NULL, &err) == CCRNN_NONFINITE);
        ccrnn_real *const after = snapshot(network);
        assert_memory_equal(before, after, 3 * network->parameters.size * sizeof *before);
        assert_true(network->updates == 1);
        free(before);
        free(after);
        ccrnn_network_destroy(network);
    }
}

/* --- draws ------------------------------------------------------------------------------- */

/* Which output units a share takes, as bits. */
static uint64_t drawn(uint64_t seed, enum ccrnn_intervention_kind kind, double share)
{
    struct ccrnn_network_config config;
    variant(0, &config);
    config.hidden = 20;
    struct ccrnn_network *const network = make(&config, seed);
    uint64_t bits = 0;
    intervene(network, kind, share);
    for (size_t s = 0; s < 40; s++)
        if (network->interference.taught[s] == 0)
            bits |= UINT64_C(1) << s;
    ccrnn_network_destroy(network);
    return bits;
}

static void shares_are_nested(void **state)
{
    (void)state;
    const enum ccrnn_intervention_kind kind = CCRNN_INTERVENTION_OLIVE;
    static const double share[] = {0.001, 0.1, 0.2, 0.3, 0.5, 0.9, 0.96};
    static const int taken[] = {1, 4, 8, 12, 20, 36, 38};
    uint64_t before = 0;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        const uint64_t now = drawn(3, kind, share[i]);
        assert_int_equal(__builtin_popcountll(now), taken[i]);
        assert_true((before & ~now) == 0);
        before = now;
    }
    assert_true(drawn(3, kind, 0.3) == drawn(3, kind, 0.3));
    assert_true(drawn(3, kind, 0.3) != drawn(4, kind, 0.3));
    assert_true(drawn(3, kind, 0.3) != drawn(3, CCRNN_INTERVENTION_CEREBELLUM, 0.3));
}

/* Every unit is as likely as another: over many seeds each is taken about as often. */
static void draws_are_even(void **state)
{
    (void)state;
    int taken[40] = {0};
    enum { SEEDS = 400, EACH = 10 };
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const uint64_t bits = drawn(seed, CCRNN_INTERVENTION_OLIVE, 0.25);
        for (size_t s = 0; s < 40; s++)
            taken[s] += (bits >> s & 1) != 0;
    }
    double chi = 0;
    const double expected = SEEDS * EACH / 40.0;
    for (size_t s = 0; s < 40; s++)
        chi += (taken[s] - expected) * (taken[s] - expected) / (expected * 0.75);
    if (!(chi > 15 && chi < 75)) /* 39 degrees of freedom: far beyond both tails of 0.001 */
        fail_msg("chi squared %g", chi);
}

/* Of sparse mossy fibres, those that are there are cut; of each granule layer its share. */
static void fibres_and_granule_units_are_drawn(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    variant(1, &config); /* two layers, 4 fibres a unit */
    struct ccrnn_network *const network = make(&config, 7);
    const size_t size = GRANULE * 2 * HIDDEN;
    intervene(network, CCRNN_INTERVENTION_MOSSY, 0.25);
    size_t work = 0;
    for (size_t e = 0; e < size; e++) {
        work += network->interference.fibres[e] != 0;
        assert_true(network->interference.fibres[e] <= network->parameters.mossy_mask[e]);
    }
    assert_true(work == GRANULE * 4 - 9);
    intervene(network, CCRNN_INTERVENTION_GRANULE, 0.5);
    bool same = true;
    for (size_t l = 0; l < 2; l++) {
        size_t silent = 0;
        for (size_t g = 0; g < GRANULE; g++)
            silent += network->interference.granule[l * GRANULE + g] == 0;
        assert_true(silent == 5); /* 4.5 rounded */
    }
    for (size_t g = 0; g < GRANULE; g++)
        same &= network->interference.granule[g] == network->interference.granule[GRANULE + g];
    assert_false(same);
    ccrnn_network_destroy(network);
}

/* --- refused ----------------------------------------------------------------------------- */

static void refuse(struct ccrnn_network *network, struct ccrnn_intervention wanted,
                   const char *fragment)
{
    struct ccrnn_error err = {0};
    const enum ccrnn_intervention_kind before = network->interference.now.kind;
    assert_true(ccrnn_network_intervene(network, &wanted, &err) == CCRNN_USAGE);
    if (strstr(err.message, fragment) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, fragment);
    assert_true(ccrnn_network_intervention(network)->kind == before);
}

static void bad_interventions_are_refused(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    variant(2, &config); /* no granule layer */
    struct ccrnn_network *const linear = make(&config, 7);
    config.cerebellum = CCRNN_CEREBELLUM_FIXED;
    struct ccrnn_network *const fixed = make(&config, 7);
    config.cerebellum = CCRNN_CEREBELLUM_NONE;
    struct ccrnn_network *const alone = make(&config, 7);
    intervene(linear, CCRNN_INTERVENTION_READOUT, 0.5);
    static const double shares[] = {0, -0.1, 1.0000001, 1.3, NAN, INFINITY};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        for (int k = CCRNN_INTERVENTION_CEREBELLUM; k < CCRNN_INTERVENTION_GRANULE; k++)
            refuse(linear, (struct ccrnn_intervention){.kind = k, .share = shares[i]}, "share");
    static const double numbers[] = {-0.1, NAN, INFINITY};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct ccrnn_intervention wanted = {.kind = CCRNN_INTERVENTION_FEEDBACK,
                                            .gain = numbers[i]};
        refuse(linear, wanted, "gain");
        wanted = (struct ccrnn_intervention){.kind = wanted.kind, .gain = 1, .noise = numbers[i]};
        refuse(linear, wanted, "noise");
    }
    refuse(linear, (struct ccrnn_intervention){.kind = CCRNN_INTERVENTION_COUNT, .share = 1},
           "expected 0");
    refuse(linear, (struct ccrnn_intervention){.kind = CCRNN_INTERVENTION_GRANULE, .share = 1},
           "no granule layer");
    refuse(fixed, (struct ccrnn_intervention){.kind = CCRNN_INTERVENTION_OLIVE, .share = 1},
           "does not learn");
    for (int k = CCRNN_INTERVENTION_CEREBELLUM; k < CCRNN_INTERVENTION_COUNT; k++)
        if (k != CCRNN_INTERVENTION_CORTEX && k != CCRNN_INTERVENTION_READOUT)
            refuse(alone, (struct ccrnn_intervention){.kind = k, .share = 1, .gain = 2},
                   "no cerebellum");
    ccrnn_network_destroy(linear);
    ccrnn_network_destroy(fixed);
    ccrnn_network_destroy(alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sham_changes_nothing),
        cmocka_unit_test(lesion_is_plain_truncation),
        cmocka_unit_test(olive_lesion_is_a_fixed_cerebellum),
        cmocka_unit_test(cut_parts_return),
        cmocka_unit_test(nan_changes_nothing),
        cmocka_unit_test(shares_are_nested),
        cmocka_unit_test(draws_are_even),
        cmocka_unit_test(fibres_and_granule_units_are_drawn),
        cmocka_unit_test(bad_interventions_are_refused),
    };
    return cmocka_run_group_tests_name("interventions", tests, NULL, NULL);
}
