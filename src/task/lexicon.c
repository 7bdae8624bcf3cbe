#include "task/lexicon.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* A slot holds a number + 1, or 0; one of two stays empty. A token is looked for from the slot its
 * CRC names to the first empty one. */
enum { FIRST_SLOTS = 1 << 10, SLOTS_A_TOKEN = 2 };

static size_t find_slot(const struct ccrnn_lexicon *lexicon, const char *token)
{
    size_t slot = ccrnn_crc32(0, token, strlen(token)) & (lexicon->slots - 1);
    while (lexicon->slot[slot] != 0 &&
           strcmp(lexicon->token[lexicon->slot[slot] - 1], token) != 0)
        slot = (slot + 1) & (lexicon->slots - 1);
    return slot;
}

/* Room for one token more. */
static bool make_room(struct ccrnn_lexicon *lexicon)
{
    if (lexicon->count < lexicon->room)
        return true;
    const size_t slots = lexicon->slots == 0 ? FIRST_SLOTS : 2 * lexicon->slots;
    const size_t room = slots / SLOTS_A_TOKEN;
    if (room >= UINT32_MAX)
        return false;
    char **const token = reallocarray(lexicon->token, room, sizeof(char *));
    if (token == NULL)
        return false;
    lexicon->token = token;
    uint64_t *const seen = reallocarray(lexicon->seen, room, sizeof *seen);
    if (seen == NULL)
        return false;
    lexicon->seen = seen;
    uint32_t *const slot = calloc(slots, sizeof *slot);
    if (slot == NULL)
        return false;
    free(lexicon->slot);
    lexicon->slot = slot;
    lexicon->slots = slots;
    lexicon->room = room;
    for (size_t i = 0; i < lexicon->count; i++)
        slot[find_slot(lexicon, token[i])] = (uint32_t)i + 1;
    return true;
}

bool ccrnn_lexicon_number(struct ccrnn_lexicon *lexicon, const char *token, uint32_t *number)
{
    if (!make_room(lexicon))
        return false;
    const size_t slot = find_slot(lexicon, token);
    if (lexicon->slot[slot] == 0) {
        char *const copy = strdup(token);
        if (copy == NULL)
            return false;
        lexicon->token[lexicon->count] = copy;
        lexicon->seen[lexicon->count] = 0;
        lexicon->slot[slot] = (uint32_t)++lexicon->count;
    }
    *number = lexicon->slot[slot] - 1;
    return true;
}

void ccrnn_lexicon_release(struct ccrnn_lexicon *lexicon)
{
    for (size_t i = 0; i < lexicon->count; i++)
        free(lexicon->token[i]);
    free(lexicon->token);
    free(lexicon->seen);
    free(lexicon->slot);
    *lexicon = (struct ccrnn_lexicon){0};
}
