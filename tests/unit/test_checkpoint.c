/* Checkpoints and weights: what is written comes back, and what does not fit is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ccrnn/ccrnn.h"
#include "data/safetensors.h"
#include "loop/network.h"
#include "scratch.h"
#include "study/checkpoint.h"

static const struct ccrnn_checkpoint_owner owner = {.hash = "0123456789ab", .seed = 3};
static const struct ccrnn_checkpoint at = {
    .epoch = 12, .metrics_bytes = 3456, .best_error = 0.1 + 0.2, .best_epoch = 9};

static struct ccrnn_network_config small(void)
{
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    config.hidden = 5;
    config.batch = 4;
    config.granule_units = 6;
    config.mossy_fibres = 3;
    return config;
}

static struct ccrnn_network *make(const struct ccrnn_network_config *config, uint64_t seed)
{
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    if (ccrnn_network_create(config, seed, &network, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return network;
}

static void expect_ok(enum ccrnn_status status, const struct ccrnn_error *err)
{
    if (status != CCRNN_OK)
        fail_msg("%s: %s", ccrnn_status_name(status), err->message);
}

/* A few steps, so that Adam's moments and t are not zero. */
static void train(struct ccrnn_network *network, uint32_t from, uint32_t steps)
{
    const struct ccrnn_network_config *const config = &network->config;
    struct ccrnn_line_drawing task;
    struct ccrnn_error err = {0};
    ccrnn_line_drawing_default(&task);
    const size_t rows = config->steps * config->batch;
    ccrnn_real *const input = calloc(rows, sizeof *input);
    ccrnn_real *const target = calloc(2 * rows, sizeof *target);
    assert_true(input != NULL && target != NULL);
    const struct ccrnn_batch batch = {.input = input, .target = target};
    for (uint32_t i = from; i < from + steps; i++) {
        ccrnn_line_drawing_batch(&task, 1, CCRNN_RANDOM_USER, i, 0, config->batch, input, target,
                                 NULL);
        expect_ok(ccrnn_network_train(network, &batch, NULL, &err), &err);
    }
    free(input);
    free(target);
}

static void expect_same_network(const struct ccrnn_network *a, const struct ccrnn_network *b)
{
    const size_t bytes = a->parameters.size * sizeof(ccrnn_real);
    assert_int_equal(a->parameters.size, b->parameters.size);
    assert_memory_equal(a->parameters.value, b->parameters.value, bytes);
    assert_memory_equal(a->parameters.first, b->parameters.first, bytes);
    assert_memory_equal(a->parameters.second, b->parameters.second, bytes);
    assert_memory_equal(a->parameters.mossy_mask, b->parameters.mossy_mask,
                        a->parameters.parameter[a->parameters.cerebellum_index].rows *
                            a->parameters.parameter[a->parameters.cerebellum_index].cols *
                            sizeof(ccrnn_real));
    assert_int_equal(a->updates, b->updates);
}

static void a_network_goes_on_as_if_it_had_not_stopped(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = small();
    struct ccrnn_network *const one = make(&config, 3), *const two = make(&config, 4);
    struct ccrnn_checkpoint found = {0};
    struct ccrnn_error err = {0};
    const char *const path = scratch_path("a.safetensors");
    train(one, 0, 5);
    expect_ok(ccrnn_checkpoint_save(path, one, &owner, &at, &err), &err);
    expect_ok(ccrnn_checkpoint_load(path, two, &owner, &found, &err), &err);
    expect_same_network(one, two);
    assert_int_equal(found.epoch, at.epoch);
    assert_int_equal(found.metrics_bytes, at.metrics_bytes);
    assert_int_equal(found.best_epoch, at.best_epoch);
    assert_true(found.best_error == at.best_error);
    train(one, 5, 3);
    train(two, 5, 3);
    expect_same_network(one, two);
    ccrnn_network_destroy(one);
    ccrnn_network_destroy(two);
}

static void equal_networks_give_equal_bytes(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = small();
    struct ccrnn_network *const network = make(&config, 3);
    struct ccrnn_error err = {0};
    uint8_t *first = NULL, *second = NULL;
    size_t first_size, second_size;
    expect_ok(ccrnn_checkpoint_save(scratch_path("b"), network, &owner, &at, &err), &err);
    expect_ok(ccrnn_checkpoint_save(scratch_path("c"), network, &owner, &at, &err), &err);
    expect_ok(ccrnn_file_read(scratch_path("b"), 1 << 20, &first, &first_size, &err), &err);
    expect_ok(ccrnn_file_read(scratch_path("c"), 1 << 20, &second, &second_size, &err), &err);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    free(first);
    free(second);
    ccrnn_network_destroy(network);
}

/* The learning rate's state comes back to the last digit; a checkpoint without it has none. */
static void the_learning_rate_is_kept(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = small();
    struct ccrnn_network *const network = make(&config, 3);
    const struct ccrnn_schedule schedules[] = {
        {.rate = 1e-3 * 0.3 * 0.3, .best = 1.0 / 3.0, .bad = 5},
        {.rate = 1e-3, .best = INFINITY, .bad = 0},
        {.rate = 0, .best = 0, .bad = 0},
    };
    struct ccrnn_error err = {0};
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++) {
        struct ccrnn_checkpoint saved = at, found = {.schedule = {9, 9, 9}};
        saved.schedule = schedules[i];
        expect_ok(ccrnn_checkpoint_save(scratch_path("l"), network, &owner, &saved, &err), &err);
        expect_ok(ccrnn_checkpoint_load(scratch_path("l"), network, &owner, &found, &err), &err);
        assert_true(found.schedule.rate == schedules[i].rate);
        assert_true(found.schedule.best == schedules[i].best);
        assert_int_equal(found.schedule.bad, schedules[i].bad);
    }
    struct ccrnn_checkpoint bad = at, found;
    bad.schedule = (struct ccrnn_schedule){.rate = INFINITY, .best = 1};
    expect_ok(ccrnn_checkpoint_save(scratch_path("l"), network, &owner, &bad, &err), &err);
    assert_int_equal(ccrnn_checkpoint_load(scratch_path("l"), network, &owner, &found, &err),
                     CCRNN_FORMAT);
    assert_non_null(strstr(err.message, "metadata learning_rate is \"inf\""));
    ccrnn_network_destroy(network);
}

static void the_first_checkpoint_has_no_best_error(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = small();
    struct ccrnn_network *const network = make(&config, 3);
    const struct ccrnn_checkpoint none = {.best_error = INFINITY};
    struct ccrnn_checkpoint found = {0};
    struct ccrnn_error err = {0};
    expect_ok(ccrnn_checkpoint_save(scratch_path("d"), network, &owner, &none, &err), &err);
    expect_ok(ccrnn_checkpoint_load(scratch_path("d"), network, &owner, &found, &err), &err);
    assert_true(isinf(found.best_error));
    ccrnn_network_destroy(network);
}

/* So many ranks go on with what `written` trained; what is noted then, or why not. */
static void expect_ranks(struct ccrnn_network *network, const char *written, size_t ranks,
                         bool other_ranks, const char *noted, const char *refused)
{
    const char *const path = scratch_path("ranks.safetensors");
    struct ccrnn_checkpoint saved = at, found = {0};
    struct ccrnn_checkpoint_owner now = owner;
    struct ccrnn_error err = {0};
    now.ranks = ranks;
    now.other_ranks = other_ranks;
    snprintf(saved.ranks, sizeof saved.ranks, "%s", written);
    expect_ok(ccrnn_checkpoint_save(path, network, &owner, &saved, &err), &err);
    if (refused != NULL) {
        expect_error(ccrnn_checkpoint_load(path, network, &now, &found, &err), CCRNN_USAGE, &err,
                     path, refused, "--other-ranks", NULL);
        return;
    }
    expect_ok(ccrnn_checkpoint_load(path, network, &now, &found, &err), &err);
    assert_string_equal(found.ranks, noted);
}

static void the_number_of_ranks_is_kept(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = small();
    struct ccrnn_network *const network = make(&config, 3);
    struct ccrnn_checkpoint start;
    ccrnn_checkpoint_start_ranks(&start, 1);
    assert_string_equal(start.ranks, "");
    ccrnn_checkpoint_start_ranks(&start, 12);
    assert_string_equal(start.ranks, "12");
    expect_ranks(network, "", 0, false, "", NULL);
    expect_ranks(network, "", 1, true, "", NULL);
    expect_ranks(network, "2", 2, false, "2", NULL);
    expect_ranks(network, "1,2", 2, false, "1,2", NULL);
    expect_ranks(network, "", 2, false, NULL, "trained by 1 rank together, now there are 2");
    expect_ranks(network, "2", 1, false, NULL, "trained by 2 ranks together, now there is 1");
    expect_ranks(network, "2,3", 2, false, NULL, "mpirun -n 3 ccrnn-mpi run --split-batch");
    expect_ranks(network, "", 2, true, "1,2", NULL);
    expect_ranks(network, "2", 0, true, "2,1", NULL);
    expect_ranks(network, "2,3", 2, true, "2,3,2", NULL);
    ccrnn_network_destroy(network);
}

static void what_does_not_belong_is_refused(void **state)
{
    (void)state;
    struct ccrnn_network_config config = small();
    struct ccrnn_network *const network = make(&config, 3);
    const struct ccrnn_checkpoint_owner other_seed = {.hash = owner.hash, .seed = 4},
                                        other_hash = {.hash = "ba98", .seed = 3};
    struct ccrnn_checkpoint found;
    struct ccrnn_error err = {0};
    const char *const path = scratch_path("e.safetensors");
    expect_ok(ccrnn_checkpoint_save(path, network, &owner, &at, &err), &err);
    expect_error(ccrnn_checkpoint_load(path, network, &other_seed, &found, &err), CCRNN_FORMAT,
                 &err, path, "seed 3", "seed 4", NULL);
    expect_error(ccrnn_checkpoint_load(path, network, &other_hash, &found, &err), CCRNN_FORMAT,
                 &err, path, owner.hash, "ba98", NULL);
    expect_error(ccrnn_checkpoint_load(scratch_path("gone"), network, &owner, &found, &err),
                 CCRNN_IO, &err, "gone", NULL);
    ccrnn_network_destroy(network);

    config.hidden = 6;
    struct ccrnn_network *const wide = make(&config, 3);
    expect_error(ccrnn_checkpoint_load(path, wide, &owner, &found, &err), CCRNN_FORMAT, &err,
                 path, "cortex.weight_ih", "24", "20", NULL);
    ccrnn_network_destroy(wide);
    config = small();
    config.cerebellum = CCRNN_CEREBELLUM_NONE;
    config.mossy_fibres = 0;
    struct ccrnn_network *const alone = make(&config, 3);
    expect_error(ccrnn_checkpoint_load(path, alone, &owner, &found, &err), CCRNN_FORMAT, &err,
                 path, "tensors", NULL);
    ccrnn_network_destroy(alone);
    config = small();
    config.gemm = CCRNN_GEMM_PLAIN;
    struct ccrnn_network *const plain = make(&config, 3);
    expect_error(ccrnn_checkpoint_load(path, plain, &owner, &found, &err), CCRNN_UNSUPPORTED,
                 &err, path, "onednn", "+plain", "--set gemm", NULL);
    ccrnn_network_destroy(plain);
}

/* Every flipped bit is found: by the format's rules or by the checksum. */
static void no_flipped_bit_goes_unnoticed(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = small();
    struct ccrnn_network *const network = make(&config, 3);
    struct ccrnn_checkpoint found;
    struct ccrnn_error err = {0};
    uint8_t *bytes = NULL;
    size_t size;
    const char *const path = scratch_path("f.safetensors");
    expect_ok(ccrnn_checkpoint_save(path, network, &owner, &at, &err), &err);
    expect_ok(ccrnn_file_read(path, 1 << 20, &bytes, &size, &err), &err);
    for (size_t i = 0; i < size; i += 1 + size / 97) {
        bytes[i] ^= (uint8_t)(1u << (i % 8));
        scratch_write(path, bytes, size);
        const enum ccrnn_status status =
            ccrnn_checkpoint_load(path, network, &owner, &found, &err);
        if (status == CCRNN_OK)
            fail_msg("bit %zu of byte %zu of %zu", i % 8, i, size);
        bytes[i] ^= (uint8_t)(1u << (i % 8));
    }
    free(bytes);
    ccrnn_network_destroy(network);
}

static void weights_go_round_and_fit_other_networks(void **state)
{
    (void)state;
    struct ccrnn_network_config config = small();
    struct ccrnn_network *const one = make(&config, 3), *const two = make(&config, 4);
    struct ccrnn_error err = {0};
    const char *const path = scratch_path("g.safetensors");
    train(one, 0, 4);
    expect_ok(ccrnn_weights_export(path, one, &owner, &err), &err);
    expect_ok(ccrnn_weights_import(path, two, &err), &err);
    assert_memory_equal(one->parameters.value, two->parameters.value,
                        one->parameters.size * sizeof(ccrnn_real));
    ccrnn_network_destroy(two);

    /* The cortex of a network with a cerebellum begins one without. */
    config.cerebellum = CCRNN_CEREBELLUM_NONE;
    config.mossy_fibres = 0;
    struct ccrnn_network *const alone = make(&config, 5);
    expect_ok(ccrnn_weights_import(path, alone, &err), &err);
    assert_memory_equal(one->parameters.value, alone->parameters.value,
                        alone->parameters.size * sizeof(ccrnn_real));
    ccrnn_network_destroy(alone);

    /* A checkpoint gives weights too. */
    struct ccrnn_network *const three = make(&one->config, 6);
    expect_ok(ccrnn_checkpoint_save(path, one, &owner, &at, &err), &err);
    expect_ok(ccrnn_weights_import(path, three, &err), &err);
    assert_memory_equal(one->parameters.value, three->parameters.value,
                        one->parameters.size * sizeof(ccrnn_real));
    ccrnn_network_destroy(three);
    ccrnn_network_destroy(one);
}

/* Copy a weights file, but one tensor, or one number in one tensor. */
static void copy_weights(const char *from, const char *to, const char *without,
                         const char *changed, float value)
{
    struct ccrnn_tensor_file *file = NULL;
    struct ccrnn_tensor_writer *writer = NULL;
    struct ccrnn_error err = {0};
    float *copy = NULL;
    expect_ok(ccrnn_tensor_file_open(from, &file, &err), &err);
    expect_ok(ccrnn_tensor_writer_create(&writer, &err), &err);
    for (size_t i = 0; i < file->count; i++) {
        const struct ccrnn_tensor *const t = &file->tensors[i];
        const void *data = t->bytes;
        if (without != NULL && strcmp(t->name, without) == 0)
            continue;
        if (changed != NULL && strcmp(t->name, changed) == 0) {
            copy = malloc(t->size);
            assert_non_null(copy);
            memcpy(copy, t->bytes, t->size);
            size_t zero = 0;
            while (zero + 1 < t->count && copy[zero] != 0)
                zero++;
            copy[zero] = value;
            data = copy;
        }
        expect_ok(
            ccrnn_tensor_writer_add(writer, t->name, t->dtype, t->dims, t->shape, data, &err),
            &err);
    }
    expect_ok(ccrnn_tensor_writer_save(writer, to, &err), &err);
    ccrnn_tensor_writer_destroy(writer);
    ccrnn_tensor_file_close(file);
    free(copy);
}

static void weights_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = small();
    struct ccrnn_network *const network = make(&config, 3);
    const struct ccrnn_parameter *const mossy =
        &network->parameters.parameter[network->parameters.cerebellum_index];
    const struct ccrnn_parameter *const readout =
        &network->parameters.parameter[network->parameters.readout_index];
    struct ccrnn_error err = {0};
    const char *const good = scratch_path("good"), *const bad = scratch_path("bad");
    char mask[160];
    snprintf(mask, sizeof mask, "mask/%s", mossy->torch);
    assert_non_null(mossy->mask);
    expect_ok(ccrnn_weights_export(good, network, &owner, &err), &err);
    copy_weights(good, bad, readout->torch, NULL, 0);
    expect_error(ccrnn_weights_import(bad, network, &err), CCRNN_FORMAT, &err, bad,
                 readout->torch, NULL);
    copy_weights(good, bad, mossy->torch, NULL, 0);
    expect_error(ccrnn_weights_import(bad, network, &err), CCRNN_FORMAT, &err, bad, mossy->torch,
                 NULL);
    copy_weights(good, bad, NULL, mossy->torch, 0.5f);
    expect_error(ccrnn_weights_import(bad, network, &err), CCRNN_FORMAT, &err, bad, mossy->torch,
                 "mossy", NULL);
    copy_weights(good, bad, NULL, mask, 0.5f);
    expect_error(ccrnn_weights_import(bad, network, &err), CCRNN_FORMAT, &err, bad, mask, "0.5",
                 NULL);
    copy_weights(good, bad, NULL, readout->torch, NAN);
    expect_error(ccrnn_weights_import(bad, network, &err), CCRNN_FORMAT, &err, bad,
                 readout->torch, NULL);
    ccrnn_network_destroy(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_goes_on_as_if_it_had_not_stopped),
        cmocka_unit_test(equal_networks_give_equal_bytes),
        cmocka_unit_test(the_learning_rate_is_kept),
        cmocka_unit_test(the_first_checkpoint_has_no_best_error),
        cmocka_unit_test(the_number_of_ranks_is_kept),
        cmocka_unit_test(what_does_not_belong_is_refused),
        cmocka_unit_test(no_flipped_bit_goes_unnoticed),
        cmocka_unit_test(weights_go_round_and_fit_other_networks),
        cmocka_unit_test(weights_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, scratch_setup, scratch_teardown);
}
