/** @file
 * Holders of leases for tests: who is gone, who is elsewhere, and what they leave. They fail the test that calls.
 */
#ifndef CCRNN_TEST_LEASE_CASES_H
#define CCRNN_TEST_LEASE_CASES_H

#include <stdint.h>

#include "base/host.h"
#include "study/lease.h"

/** The smallest stale time, to wait for (s). */
#define LEASE_SHORT_STALE CCRNN_LEASE_STALE_LEAST

/** The name of a lease's entry. @param[out] name CCRNN_LEASE_NAME_SIZE bytes */
void lease_name_of(const struct ccrnn_process *process, uint64_t token, char *name);

/** Make a run whose lease has the entry `name`; its path, as from scratch_path(). */
const char *lease_held_by(const char *run, const char *name);

/** Somebody of this machine who is not there any more. */
struct ccrnn_process lease_ghost(void);

/** Somebody of another machine. */
struct ccrnn_process lease_stranger(void);

struct ccrnn_leases *lease_opened(double stale);

void lease_sleep(double seconds);

#endif
