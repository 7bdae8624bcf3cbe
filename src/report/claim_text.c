/* Claims in words, and their section of the page. */
#include "report/claims.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

#define DIGITS 3

/* --- what is claimed --------------------------------------------------------------------- */

static bool same_window(const struct ccrnn_claim_window *a, const struct ccrnn_claim_window *b)
{
    return a->from_end == b->from_end && a->first == b->first && a->last == b->last;
}

/* "learning_speed of error to 10 (validation, all)" */
static void add_measure(struct ccrnn_report_text *text, const struct ccrnn_claim *claim,
                        const struct ccrnn_claim_side *side)
{
    char window[CCRNN_CLAIM_WINDOW_SIZE];
    ccrnn_report_add(text, "%s", side->measure);
    if (claim->of != NULL)
        ccrnn_report_add(text, " of %s", claim->of);
    if (isfinite(claim->criterion)) {
        ccrnn_report_add(text, " to ");
        ccrnn_report_add_number(text, claim->criterion, DIGITS);
    }
    ccrnn_report_add(text, " (%s, %s)", ccrnn_claim_splits[claim->split],
                     ccrnn_claim_window_print(&side->over, window));
}

static void add_side(struct ccrnn_report_text *text, const struct ccrnn_claim_side *side)
{
    ccrnn_report_add(text, "%s", side->arm);
    if (side->reference != NULL)
        ccrnn_report_add(text, " / %s", side->reference);
}

static const char *relation(enum ccrnn_claim_direction direction)
{
    static const char *const words[] = {
        [CCRNN_CLAIM_BELOW] = "below",
        [CCRNN_CLAIM_ABOVE] = "above",
        [CCRNN_CLAIM_NO_ADVANTAGE] = "no better than",
        [CCRNN_CLAIM_DIFFER] = "different from",
        [CCRNN_CLAIM_EQUAL] = "equal to",
    };
    return words[direction];
}

void ccrnn_report_claim_add_statement(struct ccrnn_report_text *text,
                                      const struct ccrnn_claim *claim)
{
    const struct ccrnn_claim_side *const a = &claim->side[0], *const b = &claim->side[1];
    add_measure(text, claim, a);
    ccrnn_report_add(text, ": ");
    add_side(text, a);
    if (claim->sides > 2) {
        for (size_t i = 1; i < claim->sides; i++) {
            ccrnn_report_add(text, ", ");
            add_side(text, &claim->side[i]);
        }
        ccrnn_report_add(text, " differ");
        return;
    }
    ccrnn_report_add(text, " %s ", relation(claim->direction));
    if (claim->sides == 2) {
        add_side(text, b);
        if (strcmp(a->measure, b->measure) != 0 || !same_window(&a->over, &b->over)) {
            ccrnn_report_add(text, ", ");
            add_measure(text, claim, b);
        }
        return;
    }
    ccrnn_report_add_number(text, claim->value, DIGITS);
    if (claim->sem > 0.0) {
        ccrnn_report_add(text, " ± ");
        ccrnn_report_add_number(text, claim->sem, 2);
    }
    if (claim->n > 0)
        ccrnn_report_add(text, " (n = %llu)", (unsigned long long)claim->n);
}

void ccrnn_report_claim_add_threshold(struct ccrnn_report_text *text,
                                      const struct ccrnn_claim *claim)
{
    if (claim->direction == CCRNN_CLAIM_EQUAL) {
        ccrnn_report_add(text, "within %g standard errors", claim->within);
        return;
    }
    ccrnn_report_add(text, "%sp < %g", claim->direction == CCRNN_CLAIM_NO_ADVANTAGE ? "not " : "",
                     claim->p);
    if (isfinite(claim->dz))
        ccrnn_report_add(text, ", d_z %s %g",
                         claim->direction == CCRNN_CLAIM_NO_ADVANTAGE ? "<" : ">", claim->dz);
}

/* --- what was found ---------------------------------------------------------------------- */

static void add_mean(struct ccrnn_report_text *text, const struct ccrnn_summary *summary)
{
    ccrnn_report_add_number(text, summary->mean, DIGITS);
    if (isfinite(summary->sem)) {
        ccrnn_report_add(text, " ± ");
        ccrnn_report_add_number(text, summary->sem, 2);
    }
}

void ccrnn_report_claim_add_values(struct ccrnn_report_text *text,
                                   const struct ccrnn_claim *claim,
                                   const struct ccrnn_claim_result *result)
{
    if (claim->sides > 2) {
        ccrnn_report_add(text, "n = %zu", result->comparison.subjects);
        return;
    }
    if (result->first.n == 0)
        return;
    add_mean(text, &result->first);
    if (claim->sides == 2) {
        ccrnn_report_add(text, " against ");
        add_mean(text, &result->second);
    }
    ccrnn_report_add(text, " (mean ± SEM, n = %zu)", result->first.n);
    if (result->never > 0)
        ccrnn_report_add(text, "; criterion not reached by %zu %s", result->never,
                         result->never == 1 ? "run" : "runs");
}

static void add_range(struct ccrnn_report_text *text, double low, double high)
{
    ccrnn_report_add_number(text, low, DIGITS);
    ccrnn_report_add(text, " to ");
    ccrnn_report_add_number(text, high, DIGITS);
}

static void add_named_p(struct ccrnn_report_text *text, const char *name, double p)
{
    if (isnan(p))
        return;
    ccrnn_report_add(text, ", %s ", name);
    ccrnn_report_add_p(text, p, true);
}

static void add_comparison(struct ccrnn_report_text *text,
                           const struct ccrnn_claim_result *result)
{
    const struct ccrnn_comparison *const c = &result->comparison;
    if (!c->enough)
        return;
    ccrnn_report_add(text, "Friedman χ²(%g) = ", c->df);
    ccrnn_report_add_number(text, c->chi2, DIGITS);
    add_named_p(text, "p", c->p);
    add_named_p(text, "Holm p", result->p_holm);
    ccrnn_report_add(text, "; F(%g, %g) = ", c->df1, c->df2);
    ccrnn_report_add_number(text, c->f, DIGITS);
    add_named_p(text, "p", c->p_anova);
}

void ccrnn_report_claim_add_test(struct ccrnn_report_text *text, const struct ccrnn_claim *claim,
                                 const struct ccrnn_claim_result *result)
{
    const struct ccrnn_paired_test *const test = &result->test;
    if (claim->sides > 2) {
        add_comparison(text, result);
        return;
    }
    if (claim->direction == CCRNN_CLAIM_EQUAL) {
        if (!isnan(result->distance)) {
            ccrnn_report_add_number(text, result->distance, DIGITS);
            ccrnn_report_add(text, " combined standard errors away");
        }
        return;
    }
    if (test->pairs == 0)
        return;
    ccrnn_report_add(text, "difference ");
    ccrnn_report_add_number(text, test->difference.mean, DIGITS);
    if (isnan(test->p))
        return;
    ccrnn_report_add(text, ", 95 %% CI ");
    add_range(text, test->difference.ci_low, test->difference.ci_high);
    if (isfinite(result->bootstrap.bca_low)) {
        ccrnn_report_add(text, " (bootstrap ");
        add_range(text, result->bootstrap.bca_low, result->bootstrap.bca_high);
        ccrnn_report_add(text, ")");
    }
    ccrnn_report_add(text, ", t(%.0f) = ", test->df);
    ccrnn_report_add_number(text, test->t, DIGITS);
    add_named_p(text, "p", test->p);
    add_named_p(text, "Holm p", result->p_holm);
    add_named_p(text, "Wilcoxon p", result->wilcoxon.p);
    ccrnn_report_add(text, ", d_z = ");
    ccrnn_report_add_number(text, test->dz, DIGITS);
}

/* --- the page ---------------------------------------------------------------------------- */

/* A smaller line under what a cell says first; nothing for an empty text. */
static void add_below(struct ccrnn_report_text *page, const char *before, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    ccrnn_report_add(page, "<br><small>%s", before);
    ccrnn_report_add_html(page, text);
    ccrnn_report_add(page, "</small>");
}

static enum ccrnn_status add_row(struct ccrnn_report_text *page, const struct ccrnn_claim *claim,
                                 const struct ccrnn_claim_result *result, struct ccrnn_error *err)
{
    struct ccrnn_report_text said = {0}, found = {0}, tested = {0};
    ccrnn_report_claim_add_statement(&said, claim);
    ccrnn_report_add(&said, "; ");
    ccrnn_report_claim_add_threshold(&said, claim);
    ccrnn_report_claim_add_values(&found, claim, result);
    ccrnn_report_claim_add_test(&tested, claim, result);
    ccrnn_report_add(page, "<tr><th scope=\"row\">");
    ccrnn_report_add_html(page, claim->name);
    add_below(page, "", said.bytes);
    add_below(page, "Paper: ", claim->paper);
    ccrnn_report_add(page, "</th><td><strong>%s</strong>", ccrnn_claim_verdicts[result->verdict]);
    add_below(page, "", result->why);
    ccrnn_report_add(page, "</td><td>");
    ccrnn_report_add_html(page, found.length == 0 ? "–" : found.bytes);
    add_below(page, "", tested.bytes);
    ccrnn_report_add(page, "</td></tr>\n");
    const struct ccrnn_report_text *const parts[] = {&said, &found, &tested};
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == CCRNN_OK; i++)
        status = ccrnn_report_text_check(parts[i], err);
    ccrnn_report_text_release(&said);
    ccrnn_report_text_release(&found);
    ccrnn_report_text_release(&tested);
    return status;
}

enum ccrnn_status ccrnn_report_add_claims(struct ccrnn_report_text *page,
                                          const struct ccrnn_report_claims *claims,
                                          struct ccrnn_error *err)
{
    static const char *const columns[] = {"Claim", "Verdict", "Found"};
    if (claims->count == 0)
        return CCRNN_OK;
    ccrnn_report_add(page, "<h2 id=\"claims\">Claims</h2>\n");
    if (claims->quick != NULL) {
        ccrnn_report_add(page, "<p>A quick look (");
        ccrnn_report_add_html(page, claims->quick);
        ccrnn_report_add(page, "): it shows that everything works, not what is true.</p>\n");
    }
    ccrnn_report_add(
        page, "<p>Written down with the study. Differences are first − second, paired "
              "over seeds; p values are corrected over the claims of the study (Holm), but "
              "for “no better”, which is judged on p without correction.</p>\n"
              "<div class=\"scroll claims\"><table>\n<thead><tr>");
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        ccrnn_report_add(page, "<th scope=\"col\">%s</th>", columns[i]);
    ccrnn_report_add(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < claims->count; i++)
        CCRNN_TRY(add_row(page, &claims->claim[i], &claims->result[i], err));
    ccrnn_report_add(page, "</tbody></table></div>\n");
    return CCRNN_OK;
}
