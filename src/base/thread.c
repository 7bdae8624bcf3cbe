#include "base/thread.h"

#include <errno.h>
#include <stdlib.h>

/* How many holds the thread is within; one of ccrnn_thread_start() is within one all its life. */
static _Thread_local unsigned holds;

/* What a new thread is to do. */
struct errand {
    void *(*work)(void *context);
    void *context;
};

static void hold(sigset_t *before)
{
    static const int own_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t held;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof own_faults / sizeof *own_faults; i++)
        sigdelset(&held, own_faults[i]);
    (void)pthread_sigmask(SIG_BLOCK, &held, before);
}

static void *begin(void *argument)
{
    const struct errand errand = *(const struct errand *)argument;
    free(argument);
    holds = 1;
    return errand.work(errand.context);
}

int ccrnn_thread_start(pthread_t *thread, void *(*work)(void *context), void *context)
{
    sigset_t before;
    struct errand *const errand = malloc(sizeof *errand);
    if (errand == NULL)
        return ENOMEM;
    *errand = (struct errand){work, context};
    hold(&before); /* the new thread begins with the mask of this one */
    const int error = pthread_create(thread, NULL, begin, errand);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        free(errand);
    return error;
}

void ccrnn_signals_hold(sigset_t *before)
{
    if (holds++ == 0)
        hold(before);
}

void ccrnn_signals_release(const sigset_t *before)
{
    if (--holds == 0)
        (void)pthread_sigmask(SIG_SETMASK, before, NULL);
}
