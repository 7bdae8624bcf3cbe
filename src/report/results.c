#include "report/results.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "report/claims.h"
#include "report/paper.h"
#include "report/results_kept.h"

/* More different values of one fact than this are only counted. */
#define VALUES_SHOWN 4

enum { FIGURE_BYTES_MOST = 1 << 26 };

/* A study and what it says. */
struct result {
    struct ccrnn_report_study study;
    struct ccrnn_report_claims claims;
};

struct results {
    struct result *item; /* (count) */
    size_t count;
    struct ccrnn_results_kept kept; /* of the file there was */
    struct ccrnn_report_text text;
};

/* --- reading ----------------------------------------------------------------------------- */

static enum ccrnn_status read_all(struct results *results, const char *const *directory,
                                  size_t count, struct ccrnn_error *err)
{
    results->item = calloc(count + 1, sizeof *results->item);
    if (results->item == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for the results of %zu studies", count);
    for (size_t i = 0; i < count; i++) {
        struct result *const item = &results->item[results->count++];
        CCRNN_TRY(ccrnn_report_collect(directory[i], &item->study, err));
        CCRNN_TRY(ccrnn_report_claims_judge(&item->study, &item->claims, err));
        for (size_t k = 0; k < i; k++)
            if (strcmp(results->item[k].study.name, item->study.name) == 0)
                return ccrnn_fail(err, CCRNN_USAGE,
                                  "%s and %s are both of the study %s; name one of them",
                                  directory[k], directory[i], item->study.name);
    }
    return CCRNN_OK;
}

static struct result *find(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->item[i].study.name, name) == 0)
            return &results->item[i];
    return NULL;
}

/* --- Markdown ---------------------------------------------------------------------------- */

/* Text in a cell or a line: nothing in it ends the cell or begins markup. */
static void add_plain(struct ccrnn_report_text *text, const char *plain)
{
    for (; *plain != '\0'; plain++) {
        if (*plain == '\n' || *plain == '\r')
            ccrnn_report_add(text, " ");
        else if (*plain == '<')
            ccrnn_report_add(text, "&lt;");
        else if (strchr("|*_`[]\\", *plain) != NULL)
            ccrnn_report_add(text, "\\%c", *plain);
        else
            ccrnn_report_add_bytes(text, plain, 1);
    }
}

static void add_built(struct ccrnn_report_text *text, struct ccrnn_report_text *built)
{
    add_plain(text, built->bytes == NULL ? "" : built->bytes);
    text->failed |= built->failed;
    ccrnn_report_text_release(built);
}

static void add_duration(struct ccrnn_report_text *text, double seconds)
{
    if (seconds < 120.0)
        ccrnn_report_add(text, "%.0f s", seconds);
    else if (seconds < 7200.0)
        ccrnn_report_add(text, "%.0f min", seconds / 60.0);
    else
        ccrnn_report_add(text, "%.1f h", seconds / 3600.0);
}

static void add_seeds(struct ccrnn_report_text *text, const struct ccrnn_report_claims *claims)
{
    for (size_t first = 0, last; first < claims->seeds; first = last + 1) {
        last = first;
        while (last + 1 < claims->seeds && claims->seed[last + 1] == claims->seed[last] + 1)
            last++;
        ccrnn_report_add(text, "%s%llu", first == 0 ? "" : ", ",
                         (unsigned long long)claims->seed[first]);
        if (last > first)
            ccrnn_report_add(text, "..%llu", (unsigned long long)claims->seed[last]);
    }
}

/* --- facts of the runs ------------------------------------------------------------------- */

/* A text, or a command: of a path from the root only the end is kept, the rest is a machine's. */
static void build_fact(const struct ccrnn_report_run *run, const char *key,
                       struct ccrnn_report_text *fact)
{
    const json_t *const value = json_object_get(run->info, key);
    if (json_is_string(value))
        ccrnn_report_add(fact, "%s", json_string_value(value));
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *word = json_string_value(json_array_get(value, i));
        const char *const slash = word == NULL || *word != '/' ? NULL : strrchr(word, '/');
        if (slash != NULL)
            word = slash + 1;
        ccrnn_report_add(fact, "%s%s%s", i == 0 ? "" : " ", slash != NULL ? "…/" : "",
                         word == NULL ? "?" : word);
    }
}

/* The different values of `key` over all runs, separated by commas. */
static enum ccrnn_status add_fact(struct ccrnn_report_text *text,
                                  const struct ccrnn_report_study *study, const char *key,
                                  const char *mark, struct ccrnn_error *err)
{
    struct ccrnn_report_text seen[VALUES_SHOWN] = {{0}}, fact;
    size_t shown = 0, others = 0;
    for (size_t a = 0; a < study->arms; a++)
        for (size_t r = 0; r < study->arm[a].runs; r++) {
            size_t i = 0;
            fact = (struct ccrnn_report_text){0};
            build_fact(&study->arm[a].run[r], key, &fact);
            while (i < shown && fact.bytes != NULL && strcmp(seen[i].bytes, fact.bytes) != 0)
                i++;
            if (fact.bytes == NULL || i < shown || shown == VALUES_SHOWN) {
                others += fact.bytes != NULL && i == shown;
                text->failed |= fact.failed;
                ccrnn_report_text_release(&fact);
            } else
                seen[shown++] = fact;
        }
    for (size_t i = 0; i < shown; i++) {
        ccrnn_report_add(text, "%s%s%s%s", i == 0 ? "" : ", ", mark, seen[i].bytes, mark);
        ccrnn_report_text_release(&seen[i]);
    }
    if (others > 0)
        ccrnn_report_add(text, " and others (%zu runs)", others);
    return ccrnn_report_text_check(text, err);
}

/* --- one study --------------------------------------------------------------------------- */

static void add_claim(struct ccrnn_report_text *text, const struct ccrnn_claim *claim,
                      const struct ccrnn_claim_result *result)
{
    struct ccrnn_report_text said = {0}, found = {0}, tested = {0};
    ccrnn_report_claim_add_statement(&said, claim);
    ccrnn_report_add(&said, "; ");
    ccrnn_report_claim_add_threshold(&said, claim);
    ccrnn_report_claim_add_values(&found, claim, result);
    ccrnn_report_claim_add_test(&tested, claim, result);
    ccrnn_report_add(text, "| ");
    add_plain(text, claim->name);
    ccrnn_report_add(text, "<br>");
    add_built(text, &said);
    ccrnn_report_add(text, " | **%s** | ", ccrnn_claim_verdicts[result->verdict]);
    add_built(text, &found);
    if (tested.length > 0)
        ccrnn_report_add(text, "<br>");
    add_built(text, &tested);
    ccrnn_report_add(text, " | ");
    add_plain(text, result->why);
    ccrnn_report_add(text, " | ");
    add_plain(text, claim->paper);
    ccrnn_report_add(text, " |\n");
}

/* --- the figure -------------------------------------------------------------------------- */

/* The caption's lines, a paragraph each: the first is the title. */
static void add_caption(struct ccrnn_report_text *text, const char *caption)
{
    while (*caption != '\0') {
        const size_t length = strcspn(caption, "\n");
        char *const line = strndup(caption, length);
        if (line != NULL && length > 0) {
            ccrnn_report_add(text, "\n");
            add_plain(text, line);
            ccrnn_report_add(text, "\n");
        }
        text->failed |= line == NULL;
        free(line);
        caption += length + (caption[length] == '\n');
    }
}

static enum ccrnn_status read_drawn(const struct result *item, const char *ending,
                                    uint8_t **bytes, size_t *size, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX], name[CCRNN_PATH_MAX];
    ccrnn_format(name, sizeof name, "figure/%s.%s", item->study.name, ending);
    *bytes = NULL;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, item->study.directory, name, err));
    if (!ccrnn_path_exists(path))
        return CCRNN_OK;
    return ccrnn_file_read(path, FIGURE_BYTES_MOST, bytes, size, err);
}

/* Copy the figure that `ccrnn reproduce` drew beside the file of results, and show it there. */
static enum ccrnn_status add_figure(struct ccrnn_report_text *text, const struct result *item,
                                    const char *beside, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX], name[CCRNN_PATH_MAX];
    uint8_t *svg, *caption;
    size_t size, caption_size;
    CCRNN_TRY(read_drawn(item, "svg", &svg, &size, err));
    if (svg == NULL)
        return CCRNN_OK;
    ccrnn_format(name, sizeof name, "%s.svg", item->study.name);
    enum ccrnn_status status = ccrnn_path_join(path, sizeof path, beside, "figures", err);
    if (status == CCRNN_OK)
        status = ccrnn_directory_make(path, err);
    if (status == CCRNN_OK)
        status = ccrnn_path_join(path, sizeof path, path, name, err);
    if (status == CCRNN_OK)
        status = ccrnn_file_write_atomic(path, svg, size, err);
    free(svg);
    CCRNN_TRY(status);
    ccrnn_report_add(text, "\n![%s](figures/%s.svg)\n", item->study.name, item->study.name);
    CCRNN_TRY(read_drawn(item, "txt", &caption, &caption_size, err));
    if (caption != NULL)
        add_caption(text, (const char *)caption);
    free(caption);
    return CCRNN_OK;
}

static enum ccrnn_status add_study(struct ccrnn_report_text *text, const struct result *item,
                                   const char *beside, struct ccrnn_error *err)
{
    const struct ccrnn_report_claims *const claims = &item->claims;
    ccrnn_report_add(text, "\n## %s\n", item->study.name);
    add_plain(text, item->study.description);
    ccrnn_report_add(text, "\n\n- command: ");
    CCRNN_TRY(add_fact(text, &item->study, "argv", "`", err));
    ccrnn_report_add(text, "\n- ccrnn ");
    CCRNN_TRY(add_fact(text, &item->study, "version", "", err));
    ccrnn_report_add(text, ", commit ");
    CCRNN_TRY(add_fact(text, &item->study, "commit", "", err));
    ccrnn_report_add(text, "\n- %zu of %zu runs finished, seeds ", claims->done, claims->wanted);
    add_seeds(text, claims);
    ccrnn_report_add(text, "; ");
    add_duration(text, claims->seconds);
    ccrnn_report_add(text, " of training, added up over the runs\n");
    if (claims->quick != NULL) {
        ccrnn_report_add(text, "- a quick look (");
        add_plain(text, claims->quick);
        ccrnn_report_add(text, "): it shows that everything works, not what is true\n");
    }
    CCRNN_TRY(add_figure(text, item, beside, err));
    if (claims->count == 0) {
        ccrnn_report_add(text, "\nThe study makes no claims.\n");
        return CCRNN_OK;
    }
    ccrnn_report_add(text, "\n| claim | verdict | found | why | the paper |\n"
                           "|---|---|---|---|---|\n");
    for (size_t i = 0; i < claims->count; i++)
        add_claim(text, &claims->claim[i], &claims->result[i]);
    return CCRNN_OK;
}

/* --- all of them ------------------------------------------------------------------------- */

static void add_result_line(struct ccrnn_report_text *text, const struct result *item)
{
    size_t of[CCRNN_CLAIM_VERDICT_COUNT] = {0};
    for (size_t i = 0; i < item->claims.count; i++)
        of[item->claims.result[i].verdict]++;
    ccrnn_report_add(text, "| [%s](#%s) | %zu of %zu%s | %zu | %zu | %zu |\n", item->study.name,
                     item->study.name, item->claims.done, item->claims.wanted,
                     item->claims.quick != NULL ? ", a quick look" : "", of[CCRNN_CLAIM_HOLDS],
                     of[CCRNN_CLAIM_DOES_NOT_HOLD], of[CCRNN_CLAIM_UNDECIDED]);
}

static void add_line(struct results *results, const char *name)
{
    const struct result *const item = find(results, name);
    const struct ccrnn_results_section *const kept =
        ccrnn_results_kept_find(&results->kept, name);
    if (item != NULL)
        add_result_line(&results->text, item);
    else if (kept != NULL)
        ccrnn_report_add_bytes(&results->text, kept->line.text, kept->line.length);
    else
        ccrnn_report_add(&results->text, "| %s | not run | | | |\n", name);
}

static enum ccrnn_status add_section(struct results *results, const char *name,
                                     const char *beside, struct ccrnn_error *err)
{
    const struct result *const item = find(results, name);
    const struct ccrnn_results_section *const kept =
        ccrnn_results_kept_find(&results->kept, name);
    if (item != NULL)
        return add_study(&results->text, item, beside, err);
    if (kept != NULL)
        ccrnn_report_add_bytes(&results->text, kept->body.text, kept->body.length);
    else
        ccrnn_report_add(&results->text, "\n## %s\nNot run.\n", name);
    return CCRNN_OK;
}

static bool is_figure(const char *name)
{
    const char *figure;
    for (size_t i = 0; (figure = ccrnn_paper_figure_name(i)) != NULL; i++)
        if (strcmp(figure, name) == 0)
            return true;
    return false;
}

/* The studies of the file: figures in the paper's order, others as the file has them, then new ones. NULL ends. */
static const char **order(const struct results *results)
{
    size_t figures = 0, n = 0;
    while (ccrnn_paper_figure_name(figures) != NULL)
        figures++;
    const char **const names =
        calloc(figures + results->kept.count + results->count + 1, sizeof *names);
    if (names == NULL)
        return NULL;
    while (n < figures) {
        names[n] = ccrnn_paper_figure_name(n);
        n++;
    }
    for (size_t i = 0; i < results->kept.count; i++)
        if (!is_figure(results->kept.section[i].name))
            names[n++] = results->kept.section[i].name;
    for (size_t i = 0; i < results->count; i++) {
        const char *const name = results->item[i].study.name;
        if (name != NULL && !is_figure(name) &&
            ccrnn_results_kept_find(&results->kept, name) == NULL)
            names[n++] = name;
    }
    return names;
}

static enum ccrnn_status build(struct results *results, const char *beside,
                               struct ccrnn_error *err)
{
    struct ccrnn_report_text *const text = &results->text;
    const char **const names = order(results);
    if (names == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for the names of the studies");
    ccrnn_report_add(
        text,
        "%s"
        "[claims.md](claims.md) has the rules of the verdicts. Numbers are mean ± standard error "
        "over seeds, differences are\n"
        "paired over seeds, p is corrected over the claims of a study where it says Holm.\n\n"
        "| figure | runs finished | claims that hold | that do not | undecided |\n"
        "|---|---|---|---|---|\n",
        ccrnn_results_title);
    for (size_t i = 0; names[i] != NULL; i++)
        add_line(results, names[i]);
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; status == CCRNN_OK && names[i] != NULL; i++)
        status = add_section(results, names[i], beside, err);
    free(names);
    return status == CCRNN_OK ? ccrnn_report_text_check(text, err) : status;
}

enum ccrnn_status ccrnn_results_write(const char *file, const char *const *directory,
                                      size_t count, struct ccrnn_error *err)
{
    struct results results = {0};
    char beside[CCRNN_PATH_MAX];
    const char *const slash = strrchr(file, '/');
    ccrnn_format(beside, sizeof beside, "%.*s", slash == NULL ? 0 : (int)(slash - file), file);
    enum ccrnn_status status = ccrnn_results_kept_read(file, &results.kept, err);
    if (status == CCRNN_OK)
        status = read_all(&results, directory, count, err);
    if (status == CCRNN_OK)
        status = build(&results, beside, err);
    if (status == CCRNN_OK)
        status = ccrnn_file_write_atomic(file, results.text.bytes, results.text.length, err);
    for (size_t i = 0; i < results.count; i++) {
        ccrnn_report_claims_release(&results.item[i].claims);
        ccrnn_report_study_release(&results.item[i].study);
    }
    free(results.item);
    ccrnn_results_kept_release(&results.kept);
    ccrnn_report_text_release(&results.text);
    return status;
}
