/** @file
 * The report of a study: figures, tables and one page, made from the files of its runs alone.
 */
#ifndef CCRNN_REPORT_H
#define CCRNN_REPORT_H

#include <stdbool.h>

#include "ccrnn/status.h"

/** What a report was made of. */
struct ccrnn_report_outcome {
    unsigned arms;       /**< of study.json; without it those with at least one run */
    unsigned runs;       /**< of the study: found, or named by study.json */
    unsigned used;       /**< of these in figures and tables */
    unsigned unfinished; /**< running or interrupted */
    unsigned broken;     /**< nonfinite, failed, or not readable */
    unsigned missing;    /**< named by study.json, and not there */
    unsigned strangers;  /**< directories with runs that are no arm of the study */
    unsigned spares;     /**< runs of its arms of seeds the study does not have */
    bool indexed;        /**< there is a study.json; else whatever runs were found are taken */
};

/** How to make a report. All zero is the default. */
struct ccrnn_report_options {
    const char *out; /**< directory to write into, made if missing; NULL: STUDY/report */
    bool no_figures; /**< tables, data and gnuplot scripts only: gnuplot is not needed */
    struct ccrnn_report_outcome *outcome; /**< filled on success; may be NULL */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Write the report of a study directory (STUDY/<arm>-<hash>/<seed>/run.json, metrics.csv, …). STUDY/study.json says
 * which arms and seeds the study has: what else lies in the directory is named on the page and enters nothing, and
 * runs that are not there are counted as not begun. Without study.json all runs found are taken, and the page says so.
 *
 *     report.html            self-contained: figures inline, no network, no scripts
 *     figures/NAME.svg .pdf  and the NAME.csv and NAME.gp they are drawn from
 *     tables/summary.csv     every measure of every arm
 *     tables/comparisons.csv every pair of arms, paired over the seeds both have; of more than 24 arms the families
 *                            they are of, paired over the arms with the same options
 *     tables/ranking.csv     all arms, best first, if there are more than 24
 *     tables/classes.csv     every measure of every arm and class, if the runs have them
 *
 * Arms of different tasks are never compared: each task (`task:` of config.yaml) has a section of
 * the page to itself, and if there are several, files of figures and tables begin with its name.
 * Finished runs enter figures and tables; all others are counted and listed with their reason. If
 * no run of a task is finished, its section is a preview: curves so far, no tests.
 * Files are made aside and renamed into place, the page last: on failure an earlier report stays
 * as it was. Other files in the directory are left alone. The same runs give the same page.
 *
 * @param options NULL for the default
 * @return CCRNN_USAGE: no such directory, or no run of the study in it; CCRNN_FORMAT: study.json is damaged;
 *         CCRNN_IO: cannot write; CCRNN_UNSUPPORTED: gnuplot is not installed; CCRNN_FAILED: gnuplot failed (the message quotes it);
 *         CCRNN_MEMORY */
CCRNN_API enum ccrnn_status ccrnn_report_write(const char *study_directory,
                                               const struct ccrnn_report_options *options,
                                               struct ccrnn_error *err);

#ifdef __cplusplus
}
#endif
#endif
