#include "report/task.h"

#include <string.h>

#include "base/error.h"
#include "report/sweep.h"
#include "report/text.h"

#define LINE_LENGTH "length units"

static const char caption_remark[] =
    "Test values are those of the weights of each run’s best epoch, the one with the lowest "
    "validation loss. Scores compare the caption a network says by itself, always the most "
    "probable word next, with everything people said about the image; loss and accuracy are "
    "measured while it is given the true words. Short, medium and long are thirds of the test "
    "images by the mean length of their references. In classes.csv the class of a score is 0, "
    "1 or 2 for short, medium or long; that of bits per word is the word’s position, 1 being "
    "the first after &lt;start&gt;.";

static const struct ccrnn_report_task tasks[] = {
    {.name = "line-drawing",
     .title = "Simple line drawing",
     .class_noun = "cue",
     .length = LINE_LENGTH,
     .remark = ""},
    {.name = "online-line-drawing",
     .title = "Online line drawing",
     .class_noun = "digit",
     .length = LINE_LENGTH,
     .remark = "",
     .headline = "final-validation-error"},
    {.name = "online-digit-drawing",
     .title = "Online digit drawing",
     .class_noun = "digit",
     .length = "template heights",
     .remark = "Lengths are in heights of a template, which is a square; the published figures "
               "show errors multiplied by 100.",
     .headline = "final-validation-error",
     .templates = true},
    {.name = "visual-discrimination",
     .title = "Online visual discrimination",
     .class_noun = "digit",
     .length = LINE_LENGTH,
     .remark = "",
     .headline = "test-accuracy",
     .answers = true},
    {.name = "captions",
     .title = "Image captioning",
     .class_noun = "class",
     .length = LINE_LENGTH,
     .remark = caption_remark,
     .headline = "test-bits-per-word",
     .captions = true},
};

static const struct ccrnn_report_task unknown = {.name = "",
                                                 .title = "Unknown task",
                                                 .class_noun = "cue",
                                                 .length = LINE_LENGTH,
                                                 .remark = ""};

const struct ccrnn_report_task *ccrnn_report_task_number(size_t number)
{
    return number < sizeof tasks / sizeof tasks[0] ? &tasks[number] : NULL;
}

const struct ccrnn_report_task *ccrnn_report_task_of(const char *name)
{
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
        if (strcmp(tasks[i].name, name) == 0)
            return &tasks[i];
    }
    return &unknown;
}

/* Files of a known task begin with its name; nothing of a foreign file enters a path. */
static enum ccrnn_status name_view(struct ccrnn_report_study *view, const char *task,
                                   size_t number, bool several, struct ccrnn_error *err)
{
    struct ccrnn_report_text prefix = {0}, title = {0};
    view->task = ccrnn_report_task_of(task);
    const bool known = view->task != &unknown;
    if (known)
        ccrnn_report_add(&prefix, "%s-", view->task->name);
    else
        ccrnn_report_add(&prefix, "task-%zu-", number + 1);
    ccrnn_report_add(&title, "%s%s", view->task->title, known || *task == '\0' ? "" : " ");
    if (!known)
        ccrnn_report_add(&title, "%s", task);
    enum ccrnn_status status = ccrnn_report_text_check(&prefix, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_text_check(&title, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&view->pool, title.bytes, &view->title, err);
    if (status == CCRNN_OK)
        status =
            ccrnn_report_pool_text(&view->pool, several ? prefix.bytes : "", &view->prefix, err);
    ccrnn_report_text_release(&prefix);
    ccrnn_report_text_release(&title);
    return status;
}

/* Arms of `task` (NULL: all arms) as a study of their own. */
static enum ccrnn_status fill_view(const struct ccrnn_report_study *study, const char *task,
                                   struct ccrnn_report_study *view, struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(&view->pool, study->arms, sizeof *view->arm, &memory, err));
    view->arm = memory;
    view->directory = study->directory;
    view->name = study->name;
    view->description = study->description;
    view->scale = study->scale;
    view->scales = study->scales;
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        if (task != NULL && strcmp(arm->task, task) != 0)
            continue;
        view->arm[view->arms++] = *arm;
        view->runs += arm->runs;
        view->used += arm->used;
        for (size_t r = 0; r < arm->runs; r++)
            view->count[arm->run[r].state]++;
    }
    view->preview = view->count[CCRNN_REPORT_DONE] == 0;
    return ccrnn_report_find_sweep(view, err);
}

/* Different tasks in order of appearance; arms that name none count only if they have values. */
static size_t list_tasks(const struct ccrnn_report_study *study, const char **task)
{
    size_t count = 0;
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        size_t k = 0;
        while (k < count && strcmp(task[k], arm->task) != 0)
            k++;
        if (k == count && (*arm->task != '\0' || arm->used > 0))
            task[count++] = arm->task;
    }
    return count;
}

enum ccrnn_status ccrnn_report_split(struct ccrnn_report_study *study,
                                     struct ccrnn_report_study **view, size_t *views,
                                     struct ccrnn_error *err)
{
    void *memory;
    *views = 0;
    *view = NULL;
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, study->arms + 1, sizeof(char *), &memory, err));
    const char **const task = memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->arms + 1, sizeof **view, &memory, err));
    *view = memory;
    const size_t count = list_tasks(study, task);
    const bool single = count < 2;
    for (size_t i = 0; i < (single ? 1 : count); i++) {
        struct ccrnn_report_study *const part = &(*view)[(*views)++];
        CCRNN_TRY(name_view(part, count == 0 ? "" : task[i], i, !single, err));
        CCRNN_TRY(fill_view(study, single ? NULL : task[i], part, err));
    }
    return CCRNN_OK;
}

void ccrnn_report_views_release(struct ccrnn_report_study *view, size_t views)
{
    for (size_t i = 0; i < views; i++)
        ccrnn_report_pool_release(&view[i].pool);
}
