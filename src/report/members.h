/** @file
 * Which runs a study has, by its study.json: what else lies in its directory is none of it.
 */
#ifndef CCRNN_REPORT_MEMBERS_H
#define CCRNN_REPORT_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"
#include "report/pool.h"

/** An arm of study.json, as it is written there. */
struct ccrnn_report_member {
    const char *name, *hash;
    const char *directory; /**< a plain name, no path */
};

/** An option that has a range in the study file. */
struct ccrnn_report_written_scale {
    const char *key;
    bool log;
};

struct ccrnn_report_members {
    bool there; /**< study.json is; the rest is 0 without it */
    const char *name, *description;
    struct ccrnn_report_member *arm; /**< (arms), as listed */
    size_t arms;
    uint64_t *seed; /**< (seeds), rising */
    size_t seeds;
    struct ccrnn_report_written_scale *scale; /**< (scales) */
    size_t scales;
    const char **sorted; /**< (arms): the directories by byte */
};

/** Read DIRECTORY/study.json. All texts are the pool's.
 * @return CCRNN_OK, also where there is none; CCRNN_FORMAT: it is damaged, so nobody knows which runs the study has;
 *         CCRNN_IO: it cannot be read; CCRNN_MEMORY */
enum ccrnn_status ccrnn_report_members_read(struct ccrnn_report_pool *pool, const char *directory,
                                            struct ccrnn_report_members *members,
                                            struct ccrnn_error *err);

/** Is there an arm in that directory? A run of that seed? */
bool ccrnn_report_members_have_arm(const struct ccrnn_report_members *members,
                                   const char *directory);
bool ccrnn_report_members_have_seed(const struct ccrnn_report_members *members, uint64_t seed);

#endif
