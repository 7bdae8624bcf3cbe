/** @file
 * Studies of many arms, such as searches over options: which arms are shown, how all are ranked, and what is tested.
 */
#ifndef CCRNN_REPORT_MANY_H
#define CCRNN_REPORT_MANY_H

#include "report/figures.h"
#include "report/varied.h"

/** A task with more arms than this is shown by its best and worst few. */
#define CCRNN_REPORT_ARMS_MANY 24
#define CCRNN_REPORT_BEST_SHOWN 6
#define CCRNN_REPORT_WORST_SHOWN 4
/** Of more families of arms than this none is tested against another one. */
#define CCRNN_REPORT_FAMILIES_TESTED 6
#define CCRNN_REPORT_FAMILY_TESTS_MOST                                                           \
    (CCRNN_REPORT_FAMILIES_TESTED * (CCRNN_REPORT_FAMILIES_TESTED - 1) / 2)

/** Are there too many arms for a line or a row each? A sweep of horizons has its own way to show them. */
bool ccrnn_report_is_many(const struct ccrnn_report_study *study);

/** The arms in the order of a measure. */
struct ccrnn_report_ranking {
    const struct ccrnn_report_measure *measure; /**< NULL: none has values; arms as they come */
    enum ccrnn_report_series_id series;
    size_t *order; /**< (arms) best first; those without a value last */
    double *mean;  /**< (arms) over seeds, of arm number i; NaN: no finite value */
    size_t ranked; /**< arms with a value */
};

/** The measure a task's arms are ranked by: on validation data, so that test data are not used up in choosing. NULL:
 * none has values. */
const struct ccrnn_report_measure *
ccrnn_report_ranking_measure(const struct ccrnn_report_study *study);

/** Rank the arms. Memory is the study's. */
enum ccrnn_status ccrnn_report_rank(struct ccrnn_report_study *study,
                                    struct ccrnn_report_ranking *ranking,
                                    struct ccrnn_error *err);

/** A study of the best and worst few, best first, with colours of its own.
 * @param[out] few all zero; its pool is to be released, after failure too. Shares the runs of `study` */
enum ccrnn_status ccrnn_report_choose_few(struct ccrnn_report_study *study,
                                          const struct ccrnn_report_ranking *ranking,
                                          struct ccrnn_report_study *few,
                                          struct ccrnn_error *err);

/** Add a sentence that says which arms are shown (HTML). @param lines they are lines, so that the worst are dashed */
void ccrnn_report_add_shown(struct ccrnn_report_text *text,
                            const struct ccrnn_report_study *study,
                            const struct ccrnn_report_ranking *ranking,
                            const struct ccrnn_report_study *few, bool lines);

/** The value of the ranking measure against each option that was searched, a panel an option, a dot an arm. */
enum ccrnn_status ccrnn_report_figure_options(struct ccrnn_report_study *study,
                                              const struct ccrnn_report_ranking *ranking,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err);

/** The table of all arms, best first, the first of them unfolded, and the tests of families. */
enum ccrnn_status ccrnn_report_add_ranking(struct ccrnn_report_text *page,
                                           struct ccrnn_report_study *study,
                                           const struct ccrnn_report_ranking *ranking,
                                           struct ccrnn_error *err);

/** Write it as DIRECTORY/ranking.csv, with the study's prefix; nothing for a preview. */
enum ccrnn_status ccrnn_report_ranking_write(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_ranking *ranking,
                                             const char *directory, struct ccrnn_error *err);

struct ccrnn_report_family_test;

/** Two families, each of arms that are called alike but for their options, and which of their arms have the same. */
struct ccrnn_report_families {
    const char *name_a; /**< owned by the study */
    const char *name_b;
    size_t *a,
        *b; /**< (pairs) numbers of arms: a[i] and b[i] have the same options, and no other arm has */
    size_t pairs;
    size_t arms[2]; /**< of either family: a, b */
    size_t crowded
        [2]; /**< of these: share their options with the other family, but not one to one */
    size_t *
        own; /**< (owns) keys of options that vary in one of the two and have no effect in the other */
    size_t owns;
};

/** Any two families, if there are no more than six: those of which some arms are pairs first.
 * @param[out] families (count) in the study's pool @param[out] paired so many of them have pairs */
enum ccrnn_status ccrnn_report_pair_families(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_varied *options,
                                             struct ccrnn_report_families **families,
                                             size_t *count, size_t *paired,
                                             struct ccrnn_error *err);

/** Add, for every two families, how many of their arms are not in the test, and why; nothing where all are.
 * @param test (paired) */
void ccrnn_report_add_unpaired(struct ccrnn_report_text *page,
                               const struct ccrnn_report_varied *options,
                               const struct ccrnn_report_families *families, size_t count,
                               size_t paired, const struct ccrnn_report_family_test *test);

/** Families compared over their pairs of arms. */
struct ccrnn_report_family_test {
    size_t lower;                   /**< pairs in which a is below b */
    struct ccrnn_paired_test test;  /**< of the arms' means over the seeds both have */
    struct ccrnn_wilcoxon wilcoxon; /**< of the same */
    double holm;                    /**< Wilcoxon's p, corrected over all tests made at once */
};

/** Test each. @param[out] test (count) */
enum ccrnn_status ccrnn_report_test_families(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_families *families,
                                             size_t count, enum ccrnn_report_series_id series,
                                             struct ccrnn_report_family_test *test,
                                             struct ccrnn_error *err);

#endif
