#include "study/record_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/version.h"
#include "data/hdf5_library.h"
#include "data/hdf5_read.h"
#include "data/hdf5_write.h"

static const char record_format[] = "ccrnn-record-1";

enum {
    CHUNK_NUMBERS = 1 << 18, /* about so many numbers in a chunk: 1 MB */
    NUMBER_TEXT = 32
};

/* --- lists of epochs --------------------------------------------------------------------- */

size_t ccrnn_record_epochs_find(const struct ccrnn_record_epochs *epochs, uint64_t epoch)
{
    for (size_t i = 0; i < epochs->count; i++)
        if (epochs->value[i] == epoch)
            return i;
    return SIZE_MAX;
}

bool ccrnn_record_epochs_add(struct ccrnn_record_epochs *epochs, uint64_t epoch)
{
    if (ccrnn_record_epochs_find(epochs, epoch) != SIZE_MAX)
        return true;
    if (epochs->count == epochs->room) {
        const size_t room = epochs->room == 0 ? 16 : 2 * epochs->room;
        uint64_t *const grown = reallocarray(epochs->value, room, sizeof *grown);
        if (grown == NULL)
            return false;
        epochs->value = grown;
        epochs->room = room;
    }
    size_t place = epochs->count++;
    for (; place > 0 && epochs->value[place - 1] > epoch; place--)
        epochs->value[place] = epochs->value[place - 1];
    epochs->value[place] = epoch;
    return true;
}

void ccrnn_record_layout(const struct ccrnn_record_plan *plan, char *layout)
{
    size_t used = 0;
    layout[0] = '\0';
    for (size_t i = 0; i < plan->count; i++) {
        const struct ccrnn_record_array *const array = &plan->array[i];
        used += (size_t)ccrnn_format(layout + used, CCRNN_RECORD_LAYOUT - used,
                                     "%s%s %zux%zux%zu", i == 0 ? "" : ", ", array->name,
                                     array->steps, plan->trials, array->width);
    }
}

/* --- attributes -------------------------------------------------------------------------- */

static enum ccrnn_status write_texts(struct ccrnn_hdf5_writer *writer,
                                     const struct ccrnn_record_content *content,
                                     struct ccrnn_error *err)
{
    const struct ccrnn_run *const run = content->run;
    char *config = NULL;
    CCRNN_TRY(ccrnn_run_config_to_yaml(run->config, &config, err));
    const struct {
        const char *key, *value;
    } texts[] = {
        {"format", record_format},
        {"program", "ccrnn"},
        {"version", ccrnn_version()},
        {"commit", ccrnn_commit()},
        {"study", run->study},
        {"arm", run->arm},
        {"hash", run->hash},
        {"kernels", content->kernels},
        {"task", ccrnn_task_kind(run->config->task.task)->name},
        {"layout", content->layout},
        {"config", config},
    };
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; status == CCRNN_OK && i < sizeof texts / sizeof texts[0]; i++)
        status = ccrnn_hdf5_write_text(writer, texts[i].key, texts[i].value, err);
    free(config);
    return status;
}

static enum ccrnn_status write_numbers(struct ccrnn_hdf5_writer *writer,
                                       const struct ccrnn_record_content *content,
                                       struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &content->run->config->network;
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {
        {"seed", (int64_t)content->run->seed},    {"numerics", CCRNN_NUMERICS},
        {"steps", (int64_t)network->steps},       {"horizon", (int64_t)network->horizon},
        {"interval", (int64_t)network->interval}, {"batch", (int64_t)network->batch},
        {"hidden", (int64_t)network->hidden},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        CCRNN_TRY(ccrnn_hdf5_write_integer(writer, numbers[i].key, numbers[i].value, err));
    if (network->cerebellum == CCRNN_CEREBELLUM_NONE)
        return CCRNN_OK;
    return ccrnn_hdf5_write_real(writer, "feedback_scale", network->feedback_scale, err);
}

/* --- axes and arrays --------------------------------------------------------------------- */

/* Which number an axis has in the file. */
struct places {
    size_t of[CCRNN_AXIS_COUNT];
};

static enum ccrnn_status write_axis(struct ccrnn_hdf5_writer *writer,
                                    const struct ccrnn_record_content *content,
                                    enum ccrnn_record_axis axis, struct ccrnn_error *err)
{
    const bool epochs = axis == CCRNN_AXIS_EPOCH;
    const size_t size =
        epochs ? content->epochs->count : ccrnn_record_axis_size(content->run->config, axis);
    int64_t *const value = calloc(size + 1, sizeof *value);
    if (value == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a recording");
    for (size_t i = 0; i < size; i++)
        value[i] = epochs ? (int64_t)content->epochs->value[i]
                          : ccrnn_record_axis_value(content->run->config, axis, i);
    const struct ccrnn_hdf5_axis made = {
        .name = ccrnn_record_axis_name(axis),
        .units = ccrnn_record_axis_units(axis),
        .description = ccrnn_record_axis_description(axis),
        .size = size,
        .value = value,
    };
    const enum ccrnn_status status = ccrnn_hdf5_write_axis(writer, &made, err);
    free(value);
    return status;
}

/* The axes that arrays have, in the order of the table. */
static enum ccrnn_status write_axes(struct ccrnn_hdf5_writer *writer,
                                    const struct ccrnn_record_content *content,
                                    struct places *places, struct ccrnn_error *err)
{
    bool used[CCRNN_AXIS_COUNT + 1] = {[CCRNN_AXIS_EPOCH] = true, [CCRNN_AXIS_TRIAL] = true};
    size_t count = 0;
    for (size_t i = 0; i < content->plan->count; i++) {
        used[content->plan->array[i].time] = true;
        used[content->plan->array[i].of] = true;
    }
    for (int axis = 0; axis < CCRNN_AXIS_COUNT; axis++) {
        if (!used[axis])
            continue;
        places->of[axis] = count++;
        CCRNN_TRY(write_axis(writer, content, (enum ccrnn_record_axis)axis, err));
    }
    return CCRNN_OK;
}

static size_t at_most(size_t value, size_t most)
{
    const size_t limit = most < 1 ? 1 : most;
    return value < limit ? value : limit;
}

/* A chunk has one epoch and as much of its trials as is read well at once. */
static enum ccrnn_status write_array(struct ccrnn_hdf5_writer *writer,
                                     const struct ccrnn_record_plan *plan, size_t index,
                                     const struct places *places, struct ccrnn_error *err)
{
    const struct ccrnn_record_array *const array = &plan->array[index];
    const size_t steps = at_most(array->steps, CHUNK_NUMBERS / array->width);
    const size_t trials = at_most(plan->trials, CHUNK_NUMBERS / array->width / steps);
    struct ccrnn_hdf5_array made = {
        .name = array->name,
        .units = array->units,
        .description = array->description,
        .number = array->wide ? CCRNN_HDF5_DOUBLE : CCRNN_HDF5_FLOAT,
    };
    int d = 0;
    if (array->of_epochs) {
        made.axis[d] = places->of[CCRNN_AXIS_EPOCH];
        made.chunk[d++] = 1;
    }
    made.axis[d] = places->of[array->time];
    made.chunk[d++] = steps;
    made.axis[d] = places->of[CCRNN_AXIS_TRIAL];
    made.chunk[d++] = trials;
    if (array->of != CCRNN_AXIS_COUNT) {
        made.axis[d] = places->of[array->of];
        made.chunk[d++] = array->width;
    }
    made.dims = d;
    return ccrnn_hdf5_write_array(writer, &made, err);
}

/* The classes come first: array 0; those of the plan follow. */
static enum ccrnn_status write_structure(struct ccrnn_hdf5_writer *writer,
                                         const struct ccrnn_record_content *content,
                                         struct ccrnn_error *err)
{
    struct places places = {{0}};
    const struct ccrnn_record_plan *const plan = content->plan;
    CCRNN_TRY(write_texts(writer, content, err));
    CCRNN_TRY(write_numbers(writer, content, err));
    CCRNN_TRY(write_axes(writer, content, &places, err));
    const struct ccrnn_hdf5_array class_of = {
        .name = "class",
        .units = "1",
        .description = "What the trial shows: the cue of a line, or a digit.",
        .number = CCRNN_HDF5_INTEGER,
        .dims = 1,
        .axis = {places.of[CCRNN_AXIS_TRIAL]},
        .chunk = {at_most(plan->trials, CHUNK_NUMBERS)},
    };
    CCRNN_TRY(ccrnn_hdf5_write_array(writer, &class_of, err));
    CCRNN_TRY(ccrnn_hdf5_write_numbers(writer, 0, 0, plan->trials, content->class_name, err));
    for (size_t i = 0; i < plan->count; i++) {
        CCRNN_TRY(write_array(writer, plan, i, &places, err));
        if (!plan->array[i].of_epochs)
            CCRNN_TRY(ccrnn_hdf5_write_numbers(writer, i + 1, 0, plan->array[i].steps,
                                               content->whole[i], err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status write_epoch(struct ccrnn_hdf5_writer *writer,
                                     const struct ccrnn_record_content *content, size_t index,
                                     struct ccrnn_error *err)
{
    for (size_t i = 0; i < content->plan->count; i++)
        if (content->plan->array[i].of_epochs)
            CCRNN_TRY(ccrnn_hdf5_write_numbers(writer, i + 1, index, 1, content->whole[i], err));
    return CCRNN_OK;
}

/* --- the file ---------------------------------------------------------------------------- */

static enum ccrnn_status begin(const char *path, const struct ccrnn_record_content *content,
                               struct ccrnn_hdf5_writer **writer, struct ccrnn_error *err)
{
    struct ccrnn_hdf5_call call;
    CCRNN_TRY(ccrnn_hdf5_enter(&call, err));
    enum ccrnn_status status = ccrnn_hdf5_write_begin(path, writer, err);
    if (status == CCRNN_OK)
        status = write_structure(*writer, content, err);
    ccrnn_hdf5_leave(&call);
    return status;
}

/* Other runs may use HDF5 while an epoch is fetched. */
static enum ccrnn_status add_epoch(struct ccrnn_hdf5_writer *writer,
                                   const struct ccrnn_record_content *content, size_t index,
                                   struct ccrnn_error *err)
{
    struct ccrnn_hdf5_call call;
    CCRNN_TRY(content->fetch(content->context, content->epochs->value[index], err));
    CCRNN_TRY(ccrnn_hdf5_enter(&call, err));
    const enum ccrnn_status status = write_epoch(writer, content, index, err);
    ccrnn_hdf5_leave(&call);
    return status;
}

/* In any case the writer is gone afterwards. */
static enum ccrnn_status end(struct ccrnn_hdf5_writer *writer, enum ccrnn_status status,
                             struct ccrnn_error *err)
{
    struct ccrnn_hdf5_call call;
    if (writer == NULL)
        return status;
    CCRNN_TRY(ccrnn_hdf5_enter(&call, err)); /* it was loaded to begin with */
    if (status == CCRNN_OK)
        status = ccrnn_hdf5_write_end(writer, err);
    else
        ccrnn_hdf5_write_abandon(writer);
    ccrnn_hdf5_leave(&call);
    return status;
}

static enum ccrnn_status write_to(const char *path, const struct ccrnn_record_content *content,
                                  struct ccrnn_error *err)
{
    struct ccrnn_hdf5_writer *writer = NULL;
    enum ccrnn_status status = begin(path, content, &writer, err);
    for (size_t i = 0; status == CCRNN_OK && i < content->epochs->count; i++)
        status = add_epoch(writer, content, i, err);
    return end(writer, status, err);
}

enum ccrnn_status ccrnn_record_file_write(const char *path,
                                          const struct ccrnn_record_content *content,
                                          struct ccrnn_error *err)
{
    struct ccrnn_file_writer *file = NULL;
    CCRNN_TRY(ccrnn_file_writer_open(path, &file, err));
    const enum ccrnn_status status = write_to(ccrnn_file_writer_path(file), content, err);
    if (status == CCRNN_OK)
        return ccrnn_file_writer_commit(file, err);
    ccrnn_file_writer_abandon(file);
    return status;
}

/* --- reading back ------------------------------------------------------------------------ */

static enum ccrnn_status look(const struct ccrnn_hdf5 *file, const struct ccrnn_run *run,
                              char *layout, struct ccrnn_record_epochs *epochs,
                              struct ccrnn_error *err)
{
    char format[NUMBER_TEXT], hash[CCRNN_CONFIG_HASH_SIZE];
    int64_t *value = NULL;
    size_t count = 0;
    CCRNN_TRY(ccrnn_hdf5_read_text(file, "format", format, sizeof format, err));
    CCRNN_TRY(ccrnn_hdf5_read_text(file, "hash", hash, sizeof hash, err));
    CCRNN_TRY(ccrnn_hdf5_read_text(file, "layout", layout, CCRNN_RECORD_LAYOUT, err));
    if (strcmp(format, record_format) != 0 || strcmp(hash, run->hash) != 0)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: format \"%s\", run %s: expected \"%s\", run %s; move the file away", file->path,
            format, hash, record_format, run->hash);
    CCRNN_TRY(ccrnn_hdf5_read_integers(file, ccrnn_record_axis_name(CCRNN_AXIS_EPOCH), &value,
                                       &count, err));
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; status == CCRNN_OK && i < count; i++) {
        if (i > 0 && value[i] <= value[i - 1])
            status = ccrnn_fail(err, CCRNN_FORMAT,
                                "%s: the epochs do not rise; move the file away", file->path);
        else if (!ccrnn_record_epochs_add(epochs, (uint64_t)value[i]))
            status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a recording");
    }
    free(value);
    return status;
}

enum ccrnn_status ccrnn_record_file_look(const char *path, const struct ccrnn_run *run,
                                         char *layout, struct ccrnn_record_epochs *epochs,
                                         struct ccrnn_error *err)
{
    struct ccrnn_hdf5_call call;
    struct ccrnn_hdf5 file;
    CCRNN_TRY(ccrnn_hdf5_enter(&call, err));
    enum ccrnn_status status = ccrnn_hdf5_open(path, &file, err);
    if (status == CCRNN_OK) {
        status = look(&file, run, layout, epochs, err);
        ccrnn_hdf5_close(&file);
    }
    ccrnn_hdf5_leave(&call);
    return status;
}

static enum ccrnn_status read_epoch(const struct ccrnn_hdf5 *file,
                                    const struct ccrnn_record_plan *plan, size_t index,
                                    void *const *whole, struct ccrnn_error *err)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct ccrnn_record_array *const array = &plan->array[i];
        if (array->of_epochs)
            CCRNN_TRY(ccrnn_hdf5_read_row(
                file, array->name, index, ccrnn_record_array_numbers(plan, i),
                array->wide ? CCRNN_HDF5_DOUBLE : CCRNN_HDF5_FLOAT, whole[i], err));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_record_file_read(const char *path, const struct ccrnn_record_plan *plan,
                                         size_t index, void *const *whole,
                                         struct ccrnn_error *err)
{
    struct ccrnn_hdf5_call call;
    struct ccrnn_hdf5 file;
    CCRNN_TRY(ccrnn_hdf5_enter(&call, err));
    enum ccrnn_status status = ccrnn_hdf5_open(path, &file, err);
    if (status == CCRNN_OK) {
        status = read_epoch(&file, plan, index, whole, err);
        ccrnn_hdf5_close(&file);
    }
    ccrnn_hdf5_leave(&call);
    return status;
}
