/** @file
 * A lease: which process works on a run, told by the run's directory alone, without locks. (The directory
 * of a study has one too, while study.json is written.)
 *
 *     RUN/lease/host=<name>,boot=<id>,ns=<n>,pid=<n>,start=<ticks>,beat=<ms>,token=<hex>/
 *
 * The name of the only entry of RUN/lease is the lease; it holds nothing. Three renames, each atomic also on
 * network file systems, make it safe:
 * - *take*: a directory made ready aside, with the entry in it, is renamed to RUN/lease. That fails if
 *   RUN/lease has an entry already, so of many that try, one succeeds.
 * - *take over*: the entry is renamed to the new holder's name. That fails if it is no longer there under the
 *   old one, so of many that try, one succeeds.
 * - *write*: the holder reaches its files by the path "RUN/lease/<own name>/../..". Once the entry has another
 *   name that path leads nowhere: who lost the lease, knowing it or not, can write nothing.
 *
 * Is the holder still there? In the same container of the same machine (boot id and name space of process
 * ids): if no process of that id and start time runs, it is gone, and its lease is free at once. Otherwise:
 * every holder touches its entry every few seconds (its beat); a process that has watched an entry for the
 * stale time, on its own monotonic clock, and saw no touch, may take it over: the holder's machine is down or
 * cut off, or the process was stopped. So no clock of any machine has to be right, and none is compared with
 * another one.
 */
#ifndef CCRNN_STUDY_LEASE_H
#define CCRNN_STUDY_LEASE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/file.h"
#include "base/host.h"

/** Without a sign of life for so long, a holder is taken to be gone (s). Network file systems may
 * show a touch up to a minute late. */
#define CCRNN_LEASE_STALE 300.0
/** The smallest stale time that may be asked for (s). */
#define CCRNN_LEASE_STALE_LEAST 1.0
/** Seconds between two touches; less where the stale time is below four times this. */
#define CCRNN_LEASE_BEAT 15.0

/** Longest name of an entry, terminating zero included. */
#define CCRNN_LEASE_NAME_SIZE 256

/** Who holds a run. */
struct ccrnn_lease_holder {
    char name[CCRNN_LEASE_NAME_SIZE]; /**< of the entry; "": the run is free */
    bool understood; /**< false: of another version of ccrnn; only the name is known */
    struct ccrnn_process process;
    double beat; /**< seconds between its touches */
    uint64_t token;
    enum ccrnn_process_state state; /**< ELSEWHERE if it is not understood */
    struct timespec touched;        /**< by the clock of the file system */
    uint64_t
        sight; /**< names and touches of all that is there: another number is a sign of life; 0: nothing */
};

/** The leases of one process: who it is, and a thread that touches them; opaque. */
struct ccrnn_leases;
/** One lease that is held; opaque. */
struct ccrnn_lease;

/** What a process has seen of a lease it waits for; start with {0}, one for each run. */
struct ccrnn_lease_watch {
    uint64_t seen; /**< name and touch as one number */
    double since;  /**< monotonic seconds; 0: nothing seen yet */
};

/** Begin. @param stale seconds, ≥ CCRNN_LEASE_STALE_LEAST; the same for all processes of a study, please
 * @param[out] leases NULL on failure; end with ccrnn_leases_close(), which must come after the last release
 * @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_leases_open(double stale, struct ccrnn_leases **leases,
                                    struct ccrnn_error *err);
void ccrnn_leases_close(struct ccrnn_leases *leases);

/** Who holds the run? Works without the right to write, and takes nothing.
 * @return CCRNN_IO: the directory is there but cannot be read */
enum ccrnn_status ccrnn_lease_look(const char *directory, struct ccrnn_lease_holder *holder,
                                   struct ccrnn_error *err);

/** Seconds without a sign of life after which this holder counts as gone. @param stale seconds */
double ccrnn_lease_patience(const struct ccrnn_lease_holder *holder, double stale);

/** Take the lease of a run; its directory is made if it is missing. From any thread.
 * @param watch what this process saw of that run before; NULL: a holder that is not known to be gone keeps it
 * @param[out] lease NULL on failure; else given back with ccrnn_lease_release()
 * @return CCRNN_BUSY: somebody else has it; CCRNN_IO, CCRNN_USAGE (path too long), CCRNN_MEMORY */
enum ccrnn_status ccrnn_lease_take(struct ccrnn_leases *leases, const char *directory,
                                   struct ccrnn_lease_watch *watch, struct ccrnn_lease **lease,
                                   struct ccrnn_error *err);

/** The path under which the holder reaches the run's directory; lives as long as the lease. */
const char *ccrnn_lease_directory(const struct ccrnn_lease *lease);

/** Replace that path in a message by the run's directory, which is what people know. */
void ccrnn_lease_clean(const struct ccrnn_lease *lease, char *message);

uint64_t ccrnn_lease_token(const struct ccrnn_lease *lease);

/** Whom it was taken over from: NULL if the run was free. */
const struct ccrnn_lease_holder *ccrnn_lease_before(const struct ccrnn_lease *lease);

/** Is it still ours? Looks at the disk. Lost once is lost for ever. A disk that cannot be read says nothing, so
 * the answer is then what it was. */
bool ccrnn_lease_held(struct ccrnn_lease *lease);

/** Has its thread found out that it is lost? Costs nothing. */
bool ccrnn_lease_known_lost(const struct ccrnn_lease *lease);

/** Give it back, or drop one that is lost; NULL is fine. If the disk refuses, it is tried again until
 * ccrnn_leases_close(). */
void ccrnn_lease_release(struct ccrnn_lease *lease);

/** Where nothing is left to do: clear away what a process left that was killed after its last write, or while it
 * made a lease ready. What cannot be cleared, or somebody holds, stays. */
void ccrnn_lease_tidy(struct ccrnn_leases *leases, const char *directory);

/** The same of a directory in which others write without a lease too: only what was made for leases is cleared away,
 * their temporary files stay. */
void ccrnn_lease_tidy_shared(struct ccrnn_leases *leases, const char *directory);

#endif
