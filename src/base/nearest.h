/** @file
 * Words near to each other: what was meant by a word that is not known.
 */
#ifndef CCRNN_BASE_NEAREST_H
#define CCRNN_BASE_NEAREST_H

#include <stddef.h>

/** The search among words that stand in no list; begin with ccrnn_nearest_start(). */
struct ccrnn_nearest {
    const char *word, *best; /**< best: NULL: none is near enough to be a slip of the keyboard */
    size_t distance;
};

struct ccrnn_nearest ccrnn_nearest_start(const char *word);

/** Of two equally near the first stays. @param candidate must outlive the search; NULL is fine */
void ccrnn_nearest_try(struct ccrnn_nearest *nearest, const char *candidate);

/** The one of `words` (ends with NULL) nearest to `word`; NULL if none is near enough. A letter too many, one
 * missing, another one, and two that changed places count as one slip each; capitals are as good as small ones. */
const char *ccrnn_word_nearest(const char *word, const char *const *words);

#endif
