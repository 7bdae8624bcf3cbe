#include "study/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/probe.h"
#include "data/safetensors.h"
#include "study/record_file.h"
#include "study/plan.h"

static const char part_format[] = "ccrnn-record-part-1";
static const char part_ending[] = ".safetensors";

struct ccrnn_recorder {
    const struct ccrnn_run *run;
    struct ccrnn_network *network;
    struct ccrnn_trials *trials;
    struct ccrnn_trial_batch shown; /* one batch */
    struct ccrnn_record_plan plan;
    char layout[CCRNN_RECORD_LAYOUT];
    char directory[CCRNN_PATH_MAX];            /* of the parts */
    char path[CCRNN_PATH_MAX];                 /* of record.h5 */
    void *batch[CCRNN_RECORD_ARRAYS_MAX];      /* (steps,B,width): of one batch */
    void *whole[CCRNN_RECORD_ARRAYS_MAX];      /* (steps,trials,width): of an epoch */
    struct ccrnn_record_epochs parts, earlier; /* earlier: in record.h5 */
};

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "out of memory for a recording; use fewer record_trials, or a smaller -j");
}

static size_t bytes_of_number(const struct ccrnn_record_array *array)
{
    return array->wide ? sizeof(double) : sizeof(float);
}

/* --- one epoch --------------------------------------------------------------------------- */

/* The probe with an array's room for a batch where its quantity belongs. */
static struct ccrnn_probe make_probe(const struct ccrnn_recorder *recorder)
{
    struct ccrnn_probe probe = {0};
    for (size_t i = 0; i < recorder->plan.count; i++) {
        const struct ccrnn_record_array *const array = &recorder->plan.array[i];
        void *const room = recorder->batch[i];
        if (!array->of_epochs)
            continue;
        switch (array->quantity) {
        case CCRNN_RECORD_OUTPUTS:
            probe.output = room;
            break;
        case CCRNN_RECORD_STATES:
            probe.state = room;
            break;
        case CCRNN_RECORD_GATES:
            probe.gates = room;
            break;
        case CCRNN_RECORD_GRANULES:
            probe.granule[array->layer] = room;
            break;
        case CCRNN_RECORD_FEEDBACK:
            probe.predicted = room;
            break;
        case CCRNN_RECORD_TARGET:
            probe.target = room;
            break;
        case CCRNN_RECORD_TRUTH:
            probe.truth = room;
            break;
        case CCRNN_RECORD_LOSSES:
            probe.loss = room;
            break;
        case CCRNN_RECORD_INPUTS:
        default:
            break;
        }
    }
    return probe;
}

/* Trials [first, first + count) of an array from those of a batch. */
static void keep(const struct ccrnn_recorder *recorder, size_t index, const void *batch,
                 size_t first, size_t count)
{
    const struct ccrnn_record_array *const array = &recorder->plan.array[index];
    const size_t row = array->width * bytes_of_number(array);
    const size_t B = recorder->run->config->network.batch, N = recorder->plan.trials;
    for (size_t t = 0; t < array->steps; t++)
        memcpy((char *)recorder->whole[index] + (t * N + first) * row,
               (const char *)batch + t * B * row, count * row);
}

static size_t show(struct ccrnn_recorder *recorder, size_t first)
{
    const size_t B = recorder->run->config->network.batch, left = recorder->plan.trials - first;
    ccrnn_trials_batch(recorder->trials, CCRNN_SPLIT_VALIDATION, 0, first, B, &recorder->shown);
    return left < B ? left : B;
}

static enum ccrnn_status probe_all(struct ccrnn_recorder *recorder, struct ccrnn_error *err)
{
    const size_t B = recorder->run->config->network.batch;
    const struct ccrnn_probe probe = make_probe(recorder);
    for (size_t first = 0; first < recorder->plan.trials; first += B) {
        const size_t count = show(recorder, first);
        const struct ccrnn_batch batch = {
            .input = recorder->shown.input,
            .target = recorder->shown.target,
            .label = recorder->shown.class_index,
            .item = (uint32_t)(first / B),
        };
        CCRNN_TRY(ccrnn_network_probe(recorder->network, &batch, &probe, err));
        for (size_t i = 0; i < recorder->plan.count; i++)
            if (recorder->plan.array[i].of_epochs)
                keep(recorder, i, recorder->batch[i], first, count);
    }
    return CCRNN_OK;
}

/* --- parts ------------------------------------------------------------------------------- */

static enum ccrnn_status part_path(const struct ccrnn_recorder *recorder, uint64_t epoch,
                                   char path[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    char name[64];
    (void)ccrnn_format(name, sizeof name, "%llu%s", (unsigned long long)epoch, part_ending);
    return ccrnn_path_join(path, CCRNN_PATH_MAX, recorder->directory, name, err);
}

static enum ccrnn_status fill_part(const struct ccrnn_recorder *recorder,
                                   struct ccrnn_tensor_writer *writer, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "format", part_format, err));
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "hash", recorder->run->hash, err));
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "layout", recorder->layout, err));
    for (size_t i = 0; i < recorder->plan.count; i++) {
        const struct ccrnn_record_array *const array = &recorder->plan.array[i];
        const size_t shape[] = {array->steps, recorder->plan.trials, array->width};
        if (array->of_epochs)
            CCRNN_TRY(ccrnn_tensor_writer_add(writer, array->name,
                                              array->wide ? CCRNN_DTYPE_F64 : CCRNN_DTYPE_F32, 3,
                                              shape, recorder->whole[i], err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status write_part(struct ccrnn_recorder *recorder, uint64_t epoch,
                                    struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_tensor_writer *writer = NULL;
    CCRNN_TRY(part_path(recorder, epoch, path, err));
    CCRNN_TRY(ccrnn_directory_make_last(recorder->directory, err));
    CCRNN_TRY(ccrnn_tensor_writer_create(&writer, err));
    enum ccrnn_status status = fill_part(recorder, writer, err);
    if (status == CCRNN_OK)
        status = ccrnn_tensor_writer_save(writer, path, err);
    ccrnn_tensor_writer_destroy(writer);
    if (status == CCRNN_OK && !ccrnn_record_epochs_add(&recorder->parts, epoch))
        return fail_memory(err);
    return status;
}

static bool is_of(const struct ccrnn_tensor_file *file, const char *key, const char *expected)
{
    const char *const found = ccrnn_tensor_file_metadata(file, key);
    return found != NULL && strcmp(found, expected) == 0;
}

static enum ccrnn_status read_arrays(struct ccrnn_recorder *recorder,
                                     const struct ccrnn_tensor_file *file,
                                     struct ccrnn_error *err)
{
    for (size_t i = 0; i < recorder->plan.count; i++) {
        const struct ccrnn_record_array *const array = &recorder->plan.array[i];
        const size_t shape[] = {array->steps, recorder->plan.trials, array->width};
        if (!array->of_epochs)
            continue;
        if (array->wide)
            CCRNN_TRY(ccrnn_tensor_file_read_double(file, array->name, 3, shape,
                                                    recorder->whole[i], err));
        else
            CCRNN_TRY(ccrnn_tensor_file_read_float(file, array->name, 3, shape,
                                                   recorder->whole[i], err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status fail_other(const struct ccrnn_recorder *recorder, const char *path,
                                    const char *found, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: this run has recorded %s so far, and record and record_trials now ask "
                      "for %s; ask for the same, move the file away, or begin anew with another "
                      "--out",
                      path, found, recorder->layout);
}

/* Is the part of this run, and of what it records? @param read its numbers too */
static enum ccrnn_status open_part(struct ccrnn_recorder *recorder, uint64_t epoch, bool read,
                                   struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_tensor_file *file = NULL;
    enum ccrnn_status status = CCRNN_OK;
    CCRNN_TRY(part_path(recorder, epoch, path, err));
    CCRNN_TRY(ccrnn_tensor_file_open(path, &file, err));
    const char *const layout = ccrnn_tensor_file_metadata(file, "layout");
    if (!is_of(file, "format", part_format) || !is_of(file, "hash", recorder->run->hash))
        status = ccrnn_fail(err, CCRNN_FORMAT,
                            "%s: is no part of this run's recording; move it away", path);
    else if (layout == NULL || strcmp(layout, recorder->layout) != 0)
        status = fail_other(recorder, path, layout == NULL ? "nothing" : layout, err);
    else if (read)
        status = read_arrays(recorder, file, err);
    ccrnn_tensor_file_close(file);
    return status;
}

/* --- what earlier sessions left ---------------------------------------------------------- */

/* "<epoch>.safetensors" */
static bool epoch_of(const char *name, uint64_t *epoch)
{
    char digits[32];
    const char *const dot = strchr(name, '.');
    if (dot == NULL || strcmp(dot, part_ending) != 0 || (size_t)(dot - name) >= sizeof digits)
        return false;
    memcpy(digits, name, (size_t)(dot - name));
    digits[dot - name] = '\0';
    return ccrnn_parse_unsigned(digits, epoch);
}

static enum ccrnn_status remove_file(const char *path, struct ccrnn_error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_IO, "%s: cannot be removed: %s; remove it", path,
                      strerror(errno));
}

/* Find the parts; those of later epochs are removed. */
static enum ccrnn_status find_parts(struct ccrnn_recorder *recorder, uint64_t last, bool none,
                                    struct ccrnn_error *err)
{
    struct dirent *entry;
    enum ccrnn_status status = CCRNN_OK;
    bool exists;
    CCRNN_TRY(ccrnn_path_look(recorder->directory, &exists, err));
    if (!exists)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_directory_remove_temporary(recorder->directory, NULL, err));
    DIR *const entries = ccrnn_directory_open(recorder->directory);
    if (entries == NULL)
        return ccrnn_fail(err, CCRNN_IO, "%s: cannot be read: %s", recorder->directory,
                          strerror(errno));
    while (status == CCRNN_OK && (entry = readdir(entries)) != NULL) {
        char path[CCRNN_PATH_MAX];
        uint64_t epoch;
        if (!epoch_of(entry->d_name, &epoch))
            continue;
        if (none || epoch > last) {
            status = part_path(recorder, epoch, path, err);
            if (status == CCRNN_OK)
                status = remove_file(path, err);
        } else if (!ccrnn_record_epochs_add(&recorder->parts, epoch)) {
            status = fail_memory(err);
        }
    }
    closedir(entries);
    return status;
}

static enum ccrnn_status find_record(struct ccrnn_recorder *recorder, uint64_t last,
                                     struct ccrnn_error *err)
{
    char layout[CCRNN_RECORD_LAYOUT];
    bool exists;
    CCRNN_TRY(ccrnn_path_look(recorder->path, &exists, err));
    if (!exists)
        return CCRNN_OK;
    if (last == 0)
        return remove_file(recorder->path, err);
    CCRNN_TRY(
        ccrnn_record_file_look(recorder->path, recorder->run, layout, &recorder->earlier, err));
    return strcmp(layout, recorder->layout) == 0
               ? CCRNN_OK
               : fail_other(recorder, recorder->path, layout, err);
}

static bool has(const struct ccrnn_recorder *recorder, uint64_t epoch)
{
    return ccrnn_record_epochs_find(&recorder->parts, epoch) != SIZE_MAX ||
           ccrnn_record_epochs_find(&recorder->earlier, epoch) != SIZE_MAX;
}

/* Epochs that were over before they were asked for. */
static void note_missing(const struct ccrnn_recorder *recorder, uint64_t last)
{
    const struct ccrnn_run_listener *const listener = &recorder->run->listener;
    char message[CCRNN_ERROR_MAX];
    uint64_t missing = 0, first = 0;
    for (uint64_t epoch = 0; epoch < last; epoch++)
        if (ccrnn_record_wants(recorder->run->config, epoch) && !has(recorder, epoch)) {
            first = missing == 0 ? epoch : first;
            missing++;
        }
    if (missing == 0 || listener->note == NULL)
        return;
    (void)ccrnn_format(
        message, sizeof message,
        "%llu epochs from %llu on were over before record asked for them: they are "
        "not in record.h5",
        (unsigned long long)missing, (unsigned long long)first);
    listener->note(listener->context, message);
}

static enum ccrnn_status look_back(struct ccrnn_recorder *recorder, uint64_t epoch,
                                   struct ccrnn_error *err)
{
    CCRNN_TRY(find_parts(recorder, epoch, epoch == 0, err));
    CCRNN_TRY(find_record(recorder, epoch, err));
    for (size_t i = 0; i < recorder->parts.count; i++)
        CCRNN_TRY(open_part(recorder, recorder->parts.value[i], false, err));
    note_missing(recorder, epoch);
    return has(recorder, epoch) ? CCRNN_OK : ccrnn_recorder_epoch(recorder, epoch, err);
}

/* --- begin, epoch, close ----------------------------------------------------------------- */

static void *room(size_t count, size_t width, size_t size)
{
    size_t numbers;
    if (__builtin_mul_overflow(count, width, &numbers))
        return NULL;
    return calloc(numbers, size);
}

static enum ccrnn_status allocate(struct ccrnn_recorder *recorder, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &recorder->run->config->network;
    const size_t steps = network->steps * network->batch;
    struct ccrnn_trial_batch *const shown = &recorder->shown;
    bool good = true;
    shown->input = calloc(steps * network->inputs, sizeof *shown->input);
    shown->target = calloc(steps * network->outputs, sizeof *shown->target);
    shown->class_index = calloc(network->batch, sizeof *shown->class_index);
    for (size_t i = 0; i < recorder->plan.count; i++) {
        const struct ccrnn_record_array *const array = &recorder->plan.array[i];
        const size_t number = bytes_of_number(array), row = array->steps * array->width;
        recorder->batch[i] = room(network->batch, row, number);
        recorder->whole[i] = room(recorder->plan.trials, row, number);
        good &= recorder->batch[i] != NULL && recorder->whole[i] != NULL;
    }
    if (!good || shown->input == NULL || shown->target == NULL || shown->class_index == NULL)
        return fail_memory(err);
    return CCRNN_OK;
}

static enum ccrnn_status prepare(struct ccrnn_recorder *recorder, struct ccrnn_error *err)
{
    const struct ccrnn_run *const run = recorder->run;
    ccrnn_record_plan_make(run->config, &recorder->plan);
    ccrnn_record_layout(&recorder->plan, recorder->layout);
    CCRNN_TRY(ccrnn_path_join(recorder->directory, sizeof recorder->directory, run->directory,
                              CCRNN_RECORD_PARTS, err));
    CCRNN_TRY(ccrnn_path_join(recorder->path, sizeof recorder->path, run->directory,
                              CCRNN_RECORD_FILE, err));
    CCRNN_TRY(ccrnn_trials_open(&run->config->task, run->data.images, run->seed,
                                &recorder->trials, err));
    return allocate(recorder, err);
}

enum ccrnn_status ccrnn_recorder_begin(const struct ccrnn_run *run, struct ccrnn_network *network,
                                       uint64_t epoch, struct ccrnn_recorder **recorder,
                                       struct ccrnn_error *err)
{
    *recorder = NULL;
    if (run->config->record.quantities == 0)
        return CCRNN_OK;
    struct ccrnn_recorder *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail_memory(err);
    made->run = run;
    made->network = network;
    enum ccrnn_status status = prepare(made, err);
    if (status == CCRNN_OK)
        status = look_back(made, epoch, err);
    if (status != CCRNN_OK) {
        ccrnn_recorder_close(made);
        return status;
    }
    *recorder = made;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_recorder_epoch(struct ccrnn_recorder *recorder, uint64_t epoch,
                                       struct ccrnn_error *err)
{
    if (recorder == NULL || !ccrnn_record_wants(recorder->run->config, epoch))
        return CCRNN_OK;
    /* as it stands after the epoch's last batch, also where a run goes on from there */
    CCRNN_TRY(
        ccrnn_plan_training(recorder->run->config, recorder->network, epoch, UINT64_MAX, err));
    CCRNN_TRY(probe_all(recorder, err));
    return write_part(recorder, epoch, err);
}

void ccrnn_recorder_close(struct ccrnn_recorder *recorder)
{
    if (recorder == NULL)
        return;
    for (size_t i = 0; i < CCRNN_RECORD_ARRAYS_MAX; i++) {
        free(recorder->batch[i]);
        free(recorder->whole[i]);
    }
    free(recorder->shown.input);
    free(recorder->shown.target);
    free(recorder->shown.class_index);
    free(recorder->parts.value);
    free(recorder->earlier.value);
    ccrnn_trials_close(recorder->trials);
    free(recorder);
}

/* --- record.h5 --------------------------------------------------------------------------- */

/* What is the same at every epoch. @param[out] class_name (trials): cue or digit */
static void fill_constant(struct ccrnn_recorder *recorder, int32_t *class_name)
{
    const struct ccrnn_run_config *const config = recorder->run->config;
    for (size_t first = 0; first < recorder->plan.trials; first += config->network.batch) {
        const size_t count = show(recorder, first);
        for (size_t i = 0; i < recorder->plan.count; i++) {
            const struct ccrnn_record_array *const array = &recorder->plan.array[i];
            const bool input = array->quantity == CCRNN_RECORD_INPUTS;
            if (!array->of_epochs)
                keep(recorder, i, input ? recorder->shown.input : recorder->shown.target, first,
                     count);
        }
        for (size_t b = 0; b < count; b++)
            class_name[first + b] =
                ccrnn_task_class_name(&config->task, (size_t)recorder->shown.class_index[b]);
    }
}

/* The numbers of an epoch into `whole`: from its part, else from the record of before. */
static enum ccrnn_status fetch(void *context, uint64_t epoch, struct ccrnn_error *err)
{
    struct ccrnn_recorder *const recorder = context;
    if (ccrnn_record_epochs_find(&recorder->parts, epoch) != SIZE_MAX)
        return open_part(recorder, epoch, true, err);
    return ccrnn_record_file_read(recorder->path, &recorder->plan,
                                  ccrnn_record_epochs_find(&recorder->earlier, epoch),
                                  recorder->whole, err);
}

static enum ccrnn_status remove_parts(struct ccrnn_recorder *recorder, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    for (size_t i = 0; i < recorder->parts.count; i++) {
        CCRNN_TRY(part_path(recorder, recorder->parts.value[i], path, err));
        CCRNN_TRY(remove_file(path, err));
    }
    recorder->parts.count = 0;
    (void)rmdir(recorder->directory); /* others may have put something there */
    return CCRNN_OK;
}

static enum ccrnn_status put_together(struct ccrnn_recorder *recorder, uint64_t epoch,
                                      struct ccrnn_error *err)
{
    struct ccrnn_record_epochs all = {0};
    bool good = true;
    for (size_t i = 0; good && i < recorder->parts.count; i++)
        good = ccrnn_record_epochs_add(&all, recorder->parts.value[i]);
    for (size_t i = 0; good && i < recorder->earlier.count; i++)
        if (recorder->earlier.value[i] <= epoch)
            good = ccrnn_record_epochs_add(&all, recorder->earlier.value[i]);
    int32_t *const class_name = calloc(recorder->plan.trials, sizeof *class_name);
    enum ccrnn_status status = good && class_name != NULL ? CCRNN_OK : fail_memory(err);
    if (status == CCRNN_OK) {
        fill_constant(recorder, class_name);
        const struct ccrnn_record_content content = {
            .run = recorder->run,
            .kernels = ccrnn_network_kernel_set(recorder->network),
            .plan = &recorder->plan,
            .layout = recorder->layout,
            .epochs = &all,
            .class_name = class_name,
            .whole = recorder->whole,
            .fetch = fetch,
            .context = recorder,
        };
        status = ccrnn_record_file_write(recorder->path, &content, err);
    }
    free(class_name);
    free(all.value);
    return status == CCRNN_OK ? remove_parts(recorder, err) : status;
}

enum ccrnn_status ccrnn_recorder_finish(struct ccrnn_recorder *recorder, uint64_t epoch,
                                        enum ccrnn_status status, struct ccrnn_error *err)
{
    struct ccrnn_error own = {0};
    const bool ended =
        status == CCRNN_OK || status == CCRNN_INTERRUPTED || status == CCRNN_NONFINITE;
    if (recorder == NULL || recorder->parts.count == 0 || !ended)
        return status;
    const enum ccrnn_status recorded = put_together(recorder, epoch, &own);
    if (recorded == CCRNN_OK)
        return status;
    if (err != NULL)
        *err = own;
    return recorded;
}

void ccrnn_recorder_note_complete(const struct ccrnn_run *run)
{
    char path[CCRNN_PATH_MAX];
    if (run->config->record.quantities == 0 || run->listener.note == NULL ||
        ccrnn_path_join(path, sizeof path, run->directory, "record.h5", NULL) != CCRNN_OK ||
        ccrnn_path_exists(path))
        return;
    run->listener.note(run->listener.context,
                       "was complete before record asked for anything, so there is no record.h5; "
                       "to have one, run it anew with another --out");
}
