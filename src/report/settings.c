/* What differs between the arms, and what all of them share. */
#include "report/page.h"

#include <string.h>

#include "base/error.h"

/* The run that speaks for an arm: its first one with settings; NULL if there is none. */
static const struct ccrnn_report_run *speaker(const struct ccrnn_report_arm *arm)
{
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].settings > 0)
            return &arm->run[r];
    }
    return NULL;
}

/* Two values; NULL is only like NULL. */
static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool differs(const struct ccrnn_report_study *study, const char *key)
{
    for (size_t i = 1; i < study->arms; i++) {
        if (!same(ccrnn_report_setting_of(&study->arm[0], key),
                  ccrnn_report_setting_of(&study->arm[i], key)))
            return true;
    }
    return false;
}

/* All keys of all arms, each once, in order of appearance. */
struct keys {
    const char **key;
    size_t count, capacity;
};

static bool known(const struct keys *keys, const char *key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (strcmp(keys->key[i], key) == 0)
            return true;
    }
    return false;
}

static enum ccrnn_status list_keys(struct ccrnn_report_study *study, struct keys *keys,
                                   struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_run *const run = speaker(&study->arm[i]);
        for (size_t s = 0; run != NULL && s < run->settings; s++) {
            const char *const key = run->setting[s].key;
            /* these name a run rather than describe it */
            if (known(keys, key) || strcmp(key, "seed") == 0 || strcmp(key, "arm") == 0)
                continue;
            void *array = keys->key;
            CCRNN_TRY(ccrnn_report_pool_grow(&study->pool, &array, keys->count, &keys->capacity,
                                             sizeof *keys->key, err));
            keys->key = array;
            keys->key[keys->count++] = key;
        }
    }
    return CCRNN_OK;
}

static void add_differences(struct ccrnn_report_text *page,
                            const struct ccrnn_report_study *study, const struct keys *keys)
{
    ccrnn_report_add(page,
                     "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Arm</th>");
    for (size_t k = 0; k < keys->count; k++) {
        if (!differs(study, keys->key[k]))
            continue;
        ccrnn_report_add(page, "<th scope=\"col\"><code>");
        ccrnn_report_add_html(page, keys->key[k]);
        ccrnn_report_add(page, "</code></th>");
    }
    ccrnn_report_add(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < study->arms; i++) {
        ccrnn_report_add(page, "<tr><th scope=\"row\">");
        ccrnn_report_add_html(page, study->arm[i].label);
        ccrnn_report_add(page, "</th>");
        for (size_t k = 0; k < keys->count; k++) {
            if (!differs(study, keys->key[k]))
                continue;
            const char *const value = ccrnn_report_setting_of(&study->arm[i], keys->key[k]);
            ccrnn_report_add(page, "<td>");
            ccrnn_report_add_html(page, value == NULL ? "–" : value);
            ccrnn_report_add(page, "</td>");
        }
        ccrnn_report_add(page, "</tr>\n");
    }
    ccrnn_report_add(page,
                     "</tbody></table></div>\n"
                     "<p class=\"files\">“–”: the option does not apply to this arm.</p>\n");
}

static void add_shared(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                       const struct keys *keys)
{
    ccrnn_report_add(page, "<details><summary>Settings all arms share</summary>\n"
                           "<div class=\"scroll\"><table><tbody>\n");
    for (size_t k = 0; k < keys->count; k++) {
        if (differs(study, keys->key[k]))
            continue;
        ccrnn_report_add(page, "<tr><th scope=\"row\"><code>");
        ccrnn_report_add_html(page, keys->key[k]);
        ccrnn_report_add(page, "</code></th><td class=\"text\">");
        ccrnn_report_add_html(page, ccrnn_report_setting_of(&study->arm[0], keys->key[k]));
        ccrnn_report_add(page, "</td></tr>\n");
    }
    ccrnn_report_add(page, "</tbody></table></div></details>\n");
}

enum ccrnn_status ccrnn_report_add_settings(struct ccrnn_report_text *page,
                                            struct ccrnn_report_study *study,
                                            struct ccrnn_error *err)
{
    struct keys keys = {0};
    size_t different = 0;
    CCRNN_TRY(list_keys(study, &keys, err));
    ccrnn_report_add(page, "<h2 id=\"arms\">The arms</h2>\n");
    if (keys.count == 0) {
        ccrnn_report_add(page, "<p>No run’s config.yaml could be read.</p>\n");
        return CCRNN_OK;
    }
    for (size_t k = 0; k < keys.count; k++)
        different += differs(study, keys.key[k]);
    if (different > 0)
        add_differences(page, study, &keys);
    else if (study->arms > 1)
        ccrnn_report_add(page, "<p>All arms have the same settings.</p>\n");
    if (different < keys.count)
        add_shared(page, study, &keys);
    return CCRNN_OK;
}
