/** @file
 * The page: one HTML file that needs nothing else.
 */
#ifndef CCRNN_REPORT_PAGE_H
#define CCRNN_REPORT_PAGE_H

#include <stddef.h>

#include "report/collect.h"
#include "report/figures.h"
#include "report/many.h"
#include "report/measures.h"
#include "report/text.h"

/** Up to so many arms the page compares every pair; with more, each arm with the first (the
 * table file always has every pair). */
#define CCRNN_REPORT_ARMS_ALL_PAIRS 6

/** Longer tables of runs are folded up. */
#define CCRNN_REPORT_ROWS_UNFOLDED 20

/** The style sheet (static storage). */
extern const char ccrnn_report_style[];

/** One task of the page. */
struct ccrnn_report_section {
    struct ccrnn_report_study *study; /**< restricted to the task */
    struct ccrnn_report_study *shown; /**< its arms in figures and tables: all, or few of many */
    struct ccrnn_report_study few;    /**< of many arms, these */
    struct ccrnn_report_ranking ranking; /**< of many arms */
    struct ccrnn_report_figure *figure;  /**< (figures), in the order of the page */
    size_t figures;
};

/** Write staging/report.html.
 * @param section  (sections) at least one
 * @param drawn    the figures' .svg are in `figure_directory` and go into the page */
enum ccrnn_status ccrnn_report_page_write(struct ccrnn_report_study *study,
                                          const struct ccrnn_report_section *section,
                                          size_t sections, const char *figure_directory,
                                          bool drawn, const char *staging,
                                          struct ccrnn_error *err);

/** Write summary.csv, comparisons.csv and, if there are values per class, classes.csv, with the
 * study's prefix; nothing for a preview. */
enum ccrnn_status ccrnn_report_tables_write(struct ccrnn_report_study *study,
                                            const char *directory, struct ccrnn_error *err);

/* The parts, each adding HTML to `page`. */

/** The result in one or two sentences. */
enum ccrnn_status ccrnn_report_add_summary(struct ccrnn_report_text *page,
                                           struct ccrnn_report_study *study,
                                           struct ccrnn_error *err);

/** The task's first measure, or the first that has values; NULL if there is none. */
const struct ccrnn_report_measure *ccrnn_report_headline(const struct ccrnn_report_study *study);

/** What a reader must know before believing the numbers. */
void ccrnn_report_add_notes(struct ccrnn_report_text *page,
                            const struct ccrnn_report_study *study,
                            const struct ccrnn_report_section *section, size_t sections);

/** Both tables of one measure. */
enum ccrnn_status ccrnn_report_add_tables(struct ccrnn_report_text *page,
                                          struct ccrnn_report_study *study,
                                          const struct ccrnn_report_measure *measure,
                                          struct ccrnn_error *err);

/** The tables of the family of dysmetria measures, folded up. */
enum ccrnn_status ccrnn_report_add_family(struct ccrnn_report_text *page,
                                          struct ccrnn_report_study *study,
                                          struct ccrnn_error *err);

/** Differences between arms in the scores of short, medium and long captions, folded up. */
enum ccrnn_status ccrnn_report_add_lengths(struct ccrnn_report_text *page,
                                           struct ccrnn_report_study *study,
                                           struct ccrnn_error *err);

/** What differs between the arms, and what all share. */
enum ccrnn_status ccrnn_report_add_settings(struct ccrnn_report_text *page,
                                            struct ccrnn_report_study *study,
                                            struct ccrnn_error *err);

/** How the runs were made; those that are not finished; how values are defined. */
enum ccrnn_status ccrnn_report_add_provenance(struct ccrnn_report_text *page,
                                              struct ccrnn_report_study *study,
                                              struct ccrnn_error *err);
void ccrnn_report_add_unfinished(struct ccrnn_report_text *page,
                                 const struct ccrnn_report_study *study);
void ccrnn_report_add_methods(struct ccrnn_report_text *page,
                              const struct ccrnn_report_section *section, size_t sections);

#endif
