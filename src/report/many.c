#include "report/many.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/page.h"
#include "report/sweep.h"
#include "report/task.h"

/* Groups of a sweep that have room in a figure. */
#define SWEEP_GROUPS_MOST 12
#define SWEEP_ARMS_MOST 60

bool ccrnn_report_is_many(const struct ccrnn_report_study *study)
{
    if (study->sweep && study->arms <= SWEEP_ARMS_MOST &&
        ccrnn_report_groups(study) <= SWEEP_GROUPS_MOST)
        return false;
    return study->arms > CCRNN_REPORT_ARMS_MANY;
}

const struct ccrnn_report_measure *
ccrnn_report_ranking_measure(const struct ccrnn_report_study *study)
{
    static const char *const names[] = {"final-validation-error", "final-validation-likelihood"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct ccrnn_report_measure *const measure = ccrnn_report_final(names[i]);
        if (measure != NULL && ccrnn_report_shows(study, measure))
            return measure;
    }
    return ccrnn_report_headline(study);
}

/* --- ranking ----------------------------------------------------------------------------- */

struct place {
    size_t arm;
    double value; /* lower is better; NaN last */
};

static int compare_places(const void *a, const void *b)
{
    const struct place *const x = a, *const y = b;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (!isnan(x->value) && x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->arm > y->arm) - (x->arm < y->arm);
}

static enum ccrnn_status take(struct ccrnn_report_study *study, size_t size, void *memory,
                              struct ccrnn_error *err)
{
    return ccrnn_report_pool_take(&study->pool, study->arms, size, (void **)memory, err);
}

enum ccrnn_status ccrnn_report_rank(struct ccrnn_report_study *study,
                                    struct ccrnn_report_ranking *ranking, struct ccrnn_error *err)
{
    struct place *place;
    void *scratch;
    *ranking = (struct ccrnn_report_ranking){.measure = ccrnn_report_ranking_measure(study)};
    CCRNN_TRY(take(study, sizeof *place, &place, err));
    CCRNN_TRY(take(study, sizeof *ranking->order, &ranking->order, err));
    CCRNN_TRY(take(study, sizeof *ranking->mean, &ranking->mean, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    const double sign =
        ranking->measure != NULL && ccrnn_report_higher_is_better(ranking->measure) ? -1.0 : 1.0;
    if (ranking->measure != NULL)
        ranking->series = ccrnn_report_series_of(study, ranking->measure);
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_summary s = {.mean = NAN};
        if (ranking->measure != NULL)
            ccrnn_report_summarise_arm(&study->arm[i], ranking->series, scratch, &s);
        ranking->mean[i] = s.mean;
        ranking->ranked += isfinite(s.mean);
        place[i] = (struct place){i, isfinite(s.mean) ? sign * s.mean : (double)NAN};
    }
    qsort(place, study->arms, sizeof *place, compare_places);
    for (size_t i = 0; i < study->arms; i++)
        ranking->order[i] = place[i].arm;
    return CCRNN_OK;
}

/* "#3 ccRNN": short enough for a legend; the table of all arms has the rest. */
static enum ccrnn_status label_by_rank(struct ccrnn_report_study *few, size_t place, size_t rank,
                                       const char *family, struct ccrnn_error *err)
{
    struct ccrnn_report_text label = {0};
    struct ccrnn_report_arm *const arm = &few->arm[place];
    ccrnn_report_add(&label, "#%zu %s", rank + 1, family);
    enum ccrnn_status status = ccrnn_report_text_check(&label, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&few->pool, label.bytes, &arm->label, err);
    arm->name = arm->label;
    ccrnn_report_text_release(&label);
    return status;
}

/* The worst are dashed, so that best and worst are told apart at a glance. */
static void dash_worst(struct ccrnn_report_study *few, size_t best)
{
    for (size_t i = best; i < few->arms; i++) {
        struct ccrnn_report_arm *const arm = &few->arm[i];
        arm->hue = i - best;
        arm->dash = 2;
        strcpy(arm->colour, ccrnn_report_colour(arm->hue));
    }
}

enum ccrnn_status ccrnn_report_choose_few(struct ccrnn_report_study *study,
                                          const struct ccrnn_report_ranking *ranking,
                                          struct ccrnn_report_study *few, struct ccrnn_error *err)
{
    const size_t most = CCRNN_REPORT_BEST_SHOWN + CCRNN_REPORT_WORST_SHOWN;
    const size_t of = ranking->ranked > 0 ? ranking->ranked : study->arms;
    struct ccrnn_report_varied options;
    void *memory;
    CCRNN_TRY(ccrnn_report_list_options(study, &options, err));
    *few = *study;
    few->pool = (struct ccrnn_report_pool){0};
    few->arms = few->runs = few->used = 0;
    few->sweep = false;
    memset(few->count, 0, sizeof few->count);
    CCRNN_TRY(ccrnn_report_pool_take(&few->pool, most, sizeof *few->arm, &memory, err));
    few->arm = memory;
    for (size_t i = 0; i < of; i++) {
        if (of > most && i >= CCRNN_REPORT_BEST_SHOWN && i + CCRNN_REPORT_WORST_SHOWN < of)
            continue;
        const struct ccrnn_report_arm *const arm = &study->arm[ranking->order[i]];
        few->arm[few->arms++] = *arm;
        CCRNN_TRY(label_by_rank(few, few->arms - 1, i, options.family[ranking->order[i]], err));
        few->runs += arm->runs;
        few->used += arm->used;
        for (size_t r = 0; r < arm->runs; r++)
            few->count[arm->run[r].state]++;
    }
    few->left_out = study->arms - few->arms;
    CCRNN_TRY(ccrnn_report_find_sweep(few, err));
    if (of > most)
        dash_worst(few, CCRNN_REPORT_BEST_SHOWN);
    return CCRNN_OK;
}

void ccrnn_report_add_shown(struct ccrnn_report_text *text,
                            const struct ccrnn_report_study *study,
                            const struct ccrnn_report_ranking *ranking,
                            const struct ccrnn_report_study *few, bool lines)
{
    const size_t most = CCRNN_REPORT_BEST_SHOWN + CCRNN_REPORT_WORST_SHOWN;
    if (ranking->ranked > most)
        ccrnn_report_add(text, "The %d best and %d worst%s of %zu arms by %s, #1 being the best",
                         CCRNN_REPORT_BEST_SHOWN, CCRNN_REPORT_WORST_SHOWN,
                         lines ? " (dashed)" : "", ranking->ranked, ranking->measure->noun);
    else
        ccrnn_report_add(text, "%zu of %zu arms", few->arms, study->arms);
    ccrnn_report_add(text, "; %zu are left out here.", study->arms - few->arms);
}
