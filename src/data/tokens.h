/** @file
 * Splitting a caption into words. The rule (after the Penn Treebank's) stands in docs/captions.md.
 */
#ifndef CCRNN_DATA_TOKENS_H
#define CCRNN_DATA_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

/** The words of a caption. Start with {0}; kept from call to call, so that splitting many captions
 * allocates little; release with ccrnn_tokens_release. */
struct ccrnn_tokens {
    char **token; /**< (count), each a string in `bytes` */
    size_t count;
    char *bytes;
    size_t bytes_room, token_room; /**< private */
};

/** Split valid UTF-8 text: lower-cased, punctuation apart. Text that is already split with spaces comes
 * out as it is, lower-cased.
 * @return false if out of memory; *tokens then holds nothing but may be used again */
bool ccrnn_tokens_split(const char *text, struct ccrnn_tokens *tokens);

/** True for a token that caption scores leave out: punctuation alone (the reference toolkit's list). */
bool ccrnn_token_is_punctuation(const char *token);

/** Safe on a zeroed struct. */
void ccrnn_tokens_release(struct ccrnn_tokens *tokens);

#endif
