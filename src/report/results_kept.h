/** @file
 * What a file of results says already: a study's line in the table, and its section (results.h).
 */
#ifndef CCRNN_REPORT_RESULTS_KEPT_H
#define CCRNN_REPORT_RESULTS_KEPT_H

#include <stddef.h>

#include "ccrnn/status.h"

/** Pieces of the file's text, not terminated by a zero. */
struct ccrnn_results_piece {
    const char *text;
    size_t length;
};

/** One study of the file. */
struct ccrnn_results_section {
    char *name;
    struct ccrnn_results_piece line; /**< in the table, with its newline */
    struct ccrnn_results_piece body; /**< from the empty line before "## NAME" on */
};

struct ccrnn_results_kept {
    struct ccrnn_results_section *section; /**< (count), in the order of the file */
    size_t count;
    char *text; /**< of the whole file; owned */
};

/** What a file of results must begin with. */
extern const char ccrnn_results_title[];

/** Read a file of results; one that is not there has no studies. Studies that were not run are left out.
 * @param[out] kept release with ccrnn_results_kept_release(), also after a failure
 * @return CCRNN_FORMAT: the file is no file of results, or its table and its sections do not go together; CCRNN_IO,
 *         CCRNN_MEMORY */
enum ccrnn_status ccrnn_results_kept_read(const char *file, struct ccrnn_results_kept *kept,
                                          struct ccrnn_error *err);
void ccrnn_results_kept_release(struct ccrnn_results_kept *kept);

/** NULL: the file has no such study. */
const struct ccrnn_results_section *ccrnn_results_kept_find(const struct ccrnn_results_kept *kept,
                                                            const char *name);

#endif
