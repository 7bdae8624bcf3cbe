#include "study/data.h"

#include <stdlib.h>

#include <string.h>

#include "base/error.h"
#include "base/host.h"

static bool shows_images(const struct ccrnn_run_config *config)
{
    return ccrnn_task_kind(config->task.task)->shows_images;
}

static bool reads_from(const struct ccrnn_run_config *config, enum ccrnn_image_source source)
{
    return shows_images(config) && config->task.digits.images == source;
}

struct ccrnn_images_wanted ccrnn_run_images_wanted(const struct ccrnn_run_config *config)
{
    const struct ccrnn_integers *const digits = &config->task.digits.digits;
    struct ccrnn_images_wanted wanted = {
        .train = config->task.train_size + config->task.validation_size,
        .test = config->task.test_size,
    };
    for (size_t i = 0; i < digits->count; i++)
        wanted.digits |= 1U << digits->value[i];
    return wanted;
}

static enum ccrnn_status load_source(const struct ccrnn_study *study, const char *directory,
                                     enum ccrnn_image_source source,
                                     struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    size_t count = 0;
    struct ccrnn_images_wanted *const wanted = malloc(study->arm_count * sizeof *wanted);
    if (wanted == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %zu arms", study->arm_count);
    for (size_t i = 0; i < study->arm_count; i++)
        if (reads_from(&study->arms[i].config, source))
            wanted[count++] = ccrnn_run_images_wanted(&study->arms[i].config);
    enum ccrnn_status status = CCRNN_OK;
    if (count > 0)
        status =
            ccrnn_task_images_load(source, directory, wanted, count, &data->source[source], err);
    free(wanted);
    return status;
}

/* --- captions ---------------------------------------------------------------------------- */

static bool says_words(const struct ccrnn_run_config *config)
{
    return ccrnn_task_kind(config->task.task)->says_words;
}

static const struct ccrnn_loaded_captions *find_captions(const struct ccrnn_study_data *data,
                                                         const struct ccrnn_run_config *config)
{
    const struct ccrnn_caption_options *const wanted = &config->task.captions;
    for (size_t i = 0; i < data->caption_sets; i++)
        if (data->captions[i].source == wanted->source &&
            strcmp(data->captions[i].features, wanted->features) == 0)
            return &data->captions[i];
    return NULL;
}

enum ccrnn_status ccrnn_run_config_know(struct ccrnn_run_config *config,
                                        const struct ccrnn_caption_set *set,
                                        struct ccrnn_error *err)
{
    struct ccrnn_vocabulary *vocabulary = NULL;
    CCRNN_TRY(
        ccrnn_caption_set_vocabulary(set, config->task.captions.minimum_count, &vocabulary, err));
    config->task.captions.words = ccrnn_vocabulary_size(vocabulary);
    config->task.captions.width = set->width;
    ccrnn_vocabulary_release(vocabulary);
    return ccrnn_run_config_resolve(config, err);
}

static enum ccrnn_status load_captions(struct ccrnn_study *study, const char *directory,
                                       struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arm_count; i++) {
        struct ccrnn_run_config *const config = &study->arms[i].config;
        if (!says_words(config))
            continue;
        if (find_captions(data, config) == NULL) {
            if (data->caption_sets == CCRNN_STUDY_CAPTION_SETS)
                return ccrnn_fail(err, CCRNN_USAGE,
                                  "the arms read more than %d sets of captions; split the study",
                                  CCRNN_STUDY_CAPTION_SETS);
            struct ccrnn_loaded_captions *const next = &data->captions[data->caption_sets];
            next->source = config->task.captions.source;
            next->features = config->task.captions.features;
            CCRNN_TRY(
                ccrnn_caption_set_load(next->source, directory, next->features, &next->set, err));
            data->caption_sets++;
        }
        const enum ccrnn_status status =
            ccrnn_run_config_know(config, &find_captions(data, config)->set, err);
        if (status != CCRNN_OK)
            return ccrnn_fail_within(err, status, "arm '%s'", study->arms[i].name);
    }
    return CCRNN_OK;
}

/* ", images without features 3" */
static void add_left_out(struct ccrnn_text *text, size_t count, const char *what, bool *any)
{
    if (count == 0)
        return;
    ccrnn_text_add(text, "%s %s %zu", *any ? "," : "; left out:", what, count);
    *any = true;
}

void ccrnn_study_data_describe(const struct ccrnn_study_data *data, struct ccrnn_text *text)
{
    static const char *const names[] = {"scenes", "flickr", "coco"};
    for (size_t i = 0; i < data->caption_sets; i++) {
        const struct ccrnn_caption_set *const set = &data->captions[i].set;
        const struct ccrnn_caption_tally *const tally = &set->tally;
        size_t images[CCRNN_CAPTION_SPLITS] = {0};
        bool any = false;
        for (size_t k = 0; k < set->images; k++)
            images[set->split[k]]++;
        ccrnn_text_add(text,
                       "captions %s: %zu training, %zu validation and %zu test images, %zu "
                       "captions, features of %zu numbers",
                       names[data->captions[i].source], images[CCRNN_CAPTIONS_TRAIN],
                       images[CCRNN_CAPTIONS_VALIDATION], images[CCRNN_CAPTIONS_TEST],
                       set->captions, set->width);
        add_left_out(text, tally->images_without_features, "images without features", &any);
        add_left_out(text, tally->features_without_captions, "features without captions", &any);
        add_left_out(text, tally->captions_without_words, "captions without words", &any);
        add_left_out(text, tally->images_of_no_split, "images of no split", &any);
        add_left_out(text, tally->missing_from_captions, "images of a split without captions",
                     &any);
        ccrnn_text_add(text, "\n");
    }
}

/* --- all arms ---------------------------------------------------------------------------- */

static enum ccrnn_status check_captions(const struct ccrnn_run_config *config,
                                        const struct ccrnn_run_data *data,
                                        struct ccrnn_error *err)
{
    struct ccrnn_caption_trials *trials = NULL;
    const enum ccrnn_status status = ccrnn_caption_trials_open(
        &config->task.captions, data->captions, config->network.batch, 1, &trials, err);
    ccrnn_caption_trials_close(trials);
    return status;
}

static enum ccrnn_status check_images(const struct ccrnn_run_config *config,
                                      const struct ccrnn_run_data *data, struct ccrnn_error *err)
{
    struct ccrnn_trials *trials = NULL;
    const enum ccrnn_status status =
        ccrnn_trials_open(&config->task, data->images, 1, &trials, err);
    ccrnn_trials_close(trials);
    return status;
}

/* Before the first run begins: a study that cannot be finished should not be started. */
static enum ccrnn_status check_arms(const struct ccrnn_study *study,
                                    const struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_run_config *const config = &study->arms[i].config;
        const struct ccrnn_run_data own = ccrnn_study_data_of(data, config);
        enum ccrnn_status status = CCRNN_OK;
        if (own.captions != NULL)
            status = check_captions(config, &own, err);
        else if (own.images != NULL)
            status = check_images(config, &own, err);
        if (status != CCRNN_OK)
            return ccrnn_fail_within(err, status, "arm '%s'", study->arms[i].name);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_study_data_load(struct ccrnn_study *study, const char *directory,
                                        struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    const double start = ccrnn_monotonic_seconds();
    *data = (struct ccrnn_study_data){0};
    enum ccrnn_status status = CCRNN_OK;
    for (unsigned s = 0; s < CCRNN_IMAGE_SOURCE_COUNT && status == CCRNN_OK; s++)
        status = load_source(study, directory, (enum ccrnn_image_source)s, data, err);
    if (status == CCRNN_OK)
        status = load_captions(study, directory, data, err);
    if (status == CCRNN_OK)
        status = check_arms(study, data, err);
    data->seconds = ccrnn_monotonic_seconds() - start;
    if (status != CCRNN_OK)
        ccrnn_study_data_release(data);
    return status;
}

void ccrnn_study_data_release(struct ccrnn_study_data *data)
{
    for (unsigned s = 0; s < CCRNN_IMAGE_SOURCE_COUNT; s++)
        ccrnn_task_images_release(&data->source[s]);
    for (size_t i = 0; i < data->caption_sets; i++)
        ccrnn_caption_set_release(&data->captions[i].set);
    data->caption_sets = 0;
}

struct ccrnn_run_data ccrnn_study_data_of(const struct ccrnn_study_data *data,
                                          const struct ccrnn_run_config *config)
{
    struct ccrnn_run_data own = {0};
    if (says_words(config)) {
        const struct ccrnn_loaded_captions *const loaded = find_captions(data, config);
        own.captions = loaded == NULL ? NULL : &loaded->set;
        own.fingerprint = loaded == NULL ? 0 : loaded->set.fingerprint;
    } else if (shows_images(config)) {
        own.images = &data->source[config->task.digits.images];
        own.fingerprint = own.images->fingerprint;
    }
    return own;
}

const char *ccrnn_run_data_name(const struct ccrnn_run_config *config)
{
    static const char *const caption_sets[CCRNN_CAPTION_SOURCE_COUNT] = {
        [CCRNN_CAPTIONS_FLICKR] = "flickr8k", [CCRNN_CAPTIONS_COCO] = "coco"};
    if (says_words(config))
        return caption_sets[config->task.captions.source];
    return reads_from(config, CCRNN_IMAGE_SOURCE_MNIST) ? "mnist" : NULL;
}

const char *ccrnn_study_data_name(const struct ccrnn_study *study)
{
    const char *name = NULL;
    for (size_t i = 0; i < study->arm_count && name == NULL; i++)
        name = ccrnn_run_data_name(&study->arms[i].config);
    return name;
}
