/** @file
 * Which process is this, among all processes of all machines, and is another one still there?
 */
#ifndef CCRNN_BASE_HOST_H
#define CCRNN_BASE_HOST_H

#include <stdbool.h>
#include <stdint.h>

/** What tells a process from every other: a process id alone comes back after a restart, on another
 * machine and in another container. */
struct ccrnn_process {
    char host[65]; /**< name of the machine, for people; letters, digits, '.', '-' and '_' only */
    char boot
        [37]; /**< boot id of its kernel, another after every start; "" if /proc does not tell */
    uint64_t
        container; /**< number of its name space of process ids; 0 if /proc does not tell; another one
                           where time is a name space of its own too */
    uint64_t id;      /**< process id */
    uint64_t started; /**< clock ticks from boot to its start; 0 if /proc does not tell */
};

/** How another process stands, as far as this machine can tell. */
enum ccrnn_process_state {
    CCRNN_PROCESS_ALIVE,
    CCRNN_PROCESS_GONE,
    CCRNN_PROCESS_ELSEWHERE /**< on another machine, in another container, before a restart, or hidden */
};

/** The process that calls. */
void ccrnn_process_self(struct ccrnn_process *process);

/** Is that process there? Where its number is in use, but this user may not see by whom, it counts as elsewhere.
 * One that has ended and waits for its parent to look (a zombie) is gone. A machine
 * that was started anew cannot be told from another one of the same name, so its earlier processes count as
 * elsewhere. */
enum ccrnn_process_state ccrnn_process_look(const struct ccrnn_process *process);

/** Does a process that ccrnn_process_look() finds alive stand still: stopped by a signal (Ctrl-Z), or held by a
 * debugger? It goes on where it was when it is woken. False where that cannot be seen. */
bool ccrnn_process_is_stopped(const struct ccrnn_process *process);

/** 64 bits that no other call, in whatever process, gets: from the system's random numbers. */
uint64_t ccrnn_process_token(void);

/** Seconds on a clock that nobody sets; its zero has no meaning. */
double ccrnn_monotonic_seconds(void);

#endif
