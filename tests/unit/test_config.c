/* A configuration as a whole: rules, effects, hash, arithmetic, config.yaml. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/options.h"

static struct ccrnn_run_config with(const char *key, const char *value)
{
    struct ccrnn_run_config config;
    struct ccrnn_error err;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    if (ccrnn_run_config_set(&config, key, value, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return config;
}

static void set(struct ccrnn_run_config *config, const char *key, const char *value)
{
    struct ccrnn_error err;
    if (ccrnn_run_config_set(config, key, value, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

static void resolve(struct ccrnn_run_config *config)
{
    struct ccrnn_error err;
    if (ccrnn_run_config_resolve(config, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

static void assert_contains(const char *message, const char *fragment)
{
    if (strstr(message, fragment) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", fragment, message);
}

static void assert_value(const struct ccrnn_run_config *config, const char *key,
                         const char *expected)
{
    char text[CCRNN_CONFIG_PATH_MAX];
    ccrnn_run_config_get(config, ccrnn_option_find(key), text, sizeof text);
    assert_string_equal(text, expected);
}

static void rules_between_options(void **state)
{
    (void)state;
    static const struct {
        const char *keys[2], *values[2], *fragment;
    } cases[] = {
        {{"horizon", NULL}, {"11", NULL}, "horizon: expected at most the number of steps, 10"},
        {{"interval", NULL}, {"11", NULL}, "interval: expected at most"},
        {{"cues", NULL}, {"8", NULL}, "cues: expected an odd number, found 8"},
        {{"mossy_fibres", NULL},
         {"101", NULL},
         "mossy_fibres is 101, but the cortical state has only 100 units"},
        {{"mossy_fibres", "cell"}, {"51", "gru"}, "has only 50 units"},
        {{"train_size", NULL}, {"810", NULL}, "found 810; write 800 or 850"},
        {{"train_size", NULL}, {"49", NULL}, "write 50, or choose a smaller batch"},
        {{"batch", NULL}, {"64", NULL}, "write 768 or 832"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ccrnn_error err;
        struct ccrnn_run_config config = with(cases[i].keys[0], cases[i].values[0]);
        if (cases[i].keys[1] != NULL)
            set(&config, cases[i].keys[1], cases[i].values[1]);
        if (ccrnn_run_config_resolve(&config, &err) != CCRNN_USAGE)
            fail_msg("%s: %s was not refused", cases[i].keys[0], cases[i].values[0]);
        assert_contains(err.message, cases[i].fragment);
    }
}

static void task_decides(void **state)
{
    (void)state;
    struct ccrnn_run_config config = with("steps", "20");
    set(&config, "horizon", "full");
    resolve(&config);
    assert_int_equal(config.network.steps, 20);
    assert_int_equal(config.network.horizon, 20);
    assert_value(&config, "horizon", "20");
    assert_int_equal(config.network.inputs, 1);
    assert_int_equal(config.network.outputs, 2);
}

/* Of the tasks on handwritten digits only. */
#define CAPTION_OPTIONS                                                                          \
    " captions features shortest longest lengths minimum_count train_images validation_images"   \
    " test_images beam words feature_width embedding feature_map feature_norm dropout"
#define PLATEAU_OPTIONS " lr_factor lr_threshold lr_minimum"
/* Of other optimisers than Adam, and of a learning rate that falls. */
#define LEARNING_OPTIONS " rms_decay momentum" PLATEAU_OPTIONS
#define DIGIT_OPTIONS " line_targets images inputs_per_step digits shuffle" CAPTION_OPTIONS
/* Of no effect in a run that neither probes, records, intervenes nor branches. */
#define LATER_OPTIONS                                                                            \
    " record_epochs record_every record_trials intervention_at intervention_from"                \
    " intervention_batch intervention_until intervention_share intervention_gain"                \
    " intervention_noise intervention_delay branch_epoch branch_hash"
#define IDLE_OPTIONS " probe_trials" LATER_OPTIONS

/* Which options apply in which configuration: exactly these, and none else. */
static void effects(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *idle;
    } cases[] = {
        {"cerebellum", "learning",
         DIGIT_OPTIONS " init_from_hash output_scale" LEARNING_OPTIONS IDLE_OPTIONS},
        {"cerebellum", "fixed",
         DIGIT_OPTIONS " init_from_hash cerebellar_loss" LEARNING_OPTIONS IDLE_OPTIONS},
        {"cerebellum", "none",
         DIGIT_OPTIONS
         " init_from_hash granule_layers granule_units mossy_fibres output_scale feedback"
         " feedback_scale terminal_feedback cerebellar_loss" LEARNING_OPTIONS IDLE_OPTIONS},
        {"granule_layers", "0",
         DIGIT_OPTIONS
         " init_from_hash granule_units output_scale" LEARNING_OPTIONS IDLE_OPTIONS},
        {"feedback", "off",
         DIGIT_OPTIONS
         " init_from_hash output_scale feedback_scale terminal_feedback" LEARNING_OPTIONS
             IDLE_OPTIONS},
        {"horizon", "full",
         DIGIT_OPTIONS " init_from_hash output_scale update" LEARNING_OPTIONS IDLE_OPTIONS},
        {"horizon", "10",
         DIGIT_OPTIONS " init_from_hash output_scale update" LEARNING_OPTIONS IDLE_OPTIONS},
        {"horizon", "9",
         DIGIT_OPTIONS " init_from_hash output_scale" LEARNING_OPTIONS IDLE_OPTIONS},
        {"clip", "none",
         DIGIT_OPTIONS " init_from_hash output_scale clip_norm" LEARNING_OPTIONS IDLE_OPTIONS},
        {"clip", "separate",
         DIGIT_OPTIONS " init_from_hash output_scale" LEARNING_OPTIONS IDLE_OPTIONS},
        {"init_from", "a.safetensors",
         DIGIT_OPTIONS " output_scale" LEARNING_OPTIONS IDLE_OPTIONS},
        {"optimiser", "rmsprop",
         DIGIT_OPTIONS " init_from_hash output_scale beta1 beta2" PLATEAU_OPTIONS IDLE_OPTIONS},
        {"optimiser", "sgd",
         DIGIT_OPTIONS
         " init_from_hash output_scale beta1 beta2 epsilon rms_decay" PLATEAU_OPTIONS
             IDLE_OPTIONS},
        {"lr_patience", "0",
         DIGIT_OPTIONS " init_from_hash output_scale rms_decay momentum" IDLE_OPTIONS},
        {"probe_every", "5",
         DIGIT_OPTIONS " init_from_hash output_scale" LEARNING_OPTIONS LATER_OPTIONS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ccrnn_run_config config = with(cases[i].key, cases[i].value);
        char idle[1000] = "";
        for (size_t k = 0; k < ccrnn_option_count(); k++) {
            if (!ccrnn_option_applies(ccrnn_option_at(k), &config)) {
                strcat(idle, " ");
                strcat(idle, ccrnn_option_at(k)->key);
            }
        }
        assert_string_equal(idle, cases[i].idle);
    }
}

/* The same for the tasks: a cue and its noise mean nothing where images are shown. */
static void effects_of_tasks(void **state)
{
    (void)state;
    static const char *const idle_in[CCRNN_TASK_COUNT] = {
        [CCRNN_TASK_LINE_DRAWING] = DIGIT_OPTIONS,
        [CCRNN_TASK_ONLINE_LINE_DRAWING] = " steps cues input_gain input_noise" CAPTION_OPTIONS,
        [CCRNN_TASK_ONLINE_DIGIT_DRAWING] =
            " steps cues input_gain input_noise line_length line_targets" CAPTION_OPTIONS,
        [CCRNN_TASK_VISUAL_DISCRIMINATION] =
            (" steps cues input_gain input_noise line_length line_targets" CAPTION_OPTIONS
             " interval"),
        [CCRNN_TASK_CAPTIONS] =
            (" steps cues input_gain input_noise line_length line_targets images inputs_per_step"
             " digits shuffle features interval"),
    };
    for (unsigned task = 0; task < CCRNN_TASK_COUNT; task++) {
        struct ccrnn_run_config config;
        char idle[1000] = "";
        ccrnn_run_config_default((enum ccrnn_task)task, &config);
        for (size_t k = 0; k < ccrnn_option_count(); k++) {
            const struct ccrnn_option *const option = ccrnn_option_at(k);
            const bool of_task = strcmp(option->group, "task") == 0;
            if ((of_task || strcmp(option->key, "interval") == 0) &&
                !ccrnn_option_applies(option, &config)) {
                strcat(idle, " ");
                strcat(idle, option->key);
            }
        }
        assert_string_equal(idle, idle_in[task]);
    }
}

static void recording_follows_the_run(void **state)
{
    (void)state;
    struct ccrnn_run_config config = with("record", "[states, granules, feedback]");
    struct ccrnn_error err;
    set(&config, "cerebellum", "none");
    assert_string_equal(ccrnn_option_idle_choice(ccrnn_option_find("record"), &config) == NULL
                            ? "some have an effect"
                            : "none has",
                        "some have an effect");
    resolve(&config);
    assert_value(&config, "record", "[states]");
    config = with("record", "[granules]");
    set(&config, "granule_layers", "0");
    assert_string_equal(ccrnn_option_idle_choice(ccrnn_option_find("record"), &config)->name,
                        "granules");
    config = with("record", "states");
    set(&config, "record_trials", "201");
    assert_int_equal(ccrnn_run_config_resolve(&config, &err), CCRNN_USAGE);
    assert_contains(err.message,
                    "record_trials: expected at most validation_size, 200, found 201");
    config = with("record", "states");
    set(&config, "record_epochs", "0, 101");
    assert_int_equal(ccrnn_run_config_resolve(&config, &err), CCRNN_USAGE);
    assert_contains(err.message, "record_epochs: expected at most epochs, 100, found 101");
}

static void idle_options_are_dropped(void **state)
{
    (void)state;
    struct ccrnn_run_config config = with("cerebellum", "none"), plain = config;
    set(&config, "granule_layers", "3");
    set(&config, "granule_units", "77");
    set(&config, "feedback_scale", "0.5");
    set(&config, "clip", "separate");
    assert_string_equal(ccrnn_option_idle_choice(ccrnn_option_find("clip"), &config)->name,
                        "separate");
    resolve(&config);
    resolve(&plain);
    assert_memory_equal(&config, &plain, sizeof config);
    assert_value(&config, "clip", "joint");
    char *text;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_run_config_to_yaml(&config, &text, &err), CCRNN_OK);
    assert_null(strstr(text, "granule"));
    assert_null(strstr(text, "feedback"));
    free(text);
}

static void assert_hash(const struct ccrnn_run_config *config, const char *expected)
{
    char hash[CCRNN_CONFIG_HASH_SIZE];
    ccrnn_run_config_hash(config, hash);
    assert_string_equal(hash, expected);
}

/* Worked out by a few lines of Python over the lines `key: value`.
 * A changed hash makes finished runs start over: change these numbers only knowingly. */
static void hash_is_stable(void **state)
{
    (void)state;
    struct ccrnn_run_config config;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    assert_hash(&config, "70a7d55e885c");
    config = with("cerebellum", "none");
    resolve(&config);
    assert_hash(&config, "7e5024173365");
}

/* Another value of the option that resolves. */
static const char *other_value(const struct ccrnn_option *option)
{
    static const struct {
        const char *key, *value;
    } others[] = {{"steps", "12"},           {"cues", "9"},
                  {"train_size", "1000"},    {"batch", "40"},
                  {"horizon", "3"},          {"checkpoint_epochs", "3"},
                  {"init_from", "a"},        {"init_from_hash", "0123456789abcdef"},
                  {"epsilon", "1e-8"},       {"beta1", "0.5"},
                  {"beta2", "0.5"},          {"granule_layers", "2"},
                  {"mossy_fibres", "4"},     {"task", "visual-discrimination"},
                  {"inputs_per_step", "14"}, {"digits", "0, 1"},
                  {"dropout", "0.25"},       {"rms_decay", "0.5"},
                  {"momentum", "0.5"},       {"lr_factor", "0.5"},
                  {"lr_threshold", "0.5"},   {"lr_minimum", "1e-5"},
                  {"record", "states"},      {"intervention_share", "0.5"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(others[i].key, option->key) == 0)
            return others[i].value;
    if (option->type == CCRNN_OPTION_CHOICE)
        return strcmp(option->choices[0].name, option->default_text) == 0
                   ? option->choices[1].name
                   : option->choices[0].name;
    return "5";
}

/* The defaults of the first task in which the option has an effect, if there is one. */
static void begin_where_it_applies(const struct ccrnn_option *option,
                                   struct ccrnn_run_config *start)
{
    for (unsigned task = 0; task < CCRNN_TASK_COUNT; task++) {
        ccrnn_run_config_default((enum ccrnn_task)task, start);
        if (ccrnn_option_applies(option, start))
            return;
    }
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, start);
}

/* What the rows of interventions and branches need to have an effect. */
static void begin_with_an_intervention(const struct ccrnn_option *option,
                                       struct ccrnn_run_config *start)
{
    static const char *const of_feedback[] = {"gain", "noise", "delay"};
    if (strcmp(option->group, "intervention") != 0 || strcmp(option->key, "intervention") == 0)
        return;
    set(start, "intervention", "cerebellum");
    if (strcmp(option->key, "intervention_at") == 0)
        set(start, "probe_every", "5");
    for (size_t i = 0; i < sizeof of_feedback / sizeof of_feedback[0]; i++)
        if (strstr(option->key, of_feedback[i]) != NULL) {
            set(start, "intervention", "feedback");
            set(start, "intervention_gain", "2");
        }
    if (strncmp(option->key, "branch_", 7) == 0)
        set(start, "intervention_from", "8");
    if (strcmp(option->key, "branch_epoch") == 0 || strcmp(option->key, "branch_hash") == 0)
        set(start, "branch_from", "other");
}

static void hash_follows_what_makes_numbers(void **state)
{
    (void)state;
    struct ccrnn_run_config start = with("cerebellum", "learning");
    char first[CCRNN_CONFIG_HASH_SIZE], second[CCRNN_CONFIG_HASH_SIZE];
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        if (option->choices != NULL && option->choices[1].name == NULL)
            continue;
        begin_where_it_applies(option, &start);
        if (strcmp(option->key, "features") == 0) {
            ccrnn_run_config_default(CCRNN_TASK_CAPTIONS, &start);
            set(&start, "captions", "coco");
        }
        if (strcmp(option->key, "longest") == 0)
            set(&start, "shortest", "3");
        if (strcmp(option->key, "output_scale") == 0)
            set(&start, "cerebellum", "fixed");
        if (strcmp(option->key, "init_from_hash") == 0)
            set(&start, "init_from", "a");
        if (strcmp(option->key, "probe_trials") == 0)
            set(&start, "probe_every", "1");
        if (strcmp(option->key, "rms_decay") == 0 || strcmp(option->key, "momentum") == 0)
            set(&start, "optimiser", "rmsprop");
        if (strncmp(option->key, "lr_", 3) == 0)
            set(&start, "lr_patience", "3");
        begin_with_an_intervention(option, &start);
        resolve(&start);
        ccrnn_run_config_hash(&start, first);
        struct ccrnn_error err;
        if (ccrnn_option_parse(option, other_value(option), &start, &err) != CCRNN_OK)
            fail_msg("%s", err.message);
        resolve(&start);
        ccrnn_run_config_hash(&start, second);
        /* a file's or an arm's name is none of it, what comes with it is */
        const bool changes = option->in_hash || strcmp(option->key, "init_from") == 0 ||
                             strcmp(option->key, "branch_from") == 0;
        if ((strcmp(first, second) != 0) != changes)
            fail_msg("%s: hash %s became %s", option->key, first, second);
    }
}

static double megaflop(const struct ccrnn_run_config *config)
{
    return round(ccrnn_run_config_flops_per_step(config) / 1e5) / 10;
}

static void assert_same(double found, double expected)
{
    if (!(found == expected))
        fail_msg("expected %.17g, found %.17g", expected, found);
}

static void arithmetic_of_a_step(void **state)
{
    (void)state;
    struct ccrnn_run_config config;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    assert_same(megaflop(&config), 238.7);
    config = with("granule_layers", "2");
    resolve(&config);
    assert_same(megaflop(&config), 734.7);
    config = with("cerebellum", "none");
    resolve(&config);
    assert_same(megaflop(&config), 30.7);
    set(&config, "horizon", "full");
    resolve(&config);
    assert_same(megaflop(&config), 30.7);
    config = with("hidden", "30");
    set(&config, "steps", "28");
    set(&config, "horizon", "3");
    set(&config, "granule_units", "300");
    resolve(&config);
    config.network.inputs = 28;
    assert_same(megaflop(&config), 143.2);
    /* a fixed cerebellum: no backward pass of 3 · 40000 multiply-adds on 500 rows */
    config = with("cerebellum", "fixed");
    resolve(&config);
    assert_same(megaflop(&config), 118.7);
}

static void parameters(void **state)
{
    (void)state;
    struct ccrnn_run_config config = with("cerebellum", "none");
    resolve(&config);
    const double cortex = 200 * (1 + 50 + 2) + 2 * 51;
    assert_same(ccrnn_run_config_parameters(&config), cortex);
    config = with("mossy_fibres", "4");
    resolve(&config);
    assert_same(ccrnn_run_config_parameters(&config), cortex + 400 * (4 + 1) + 100 * (400 + 1));
    config = with("granule_layers", "0");
    resolve(&config);
    assert_same(ccrnn_run_config_parameters(&config), cortex + 100 * 101);
    config = with("cell", "gru");
    set(&config, "cerebellum", "none");
    resolve(&config);
    assert_same(ccrnn_run_config_parameters(&config), 150 * 53 + 102);
}

static void tasks_on_digits_begin_with_the_published_sizes(void **state)
{
    (void)state;
    for (unsigned task = CCRNN_TASK_ONLINE_LINE_DRAWING; task < CCRNN_TASK_CAPTIONS; task++) {
        struct ccrnn_run_config config;
        ccrnn_run_config_default((enum ccrnn_task)task, &config);
        const struct ccrnn_network_config *const n = &config.network;
        const bool names = task == CCRNN_TASK_VISUAL_DISCRIMINATION;
        assert_int_equal(n->inputs, 28);
        assert_int_equal(n->steps, 28);
        assert_int_equal(n->hidden, 30);
        assert_int_equal(n->outputs, names ? 10 : 2);
        assert_int_equal(n->batch, 50);
        assert_int_equal(n->granule_layers, 1);
        assert_int_equal(n->granule_units, 300);
        assert_int_equal(n->horizon, 3);
        assert_int_equal(n->loss, names ? CCRNN_LOSS_CROSS_ENTROPY : CCRNN_LOSS_MSE);
        assert_int_equal(n->predict, names ? CCRNN_PREDICT_LAST : CCRNN_PREDICT_ALL);
        assert_true(names || n->interval == 4);
        assert_true(n->learning_rate == 1e-4);
        assert_int_equal(config.epochs, 40);
        assert_int_equal(config.task.train_size, 48000);
        assert_int_equal(config.task.validation_size, 12000);
        assert_int_equal(config.task.test_size, 10000);
        assert_int_equal(config.task.digits.shuffle, CCRNN_SHUFFLE_NONE);
        assert_true(config.task.line_drawing.length == 10.0);
    }
}

static void captions_begin_with_the_published_sizes(void **state)
{
    (void)state;
    struct ccrnn_run_config config;
    ccrnn_run_config_default(CCRNN_TASK_CAPTIONS, &config);
    const struct ccrnn_network_config *const n = &config.network;
    assert_int_equal(n->inputs, 256);
    assert_int_equal(n->hidden, 256);
    assert_int_equal(n->steps, 15);
    assert_int_equal(n->batch, 100);
    assert_int_equal(n->granule_layers, 2);
    assert_int_equal(n->granule_units, 1024);
    assert_int_equal(n->horizon, 4);
    assert_int_equal(n->interval, 1);
    assert_int_equal(n->update, CCRNN_UPDATE_SEGMENT);
    assert_int_equal(n->clip, CCRNN_CLIP_NONE);
    assert_true(n->learning_rate == 1e-3 && n->beta2 == 0.999 && n->epsilon == 1e-8);
    assert_true(n->dropout == 0.5);
    assert_int_equal(n->feature_map, CCRNN_FEATURES_LEARNED);
    assert_int_equal(config.epochs, 10);
    assert_int_equal(config.task.captions.shortest, 11);
    assert_int_equal(config.task.captions.minimum_count, 4);
    assert_true(config.task.captions.test_images == CCRNN_ALL_IMAGES);
}

static void rules_of_tasks_on_digits(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *fragment;
    } bad[] = {
        {"inputs_per_step", "30",
         "a divisor of the image's 784 pixels, found 30; write 28 or 49"},
        {"digits", "[3]", "at least 2 of the digits 0 to 9, found 1"},
        {"digits", "[]", "found 0"},
        {"horizon", "29", "at most the number of steps, 28"},
        {"inputs_per_step", "392", "horizon: expected at most the number of steps, 2"},
        {"train_size", "48010", "a multiple of batch"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ccrnn_run_config config;
        struct ccrnn_error err = {0};
        ccrnn_run_config_default(CCRNN_TASK_VISUAL_DISCRIMINATION, &config);
        set(&config, bad[i].key, bad[i].value);
        assert_int_equal(ccrnn_run_config_resolve(&config, &err), CCRNN_USAGE);
        if (strstr(err.message, bad[i].fragment) == NULL)
            fail_msg("%s: %s: %s", bad[i].key, bad[i].value, err.message);
    }
}

/* config.yaml of every task reads back as it was, lists of digits too. */
static void config_yaml_of_every_task(void **state)
{
    (void)state;
    for (unsigned task = 0; task < CCRNN_TASK_COUNT; task++) {
        struct ccrnn_run_config config, back;
        struct ccrnn_error err;
        char *text, hash[CCRNN_CONFIG_HASH_SIZE];
        ccrnn_run_config_default((enum ccrnn_task)task, &config);
        if (task == CCRNN_TASK_CAPTIONS) {
            set(&config, "captions", "flickr");
            set(&config, "features", "a b.npy");
            set(&config, "longest", "56");
            set(&config, "test_images", "7");
        } else if (task > 0) {
            set(&config, "digits", "[0, 7]");
            set(&config, "shuffle", "epoch");
            set(&config, "inputs_per_step", "14");
        }
        resolve(&config);
        assert_int_equal(ccrnn_run_config_to_yaml(&config, &text, &err), CCRNN_OK);
        memset(&back, 0x55, sizeof back);
        if (ccrnn_run_config_from_yaml(text, strlen(text), "config.yaml", &back, &err) !=
            CCRNN_OK)
            fail_msg("%s", err.message);
        ccrnn_run_config_hash(&config, hash);
        assert_hash(&back, hash);
        assert_int_equal(back.task.task, task);
        assert_int_equal(back.network.steps, task > 0 ? 56 : 10);
        free(text);
    }
}

static void config_yaml_round_trip(void **state)
{
    (void)state;
    struct ccrnn_run_config config = with("init_from", "we \"ights\\ #1: ü.safetensors");
    struct ccrnn_run_config back;
    struct ccrnn_error err;
    set(&config, "learning_rate", "0.0012345678901234567");
    set(&config, "horizon", "full");
    set(&config, "clip", "separate");
    set(&config, "checkpoint_epochs", "10,20,30");
    strcpy(config.init_from_hash, "0123456789abcdef");
    resolve(&config);
    char *text;
    assert_int_equal(ccrnn_run_config_to_yaml(&config, &text, &err), CCRNN_OK);
    memset(&back, 0x55, sizeof back);
    if (ccrnn_run_config_from_yaml(text, strlen(text), "config.yaml", &back, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    char *again, hash[CCRNN_CONFIG_HASH_SIZE];
    assert_int_equal(ccrnn_run_config_to_yaml(&back, &again, &err), CCRNN_OK);
    assert_string_equal(text, again);
    ccrnn_run_config_hash(&config, hash);
    assert_hash(&back, hash);
    assert_true(back.network.learning_rate == config.network.learning_rate);
    assert_int_equal(back.network.horizon, 10);
    assert_int_equal(back.checkpoint_epochs.count, 3);
    assert_string_equal(back.init_from, config.init_from);
    assert_string_equal(back.init_from_hash, config.init_from_hash);
    free(text);
    free(again);
}

/* `text` with its first `old` replaced, read as config.yaml. */
static void assert_damaged(const char *text, const char *old, const char *new,
                           const char *fragment)
{
    char changed[4000];
    struct ccrnn_run_config config, before;
    struct ccrnn_error err = {0};
    const char *const at = strstr(text, old);
    assert_non_null(at);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    memset(&config, 0x55, sizeof config);
    before = config;
    const enum ccrnn_status status =
        ccrnn_run_config_from_yaml(changed, strlen(changed), "a/config.yaml", &config, &err);
    if (status != CCRNN_FORMAT)
        fail_msg("'%s' instead of '%s' was read", new, old);
    assert_int_equal(err.status, CCRNN_FORMAT);
    assert_contains(err.message, "a/config.yaml");
    assert_contains(err.message, fragment);
    assert_memory_equal(&config, &before, sizeof config);
}

static void damaged_config_yaml(void **state)
{
    (void)state;
    struct ccrnn_run_config config;
    struct ccrnn_error err;
    char *text;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    assert_int_equal(ccrnn_run_config_to_yaml(&config, &text, &err), CCRNN_OK);
    assert_damaged(text, "hidden: 50\n", "", "option 'hidden' is missing");
    assert_damaged(text, "hidden: 50\n", "hiden: 50\n", "did you mean 'hidden'");
    assert_damaged(text, "hidden: 50\n", "hidden: 50\nhidden: 60\n", "is here twice");
    assert_damaged(text, "hidden: 50\n", "hidden: 5x\n", "found '5x'");
    assert_damaged(text, "hidden: 50\n", "hidden: [5]\n", "no readable value");
    assert_damaged(text, "hidden: 50\n", "hidden: 50\noutput_scale: 1\n", "has no effect");
    assert_damaged(text, "cerebellum: learning\n", "cerebellum: none\n", "has no effect");
    assert_damaged(text, "train_size: 800\n", "train_size: 810\n", "multiple of batch");
    assert_damaged(text, "checkpoint_epochs: []", "checkpoint_epochs: [[1]]", "readable value");
    assert_damaged(text, text, "", "empty");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_between_options),
        cmocka_unit_test(task_decides),
        cmocka_unit_test(effects),
        cmocka_unit_test(effects_of_tasks),
        cmocka_unit_test(recording_follows_the_run),
        cmocka_unit_test(idle_options_are_dropped),
        cmocka_unit_test(hash_is_stable),
        cmocka_unit_test(hash_follows_what_makes_numbers),
        cmocka_unit_test(arithmetic_of_a_step),
        cmocka_unit_test(parameters),
        cmocka_unit_test(tasks_on_digits_begin_with_the_published_sizes),
        cmocka_unit_test(captions_begin_with_the_published_sizes),
        cmocka_unit_test(rules_of_tasks_on_digits),
        cmocka_unit_test(config_yaml_of_every_task),
        cmocka_unit_test(config_yaml_round_trip),
        cmocka_unit_test(damaged_config_yaml),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
