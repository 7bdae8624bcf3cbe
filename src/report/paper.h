/** @file
 * The figures of the paper in its arrangement: several panels, a letter each, at a journal's width.
 *
 * Each is drawn by gnuplot from a data file and a script that stay beside it. docs/figures.md lists
 * them with the arms their studies must have.
 */
#ifndef CCRNN_REPORT_PAPER_H
#define CCRNN_REPORT_PAPER_H

#include <stddef.h>

#include "ccrnn/status.h"

/** Write one figure into a directory: NAME.svg, NAME.pdf, NAME.png (300 dots an inch), the NAME.csv
 * and NAME.gp they are drawn from (some have a second data file, NAME-….csv), and NAME.txt, which
 * says what is shown. A panel whose arms or measures are missing says "not run".
 * @param figure    one of ccrnn_paper_figure_name
 * @param directory of a study, as `ccrnn run` made it
 * @param out       made if it is missing; other files in it stay
 * @return CCRNN_USAGE: no such figure, no such directory, no run in it, or nothing of the figure in
 *         the runs; CCRNN_IO: cannot write; CCRNN_UNSUPPORTED: gnuplot is not installed;
 *         CCRNN_FAILED: gnuplot failed (the message quotes it); CCRNN_MEMORY */
enum ccrnn_status ccrnn_paper_figure_write(const char *figure, const char *directory,
                                           const char *out, struct ccrnn_error *err);

/** Names of the figures, by number: "fig2", "fig3", …; NULL past the last. */
const char *ccrnn_paper_figure_name(size_t number);

#endif
