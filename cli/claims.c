/* Verdicts on the terminal. */
#include <stdio.h>

#include "base/error.h"
#include "cli/reproduce.h"
#include "report/claims.h"

/* A line below the claim's name, if there is something to say. */
static void print_line(const struct ccrnn_report_text *text)
{
    if (text->length > 0)
        printf("      %s\n", text->bytes);
}

static enum ccrnn_status print_claim(const struct ccrnn_claim *claim,
                                     const struct ccrnn_claim_result *result,
                                     struct ccrnn_error *err)
{
    struct ccrnn_report_text line[3] = {{0}, {0}, {0}};
    enum ccrnn_status status = CCRNN_OK;
    ccrnn_report_claim_add_statement(&line[0], claim);
    ccrnn_report_add(&line[0], "; ");
    ccrnn_report_claim_add_threshold(&line[0], claim);
    ccrnn_report_claim_add_values(&line[1], claim, result);
    ccrnn_report_claim_add_test(&line[2], claim, result);
    printf("  %s: %s\n      %s\n", ccrnn_claim_verdicts[result->verdict], claim->name,
           result->why);
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        if (status == CCRNN_OK)
            status = ccrnn_report_text_check(&line[i], err);
        print_line(&line[i]);
        ccrnn_report_text_release(&line[i]);
    }
    if (claim->paper[0] != '\0')
        printf("      paper: %s\n", claim->paper);
    return status;
}

static enum ccrnn_status print_all(const struct ccrnn_report_claims *claims,
                                   struct cli_claim_counts *counts, struct ccrnn_error *err)
{
    if (claims->count == 0)
        printf("the study makes no claims\n");
    for (size_t i = 0; i < claims->count; i++) {
        counts->of[claims->result[i].verdict]++;
        CCRNN_TRY(print_claim(&claims->claim[i], &claims->result[i], err));
    }
    return CCRNN_OK;
}

enum ccrnn_status cli_claims_print(const char *directory, struct cli_claim_counts *counts,
                                   struct ccrnn_error *err)
{
    struct ccrnn_report_study study = {0};
    struct ccrnn_report_claims claims = {0};
    enum ccrnn_status status = ccrnn_report_collect(directory, &study, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_claims_judge(&study, &claims, err);
    if (status == CCRNN_OK)
        status = print_all(&claims, counts, err);
    ccrnn_report_claims_release(&claims);
    ccrnn_report_study_release(&study);
    return status;
}
