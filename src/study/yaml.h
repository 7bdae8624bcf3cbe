/** @file
 * A YAML text as a tree of nodes that know their line and column (libyaml's document API), with
 * everything refused that could be read in two ways: a second document, duplicate keys, merge
 * keys, tags, loops.
 */
#ifndef CCRNN_STUDY_YAML_H
#define CCRNN_STUDY_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include <yaml.h>

#include "ccrnn/status.h"

/** A parsed document. Nodes live as long as it does. */
struct ccrnn_yaml {
    yaml_document_t document;
    const char *filename; /**< for messages; owned by the caller */
};

/** Parse `size` bytes. On CCRNN_OK the caller calls ccrnn_yaml_close(), else nothing is left.
 * Afterwards: one document whose root is a mapping; every key is a scalar without zero bytes,
 * none twice in its mapping; no node contains itself.
 * @return CCRNN_FORMAT (file:line:column, what is wrong, what to do), CCRNN_MEMORY */
enum ccrnn_status ccrnn_yaml_open(struct ccrnn_yaml *yaml, const char *bytes, size_t size,
                                  const char *filename, struct ccrnn_error *err);

/** Free the document. */
void ccrnn_yaml_close(struct ccrnn_yaml *yaml);

/** The mapping at the top. */
yaml_node_t *ccrnn_yaml_root(struct ccrnn_yaml *yaml);

/** Number of pairs of a mapping, or of items of a sequence; 0 for a scalar. */
size_t ccrnn_yaml_length(const yaml_node_t *node);

/** Key and value of pair `index` < length of a mapping. @return the key's text */
const char *ccrnn_yaml_pair(struct ccrnn_yaml *yaml, const yaml_node_t *mapping, size_t index,
                            yaml_node_t **key, yaml_node_t **value);

/** Item `index` < length of a sequence. */
yaml_node_t *ccrnn_yaml_item(struct ccrnn_yaml *yaml, const yaml_node_t *sequence, size_t index);

/** The value of `key` in a mapping; NULL if it is not there. */
yaml_node_t *ccrnn_yaml_get(struct ccrnn_yaml *yaml, const yaml_node_t *mapping, const char *key);

/** The text of a scalar (owned by the document); NULL for other nodes. */
const char *ccrnn_yaml_text(const yaml_node_t *node);

/** A scalar written without quotes. */
bool ccrnn_yaml_is_plain(const yaml_node_t *node);

/** Nothing after the colon, `~` or `null`. */
bool ccrnn_yaml_is_null(const yaml_node_t *node);

/** "a mapping", "a list", "a quoted text", "nothing" or "'…'" (the scalar, shortened).
 * @param[out] text room for the answer, at least 96 bytes @return the answer, in text or static */
const char *ccrnn_yaml_describe(const yaml_node_t *node, char *text);

/** ccrnn_fail() with "file:line:column: " of a node in front. */
enum ccrnn_status ccrnn_yaml_fail(const struct ccrnn_yaml *yaml, const yaml_node_t *node,
                                  struct ccrnn_error *err, enum ccrnn_status status,
                                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Put "file:line:column: " of a node in front of the message in `err`; returns `status`. */
enum ccrnn_status ccrnn_yaml_within(const struct ccrnn_yaml *yaml, const yaml_node_t *node,
                                    struct ccrnn_error *err, enum ccrnn_status status);

#endif
