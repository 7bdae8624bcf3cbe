/* From a study's directory to its report. */
#include "ccrnn/report.h"

#include "base/error.h"
#include "report/collect.h"
#include "report/figures.h"
#include "report/output.h"
#include "report/page.h"

/* Curves, drawings, finals. */
static enum ccrnn_status write_figures(struct ccrnn_report_study *study, const char *directory,
                                       struct ccrnn_report_figure *figure, size_t *count,
                                       struct ccrnn_error *err)
{
    *count = 0;
    for (size_t i = 0; i < ccrnn_report_curve_count; i++)
        CCRNN_TRY(ccrnn_report_figure_curves(study, &ccrnn_report_curves[i], directory,
                                             &figure[(*count)++], err));
    CCRNN_TRY(ccrnn_report_figure_drawings(study, directory, &figure[(*count)++], err));
    for (size_t i = 0; i < ccrnn_report_final_count && !study->preview; i++) {
        if (ccrnn_report_finals[i].figure)
            CCRNN_TRY(ccrnn_report_figure_dots(study, &ccrnn_report_finals[i], directory,
                                               &figure[(*count)++], err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status write_all(struct ccrnn_report_study *study,
                                   struct ccrnn_report_output *output, bool draw,
                                   struct ccrnn_error *err)
{
    void *memory;
    size_t count;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool,
                                     ccrnn_report_curve_count + 1 + ccrnn_report_final_count,
                                     sizeof(struct ccrnn_report_figure), &memory, err));
    struct ccrnn_report_figure *const figure = memory;
    CCRNN_TRY(write_figures(study, output->figures, figure, &count, err));
    for (size_t i = 0; i < count && draw; i++) {
        if (figure[i].present)
            CCRNN_TRY(ccrnn_report_run_gnuplot(output->figures, figure[i].name, err));
    }
    CCRNN_TRY(ccrnn_report_tables_write(study, output->tables, err));
    CCRNN_TRY(ccrnn_report_page_write(study, figure, count, output->figures, draw,
                                      output->staging, err));
    return ccrnn_report_output_publish(output, err);
}

static void fill(const struct ccrnn_report_study *study, struct ccrnn_report_outcome *outcome)
{
    const size_t *const count = study->count;
    outcome->arms = (unsigned)study->arms;
    outcome->runs = (unsigned)study->runs;
    outcome->used = (unsigned)study->used;
    outcome->unfinished =
        (unsigned)(count[CCRNN_REPORT_RUNNING] + count[CCRNN_REPORT_INTERRUPTED]);
    outcome->broken = (unsigned)(count[CCRNN_REPORT_NONFINITE] + count[CCRNN_REPORT_FAILED] +
                                 count[CCRNN_REPORT_UNREADABLE]);
}

enum ccrnn_status ccrnn_report_write(const char *study_directory,
                                     const struct ccrnn_report_options *options,
                                     struct ccrnn_error *err)
{
    const struct ccrnn_report_options standard = {0};
    const struct ccrnn_report_options *const chosen = options == NULL ? &standard : options;
    struct ccrnn_report_study study = {0};
    struct ccrnn_report_output output = {0};
    enum ccrnn_status status = ccrnn_report_collect(study_directory, &study, err);
    if (status == CCRNN_OK) {
        status = ccrnn_report_output_open(&output, study_directory, chosen->out, err);
        if (status == CCRNN_OK)
            status = write_all(&study, &output, !chosen->no_figures, err);
        ccrnn_report_output_close(&output, status != CCRNN_OK);
    }
    if (status == CCRNN_OK && chosen->outcome != NULL)
        fill(&study, chosen->outcome);
    ccrnn_report_study_release(&study);
    return status;
}
