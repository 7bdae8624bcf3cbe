/* Run every file of a folder through a fuzz target, without a fuzzer: what was found once stays found.
 * Usage: replay FOLDER. Prints TAP; a target that does not survive a file ends the program. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* An exact copy on the heap, so that a sanitizer sees a read past the end. */
static int replay(const char *path)
{
    struct ccrnn_error err;
    uint8_t *bytes;
    size_t size;
    if (ccrnn_file_read(path, 1 << 24, &bytes, &size, &err) != CCRNN_OK) {
        printf("# %s\n", err.message);
        return 0;
    }
    uint8_t *const exact = malloc(size > 0 ? size : 1);
    if (exact != NULL) {
        memcpy(exact, bytes, size);
        LLVMFuzzerTestOneInput(exact, size);
    }
    free(exact);
    free(bytes);
    return exact != NULL;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    const int count = argc == 2 ? scandir(argv[1], &entries, visible, alphasort) : -1;
    if (count <= 0) {
        printf("Bail out! no corpus in %s\n", argc == 2 ? argv[1] : "(no folder given)");
        return 1;
    }
    int failed = 0;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        char path[CCRNN_PATH_MAX];
        struct ccrnn_error err;
        const int good =
            ccrnn_path_join(path, sizeof path, argv[1], entries[i]->d_name, &err) == CCRNN_OK &&
            replay(path);
        printf("%sok %d - %s\n", good ? "" : "not ", i + 1, entries[i]->d_name);
        failed |= !good;
        free(entries[i]);
    }
    free(entries);
    return failed;
}
