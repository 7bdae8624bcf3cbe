#include "split.h"

#include "base/error.h"
#include "cli/stop.h"
#include "exchange.h"
#include "ranks.h"
#include "study/together.h"

static bool wants_stop(void *context)
{
    (void)context;
    return cli_stop_asked();
}

static enum ccrnn_status conduct(struct cli_run_opened *opened, struct ccrnn_together *together,
                                 struct ccrnn_error *err)
{
    opened->how.together = together;
    const enum ccrnn_status status = cli_study_train(opened->study, &opened->how, NULL, err);
    ccrnn_together_leave(together);
    return status;
}

static void follow(struct cli_run_opened *opened, struct ccrnn_together *together)
{
    const struct ccrnn_follower follower = {
        .study = opened->study,
        .data = opened->data,
        .threads = (int)opened->how.jobs,
        .stop = wants_stop,
    };
    cli_catch_signals(opened->how.stop_after);
    ccrnn_together_follow(together, &follower);
}

static enum ccrnn_status train(struct cli_run_opened *opened, struct exchange *exchange,
                               struct ccrnn_error *err)
{
    struct ccrnn_together *together = NULL;
    enum ccrnn_status status = ccrnn_together_open(exchange_ranks(exchange), &together, err);
    CCRNN_TRY(ranks_agree("run", status, err));
    if (ranks_self() == 0)
        status = conduct(opened, together, err);
    else
        follow(opened, together);
    ccrnn_together_close(together);
    return status;
}

enum ccrnn_status split_train(struct cli_run_opened *opened, struct ccrnn_error *err)
{
    struct exchange *exchange = NULL;
    if (ranks_count() == 1)
        return cli_study_train(opened->study, &opened->how, NULL, err);
    enum ccrnn_status status = exchange_begin(MPI_COMM_WORLD, &exchange, err);
    status = ranks_agree("run", status, err);
    if (status == CCRNN_OK)
        status = train(opened, exchange, err);
    exchange_end(exchange);
    return status;
}
