/* What differs between the arms, and what all of them share. */
#include "report/page.h"

#include "base/error.h"
#include "report/many.h"
#include "report/varied.h"

static void add_differences(struct ccrnn_report_text *page,
                            const struct ccrnn_report_study *study,
                            const struct ccrnn_report_varied *options)
{
    const bool folded = study->arms > CCRNN_REPORT_ARMS_MANY;
    if (folded)
        ccrnn_report_add(page,
                         "<details><summary>Settings in which the %zu arms differ</summary>\n",
                         study->arms);
    ccrnn_report_add(page,
                     "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Arm</th>");
    for (size_t k = 0; k < options->keys; k++) {
        if (!options->differs[k])
            continue;
        ccrnn_report_add(page, "<th scope=\"col\"><code>");
        ccrnn_report_add_html(page, options->key[k]);
        ccrnn_report_add(page, "</code></th>");
    }
    ccrnn_report_add(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < study->arms; i++) {
        ccrnn_report_add(page, "<tr><th scope=\"row\">");
        ccrnn_report_add_html(page, study->arm[i].label);
        ccrnn_report_add(page, "</th>");
        for (size_t k = 0; k < options->keys; k++) {
            if (!options->differs[k])
                continue;
            const char *const value = ccrnn_report_option_value(options, i, k);
            ccrnn_report_add(page, "<td>");
            ccrnn_report_add_option(page, value);
            ccrnn_report_add(page, "</td>");
        }
        ccrnn_report_add(page, "</tr>\n");
    }
    ccrnn_report_add(page, "</tbody></table></div>\n"
                           "<p class=\"files\">“–”: the option does not apply to this arm");
    if (options->as_written > 0)
        ccrnn_report_add(page,
                         ", or its value is not known: %zu of %zu arms %s a config.yaml of "
                         "another version of ccrnn, of which only what it names is shown",
                         options->as_written, study->arms,
                         options->as_written == 1 ? "has" : "have");
    ccrnn_report_add(page, ".</p>\n%s", folded ? "</details>\n" : "");
}

static void add_shared(struct ccrnn_report_text *page, const struct ccrnn_report_varied *options)
{
    ccrnn_report_add(page, "<details><summary>Settings all arms share</summary>\n"
                           "<div class=\"scroll\"><table><tbody>\n");
    for (size_t k = 0; k < options->keys; k++) {
        if (options->differs[k])
            continue;
        ccrnn_report_add(page, "<tr><th scope=\"row\"><code>");
        ccrnn_report_add_html(page, options->key[k]);
        ccrnn_report_add(page, "</code></th><td class=\"text\">");
        ccrnn_report_add_option(page, ccrnn_report_option_value(options, 0, k));
        ccrnn_report_add(page, "</td></tr>\n");
    }
    ccrnn_report_add(page, "</tbody></table></div></details>\n");
}

enum ccrnn_status ccrnn_report_add_settings(struct ccrnn_report_text *page,
                                            struct ccrnn_report_study *study,
                                            struct ccrnn_error *err)
{
    struct ccrnn_report_varied options;
    size_t different = 0;
    CCRNN_TRY(ccrnn_report_list_options(study, &options, err));
    ccrnn_report_add(page, "<h2 id=\"arms\">The arms</h2>\n");
    if (options.keys == 0) {
        ccrnn_report_add(page, "<p>No run’s config.yaml could be read.</p>\n");
        return CCRNN_OK;
    }
    for (size_t k = 0; k < options.keys; k++)
        different += options.differs[k];
    if (different > 0)
        add_differences(page, study, &options);
    else if (study->arms > 1)
        ccrnn_report_add(page, "<p>All arms have the same settings.</p>\n");
    if (different < options.keys)
        add_shared(page, &options);
    return CCRNN_OK;
}
