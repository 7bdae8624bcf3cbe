#include "report/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

#define SVG_SIZE_MAX ((size_t)256 << 20)

/* If `at` begins something that names or uses an id, its length up to where the id begins. */
static size_t id_prefix(const char *at)
{
    static const char *const forms[] = {"id=\"", "id='", "href=\"#", "href='#", "url(#"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strncmp(at, forms[i], strlen(forms[i])) == 0)
            return strlen(forms[i]);
    }
    return 0;
}

/* An SVG without its prologue and its title (browsers would show it as a tooltip), with ids made
 * unique in the page: every gnuplot file uses the same ones. */
static void add_svg(struct ccrnn_report_text *page, const struct ccrnn_report_figure *figure,
                    const char *svg)
{
    static const char title[] = "<title>Gnuplot</title>";
    const char *at = strstr(svg, "<svg");
    if (at == NULL)
        return;
    ccrnn_report_add(page, "<svg role=\"img\" aria-label=\"");
    ccrnn_report_add_html(page, figure->alt);
    ccrnn_report_add(page, "\"");
    bool in_tag = true;
    for (at += strlen("<svg"); *at != '\0';) {
        if (strncmp(at, title, strlen(title)) == 0) {
            at += strlen(title);
            continue;
        }
        const size_t prefix = in_tag ? id_prefix(at) : 0;
        if (prefix > 0) {
            ccrnn_report_add_bytes(page, at, prefix);
            ccrnn_report_add(page, "%s-", figure->name);
            at += prefix;
            continue;
        }
        if (*at == '<' || *at == '>')
            in_tag = *at == '<';
        ccrnn_report_add_bytes(page, at++, 1);
    }
}

static enum ccrnn_status read_svg(struct ccrnn_report_text *page,
                                  const struct ccrnn_report_figure *figure, const char *directory,
                                  struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX], name[128];
    uint8_t *bytes;
    size_t size;
    (void)ccrnn_format(name, sizeof name, "%s.svg", figure->name);
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, name, err));
    CCRNN_TRY(ccrnn_file_read(path, SVG_SIZE_MAX, &bytes, &size, err));
    ccrnn_report_add(page, "<div class=\"drawing\" tabindex=\"0\">\n");
    add_svg(page, figure, (const char *)bytes);
    ccrnn_report_add(page, "</div>\n");
    free(bytes);
    return CCRNN_OK;
}

static void add_files(struct ccrnn_report_text *page, const struct ccrnn_report_figure *figure,
                      bool drawn)
{
    ccrnn_report_add(page, "<p class=\"files\">Files:");
    if (drawn)
        ccrnn_report_add(
            page, " <a href=\"figures/%s.svg\">svg</a>, <a href=\"figures/%s.pdf\">pdf</a>,",
            figure->name, figure->name);
    ccrnn_report_add(page, " <a href=\"figures/%s.gp\">gnuplot script</a>", figure->name);
    for (size_t i = 0; i < 2 && figure->data[i] != NULL; i++)
        ccrnn_report_add(page, ", <a href=\"figures/%s\">%s</a>", figure->data[i],
                         figure->data[i]);
    ccrnn_report_add(page, "</p>\n");
}

static enum ccrnn_status add_figure(struct ccrnn_report_text *page,
                                    const struct ccrnn_report_figure *figure,
                                    const char *directory, bool drawn, struct ccrnn_error *err)
{
    if (!figure->present)
        return CCRNN_OK;
    ccrnn_report_add(page, "<figure>\n");
    if (drawn)
        CCRNN_TRY(read_svg(page, figure, directory, err));
    ccrnn_report_add(page, "<figcaption>%s</figcaption>\n", figure->caption);
    add_files(page, figure, drawn);
    ccrnn_report_add(page, "</figure>\n");
    return CCRNN_OK;
}

static void add_head(struct ccrnn_report_text *page, const struct ccrnn_report_study *study)
{
    ccrnn_report_add(page,
                     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, "
                     "initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\""
                     "default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n<title>");
    ccrnn_report_add_html(page, study->name);
    ccrnn_report_add(page, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>",
                     ccrnn_report_style);
    ccrnn_report_add_html(page, study->name);
    ccrnn_report_add(page, "</h1>\n");
    if (*study->description != '\0') {
        ccrnn_report_add(page, "<p class=\"description\">");
        ccrnn_report_add_html(page, study->description);
        ccrnn_report_add(page, "</p>\n");
    }
    ccrnn_report_add(page, "</header>\n");
}

static const struct ccrnn_report_figure *find_figure(const struct ccrnn_report_figure *figure,
                                                     size_t figures, const char *name)
{
    for (size_t i = 0; i < figures; i++) {
        if (strcmp(figure[i].name, name) == 0)
            return &figure[i];
    }
    return NULL;
}

/* Each measure at the end of training: its figure and its tables. */
static enum ccrnn_status add_finals(struct ccrnn_report_text *page,
                                    struct ccrnn_report_study *study,
                                    const struct ccrnn_report_figure *figure, size_t figures,
                                    const char *directory, bool drawn, struct ccrnn_error *err)
{
    ccrnn_report_add(page, "<h2 id=\"results\">After training</h2>\n");
    for (size_t m = 0; m < ccrnn_report_final_count; m++) {
        const struct ccrnn_report_measure *const measure = &ccrnn_report_finals[m];
        const struct ccrnn_report_figure *const its = find_figure(figure, figures, measure->name);
        if (!ccrnn_report_has_data(study, ccrnn_report_series_of(study, measure)))
            continue;
        ccrnn_report_add(page, "<h3>%s</h3>\n", measure->title);
        if (its != NULL)
            CCRNN_TRY(add_figure(page, its, directory, drawn, err));
        CCRNN_TRY(ccrnn_report_add_tables(page, study, measure, err));
    }
    ccrnn_report_add(page, "<p class=\"files\">All tables: <a href=\"tables/summary.csv\">"
                           "summary.csv</a>, <a href=\"tables/comparisons.csv\">comparisons.csv"
                           "</a></p>\n");
    return CCRNN_OK;
}

static enum ccrnn_status add_body(struct ccrnn_report_text *page,
                                  struct ccrnn_report_study *study,
                                  const struct ccrnn_report_figure *figure, size_t figures,
                                  const char *directory, bool drawn, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_report_add_summary(page, study, err));
    ccrnn_report_add_notes(page, study);
    ccrnn_report_add(page,
                     "<nav>%s%s<a href=\"#arms\">The arms</a>"
                     "<a href=\"#provenance\">How this was made</a>"
                     "<a href=\"#unfinished\">Runs not finished</a>"
                     "<a href=\"#methods\">Measures and statistics</a></nav>\n<main>\n",
                     study->used > 0 ? "<a href=\"#learning\">Learning</a>" : "",
                     study->preview ? "" : "<a href=\"#results\">After training</a>");
    if (study->used > 0)
        ccrnn_report_add(page, "<h2 id=\"learning\">Learning</h2>\n");
    for (size_t i = 0; i < ccrnn_report_curve_count + 1; i++) {
        if (!figure[i].present)
            continue;
        ccrnn_report_add(page, "<h3>%s</h3>\n", figure[i].title);
        CCRNN_TRY(add_figure(page, &figure[i], directory, drawn, err));
    }
    if (!study->preview)
        CCRNN_TRY(add_finals(page, study, figure, figures, directory, drawn, err));
    CCRNN_TRY(ccrnn_report_add_settings(page, study, err));
    CCRNN_TRY(ccrnn_report_add_provenance(page, study, err));
    ccrnn_report_add_unfinished(page, study);
    ccrnn_report_add_methods(page, study);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_page_write(struct ccrnn_report_study *study,
                                          const struct ccrnn_report_figure *figure,
                                          size_t figures, const char *figure_directory,
                                          bool drawn, const char *staging,
                                          struct ccrnn_error *err)
{
    struct ccrnn_report_text page = {0};
    add_head(&page, study);
    enum ccrnn_status status =
        add_body(&page, study, figure, figures, figure_directory, drawn, err);
    ccrnn_report_add(&page,
                     "</main>\n<footer><p>Written by ccrnn %s. This page is complete in itself; "
                     "its links lead to the files beside it.</p></footer>\n</body>\n</html>\n",
                     ccrnn_version());
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&page, staging, "report.html", err);
    ccrnn_report_text_release(&page);
    return status;
}
