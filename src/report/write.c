/* From a study's directory to its report. */
#include "ccrnn/report.h"

#include "base/error.h"
#include "report/collect.h"
#include "report/figures.h"
#include "report/output.h"
#include "report/page.h"
#include "report/task.h"

typedef enum ccrnn_status write_figure(struct ccrnn_report_study *study, const char *directory,
                                       struct ccrnn_report_figure *figure,
                                       struct ccrnn_error *err);
typedef enum ccrnn_status write_measure(struct ccrnn_report_study *study,
                                        const struct ccrnn_report_measure *measure,
                                        const char *directory, struct ccrnn_report_figure *figure,
                                        struct ccrnn_error *err);

static enum ccrnn_status add(write_figure *write, struct ccrnn_report_section *section,
                             const char *directory, struct ccrnn_error *err)
{
    return write(section->shown, directory, &section->figure[section->figures++], err);
}

static enum ccrnn_status add_measure(write_measure *write, struct ccrnn_report_section *section,
                                     const char *name, const char *directory,
                                     struct ccrnn_error *err)
{
    return write(section->shown, ccrnn_report_final(name), directory,
                 &section->figure[section->figures++], err);
}

/* All figures of a task, in the order of the page. */
static enum ccrnn_status write_figures(struct ccrnn_report_section *section,
                                       const char *directory, struct ccrnn_error *err)
{
    struct ccrnn_report_study *const study = section->shown;
    for (size_t i = 0; i < ccrnn_report_curve_count; i++)
        CCRNN_TRY(ccrnn_report_figure_curves(study, &ccrnn_report_curves[i], directory,
                                             &section->figure[section->figures++], err));
    CCRNN_TRY(add(ccrnn_report_figure_drawings, section, directory, err));
    CCRNN_TRY(add(ccrnn_report_figure_unfolding, section, directory, err));
    if (study->preview)
        return CCRNN_OK;
    if (section->shown == section->study)
        CCRNN_TRY(add(ccrnn_report_figure_horizon, section, directory, err));
    for (size_t i = 0; i < ccrnn_report_final_count; i++) {
        if (ccrnn_report_finals[i].panel == NULL)
            CCRNN_TRY(ccrnn_report_figure_dots(study, &ccrnn_report_finals[i], directory,
                                               &section->figure[section->figures++], err));
    }
    CCRNN_TRY(add_measure(ccrnn_report_figure_classes, section, "roughness", directory, err));
    CCRNN_TRY(add_measure(ccrnn_report_figure_classes, section, "uncertainty", directory, err));
    CCRNN_TRY(add(ccrnn_report_figure_lengths, section, directory, err));
    CCRNN_TRY(add(ccrnn_report_figure_positions, section, directory, err));
    CCRNN_TRY(add(ccrnn_report_figure_family, section, directory, err));
    CCRNN_TRY(add(ccrnn_report_figure_examples, section, directory, err));
    return add(ccrnn_report_figure_confusion, section, directory, err);
}

/* Say under each figure of a few arms which they are. */
static enum ccrnn_status name_shown(struct ccrnn_report_section *section, struct ccrnn_error *err)
{
    for (size_t i = 0; i < section->figures; i++) {
        struct ccrnn_report_figure *const figure = &section->figure[i];
        struct ccrnn_report_text caption = {0};
        if (!figure->present)
            continue;
        ccrnn_report_add(&caption, "%s ", figure->caption);
        ccrnn_report_add_shown(&caption, section->study, &section->ranking, section->shown,
                               figure->learning && figure->measure != NULL);
        enum ccrnn_status status = ccrnn_report_text_check(&caption, err);
        if (status == CCRNN_OK)
            status = ccrnn_report_pool_text(&section->study->pool, caption.bytes,
                                            &figure->caption, err);
        ccrnn_report_text_release(&caption);
        CCRNN_TRY(status);
    }
    return CCRNN_OK;
}

/* Of many arms figures and tables show the best and worst few, but for those made for many. */
static enum ccrnn_status choose_shown(struct ccrnn_report_section *section,
                                      struct ccrnn_error *err)
{
    section->shown = section->study;
    if (!ccrnn_report_is_many(section->study))
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_rank(section->study, &section->ranking, err));
    CCRNN_TRY(ccrnn_report_choose_few(section->study, &section->ranking, &section->few, err));
    section->shown = &section->few;
    return CCRNN_OK;
}

static enum ccrnn_status draw_figures(const struct ccrnn_report_section *section,
                                      const char *directory, struct ccrnn_error *err)
{
    for (size_t i = 0; i < section->figures; i++) {
        if (section->figure[i].present && section->figure[i].block == NULL)
            CCRNN_TRY(ccrnn_report_run_gnuplot(directory, section->figure[i].name, err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status write_section(struct ccrnn_report_section *section,
                                       struct ccrnn_report_output *output, bool draw,
                                       struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(&section->study->pool, CCRNN_REPORT_FIGURES_MAX,
                                     sizeof *section->figure, &memory, err));
    section->figure = memory;
    CCRNN_TRY(choose_shown(section, err));
    CCRNN_TRY(write_figures(section, output->figures, err));
    if (section->shown != section->study) {
        CCRNN_TRY(name_shown(section, err));
        if (!section->study->preview)
            CCRNN_TRY(ccrnn_report_figure_options(section->study, &section->ranking,
                                                  output->figures,
                                                  &section->figure[section->figures++], err));
        CCRNN_TRY(
            ccrnn_report_ranking_write(section->study, &section->ranking, output->tables, err));
    }
    if (draw)
        CCRNN_TRY(draw_figures(section, output->figures, err));
    return ccrnn_report_tables_write(section->study, output->tables, err);
}

static enum ccrnn_status write_sections(struct ccrnn_report_study *study,
                                        struct ccrnn_report_section *section, size_t sections,
                                        struct ccrnn_report_output *output, bool draw,
                                        struct ccrnn_error *err)
{
    for (size_t i = 0; i < sections; i++)
        CCRNN_TRY(write_section(&section[i], output, draw, err));
    return ccrnn_report_page_write(study, section, sections, output->figures, draw,
                                   output->staging, err);
}

static enum ccrnn_status write_all(struct ccrnn_report_study *study,
                                   struct ccrnn_report_study *view, size_t views,
                                   struct ccrnn_report_output *output, bool draw,
                                   struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, views, sizeof(struct ccrnn_report_section),
                                     &memory, err));
    struct ccrnn_report_section *const section = memory;
    for (size_t i = 0; i < views; i++)
        section[i].study = &view[i];
    const enum ccrnn_status status = write_sections(study, section, views, output, draw, err);
    for (size_t i = 0; i < views; i++)
        ccrnn_report_pool_release(&section[i].few.pool);
    return status == CCRNN_OK ? ccrnn_report_output_publish(output, err) : status;
}

static void fill(const struct ccrnn_report_study *study, struct ccrnn_report_outcome *outcome)
{
    const size_t *const count = study->count;
    outcome->arms = (unsigned)study->wanted_arms;
    outcome->runs = (unsigned)(study->runs + study->absents);
    outcome->missing = (unsigned)study->absents;
    outcome->strangers = (unsigned)study->strangers;
    outcome->spares = (unsigned)study->spares;
    outcome->indexed = study->indexed;
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
    struct ccrnn_report_study study = {0}, *view = NULL;
    struct ccrnn_report_output output = {0};
    size_t views = 0;
    enum ccrnn_status status = ccrnn_report_collect(study_directory, &study, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_split(&study, &view, &views, err);
    if (status == CCRNN_OK) {
        status = ccrnn_report_output_open(&output, study_directory, chosen->out, err);
        if (status == CCRNN_OK)
            status = write_all(&study, view, views, &output, !chosen->no_figures, err);
        ccrnn_report_output_close(&output, status != CCRNN_OK);
    }
    if (status == CCRNN_OK && chosen->outcome != NULL)
        fill(&study, chosen->outcome);
    ccrnn_report_views_release(view, views);
    ccrnn_report_study_release(&study);
    return status;
}
