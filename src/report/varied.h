/** @file
 * The options in which the arms of a study differ.
 */
#ifndef CCRNN_REPORT_VARIED_H
#define CCRNN_REPORT_VARIED_H

#include "report/collect.h"

/** Options that have an effect in some arm, each with its value in every arm. */
struct ccrnn_report_varied {
    const char **key;   /**< (keys), in order of appearance */
    const char **value; /**< (arms, keys) row-major; NULL: does not apply to the arm */
    bool *differs;      /**< (keys): not all arms have the same, "does not apply" among them */
    bool *
        searched; /**< (keys): differs between arms that are called alike but for their options */
    size_t keys;
    size_t as_written; /**< arms of which only what config.yaml names is known */
    const char *
        *family; /**< (arms) the arm's name without its options: "ccRNN" of "ccRNN hidden=20" */
    size_t *family_place; /**< (arms) in the order of first appearance */
    size_t families;
};

/** Find them. All is in the study's pool. */
enum ccrnn_status ccrnn_report_list_options(struct ccrnn_report_study *study,
                                            struct ccrnn_report_varied *options,
                                            struct ccrnn_error *err);

struct ccrnn_report_text;

/** Add a value to the page: “–” for NULL, "" for an empty text. */
void ccrnn_report_add_option(struct ccrnn_report_text *page, const char *value);

/** Value of key number `key` in arm number `arm`, or NULL. */
const char *ccrnn_report_option_value(const struct ccrnn_report_varied *options, size_t arm,
                                      size_t key);

/** Values as numbers. */
struct ccrnn_report_scale {
    bool numbers; /**< all that apply are */
    bool log;     /**< they are spread over a log axis rather than over an even one */
    bool whole;   /**< all are whole numbers */
    double smallest, largest;
};

/** How the values of an option are spread: as its range in the study file says, or, of a list, as the values look.
 * @param scratch (arms) */
void ccrnn_report_option_scale(const struct ccrnn_report_study *study,
                               const struct ccrnn_report_varied *options, size_t key,
                               double *scratch, struct ccrnn_report_scale *scale);

#endif
