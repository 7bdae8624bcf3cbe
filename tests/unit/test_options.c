/* The option table and single values: defaults, ranges, texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
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

/* Every default is a value of its option and prints as it is written. */
static void table_is_complete(void **state)
{
    (void)state;
    struct ccrnn_run_config config;
    char text[200];
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    assert_true(ccrnn_option_count() > 30);
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        assert_ptr_equal(ccrnn_option_find(option->key), option);
        assert_non_null(option->group);
        assert_int_equal(option->help[strlen(option->help) - 1], '.');
        assert_int_equal(option->applies == NULL, option->applies_text == NULL);
        const bool chooses =
            option->type == CCRNN_OPTION_CHOICE || option->type == CCRNN_OPTION_WORDS;
        assert_int_equal(chooses, option->choices != NULL);
        ccrnn_option_range(option, text, sizeof text);
        assert_in_range(strlen(text), 5, sizeof text - 2);
        assert_value(&config, option->key, option->default_text);
    }
    assert_null(ccrnn_option_find("granule_unit"));
    assert_null(ccrnn_option_find(""));
}

static void defaults_are_the_published_run(void **state)
{
    (void)state;
    struct ccrnn_run_config config;
    struct ccrnn_network_config network;
    struct ccrnn_line_drawing task;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    ccrnn_network_config_default(&network);
    ccrnn_line_drawing_default(&task);
    const struct ccrnn_network_config *const n = &config.network;
    assert_int_equal(n->cell, network.cell);
    assert_int_equal(n->inputs, network.inputs);
    assert_int_equal(n->hidden, network.hidden);
    assert_int_equal(n->outputs, network.outputs);
    assert_int_equal(n->batch, network.batch);
    assert_int_equal(n->steps, network.steps);
    assert_int_equal(n->cerebellum, network.cerebellum);
    assert_int_equal(n->granule_layers, network.granule_layers);
    assert_int_equal(n->granule_units, network.granule_units);
    assert_int_equal(n->mossy_fibres, network.mossy_fibres);
    assert_int_equal(n->feedback, network.feedback);
    assert_int_equal(n->loss, network.loss);
    assert_int_equal(n->predict, network.predict);
    assert_int_equal(n->horizon, network.horizon);
    assert_int_equal(n->interval, network.interval);
    assert_true(n->feedback_scale == network.feedback_scale);
    assert_true(n->fixed_output_scale == network.fixed_output_scale);
    assert_int_equal(n->terminal_feedback, network.terminal_feedback);
    assert_int_equal(n->cerebellar_loss, network.cerebellar_loss);
    assert_int_equal(n->update, network.update);
    assert_int_equal(n->clip, network.clip);
    assert_true(n->clip_norm == network.clip_norm);
    assert_true(n->learning_rate == network.learning_rate);
    assert_true(n->beta1 == network.beta1 && n->beta2 == network.beta2);
    assert_true(n->epsilon == network.epsilon);
    assert_int_equal(n->optimiser, network.optimiser);
    assert_true(n->rms_decay == network.rms_decay && n->momentum == network.momentum);
    assert_true(n->weight_decay == 0 && network.weight_decay == 0);
    assert_true(config.lr_patience == CCRNN_LR_PATIENCE_OFF && config.stop_patience == 0);
    assert_int_equal(n->gemm, network.gemm);
    assert_int_equal(n->kernels, network.kernels);
    assert_int_equal(config.task.line_drawing.steps, task.steps);
    assert_int_equal(config.task.line_drawing.cues, task.cues);
    assert_true(config.task.line_drawing.input_gain == task.input_gain);
    assert_true(config.task.line_drawing.input_noise == task.input_noise);
    assert_true(config.task.line_drawing.length == task.length);
    assert_int_equal(config.epochs, 100);
    assert_int_equal(config.task.train_size, 800);
    assert_int_equal(config.task.validation_size, 200);
    assert_int_equal(config.task.test_size, 10000);
}

/* A list of words is printed in the order of the table, whatever the order it was written in. */
static void lists_of_words(void **state)
{
    (void)state;
    static const char *const forms[] = {"[truth, states]", "truth,states", "[ states,truth ]",
                                        "states, truth"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct ccrnn_run_config config = with("record", forms[i]);
        assert_int_equal(config.record.quantities, CCRNN_RECORD_STATES | CCRNN_RECORD_TRUTH);
        assert_value(&config, "record", "[states, truth]");
    }
    const struct ccrnn_run_config none = with("record", "[]");
    assert_int_equal(none.record.quantities, 0);
    assert_value(&none, "record", "[]");
}

static void bad_values(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *fragment;
    } cases[] = {
        {"record", "[states, state]", "found 'state'; did you mean 'states'?"},
        {"record", "[states, xxxx]", "found 'xxxx'; write these words, in lower case"},
        {"cell", "lstn", "expected one of lstm, gru, tanh, found 'lstn'; did you mean 'lstm'?"},
        {"cell", "LSTM", "did you mean 'lstm'?"},
        {"cell", "perceptron", "found 'perceptron'; write one of these words, in lower case"},
        {"HIDDEN", "50", "did you mean 'hidden'?"},
        {"idhden", "50", "did you mean 'hidden'?"},
        {"record", "states states", "found 'states states'"},
        {"record", "[states, states]", "write every word once"},
        {"record_epochs", "[5, 0]", "rising order"},
        {"record_every", "0", "from 1 to"},
        {"hiden", "50", "did you mean 'hidden'?"},
        {"mossy_fibers", "4", "did you mean 'mossy_fibres'?"},
        {"zzzzzzzzzzzz", "4", "`ccrnn list options`"},
        {"", "4", "unknown key ''"},
        {"hidden", "1.5", "expected an integer from 1 to 16384, found '1.5'; write a whole"},
        {"hidden", "5e1", "write a whole number"},
        {"hidden", "050", "leave out the leading zeros"},
        {"hidden", "0x32", "write it in decimal"},
        {"hidden", "1,5", "one number"},
        {"hidden", "1_000", "digits only"},
        {"hidden", "-1", "digits only"},
        {"hidden", "+5", "digits only"},
        {"hidden", " 5", "digits only"},
        {"hidden", "", "found ''; write a number"},
        {"hidden", "0", "choose a value within the range"},
        {"hidden", "16385", "choose a value within the range"},
        {"hidden", "18446744073709551616", "digits only"},
        {"granule_layers", "5", "from 0 to 4, found '5'"},
        {"horizon", "Full", "or full, found 'Full'"},
        {"horizon", "0", "from 1 to 10000, or full"},
        {"learning_rate", "1e-3x", "found '1e-3x'; write a number such as 0.001 or 1e-3"},
        {"learning_rate", "1,5", "'.' as the decimal point"},
        {"learning_rate", ".5", "write a digit before the decimal point"},
        {"learning_rate", "010", "leave out the leading zeros"},
        {"learning_rate", "0x1p-3", "write it in decimal"},
        {"learning_rate", "nan", "write a number"},
        {"learning_rate", "inf", "write a number"},
        {"learning_rate", "1e999", "write a number"},
        {"learning_rate", "0", "a number above 0 to 1000, found '0'"},
        {"learning_rate", "-0.001", "choose a value within the range"},
        {"learning_rate", "1001", "choose a value within the range"},
        {"beta1", "1", "from 0, below 1, found '1'"},
        {"beta2", "-0.1", "choose a value within the range"},
        {"epsilon", "0", "above 0"},
        {"optimiser", "adamw", "one of adam, rmsprop, sgd"},
        {"optimizer", "adam", "did you mean 'optimiser'?"},
        {"rms_decay", "1", "below 1"},
        {"momentum", "1", "below 1"},
        {"weight_decay", "-1", "from 0"},
        {"lr_patience", "never", "or off, found 'never'"},
        {"lr_factor", "1", "above 0, below 1"},
        {"lr_factor", "0", "above 0, below 1"},
        {"stop_patience", "-1", "digits only"},
        {"feedback", "yes", "expected one of predicted, off, found 'yes'"},
        {"task", "line_drawing", "expected one of line-drawing, online-line-drawing, "},
        {"checkpoint_epochs", "10,,20", "found ''"},
        {"checkpoint_epochs", "10,5", "rising order"},
        {"checkpoint_epochs", "10,10", "rising order"},
        {"checkpoint_epochs", "[0]", "choose a value within the range"},
        {"checkpoint_epochs", "1.5", "whole number"},
        {"checkpoint_epochs", "[", "found '['"},
        {"init_from", "a\nb", "choose one without control characters"},
        {"init_from_hash", "0123456789abcdef", "computed by the program"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ccrnn_run_config config, before;
        struct ccrnn_error err = {0};
        ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
        before = config;
        if (ccrnn_run_config_set(&config, cases[i].key, cases[i].value, &err) != CCRNN_USAGE)
            fail_msg("%s: '%s' was not refused", cases[i].key, cases[i].value);
        assert_contains(err.message, cases[i].fragment);
        assert_memory_equal(&config, &before, sizeof config);
    }
}

static void long_values_are_refused(void **state)
{
    (void)state;
    struct ccrnn_run_config config;
    struct ccrnn_error err;
    char text[2 * CCRNN_CONFIG_PATH_MAX] = "";
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    memset(text, 'x', CCRNN_CONFIG_PATH_MAX);
    assert_int_equal(ccrnn_run_config_set(&config, "init_from", text, &err), CCRNN_USAGE);
    assert_contains(err.message, "at most 1023 bytes");
    assert_contains(err.message, "xxx...'");
    assert_int_equal(ccrnn_run_config_set(&config, text, "1", &err), CCRNN_USAGE);
    assert_contains(err.message, "unknown key 'xxx");
    text[0] = '\0';
    for (size_t i = 1; i <= CCRNN_INTEGERS_MAX + 1; i++)
        sprintf(text + strlen(text), "%zu,", i);
    text[strlen(text) - 1] = '\0';
    assert_int_equal(ccrnn_run_config_set(&config, "checkpoint_epochs", text, &err), CCRNN_USAGE);
    assert_contains(err.message, "shorten the list");
}

/* A message never ends within a character of several bytes. */
static void shown_texts_stay_whole(void **state)
{
    (void)state;
    char text[200], shown[CCRNN_SHOWN_SIZE];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'a', shift);
        text[shift] = '\0';
        while (strlen(text) < 100)
            strcat(text, "\u20ac");
        ccrnn_option_show(text, shown);
        const size_t kept = strlen(shown) - 3;
        assert_string_equal(shown + kept, "...");
        assert_int_equal((kept - shift) % 3, 0);
    }
    assert_string_equal(ccrnn_option_show("a\tb\x1b[2J", shown), "a?b?[2J");
}

static void values_print_as_they_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *key, *written, *printed;
    } cases[] = {
        {"learning_rate", "1e-3", "0.001"},
        {"learning_rate", "0.1", "0.1"},
        {"input_noise", "-0", "0"},
        {"input_noise", "0.30000000000000004", "0.30000000000000004"},
        {"line_length", "10.0", "10"},
        {"horizon", "full", "full"},
        {"horizon", "7", "7"},
        {"cell", "gru", "gru"},
        {"checkpoint_epochs", "1, 5,9", "[1, 5, 9]"},
        {"checkpoint_epochs", "[]", "[]"},
        {"checkpoint_epochs", "", "[]"},
        {"init_from", "a b\"c.safetensors", "a b\"c.safetensors"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ccrnn_run_config config = with(cases[i].key, cases[i].written);
        assert_value(&config, cases[i].key, cases[i].printed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_complete),
        cmocka_unit_test(defaults_are_the_published_run),
        cmocka_unit_test(lists_of_words),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(long_values_are_refused),
        cmocka_unit_test(shown_texts_stay_whole),
        cmocka_unit_test(values_print_as_they_are_read),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
