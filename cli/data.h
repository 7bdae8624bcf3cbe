/** @file
 * `ccrnn data`: what its parts share.
 */
#ifndef CCRNN_CLI_DATA_H
#define CCRNN_CLI_DATA_H

#include <stdint.h>

#include "cli/digest.h"
#include "data/mnist.h"

/** What is known of a published file of MNIST. */
struct cli_mnist_known {
    uint64_t file_size;         /**< of the .gz file (bytes) */
    const char *file_sha256;    /**< of the .gz file */
    const char *content_sha256; /**< of what is in it: the same for any compression */
};

extern const struct cli_mnist_known cli_mnist_known[CCRNN_MNIST_PARTS];

/** SHA-256 of the plain file with this content, and whether it is the published one. */
enum ccrnn_status cli_mnist_recognise(enum ccrnn_mnist_part part, const struct ccrnn_idx *idx,
                                      char sha256[CLI_SHA256_TEXT], bool *published,
                                      struct ccrnn_error *err);

/** `ccrnn data check`: read all four files and print what is in them to stdout. */
enum ccrnn_status cli_data_check(const char *directory, bool json, struct ccrnn_error *err);

/** Where `fetch` gets the files if nothing else is said. */
#define CLI_MNIST_URL "https://ossci-datasets.s3.amazonaws.com/mnist"

/** `ccrnn data fetch mnist`: download what is missing or damaged; progress on stderr.
 * @param url the four .gz files are directly below it; http:// or https:// */
enum ccrnn_status cli_data_fetch(const char *directory, const char *url, struct ccrnn_error *err);

#endif
