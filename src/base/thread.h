/** @file
 * Threads that no signal interrupts, and moments in which none may.
 *
 * A handler runs on the stack of whichever thread the signal meets. Two things follow. Work that a
 * command line or a library's user wants stopped is stopped by their own thread, not by one of ours
 * in the middle of a write. And code that for a while uses the stack pointer for something else must
 * not be met at all: the products of oneDNN before 3.12 do (docs/decisions/16-signals-wait.md).
 *
 * Held back are all signals but those that say what the thread itself has just done wrong (SIGSEGV,
 * SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT). They are not lost: another thread takes them, or they
 * wait.
 */
#ifndef CCRNN_BASE_THREAD_H
#define CCRNN_BASE_THREAD_H

#include <pthread.h>
#include <signal.h>

/** As pthread_create() with default attributes, but signals are held back in the new thread from its
 * first to its last instruction. Every thread of this project begins here.
 * @return 0, or the error number of pthread_create() */
int ccrnn_thread_start(pthread_t *thread, void *(*work)(void *context), void *context);

/** Hold signals back in the calling thread until ccrnn_signals_release(). Within another hold, and in a
 * thread of ccrnn_thread_start(), nothing is left to do: that costs no call of the system.
 * @param[out] before what the thread let in until now; for the release */
void ccrnn_signals_hold(sigset_t *before);

/** Let in again what was let in before; what has waited is delivered at once. */
void ccrnn_signals_release(const sigset_t *before);

#endif
