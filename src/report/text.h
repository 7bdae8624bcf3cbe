/** @file
 * Text under construction: a page, a data file, a gnuplot script.
 */
#ifndef CCRNN_REPORT_TEXT_H
#define CCRNN_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/status.h"

/** All zero is empty. A failed allocation is remembered: what follows is dropped, and
 * ccrnn_report_text_check tells. */
struct ccrnn_report_text {
    char *bytes; /**< terminated by zero, or NULL while empty */
    size_t length;
    size_t capacity;
    bool failed;
};

/** Add formatted text, with '.' in any locale. */
void ccrnn_report_add(struct ccrnn_report_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Add bytes as they are. */
void ccrnn_report_add_bytes(struct ccrnn_report_text *text, const char *bytes, size_t size);

/** Add text with & < > " ' escaped: safe as HTML content and inside quoted attributes. */
void ccrnn_report_add_html(struct ccrnn_report_text *text, const char *plain);

/** Add a gnuplot string in single quotes, in which gnuplot expands nothing; longer than
 * `characters` (0: any length) it is cut and ends in an ellipsis. */
void ccrnn_report_add_gnuplot(struct ccrnn_report_text *text, const char *plain,
                              size_t characters);

/** Number of characters of valid UTF-8. */
size_t ccrnn_report_characters(const char *plain);

/** Add one CSV field, in double quotes where RFC 4180 asks for them. */
void ccrnn_report_add_csv(struct ccrnn_report_text *text, const char *plain);

/** Add a number for a table, with `digits` significant digits, a true minus and "× 10ⁿ" where it
 * is very small or large; "–" if it is not finite. */
void ccrnn_report_add_number(struct ccrnn_report_text *text, double value, int digits);

/** Add a p value: three significant digits, two where it is below 1e-4, and "< 10⁻¹⁵" below that;
 * `equals` puts "= " before it unless it is "< …". "–" for NaN. */
void ccrnn_report_add_p(struct ccrnn_report_text *text, double p, bool equals);

/** CCRNN_MEMORY if something was dropped. */
enum ccrnn_status ccrnn_report_text_check(const struct ccrnn_report_text *text,
                                          struct ccrnn_error *err);

/** Check `text` and write it to directory/name atomically. */
enum ccrnn_status ccrnn_report_text_save(const struct ccrnn_report_text *text,
                                         const char *directory, const char *name,
                                         struct ccrnn_error *err);

/** Free; the text is then empty. */
void ccrnn_report_text_release(struct ccrnn_report_text *text);

#endif
