/* The published files of MNIST, and how they are recognised. */
#include <string.h>

#include "base/error.h"
#include "cli/data.h"

const struct cli_mnist_known cli_mnist_known[CCRNN_MNIST_PARTS] = {
    [CCRNN_MNIST_TRAIN_IMAGES] =
        {9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
         "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
    [CCRNN_MNIST_TRAIN_LABELS] =
        {28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
         "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
    [CCRNN_MNIST_TEST_IMAGES] =
        {1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
         "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
    [CCRNN_MNIST_TEST_LABELS] =
        {4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
         "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
};

enum ccrnn_status cli_mnist_recognise(enum ccrnn_mnist_part part, const struct ccrnn_idx *idx,
                                      char sha256[CLI_SHA256_TEXT], bool *published,
                                      struct ccrnn_error *err)
{
    struct cli_sha256 *sha;
    uint8_t header[CCRNN_IDX_HEADER_MAX];
    CCRNN_TRY(cli_sha256_create(&sha, err));
    const size_t head = ccrnn_idx_header(idx, header);
    cli_sha256_add(sha, header, head);
    cli_sha256_add(sha, idx->values, idx->size);
    const enum ccrnn_status status = cli_sha256_text(sha, sha256, err);
    cli_sha256_destroy(sha);
    *published = status == CCRNN_OK && strcmp(sha256, cli_mnist_known[part].content_sha256) == 0;
    return status;
}
