#include "study/seeds.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "study/study.h"

/* Longest seed or range: two numbers of 16 digits and the dots, with room for a clear message. */
#define ITEM_SIZE 64

static enum ccrnn_status fail_seeds(const char *found, const char *remedy,
                                    struct ccrnn_error *err)
{
    char shown[CCRNN_SHOWN_SIZE];
    return ccrnn_fail(err, CCRNN_USAGE,
                      "seeds: expected integers from 0 to %llu or rising ranges, found '%s'; %s",
                      CCRNN_STUDY_SEED_MAX, ccrnn_option_show(found, shown), remedy);
}

static enum ccrnn_status reserve(struct ccrnn_seed_list *list, uint64_t more,
                                 struct ccrnn_error *err)
{
    if (more > CCRNN_STUDY_SEEDS_MAX - list->count)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "seeds: expected at most %d, found more; split the study",
                          CCRNN_STUDY_SEEDS_MAX);
    const size_t needed = list->count + (size_t)more;
    if (needed <= list->capacity)
        return CCRNN_OK;
    const size_t capacity = needed > 2 * list->capacity ? needed : 2 * list->capacity;
    uint64_t *const values = realloc(list->values, capacity * sizeof values[0]);
    if (values == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu seeds", capacity);
    list->values = values;
    list->capacity = capacity;
    return CCRNN_OK;
}

/* "7" or "1..10". */
static enum ccrnn_status add_item(struct ccrnn_seed_list *list, const char *item,
                                  struct ccrnn_error *err)
{
    char first_text[ITEM_SIZE];
    uint64_t first, last;
    ccrnn_format(first_text, sizeof first_text, "%s", item);
    char *const dots = strstr(first_text, "..");
    if (dots != NULL)
        *dots = '\0';
    if (!ccrnn_parse_unsigned(first_text, &first))
        return fail_seeds(item, "write 1..10 or [1, 2, 5]", err);
    last = first;
    if (dots != NULL && !ccrnn_parse_unsigned(dots + 2, &last))
        return fail_seeds(item, "write a range as 1..10", err);
    if (first > CCRNN_STUDY_SEED_MAX || last > CCRNN_STUDY_SEED_MAX)
        return fail_seeds(item, "choose smaller seeds", err);
    if (last < first)
        return fail_seeds(item, "write the smaller end first", err);
    CCRNN_TRY(reserve(list, last - first + 1, err));
    for (uint64_t seed = first; seed <= last; seed++)
        list->values[list->count++] = seed;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_seeds_add(struct ccrnn_seed_list *list, const char *text,
                                  struct ccrnn_error *err)
{
    for (const char *start = text;;) {
        const char *const comma = strchr(start, ',');
        const char *end = comma == NULL ? start + strlen(start) : comma;
        char item[ITEM_SIZE];
        while (start < end && *start == ' ')
            start++;
        while (end > start && end[-1] == ' ')
            end--;
        if ((size_t)(end - start) >= sizeof item)
            return fail_seeds(start, "write 1..10 or [1, 2, 5]", err);
        memcpy(item, start, (size_t)(end - start));
        item[end - start] = '\0';
        CCRNN_TRY(add_item(list, item, err));
        if (comma == NULL)
            return CCRNN_OK;
        start = comma + 1;
    }
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

enum ccrnn_status ccrnn_seeds_check(const struct ccrnn_seed_list *list, struct ccrnn_error *err)
{
    if (list->count == 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "seeds: expected at least one, found none; write 1..10 or [1, 2, 5]");
    uint64_t *const sorted = malloc(list->count * sizeof sorted[0]);
    if (sorted == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu seeds", list->count);
    memcpy(sorted, list->values, list->count * sizeof sorted[0]);
    qsort(sorted, list->count, sizeof sorted[0], by_value);
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 1; i < list->count && status == CCRNN_OK; i++)
        if (sorted[i] == sorted[i - 1])
            status = ccrnn_fail(err, CCRNN_USAGE, "seeds: %llu is there twice; remove one",
                                (unsigned long long)sorted[i]);
    free(sorted);
    return status;
}
