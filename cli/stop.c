#include "cli/stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "base/host.h"

/* Set by the handler, read by every worker. */
static atomic_int stop_signal;

/* Set once the user knows, read by the handler. */
static atomic_bool told;

/* When to stop without a signal (monotonic seconds); 0: never. Set before there are workers. */
static double stop_time;

static void on_signal(int number)
{
    if ((stop_signal != 0 || told) && number == SIGINT)
        _exit(128 + number);
    int none = 0;
    (void)atomic_compare_exchange_strong(&stop_signal, &none, number);
}

void cli_catch_signals(uint64_t stop_after)
{
    struct sigaction action = {.sa_handler = on_signal};
    stop_time = stop_after > 0 ? ccrnn_monotonic_seconds() + (double)stop_after : 0;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

static bool time_is_up(void)
{
    return stop_time > 0 && ccrnn_monotonic_seconds() >= stop_time;
}

bool cli_stop_asked(void)
{
    return stop_signal != 0 || time_is_up();
}

void cli_stop_told(void)
{
    told = true;
}

enum cli_stop_reason cli_stop_reason(void)
{
    const int number = stop_signal;
    if (number != 0)
        return number == SIGINT ? CLI_STOP_CTRL_C : CLI_STOP_SIGNAL;
    return time_is_up() ? CLI_STOP_TIME_UP : CLI_STOP_NONE;
}
