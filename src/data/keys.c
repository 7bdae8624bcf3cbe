#include "data/keys.h"

#include <stdlib.h>
#include <string.h>

static int compare_content(const struct ccrnn_key *a, const struct ccrnn_key *b)
{
    const int order = strcmp(a->text, b->text);
    if (order != 0 || a->number == b->number)
        return order;
    return a->number < b->number ? -1 : 1;
}

static int compare(const void *left, const void *right)
{
    const struct ccrnn_key *const a = left;
    const struct ccrnn_key *const b = right;
    const int order = compare_content(a, b);
    if (order != 0 || a->place == b->place)
        return order;
    return a->place < b->place ? -1 : 1;
}

const struct ccrnn_key *ccrnn_keys_find_twice(struct ccrnn_key *keys, size_t count)
{
    const struct ccrnn_key *found = NULL;
    if (count > 0)
        qsort(keys, count, sizeof *keys, compare);
    for (size_t i = 1; i < count; i++)
        if (compare_content(&keys[i - 1], &keys[i]) == 0 &&
            (found == NULL || keys[i].place < found[1].place))
            found = &keys[i - 1];
    return found;
}
