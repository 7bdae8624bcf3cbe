/** @file
 * The words a network knows.
 */
#ifndef CCRNN_DATA_VOCABULARY_H
#define CCRNN_DATA_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** The first words of every vocabulary. */
enum ccrnn_special_word {
    CCRNN_WORD_PAD,     /**< "<pad>" */
    CCRNN_WORD_START,   /**< "<start>" */
    CCRNN_WORD_END,     /**< "<end>" */
    CCRNN_WORD_UNKNOWN, /**< "<unk>" */
    CCRNN_WORDS_SPECIAL
};

/** Opaque. Read-only once made, so that any number of threads may look. */
struct ccrnn_vocabulary;

/** Make a vocabulary: the special words, then every word that was seen `minimum` times or more, the
 * most frequent first, equal ones in the order of their bytes.
 * @param word (count) strings, all different; @param seen (count) how often
 * @param[out] vocabulary NULL on failure; release with ccrnn_vocabulary_release
 * @return CCRNN_USAGE if no word is seen often enough; CCRNN_MEMORY */
enum ccrnn_status ccrnn_vocabulary_make(const char *const *word, const uint64_t *seen,
                                        size_t count, uint64_t minimum,
                                        struct ccrnn_vocabulary **vocabulary,
                                        struct ccrnn_error *err);

/** NULL is fine. */
void ccrnn_vocabulary_release(struct ccrnn_vocabulary *vocabulary);

/** Number of words, the special ones included. */
size_t ccrnn_vocabulary_size(const struct ccrnn_vocabulary *vocabulary);

/** Word `index` < size (owned by the vocabulary). */
const char *ccrnn_vocabulary_word(const struct ccrnn_vocabulary *vocabulary, size_t index);

/** The index of a word; CCRNN_WORD_UNKNOWN for one that is not in it. */
int32_t ccrnn_vocabulary_find(const struct ccrnn_vocabulary *vocabulary, const char *word);

/** A number that tells vocabularies apart (CRC-32 of the words in order, each with its zero byte). */
uint32_t ccrnn_vocabulary_fingerprint(const struct ccrnn_vocabulary *vocabulary);

/** Write one word a line, atomically. */
enum ccrnn_status ccrnn_vocabulary_save(const struct ccrnn_vocabulary *vocabulary,
                                        const char *path, struct ccrnn_error *err);

/** Read such a file.
 * @return CCRNN_IO; CCRNN_FORMAT with file:line: broken UTF-8, an empty line, a space inside, a word
 *         twice, the first four not the special words */
enum ccrnn_status ccrnn_vocabulary_load(const char *path, struct ccrnn_vocabulary **vocabulary,
                                        struct ccrnn_error *err);

#endif
