#include "report/paper.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "report/figures.h"
#include "report/paper_figures.h"

static const struct {
    const char *name, *title;
    ccrnn_paper_draw *draw;
} figures[] = {
    {"fig2", "Simple line drawing", ccrnn_paper_draw_simple},
    {"fig3", "Three online tasks", ccrnn_paper_draw_online},
    {"figS3", "Performance against feedback horizon", ccrnn_paper_draw_horizons},
    {"fig4", "Advantage against the interval of external feedback", ccrnn_paper_draw_intervals},
    {"fig4-online", "Advantage against the interval of external feedback, online tasks",
     ccrnn_paper_draw_intervals},
    {"fig5", "Similarity of predicted feedback", ccrnn_paper_draw_similarity},
    {"fig6", "Cortico-cerebellar coupling", ccrnn_paper_draw_coupling},
    {"fig7", "Lesions of the cerebellum and of the inferior olive", ccrnn_paper_draw_lesions},
    {"fig8", "Image captioning", ccrnn_paper_draw_captions},
    {"expansion", "Expansion of the granule layer", ccrnn_paper_draw_expansion},
    {"sparsity", "Mossy fibres a granule unit", ccrnn_paper_draw_sparsity},
};

const char *ccrnn_paper_figure_name(size_t number)
{
    return number < sizeof figures / sizeof figures[0] ? figures[number].name : NULL;
}

static enum ccrnn_status unknown(const char *figure, struct ccrnn_error *err)
{
    struct ccrnn_report_text names = {0};
    for (size_t i = 0; ccrnn_paper_figure_name(i) != NULL; i++)
        ccrnn_report_add(&names, "%s%s", i == 0 ? "" : ", ", ccrnn_paper_figure_name(i));
    const enum ccrnn_status status =
        ccrnn_fail(err, CCRNN_USAGE, "There is no figure \"%s\". Expected one of: %s.", figure,
                   names.bytes == NULL ? "" : names.bytes);
    ccrnn_report_text_release(&names);
    return status;
}

static enum ccrnn_status save(const struct ccrnn_paper_sheet *sheet,
                              const struct ccrnn_report_text *text, const char *ending,
                              struct ccrnn_error *err)
{
    char name[128];
    (void)ccrnn_format(name, sizeof name, "%s%s", sheet->name, ending);
    return ccrnn_report_text_save(text, sheet->directory, name, err);
}

static enum ccrnn_status write_script(struct ccrnn_paper_sheet *sheet, struct ccrnn_error *err)
{
    struct ccrnn_report_text script = {0};
    ccrnn_report_gnuplot_begin_sheet(&script, sheet->name, sheet->title, sheet->width,
                                     sheet->height);
    ccrnn_report_add(&script, "set multiplot\n");
    ccrnn_paper_add_legend(sheet);
    ccrnn_report_add(&script, "%sunset multiplot\n",
                     sheet->body.bytes == NULL ? "" : sheet->body.bytes);
    ccrnn_report_gnuplot_end(&script);
    script.failed |= sheet->body.failed;
    const enum ccrnn_status status = save(sheet, &script, ".gp", err);
    ccrnn_report_text_release(&script);
    return status;
}

static void begin_caption(struct ccrnn_paper_sheet *sheet)
{
    const struct ccrnn_report_study *const study = sheet->study;
    ccrnn_report_add(&sheet->caption, "%s (%s). Study %s: %zu arms, %zu of %zu runs.%s\n",
                     sheet->title, sheet->name, study->name, study->arms, study->used,
                     study->runs, study->preview ? " PREVIEW: no run is finished." : "");
}

static enum ccrnn_status remove_log(const char *directory, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "gnuplot.log", err));
    (void)remove(path);
    return CCRNN_OK;
}

static enum ccrnn_status write(struct ccrnn_paper_sheet *sheet, ccrnn_paper_draw *draw,
                               struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_paper_read_arms(sheet, err));
    CCRNN_TRY(ccrnn_directory_make(sheet->directory, err));
    ccrnn_report_add(&sheet->csv, "x,y,low,high,n,seed,kind,panel,arm\n");
    begin_caption(sheet);
    CCRNN_TRY(draw(sheet, err));
    if (sheet->drawn == 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s: nothing in the runs of this study can be shown in %s. See "
                          "docs/figures.md for the arms and measures it needs.",
                          sheet->study->directory, sheet->name);
    ccrnn_report_add(&sheet->caption, "\n");
    CCRNN_TRY(save(sheet, &sheet->csv, ".csv", err));
    CCRNN_TRY(write_script(sheet, err));
    CCRNN_TRY(save(sheet, &sheet->caption, ".txt", err));
    CCRNN_TRY(ccrnn_report_run_gnuplot(sheet->directory, sheet->name, err));
    return remove_log(sheet->directory, err);
}

enum ccrnn_status ccrnn_paper_figure_write(const char *figure, const char *directory,
                                           const char *out, struct ccrnn_error *err)
{
    struct ccrnn_report_study study = {0};
    size_t i = 0;
    while (ccrnn_paper_figure_name(i) != NULL && strcmp(figures[i].name, figure) != 0)
        i++;
    if (ccrnn_paper_figure_name(i) == NULL)
        return unknown(figure, err);
    struct ccrnn_paper_sheet sheet = {.name = figures[i].name,
                                      .title = figures[i].title,
                                      .directory = out,
                                      .study = &study,
                                      .legend_left = 6.0};
    enum ccrnn_status status = ccrnn_report_collect(directory, &study, err);
    if (status == CCRNN_OK)
        status = write(&sheet, figures[i].draw, err);
    ccrnn_report_text_release(&sheet.csv);
    ccrnn_report_text_release(&sheet.body);
    ccrnn_report_text_release(&sheet.caption);
    ccrnn_report_study_release(&study);
    return status;
}
