/** @file
 * Checkpoints: everything a run needs to go on as if it had never stopped. And weights that come
 * from or go to PyTorch.
 *
 * A checkpoint is a .safetensors file with metadata `format: ccrnn-checkpoint-1`, the parameters
 * under our names, the optimiser's moments as `adam.first/NAME` and `adam.second/NAME` whatever it is
 * (ccrnn/network.h says what they hold), the mossy fibres as `mask/NAME`. Nothing in it depends on time, host or path, so equal runs have equal bytes.
 */
#ifndef CCRNN_STUDY_CHECKPOINT_H
#define CCRNN_STUDY_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "ccrnn/network.h"
#include "study/schedule.h"

enum { CCRNN_RANKS_TEXT = 64 };

/** Where a run stands after an epoch. */
struct ccrnn_checkpoint {
    uint64_t epoch;         /**< finished */
    uint64_t metrics_bytes; /**< length of metrics.csv up to this epoch */
    double best_error;      /**< smallest validation error so far; infinity before the first */
    uint64_t best_epoch;
    struct ccrnn_schedule schedule; /**< all 0 where the learning rate does not change */
    /** How many ranks trained the run together, from its first epoch on: "" one, "2" two, "2,4" first two and
     * then four. Sums of another number of ranks differ in their last digits. */
    char ranks[CCRNN_RANKS_TEXT];
};

/** A run that begins with so many ranks. */
void ccrnn_checkpoint_start_ranks(struct ccrnn_checkpoint *checkpoint, size_t ranks);

/** What a checkpoint must belong to. */
struct ccrnn_checkpoint_owner {
    const char *hash; /**< of the run's configuration */
    uint64_t seed;
    const char *images; /**< fingerprint of images read from files; NULL or "" without */
    size_t ranks;       /**< that go on with it; 0 means 1 */
    bool other_ranks;   /**< also if another number wrote it */
};

/** Write a checkpoint to `path`, atomically (base/file.h). Adam's t is stored with it.
 * @return CCRNN_IO, CCRNN_MEMORY */
enum ccrnn_status ccrnn_checkpoint_save(const char *path, const struct ccrnn_network *network,
                                        const struct ccrnn_checkpoint_owner *owner,
                                        const struct ccrnn_checkpoint *checkpoint,
                                        struct ccrnn_error *err);

/** Read a checkpoint into a network of the same configuration. On failure the network's weights
 * are undefined: load another checkpoint or destroy it.
 * @return CCRNN_IO; CCRNN_FORMAT if it is damaged, foreign, of another run; CCRNN_USAGE: other
 * images, another number of ranks; CCRNN_OTHER_NUMERICS if another version with other numbers wrote it; CCRNN_UNSUPPORTED if another kernel set wrote
 * it */
enum ccrnn_status ccrnn_checkpoint_load(const char *path, struct ccrnn_network *network,
                                        const struct ccrnn_checkpoint_owner *owner,
                                        struct ccrnn_checkpoint *checkpoint,
                                        struct ccrnn_error *err);

/** After which epoch a checkpoint was made, and how long metrics.csv was then, from its header alone: cheap, and
 * nothing else is checked.
 * @param[out] epoch, metrics_bytes untouched after a failure
 * @return CCRNN_IO, CCRNN_FORMAT */
enum ccrnn_status ccrnn_checkpoint_peek(const char *path, uint64_t *epoch,
                                        uint64_t *metrics_bytes, struct ccrnn_error *err);

/** Write the weights under PyTorch's names, as the published code has them, and masks as
 * `mask/NAME`; metadata `format: pt` and where they come from. */
enum ccrnn_status ccrnn_weights_export(const char *path, const struct ccrnn_network *network,
                                       const struct ccrnn_checkpoint_owner *owner,
                                       struct ccrnn_error *err);

/** Read weights under PyTorch's names (`rnn.…` or `rnn.rnn.…`), ours, or a checkpoint's. Cortex,
 * readout and embedding must be there; the cerebellum, and the map of features with its normalisation, are
 * read when the file has all of them and stay as drawn when it has none. A file with nothing but the map of
 * features gives that, and the normalisation if it has that too. Mossy fibres come from `mask/…`; without,
 * no weight may lie off the drawn ones.
 * @return CCRNN_IO, CCRNN_FORMAT with file, tensor, expected and found */
enum ccrnn_status ccrnn_weights_import(const char *path, struct ccrnn_network *network,
                                       struct ccrnn_error *err);

#endif
