/* Figures 2, 3 and S3: what a cerebellum does for drawing and naming. */
#include <string.h>

#include "base/error.h"
#include "report/paper_figures.h"

#define TOP (CCRNN_PAPER_LEGEND + 1.0)
#define TASKS_MAX 5

static const char *const learners[] = {"cRNN no clip", "ccRNN no clip", "full BPTT",
                                       "cRNN",         "ccRNN",         NULL};

enum ccrnn_status ccrnn_paper_draw_simple(struct ccrnn_paper_sheet *sheet,
                                          struct ccrnn_error *err)
{
    const double row = 58.0, left = 88.0, right = CCRNN_PAPER_PAGE - left;
    const struct ccrnn_paper_cell cell[] = {{0.0, TOP, left, row},
                                            {left, TOP, right, row},
                                            {0.0, TOP + row, left, row},
                                            {left, TOP + row, right, row}};
    const struct ccrnn_paper_task *task;
    if (ccrnn_paper_tasks(sheet, &task, 1) == 0)
        return CCRNN_OK;
    sheet->width = CCRNN_PAPER_PAGE;
    sheet->height = TOP + 2.0 * row;
    CCRNN_TRY(ccrnn_paper_curves_panel(sheet, task, &cell[0], "learning", learners, err));
    CCRNN_TRY(ccrnn_paper_drawings_panel(sheet, task, &cell[1], err));
    CCRNN_TRY(ccrnn_paper_dysmetria_panel(sheet, task, &cell[2], "dysmetria", err));
    return ccrnn_paper_horizon_panel(sheet, task, &cell[3], "feedback horizon", err);
}

enum ccrnn_status ccrnn_paper_draw_online(struct ccrnn_paper_sheet *sheet,
                                          struct ccrnn_error *err)
{
    const double row = 50.0, curves = 56.0, dysmetria = 60.0;
    const double rest = CCRNN_PAPER_PAGE - curves - dysmetria;
    const struct ccrnn_paper_task *task[TASKS_MAX];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, TASKS_MAX);
    sheet->width = CCRNN_PAPER_PAGE;
    sheet->height = TOP + row * (double)tasks;
    for (size_t i = 0; i < tasks; i++) {
        const double top = TOP + row * (double)i;
        const struct ccrnn_paper_cell first = {0.0, top, curves, row};
        const struct ccrnn_paper_cell second = {curves, top, dysmetria, row};
        const struct ccrnn_paper_cell third = {curves + dysmetria, top, rest, row};
        CCRNN_TRY(
            ccrnn_paper_curves_panel(sheet, task[i], &first, task[i]->title, learners, err));
        CCRNN_TRY(ccrnn_paper_dysmetria_panel(sheet, task[i], &second, "", err));
        if (task[i]->dysmetria != NULL && strcmp(task[i]->dysmetria, "uncertainty") == 0)
            CCRNN_TRY(ccrnn_paper_answers_panel(sheet, task[i], &third, err));
        else
            CCRNN_TRY(ccrnn_paper_drawings_panel(sheet, task[i], &third, err));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_draw_horizons(struct ccrnn_paper_sheet *sheet,
                                            struct ccrnn_error *err)
{
    const double row = 66.0, width = CCRNN_PAPER_PAGE / 2.0;
    const struct ccrnn_paper_task *task[TASKS_MAX];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, TASKS_MAX);
    struct ccrnn_paper_cell cell = {0.0, TOP, width, row};
    sheet->width = CCRNN_PAPER_PAGE;
    for (size_t i = 0; i < tasks; i++) {
        sheet->height = cell.top + row;
        CCRNN_TRY(ccrnn_paper_horizon_panel(sheet, task[i], &cell, task[i]->title, err));
        const bool right = i % 2 == 1;
        cell.left = right ? 0.0 : width;
        cell.top += right ? row : 0.0;
    }
    return CCRNN_OK;
}
