/* Study files: what they expand to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "study/study.h"

static struct ccrnn_study *parse_with(const char *text,
                                      const struct ccrnn_study_overrides *overrides)
{
    struct ccrnn_study *study;
    struct ccrnn_error err;
    if (ccrnn_study_parse(text, strlen(text), "dir/some study.yaml", overrides, &study, &err) !=
        CCRNN_OK)
        fail_msg("%s\n%s", text, err.message);
    return study;
}

static struct ccrnn_study *parse(const char *text)
{
    return parse_with(text, NULL);
}

static void assert_contains(const char *message, const char *fragment)
{
    if (strstr(message, fragment) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", fragment, message);
}

/* The names of all arms, one a line. */
static void assert_arms(const struct ccrnn_study *study, const char *expected)
{
    char names[4000] = "";
    for (size_t i = 0; i < study->arm_count; i++) {
        strcat(names, study->arms[i].name);
        strcat(names, "\n");
    }
    assert_string_equal(names, expected);
}

static void smallest_study(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse("seeds: 3\n");
    struct ccrnn_run_config config;
    char hash[CCRNN_CONFIG_HASH_SIZE], directory[100];
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    ccrnn_run_config_hash(&config, hash);
    snprintf(directory, sizeof directory, "default-%s", hash);
    assert_string_equal(study->name, "some_study");
    assert_string_equal(study->description, "");
    assert_arms(study, "default\n");
    assert_string_equal(study->arms[0].hash, hash);
    assert_string_equal(study->arms[0].directory, directory);
    assert_int_equal(study->seed_count, 1);
    assert_int_equal(study->seeds[0], 3);
    ccrnn_study_destroy(study);
    ccrnn_study_destroy(NULL);
}

static void base_and_arms(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse("study: lines 2\n"
                                            "description: |\n"
                                            "  two lines\n"
                                            "  of text\n"
                                            "base:\n"
                                            "  epochs: 30\n"
                                            "  granule_units: 64\n"
                                            "  clip: separate\n"
                                            "  update: segment\n"
                                            "arms:\n"
                                            "  cRNN: {cerebellum: none}\n"
                                            "  full BPTT: {cerebellum: none, horizon: full}\n"
                                            "  ccRNN:\n"
                                            "  wide: {granule_units: 128, feedback: 'off'}\n");
    assert_string_equal(study->name, "lines 2");
    assert_string_equal(study->description, "two lines\nof text\n");
    assert_arms(study, "cRNN\nfull BPTT\nccRNN\nwide\n");
    assert_int_equal(study->seed_count, 1);
    assert_int_equal(study->seeds[0], 1);
    const struct ccrnn_study_arm *const arms = study->arms;
    assert_true(strncmp(arms[1].directory, "full_BPTT-", 10) == 0);
    assert_string_equal(arms[1].directory + 10, arms[1].hash);
    assert_int_equal(arms[0].config.epochs, 30);
    /* base values that do not apply are dropped */
    assert_int_equal(arms[0].config.network.granule_units, 400);
    assert_int_equal(arms[0].config.network.clip, CCRNN_CLIP_JOINT);
    assert_int_equal(arms[0].config.network.update, CCRNN_UPDATE_SEGMENT);
    assert_int_equal(arms[1].config.network.update, CCRNN_UPDATE_BATCH);
    assert_int_equal(arms[1].config.network.horizon, 10);
    assert_int_equal(arms[2].config.network.granule_units, 64);
    assert_int_equal(arms[2].config.network.clip, CCRNN_CLIP_SEPARATE);
    assert_int_equal(arms[3].config.network.granule_units, 128);
    assert_int_equal(arms[3].config.network.feedback, CCRNN_FEEDBACK_OFF);
    ccrnn_study_destroy(study);
}

static void dropped_values_leave_no_trace(void **state)
{
    (void)state;
    struct ccrnn_study *const with = parse("base: {granule_units: 64, feedback_scale: 0.5}\n"
                                           "arms: {a: {cerebellum: none}}\n");
    struct ccrnn_study *const without = parse("arms: {a: {cerebellum: none}}\n");
    assert_string_equal(with->arms[0].directory, without->arms[0].directory);
    ccrnn_study_destroy(with);
    ccrnn_study_destroy(without);
}

static void aliases_may_repeat_values(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse("arms:\n"
                                            "  a: &shared {hidden: &n 20, granule_units: *n}\n"
                                            "  b: *shared\n");
    assert_arms(study, "a\nb\n");
    assert_int_equal(study->arms[1].config.network.hidden, 20);
    assert_int_equal(study->arms[1].config.network.granule_units, 20);
    ccrnn_study_destroy(study);
}

static void sweep_crosses_keys(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse("arms:\n"
                                            "  cRNN: {cerebellum: none}\n"
                                            "  ccRNN: {}\n"
                                            "sweep:\n"
                                            "  horizon: [3, full]\n"
                                            "  granule_layers: [0, 1]\n"
                                            "  granule_units: [50, 1]\n");
    assert_arms(study, "cRNN horizon=3\n"
                       "cRNN horizon=full\n"
                       "ccRNN horizon=3 granule_layers=0\n"
                       "ccRNN horizon=3 granule_layers=1 granule_units=50\n"
                       "ccRNN horizon=3 granule_layers=1 granule_units=1\n"
                       "ccRNN horizon=full granule_layers=0\n"
                       "ccRNN horizon=full granule_layers=1 granule_units=50\n"
                       "ccRNN horizon=full granule_layers=1 granule_units=1\n");
    assert_int_equal(study->arms[1].config.network.horizon, 10);
    assert_int_equal(study->arms[2].config.network.granule_units, 400);
    assert_int_equal(study->arms[4].config.network.granule_units, 1);
    ccrnn_study_destroy(study);
}

static void swept_choice_without_effect(void **state)
{
    (void)state;
    struct ccrnn_study *study = parse("arms: {a: {cerebellum: none}, b: {}}\n"
                                      "sweep: {clip: [separate, joint, none]}\n");
    assert_arms(study, "a clip=joint\na clip=none\n"
                       "b clip=separate\nb clip=joint\nb clip=none\n");
    ccrnn_study_destroy(study);
    study = parse("arms: {a: {cerebellum: none}, b: {}}\nsweep: {clip: [separate]}\n");
    assert_arms(study, "a\nb clip=separate\n");
    assert_int_equal(study->arms[0].config.network.clip, CCRNN_CLIP_JOINT);
    ccrnn_study_destroy(study);
}

/* An arm's option that applies at one place of the sweep only is no error. */
static void arm_option_in_part_of_a_sweep(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse("arms: {a: {update: segment}}\n"
                                            "sweep: {horizon: [1, full]}\n");
    assert_arms(study, "a horizon=1\na horizon=full\n");
    assert_int_equal(study->arms[0].config.network.update, CCRNN_UPDATE_SEGMENT);
    assert_int_equal(study->arms[1].config.network.update, CCRNN_UPDATE_BATCH);
    ccrnn_study_destroy(study);
}

static void assert_seeds(const char *text, const char *expected)
{
    char found[200] = "", line[100];
    snprintf(line, sizeof line, "seeds: %s\n", text);
    struct ccrnn_study *const study = parse(line);
    for (size_t i = 0; i < study->seed_count; i++)
        sprintf(found + strlen(found), "%llu ", (unsigned long long)study->seeds[i]);
    assert_string_equal(found, expected);
    ccrnn_study_destroy(study);
}

static void seeds(void **state)
{
    (void)state;
    assert_seeds("1..5", "1 2 3 4 5 ");
    assert_seeds("7..7", "7 ");
    assert_seeds("[5, 3, 0]", "5 3 0 ");
    assert_seeds("[1..3, 9]", "1 2 3 9 ");
    assert_seeds("1..3,9", "1 2 3 9 ");
    assert_seeds("9007199254740991", "9007199254740991 ");
}

static void overrides_apply_where_they_have_an_effect(void **state)
{
    (void)state;
    static const char *const set[] = {"granule_units=9", "epochs=4", "checkpoint_epochs=1,2"};
    const struct ccrnn_study_overrides overrides = {set, 3, "4..5,1", false};
    struct ccrnn_study *const study =
        parse_with("seeds: 1..30\narms: {cRNN: {cerebellum: none}, ccRNN: {granule_units: 10}}\n",
                   &overrides);
    assert_int_equal(study->seed_count, 3);
    assert_int_equal(study->seeds[2], 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(study->arms[i].config.epochs, 4);
        assert_int_equal(study->arms[i].config.checkpoint_epochs.count, 2);
    }
    assert_int_equal(study->arms[0].config.network.granule_units, 400);
    assert_int_equal(study->arms[1].config.network.granule_units, 9);
    ccrnn_study_destroy(study);
}

/* --set of a swept key picks that one run of the study: the same name, the same directory. */
static void override_narrows_a_sweep(void **state)
{
    (void)state;
    static const char text[] = "arms: {a: {}}\nsweep: {horizon: [1, 3, 5]}\n";
    static const char *const set[] = {"horizon=3"};
    const struct ccrnn_study_overrides overrides = {set, 1, NULL, false};
    struct ccrnn_study *const all = parse(text), *const one = parse_with(text, &overrides);
    assert_arms(one, "a horizon=3\n");
    assert_string_equal(one->arms[0].directory, all->arms[1].directory);
    ccrnn_study_destroy(all);
    ccrnn_study_destroy(one);
}

/* --- files ------------------------------------------------------------------------------- */

static char directory[] = "/tmp/ccrnn-test-study-XXXXXX";

static const char *in_directory(const char *name)
{
    static char path[4][100];
    static size_t next;
    char *const here = path[next++ % 4];
    snprintf(here, sizeof path[0], "%s/%s", directory, name);
    return here;
}

static void write_file(const char *name, const char *text)
{
    FILE *const file = fopen(in_directory(name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void files(void **state)
{
    (void)state;
    struct ccrnn_study *study;
    struct ccrnn_error err;
    write_file("good.yml", "seeds: 1..2\n");
    assert_int_equal(ccrnn_study_load(in_directory("good.yml"), NULL, &study, &err), CCRNN_OK);
    assert_string_equal(study->name, "good");
    ccrnn_study_destroy(study);

    assert_int_equal(ccrnn_study_load(in_directory("none.yaml"), NULL, &study, &err), CCRNN_IO);
    assert_contains(err.message, "none.yaml");
    assert_null(study);
    assert_int_equal(ccrnn_study_load(directory, NULL, &study, &err), CCRNN_IO);
    assert_contains(err.message, directory);

    FILE *const big = fopen(in_directory("big.yaml"), "w");
    assert_non_null(big);
    assert_int_equal(ftruncate(fileno(big), CCRNN_STUDY_FILE_MAX + 1), 0);
    assert_int_equal(fclose(big), 0);
    assert_int_equal(ccrnn_study_load(in_directory("big.yaml"), NULL, &study, &err),
                     CCRNN_FORMAT);
    assert_contains(err.message, "big.yaml");
}

static struct ccrnn_study *load_init_study(void)
{
    struct ccrnn_study *study;
    struct ccrnn_error err;
    if (ccrnn_study_load(in_directory("init.yaml"), NULL, &study, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return study;
}

/* The hash follows the content of init_from, not its name; a path starts at the study file. */
static void first_weights_from_a_file(void **state)
{
    (void)state;
    write_file("init.yaml", "arms: {a: {init_from: w1}, b: {init_from: w2}, c: {}}\n");
    write_file("w1", "weights");
    write_file("w2", "weights");
    struct ccrnn_study *study = load_init_study();
    assert_string_equal(study->arms[0].config.init_from, in_directory("w1"));
    assert_string_equal(study->arms[0].hash, study->arms[1].hash);
    assert_string_not_equal(study->arms[0].hash, study->arms[2].hash);
    ccrnn_study_destroy(study);
    write_file("w2", "Weights");
    study = load_init_study();
    assert_string_not_equal(study->arms[0].hash, study->arms[1].hash);
    ccrnn_study_destroy(study);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int remove_directory(void **state)
{
    (void)state;
    static const char *const names[] = {"good.yml", "big.yaml", "init.yaml", "w1", "w2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)unlink(in_directory(names[i]));
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smallest_study),
        cmocka_unit_test(base_and_arms),
        cmocka_unit_test(dropped_values_leave_no_trace),
        cmocka_unit_test(aliases_may_repeat_values),
        cmocka_unit_test(sweep_crosses_keys),
        cmocka_unit_test(swept_choice_without_effect),
        cmocka_unit_test(arm_option_in_part_of_a_sweep),
        cmocka_unit_test(seeds),
        cmocka_unit_test(overrides_apply_where_they_have_an_effect),
        cmocka_unit_test(override_narrows_a_sweep),
        cmocka_unit_test(files),
        cmocka_unit_test(first_weights_from_a_file),
    };
    return cmocka_run_group_tests_name("study", tests, make_directory, remove_directory);
}
