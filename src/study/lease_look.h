/** @file
 * What stands in RUN/lease: shared by lease_look.c, which reads it, and lease.c, which acts on it.
 */
#ifndef CCRNN_STUDY_LEASE_LOOK_H
#define CCRNN_STUDY_LEASE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "study/lease.h"

/** One entry, as a rule. A study that is copied over itself (from a backup, or from another machine) may bring
 * more, and any of them may be the one somebody works by. */
struct ccrnn_lease_place {
    struct ccrnn_lease_holder holder;  /**< of all the most alive; name "": none */
    char first[CCRNN_LEASE_NAME_SIZE]; /**< the smallest name: who takes over renames this one */
};

/** As ccrnn_lease_look(), of all entries. */
enum ccrnn_status ccrnn_lease_see(const char *directory, struct ccrnn_lease_place *seen,
                                  struct ccrnn_error *err);

/** Is it "." or ".."? */
bool ccrnn_lease_is_dots(const char *name);

#endif
