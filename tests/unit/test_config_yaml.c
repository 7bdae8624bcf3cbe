/* config.yaml: written, read back, damaged. */
#include "configs.h"

#include <stdio.h>
#include <stdlib.h>

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
        cmocka_unit_test(config_yaml_of_every_task),
        cmocka_unit_test(config_yaml_round_trip),
        cmocka_unit_test(damaged_config_yaml),
    };
    return cmocka_run_group_tests_name("config_yaml", tests, NULL, NULL);
}
