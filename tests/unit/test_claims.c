/* Claims of a study file: what is read, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/claim.h"
#include "study/study.h"

/* Four lines: what follows begins in line 5. */
#define STUDY                                                                                    \
    "base: {epochs: 20}\n"                                                                       \
    "arms: {cRNN: {cerebellum: none}, ccRNN: {cerebellum: learning}}\n"                          \
    "sweep: {horizon: [1, 3]}\n"                                                                 \
    "claims:\n"
#define PAIR "arm: ccRNN horizon=1, than: cRNN horizon=1"
#define PLAIN "name: a, measure: error, direction: below"

static struct ccrnn_study *parse_with(const char *claims,
                                      const struct ccrnn_study_overrides *overrides)
{
    char text[4000];
    struct ccrnn_study *study;
    struct ccrnn_error err;
    snprintf(text, sizeof text, "%s%s", STUDY, claims);
    if (ccrnn_study_parse(text, strlen(text), "s.yaml", overrides, &study, &err) != CCRNN_OK)
        fail_msg("%s\n%s", text, err.message);
    return study;
}

static void assert_text(const char *found, const char *expected)
{
    if (expected == NULL)
        assert_null(found);
    else
        assert_string_equal(found, expected);
}

static void full_claim(void **state)
{
    (void)state;
    struct ccrnn_study *const study =
        parse_with("  - name: It helps\n    measure: roughness.3\n    split: test\n"
                   "    over: last 2\n    than_over: 3..20\n    arm: ccRNN horizon=1\n"
                   "    than: cRNN horizon=1\n    direction: above\n    p: 0.01\n    dz: 1.5\n"
                   "    paper: 0.891\n",
                   NULL);
    assert_int_equal(study->claim_count, 1);
    const struct ccrnn_claim *const claim = &study->claims[0];
    assert_text(claim->name, "It helps");
    assert_text(claim->paper, "0.891");
    assert_text(claim->note, "");
    assert_text(claim->of, NULL);
    assert_int_equal(claim->split, CCRNN_CLAIM_TEST);
    assert_int_equal(claim->direction, CCRNN_CLAIM_ABOVE);
    assert_true(claim->p == 0.01 && claim->dz == 1.5 && isnan(claim->value));
    assert_int_equal(claim->sides, 2);
    assert_text(claim->side[0].arm, "ccRNN horizon=1");
    assert_text(claim->side[1].arm, "cRNN horizon=1");
    assert_text(claim->side[1].measure, "roughness.3");
    assert_true(claim->side[0].over.from_end && claim->side[0].over.last == 2);
    assert_true(!claim->side[1].over.from_end && claim->side[1].over.first == 3 &&
                claim->side[1].over.last == 20);
    ccrnn_study_destroy(study);
}

static void defaults_of_claims(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse_with(
        "  - {" PLAIN ", " PAIR "}\n"
        "  - {name: b, measure: area, of: error, arm: cRNN horizon=1, direction: differ,"
        " value: -4}\n"
        "  - {name: c, measure: error, arm: cRNN horizon=1, direction: equal-to, value: 5.5}\n"
        "  - {name: d, measure: error, arm: cRNN horizon=1, than_over: epoch 1, direction: below}\n"
        "  - {name: e, measure: normalised_error, of: error, direction: differ,\n"
        "     arms: [ccRNN horizon=1, ccRNN horizon=3, cRNN horizon=1],\n"
        "     references: [cRNN horizon=1, cRNN horizon=3, cRNN horizon=3]}\n",
        NULL);
    const struct ccrnn_claim *const c = study->claims;
    assert_int_equal(study->claim_count, 5);
    assert_true(c[0].p == 0.05 && isnan(c[0].dz) && c[0].split == CCRNN_CLAIM_VALIDATION);
    assert_true(c[0].side[0].over.from_end && c[0].side[0].over.last == 1);
    assert_true(c[1].side[0].over.last == UINT64_MAX && c[1].side[0].over.first == 1);
    assert_true(c[1].sides == 1 && c[1].value == -4);
    assert_true(c[2].within == 3 && c[2].sem == 0 && c[2].n == 0);
    assert_true(c[3].sides == 2 && strcmp(c[3].side[1].arm, "cRNN horizon=1") == 0);
    assert_true(c[3].side[1].over.last == 1 && !c[3].side[1].over.from_end);
    assert_int_equal(c[4].sides, 3);
    assert_text(c[4].side[1].reference, "cRNN horizon=3");
    ccrnn_study_destroy(study);
}

static void no_part_of_a_hash(void **state)
{
    (void)state;
    struct ccrnn_study *const with = parse_with("  - {" PLAIN ", " PAIR "}\n", NULL);
    struct ccrnn_study *const without = parse_with("", NULL);
    assert_int_equal(without->claim_count, 0);
    for (size_t i = 0; i < with->arm_count; i++)
        assert_string_equal(with->arms[i].directory, without->arms[i].directory);
    ccrnn_study_destroy(with);
    ccrnn_study_destroy(without);
}

/* A study that --set changes keeps the claims it can no longer judge. */
static void changed_study(void **state)
{
    (void)state;
    const char *const set[] = {"epochs=5", "horizon=1"};
    const struct ccrnn_study_overrides overrides = {.set = set, .set_count = 2};
    struct ccrnn_study *const study = parse_with(
        "  - {" PLAIN ", " PAIR ", over: epoch 6}\n"
        "  - {name: b, measure: error, arm: cRNN horizon=3, direction: below, value: 3}\n"
        "  - {name: c, measure: error, arm: cRNN horizon=1, direction: below, value: 3}\n",
        &overrides);
    assert_non_null(strstr(study->claims[0].note, "which is 5"));
    assert_non_null(strstr(study->claims[1].note, "no arm 'cRNN horizon=3'"));
    assert_text(study->claims[2].note, "");
    ccrnn_study_destroy(study);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *place, *message;
    } cases[] = {
        {"name: a, measure: eror, direction: below, " PAIR,
         "s.yaml:5:24:", "did you mean 'error'"},
        {"name: a, measure: error.3.x., direction: below, arm: nobody, value: 1",
         "s.yaml:5:59:", "'nobody' is not known"},
        {"name: a, measure: error., direction: below, " PAIR, "s.yaml:5:24:", "'error.' is not"},
        {"name: a, measure: perplexity.1, direction: below, " PAIR,
         "s.yaml:5:24:", "is not known"},
        {PLAIN ", arm: ccRN horizon=1, than: cRNN horizon=1",
         "s.yaml:5:", "did you mean 'ccRNN horizon=1'"},
        {PLAIN ", arm: ccRNN horizon=1, than: ccRNN",
         "s.yaml:5:", "the arm 'ccRNN' is not known"},
        {PLAIN ", over: epoch 21, " PAIR,
         "s.yaml:5:55:", "the last epoch of arm 'ccRNN horizon=1', which is 20"},
        {PLAIN ", over: last 21, " PAIR, "s.yaml:5:55:", "beyond the last epoch"},
        {PLAIN ", over: 5..3, " PAIR, "s.yaml:5:55:", "write last, last 10, all"},
        {PLAIN ", over: last 0, " PAIR, "s.yaml:5:55:", "write last, last 10, all"},
        {"name: a, measure: error, direction: belo, " PAIR,
         "s.yaml:5:42:", "did you mean 'below'"},
        {PLAIN ", split: tset, " PAIR, "s.yaml:5:56:", "did you mean 'test'"},
        {PLAIN ", pp: 1, " PAIR, "s.yaml:5:49:", "the key 'pp' is not known; did you mean 'p'"},
        {PLAIN ", p: 1, " PAIR, "s.yaml:5:52:", "below 1"},
        {PLAIN ", p: 0, " PAIR, "s.yaml:5:52:", "a number above 0"},
        {PLAIN ", p: small, " PAIR, "s.yaml:5:52:", "found 'small'"},
        {PLAIN ", dz: -1, " PAIR, "s.yaml:5:53:", "a number from 0"},
        {PLAIN ", p: nan, " PAIR, "s.yaml:5:52:", "found 'nan'"},
        {"measure: error, direction: below, " PAIR, "s.yaml:5:5", "name: is missing"},
        {PLAIN, "s.yaml:5:5", "either arm: or arms:"},
        {PLAIN ", arm: ccRNN horizon=1", "s.yaml:5:5", "either than: (an arm) or value:"},
        {PLAIN ", value: 1, " PAIR, "s.yaml:5:5", "either than: (an arm) or value:"},
        {PLAIN ", arm: ccRNN horizon=1, than: ccRNN horizon=1", "s.yaml:5:5", "with itself"},
        {"name: a, measure: error, direction: equal-to, " PAIR, "s.yaml:5:5", "needs value:"},
        {"name: a, measure: error, direction: equal-to, arm: cRNN horizon=1, value: 1, p: 0.1",
         "s.yaml:5:5", "write within:"},
        {"name: a, measure: error, direction: equal-to, arm: cRNN horizon=1, value: 1, n: 2.5",
         "s.yaml:5:", "a number of runs"},
        {PLAIN ", sem: 1, " PAIR, "s.yaml:5:5", "go with direction: equal-to"},
        {PLAIN ", arms: [cRNN horizon=1, cRNN horizon=3, ccRNN horizon=1]", "s.yaml:5:5",
         "goes with direction: differ"},
        {"name: a, measure: error, direction: differ, arms: [cRNN horizon=1, cRNN horizon=3]",
         "s.yaml:5:", "at least 3 arms"},
        {"name: a, measure: nll, direction: below, " PAIR,
         "s.yaml:5:24:", "not recorded in its task"},
        {"name: a, measure: grad_norm, direction: below, " PAIR,
         "s.yaml:5:24:", "not recorded in this split"},
        {"name: a, measure: similarity, split: train, direction: below, " PAIR,
         "s.yaml:5:24:", "arm 'cRNN horizon=1': similarity (train) needs a cerebellum"},
        {"name: a, measure: coupling, direction: above, value: 0.1, arm: ccRNN horizon=1",
         "s.yaml:5:24:", "set probe_every"},
        {"name: a, measure: error.9, direction: below, " PAIR,
         "s.yaml:5:24:", "error.9 (validation) has no such part in this arm"},
        {"name: a, measure: sparc, direction: above, over: epoch 15, " PAIR,
         "s.yaml:5:24:", "choose multiples of measure_every"},
        {PLAIN ", over: epoch 0, " PAIR, "s.yaml:5:24:", "not measured before learning"},
        {PLAIN ", split: test, over: epoch 3, " PAIR, "s.yaml:5:24:", "after the last epoch"},
        {"name: a, measure: area, direction: below, " PAIR, "s.yaml:5:5", "name it with of:"},
        {"name: a, measure: area, of: area, direction: below, " PAIR,
         "s.yaml:5:34:", "a measure of metrics.csv"},
        {"name: a, measure: learning_speed, of: error, direction: below, " PAIR, "s.yaml:5:5",
         "needs criterion:"},
        {PLAIN ", criterion: 3, " PAIR, "s.yaml:5:5", "criterion: goes with"},
        {"name: a, measure: normalised_error, of: error, direction: below, " PAIR, "s.yaml:5:5",
         "needs reference:"},
        {PLAIN ", reference: cRNN horizon=1, " PAIR, "s.yaml:5:5", "reference: goes with"},
        {"name: a, measure: path_length_ratio, direction: no advantage, " PAIR,
         "s.yaml:5:54:", "neither more nor less"},
        {PLAIN ", " PAIR "}\n  - {" PLAIN ", " PAIR, "s.yaml:6:12", "each its own"},
        {PLAIN ", paper: \"a\\e[0m\", " PAIR, "s.yaml:5:56:", "without control characters"},
        {PLAIN ", paper: [1], " PAIR, "s.yaml:5:56:", "expected a text, found a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[2000];
        struct ccrnn_study *study;
        struct ccrnn_error err;
        snprintf(text, sizeof text, "%s  - {%s}\n", STUDY, cases[i].claim);
        if (ccrnn_study_parse(text, strlen(text), "s.yaml", NULL, &study, &err) != CCRNN_USAGE)
            fail_msg("accepted: %s", cases[i].claim);
        if (strstr(err.message, cases[i].message) == NULL ||
            strncmp(err.message, cases[i].place, strlen(cases[i].place)) != 0)
            fail_msg("of %s\nexpected \"%s … %s\", found \"%s\"", cases[i].claim, cases[i].place,
                     cases[i].message, err.message);
    }
}

/* What is probed: parts, epochs, and the test of arms that are cut there. */
static void probed(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *message; /* NULL: accepted */
    } cases[] = {
        {"measure: coupling.q50, over: epoch 0, arm: a", NULL},
        {"measure: coupling.q33, arm: a", "no such part"},
        {"measure: similarity_true.9, arm: a", NULL},
        {"measure: similarity_true.8, arm: a", "no such part"},
        {"measure: similarity_true.12, arm: a", "no such part"},
        {"measure: similarity_true, over: epoch 3, arm: a", "multiples of probe_every"},
        {"measure: similarity_true, over: 3..4, arm: a", NULL},
        {"measure: similarity_true, split: test, arm: a", "not recorded in this split"},
        {"measure: similarity_true, split: test, arm: cut", NULL},
        {"measure: error.-3, split: test, arm: a", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1000];
        struct ccrnn_study *study;
        struct ccrnn_error err = {0};
        snprintf(text, sizeof text,
                 "base: {epochs: 6, horizon: 3, probe_every: 2}\n"
                 "arms: {a: {}, cut: {intervention: mossy, intervention_at: test}}\n"
                 "claims:\n  - {name: x, value: 1, direction: above, %s}\n",
                 cases[i].claim);
        const enum ccrnn_status status =
            ccrnn_study_parse(text, strlen(text), "s.yaml", NULL, &study, &err);
        if ((status == CCRNN_OK) != (cases[i].message == NULL))
            fail_msg("%s: %s", cases[i].claim, status == CCRNN_OK ? "accepted" : err.message);
        if (status != CCRNN_OK && strstr(err.message, cases[i].message) == NULL)
            fail_msg("%s: %s", cases[i].claim, err.message);
        ccrnn_study_destroy(study);
    }
}

static void refused_lists(void **state)
{
    (void)state;
    static const char *const lists[] = {"  a: b\n", "  - a\n", "  - [a]\n", "  nothing\n"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char text[2000];
        struct ccrnn_study *study;
        struct ccrnn_error err;
        snprintf(text, sizeof text, "%s%s", STUDY, lists[i]);
        assert_int_equal(ccrnn_study_parse(text, strlen(text), "s.yaml", NULL, &study, &err),
                         CCRNN_USAGE);
        assert_non_null(strstr(err.message, "docs/claims.md"));
    }
}

static void windows(void **state)
{
    (void)state;
    static const char *const good[] = {"last", "last 10", "all", "1..20", "epoch 25", "epoch 0"};
    static const char *const bad[] = {"",      "las",      "last ", "last -1", "last 1.5",
                                      "epoch", "1..",      "..3",   "3..1",    "1...3",
                                      "ALL",   "epoch 5 ", "1 ..2", "last 010"};
    struct ccrnn_claim_window window;
    char text[CCRNN_CLAIM_WINDOW_SIZE];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(ccrnn_claim_window_parse(good[i], &window));
        assert_string_equal(ccrnn_claim_window_print(&window, text), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (ccrnn_claim_window_parse(bad[i], &window))
            fail_msg("accepted \"%s\"", bad[i]);
}

static void there_and_back(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse_with(
        "  - {" PLAIN ", " PAIR ", dz: 0.1, paper: text, p: 1e-3}\n"
        "  - {name: b, measure: learning_speed, of: error, criterion: 3.25, direction: above,"
        " over: 2..9, arm: cRNN horizon=3, value: 2}\n"
        "  - {name: c, measure: error, split: train, arm: cRNN horizon=1, direction: equal-to,"
        " value: 5.5, sem: 0.7, n: 10, within: 2}\n"
        "  - {name: d, measure: normalised_error, of: error, arm: ccRNN horizon=1,"
        " reference: cRNN horizon=1, direction: no advantage, value: 1}\n",
        NULL);
    for (size_t i = 0; i < study->claim_count; i++) {
        struct ccrnn_claim copy = {0};
        json_t *const first = ccrnn_claim_to_json(&study->claims[i]);
        assert_int_equal(ccrnn_claim_from_json(first, &copy, NULL), CCRNN_OK);
        json_t *const second = ccrnn_claim_to_json(&copy);
        assert_true(json_equal(first, second));
        assert_true(isnan(copy.dz) == isnan(study->claims[i].dz));
        json_decref(first);
        json_decref(second);
        ccrnn_claim_clear(&copy);
    }
    ccrnn_study_destroy(study);
}

static void damaged_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"name\": \"a\", \"direction\": \"below\", \"split\": \"test\", \"p\": 0.1}",
        "{\"name\": \"a\", \"direction\": \"down\", \"split\": \"test\", \"p\": 0.1, \"sides\": "
        "[{}]}",
        "{\"name\": \"a\", \"direction\": \"below\", \"split\": \"test\", \"sides\": []}",
        "{\"name\": \"a\", \"direction\": \"below\", \"split\": \"test\", \"sides\": [{\"arm\": "
        "\"a\", \"measure\": \"error\", \"over\": \"once\"}]}",
        "{\"name\": 3, \"direction\": \"below\", \"split\": \"test\", \"sides\": [1]}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ccrnn_claim claim = {0};
        json_t *const object = json_loads(texts[i], 0, NULL);
        assert_non_null(object);
        assert_int_equal(ccrnn_claim_from_json(object, &claim, NULL), CCRNN_FORMAT);
        ccrnn_claim_clear(&claim);
        json_decref(object);
    }
}

static void quick_study(void **state)
{
    (void)state;
    static const char text[] =
        "seeds: 1..10\nbase: {epochs: 20}\n"
        "arms: {cRNN: {cerebellum: none}, ccRNN: {}, other: {clip: none}}\n"
        "sweep: {horizon: [1, 3, 5]}\n"
        "claims:\n"
        "  - {name: a, measure: error, arm: ccRNN horizon=3, direction: below, value: 1}\n"
        "quick: {seeds: 1..3, arms: [cRNN, ccRNN], sweep: {horizon: [2]}, epochs: 4}\n";
    const char *const set[] = {"epochs=7"};
    struct ccrnn_study_overrides overrides = {.quick = true};
    struct ccrnn_study *study;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_study_parse(text, strlen(text), "s.yaml", NULL, &study, &err),
                     CCRNN_OK);
    assert_true(study->arm_count == 9 && study->seed_count == 10 && study->quick == NULL);
    ccrnn_study_destroy(study);
    assert_int_equal(ccrnn_study_parse(text, strlen(text), "s.yaml", &overrides, &study, &err),
                     CCRNN_OK);
    assert_string_equal(study->quick, "seeds 1..3, arms cRNN | ccRNN, epochs 4, horizon 2");
    assert_true(study->arm_count == 2 && study->seed_count == 3);
    assert_string_equal(study->arms[1].name, "ccRNN horizon=2");
    assert_int_equal(study->arms[1].config.epochs, 4);
    assert_non_null(strstr(study->claims[0].note, "no arm"));
    ccrnn_study_destroy(study);
    overrides.set = set;
    overrides.set_count = 1;
    assert_int_equal(ccrnn_study_parse(text, strlen(text), "s.yaml", &overrides, &study, &err),
                     CCRNN_OK);
    assert_int_equal(study->arms[1].config.epochs, 7);
    ccrnn_study_destroy(study);
}

static void quick_refused(void **state)
{
    (void)state;
    static const struct {
        const char *quick, *message;
        bool wanted;
    } cases[] = {
        {"", "has no quick: section", true},
        {"quick: 3\n", "quick: expected `key: value`", false},
        {"quick: {arms: [nobody]}\n", "quick: arms: expected an arm", false},
        {"quick: {arms: []}\n", "an empty one", false},
        {"quick: {sweep: {batch: [1]}}\n", "batch is not swept by this study", false},
        {"quick: {sweep: {horizon: []}}\n", "expected a list of values", false},
        {"quick: {sweep: {horizon: [1, 1]}}\n", "the value 1 twice", false},
        {"quick: {sweep: 3}\n", "quick: sweep: expected", false},
        {"quick: {epoch: 3}\n", "did you mean 'epochs'", false},
        {"quick: {epochs: 0}\n", "epochs: expected", false},
        {"quick: {seeds: x}\n", "seeds: expected", false},
        {"quick: {images: mnist}\n", "quick: images has no effect", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[500];
        struct ccrnn_study *study;
        struct ccrnn_error err;
        const struct ccrnn_study_overrides overrides = {.quick = cases[i].wanted};
        snprintf(text, sizeof text, "arms: {a: {}}\nsweep: {horizon: [1, 3]}\n%s",
                 cases[i].quick);
        if (ccrnn_study_parse(text, strlen(text), "s.yaml", &overrides, &study, &err) !=
            CCRNN_USAGE)
            fail_msg("accepted: %s", cases[i].quick);
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("expected \"%s\" in \"%s\"", cases[i].message, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_claim),     cmocka_unit_test(defaults_of_claims),
        cmocka_unit_test(changed_study),  cmocka_unit_test(no_part_of_a_hash),
        cmocka_unit_test(refused),        cmocka_unit_test(probed),
        cmocka_unit_test(refused_lists),  cmocka_unit_test(windows),
        cmocka_unit_test(there_and_back), cmocka_unit_test(damaged_json),
        cmocka_unit_test(quick_study),    cmocka_unit_test(quick_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
