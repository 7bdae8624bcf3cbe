#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

/* Longest word that is looked at (bytes): an arm's name. */
enum { WORD_MAX = 200 };

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b)
{
    return small(a) == small(b);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Slips between two words of at most WORD_MAX bytes. Row i holds those from the first i letters of a. */
static size_t count_slips(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1];
    const size_t height = strlen(a), width = strlen(b);
    for (size_t j = 0; j <= width; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= height; i++) {
        size_t *const row = rows[i % 3];
        const size_t *const before = rows[(i + 2) % 3], *const earlier = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            row[j] = before[j - 1] + !same(a[i - 1], b[j - 1]);
            row[j] = smaller(row[j], smaller(before[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = smaller(row[j], earlier[j - 2] + 1);
        }
    }
    return rows[height % 3][width];
}

/* One slip in a short word, more in a long one; a distance below this counts. */
static size_t slips_allowed(const char *word)
{
    const size_t length = strlen(word);
    return length > WORD_MAX ? 0 : smaller(length / 3 + 2, length);
}

struct ccrnn_nearest ccrnn_nearest_start(const char *word)
{
    return (struct ccrnn_nearest){.word = word, .distance = slips_allowed(word)};
}

void ccrnn_nearest_try(struct ccrnn_nearest *nearest, const char *candidate)
{
    if (candidate == NULL || nearest->distance == 0 || strlen(candidate) > WORD_MAX)
        return;
    const size_t found = count_slips(nearest->word, candidate);
    if (found >= nearest->distance)
        return;
    nearest->distance = found;
    nearest->best = candidate;
}

const char *ccrnn_word_nearest(const char *word, const char *const *words)
{
    struct ccrnn_nearest nearest = ccrnn_nearest_start(word);
    for (; *words != NULL; words++)
        ccrnn_nearest_try(&nearest, *words);
    return nearest.best;
}
