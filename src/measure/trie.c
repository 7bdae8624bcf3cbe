#include "measure/trie.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"

enum { FIRST_ROOM = 1024 };

struct ccrnn_trie_slot {
    uint64_t key;   /* parent in the upper half, symbol in the lower */
    uint32_t child; /* 0: the slot is free */
};

/* The finaliser of SplitMix64 (Steele, Lea & Flood 2014): every bit of the key moves every bit. */
static size_t place_of(uint64_t key, size_t room)
{
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)(key ^ (key >> 31)) & (room - 1);
}

/* The slot that holds the key, or the free one where it belongs. */
static struct ccrnn_trie_slot *find(struct ccrnn_trie_slot *slot, size_t room, uint64_t key)
{
    size_t place = place_of(key, room);
    while (slot[place].child != 0 && slot[place].key != key)
        place = (place + 1) & (room - 1);
    return &slot[place];
}

/* Room for one more: at most three quarters of the slots are taken. */
static enum ccrnn_status make_room(struct ccrnn_trie *trie, struct ccrnn_error *err)
{
    if (trie->count < trie->room - trie->room / 4)
        return CCRNN_OK;
    const size_t room = trie->room == 0 ? FIRST_ROOM : 2 * trie->room;
    /* So much room that the numbers still fit. */
    const bool fits = trie->room <= UINT32_MAX / 2;
    struct ccrnn_trie_slot *const slot = fits ? calloc(room, sizeof *slot) : NULL;
    if (slot == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for more than %zu n-grams",
                          trie->count);
    for (size_t i = 0; i < trie->room; i++) {
        if (trie->slot[i].child != 0)
            *find(slot, room, trie->slot[i].key) = trie->slot[i];
    }
    free(trie->slot);
    trie->slot = slot;
    trie->room = room;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_trie_child(struct ccrnn_trie *trie, uint32_t parent, uint32_t symbol,
                                   uint32_t *child, struct ccrnn_error *err)
{
    CCRNN_TRY(make_room(trie, err));
    const uint64_t key = ((uint64_t)parent << 32) | symbol;
    struct ccrnn_trie_slot *const slot = find(trie->slot, trie->room, key);
    if (slot->child == 0) {
        trie->count++;
        *slot = (struct ccrnn_trie_slot){key, (uint32_t)trie->count};
    }
    *child = slot->child;
    return CCRNN_OK;
}

void ccrnn_trie_release(struct ccrnn_trie *trie)
{
    free(trie->slot);
    *trie = (struct ccrnn_trie){0};
}
