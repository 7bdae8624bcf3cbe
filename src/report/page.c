#include "report/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "report/claims.h"

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
    const char *separator = "";
    ccrnn_report_add(page, "<p class=\"files\">Files: ");
    if (drawn && figure->block == NULL)
        ccrnn_report_add(
            page, "<a href=\"figures/%s.svg\">svg</a>, <a href=\"figures/%s.pdf\">pdf</a>, ",
            figure->name, figure->name);
    if (figure->block == NULL) {
        ccrnn_report_add(page, "<a href=\"figures/%s.gp\">gnuplot script</a>", figure->name);
        separator = ", ";
    }
    for (size_t i = 0; i < 2 && figure->data[i] != NULL; i++) {
        ccrnn_report_add(page, "%s<a href=\"figures/%s\">%s</a>", separator, figure->data[i],
                         figure->data[i]);
        separator = ", ";
    }
    ccrnn_report_add(page, "</p>\n");
}

/* What the parts of a page's sections need. */
struct place {
    const char *directory; /* of the figures */
    const struct ccrnn_report_claims *claims;
    const char *unreadable; /* why there are no claims to show, or "" */
    bool drawn;
    bool several; /* sections: headings are one level lower, and each has a title */
};

static enum ccrnn_status add_figure(struct ccrnn_report_text *page,
                                    const struct ccrnn_report_figure *figure,
                                    const struct place *place, struct ccrnn_error *err)
{
    if (!figure->present) {
        if (figure->damaged > 0)
            ccrnn_report_add(page,
                             "<p>This figure is missing: the files of %zu %s could not be "
                             "read.</p>\n",
                             figure->damaged, figure->damaged == 1 ? "run" : "runs");
        return CCRNN_OK;
    }
    if (figure->block != NULL) {
        ccrnn_report_add(page, "<p>%s</p>\n%s", figure->caption, figure->block);
        add_files(page, figure, place->drawn);
        return CCRNN_OK;
    }
    ccrnn_report_add(page, "<figure>\n");
    if (place->drawn)
        CCRNN_TRY(read_svg(page, figure, place->directory, err));
    ccrnn_report_add(page, "<figcaption>%s</figcaption>\n", figure->caption);
    add_files(page, figure, place->drawn);
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

static bool has_tables(const struct ccrnn_report_study *study,
                       const struct ccrnn_report_figure *figure)
{
    return !figure->learning && figure->measure != NULL &&
           ccrnn_report_shows(study, figure->measure);
}

/* The figures among the curves, or those of the results, each with its tables. */
static enum ccrnn_status add_figures(struct ccrnn_report_text *page,
                                     const struct ccrnn_report_section *section, bool learning,
                                     const struct place *place, struct ccrnn_error *err)
{
    const char level = place->several ? '4' : '3';
    for (size_t i = 0; i < section->figures; i++) {
        const struct ccrnn_report_figure *const figure = &section->figure[i];
        const bool tables = has_tables(section->shown, figure);
        if (figure->learning != learning || figure->ranking ||
            (!figure->present && !tables && figure->damaged == 0))
            continue;
        ccrnn_report_add(page, "<h%c>%s</h%c>\n", level, figure->title, level);
        CCRNN_TRY(add_figure(page, figure, place, err));
        if (tables)
            CCRNN_TRY(ccrnn_report_add_tables(page, section->shown, figure->measure, err));
        if (figure->family && figure->present)
            CCRNN_TRY(ccrnn_report_add_family(page, section->shown, err));
        if (figure->lengths && figure->present)
            CCRNN_TRY(ccrnn_report_add_lengths(page, section->shown, err));
    }
    return CCRNN_OK;
}

static void add_table_files(struct ccrnn_report_text *page,
                            const struct ccrnn_report_section *section)
{
    const char *const prefix = section->study->prefix;
    ccrnn_report_add(page,
                     "<p class=\"files\">All tables: <a href=\"tables/%ssummary.csv\">"
                     "%ssummary.csv</a>, <a href=\"tables/%scomparisons.csv\">%scomparisons.csv"
                     "</a>",
                     prefix, prefix, prefix, prefix);
    if (ccrnn_report_has_classes(section->study))
        ccrnn_report_add(page, ", per class: <a href=\"tables/%sclasses.csv\">%sclasses.csv</a>",
                         prefix, prefix);
    ccrnn_report_add(page, "</p>\n");
}

/* Of many arms: what the options do, and all arms, best first. */
static enum ccrnn_status add_ranking(struct ccrnn_report_text *page,
                                     const struct ccrnn_report_section *section,
                                     const struct place *place, struct ccrnn_error *err)
{
    const char level = place->several ? '3' : '2';
    if (section->shown == section->study || section->study->preview)
        return CCRNN_OK;
    ccrnn_report_add(page, "<h%c id=\"%sranking\">All %zu arms</h%c>\n", level,
                     section->study->prefix, section->study->arms, level);
    for (size_t i = 0; i < section->figures; i++) {
        if (section->figure[i].ranking)
            CCRNN_TRY(add_figure(page, &section->figure[i], place, err));
    }
    return ccrnn_report_add_ranking(page, section->study, &section->ranking, err);
}

static enum ccrnn_status add_section(struct ccrnn_report_text *page,
                                     const struct ccrnn_report_section *section,
                                     const struct place *place, struct ccrnn_error *err)
{
    struct ccrnn_report_study *const study = section->study;
    const char level = place->several ? '3' : '2';
    if (place->several) {
        ccrnn_report_add(page, "<h2 id=\"%stask\">", study->prefix);
        ccrnn_report_add_html(page, study->title);
        ccrnn_report_add(page, "</h2>\n");
        CCRNN_TRY(ccrnn_report_add_summary(page, study, err));
        if (study->preview)
            ccrnn_report_add(page, "<p>Preview: no run of this task is finished yet.</p>\n");
    }
    CCRNN_TRY(add_ranking(page, section, place, err));
    if (study->used > 0)
        ccrnn_report_add(page, "<h%c id=\"%slearning\">Learning</h%c>\n", level, study->prefix,
                         level);
    CCRNN_TRY(add_figures(page, section, true, place, err));
    if (study->preview)
        return CCRNN_OK;
    ccrnn_report_add(page, "<h%c id=\"%sresults\">After training</h%c>\n", level, study->prefix,
                     level);
    CCRNN_TRY(add_figures(page, section, false, place, err));
    add_table_files(page, section);
    return CCRNN_OK;
}

static void add_navigation(struct ccrnn_report_text *page,
                           const struct ccrnn_report_section *section, size_t sections,
                           const struct place *place)
{
    ccrnn_report_add(page, "<nav>");
    if (place->claims->count > 0)
        ccrnn_report_add(page, "<a href=\"#claims\">Claims</a>");
    for (size_t i = 0; i < sections && sections > 1; i++) {
        ccrnn_report_add(page, "<a href=\"#%stask\">", section[i].study->prefix);
        ccrnn_report_add_html(page, section[i].study->title);
        ccrnn_report_add(page, "</a>");
    }
    if (sections == 1 && section->shown != section->study && !section->study->preview)
        ccrnn_report_add(page, "<a href=\"#ranking\">All arms</a>");
    if (sections == 1 && section->study->used > 0)
        ccrnn_report_add(page, "<a href=\"#learning\">Learning</a>");
    if (sections == 1 && !section->study->preview)
        ccrnn_report_add(page, "<a href=\"#results\">After training</a>");
    ccrnn_report_add(page, "<a href=\"#arms\">The arms</a>"
                           "<a href=\"#provenance\">How this was made</a>"
                           "<a href=\"#unfinished\">Runs not finished</a>"
                           "<a href=\"#methods\">Measures and statistics</a></nav>\n<main>\n");
}

static enum ccrnn_status add_body(struct ccrnn_report_text *page,
                                  struct ccrnn_report_study *study,
                                  const struct ccrnn_report_section *section, size_t sections,
                                  const struct place *place, struct ccrnn_error *err)
{
    if (sections == 1)
        CCRNN_TRY(ccrnn_report_add_summary(page, section->study, err));
    ccrnn_report_add_notes(page, study, section, sections);
    add_navigation(page, section, sections, place);
    if (*place->unreadable != '\0') {
        ccrnn_report_add(page, "<p>The claims of this study cannot be shown: ");
        ccrnn_report_add_html(page, place->unreadable);
        ccrnn_report_add(page, ".</p>\n");
    }
    CCRNN_TRY(ccrnn_report_add_claims(page, place->claims, err));
    for (size_t i = 0; i < sections; i++)
        CCRNN_TRY(add_section(page, &section[i], place, err));
    CCRNN_TRY(ccrnn_report_add_settings(page, study, err));
    CCRNN_TRY(ccrnn_report_add_provenance(page, study, err));
    ccrnn_report_add_unfinished(page, study);
    ccrnn_report_add_methods(page, section, sections);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_page_write(struct ccrnn_report_study *study,
                                          const struct ccrnn_report_section *section,
                                          size_t sections, const char *figure_directory,
                                          bool drawn, const char *staging,
                                          struct ccrnn_error *err)
{
    struct ccrnn_report_text page = {0};
    struct ccrnn_report_claims claims = {0};
    struct ccrnn_error problem = {.message = ""};
    add_head(&page, study);
    /* the index only helps: without its claims there is still a report */
    enum ccrnn_status status = ccrnn_report_claims_judge(study, &claims, &problem);
    if (status == CCRNN_FORMAT) {
        ccrnn_report_claims_release(&claims);
        status = CCRNN_OK;
    } else if (status != CCRNN_OK && err != NULL)
        *err = problem;
    const struct place place = {figure_directory, &claims, problem.message, drawn, sections > 1};
    if (status == CCRNN_OK)
        status = add_body(&page, study, section, sections, &place, err);
    ccrnn_report_claims_release(&claims);
    ccrnn_report_add(&page,
                     "</main>\n<footer><p>Written by ccrnn %s. This page is complete in itself; "
                     "its links lead to the files beside it.</p></footer>\n</body>\n</html>\n",
                     ccrnn_version());
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&page, staging, "report.html", err);
    ccrnn_report_text_release(&page);
    return status;
}
