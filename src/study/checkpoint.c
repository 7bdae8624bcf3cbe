#include "study/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/safetensors.h"
#include "loop/network.h"

static const char checkpoint_format[] = "ccrnn-checkpoint-1";

/* The blocks stored for every parameter, and the prefix of each. */
struct block {
    const char *prefix;
    size_t offset; /* in struct ccrnn_parameter */
};

static const struct block blocks[] = {
    {"", offsetof(struct ccrnn_parameter, value)},
    {"adam.first/", offsetof(struct ccrnn_parameter, first)},
    {"adam.second/", offsetof(struct ccrnn_parameter, second)},
};
enum { BLOCKS = sizeof blocks / sizeof blocks[0], NAME_MOST = 128 };

static ccrnn_real *block_of(const struct ccrnn_parameter *tensor, const struct block *block)
{
    ccrnn_real *values;
    memcpy(&values, (const char *)tensor + block->offset, sizeof values);
    return values;
}

static enum ccrnn_status add_tensor(struct ccrnn_tensor_writer *writer, const char *prefix,
                                    const char *name, const struct ccrnn_parameter *tensor,
                                    const ccrnn_real *values, struct ccrnn_error *err)
{
    char full[NAME_MOST];
    const size_t shape[2] = {tensor->rows, tensor->cols};
    snprintf(full, sizeof full, "%s%s", prefix, name);
    return ccrnn_tensor_writer_add(writer, full, CCRNN_DTYPE_F32, tensor->dims, shape, values,
                                   err);
}

static enum ccrnn_status add_number(struct ccrnn_tensor_writer *writer, const char *key,
                                    uint64_t value, struct ccrnn_error *err)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return ccrnn_tensor_writer_metadata(writer, key, text, err);
}

static const char *images_of(const struct ccrnn_checkpoint_owner *owner)
{
    return owner->images == NULL ? "" : owner->images;
}

static enum ccrnn_status add_real(struct ccrnn_tensor_writer *writer, const char *key,
                                  double value, struct ccrnn_error *err)
{
    char text[32];
    ccrnn_format(text, sizeof text, "%.17g", value);
    return ccrnn_tensor_writer_metadata(writer, key, text, err);
}

static enum ccrnn_status add_schedule(struct ccrnn_tensor_writer *writer,
                                      const struct ccrnn_schedule *schedule,
                                      struct ccrnn_error *err)
{
    if (!(schedule->rate > 0))
        return CCRNN_OK;
    CCRNN_TRY(add_real(writer, "learning_rate", schedule->rate, err));
    if (isfinite(schedule->best))
        CCRNN_TRY(add_real(writer, "plateau_best", schedule->best, err));
    return add_number(writer, "plateau_epochs", schedule->bad, err);
}

static enum ccrnn_status add_metadata(struct ccrnn_tensor_writer *writer,
                                      const struct ccrnn_network *network,
                                      const struct ccrnn_checkpoint_owner *owner,
                                      const struct ccrnn_checkpoint *checkpoint,
                                      struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "format", checkpoint_format, err));
    CCRNN_TRY(add_number(writer, "numerics", CCRNN_NUMERICS, err));
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "hash", owner->hash, err));
    CCRNN_TRY(add_number(writer, "seed", owner->seed, err));
    if (images_of(owner)[0] != '\0')
        CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "images", owner->images, err));
    CCRNN_TRY(
        ccrnn_tensor_writer_metadata(writer, "kernels", ccrnn_network_kernel_set(network), err));
    CCRNN_TRY(add_number(writer, "epoch", checkpoint->epoch, err));
    CCRNN_TRY(add_number(writer, "updates", network->updates, err));
    CCRNN_TRY(add_number(writer, "metrics_bytes", checkpoint->metrics_bytes, err));
    if (isfinite(checkpoint->best_error))
        CCRNN_TRY(add_real(writer, "best_error", checkpoint->best_error, err));
    CCRNN_TRY(add_schedule(writer, &checkpoint->schedule, err));
    if (checkpoint->ranks[0] != '\0')
        CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "ranks", checkpoint->ranks, err));
    return add_number(writer, "best_epoch", checkpoint->best_epoch, err);
}

static enum ccrnn_status fill_checkpoint(struct ccrnn_tensor_writer *writer,
                                         const struct ccrnn_network *network,
                                         const struct ccrnn_checkpoint_owner *owner,
                                         const struct ccrnn_checkpoint *checkpoint,
                                         struct ccrnn_error *err)
{
    CCRNN_TRY(add_metadata(writer, network, owner, checkpoint, err));
    for (size_t i = 0; i < network->parameters.count; i++) {
        const struct ccrnn_parameter *const tensor = &network->parameters.parameter[i];
        for (size_t b = 0; b < BLOCKS; b++)
            CCRNN_TRY(add_tensor(writer, blocks[b].prefix, tensor->name, tensor,
                                 block_of(tensor, &blocks[b]), err));
        if (tensor->mask != NULL)
            CCRNN_TRY(add_tensor(writer, "mask/", tensor->name, tensor, tensor->mask, err));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_checkpoint_save(const char *path, const struct ccrnn_network *network,
                                        const struct ccrnn_checkpoint_owner *owner,
                                        const struct ccrnn_checkpoint *checkpoint,
                                        struct ccrnn_error *err)
{
    struct ccrnn_tensor_writer *writer = NULL;
    CCRNN_TRY(ccrnn_tensor_writer_create(&writer, err));
    enum ccrnn_status status = fill_checkpoint(writer, network, owner, checkpoint, err);
    if (status == CCRNN_OK)
        status = ccrnn_tensor_writer_save(writer, path, err);
    ccrnn_tensor_writer_destroy(writer);
    return status;
}

static enum ccrnn_status read_number(const struct ccrnn_tensor_file *file, const char *key,
                                     uint64_t *value, struct ccrnn_error *err)
{
    const char *const text = ccrnn_tensor_file_metadata(file, key);
    if (text == NULL || !ccrnn_parse_unsigned(text, value))
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata %s is \"%s\": expected an integer",
                          file->path, key, text == NULL ? "" : text);
    return CCRNN_OK;
}

static enum ccrnn_status check_word(const struct ccrnn_tensor_file *file, const char *key,
                                    const char *expected, enum ccrnn_status status,
                                    const char *remedy, struct ccrnn_error *err)
{
    const char *const found = ccrnn_tensor_file_metadata(file, key);
    if (found != NULL && strcmp(found, expected) == 0)
        return CCRNN_OK;
    return ccrnn_fail(err, status, "%s: metadata %s is \"%s\": expected \"%s\"; %s", file->path,
                      key, found == NULL ? "" : found, expected, remedy);
}

/* Is this a checkpoint, of this run, by a version whose numbers we continue? */
static enum ccrnn_status check_owner(const struct ccrnn_tensor_file *file,
                                     const struct ccrnn_network *network,
                                     const struct ccrnn_checkpoint_owner *owner,
                                     struct ccrnn_error *err)
{
    uint64_t numerics, seed;
    CCRNN_TRY(check_word(file, "format", checkpoint_format, CCRNN_FORMAT,
                         "this is not a checkpoint of a run; give another file", err));
    CCRNN_TRY(read_number(file, "numerics", &numerics, err));
    if (numerics != CCRNN_NUMERICS)
        return ccrnn_fail(
            err, CCRNN_OTHER_NUMERICS,
            "%s: written with numerics %" PRIu64 ", this version has numerics %d, so "
            "going on would mix two sets of numbers; use the version that began the run, "
            "or begin anew with another --out",
            file->path, numerics, CCRNN_NUMERICS);
    if (ccrnn_tensor_file_metadata(file, "crc32") == NULL)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: metadata has no checksum, so this is no checkpoint or a damaged one; move "
            "it away",
            file->path);
    CCRNN_TRY(check_word(file, "hash", owner->hash, CCRNN_FORMAT,
                         "it belongs to a run with other options; move it away", err));
    CCRNN_TRY(read_number(file, "seed", &seed, err));
    if (seed != owner->seed)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: of seed %" PRIu64 ", expected seed %" PRIu64 "; move it away",
                          file->path, seed, owner->seed);
    const char *const images = ccrnn_tensor_file_metadata(file, "images");
    if (strcmp(images == NULL ? "" : images, images_of(owner)) != 0)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "%s: made with images of fingerprint %s, those at hand have %s; give the "
            "directory of the first ones (--data), or begin anew with another --out",
            file->path, images == NULL ? "none" : images, images_of(owner));
    return check_word(
        file, "kernels", ccrnn_network_kernel_set(network), CCRNN_UNSUPPORTED,
        "the run began with other kernels, whose last digits differ; choose them with "
        "--set kernels=… and --set gemm=…, or begin anew with another --out",
        err);
}

void ccrnn_checkpoint_start_ranks(struct ccrnn_checkpoint *checkpoint, size_t ranks)
{
    checkpoint->ranks[0] = '\0';
    if (ranks > 1)
        ccrnn_format(checkpoint->ranks, sizeof checkpoint->ranks, "%zu", ranks);
}

/* Who trained it so far; whether those who go on may. */
static enum ccrnn_status read_ranks(const struct ccrnn_tensor_file *file,
                                    const struct ccrnn_checkpoint_owner *owner,
                                    struct ccrnn_checkpoint *checkpoint, struct ccrnn_error *err)
{
    const char *const text = ccrnn_tensor_file_metadata(file, "ranks");
    const char *const all = text == NULL ? "1" : text;
    const char *const comma = strrchr(all, ',');
    const size_t now = owner->ranks > 0 ? owner->ranks : 1;
    uint64_t before;
    if (!ccrnn_parse_unsigned(comma == NULL ? all : comma + 1, &before) || before < 1 ||
        strlen(all) >= sizeof checkpoint->ranks)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: metadata ranks is \"%s\": expected numbers of ranks; move it away",
                          file->path, all);
    (void)ccrnn_format(checkpoint->ranks, sizeof checkpoint->ranks, "%s",
                       text == NULL ? "" : text);
    if (before == now)
        return CCRNN_OK;
    if (!owner->other_ranks)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "%s: trained by %s rank%s together, now there %s %zu, whose sums have other last digits; "
            "go on with `mpirun -n %" PRIu64
            " ccrnn-mpi run --split-batch`%s, allow a mixture with "
            "--split-batch --other-ranks, or begin anew with another --out",
            file->path, all, before == 1 ? "" : "s", now == 1 ? "is" : "are", now, before,
            before == 1 ? " or `ccrnn run`" : "");
    if (strlen(all) + 12 > sizeof checkpoint->ranks)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "%s: trained by so many numbers of ranks (%s) that one more cannot be noted; "
            "go on with %" PRIu64,
            file->path, all, before);
    (void)ccrnn_format(checkpoint->ranks, sizeof checkpoint->ranks, "%s,%zu", all, now);
    return CCRNN_OK;
}

static enum ccrnn_status read_tensor(const struct ccrnn_tensor_file *file, const char *prefix,
                                     const char *name, const struct ccrnn_parameter *tensor,
                                     ccrnn_real *values, struct ccrnn_error *err)
{
    char full[NAME_MOST];
    const size_t shape[2] = {tensor->rows, tensor->cols};
    snprintf(full, sizeof full, "%s%s", prefix, name);
    return ccrnn_tensor_file_read_float(file, full, tensor->dims, shape, values, err);
}

/* Masks hold 0 and 1 and nothing else. */
static enum ccrnn_status read_mask(const struct ccrnn_tensor_file *file, const char *name,
                                   const struct ccrnn_parameter *tensor, ccrnn_real *mask,
                                   struct ccrnn_error *err)
{
    CCRNN_TRY(read_tensor(file, "mask/", name, tensor, mask, err));
    for (size_t e = 0; e < tensor->rows * tensor->cols; e++)
        if (mask[e] != 0 && mask[e] != 1)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: tensor mask/%s has %g at %zu: expected 0 or 1", file->path,
                              name, (double)mask[e], e);
    return CCRNN_OK;
}

/* `absent` stands for a number that is not there. */
static enum ccrnn_status read_real(const struct ccrnn_tensor_file *file, const char *key,
                                   double absent, double *value, struct ccrnn_error *err)
{
    const char *const text = ccrnn_tensor_file_metadata(file, key);
    *value = absent;
    if (text != NULL && !ccrnn_parse_real(text, value))
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata %s is \"%s\": expected a number",
                          file->path, key, text);
    return CCRNN_OK;
}

static enum ccrnn_status read_schedule(const struct ccrnn_tensor_file *file,
                                       struct ccrnn_schedule *schedule, struct ccrnn_error *err)
{
    *schedule = (struct ccrnn_schedule){0};
    if (ccrnn_tensor_file_metadata(file, "learning_rate") == NULL)
        return CCRNN_OK;
    CCRNN_TRY(read_real(file, "learning_rate", 0, &schedule->rate, err));
    CCRNN_TRY(read_real(file, "plateau_best", INFINITY, &schedule->best, err));
    if (!(schedule->rate > 0))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: metadata learning_rate is %.9g: expected a number above 0",
                          file->path, schedule->rate);
    return read_number(file, "plateau_epochs", &schedule->bad, err);
}

static enum ccrnn_status read_checkpoint(const struct ccrnn_tensor_file *file,
                                         struct ccrnn_network *network,
                                         const struct ccrnn_checkpoint_owner *owner,
                                         struct ccrnn_checkpoint *checkpoint,
                                         struct ccrnn_error *err)
{
    size_t expected = 0;
    CCRNN_TRY(check_owner(file, network, owner, err));
    CCRNN_TRY(ccrnn_tensor_file_require_finite(file, err));
    CCRNN_TRY(read_number(file, "epoch", &checkpoint->epoch, err));
    CCRNN_TRY(read_number(file, "updates", &network->updates, err));
    CCRNN_TRY(read_number(file, "metrics_bytes", &checkpoint->metrics_bytes, err));
    CCRNN_TRY(read_number(file, "best_epoch", &checkpoint->best_epoch, err));
    CCRNN_TRY(read_real(file, "best_error", INFINITY, &checkpoint->best_error, err));
    CCRNN_TRY(read_schedule(file, &checkpoint->schedule, err));
    CCRNN_TRY(read_ranks(file, owner, checkpoint, err));
    for (size_t i = 0; i < network->parameters.count; i++) {
        const struct ccrnn_parameter *const tensor = &network->parameters.parameter[i];
        for (size_t b = 0; b < BLOCKS; b++)
            CCRNN_TRY(read_tensor(file, blocks[b].prefix, tensor->name, tensor,
                                  block_of(tensor, &blocks[b]), err));
        if (tensor->mask != NULL)
            CCRNN_TRY(read_mask(file, tensor->name, tensor, network->parameters.mossy_mask, err));
        expected += BLOCKS + (tensor->mask != NULL);
    }
    if (file->count != expected)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: has %zu tensors: expected %zu; move it away",
                          file->path, file->count, expected);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_checkpoint_load(const char *path, struct ccrnn_network *network,
                                        const struct ccrnn_checkpoint_owner *owner,
                                        struct ccrnn_checkpoint *checkpoint,
                                        struct ccrnn_error *err)
{
    struct ccrnn_tensor_file *file = NULL;
    CCRNN_TRY(ccrnn_tensor_file_open(path, &file, err));
    const enum ccrnn_status status = read_checkpoint(file, network, owner, checkpoint, err);
    ccrnn_tensor_file_close(file);
    return status;
}

enum ccrnn_status ccrnn_checkpoint_peek(const char *path, uint64_t *epoch,
                                        uint64_t *metrics_bytes, struct ccrnn_error *err)
{
    struct ccrnn_tensor_file *file = NULL;
    uint64_t after = 0, bytes = 0;
    CCRNN_TRY(ccrnn_tensor_file_open_metadata(path, &file, err));
    enum ccrnn_status status = read_number(file, "epoch", &after, err);
    if (status == CCRNN_OK)
        status = read_number(file, "metrics_bytes", &bytes, err);
    ccrnn_tensor_file_close(file);
    CCRNN_TRY(status);
    *epoch = after;
    *metrics_bytes = bytes;
    return CCRNN_OK;
}

static enum ccrnn_status fill_export(struct ccrnn_tensor_writer *writer,
                                     const struct ccrnn_network *network,
                                     const struct ccrnn_checkpoint_owner *owner,
                                     struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "format", "pt", err));
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "ccrnn_version", CCRNN_VERSION_STRING, err));
    CCRNN_TRY(ccrnn_tensor_writer_metadata(writer, "ccrnn_hash", owner->hash, err));
    CCRNN_TRY(add_number(writer, "ccrnn_seed", owner->seed, err));
    CCRNN_TRY(add_number(writer, "ccrnn_updates", network->updates, err));
    for (size_t i = 0; i < network->parameters.count; i++) {
        const struct ccrnn_parameter *const tensor = &network->parameters.parameter[i];
        CCRNN_TRY(add_tensor(writer, "", tensor->torch, tensor, tensor->value, err));
        if (tensor->mask != NULL)
            CCRNN_TRY(add_tensor(writer, "mask/", tensor->torch, tensor, tensor->mask, err));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_weights_export(const char *path, const struct ccrnn_network *network,
                                       const struct ccrnn_checkpoint_owner *owner,
                                       struct ccrnn_error *err)
{
    struct ccrnn_tensor_writer *writer = NULL;
    CCRNN_TRY(ccrnn_tensor_writer_create(&writer, err));
    enum ccrnn_status status = fill_export(writer, network, owner, err);
    if (status == CCRNN_OK)
        status = ccrnn_tensor_writer_save(writer, path, err);
    ccrnn_tensor_writer_destroy(writer);
    return status;
}

/* The name under which the file has a parameter: ours, PyTorch's, or PyTorch's of a network
 * without (or with) a cerebellum. NULL if it has none of them. */
static const char *name_in(const struct ccrnn_tensor_file *file,
                           const struct ccrnn_parameter *tensor, char other[NAME_MOST])
{
    static const char inner[] = "rnn.rnn.";
    if (ccrnn_tensor_file_find(file, tensor->torch) != NULL)
        return tensor->torch;
    if (strncmp(tensor->torch, inner, strlen(inner)) == 0)
        snprintf(other, NAME_MOST, "%s", tensor->torch + strlen("rnn."));
    else
        snprintf(other, NAME_MOST, "rnn.%s", tensor->torch);
    if (strncmp(tensor->torch, "rnn.", 4) == 0 && ccrnn_tensor_file_find(file, other) != NULL)
        return other;
    return ccrnn_tensor_file_find(file, tensor->name) != NULL ? tensor->name : NULL;
}

static enum ccrnn_status import_mask(const struct ccrnn_tensor_file *file, const char *name,
                                     struct ccrnn_network *network,
                                     const struct ccrnn_parameter *tensor,
                                     struct ccrnn_error *err)
{
    char masked[NAME_MOST];
    snprintf(masked, sizeof masked, "mask/%s", name);
    if (ccrnn_tensor_file_find(file, masked) != NULL)
        CCRNN_TRY(read_mask(file, name, tensor, network->parameters.mossy_mask, err));
    for (size_t e = 0; e < tensor->rows * tensor->cols; e++)
        if (tensor->mask[e] == 0 && tensor->value[e] != 0)
            return ccrnn_fail(
                err, CCRNN_FORMAT,
                "%s: tensor %s has a weight at %zu where this network has no mossy fibre; "
                "add %s to the file or set mossy_fibres: 0",
                file->path, name, e, masked);
    return CCRNN_OK;
}

/* Tensors that a file has all of, or none. */
enum part { PART_CORTEX, PART_FEATURES, PART_NORM, PART_CEREBELLUM, PARTS };

static enum part part_of(const struct ccrnn_parameters *p, size_t index)
{
    if (p->owner[index] == CCRNN_OWNER_CEREBELLUM)
        return PART_CEREBELLUM;
    const bool map = p->owner[index] == CCRNN_OWNER_KEPT || p->owner[index] == CCRNN_OWNER_WORDS;
    if (!map || index == p->embedding_index)
        return PART_CORTEX;
    const bool norm = index == p->gain_index || index == p->shift_index ||
                      index == p->mean_index || index == p->variance_index;
    return norm ? PART_NORM : PART_FEATURES;
}

/* Which parts the file must have all of. A file with nothing but the map of features gives that, with or
 * without its normalisation; any other must have cortex and readout, and both of the map or neither. */
static void find_parts(const struct ccrnn_tensor_file *file, const struct ccrnn_network *network,
                       bool there[PARTS])
{
    char other[NAME_MOST];
    const struct ccrnn_parameters *const p = &network->parameters;
    for (size_t i = 0; i < p->count; i++)
        there[part_of(p, i)] |= name_in(file, &p->parameter[i], other) != NULL;
    there[PART_FEATURES] |= there[PART_NORM];
    there[PART_CORTEX] |= !there[PART_FEATURES];
    there[PART_NORM] |= there[PART_FEATURES] && there[PART_CORTEX];
}

static enum ccrnn_status import_all(const struct ccrnn_tensor_file *file,
                                    struct ccrnn_network *network, struct ccrnn_error *err)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    bool there[PARTS] = {false};
    CCRNN_TRY(ccrnn_tensor_file_require_finite(file, err));
    find_parts(file, network, there);
    for (size_t i = 0; i < p->count; i++) {
        const struct ccrnn_parameter *const tensor = &p->parameter[i];
        char other[NAME_MOST];
        const char *const name = name_in(file, tensor, other);
        if (!there[part_of(p, i)])
            continue;
        if (name == NULL)
            return ccrnn_fail(
                err, CCRNN_FORMAT,
                "%s: has no tensor %s (nor %s); write such a file with `ccrnn export`",
                file->path, tensor->torch, tensor->name);
        CCRNN_TRY(read_tensor(file, "", name, tensor, tensor->value, err));
        if (tensor->mask != NULL)
            CCRNN_TRY(import_mask(file, name, network, tensor, err));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_weights_import(const char *path, struct ccrnn_network *network,
                                       struct ccrnn_error *err)
{
    struct ccrnn_tensor_file *file = NULL;
    CCRNN_TRY(ccrnn_tensor_file_open(path, &file, err));
    const enum ccrnn_status status = import_all(file, network, err);
    ccrnn_tensor_file_close(file);
    return status;
}
